#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"

namespace claimlake::app {
namespace {

// The words that may follow each command, read from the command line's own definition.
std::string words_of(const CLI::App& app) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += sub->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  return words;
}

std::string bash_script(const CLI::App& root) {
  std::string cases;
  for (const CLI::App* sub : root.get_subcommands([](const CLI::App*) { return true; })) {
    cases += fmt::format("    {}) words=\"{}\" ;;\n", sub->get_name(), words_of(*sub));
  }
  return fmt::format(
      R"sh(# bash completion for claimlake. Put it to use with: eval "$(claimlake completion bash)"
_claimlake() {{
  local words="{}"
  case "${{COMP_WORDS[1]}}" in
{}  esac
  [ "$COMP_CWORD" -eq 1 ] && words="{}"
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
  [ ${{#COMPREPLY[@]}} -eq 0 ] && COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _claimlake claimlake
)sh",
      words_of(root), cases, words_of(root));
}

}  // namespace

void add_completion_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* completion =
      app.add_subcommand("completion", "Shell completion: eval \"$(claimlake completion bash)\"");
  auto shell = std::make_shared<std::string>("bash");
  completion->add_option("SHELL", *shell, "bash or zsh")->capture_default_str();
  completion->callback([&app, &globals, &command, shell] {
    command = [&app, &globals, shell]() -> Result<Exit> {
      if (*shell != "bash" && *shell != "zsh") {
        return Error{Fault::kInvalidInput, fmt::format("No completion for '{}'", *shell), "",
                     "use bash or zsh"};
      }
      // zsh reads bash completions through bashcompinit.
      const std::string prefix =
          *shell == "zsh" ? "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n"
                          : "";
      globals.output.text(prefix + bash_script(app));
      globals.output.value({{"script", prefix + bash_script(app)}});
      return Exit::kDone;
    };
  });
}

}  // namespace claimlake::app
