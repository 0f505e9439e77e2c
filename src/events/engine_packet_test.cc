#include "events/engine_packet.h"

#include <gtest/gtest.h>

namespace claimlake::events {
namespace {

using Type = EnginePacket::Type;

TEST(EnginePacket, a_frame_is_a_type_and_its_data) {
  const auto probe = parse_frame(false, "2probe");
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->type, Type::kPing);
  EXPECT_EQ(probe->data, "probe");
  const auto bytes = parse_frame(true, "4");
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->binary);
  EXPECT_EQ(bytes->type, Type::kMessage);
  EXPECT_EQ(bytes->data, "4");
  for (const char* text : {"", "7", "abc", "b", " 4", "\x1e"}) {
    EXPECT_FALSE(parse_frame(false, text)) << text;
  }
}

TEST(EnginePacket, a_payload_is_packets_with_separators_between_them) {
  const auto packets = parse_payload(
      "4hello\x1e"
      "2\x1e"
      "4\xe2\x82\xac\x1e"
      "bAQIDBA==");
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 4u);
  EXPECT_EQ((*packets)[0].data, "hello");
  EXPECT_EQ((*packets)[1].type, Type::kPing);
  EXPECT_EQ((*packets)[2].data, "\xe2\x82\xac");
  EXPECT_TRUE((*packets)[3].binary);
  EXPECT_EQ((*packets)[3].data, "\x01\x02\x03\x04");
}

TEST(EnginePacket, a_payload_with_an_empty_or_wrong_packet_is_refused_whole) {
  for (const char* body : {"", "\x1e", "4a\x1e",
                           "\x1e"
                           "4a",
                           "4a\x1e\x1e"
                           "4b",
                           "4a\x1e"
                           "bA",
                           "abc", "10:4hello"}) {
    const auto packets = parse_payload(body);
    // "10:4hello" is a payload of protocol 3; by this one it is a close with data.
    EXPECT_EQ(packets.has_value(), std::string(body) == "10:4hello") << body;
  }
}

TEST(EnginePacket, frames_are_joined_as_a_poll_takes_them) {
  std::string payload;
  append_packet(text_frame(Type::kMessage, "hello"), payload);
  append_packet(binary_frame("\x01\x02\x03\x04"), payload);
  append_packet(text_frame(Type::kPing), payload);
  EXPECT_EQ(payload,
            "4hello\x1e"
            "bAQIDBA==\x1e"
            "2");
}

}  // namespace
}  // namespace claimlake::events
