#include "bronze/raw_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace claimlake::bronze {
namespace {

// "DECIMAL(18,2)" -> 18 and 2.
bool read_decimal(std::string_view type, RawColumn& column) {
  constexpr std::string_view kPrefix = "DECIMAL(";
  if (!type.starts_with(kPrefix) || !type.ends_with(')')) return false;
  const char* at = type.data() + kPrefix.size();
  const char* end = type.data() + type.size() - 1;
  const auto precision = std::from_chars(at, end, column.precision);
  if (precision.ec != std::errc() || precision.ptr == end || *precision.ptr != ',') return false;
  const auto scale = std::from_chars(precision.ptr + 1, end, column.scale);
  return scale.ec == std::errc() && scale.ptr == end;
}

}  // namespace

Result<RawSchema> raw_schema(const BronzeSource& source) {
  static const std::map<std::string_view, RawType> types = {
      {"VARCHAR", RawType::kText},
      {"BOOLEAN", RawType::kBool},
      {"INTEGER", RawType::kInteger},
      {"BIGINT", RawType::kLong},
      {"DOUBLE", RawType::kDouble},
      {"DATE", RawType::kDate},
      {"TIMESTAMP WITH TIME ZONE", RawType::kTimestamp}};
  RawSchema schema;
  for (const engine::ColumnInfo& declared : source.columns) {
    RawColumn column;
    column.name = declared.name;
    column.required = std::find(source.required.begin(), source.required.end(), declared.name) !=
                      source.required.end();
    const auto type = types.find(declared.type);
    if (type != types.end()) {
      column.type = type->second;
    } else if (read_decimal(declared.type, column)) {
      column.type = RawType::kDecimal;
    } else {
      return Error{
          Fault::kInvalidInput,
          fmt::format("Raw files cannot hold type {} of column {}", declared.type, declared.name),
          "source " + source.name, "see docs/formats/model.md, Sources"};
    }
    schema.columns.push_back(std::move(column));
  }
  return schema;
}

// Ends a scan where going on is of no use.
class RawBatch::Scan final : public engine::PartScan {
 public:
  // `batch` outlives this, as the engine holds the source while it scans.
  Scan(const RawBatch& batch, std::unique_ptr<engine::PartScan> inner)
      : batch_(batch), inner_(std::move(inner)) {}

  Done next(engine::Batch& rows) override {
    if (batch_.cancel_.cancelled()) return Error{Fault::kCancelled, "Stopped while reading"};
    if (auto error = batch_.too_broken()) return *std::move(error);
    return inner_->next(rows);
  }

 private:
  const RawBatch& batch_;
  const std::unique_ptr<engine::PartScan> inner_;
};

RawBatch::RawBatch(RawSchema schema, Arrival arrival, Cancel cancel)
    : schema_(std::move(schema)),
      arrival_(std::move(arrival)),
      cancel_(std::move(cancel)),
      broken_(std::make_shared<Guarded<Broken>>(Broken{{}, {}, kBrokenBytesMax})) {}

Done RawBatch::add(const store::Store& store, const RawFile& file) {
  TRY(std::shared_ptr<const store::Reader> reader, store.open(file.path));
  RawInput input{std::move(reader), file.name, arrival_.batch_id, arrival_.at};
  RawOptions options;
  options.on_broken = [broken = broken_, name = file.name](UnreadableRecord record) {
    const auto bytes = static_cast<std::int64_t>(sizeof(BrokenRecord) + name.size() +
                                                 record.reason.size() + record.payload.size());
    broken->with([&](Broken& all) {
      all.bytes[name] += bytes;
      all.bytes_left -= bytes;
      if (all.bytes_left < 0) return;
      all.records.push_back(
          {name, record.position, std::move(record.reason), std::move(record.payload)});
    });
  };
  const std::string lower = to_lower(file.name);
  Result<std::unique_ptr<engine::RowSource>> opened =
      Error{Fault::kInvalidInput, "A raw file ends in .csv, .json or .jsonl", file.name};
  if (lower.ends_with(".csv")) {
    opened = open_raw_csv(schema_, std::move(input), std::move(options));
  } else if (lower.ends_with(".json") || lower.ends_with(".jsonl")) {
    opened = open_raw_json(schema_, std::move(input), std::move(options));
  }
  TRY(auto rows, std::move(opened));
  for (std::size_t part = 0; part < rows->part_count(); ++part)
    parts_.push_back({rows.get(), part});
  files_.push_back(std::move(rows));
  return done();
}

std::vector<BrokenRecord> RawBatch::take_broken() {
  auto broken = broken_->with([](Broken& all) { return std::exchange(all.records, {}); });
  const auto place = [](const BrokenRecord& record) {
    return std::tie(record.file, record.position);
  };
  std::sort(broken.begin(), broken.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  // A source that was scanned twice met them twice.
  broken.erase(std::unique(broken.begin(), broken.end(),
                           [&](const auto& a, const auto& b) { return place(a) == place(b); }),
               broken.end());
  return broken;
}

std::optional<Error> RawBatch::too_broken() const {
  return broken_->with([](const Broken& all) -> std::optional<Error> {
    if (all.bytes_left >= 0) return std::nullopt;
    const auto most = std::max_element(all.bytes.begin(), all.bytes.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    const auto first =
        std::find_if(all.records.begin(), all.records.end(),
                     [&](const BrokenRecord& record) { return record.file == most->first; });
    return Error{Fault::kInvalidInput,
                 fmt::format("Too many records of the file are broken, such as: {}",
                             first == all.records.end() ? "" : first->reason),
                 most->first,
                 "nothing of it was taken in; see whether it has the format that its name says"};
  });
}

const std::vector<engine::SourceColumn>& RawBatch::columns() const {
  CHECK(!files_.empty(), "a batch without files has no rows to read");
  return files_.front()->columns();
}

Result<std::unique_ptr<engine::PartScan>> RawBatch::scan(std::size_t part) const {
  TRY(auto scan, parts_[part].source->scan(parts_[part].index));
  return std::unique_ptr<engine::PartScan>(std::make_unique<Scan>(*this, std::move(scan)));
}

std::int64_t RawBatch::estimated_rows() const {
  std::int64_t sum = 0;
  for (const auto& file : files_) sum += file->estimated_rows();
  return sum;
}

}  // namespace claimlake::bronze
