#include "app/shell.h"

#include <fmt/format.h>
#include <histedit.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/progress_line.h"
#include "app/rows_output.h"
#include "base/random.h"
#include "base/text.h"
#include "lake/table_statement.h"
#include "pack/references.h"
#include "refresh/stale.h"

namespace claimlake::app {
namespace {

constexpr const char* kHelp = R"(Statements end with ';' and may go over several lines.
.tables            tables and views
.mode box|csv|json how rows are printed
.timer on|off      seconds of each statement
.help              this text
.quit              leave (also Ctrl-D)
Ctrl-C stops the running statement, or drops the one that is being typed.
)";

// Whether the next line continues a statement; libedit's prompt function has no argument of ours.
bool continuing = false;
const char* prompt_of(EditLine*) { return continuing ? "      ...> " : "claimlake> "; }

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// While a line is typed, Ctrl-C and Ctrl-Z are keys: as signals, they would be lost when libedit is
// not waiting at that moment. Ctrl-C gives up what was typed so far, as in other shells.
bool dropped = false;
unsigned char drop_line(EditLine*, int) {
  dropped = true;
  std::fputs("^C\n", stdout);
  return CC_NEWLINE;
}
unsigned char suspend(EditLine*, int) {
  std::raise(SIGTSTP);
  return CC_REDISPLAY;
}

// What one gets back with the arrow keys is one line. Without its line end a comment would swallow
// the rest, so that a statement with one is remembered line by line.
std::vector<std::string> history_lines(const std::string& statement) {
  std::vector<std::string> lines = split(statement, '\n');
  if (statement.find("--") != std::string::npos) return lines;
  std::string whole;
  for (const std::string& line : lines) whole += (whole.empty() ? "" : " ") + trimmed(line);
  return {whole};
}

// Lines from the terminal, with history kept in the lake's folder; or from standard input.
class LineReader {
 public:
  explicit LineReader(const std::string& history_file) : history_file_(history_file) {
    if (isatty(STDIN_FILENO) == 0) return;
    edit_ = el_init("claimlake", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, 1'000);
    history(history_, &event, H_SETUNIQUE, 1);
    history(history_, &event, H_LOAD, history_file_.c_str());
    el_set(edit_, EL_PROMPT, prompt_of);
    el_set(edit_, EL_EDITOR, "emacs");
    el_set(edit_, EL_HIST, history, history_);
    el_set(edit_, EL_SIGNAL, 1);
    el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
    el_set(edit_, EL_ADDFN, "drop-line", "Drop what was typed", drop_line);
    el_set(edit_, EL_BIND, "^C", "drop-line", nullptr);
    el_set(edit_, EL_ADDFN, "suspend", "Go to the background", suspend);
    el_set(edit_, EL_BIND, "^Z", "suspend", nullptr);
    // While a statement runs, Interrupt handles it; between the two there is nothing to stop.
    std::signal(SIGINT, SIG_IGN);
  }
  ~LineReader() {
    if (edit_ == nullptr) return;
    history_end(history_);
    el_end(edit_);
    std::signal(SIGINT, SIG_DFL);
  }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  bool interactive() const { return edit_ != nullptr; }

  enum class Next { kLine, kDropped, kEnd };

  // Reads a line; kDropped if Ctrl-C took it back, with all lines of its statement.
  Next next(std::string& line) {
    if (edit_ == nullptr) return std::getline(std::cin, line) ? Next::kLine : Next::kEnd;
    int count = 0;
    dropped = false;
    // Before the prompt is shown: who sees it may type.
    el_set(edit_, EL_PREP_TERM, 1);
    const char* text = el_gets(edit_, &count);
    if (dropped) return Next::kDropped;
    if (text == nullptr || count <= 0) return Next::kEnd;
    line.assign(text, static_cast<std::size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    return Next::kLine;
  }
  void remember(const std::string& statement) {
    if (edit_ == nullptr) return;
    HistEvent event;
    for (const std::string& line : history_lines(statement)) {
      history(history_, &event, H_ENTER, line.c_str());
    }
    // Written at once: a shell ends in more ways than one.
    history(history_, &event, H_SAVE, history_file_.c_str());
  }

 private:
  std::string history_file_;
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
};

Done dot_command(Home& home, const std::string& text, ShellOptions& options, bool& leave) {
  const auto words = split(text, ' ');
  if (words[0] == ".quit" || words[0] == ".exit") {
    leave = true;
  } else if (words[0] == ".help") {
    std::fputs(kHelp, stdout);
  } else if (words[0] == ".tables") {
    TRY_DONE(run_statement(home,
                           "SELECT table_schema || '.' || table_name AS name, table_type AS kind "
                           "FROM information_schema.tables WHERE table_catalog = 'lake' ORDER BY 1",
                           {options.format, false, 10'000, options.again}));
  } else if (words[0] == ".mode" && words.size() == 2) {
    TRY(options.format, parse_row_format(words[1]));
  } else if (words[0] == ".timer" && words.size() == 2 && (words[1] == "on" || words[1] == "off")) {
    options.timing = words[1] == "on";
  } else {
    return Error{Fault::kInvalidInput, fmt::format("Not a shell command: '{}'", text), "", ".help"};
  }
  return done();
}

// What to do about an error of a person's statement.
Error for_people(Error error, const std::string& sql, const ShellOptions& options) {
  if (error.fault == Fault::kTimeout) {
    error.next = "read fewer rows, or raise query_seconds_max in claimlake.yml";
  } else if (error.fault == Fault::kInvalidInput) {
    const char* next = error.where.empty() ? "mend the statement" : "mend the statement there";
    error = std::move(error).then(next);
  }
  return options.format == RowFormat::kJson ? error : point_into(std::move(error), sql);
}

// On standard error, so that the rows stay what they are: which of the tables that the statement
// names are older than they should be.
void say_stale(Home& home, const std::string& sql, RowFormat format) {
  const auto list = refresh::StaleTables(home.lake(), home.engine(), home.pack()).look();
  if (!list || (*list)->empty()) return;
  const auto tokens = pack::tokenize(sql);
  if (!tokens) return;
  std::set<std::string> read;
  for (const pack::TableReference& reference : pack::table_references(*tokens)) {
    const bool with_catalog = reference.name.starts_with("lake.");
    read.insert(with_catalog ? reference.name.substr(5) : reference.name);
  }
  std::string json;
  for (const refresh::Stale& stale : **list) {
    if (!read.contains(stale.table)) continue;
    json += (json.empty() ? "" : ", ") + refresh::to_json(stale);
    if (format != RowFormat::kJson) std::fprintf(stderr, "note: %s\n", stale.text().c_str());
  }
  if (format == RowFormat::kJson && !json.empty()) {
    std::fprintf(stderr, "{\"stale\": [%s]}\n", json.c_str());
  }
}

}  // namespace

Error point_into(Error error, const std::string& sql) {
  constexpr std::size_t kBefore = 60;  // characters of a long line that are shown before the place
  constexpr std::size_t kShown = 100;
  std::size_t line = 0, column = 0;
  char rest = 0;
  if (std::sscanf(error.where.c_str(), "%zu:%zu%c", &line, &column, &rest) != 2) return error;
  const auto lines = split(sql, '\n');
  if (line == 0 || column == 0 || line > lines.size()) return error;
  // By characters, not bytes: the mark stands under the one that is meant.
  std::vector<std::string> characters;
  for (const char c : lines[line - 1]) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80 && !characters.empty()) {
      characters.back() += c;
    } else {
      characters.emplace_back(1, c == '\t' || c == '\r' ? ' ' : c);
    }
  }
  const std::size_t first = column > kBefore + 1 ? column - 1 - kBefore : 0;
  std::string shown;
  for (std::size_t i = first; i < std::min(characters.size(), first + kShown); ++i) {
    shown += characters[i];
  }
  constexpr const char* kIndent = "\n         ";
  error.where += kIndent + shown + kIndent + std::string(column - 1 - first, ' ') + "^";
  return error;
}

Result<RowFormat> parse_row_format(const std::string& name) {
  if (name == "box") return RowFormat::kBox;
  if (name == "csv") return RowFormat::kCsv;
  if (name == "json") return RowFormat::kJson;
  return Error{Fault::kInvalidInput, fmt::format("Not a form of rows: '{}'", name), "",
               "use box, csv or json"};
}

bool is_complete_statement(const std::string& text) {
  enum class In { kSql, kString, kName, kLineComment, kBlockComment } in = In::kSql;
  bool ended = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    switch (in) {
      case In::kSql:
        if (c == '\'')
          in = In::kString;
        else if (c == '"')
          in = In::kName;
        else if (c == '-' && next == '-')
          in = In::kLineComment;
        else if (c == '/' && next == '*')
          in = In::kBlockComment;
        else if (c == ';')
          ended = true;
        else if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
          ended = false;
        break;
      case In::kString:
        if (c == '\'') in = In::kSql;
        break;
      case In::kName:
        if (c == '"') in = In::kSql;
        break;
      case In::kLineComment:
        if (c == '\n') in = In::kSql;
        break;
      case In::kBlockComment:
        if (c == '*' && next == '/') {
          in = In::kSql;
          ++i;
        }
        break;
    }
  }
  return ended && (in == In::kSql || in == In::kLineComment);
}

Result<Exit> run_statement(Home& home, const std::string& sql, const ShellOptions& options) {
  const auto started = home.clock().steady_now();
  const auto table_statement = lake::parse_table_statement(sql);
  if (!table_statement) return for_people(table_statement.error(), sql, options);
  engine::SessionConfig config;
  if (*table_statement) {
    config.access = engine::Access::kInternal;
  } else {
    config.time_limit = std::chrono::seconds(home.config().query_seconds_max);
  }
  TRY(const auto session, home.engine().session(config));
  const Cancel cancel;
  const Interrupt interrupt(
      cancel, [&session] { session->interrupt(); }, options.again);
  const auto ask = [&]() -> Result<std::unique_ptr<engine::Rows>> {
    ProgressLine line(home.clock());  // wiped before the first row is printed
    const ProgressStep step(line, "query", 0, [&session] { return session->progress(); });
    if (!*table_statement) return session->query(sql);
    TRY(auto answer, lake::run_table_statement(home.lake(), *session, **table_statement,
                                               uuid4(home.random()), cancel));
    return engine::rows_of(std::move(answer));
  };
  auto rows = ask();
  if (!rows) return for_people(std::move(rows).error(), sql, options);
  // CREATE and ALTER TABLE have nothing to say, which only JSON needs a word for.
  const bool says_nothing = (*rows)->columns().empty() && options.format != RowFormat::kJson;
  const auto count = says_nothing ? Result<std::int64_t>(0)
                                  : print_rows(**rows, options.format, options.row_limit);
  if (!count) return for_people(count.error(), sql, options);
  std::fflush(stdout);
  say_stale(home, sql, options.format);
  if (options.timing) {
    const auto seconds = std::chrono::duration<double>(home.clock().steady_now() - started).count();
    std::fprintf(stderr, "%s %s in %.3f s\n", human_count(*count).c_str(),
                 *count == 1 ? "row" : "rows", seconds);
  }
  return Exit::kDone;
}

Exit run_shell(Home& home, ShellOptions options) {
  LineReader lines(home.work_folder() + "/sql_history");
  if (lines.interactive()) {
    std::printf("Claimlake SQL over %s. End statements with ';', .help for help.\n",
                home.store().root().c_str());
    options.timing = true;
    options.again = Interrupt::Again::kNothing;
  }
  const Output output;
  Exit worst = Exit::kDone;
  std::string statement, line;
  bool leave = false;
  while (!leave) {
    const auto next = lines.next(line);
    if (next == LineReader::Next::kEnd) break;
    if (next == LineReader::Next::kDropped) {
      statement.clear();
      continuing = false;
      continue;
    }
    Result<Exit> result = Exit::kDone;
    if (statement.empty() && trimmed(line).starts_with('.')) {
      lines.remember(trimmed(line));
      auto ran = dot_command(home, trimmed(line), options, leave);
      if (!ran) result = std::move(ran).error();
    } else {
      statement += line + "\n";
      if (trimmed(statement).empty()) statement.clear();
      if (is_complete_statement(statement)) {
        lines.remember(trimmed(statement));
        result = run_statement(home, std::exchange(statement, {}), options);
      }
    }
    continuing = !statement.empty();
    if (!result) worst = report(result.error(), output);
  }
  if (!trimmed(statement).empty()) {
    const auto result = run_statement(home, statement, options);
    if (!result) worst = report(result.error(), output);
  }
  if (lines.interactive()) std::fputc('\n', stdout);
  return lines.interactive() ? Exit::kDone : worst;
}

}  // namespace claimlake::app
