#include "app/help.h"

#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

namespace claimlake::app {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

const CLI::App& root_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app : root_of(*app.get_parent());
}

class HelpForm final : public CLI::Formatter {
 public:
  HelpForm() { column_width(28); }

  std::string make_description(const CLI::App* app) const override {
    return first_line(app->get_description()) + "\n\n";
  }

  std::string make_subcommand(const CLI::App* command) const override {
    std::stringstream out;
    CLI::detail::format_help(out, command->get_name(), first_line(command->get_description()),
                             get_column_width());
    return out.str();
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    // The usage shows how often an argument stands; its name is its type.
    if (option->get_positional() || option->get_expected_max() == 0) return "";
    return " " + option->get_type_name();
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string usual = option->get_default_str();
    return option->get_description() + (usual.empty() ? "" : " (default: " + usual + ")");
  }

  std::string make_footer(const CLI::App* app) const override {
    if (app->get_parent() == nullptr) return app->get_footer() + "\n";
    std::string footer;
    const std::string description = app->get_description();
    if (const auto examples = description.find('\n'); examples != std::string::npos) {
      footer = "Examples:" + description.substr(examples) + "\n";
    }
    const CLI::App& root = root_of(*app);
    const auto shared = root.get_options([&](const CLI::Option* option) {
      return option->nonpositional() && option != root.get_help_ptr() &&
             option != root.get_version_ptr();
    });
    return footer + make_group("For every command", false, shared) +
           "\nclaimlake --help explains the exit codes.\n";
  }
};

void shape(CLI::App& app, const std::shared_ptr<HelpForm>& form) {
  app.formatter(form);
  app.get_help_ptr()->description("This text");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    shape(*command, form);
  }
}

}  // namespace

void shape_help(CLI::App& app) { shape(app, std::make_shared<HelpForm>()); }

}  // namespace claimlake::app
