#include "app/environments.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/text.h"
#include "store/at_once.h"
#include "store/environment.h"

namespace claimlake::app {
namespace {

constexpr std::size_t kNameMax = 40;

std::string marker_path(const std::string& name) {
  return store::environment_folder(name) + "/environment.json";
}

std::string marker_text(const Environment& environment) {
  nlohmann::json json = {{"name", environment.name},
                         {"complete", environment.complete},
                         {"created_by", environment.created_by},
                         {"packs_folder", environment.packs_folder}};
  if (environment.created_at) json["created_at"] = to_rfc3339(*environment.created_at);
  return json.dump(1) + "\n";
}

// What the marker says; an environment without one is being dropped.
Result<Environment> read_marker(const store::Store& main, const std::string& name) {
  Environment out{.name = name};
  auto text = main.read(marker_path(name));
  if (!text && text.error().fault == Fault::kNotFound) {
    out.complete = false;
    return out;
  }
  if (!text) return std::move(text).error();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) {
    return Error{Fault::kCorrupt, "The marker of the environment " + name + " is damaged",
                 marker_path(name), "claimlake env drop " + name};
  }
  out.complete = json.value("complete", false);
  out.created_by = json.value("created_by", "");
  out.packs_folder = json.value("packs_folder", "");
  if (const auto time = parse_timestamp(json.value("created_at", ""))) out.created_at = *time;
  return out;
}

// Folders may stay behind where nothing is in them any more.
bool has_objects(const store::Store& main, const std::string& name) {
  const auto objects = main.list_all(store::environment_folder(name));
  return !objects || std::any_of(objects->begin(), objects->end(), [](const auto& object) {
    return object.path.find("/.claimlake/") == std::string::npos;
  });
}

Error absent(const store::Store& main, const std::string& name) {
  std::vector<std::string> names;
  if (const auto all = list_environments(main)) {
    for (const Environment& each : *all) names.push_back(each.name);
  }
  const std::string near = nearest(name, names);
  return {Fault::kNotFound, fmt::format("There is no environment '{}'", name), "",
          near.empty() ? fmt::format("claimlake env create {} makes it", name)
                       : fmt::format("did you mean {}? claimlake env list", near)};
}

}  // namespace

Done check_environment_name(const std::string& name) {
  const bool plain =
      !name.empty() && name.size() <= kNameMax && name[0] >= 'a' && name[0] <= 'z' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (plain && name != "main") return done();
  return Error{Fault::kInvalidInput,
               name == "main" ? std::string("main is the lake itself")
                              : fmt::format("'{}' is no name of an environment", excerpt(name)),
               "",
               fmt::format("use a letter, then letters, digits, _ and -, in lower case and at most "
                           "{}: dev, fix_12",
                           kNameMax)};
}

Result<Environment> read_environment(const store::Store& main, const std::string& name) {
  TRY_DONE(check_environment_name(name));
  TRY(auto environment, read_marker(main, name));
  if (environment.complete) return environment;
  if (!environment.created_at && !has_objects(main, name)) return absent(main, name);
  return Error{Fault::kConflict,
               fmt::format("The environment '{}' is not complete: it is being made or dropped, or "
                           "what did that was stopped",
                           name),
               "", fmt::format("claimlake env drop {}, then create it again", name)};
}

Result<std::vector<Environment>> list_environments(const store::Store& main) {
  TRY(const auto names, main.list_folders(store::kEnvironmentsFolder));
  std::vector<Environment> out;
  for (const std::string& name : names) {
    TRY(auto environment, read_marker(main, name));
    if (!environment.complete && !environment.created_at && !has_objects(main, name)) continue;
    out.push_back(std::move(environment));
  }
  return out;
}

Done claim_environment(store::Store& main, const Environment& environment) {
  TRY_DONE(check_environment_name(environment.name));
  const Error taken{
      Fault::kConflict,
      fmt::format("There is something of an environment '{}' already", environment.name), "",
      fmt::format("use it with --env {0}, or drop it: claimlake env drop {0}", environment.name)};
  TRY(const auto known, read_marker(main, environment.name));
  if (known.complete || known.created_at || has_objects(main, environment.name)) return taken;
  const std::string text = marker_text(environment);
  TRY(const auto put, main.put_if_absent(marker_path(environment.name), text));
  if (put == store::Put::kDone) return done();
  if (put == store::Put::kExists) return taken;
  // The answer was lost: the name is ours if what is there is what we wrote.
  const auto found = main.read(marker_path(environment.name));
  if (found && *found == text) return done();
  if (found) return taken;
  return Error{Fault::kUnavailable,
               fmt::format("Whether the environment '{}' was begun is not known: the store did not "
                           "answer",
                           environment.name),
               marker_path(environment.name),
               fmt::format("claimlake env list; drop {0} if it is there, then create it again",
                           environment.name)};
}

Done write_environment(store::Store& main, const Environment& environment) {
  return main.put(marker_path(environment.name), marker_text(environment));
}

Result<std::int64_t> erase_environment(store::Store& main, const std::string& name) {
  TRY_DONE(check_environment_name(name));
  TRY(const auto objects, main.list_all(store::environment_folder(name)));
  const bool any = std::any_of(objects.begin(), objects.end(), [](const auto& object) {
    return object.path.find("/.claimlake/") == std::string::npos;
  });
  if (!any) {
    Error none = absent(main, name);
    none.next = "claimlake env list";
    return none;
  }
  // From here on nobody opens it.
  auto unmarked = main.remove(marker_path(name));
  if (!unmarked && unmarked.error().fault != Fault::kNotFound) return std::move(unmarked).error();
  std::int64_t bytes = 0;
  for (const store::ObjectInfo& object : objects) bytes += object.size;
  TRY_DONE(store::for_each_at_once(store::requests_at_once(main), objects.size(),
                                   [&](std::size_t i) -> Done {
                                     auto gone = main.remove(objects[i].path);
                                     if (!gone && gone.error().fault != Fault::kNotFound)
                                       return gone;
                                     return done();
                                   }));
  return bytes;
}

Result<std::unique_ptr<EnvironmentUse>> EnvironmentUse::begin(const std::string& folder,
                                                              bool alone) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  const std::string path = folder + "/in_use.lock";
  store::FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file) {
    return Error{
        Fault::kUnavailable,
        "Cannot say that the environment is in use: " + std::system_category().message(errno), path,
        "check the permissions of the lake's folder and the space on its disk"};
  }
  if (flock(file.number(), (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    return std::unique_ptr<EnvironmentUse>();
  }
  return std::unique_ptr<EnvironmentUse>(new EnvironmentUse(std::move(file)));  // private
}

}  // namespace claimlake::app
