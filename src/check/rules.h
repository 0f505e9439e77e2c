#pragma once

#include <span>
#include <string_view>

namespace claimlake::check {

// What a table must keep to. docs/reference/table_check.md explains each rule and says where the
// protocol asks for it.
enum class Rule {
  kLogGap,
  kLogLine,
  kLogEntryEmpty,
  kLogAction,
  kLogActionUnknown,
  kActionField,
  kActionTwice,
  kAddAndRemove,
  kCheckpointAction,
  kProtocolMissing,
  kMetadataMissing,
  kFileTwice,
  kRemoveUnknown,
  kAppendOnly,
  kInCommitTimestamp,
  kInCommitTimestampOrder,
  kFeatureList,
  kFeatureUndeclared,
  kFeatureRequires,
  kFeatureUnknown,
  kSchemaJson,
  kSchemaColumnTwice,
  kPartitionColumn,
  kColumnMappingId,
  kColumnMappingName,
  kPartitionValues,
  kPartitionValue,
  kFileOutside,
  kFileMissing,
  kFileSize,
  kFileUnreadable,
  kFileColumnType,
  kRowIdMissing,
  kRowIdOverlap,
  kRowIdHighWaterMark,
  kStatsJson,
  kStatsRecords,
  kStatsNullCount,
  kStatsMin,
  kStatsMax,
  kStatsTight,
  kVectorDescriptor,
  kVectorMissing,
  kVectorSize,
  kVectorChecksum,
  kVectorData,
  kVectorCardinality,
  kVectorRow,
  kVectorPadding,
  kVectorRecords,
  kCheckpointUnreadable,
  kCheckpointPart,
  kCheckpointRow,
  kCheckpointHeader,
  kCheckpointProtocol,
  kCheckpointMetadata,
  kCheckpointFiles,
  kCheckpointTombstone,
  kCheckpointTombstoneMissing,
  kCheckpointTransactions,
  kCheckpointDomains,
  kSidecarMissing,
  kSidecarSize,
  kLastCheckpoint,
  kCompactedLog,
  kChecksumUnreadable,
  kChecksumCounts,
  kChecksumProtocol,
  kChecksumMetadata,
  kChecksumTimestamp,
  kChecksumTransactions,
  kChecksumDomains,
  kChecksumFiles,
  kChangeFileMissing,
  kChangeFileSize,
  kChangeFileColumn,
  kReaderDiffers,
};
inline constexpr std::size_t kRuleCount = static_cast<std::size_t>(Rule::kReaderDiffers) + 1;

// An error breaks the protocol: some reader will fail or give other rows. A warning is legal, but
// hardly meant.
enum class Severity { kError, kWarning };

struct RuleInfo {
  Rule rule;
  std::string_view name;  // stable: scripts may rely on it
  Severity severity;
  std::string_view expected;  // what should be
  std::string_view advice;    // what to do
  std::string_view section;   // of the protocol's text
};
const RuleInfo& info(Rule rule);
// In the order of Rule.
std::span<const RuleInfo> all_rules();

}  // namespace claimlake::check
