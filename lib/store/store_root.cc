#include "store/store_root.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "store/layout.h"
#include "store/topic_directory.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

bool HasStoreFile(const std::vector<DirectoryEntry>& entries) {
  return std::any_of(
      entries.begin(), entries.end(),
      [](const DirectoryEntry& entry) { return entry.name == kStoreFileName; });
}

// OK when a store may be made in a directory without STORE.
absl::Status CheckUnfinished(Directory& directory,
                             const std::vector<DirectoryEntry>& entries) {
  for (const DirectoryEntry& entry : entries) {
    if (IsNameOfUnfinishedStore(entry.name)) continue;
    return WithReason(absl::FailedPreconditionError(fmt::format(
                          "{}: not a store: no {}, but {}", directory.path(),
                          kStoreFileName, entry.name)),
                      ErrorReason::kNotAStore);
  }
  // STORE is written before the first topic: topics without it are what is
  // left of a store, and a new one would refuse them for ever.
  const auto topics = directory.List(kTopicsDirectory);
  if (absl::IsNotFound(topics.status())) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(topics.status());
  if (topics->empty()) return absl::OkStatus();
  return WithReason(
      absl::DataLossError(fmt::format("{}/{}: missing, but {}/ holds {}",
                                      directory.path(), kStoreFileName,
                                      kTopicsDirectory, topics->front().name)),
      ErrorReason::kDamaged);
}

absl::Status CreateIfMissing(Directory& directory, std::string_view name) {
  absl::Status status = directory.CreateDirectory(name);
  if (!absl::IsAlreadyExists(status)) return status;
  // Without it nobody could open what is about to be made.
  return directory.Stat(name).status();
}

absl::Status CreateStore(Directory& directory, Env& env, Clock& clock) {
  TIDEMARK_RETURN_IF_ERROR(CreateIfMissing(directory, kTopicsDirectory));
  TIDEMARK_RETURN_IF_ERROR(CreateIfMissing(directory, kCursorsDirectory));
  TIDEMARK_RETURN_IF_ERROR(directory.Sync(""));
  StoreRecord record;
  TIDEMARK_ASSIGN_OR_RETURN(record.store_id, RandomId(env));
  record.create_micros = absl::ToUnixMicros(clock.Now());
  record.is_clean = true;
  return StoreFile::Create(directory, record);
}

}  // namespace

absl::StatusOr<StoreRoot> OpenStoreRoot(std::string_view path,
                                        const StoreOptions& options, Env& env,
                                        Clock& clock) {
  const bool may_create = options.create_if_missing && !options.read_only;
  StoreRoot root;
  TIDEMARK_ASSIGN_OR_RETURN(root.directory,
                            env.OpenDirectory(path, may_create));
  Directory& directory = *root.directory;
  TIDEMARK_ASSIGN_OR_RETURN(std::vector<DirectoryEntry> entries,
                            directory.List(""));
  if (!HasStoreFile(entries)) {
    TIDEMARK_RETURN_IF_ERROR(CheckUnfinished(directory, entries));
    if (!may_create) {
      return absl::NotFoundError(
          fmt::format("{}: no store, and none is to be created", path));
    }
  }
  if (!options.read_only) {
    TIDEMARK_ASSIGN_OR_RETURN(
        root.lock,
        StoreLock::Acquire(directory, env, clock, options.lock_timeout));
    // Another process may have made the store before the lock was ours.
    TIDEMARK_ASSIGN_OR_RETURN(entries, directory.List(""));
    if (!HasStoreFile(entries)) {
      TIDEMARK_RETURN_IF_ERROR(CheckUnfinished(directory, entries));
      TIDEMARK_RETURN_IF_ERROR(CreateStore(directory, env, clock));
    }
  }
  const bool is_found = HasStoreFile(entries);
  TIDEMARK_ASSIGN_OR_RETURN(
      root.file,
      StoreFile::Open(directory, options.read_only ? FileAccess::kReadOnly
                                                   : FileAccess::kReadWrite));
  // C1: a store that nobody has opened may be one whose creation ended before
  // the name was durable. Without its name everything in it would be lost.
  const bool is_new = root.file->record().incarnation == 0;
  if (is_found && is_new && !options.read_only) {
    TIDEMARK_RETURN_IF_ERROR(directory.Sync(""));
  }
  return root;
}

}  // namespace v0
}  // namespace tidemark
