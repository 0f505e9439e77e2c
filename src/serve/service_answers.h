#pragma once

#include "net/http_message.h"
#include "net/http_metrics.h"
#include "serve/answer.h"
#include "serve/answer_cache.h"

namespace claimlake::serve {

// What operators and load balancers ask.

net::Response health(const ServeContext& context);
// 200 if the lake's Gold tables can be read, else 503 with what is missing.
net::Response readiness(const ServeContext& context, Pinner& pinner);
// Metrics of the server and of each table, in the Prometheus text format 0.0.4.
net::Response metrics(const ServeContext& context, Pinner& pinner, const net::HttpMetrics& http,
                      const AnswerCache& cache);

}  // namespace claimlake::serve
