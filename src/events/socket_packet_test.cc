#include "events/socket_packet.h"

#include <gtest/gtest.h>

namespace claimlake::events {
namespace {

using Type = SocketPacket::Type;

TEST(SocketPacket, reads_all_forms_of_the_protocol) {
  EXPECT_EQ(parse_packet("0")->type, Type::kConnect);
  const auto connect = parse_packet(R"(0/admin,{"token":"123"})");
  ASSERT_TRUE(connect);
  EXPECT_EQ(connect->space, "/admin");
  EXPECT_EQ(connect->json, R"({"token":"123"})");
  EXPECT_EQ(parse_packet("0/custom")->space, "/custom") << "the comma may be missing at the end";
  EXPECT_EQ(parse_packet("0/custom?token=1,")->space, "/custom");
  EXPECT_EQ(parse_packet("1/admin,")->type, Type::kDisconnect);
  const auto event = parse_packet(R"(2/admin,456["a",1])");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->ack, 456u);
  EXPECT_EQ(event->space, "/admin");
  const auto ack = parse_packet("313[]");
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->type, Type::kAck);
  EXPECT_EQ(ack->ack, 13u);
  const auto binary = parse_packet(R"(51-["baz",{"_placeholder":true,"num":0}])");
  ASSERT_TRUE(binary);
  EXPECT_EQ(binary->attachments_expected, 1u);
  EXPECT_EQ(parse_packet(R"(61-/admin,456[{"_placeholder":true,"num":0}])")->ack, 456u);
}

TEST(SocketPacket, refuses_what_the_protocol_does_not_have) {
  for (const char* text : {"",
                           "abc",
                           "7",
                           "2",
                           "2{}",
                           "2[]",
                           "2[1]",
                           R"(2abc["a"])",
                           R"(2["a")",
                           R"(2["a"]x)",
                           R"(2-1["a"])",
                           "0[]",
                           "0\"a\"",
                           "1[]",
                           "3[]",
                           "3",
                           "31{}",
                           "4",
                           "41",
                           R"(5["a"])",
                           R"(5-["a"])",
                           R"(51["a"])",
                           R"(599-["a"])",
                           R"(5999999999999999999-["a"])",
                           R"(51-["a",{"_placeholder":true,"num":1}])",
                           R"(51-["a",{"_placeholder":true,"num":-1}])",
                           R"(51-["a",{"_placeholder":true,"num":"0"}])",
                           R"(51-["a",{"_placeholder":true}])",
                           R"(29999999999999999["a"])",
                           "2[\"\xff\"]",
                           "0/\xff,"}) {
    EXPECT_FALSE(parse_packet(text)) << text;
  }
}

TEST(SocketPacket, refuses_what_is_nested_beyond_reason_without_falling_over) {
  const auto nested = [](std::size_t depth) {
    return R"(2["a",)" + std::string(depth, '[') + std::string(depth, ']') + "]";
  };
  EXPECT_TRUE(parse_packet(nested(50)));
  EXPECT_FALSE(parse_packet(nested(100)));
  EXPECT_FALSE(parse_packet(nested(450'000)));
  EXPECT_FALSE(parse_packet("2[\"a\"," + std::string(900'000, '[')));
  EXPECT_FALSE(parse_packet("0/" + std::string(1000, 'n') + ","));
}

TEST(SocketPacket, keeps_arguments_to_the_letter) {
  const auto packet =
      parse_packet("2 [ \"na\\\"me\" , 12345678901234567890123, {\"b\":1.0,\"a\":\"]\"} ]");
  ASSERT_TRUE(packet) << packet.error().message;
  const SocketEvent event = event_of(*packet);
  EXPECT_EQ(event.name, "na\"me");
  EXPECT_EQ(event.arguments, R"([ 12345678901234567890123, {"b":1.0,"a":"]"} ])");
  EXPECT_EQ(event_of(*parse_packet(R"(2["only"])")).arguments, "[]");
  EXPECT_EQ(event_of(*parse_packet(R"(2["\\",1])")).name, "\\");
}

TEST(SocketPacket, writes_text_and_attachments) {
  SocketPacket packet;
  packet.type = Type::kBinaryAck;
  packet.space = "/a";
  packet.ack = 7;
  packet.json = R"([{"_placeholder":true,"num":0}])";
  packet.attachments = {"\x01"};
  const auto frames = to_frames(packet);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(*frames[0].data, R"(461-/a,7[{"_placeholder":true,"num":0}])");
  EXPECT_TRUE(frames[1].binary);
  EXPECT_EQ(*frames[1].data, "\x01");
}

}  // namespace
}  // namespace claimlake::events
