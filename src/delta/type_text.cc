#include "delta/type_text.h"

#include <cctype>
#include <map>

#include "base/text.h"

namespace claimlake::delta {
namespace {

constexpr int kDepthLimit = 100;

const std::map<std::string, std::string, std::less<>>& names() {
  static const std::map<std::string, std::string, std::less<>> kNames = {
      {"bigint", "long"},
      {"long", "long"},
      {"int", "integer"},
      {"integer", "integer"},
      {"smallint", "short"},
      {"short", "short"},
      {"tinyint", "byte"},
      {"byte", "byte"},
      {"string", "string"},
      {"text", "string"},
      {"varchar", "string"},
      {"char", "string"},
      {"double", "double"},
      {"float", "float"},
      {"real", "float"},
      {"boolean", "boolean"},
      {"bool", "boolean"},
      {"binary", "binary"},
      {"blob", "binary"},
      {"date", "date"},
      {"timestamp", "timestamp"},
      {"timestamptz", "timestamp"},
      {"timestamp_ltz", "timestamp"},
      {"timestamp_ntz", "timestamp_ntz"}};
  return kNames;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<DataType> type(int depth) {
    if (depth > kDepthLimit) return wrong();
    const std::string name = to_lower(word());
    if (name == "array") return array(depth);
    if (name == "map") return map(depth);
    if (name == "struct") return structure(depth);
    if (name == "decimal" || name == "numeric" || name == "dec") return decimal();
    const auto found = names().find(name);
    if (found == names().end()) return wrong();
    if (found->second == "string" && take('(')) {
      word();
      if (!take(')')) return wrong();
    }
    return DataType(PrimitiveType{found->second});
  }
  bool at_end() {
    blanks();
    return at_ == text_.size();
  }
  Error wrong() const {
    return {Fault::kInvalidInput, "this is not a type: " + std::string(text_), "",
            "use BIGINT, INT, STRING, DECIMAL(p,s), DOUBLE, BOOLEAN, DATE, TIMESTAMP, ARRAY<...>, "
            "MAP<...> or STRUCT<...>"};
  }

 private:
  void blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char sign) {
    blanks();
    if (at_ == text_.size() || text_[at_] != sign) return false;
    ++at_;
    return true;
  }
  std::string word() {
    blanks();
    if (at_ < text_.size() && text_[at_] == '`') {
      const auto close = text_.find('`', at_ + 1);
      if (close == std::string_view::npos) return "";
      std::string out(text_.substr(at_ + 1, close - at_ - 1));
      at_ = close + 1;
      return out;
    }
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }

  Result<DataType> array(int depth) {
    if (!take('<')) return wrong();
    TRY(DataType element, type(depth + 1));
    if (!take('>')) return wrong();
    return DataType(ArrayType{std::move(element)});
  }
  Result<DataType> map(int depth) {
    if (!take('<')) return wrong();
    TRY(DataType key, type(depth + 1));
    if (!take(',')) return wrong();
    TRY(DataType value, type(depth + 1));
    if (!take('>')) return wrong();
    return DataType(MapType{std::move(key), std::move(value)});
  }
  Result<DataType> structure(int depth) {
    if (!take('<')) return wrong();
    StructType out;
    do {
      std::string name = word();
      if (name.empty()) return wrong();
      (void)take(':');
      TRY(DataType inner, type(depth + 1));
      Field field{std::move(name), std::move(inner)};
      const std::size_t before = at_;
      if (to_lower(word()) == "not" && to_lower(word()) == "null") {
        field.nullable = false;
      } else {
        at_ = before;
      }
      out.fields.push_back(std::move(field));
    } while (take(','));
    if (!take('>')) return wrong();
    return DataType(std::move(out));
  }
  Result<DataType> decimal() {
    std::string width = "10";
    std::string scale = "0";
    if (take('(')) {
      width = word();
      if (take(',')) scale = word();
      if (!take(')')) return wrong();
    }
    // The schema's own reader knows the limits.
    const std::string name = "decimal(" + width + "," + scale + ")";
    auto schema = parse_schema(R"({"type":"struct","fields":[{"name":"d","type":")" + name +
                               R"(","nullable":true,"metadata":{}}]})");
    if (!schema) return wrong();
    return schema->fields[0].type;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<DataType> parse_type_text(std::string_view text) {
  Reader reader(text);
  TRY(DataType type, reader.type(0));
  if (!reader.at_end()) return reader.wrong();
  return type;
}

}  // namespace claimlake::delta
