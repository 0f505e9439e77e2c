#pragma once

#include <string>
#include <string_view>

#include "delta/log_json.h"
#include "delta/parquet_io.h"
#include "store/store.h"

namespace claimlake::delta {

// A ParquetIo that keeps checkpoints as JSON lines, so that the protocol is tested without an
// engine. What is no such file is kCorrupt, as a broken Parquet file would be.
class JsonParquetIo final : public ParquetIo {
 public:
  explicit JsonParquetIo(store::Store& store) : store_(store) {}  // outlives this

  Done read_checkpoint(std::string_view path, CheckpointRows rows,
                       const CheckpointSink& sink) override {
    TRY(std::string bytes, store_.read(path));
    TRY(auto actions, parse_commit(bytes, path));
    CheckpointBatch batch;
    for (Action& action : actions) {
      if (auto* add = std::get_if<AddFile>(&action)) {
        if (rows.add) batch.adds.push_back(std::move(*add));
      } else if (std::holds_alternative<Sidecar>(action) ||
                 (std::holds_alternative<RemoveFile>(action) ? rows.remove : rows.small)) {
        batch.others.push_back(std::move(action));
      }
    }
    return sink(std::move(batch));
  }

  Result<std::int64_t> write_checkpoint(std::string_view path,
                                        const CheckpointContent& content) override {
    std::string bytes;
    for (const Action& action : content.small) append_line(action, bytes);
    for (const AddFile& add : content.adds) append_line(Action(add), bytes);
    for (const RemoveFile& remove : content.removes) append_line(Action(remove), bytes);
    TRY_DONE(store_.put(path, bytes));
    return static_cast<std::int64_t>(bytes.size());
  }

 private:
  store::Store& store_;
};

}  // namespace claimlake::delta
