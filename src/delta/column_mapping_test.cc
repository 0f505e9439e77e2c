#include "delta/column_mapping.h"

#include <gtest/gtest.h>

namespace claimlake::delta {
namespace {

// The column of the example in PROTOCOL.md, "Column Mapping".
Field mapped_field() {
  return {"e",
          DataType(PrimitiveType{"integer"}),
          true,
          {{"delta.columnMapping.id", "5"},
           {"delta.columnMapping.physicalName", "\"col-a7f4159c-53be-4cb0-b81a-f7e5240cfc49\""}}};
}

Metadata metadata(const char* mode) {
  Metadata out;
  out.configuration["delta.columnMapping.mode"] = mode;
  return out;
}

TEST(ColumnMapping, is_off_unless_the_protocol_lets_the_property_count) {
  const Protocol old{1, 2, {}, {}};
  const Protocol legacy{2, 5, {}, {}};
  const Protocol without{3, 7, {"deletionVectors"}, {"deletionVectors"}};
  const Protocol with{3, 7, {"columnMapping"}, {"columnMapping"}};

  EXPECT_EQ(column_mapping(old, metadata("name")), ColumnMapping::kNone);
  EXPECT_EQ(column_mapping(without, metadata("id")), ColumnMapping::kNone);
  EXPECT_EQ(column_mapping(legacy, metadata("name")), ColumnMapping::kName);
  EXPECT_EQ(column_mapping(with, metadata("id")), ColumnMapping::kId);
  EXPECT_EQ(column_mapping(with, metadata("none")), ColumnMapping::kNone);
  EXPECT_EQ(column_mapping(with, Metadata{}), ColumnMapping::kNone);
}

TEST(ColumnMapping, a_field_has_its_physical_name_only_where_names_are_mapped) {
  EXPECT_EQ(physical_name(mapped_field(), ColumnMapping::kNone), "e");
  EXPECT_EQ(physical_name(mapped_field(), ColumnMapping::kName),
            "col-a7f4159c-53be-4cb0-b81a-f7e5240cfc49");
  EXPECT_EQ(physical_name(mapped_field(), ColumnMapping::kId),
            "col-a7f4159c-53be-4cb0-b81a-f7e5240cfc49");
  EXPECT_EQ(field_id(mapped_field()), 5);
}

TEST(ColumnMapping, damaged_field_metadata_falls_back_to_the_name_and_no_id) {
  Field field = mapped_field();
  field.metadata = {{"delta.columnMapping.id", "\"five\""},
                    {"delta.columnMapping.physicalName", "7"}};

  EXPECT_EQ(physical_name(field, ColumnMapping::kName), "e");
  EXPECT_EQ(field_id(field), std::nullopt);
}

}  // namespace
}  // namespace claimlake::delta
