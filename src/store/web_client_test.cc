// The client of module net, at a server that is only here to be had: how often it sends a request.
#include "net/web_client.h"

#include <gtest/gtest.h>

#include "store/imposter_for_test.h"

namespace claimlake::store {
namespace {

// The first request is answered, and its connection kept; on that connection the next one is lost.
int times_sent(const std::string& method) {
  Imposter imposter([](const Imposter::Request& request) {
    return Imposter::Reply{request.number == 0 ? Imposter::Reply::What::kAnswer
                                               : Imposter::Reply::What::kLoseRequest};
  });
  const net::WebClient client({.connections_max = 1});
  EXPECT_EQ(client.send({.method = "GET", .url = imposter.url() + "/x"}).fate,
            net::WebAnswer::Fate::kWhole);
  EXPECT_NE(client.send({.method = method, .url = imposter.url() + "/x"}).fate,
            net::WebAnswer::Fate::kWhole);
  return imposter.requests() - 1;
}

TEST(WebClient, sends_what_changes_something_at_most_once) {
  EXPECT_EQ(times_sent("DELETE"), 1);
  EXPECT_EQ(times_sent("POST"), 1);
  EXPECT_EQ(times_sent("PUT"), 1);
}

}  // namespace
}  // namespace claimlake::store
