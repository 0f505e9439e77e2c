#include "refresh/bronze_source.h"

#include "refresh/publish.h"

namespace claimlake::refresh {
std::vector<engine::ColumnInfo> columns_of(const std::vector<pack::ColumnDoc>& docs) {
  std::vector<engine::ColumnInfo> columns;
  for (const pack::ColumnDoc& doc : docs) columns.push_back({doc.name, doc.type});
  return columns;
}

bronze::BronzeSource bronze_source(const pack::Pack& pack, const pack::Source& source) {
  // The Bronze model that takes the rows of `source`; load_pack has made sure that it is there.
  const pack::Model* model = pack.model(source.table);
  CHECK(model != nullptr, source.table);
  bronze::BronzeSource made;
  made.name = source.name;
  made.table = name_of(*model);
  made.patterns = source.files;
  made.required = source.required;
  made.columns = columns_of(source.columns);
  made.select = model->sql;
  for (const pack::ColumnDoc& column : source.columns) made.column_docs[column.name] = column.doc;
  made.column_tags = pack::tags_by_column(*model);
  return made;
}

}  // namespace claimlake::refresh
