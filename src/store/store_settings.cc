#include "store/store_settings.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "base/text.h"

namespace claimlake::store {
namespace {

enum class Form { kText, kSecret, kNumber, kYesNo };

struct Key {
  const char* name;
  Form form;
  std::int64_t least = 1;  // of a number
  std::int64_t most = 1000;
};

constexpr Key kKeys[] = {
    {"s3_endpoint", Form::kText},
    {"s3_region", Form::kText},
    {"s3_path_style", Form::kYesNo},
    {"s3_profile", Form::kText},
    {"s3_access_key_id", Form::kSecret},
    {"s3_secret_access_key", Form::kSecret},
    {"s3_session_token", Form::kSecret},
    {"azure_endpoint", Form::kText},
    {"azure_account", Form::kText},
    {"azure_account_key", Form::kSecret},
    {"azure_sas", Form::kSecret},
    {"azure_tenant_id", Form::kText},
    {"azure_client_id", Form::kText},
    {"azure_client_secret", Form::kSecret},
    {"azure_authority", Form::kText},
    {"store_ca_file", Form::kText},
    {"store_connections", Form::kNumber},
    {"store_retry_seconds", Form::kNumber},
    {"store_silence_seconds", Form::kNumber},
    {"cache_folder", Form::kText},
    {"cache_mb", Form::kNumber, 0, 10'000'000},
};

constexpr std::string_view kVariablePrefix = "env:";
constexpr std::string_view kFilePrefix = "file:";
constexpr std::streamsize kSmallFileBytesMax = 1 << 20;

const Key* find_key(std::string_view name) {
  for (const Key& key : kKeys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

Result<std::string> follow(const std::string& key, std::string_view reference,
                           const Environment& environment) {
  if (reference.starts_with(kVariablePrefix)) {
    const std::string_view name = reference.substr(kVariablePrefix.size());
    if (auto value = environment(name)) return *value;
    return Error{
        Fault::kInvalidInput,
        fmt::format("{} refers to the environment variable {}, which is not set", key, name), "",
        fmt::format("set {}, or change {} in claimlake.yml", name, key)};
  }
  const std::string path(reference.substr(kFilePrefix.size()));
  auto content = read_small_file(path);
  if (!content) return std::move(content).error().in(key + " refers to a file");
  return content;
}

}  // namespace

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

Wait cancellable_wait(Cancel cancel) {
  return [cancel = std::move(cancel)](std::chrono::milliseconds time) {
    // A Cancel can be set in a signal handler, so it cannot notify: it is looked at in between.
    constexpr std::chrono::milliseconds kLook{50};
    std::mutex mutex;
    std::condition_variable never_notified;
    std::unique_lock lock(mutex);
    for (auto left = time; left.count() > 0; left -= kLook) {
      never_notified.wait_for(lock, std::min(left, kLook), [&] { return cancel.cancelled(); });
      if (cancel.cancelled()) return false;
    }
    return !cancel.cancelled();
  };
}

Result<std::string> read_small_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{Fault::kNotFound, "the file cannot be read", path,
                 "check that it is there and that this user may read it"};
  }
  std::string content(static_cast<std::size_t>(kSmallFileBytesMax), '\0');
  in.read(content.data(), kSmallFileBytesMax);
  content.resize(static_cast<std::size_t>(in.gcount()));
  while (!content.empty() && std::string_view(" \t\r\n").find(content.back()) != std::string::npos)
    content.pop_back();
  return content;
}

const std::vector<std::string>& StoreSettings::keys() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Key& key : kKeys) all.emplace_back(key.name);
    return all;
  }();
  return names;
}

Done StoreSettings::set(const std::string& key, const std::string& value) {
  const Key* known = find_key(key);
  if (known == nullptr) {
    return Error{Fault::kInvalidInput, fmt::format("Unknown key '{}'", key)};
  }
  if (known->form == Form::kSecret && !value.starts_with(kVariablePrefix) &&
      !value.starts_with(kFilePrefix)) {
    return Error{Fault::kInvalidInput, "a secret does not belong into a configuration file", "",
                 fmt::format("write {0}: env:NAME or {0}: file:PATH, and make that secret known to "
                             "nobody else: it stood here",
                             key)};
  }
  if (known->form == Form::kYesNo && value != "true" && value != "false") {
    return Error{Fault::kInvalidInput, fmt::format("Neither true nor false: '{}'", value)};
  }
  if (known->form == Form::kNumber) {
    const auto number = whole_number(value);
    if (!number || *number < known->least || *number > known->most) {
      return Error{Fault::kInvalidInput, fmt::format("Not a whole number from {} to {}: '{}'",
                                                     known->least, known->most, value)};
    }
  }
  values_[key] = value;
  return done();
}

std::optional<std::string> StoreSettings::value(
    std::string_view key, const std::vector<std::string_view>& variables) const {
  const auto found = values_.find(key);
  if (found != values_.end()) return found->second;
  for (const std::string_view name : variables) {
    if (auto value = environment_(name)) return value;
  }
  return std::nullopt;
}

Result<std::optional<std::string>> StoreSettings::secret(
    std::string_view key, const std::vector<std::string_view>& variables) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return value(key, variables);
  TRY(std::string followed, follow(std::string(key), found->second, environment_));
  return std::optional<std::string>(std::move(followed));
}

std::int64_t StoreSettings::number(std::string_view key, std::int64_t fallback) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return fallback;
  return whole_number(found->second).value_or(fallback);
}

}  // namespace claimlake::store
