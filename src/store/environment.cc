#include "store/environment.h"

#include <vector>

namespace claimlake::store {
namespace {

constexpr std::string_view kMainFolder = ".main/";
constexpr std::string_view kRawFolder = "raw";

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

// What a path of main is called there: "gold/t" for "gold__main/t" and ".main/gold/t".
std::optional<std::string> in_main(std::string_view path) {
  if (path.starts_with(kMainFolder)) return std::string(path.substr(kMainFolder.size()));
  const std::string_view first = first_part(path);
  if (first == kRawFolder) return std::string(path);
  if (first.size() <= kOfMain.size() || !first.ends_with(kOfMain)) return std::nullopt;
  return std::string(first.substr(0, first.size() - kOfMain.size())) +
         std::string(path.substr(first.size()));
}

class EnvironmentStore final : public Store {
 public:
  EnvironmentStore(Store& main, std::string_view name)
      : main_(main), name_(name), folder_(environment_folder(name)) {}

  Result<ObjectInfo> head(std::string_view path) const override {
    TRY(ObjectInfo info, main_.head(place(path)));
    info.path = path;
    return info;
  }
  Result<std::string> read(std::string_view path) const override { return main_.read(place(path)); }
  Result<std::unique_ptr<Reader>> open(std::string_view path) const override {
    return main_.open(place(path));
  }
  Result<std::vector<ObjectInfo>> list(std::string_view folder,
                                       std::string_view start_name) const override {
    return named_here(main_.list(place(folder), start_name), folder);
  }
  Result<std::vector<ObjectInfo>> list_all(std::string_view folder) const override {
    return named_here(main_.list_all(place(folder)), folder);
  }
  Result<std::vector<std::string>> list_folders(std::string_view folder) const override {
    TRY(auto names, main_.list_folders(place(folder)));
    if (!folder.empty()) return names;
    TRY(const auto of_main, main_.list_folders(""));
    for (const std::string& name : of_main) {
      if (name == kRawFolder || name == kEnvironmentsFolder || name.starts_with('.')) continue;
      names.push_back(name + std::string(kOfMain));
    }
    return names;
  }

  Result<Put> put_if_absent(std::string_view path, std::string_view bytes) override {
    TRY_DONE(check_ours(path));
    return main_.put_if_absent(place(path), bytes);
  }
  void put_aside(std::string_view path, std::string_view bytes) override {
    if (!in_main(path)) main_.put_aside(place(path), bytes);
  }
  Done put(std::string_view path, std::string_view bytes) override {
    TRY_DONE(check_ours(path));
    return main_.put(place(path), bytes);
  }
  Result<std::unique_ptr<Writer>> create(std::string_view path) override {
    TRY_DONE(check_ours(path));
    return main_.create(place(path));
  }
  Done remove(std::string_view path) override {
    TRY_DONE(check_ours(path));
    return main_.remove(place(path));
  }
  bool distant() const override { return main_.distant(); }
  std::string root() const override { return main_.root() + "/" + folder_; }

 private:
  std::string place(std::string_view path) const {
    if (auto of_main = in_main(path)) return *std::move(of_main);
    return path.empty() ? folder_ : folder_ + "/" + std::string(path);
  }

  Result<std::vector<ObjectInfo>> named_here(Result<std::vector<ObjectInfo>> listed,
                                             std::string_view folder) const {
    if (!listed) return listed;
    const std::size_t above = place(folder).size();
    for (ObjectInfo& object : *listed) {
      const std::string below = object.path.substr(above);  // begins with '/'
      object.path = folder.empty() ? below.substr(1) : std::string(folder) + below;
    }
    return listed;
  }

  Done check_ours(std::string_view path) const {
    if (!in_main(path)) return done();
    return Error{
        Fault::kInvalidInput,
        "The environment " + name_ + " only reads what belongs to main: " + std::string(path), "",
        "change it in main, without --env"};
  }

  Store& main_;
  const std::string name_;
  const std::string folder_;
};

}  // namespace

std::string environment_folder(std::string_view name) {
  return std::string(kEnvironmentsFolder) + "/" + std::string(name);
}

std::unique_ptr<Store> make_environment_store(Store& main, std::string_view name) {
  return std::make_unique<EnvironmentStore>(main, name);
}

std::optional<std::string> root_of_main(std::string_view root) {
  const auto name = root.rfind('/');
  if (name == std::string_view::npos) return std::nullopt;
  const std::string_view above = root.substr(0, name);
  if (!above.ends_with(kEnvironmentsFolder)) return std::nullopt;
  const std::string_view main = above.substr(0, above.size() - kEnvironmentsFolder.size());
  if (!main.ends_with('/')) return std::nullopt;
  return std::string(main.substr(0, main.size() - 1));
}

std::string path_of_main(std::string_view path) {
  return std::string(kMainFolder) + std::string(path);
}

std::pair<std::string, std::string> real_place(std::string_view root, std::string_view path) {
  const auto main = root_of_main(root);
  auto of_main = main ? in_main(path) : std::nullopt;
  if (of_main) return {*main, *std::move(of_main)};
  return {std::string(root), std::string(path)};
}

}  // namespace claimlake::store
