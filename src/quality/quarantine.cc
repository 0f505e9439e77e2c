#include "quality/quarantine.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "quality/checked.h"
#include "quality/waivers.h"

namespace claimlake::quality {
namespace {

using pack::Rule;

// Columns of ops.quarantine with their SQL types, in order.
struct QuarantineColumn {
  const char* name;
  const char* delta_type;  // "string[]" is a list of texts
};
constexpr QuarantineColumn kColumns[] = {{"quarantine_id", "string"},
                                         {"table_name", "string"},
                                         {"key", "string"},
                                         {"rules", "string[]"},
                                         {"reason", "string"},
                                         {"action", "string"},
                                         {"state", "string"},
                                         {"payload", "string"},
                                         {"source_file", "string"},
                                         {"source_position", "long"},
                                         {"batch_id", "string"},
                                         {"run_id", "string"},
                                         {"first_seen_at", "timestamp"},
                                         {"last_seen_at", "timestamp"},
                                         {"resolved_at", "timestamp"},
                                         {"overdue_at", "timestamp"}};

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string no_time() { return "CAST(NULL AS TIMESTAMP WITH TIME ZONE)"; }

// Writes the SELECT of one table's rejects.
class RejectsSelect {
 public:
  RejectsSelect(const pack::Model& model, RejectContext context,
                std::string_view relation = "rejected")
      : model_(model), context_(std::move(context)), relation_(relation) {
    for (const Rule* rule : model.rules.of(pack::RuleGroup::kRow)) rules_.push_back(rule);
  }

  std::string build(std::string_view staged) const {
    const std::string now = sql_timestamp(context_.now);
    std::vector<std::string> items = {
        identity() + " AS quarantine_id",
        sql_string(model_.name) + " AS table_name",
        key_text(model_, relation_) + " AS key",
        "rejected._dq AS rules",
        reason() + " AS reason",
        "CASE WHEN " + dropped() + " THEN 'drop' ELSE 'quarantine' END AS action",
        "CASE WHEN " + dropped() + " THEN 'dropped' ELSE 'open' END AS state",
        "CAST(to_json(" + payload() + ") AS VARCHAR) AS payload",
        or_null("_source_file", "VARCHAR") + " AS source_file",
        or_null("_source_position", "BIGINT") + " AS source_position",
        batch() + " AS batch_id",
        sql_string(context_.run_id) + " AS run_id",
        now + " AS first_seen_at",
        now + " AS last_seen_at",
        no_time() + " AS resolved_at",
        overdue() + " AS overdue_at"};
    return "SELECT DISTINCT ON (quarantine_id) " + joined(items, ",\n  ") + "\nFROM " +
           std::string(staged) + " AS rejected\nWHERE rejected._quality_score < 0";
  }

  // A row is itself as long as its key is, through all its versions; without a key its place in
  // the raw files must do, and without that its content.
  std::string identity() const {
    std::string place = "CAST(to_json(" + payload() + ") AS VARCHAR)";
    if (model_.column("_source_file") && model_.column("_source_position")) {
      place =
          column("_source_file") + " || '#' || CAST(" + column("_source_position") + " AS VARCHAR)";
    }
    return "md5(" + sql_string(model_.name) + " || COALESCE(' key ' || " +
           key_text(model_, relation_) + ", ' at ' || " + place + "))";
  }

 private:
  std::string column(const std::string& name) const {
    return relation_ + "." + sql_identifier(name);
  }
  std::string or_null(const char* name, const char* type) const {
    return model_.column(name) ? column(name) : "CAST(NULL AS " + std::string(type) + ")";
  }
  static std::string broken(const Rule& rule) {
    return "list_contains(rejected._dq, " + sql_string(rule.name) + ")";
  }

  std::string payload() const {
    std::vector<std::string> parts;
    for (const pack::ColumnDoc& doc : model_.columns) {
      parts.push_back(sql_identifier(doc.name) + " := " + column(doc.name));
    }
    return "struct_pack(" + joined(parts, ", ") + ")";
  }

  // "claim_amount = 75000.00 breaks amount_range (claim_amount is between 0.01 and 50000)".
  std::string reason() const {
    std::vector<std::string> parts;
    for (const Rule* rule : rules_) {
      std::string text;
      for (const std::string& name : pack::rule_columns(*rule)) {
        text += (text.empty() ? "" : " || ', ' || ") + sql_string(name + " = ") +
                " || COALESCE(CAST(" + column(name) + " AS VARCHAR), 'null')";
      }
      const std::string demand = rule->reason.empty() ? pack::rule_text(*rule) : rule->reason;
      text += (text.empty() ? "" : " || ") + sql_string((text.empty() ? "breaks " : " breaks ") +
                                                        rule->name + " (" + demand + ")");
      parts.push_back("CASE WHEN " + broken(*rule) + " THEN " + text + " END");
    }
    if (parts.empty()) return "''";
    return "array_to_string(list_filter([" + joined(parts, ",\n    ") +
           "], lambda text: text IS NOT NULL), '; ')";
  }

  std::string dropped() const {
    std::vector<std::string> parts;
    for (const Rule* rule : rules_) {
      if (rule->action == pack::Action::kDrop) parts.push_back(broken(*rule));
    }
    return parts.empty() ? "FALSE" : joined(parts, " OR ");
  }

  // The batch is not in every Silver table; Bronze knows it by the row's place and arrival.
  std::string batch() const {
    if (model_.column("_batch_id")) return column("_batch_id");
    const bool traced = model_.inputs.size() == 1 && model_.inputs[0].starts_with("bronze.") &&
                        model_.column("_source_file") && model_.column("_source_position") &&
                        model_.column("_ingestion_timestamp");
    if (!traced) return "CAST(NULL AS VARCHAR)";
    return "(SELECT MAX(arrived._batch_id) FROM " + model_.inputs[0] +
           " AS arrived WHERE arrived._source_file = rejected._source_file"
           " AND arrived._source_position = rejected._source_position"
           " AND arrived._ingestion_timestamp = rejected._ingestion_timestamp)";
  }

  // When the wait for a parent stops being normal: the shortest recheck among the broken rules.
  std::string overdue() const {
    std::vector<std::string> parts;
    for (const Rule* rule : rules_) {
      const auto* exists = std::get_if<pack::ExistsIn>(&rule->body);
      if (!exists || !exists->recheck) continue;
      parts.push_back("CASE WHEN " + broken(*rule) + " THEN " +
                      sql_timestamp(context_.now + *exists->recheck) + " END");
    }
    if (parts.empty()) return no_time();
    return parts.size() == 1 ? parts[0] : "LEAST(" + joined(parts, ", ") + ")";
  }

  const pack::Model& model_;
  const RejectContext context_;
  const std::string relation_;
  std::vector<const Rule*> rules_;
};

// Broken records as rows; one part, since there are few.
class BrokenRecords final : public engine::RowSource {
 public:
  explicit BrokenRecords(std::vector<bronze::BrokenRecord> records)
      : records_(std::move(records)) {}

  const std::vector<engine::SourceColumn>& columns() const override { return columns_; }
  std::size_t part_count() const override { return 1; }
  std::int64_t estimated_rows() const override {
    return static_cast<std::int64_t>(records_.size());
  }
  Result<std::unique_ptr<engine::PartScan>> scan(std::size_t) const override {
    return std::unique_ptr<engine::PartScan>(std::make_unique<Scan>(records_));
  }

 private:
  class Scan final : public engine::PartScan {
   public:
    explicit Scan(const std::vector<bronze::BrokenRecord>& records) : records_(records) {}
    Result<std::monostate> next(engine::Batch& batch) override {
      for (batch.rows = 0; batch.rows < engine::kBatchRows && at_ < records_.size(); ++at_) {
        const bronze::BrokenRecord& record = records_[at_];
        const std::size_t row = batch.rows++;
        put(batch.columns[0], row, record.file);
        if (batch.columns[1].wanted) batch.columns[1].longs[row] = record.position;
        put(batch.columns[2], row, record.reason);
        put(batch.columns[3], row, record.raw);
      }
      return std::monostate{};
    }

   private:
    static void put(engine::BatchColumn& column, std::size_t row, const std::string& text) {
      if (column.wanted) column.text[row] = text;
    }
    const std::vector<bronze::BrokenRecord>& records_;  // of the source, which outlives its scans
    std::size_t at_ = 0;
  };

  std::vector<bronze::BrokenRecord> records_;
  std::vector<engine::SourceColumn> columns_ = {{"source_file", engine::SourceType::kText},
                                                {"source_position", engine::SourceType::kLong},
                                                {"reason", engine::SourceType::kText},
                                                {"raw", engine::SourceType::kText}};
};

}  // namespace

delta::Schema quarantine_schema() {
  delta::Schema schema;
  for (const QuarantineColumn& column : kColumns) {
    const delta::PrimitiveType text{"string"};
    const bool list = std::string_view(column.delta_type) == "string[]";
    schema.fields.push_back(
        {column.name, list ? delta::DataType(delta::ArrayType{text})
                           : delta::DataType(delta::PrimitiveType{column.delta_type})});
  }
  return schema;
}

std::vector<std::string> quarantine_partition() { return {"table_name"}; }

std::string payload_value(const pack::ColumnDoc& column, std::string_view relation) {
  return fmt::format("TRY_CAST(json_extract_string({}{}payload, {}) AS {})", relation,
                     relation.empty() ? "" : ".", sql_string("$.\"" + column.name + "\""),
                     column.type);
}

bool is_nested(const pack::ColumnDoc& column) {
  return column.type.ends_with("]") || column.type.starts_with("STRUCT") ||
         column.type.starts_with("MAP");
}

std::string key_text(const pack::Model& model, std::string_view relation) {
  std::vector<std::string> parts;
  for (const std::string& name : model.header.key) {
    const pack::ColumnDoc* column = model.column(name);
    CHECK(column != nullptr, "a column of the key is one of the table");
    parts.push_back(fmt::format("CAST(CAST({}{}{} AS {}) AS VARCHAR)", relation,
                                relation.empty() ? "" : ".", sql_identifier(name), column->type));
  }
  if (parts.empty()) return "CAST(NULL AS VARCHAR)";
  return "(" + joined(parts, " || '|' || ") + ")";
}

std::string rejects_select(const pack::Model& model, std::string_view staged,
                           const RejectContext& context) {
  return RejectsSelect(model, context).build(staged);
}

std::string refused_identity(const pack::Model& model, std::string_view relation) {
  return RejectsSelect(model, {}, relation).identity();
}

std::string quarantine_merge_select(std::string_view table, std::string_view rejects,
                                    std::string_view quarantine, const RejectContext& context) {
  const std::string now = sql_timestamp(context.now);
  const std::string old_rows =
      "SELECT * FROM " + std::string(quarantine) + " WHERE table_name = " + sql_string(table);
  const std::string new_rows = rejects.empty() ? old_rows + " AND FALSE" : std::string(rejects);
  // A row that is refused again takes over what is new about it and keeps its history.
  std::string items;
  for (const QuarantineColumn& column : kColumns) {
    const std::string name = column.name;
    std::string sql =
        "CASE WHEN fresh.quarantine_id IS NULL THEN kept." + name + " ELSE fresh." + name + " END";
    if (name == "state") {
      const std::string in_by = context.waivers.empty()
                                    ? "'replayed'"
                                    : "CASE WHEN kept.quarantine_id IN (" +
                                          waived_ids_select(table, context.waivers) +
                                          ") THEN 'waived' ELSE 'replayed' END";
      sql =
          "CASE WHEN fresh.quarantine_id IS NOT NULL THEN fresh.state WHEN kept.state = 'replayed' "
          "THEN kept.state ELSE " +
          in_by + " END";
    } else if (name == "first_seen_at") {
      sql = "COALESCE(kept.first_seen_at, fresh.first_seen_at)";
    } else if (name == "resolved_at") {
      sql =
          "CASE WHEN fresh.quarantine_id IS NOT NULL THEN NULL WHEN kept.state IN "
          "('open', 'dropped') THEN " +
          now + " ELSE kept.resolved_at END";
    } else if (name == "overdue_at") {
      sql =
          "CASE WHEN fresh.quarantine_id IS NULL THEN kept.overdue_at ELSE "
          "COALESCE(kept.first_seen_at, fresh.first_seen_at) + (fresh.overdue_at - "
          "fresh.first_seen_at) END";
    }
    items += (items.empty() ? "" : ",\n  ") + sql + " AS " + name;
  }
  return "WITH fresh AS (\n" + new_rows + "\n), kept AS (" + old_rows + ")\nSELECT " + items +
         "\nFROM fresh FULL OUTER JOIN kept ON kept.quarantine_id = fresh.quarantine_id";
}

std::shared_ptr<const engine::RowSource> broken_records_source(
    std::vector<bronze::BrokenRecord> records) {
  return std::make_shared<BrokenRecords>(std::move(records));
}

std::string broken_records_select(std::string_view table, std::string_view records,
                                  std::string_view quarantine, const RejectContext& context) {
  const std::string now = sql_timestamp(context.now);
  const std::string identity =
      "md5(" + sql_string(table) +
      " || ' at ' || broken.source_file || '#' || "
      "CAST(broken.source_position AS VARCHAR) || ' holds ' || broken.raw)";
  return "SELECT DISTINCT ON (quarantine_id) " + identity + " AS quarantine_id,\n  " +
         sql_string(table) + " AS table_name, CAST(NULL AS VARCHAR) AS key,\n" +
         "  ['record_valid'] AS rules, broken.reason AS reason, 'quarantine' AS action,\n" +
         "  'open' AS state, broken.raw AS payload, broken.source_file AS source_file,\n" +
         "  broken.source_position AS source_position, CAST(NULL AS VARCHAR) AS batch_id,\n  " +
         sql_string(context.run_id) + " AS run_id, " + now + " AS first_seen_at, " + now +
         " AS last_seen_at,\n  " + no_time() + " AS resolved_at, " + no_time() +
         " AS overdue_at\nFROM " + std::string(records) +
         " AS broken\nWHERE NOT EXISTS (SELECT 1 FROM " + std::string(quarantine) +
         " AS kept WHERE kept.table_name = " + sql_string(table) +
         " AND kept.quarantine_id = " + identity + ")";
}

}  // namespace claimlake::quality
