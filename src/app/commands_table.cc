#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "delta/schema.h"

namespace claimlake::app {
namespace {

using nlohmann::json;

std::string age_text(Timestamp now, Timestamp then) {
  const auto seconds = std::chrono::duration<double>(now - then).count();
  if (seconds < 120) return fmt::format("{:.0f} s ago", seconds);
  if (seconds < 7'200) return fmt::format("{:.0f} min ago", seconds / 60);
  if (seconds < 172'800) return fmt::format("{:.0f} h ago", seconds / 3'600);
  return fmt::format("{:.0f} days ago", seconds / 86'400);
}

std::optional<std::string> count_text(const std::optional<std::int64_t>& count) {
  return count ? std::optional(human_count(*count)) : std::nullopt;
}

json count_json(const std::optional<std::int64_t>& count) { return count ? json(*count) : json(); }

Result<Exit> list_tables(const Globals& globals) {
  TRY(const auto home, globals.open());
  TextRows shown{{{"table"},
                  {"version", Align::kRight},
                  {"rows", Align::kRight},
                  {"files", Align::kRight},
                  {"size", Align::kRight},
                  {"last commit"}},
                 {}};
  json values = json::array();
  // A damaged table does not hide the others.
  std::vector<Error> unreadable;
  for (const lake::TableName& name : home->lake().all_tables()) {
    const auto opened = home->lake().snapshot(name);
    if (!opened) {
      shown.rows.push_back({name.text(), "unreadable", "", "", "", ""});
      values.push_back({{"table", name.text()}, {"error", opened.error().text()}});
      unreadable.push_back(opened.error());
      continue;
    }
    const auto& snapshot = *opened;
    shown.rows.push_back({name.text(), human_count(snapshot->version()),
                          count_text(snapshot->row_count()),
                          human_count(static_cast<std::int64_t>(snapshot->files().size())),
                          human_bytes(snapshot->files_bytes()),
                          age_text(home->clock().now(), snapshot->timestamp())});
    values.push_back({{"table", name.text()},
                      {"version", snapshot->version()},
                      {"rows", count_json(snapshot->row_count())},
                      {"files", snapshot->files().size()},
                      {"bytes", snapshot->files_bytes()},
                      {"committed_at", to_rfc3339(snapshot->timestamp())}});
  }
  if (shown.rows.empty()) {
    globals.output.text(
        "The lake has no tables yet. Try: claimlake demo, or claimlake ingest FOLDER");
  } else {
    globals.output.table(shown);
  }
  globals.output.value(values);
  for (const Error& error : unreadable) globals.output.text("\nerror: " + error.text());
  return unreadable.empty() ? Exit::kDone : exit_of(unreadable.front().fault);
}

Result<Exit> show_table(const Globals& globals, const std::string& text) {
  TRY(const auto name, lake::TableName::parse(text));
  TRY(const auto home, globals.open());
  TRY(const auto snapshot, home->lake().snapshot(name));
  const pack::Model* model = home->pack().model(name.text());
  TextRows shown{{{"column"}, {"type"}, {"what it is"}}, {}};
  json columns = json::array();
  for (const delta::Field& field : snapshot->schema().fields) {
    const pack::ColumnDoc* doc = model != nullptr ? model->column(field.name) : nullptr;
    const std::string what =
        doc == nullptr ? "" : doc->doc + (doc->unit.empty() ? "" : " [" + doc->unit + "]");
    shown.rows.push_back({field.name, field.type.text(), what});
    columns.push_back({{"name", field.name}, {"type", field.type.text()}, {"doc", what}});
  }
  globals.output.text(
      fmt::format("{}{}\nversion {} of {}, {} rows in {} {}\n", name.text(),
                  model != nullptr ? ": " + model->header.description : std::string(),
                  snapshot->version(), to_text(snapshot->timestamp()),
                  count_text(snapshot->row_count()).value_or("an unknown number of"),
                  snapshot->files().size(), snapshot->files().size() == 1 ? "file" : "files"));
  globals.output.table(shown);
  globals.output.value({{"table", name.text()},
                        {"version", snapshot->version()},
                        {"committed_at", to_rfc3339(snapshot->timestamp())},
                        {"rows", count_json(snapshot->row_count())},
                        {"columns", columns}});
  return Exit::kDone;
}

Result<Exit> show_history(const Globals& globals, const std::string& text, std::size_t limit) {
  TRY(const auto name, lake::TableName::parse(text));
  TRY(const auto home, globals.open());
  TRY(const auto entries, home->lake().history(name, limit));
  TextRows shown{{{"version", Align::kRight},
                  {"time"},
                  {"operation"},
                  {"rows", Align::kRight},
                  {"user"},
                  {"run"},
                  {"parameters"}},
                 {}};
  json values = json::array();
  for (const auto& entry : entries) {
    const auto rows = entry.info.metrics.find("numOutputRows");
    std::string parameters;
    for (const auto& [key, value] : entry.info.parameters) {
      parameters += fmt::format("{}{}={}", parameters.empty() ? "" : " ", key, value);
    }
    shown.rows.push_back(
        {std::to_string(entry.version), to_text(entry.timestamp), entry.info.operation,
         rows == entry.info.metrics.end() ? std::nullopt : std::optional(rows->second),
         entry.info.user, entry.info.run.substr(0, 8), parameters});
    values.push_back({{"version", entry.version},
                      {"time", to_rfc3339(entry.timestamp)},
                      {"operation", entry.info.operation},
                      {"parameters", entry.info.parameters},
                      {"metrics", entry.info.metrics},
                      {"user", entry.info.user},
                      {"run", entry.info.run},
                      {"engine", entry.info.engine_info}});
  }
  globals.output.table(shown);
  globals.output.value(values);
  return Exit::kDone;
}

Result<Exit> show_detail(const Globals& globals, const std::string& text) {
  TRY(const auto name, lake::TableName::parse(text));
  TRY(const auto home, globals.open());
  TRY(const auto snapshot, home->lake().snapshot(name));
  const delta::Metadata& metadata = snapshot->metadata();
  const delta::Protocol& protocol = snapshot->protocol();
  const json value = {{"table", name.text()},
                      {"location", home->store().root() + "/" + name.folder()},
                      {"id", metadata.id},
                      {"description", metadata.description},
                      {"version", snapshot->version()},
                      {"committed_at", to_rfc3339(snapshot->timestamp())},
                      {"partition_columns", metadata.partition_columns},
                      {"files", snapshot->files().size()},
                      {"bytes", snapshot->files_bytes()},
                      {"rows", count_json(snapshot->row_count())},
                      {"min_reader_version", protocol.min_reader_version},
                      {"min_writer_version", protocol.min_writer_version},
                      {"reader_features", protocol.reader_features},
                      {"writer_features", protocol.writer_features},
                      {"properties", metadata.configuration}};
  TextRows shown{{{"property"}, {"value"}}, {}};
  for (const auto& [key, entry] : value.items()) {
    shown.rows.push_back({key, entry.is_string() ? entry.get<std::string>() : entry.dump()});
  }
  globals.output.table(shown);
  globals.output.value(value);
  return Exit::kDone;
}

Result<Exit> list_files(const Globals& globals, const std::string& text) {
  TRY(const auto name, lake::TableName::parse(text));
  TRY(const auto home, globals.open());
  TRY(const auto snapshot, home->lake().snapshot(name));
  TextRows shown{{{"file"}, {"rows", Align::kRight}, {"size", Align::kRight}, {"partition"}}, {}};
  json values = json::array();
  for (std::size_t i = 0; i < snapshot->files().size(); ++i) {
    const delta::AddFile& file = snapshot->files()[i];
    std::string partition;
    json partition_json = json::object();
    for (const auto& [column, value] : file.partition_values) {
      partition +=
          fmt::format("{}{}={}", partition.empty() ? "" : " ", column, value.value_or("null"));
      partition_json[column] = value ? json(*value) : json();
    }
    shown.rows.push_back(
        {file.path, count_text(snapshot->row_count(i)), human_bytes(file.size), partition});
    values.push_back({{"path", file.path},
                      {"rows", count_json(snapshot->row_count(i))},
                      {"bytes", file.size},
                      {"partition", partition_json}});
  }
  globals.output.table(shown);
  globals.output.value(values);
  return Exit::kDone;
}

}  // namespace

void add_table_commands(CLI::App& app, Globals& globals, Command& command) {
  CLI::App* table = app.add_subcommand("table",
                                       "Look at tables: versions, columns, history, files\n"
                                       "  claimlake table list\n"
                                       "  claimlake table history gold.monthly_kpis");
  table->require_subcommand(1);
  table
      ->add_subcommand("list",
                       "All tables with version, rows, size and last commit\n"
                       "  claimlake table list --json")
      ->callback([&] { command = [&] { return list_tables(globals); }; });

  const auto one = [&](const char* name, const char* help,
                       Result<Exit> (*run)(const Globals&, const std::string&)) {
    CLI::App* sub = table->add_subcommand(
        name, fmt::format("{}\n  claimlake table {} gold.monthly_kpis", help, name));
    auto text = std::make_shared<std::string>();
    sub->add_option("TABLE", *text, "For example gold.customer_360_view")->required();
    sub->callback([&globals, &command, text, run] {
      command = [&globals, text, run] { return run(globals, *text); };
    });
  };
  one("show", "Columns of a table with type and meaning", show_table);
  one("detail", "Location, protocol, properties, size", show_detail);
  one("files", "The files of the newest version", list_files);

  CLI::App* history =
      table->add_subcommand("history",
                            "Commits, newest first\n"
                            "  claimlake table history gold.monthly_kpis --limit 5");
  auto text = std::make_shared<std::string>();
  auto limit = std::make_shared<std::size_t>(20);
  history->add_option("TABLE", *text, "For example gold.customer_360_view")->required();
  history->add_option("--limit", *limit, "How many commits")->type_name("N")->capture_default_str();
  history->callback([&globals, &command, text, limit] {
    command = [&globals, text, limit] { return show_history(globals, *text, *limit); };
  });
  add_check_command(*table, globals, command);
}

}  // namespace claimlake::app
