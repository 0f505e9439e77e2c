#include "store/open_store.h"

#include "store/azure_service.h"
#include "store/local_store.h"
#include "store/object_store.h"
#include "store/s3_service.h"
#include "store/store_url.h"

namespace claimlake::store {

Result<std::unique_ptr<Store>> open_store(const std::string& place, const StoreContext& context) {
  if (!is_store_url(place)) return open_local(place);
  TRY(const StoreUrl url, parse_store_url(place));
  net::WebClientOptions options;
  options.cancel = context.cancel;
  options.ca_file =
      context.settings.value("store_ca_file", {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}).value_or("");
  options.connections_max =
      static_cast<int>(context.settings.number("store_connections", options.connections_max));
  options.silence_max = std::chrono::seconds(
      context.settings.number("store_silence_seconds", options.silence_max.count()));
  TRY(auto service, url.kind == StoreKind::kS3 ? make_s3_service(url, context, options)
                                               : make_azure_service(url, context, options));
  return std::unique_ptr<Store>(std::make_unique<ObjectStore>(
      std::make_shared<Courier>(std::move(service), context, options), url.text, url.prefix));
}

}  // namespace claimlake::store
