#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "store/store.h"

namespace claimlake::store {

// An environment of a lake is a lake in a folder of the lake (docs/formats/environments.md). Its
// store shows that folder as the root, and three things of the lake itself, the environment main,
// which can only be read there:
//   raw/...            the raw files
//   gold__main/t/...   the table gold.t of main, and so for each of its folders
//   .main/...          anything of main: the files that tables of the environment share with it
inline constexpr std::string_view kEnvironmentsFolder = "environments";
inline constexpr std::string_view kOfMain = "__main";

// "environments/dev".
std::string environment_folder(std::string_view name);

// The store of environment `name`; `main`, the store of the lake, outlives it.
std::unique_ptr<Store> make_environment_store(Store& main, std::string_view name);

// The root of main where `root` is that of an environment.
std::optional<std::string> root_of_main(std::string_view root);
// The path by which the store of an environment names `path` of main.
std::string path_of_main(std::string_view path);
// Root and path below it by which everybody finds what a store with `root` names `path`.
std::pair<std::string, std::string> real_place(std::string_view root, std::string_view path);

}  // namespace claimlake::store
