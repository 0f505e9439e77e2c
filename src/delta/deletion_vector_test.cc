#include "delta/deletion_vector.h"

#include <gmock/gmock.h>

#include "store/memory_store.h"

namespace claimlake::delta {
namespace {

using testing::HasSubstr;

class DeletionVectorTest : public testing::Test {
 public:
  // The file that Spark wrote for the golden table table-with-dv-small: rows 0 and 9.
  static std::string spark_file() {
    return std::string(
        "\x01\x00\x00\x00\x24\xD1\xD3\x39\x64\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x3A\x30\x00\x00\x01\x00\x00\x00\x00\x00\x01\x00\x10\x00\x00\x00\x00\x00\x09\x00"
        "\x2A\x67\x18\x46",
        45);
  }
  store::MemoryStore store_;
  SeededRandom random_{1};
};

// The derived fields of the protocol's first and second example.
TEST_F(DeletionVectorTest, file_names_are_those_of_the_protocol) {
  const DeletionVector relative{"u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6};
  const DeletionVector absolute{"p", "memory:/t/deletion_vector_x.bin", 4, 40, 6};

  EXPECT_EQ(*deletion_vector_path(relative, "t", "memory:"),
            "t/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  EXPECT_EQ(*deletion_vector_path(absolute, "t", "memory:"), "t/deletion_vector_x.bin");
  EXPECT_EQ(*deletion_vector_path({"i", "0rr91", {}, 4, 1}, "t", "memory:"), "");
}

TEST_F(DeletionVectorTest, a_name_that_is_none_is_refused) {
  for (const DeletionVector& vector : {DeletionVector{"u", "short", 1, 34, 1},
                                       DeletionVector{"u", "\"^-aqEH.-t@S}K{vb[*k", 1, 34, 1},
                                       DeletionVector{"x", "ab^-aqEH.-t@S}K{vb[*k^", 1, 34, 1}}) {
    EXPECT_EQ(read_deletion_vector(store_, "t", vector).error().fault, Fault::kCorrupt);
  }
  EXPECT_THAT(
      deletion_vector_path({"p", "s3://other/v.bin", 1, 34, 1}, "t", "memory:").error().message,
      HasSubstr("outside this lake"));
}

TEST_F(DeletionVectorTest, several_vectors_share_one_file) {
  RowSet few;
  few.add(0);
  few.add(9);
  RowSet many;
  many.add_range(100, 100'000);
  DeletionVectorFile file("silver/t", random_);

  const DeletionVector first = file.add(few);
  const DeletionVector second = file.add(many);
  ASSERT_TRUE(file.write(store_));

  EXPECT_EQ(first.offset, 1);
  EXPECT_EQ(first.cardinality, 2);
  EXPECT_EQ(second.cardinality, 100'000);
  EXPECT_NE(first.unique_id(), second.unique_id());
  EXPECT_THAT(file.path(), HasSubstr("silver/t/deletion_vector_"));
  EXPECT_EQ(*read_deletion_vector(store_, "silver/t", first), few);
  EXPECT_EQ(*read_deletion_vector(store_, "silver/t", second), many);
}

TEST_F(DeletionVectorTest, damage_is_found_and_named) {
  RowSet rows;
  rows.add_range(10, 20);
  DeletionVectorFile file("t", random_);
  const DeletionVector vector = file.add(rows);
  ASSERT_TRUE(file.write(store_));
  const std::string bytes = *store_.read(file.path());

  EXPECT_EQ(read_deletion_vector(store_, "u", vector).error().fault, Fault::kNotFound);
  DeletionVector other = vector;
  other.cardinality = 21;
  EXPECT_THAT(read_deletion_vector(store_, "t", other).error().message,
              HasSubstr("it has 20 rows and the log says 21"));
  other = vector;
  other.size_in_bytes -= 1;
  EXPECT_THAT(read_deletion_vector(store_, "t", other).error().message,
              HasSubstr("another size than the log"));
  ASSERT_TRUE(store_.put(file.path(), bytes.substr(0, bytes.size() - 1)));
  EXPECT_THAT(read_deletion_vector(store_, "t", vector).error().message, HasSubstr("cut short"));
  for (std::size_t i = 5; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(store_.put(file.path(), damaged));
    const auto read = read_deletion_vector(store_, "t", vector);
    ASSERT_FALSE(read) << i;
    EXPECT_THAT(read.error().message, HasSubstr("checksum is wrong"));
    EXPECT_EQ(read.error().where, file.path());
  }
}

// The descriptor and the rows stand in that table's log: its predicate is "value IN (0, 9)".
TEST_F(DeletionVectorTest, reads_the_file_that_spark_wrote) {
  const DeletionVector vector{"u", "vBn[lx{q8@P<9BNH/isA", 1, 36, 2};
  const std::string path = *deletion_vector_path(vector, "", "memory:");
  EXPECT_EQ(path, "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin");
  ASSERT_TRUE(store_.put(path, spark_file()));

  const auto rows = read_deletion_vector(store_, "", vector);

  ASSERT_TRUE(rows) << rows.error().text();
  RowSet expected;
  expected.add(0);
  expected.add(9);
  EXPECT_EQ(*rows, expected);
}

}  // namespace
}  // namespace claimlake::delta
