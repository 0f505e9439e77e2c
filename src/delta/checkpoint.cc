// Writes the checkpoint of one version: a classic file, or one of the v2 form, whose files stand in
// sidecars where they are many.
#include <algorithm>

#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/json_writer.h"
#include "delta/log.h"
#include "delta/log_cleanup.h"
#include "delta/log_reader.h"
#include "delta/properties.h"
#include "delta/snapshot_impl.h"

namespace claimlake::delta {
namespace {

// So many files, or removed ones, stand in one sidecar, and in the checkpoint itself if there are
// no more: then it is read in one go.
constexpr std::size_t kFilesPerSidecar = 50'000;
// Every tenth checkpoint of the v2 form has a classic name, under which those who do not know the
// form find it, and with it the protocol that turns them away.
constexpr LogVersion kCheckpointsPerClassicName = 10;

std::int64_t to_ms(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// The columns of `type` by their physical names, until `left` columns without fields were taken.
StructType physical_part(const StructType& type, ColumnMapping mapping, int& left) {
  StructType out;
  for (const Field& field : type.fields) {
    if (left <= 0) break;
    const std::string name = physical_name(field, mapping);
    if (const auto* inner = field.type.as_struct()) {
      StructType part = physical_part(*inner, mapping, left);
      if (!part.fields.empty()) out.fields.push_back({name, std::move(part)});
    } else {
      out.fields.push_back({name, field.type});
      --left;
    }
  }
  return out;
}

TypedColumns typed_columns(const TableState& state, const TableProperties& properties) {
  const Metadata& metadata = *state.metadata;
  const ColumnMapping mapping = column_mapping(*state.protocol, metadata);
  TypedColumns out;
  Schema rest;
  for (const Field& field : state.schema->fields) {
    const auto& partitions = metadata.partition_columns;
    const bool partitioned =
        std::find(partitions.begin(), partitions.end(), field.name) != partitions.end();
    if (partitioned) {
      out.partitions.fields.push_back({physical_name(field, mapping), field.type});
    } else {
      rest.fields.push_back(field);
    }
  }
  constexpr int kAll = 10'000;  // more typed columns than that serve nobody
  int left = properties.stats_columns < 0 ? kAll : std::min(properties.stats_columns, kAll);
  out.stats = physical_part(rest, mapping, left);
  return out;
}

std::vector<Action> small_actions(const SnapshotImpl& snapshot) {
  const TableState& state = snapshot.state();
  std::vector<Action> out;
  out.emplace_back(*state.protocol);
  out.emplace_back(*state.metadata);
  state.txns.for_each([&](const Txn& txn) {
    if (snapshot.keeps(txn)) out.emplace_back(txn);
  });
  if (state.domains) {
    for (const auto& [name, domain] : *state.domains) out.emplace_back(domain);
  }
  return out;
}

// Writes the files of one checkpoint and counts what they hold.
class CheckpointWriter {
 public:
  CheckpointWriter(const LogContext& context, const std::string& table_path, LogVersion version)
      : context_(context), table_path_(table_path), version_(version) {}

  Done classic(const CheckpointContent& content) {
    return whole(checkpoint_name(version_), content);
  }

  // Sidecars come first: a checkpoint is there only when all that it names is there.
  Done v2(CheckpointContent content, int interval) {
    adds_ = content.adds.size();
    std::vector<Action> small = {CheckpointMetadata{version_}};
    std::move(content.small.begin(), content.small.end(), std::back_inserter(small));
    content.small.clear();
    if (content.adds.size() + content.removes.size() > kFilesPerSidecar) {
      TRY_DONE(sidecars(content, small));
    }
    content.small = std::move(small);
    const bool classic_name = version_ % (kCheckpointsPerClassicName * interval) == 0;
    TRY_DONE(whole(classic_name ? checkpoint_name(version_)
                                : checkpoint_name(version_, uuid4(context_.random)),
                   content));
    is_v2_ = true;
    return done();
  }

  Done hint() const {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("version").number(version_);
    json.key("size").number(static_cast<std::int64_t>(actions_));
    json.key("sizeInBytes").number(bytes_);
    json.key("numOfAddFiles").number(static_cast<std::int64_t>(adds_));
    if (is_v2_) {
      json.key("v2Checkpoint").open_object().key("path").text(name_);
      json.key("sizeInBytes").number(own_bytes_);
      json.key("modificationTime").number(to_ms(context_.clock.now())).close_object();
    }
    json.close_object();
    return context_.store.put(log_folder(table_path_) + "/_last_checkpoint", text);
  }

 private:
  Done whole(const std::string& name, const CheckpointContent& content) {
    adds_ = std::max(adds_, content.adds.size());
    name_ = name;
    TRY(own_bytes_, write(log_folder(table_path_) + "/" + name, content));
    return done();
  }

  // Moves the files of `content` into sidecars, and adds to `small` what names those.
  Done sidecars(CheckpointContent& content, std::vector<Action>& small) {
    CheckpointContent part = content;
    const std::size_t adds = content.adds.size();
    const std::size_t all = adds + content.removes.size();
    for (std::size_t first = 0; first < all; first += kFilesPerSidecar) {
      const std::size_t end = std::min(first + kFilesPerSidecar, all);
      const std::size_t from = std::min(first, adds);
      part.adds = content.adds.part(from, std::min(end, adds) - from);
      const std::size_t gone = std::max(first, adds) - adds;
      part.removes = content.removes.subspan(gone, std::max(end, adds) - adds - gone);
      const std::string name = uuid4(context_.random) + ".parquet";
      TRY(const std::int64_t bytes, write(sidecar_folder(table_path_) + "/" + name, part));
      small.emplace_back(Sidecar{name, bytes, to_ms(context_.clock.now())});
    }
    content.adds = content.adds.part(0, 0);
    content.removes = {};
    return done();
  }

  Result<std::int64_t> write(const std::string& path, const CheckpointContent& content) {
    TRY(const std::int64_t bytes, context_.parquet.write_checkpoint(path, content));
    bytes_ += bytes;
    actions_ += content.small.size() + content.adds.size() + content.removes.size();
    return bytes;
  }

  const LogContext& context_;
  const std::string& table_path_;
  LogVersion version_;
  std::string name_;  // of the file that is the checkpoint
  bool is_v2_ = false;
  std::size_t adds_ = 0;
  std::size_t actions_ = 0;
  std::int64_t own_bytes_ = 0;
  std::int64_t bytes_ = 0;  // with its sidecars
};

}  // namespace

Done Log::checkpoint(const SnapshotPtr& snapshot) {
  std::shared_ptr<const SnapshotImpl> of = std::dynamic_pointer_cast<const SnapshotImpl>(snapshot);
  const LogReader reader(context_, table_path_);
  if (!of) {
    TRY(TableState state, reader.load(snapshot->version()));
    of = std::make_shared<SnapshotImpl>(std::move(state), context_.clock.now());
  }
  const TableState& state = of->state();
  const TableProperties properties = read_properties(state.metadata->configuration);
  const auto since = to_ms(context_.clock.now() - properties.deleted_file_retention);
  TRY(const auto removes, reader.tombstones(state.version, since));
  CheckpointContent content{.small = small_actions(*of),
                            .adds = of->files(),
                            .removes = removes,
                            .stats_as_json = properties.checkpoint_stats_json};
  if (properties.checkpoint_stats_typed) content.typed = typed_columns(state, properties);
  CheckpointWriter writer(context_, table_path_, state.version);
  if (properties.v2_checkpoints && has_feature(*state.protocol, "v2Checkpoint")) {
    TRY_DONE(writer.v2(std::move(content), commits_per_checkpoint(properties, state.files.size())));
  } else {
    TRY_DONE(writer.classic(content));
  }
  return writer.hint();
}

}  // namespace claimlake::delta
