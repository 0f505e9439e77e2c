#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"

namespace claimlake::app {
namespace {

// The script, whose marks are replaced by what the command line's own definition says.
//   @valued   options that take a value
//   @groups   commands that have commands
//   @words    per command: commands after it, else what its argument is; and its options
constexpr const char* kScript =
    R"sh(# bash completion for claimlake. Put it to use with: eval "$(claimlake completion bash)"
_claimlake() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  local at=() lake=() words= options= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --lake) i=$((i + 1)); lake=(--lake "${COMP_WORDS[i]}") ;;
      @valued) i=$((i + 1)) ;;
      -*) ;;
      *) case "${at[*]}" in @groups) at+=("${COMP_WORDS[i]}") ;; esac ;;
    esac
  done
  case $prev in
    --lake) words=FOLDERS ;;
    --format) words="box csv json" ;;
    @valued) return ;;
    *)
      case "${at[*]}" in
@words      esac
      case $cur in -*) words="$options @shared" ;; esac ;;
  esac
  case $words in
    TABLES) words=$("$1" "${lake[@]}" table list --json 2>/dev/null | sed -n 's/.*"table": "\(.*\)".*/\1/p') ;;
    MODELS) words=$("$1" "${lake[@]}" model list --json 2>/dev/null | sed -n 's/.*"model": "\(.*\)".*/\1/p') ;;
  esac
  case $words in
    FOLDERS) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    FILES) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _claimlake claimlake
)sh";

void replace(std::string& text, std::string_view mark, const std::string& by) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
    text.replace(at, mark.size(), by);
  }
}

// What is gathered from the definition of the command line.
struct Words {
  std::string valued;  // "--lake|--memory"
  std::string groups;  // ""|"table"
  std::string cases;
};

std::string options_of(const CLI::App& app, Words& words) {
  std::string options;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name == "help" && app.get_parent() != nullptr) continue;
      options += (options.empty() ? "--" : " --") + name;
      if (option->get_expected_max() == 0 || words.valued.find(name) != std::string::npos) continue;
      words.valued += (words.valued.empty() ? "--" : "|--") + name;
    }
  }
  return options;
}

// What may stand where `app` wants its argument.
std::string argument_of(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name(true, false);
    if (name == "TABLE") return "TABLES";
    if (name == "MODEL") return "MODELS";
    if (name == "SHELL") return "bash zsh";
    if (name == "PATH" || name == "FOLDER") return "FILES";
  }
  return "";
}

void gather(const CLI::App& app, const std::string& path, Words& words) {
  std::string after;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    after += (after.empty() ? "" : " ") + command->get_name();
  }
  if (!after.empty())
    words.groups += fmt::format("{}\"{}\"", words.groups.empty() ? "" : "|", path);
  const std::string options = options_of(app, words);
  words.cases += fmt::format("        \"{}\") words=\"{}\" options=\"{}\" ;;\n", path,
                             after.empty() ? argument_of(app) : after, path.empty() ? "" : options);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    gather(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), words);
  }
}

std::string bash_script(const CLI::App& root) {
  Words words;
  gather(root, "", words);
  std::string script = kScript;
  replace(script, "@valued", words.valued);
  replace(script, "@groups", words.groups);
  replace(script, "@words", words.cases);
  replace(script, "@shared", options_of(root, words));
  return script;
}

}  // namespace

void add_completion_command(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* completion = app.add_subcommand(
      "completion",
      "Completion of commands, options and table names for a shell\n"
      "  eval \"$(claimlake completion bash)\"    in this shell\n"
      "  claimlake completion bash > ~/.local/share/bash-completion/completions/claimlake");
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
