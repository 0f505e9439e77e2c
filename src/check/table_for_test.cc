#include "check/table_for_test.h"

#include "delta/parquet_io.h"

namespace claimlake::check {
namespace {

// What the protocol's text says of the file of a deletion vector, worked out by hand: version 1,
// then for row 2 alone: the magic number 1681511377, one bitmap of key 0, the cookie 12346, one
// container of key 0 with one value, which stands at byte 16 of the bitmap, the value 2.
constexpr unsigned char kVectorData[] = {
    0xd1, 0xd3, 0x39, 0x64,                           // magic number
    1,    0,    0,    0,    0,  0, 0, 0, 0, 0, 0, 0,  // one bitmap, and its key
    0x3a, 0x30, 0,    0,    1,  0, 0, 0,              // cookie, one container
    0,    0,    0,    0,    16, 0, 0, 0, 2, 0};       // key 0, one value; offset; the value

// Worked out with another implementation of CRC-32.
constexpr const char* kVectorCrc = "\xc5\x90\xd6\x37";

constexpr const char* kProtocol =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,)"
    R"("readerFeatures":["columnMapping","deletionVectors","v2Checkpoint"],)"
    R"("writerFeatures":["columnMapping","deletionVectors","v2Checkpoint","domainMetadata",)"
    R"("rowTracking","inCommitTimestamp","changeDataFeed","appendOnly"]}})";
constexpr const char* kMetadata =
    R"({"metaData":{"id":"5fba94ed-9794-4965-ba6e-6ee3c0d22af9",)"
    R"("format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",)"
    R"(\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":)"
    R"({\"delta.columnMapping.id\":1,\"delta.columnMapping.physicalName\":\"p1\"}},)"
    R"({\"name\":\"name\",\"type\":\"string\",\"nullable\":true,\"metadata\":)"
    R"({\"delta.columnMapping.id\":2,\"delta.columnMapping.physicalName\":\"p2\"}},)"
    R"({\"name\":\"day\",\"type\":\"date\",\"nullable\":true,\"metadata\":)"
    R"({\"delta.columnMapping.id\":3,\"delta.columnMapping.physicalName\":\"p3\"}}]}",)"
    R"("partitionColumns":["day"],"configuration":{"delta.columnMapping.mode":"name",)"
    R"("delta.columnMapping.maxColumnId":"3","delta.enableDeletionVectors":"true",)"
    R"("delta.enableRowTracking":"true","delta.enableInCommitTimestamps":"true",)"
    R"("delta.enableChangeDataFeed":"true"}}})";
constexpr const char* kDomain = R"({"domainMetadata":{"domain":"delta.rowTracking",)"
                                R"("configuration":"{\"rowIdHighWaterMark\":6}","removed":false}})";
constexpr const char* kStatsOfA =
    R"("stats":"{\"numRecords\":4,\"minValues\":{\"p1\":1,\"p2\":\"a\"},)"
    R"(\"maxValues\":{\"p1\":4,\"p2\":\"c\"},\"nullCount\":{\"p1\":0,\"p2\":1}TIGHT}")";
constexpr const char* kStatsOfB =
    R"("stats":"{\"numRecords\":3,\"minValues\":{\"p1\":5,\"p2\":\"x\"},)"
    R"(\"maxValues\":{\"p1\":7,\"p2\":\"z\"},\"nullCount\":{\"p1\":0,\"p2\":0}}")";
constexpr const char* kVector =
    R"("deletionVector":{"storageType":"u","pathOrInlineDv":"VECTOR","offset":1,)"
    R"("sizeInBytes":34,"cardinality":1})";
// d2c639aa-8816-431a-aaf6-d3fe2512ff61, as the protocol's example has it.
constexpr const char* kVectorName = "^-aqEH.-t@S}K{vb[*k^";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string info_line(int version) {
  return fmt::format(
      R"({{"commitInfo":{{"inCommitTimestamp":{},"timestamp":1,"operation":"WRITE"}}}})",
      1000 + version);
}

}  // namespace

std::string TableTest::vector_data(int row) {
  std::string out(reinterpret_cast<const char*>(kVectorData), sizeof(kVectorData));
  out[out.size() - 2] = static_cast<char>(row);
  return out;
}

std::string TableTest::add(const std::string& name, const std::string& more) const {
  return fmt::format(
      R"({{"add":{{"path":"{}","size":{},"modificationTime":1000,"dataChange":true,{}}}}})", name,
      size_of(name), more);
}

void TableTest::write_data() {
  sql("COPY (SELECT * FROM (VALUES (1::BIGINT, 'a'), (2, NULL), (3, 'c'), (4, 'b')) t(p1, p2)) "
      "TO 'lake://t/a.parquet' (FORMAT parquet)");
  sql("COPY (SELECT * FROM (VALUES (5::BIGINT, 'x'), (6, 'y'), (7, 'z')) t(p1, p2)) "
      "TO 'lake://t/b.parquet' (FORMAT parquet)");
  sql("COPY (SELECT 3::BIGINT AS p1, 'c' AS p2, 'delete' AS _change_type) "
      "TO 'lake://t/_change_data/c.parquet' (FORMAT parquet)");
  // One byte of version, and the size of the data, 34, in four.
  std::string file("\1\0\0\0\42", 5);
  put(kVectorFile, file + vector_data(2) + kVectorCrc);
}

void TableTest::write_log() {
  const std::string of_a = R"("partitionValues":{"p3":"2026-01-01"},"baseRowId":0,)"
                           R"("defaultRowCommitVersion":1,)";
  const std::string of_b = R"("partitionValues":{"p3":null},"baseRowId":4,)"
                           R"("defaultRowCommitVersion":1,)";
  const std::string a = add("a.parquet", of_a + with(kStatsOfA, "TIGHT", ""));
  const std::string vector = with(kVector, "VECTOR", kVectorName);
  const std::string a_less =
      add("a.parquet", of_a + with(kStatsOfA, "TIGHT", R"(,\"tightBounds\":false)") + "," + vector);
  const std::string b = add("b.parquet", of_b + kStatsOfB);
  const std::string txn = R"({"txn":{"appId":"app","version":7}})";
  put(entry(0), info_line(0) + "\n" + kProtocol + "\n" + kMetadata + "\n");
  put(entry(1), info_line(1) + "\n" + a + "\n" + b + "\n" + kDomain + "\n" + txn + "\n");
  put(entry(2),
      info_line(2) + "\n" +
          R"({"remove":{"path":"a.parquet","deletionTimestamp":1002,"dataChange":true}})" + "\n" +
          a_less + "\n" +
          fmt::format(R"({{"cdc":{{"path":"_change_data/c.parquet","partitionValues":)"
                      R"({{"p3":"2026-01-01"}},"size":{},"dataChange":false}}}})",
                      size_of("_change_data/c.parquet")) +
          "\n");
  put(entry(3), info_line(3) + "\n" + with(txn, "7", "8") + "\n");
  put(json_checkpoint(1), std::string(R"({"checkpointMetadata":{"version":1}})") + "\n" +
                              kProtocol + "\n" + kMetadata + "\n" + a + "\n" + b + "\n" + kDomain +
                              "\n" + txn + "\n");
  put(json_checkpoint(3),
      std::string(R"({"checkpointMetadata":{"version":3}})") + "\n" + kProtocol + "\n" + kMetadata +
          "\n" + kDomain + "\n" + with(txn, "7", "8") + "\n" +
          R"({"sidecar":{"path":"s.parquet","sizeInBytes":SIZE,"modificationTime":1}})" + "\n");
  const auto body = [](const char* line, const char* kind) {
    return (*parse_json(line))[kind].dump();
  };
  put(checksum(2),
      fmt::format(R"({{"tableSizeBytes":{},"numFiles":2,"numMetadata":1,"numProtocol":1,)"
                  R"("numDeletionVectorsOpt":1,"numDeletedRecordsOpt":1,)"
                  R"("inCommitTimestampOpt":1002,"setTransactions":[{}],"domainMetadata":[{}],)"
                  R"("allFiles":[{},{}],"metadata":{},"protocol":{}}})",
                  size_of("a.parquet") + size_of("b.parquet"), body(txn.c_str(), "txn"),
                  body(kDomain, "domainMetadata"), body(a_less.c_str(), "add"),
                  body(b.c_str(), "add"), body(kMetadata, "metaData"),
                  body(kProtocol, "protocol")));
}

// Parquet is written by the engine; what it must hold is what the log says.
void TableTest::write_checkpoints() {
  const auto parquet = [&](const std::string& columns, const std::string& path) {
    sql(fmt::format("COPY (SELECT {} FROM ({}) rows) TO 'lake://{}' (FORMAT parquet)", "*", columns,
                    path));
  };
  const std::string vector = fmt::format(
      "{{storageType: 'u', pathOrInlineDv: '{}', \"offset\": 1, sizeInBytes: 34, "
      "cardinality: 1::BIGINT}}",
      kVectorName);
  const auto file = [&](const std::string& name, const std::string& day, int base,
                        const std::string& its_vector) {
    return fmt::format(
        "{{path: '{}', partitionValues: MAP {{'p3': {}}}, size: {}::BIGINT, "
        "modificationTime: 1000::BIGINT, dataChange: false, baseRowId: {}::BIGINT, "
        "defaultRowCommitVersion: 1::BIGINT, deletionVector: {}}}",
        name, day, size_of(name), base, its_vector);
  };
  const std::string adds =
      fmt::format("SELECT unnest([{}, {}]) AS add", file("a.parquet", "'2026-01-01'", 0, vector),
                  file("b.parquet", "NULL::VARCHAR", 4, "NULL"));
  parquet(adds, kSidecar);
  edit(json_checkpoint(3), "SIZE", std::to_string(store_.head(kSidecar)->size));
  const Json protocol = (*parse_json(kProtocol))["protocol"];
  const Json metadata = (*parse_json(kMetadata))["metaData"];
  const auto list = [](const Json& texts) {
    std::string out;
    for (const Json& one : texts) {
      out += (out.empty() ? "'" : ", '") + one.get<std::string>() + "'";
    }
    return "[" + out + "]";
  };
  std::string settings;
  for (const auto& [key, value] : metadata["configuration"].items()) {
    settings +=
        fmt::format("{}'{}': '{}'", settings.empty() ? "" : ", ", key, value.get<std::string>());
  }
  const std::string rest = fmt::format(
      "SELECT NULL AS add, {{minReaderVersion: 3, minWriterVersion: 7, readerFeatures: {}, "
      "writerFeatures: {}}} AS protocol, NULL AS metaData, NULL AS txn, NULL AS domainMetadata "
      "UNION ALL BY NAME SELECT {{id: '{}', format: {{provider: 'parquet'}}, schemaString: '{}', "
      "partitionColumns: ['day'], configuration: MAP {{{}}}}} AS metaData "
      "UNION ALL BY NAME SELECT {{appId: 'app', version: 8::BIGINT}} AS txn "
      "UNION ALL BY NAME SELECT {{domain: 'delta.rowTracking', configuration: "
      "'{{\"rowIdHighWaterMark\":6}}', removed: false}} AS domainMetadata "
      "UNION ALL BY NAME {}",
      list(protocol["readerFeatures"]), list(protocol["writerFeatures"]),
      metadata["id"].get<std::string>(), metadata["schemaString"].get<std::string>(), settings,
      adds);
  parquet(rest, classic_checkpoint(3));
  put(kLast, R"({"version":3,"size":6})");
}

}  // namespace claimlake::check
