#include "store/topic_directory.h"

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "partition/partition_log.h"
#include "segment/file_names.h"
#include "store/atomic_file.h"
#include "store/layout.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

PartitionAddress AddressOf(const TopicRecord& record,
                           std::string_view topic_path,
                           PartitionNumber number) {
  return {.topic = record.name,
          .topic_id = record.topic_id,
          .number = number,
          .path = PartitionPath(topic_path, number)};
}

absl::Status FillNewTopic(LogShared& shared, const TopicRecord& record,
                          const std::string& path) {
  Directory& directory = *shared.directory;
  TIDEMARK_RETURN_IF_ERROR(directory.CreateDirectory(path));
  for (PartitionNumber n = 0; n < record.partition_count; ++n) {
    TIDEMARK_RETURN_IF_ERROR(
        PartitionLog::Create(shared, AddressOf(record, path, n)));
  }
  TIDEMARK_RETURN_IF_ERROR(WriteNewFile(directory, TopicFilePath(path),
                                        AsBytes(EncodeTopic(record))));
  return directory.Sync(path);
}

// What became of a rename.
enum class Renamed : uint8_t { kNo, kYes, kUnknown };

// Renames without replacing. A rename may have happened although an error was
// reported.
absl::Status RenameTopic(Directory& directory, const std::string& from,
                         const std::string& to, Renamed* renamed) {
  absl::Status status = directory.Rename(from, to, /*is_replacing=*/false);
  *renamed = status.ok() ? Renamed::kYes : Renamed::kNo;
  if (status.ok() || absl::IsAlreadyExists(status)) return status;
  absl::Status looked = directory.Stat(from).status();
  if (looked.ok()) {
    if (!absl::IsNotFound(status)) return status;
    // Who deletes would take it for done.
    return WithReason(absl::InternalError(fmt::format("{}: is there, but: {}",
                                                      from, status.ToString())),
                      ErrorReason::kIoError);
  }
  if (absl::IsNotFound(looked)) {
    looked = directory.Stat(to).status();
    if (looked.ok()) *renamed = Renamed::kYes;
  }
  if (!looked.ok() && !absl::IsNotFound(looked)) *renamed = Renamed::kUnknown;
  return status;
}

// Removes the regular files of a directory, then the directory itself, which
// fails if anything else is in it.
absl::Status RemoveFlatDirectory(Directory& directory,
                                 const std::string& path) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            directory.List(path));
  for (const DirectoryEntry& entry : entries) {
    if (entry.type != FileType::kRegular) continue;
    TIDEMARK_RETURN_IF_ERROR(directory.RemoveFile(JoinPath(path, entry.name)));
  }
  return directory.RemoveDirectory(path);
}

// Removes the directory of a partition that the topic does not have.
absl::Status RemoveUnusedPartition(Directory& directory,
                                   const std::string& path) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            directory.List(path));
  for (const DirectoryEntry& entry : entries) {
    if (!ParseSegmentFileName(entry.name).has_value()) continue;
    return WithReason(
        absl::DataLossError(fmt::format(
            "{}: holds the segment {}, but TOPIC has no such partition", path,
            entry.name)),
        ErrorReason::kDamaged);
  }
  return RemoveFlatDirectory(directory, path);
}

}  // namespace

absl::StatusOr<Id128> RandomId(Env& env) {
  Id128 id;
  TIDEMARK_RETURN_IF_ERROR(env.FillRandom(id.bytes));
  return id;
}

absl::Status CreateTopicDirectory(LogShared& shared, const TopicRecord& record,
                                  bool* is_stuck) {
  *is_stuck = false;
  Directory& directory = *shared.directory;
  const std::string new_path = NewTopicPath(record.topic_id);
  absl::Status status = FillNewTopic(shared, record, new_path);
  Renamed renamed = Renamed::kNo;
  if (status.ok()) {
    const std::string path = TopicPath(record.name);
    *is_stuck = true;  // for whoever runs out of memory from here on
    status = RenameTopic(directory, new_path, path, &renamed);
  }
  if (renamed != Renamed::kYes) {
    *is_stuck = renamed == Renamed::kUnknown;
    // What stays is removed when the store is opened the next time.
    RemoveTopicTree(directory, new_path).IgnoreError();
    return status;
  }
  if (status.ok()) status = directory.Sync(kTopicsDirectory);
  if (status.ok()) {
    *is_stuck = false;
    return status;
  }
  std::string path = TopicPath(record.name);
  *is_stuck = !RemoveTopicDirectory(*shared.env, directory, &path).ok() &&
              path == TopicPath(record.name);
  return status;
}

absl::Status RemoveTopicDirectory(Env& env, Directory& directory,
                                  std::string* path) {
  TIDEMARK_ASSIGN_OR_RETURN(const Id128 id, RandomId(env));
  std::string deleted = DeletedTopicPath(id);
  Renamed renamed = Renamed::kNo;
  const absl::Status status = RenameTopic(directory, *path, deleted, &renamed);
  if (renamed == Renamed::kYes) *path = std::move(deleted);
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  TIDEMARK_RETURN_IF_ERROR(directory.Sync(kTopicsDirectory));
  if (!status.ok()) {
    // Not there: an earlier try renamed it and could not tell. What it left is
    // removed when the store is opened the next time, and the name may by then
    // be that of another topic.
    path->clear();
    return absl::OkStatus();
  }
  if (RemoveTopicTree(directory, *path).ok()) path->clear();
  return absl::OkStatus();
}

absl::Status RemoveTopicTree(Directory& directory, const std::string& path) {
  const auto entries = directory.List(path);
  if (absl::IsNotFound(entries.status())) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(entries.status());
  for (const DirectoryEntry& entry : *entries) {
    if (entry.type != FileType::kDirectory ||
        !ParsePartitionName(entry.name).has_value()) {
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(
        RemoveFlatDirectory(directory, JoinPath(path, entry.name)));
  }
  return RemoveFlatDirectory(directory, path);
}

absl::Status RemoveLeftovers(Directory& directory) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            directory.List(kTopicsDirectory));
  absl::Status first;
  for (const DirectoryEntry& entry : entries) {
    if (entry.type != FileType::kDirectory || !IsLeftoverName(entry.name)) {
      continue;
    }
    const absl::Status status =
        RemoveTopicTree(directory, JoinPath(kTopicsDirectory, entry.name));
    if (first.ok()) first = status;
  }
  return first;
}

absl::Status AddPartitionDirectories(LogShared& shared,
                                     const TopicRecord& record,
                                     PartitionNumber from, PartitionNumber to) {
  Directory& directory = *shared.directory;
  const std::string path = TopicPath(record.name);
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            directory.List(path));
  for (const DirectoryEntry& entry : entries) {
    const std::optional<PartitionNumber> number =
        ParsePartitionName(entry.name);
    if (!number.has_value() || *number < from) continue;
    TIDEMARK_RETURN_IF_ERROR(
        RemoveUnusedPartition(directory, JoinPath(path, entry.name)));
  }
  for (PartitionNumber n = from; n < to; ++n) {
    TIDEMARK_RETURN_IF_ERROR(
        PartitionLog::Create(shared, AddressOf(record, path, n)));
  }
  return directory.Sync(path);
}

absl::StatusOr<std::vector<std::string>> ListTopicDirectories(
    Directory& directory) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries,
                            directory.List(kTopicsDirectory));
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : entries) {
    if (entry.type == FileType::kDirectory && CheckTopicName(entry.name).ok()) {
      names.push_back(entry.name);
    }
  }
  return names;
}

}  // namespace v0
}  // namespace tidemark
