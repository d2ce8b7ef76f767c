#include "consumer/cursor_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/guard.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "consumer/cursor_file_format.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint32_t kEntriesPerPair = cursor_file_format::kEntriesPerPair;

// Held while any file of this process is created or has entries claimed, so
// that two cursors do not claim the same one. Both happen once in the life of a
// cursor; the syncs that they need are done under it.
constinit Mutex claim_mutex;

// The lock that says the same to other processes: the byte at position 0.
constexpr uint64_t kClaimLock = 0;

// Whether `commit` would change nothing.
bool IsCommitted(const CursorEntry& entry, const CursorCommit& commit,
                 Ack level) {
  return entry.state() == CursorEntry::State::kCommitted &&
         entry.newest().offset == commit.offset &&
         entry.newest().incarnation == commit.incarnation &&
         (level != Ack::kDisk || entry.IsDurable());
}

}  // namespace

CursorFile::CursorFile(std::unique_ptr<CursorPages> pages)
    : pages_(std::move(pages)) {}

absl::StatusOr<std::unique_ptr<CursorFile>> CursorFile::Open(
    Directory& root, Env& env, const Id128& store_id, std::string_view name) {
  const MutexLock lock(claim_mutex);
  absl::StatusOr<std::unique_ptr<CursorPages>> pages =
      CursorPages::Open(root, store_id, name, FileAccess::kReadWrite);
  if (absl::IsNotFound(pages.status())) {
    pages = CursorPages::Create(root, env, store_id, name);
  }
  TIDEMARK_RETURN_IF_ERROR(pages.status());
  return std::unique_ptr<CursorFile>(new CursorFile(*std::move(pages)));
}

absl::StatusOr<std::unique_ptr<CursorFile>> CursorFile::OpenToRead(
    Directory& root, const Id128& store_id, std::string_view name) {
  absl::StatusOr<std::unique_ptr<CursorPages>> pages =
      CursorPages::Open(root, store_id, name, FileAccess::kReadOnly);
  if (absl::IsNotFound(pages.status())) return nullptr;
  TIDEMARK_RETURN_IF_ERROR(pages.status());
  return std::unique_ptr<CursorFile>(new CursorFile(*std::move(pages)));
}

absl::Status CursorFile::Take(std::span<const CursorKey> keys) {
  Keys locked;
  auto unlock = absl::MakeCleanup([&] { Unlock(locked); });
  TIDEMARK_RETURN_IF_ERROR(Lock(keys, &locked));
  if (locked.empty()) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(
      ReadAndClaim(locked, /*is_replacing_damaged=*/false));
  std::move(unlock).Cancel();
  return absl::OkStatus();
}

absl::Status CursorFile::Lock(std::span<const CursorKey> keys, Keys* locked) {
  locked->reserve(keys.size());
  for (const CursorKey& key : keys) {
    if (!taken_.insert(key).second) continue;
    locked->push_back(key);
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_mine,
                              pages_->TryLock(CursorLockPosition(key)));
    if (is_mine) continue;
    return WithReason(
        absl::FailedPreconditionError(fmt::format(
            "{}: partition {} is in the hands of another cursor of this name",
            pages_->path(), key.partition)),
        ErrorReason::kStoreInUse);
  }
  return absl::OkStatus();
}

void CursorFile::Unlock(const Keys& keys) {
  for (const CursorKey& key : keys) {
    // The lock goes with the file in any case; one that is not held is no
    // error.
    Guarded([&] {
      return pages_->Unlock(CursorLockPosition(key));
    }).IgnoreError();
    taken_.erase(key);
    places_.erase(key);
  }
}

absl::Status CursorFile::ReadAndClaim(std::span<const CursorKey> keys,
                                      bool is_replacing_damaged) {
  const MutexLock lock(claim_mutex);
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_mine, pages_->TryLock(kClaimLock));
  if (!is_mine) {
    return absl::UnavailableError(fmt::format(
        "{}: another process is adding to it; try again", pages_->path()));
  }
  const absl::Cleanup unlock = [&] {
    // Ends with the file at the latest, and only claims of others wait for it.
    Guarded([&] { return pages_->Unlock(kClaimLock); }).IgnoreError();
  };
  TIDEMARK_RETURN_IF_ERROR(Scan(keys));
  if (!damaged_.empty() && !is_replacing_damaged) return FinishClaims(keys);
  return ClaimMissing(keys);
}

absl::Status CursorFile::Read(std::span<const CursorKey> keys) {
  TIDEMARK_RETURN_IF_ERROR(Scan(keys));
  const bool has_lost =
      std::any_of(keys.begin(), keys.end(), [this](const CursorKey& key) {
        return Find(key).state == CommittedPosition::State::kLost;
      });
  // A write of another process may have been under way.
  return has_lost ? Scan(keys) : absl::OkStatus();
}

void CursorFile::KeepNewer(uint32_t number, const CursorEntry& entry,
                           std::map<CursorKey, Place>* places) {
  Place& place = (*places)[entry.key()];
  if (place.entry.state() == CursorEntry::State::kFree ||
      place.entry.newest().sequence < entry.newest().sequence) {
    place = Place{number, entry};
  }
}

absl::Status CursorFile::Scan(std::span<const CursorKey> keys) {
  const std::set<CursorKey> wanted(keys.begin(), keys.end());
  std::map<CursorKey, Place> places;
  damaged_.clear();
  free_.clear();
  TIDEMARK_RETURN_IF_ERROR(
      pages_->Scan([&](uint32_t number, const CursorEntry& entry) {
        switch (entry.state()) {
          case CursorEntry::State::kFree:
            if (free_.size() < keys.size()) free_.push_back(number);
            return;
          case CursorEntry::State::kDamaged:
            damaged_.push_back(number);
            return;
          default:
            if (entry.state() != CursorEntry::State::kClaimed) {
              topics_.insert(entry.key().topic_id);
            }
            if (wanted.contains(entry.key())) KeepNewer(number, entry, &places);
        }
      }));
  for (auto& [key, place] : places) places_.insert_or_assign(key, place);
  return absl::OkStatus();
}

CommittedPosition CursorFile::Find(const CursorKey& key) const {
  using State = CommittedPosition::State;
  const auto place = places_.find(key);
  if (place == places_.end()) {
    return {damaged_.empty() ? State::kNone : State::kLost, 0, 0};
  }
  const CursorEntry& entry = place->second.entry;
  switch (entry.state()) {
    case CursorEntry::State::kCommitted:
      return {State::kCommitted, entry.newest().offset,
              entry.newest().incarnation};
    case CursorEntry::State::kClaimed:
      return {State::kNone, 0, 0};
    default:
      return {State::kLost, 0, 0};
  }
}

bool CursorFile::Holds(const CursorCommit& commit, Ack level) const {
  const auto place = places_.find(commit.key);
  return place != places_.end() &&
         IsCommitted(place->second.entry, commit, level);
}

absl::Status CursorFile::ClaimMissing(std::span<const CursorKey> keys) {
  Keys missing;
  for (const CursorKey& key : keys) {
    if (!places_.contains(key)) missing.push_back(key);
  }
  if (missing.empty()) return FinishClaims(keys);

  std::vector<uint32_t> numbers = damaged_;
  numbers.insert(numbers.end(), free_.begin(), free_.end());
  uint32_t next = pages_->pair_count() * kEntriesPerPair;
  while (numbers.size() < missing.size()) numbers.push_back(next++);
  const uint32_t pair_count = (next + kEntriesPerPair - 1) / kEntriesPerPair;
  const bool is_growing = pair_count > pages_->pair_count();

  // Zeros first, then the first slots, then, when those are durable, the second
  // ones: so a crash at any point leaves entries that are blank, or half
  // claimed, and never one that looks damaged.
  if (is_growing) TIDEMARK_RETURN_IF_ERROR(pages_->AddPairs(pair_count));
  std::map<CursorKey, Place> claims;
  for (size_t i = 0; i < missing.size(); ++i) {
    Place& place = claims[missing[i]];
    place.number = numbers[i];
    TIDEMARK_RETURN_IF_ERROR(WriteClaim(missing[i], place));
  }
  if (is_growing) TIDEMARK_RETURN_IF_ERROR(pages_->RaiseExtent(pair_count));
  TIDEMARK_RETURN_IF_ERROR(pages_->Sync());
  if (is_growing) TIDEMARK_RETURN_IF_ERROR(pages_->RaiseExtent(pair_count));
  damaged_.erase(damaged_.begin(),
                 damaged_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                        damaged_.size(), missing.size())));
  places_.merge(claims);
  return FinishClaims(keys);
}

absl::Status CursorFile::FinishClaims(std::span<const CursorKey> keys) {
  bool is_written = false;
  for (const CursorKey& key : keys) {
    const auto place = places_.find(key);
    if (place == places_.end() || !place->second.entry.IsHalfClaimed()) {
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(WriteClaim(key, place->second));
    is_written = true;
  }
  return is_written ? pages_->Sync() : absl::OkStatus();
}

absl::Status CursorFile::WriteClaim(const CursorKey& key, Place& place) {
  CursorSlot claim;
  claim.key = key;
  claim.sequence = place.entry.NextSequence();
  return WriteSlot(place, place.entry.NextCopy(), claim);
}

absl::Status CursorFile::WriteSlot(Place& place, int copy,
                                   const CursorSlot& slot) {
  TIDEMARK_RETURN_IF_ERROR(pages_->failure());
  const absl::Status status = pages_->WriteSlot(place.number, copy, slot);
  if (status.ok()) {
    place.entry.NoteWritten(copy, slot);
  } else {
    place.entry.NoteFailed(copy);
  }
  return status;
}

absl::Status CursorFile::Write(std::span<const CursorCommit> commits, Ack level,
                               int64_t time) {
  TIDEMARK_RETURN_IF_ERROR(pages_->failure());
  TIDEMARK_RETURN_IF_ERROR(ClaimFor(commits));
  TIDEMARK_RETURN_IF_ERROR(Settle(commits));
  std::vector<Place*> written;
  written.reserve(commits.size());
  for (const CursorCommit& commit : commits) {
    Place& place = places_.at(commit.key);
    if (IsCommitted(place.entry, commit, level)) continue;
    const CursorSlot slot{.sequence = place.entry.NextSequence(),
                          .key = commit.key,
                          .is_commit = true,
                          .level = level,
                          .offset = commit.offset,
                          .incarnation = commit.incarnation,
                          .commit_time = time};
    TIDEMARK_RETURN_IF_ERROR(WriteSlot(place, place.entry.NextCopy(), slot));
    written.push_back(&place);
    topics_.insert(commit.key.topic_id);
  }
  if (level != Ack::kDisk || written.empty()) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(pages_->Sync());
  for (Place* const place : written) place->entry.NoteSynced();
  return absl::OkStatus();
}

absl::Status CursorFile::ClaimFor(std::span<const CursorCommit> commits) {
  Keys missing;
  for (const CursorCommit& commit : commits) {
    const auto place = places_.find(commit.key);
    if (place == places_.end() || place->second.entry.IsHalfClaimed()) {
      missing.push_back(commit.key);
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return ReadAndClaim(missing, /*is_replacing_damaged=*/true);
}

absl::Status CursorFile::Settle(std::span<const CursorCommit> commits) {
  // A slot that says kDisk is written before the sync that makes it true. Where
  // the process died in between, only a sync can tell; and the other slot, the
  // commit before, must not be touched until then.
  std::vector<Place*> unsettled;
  unsettled.reserve(commits.size());
  for (const CursorCommit& commit : commits) {
    Place& place = places_.at(commit.key);
    if (place.entry.NeedsSettling()) unsettled.push_back(&place);
  }
  if (unsettled.empty()) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(pages_->Sync());
  for (Place* const place : unsettled) place->entry.NoteSynced();
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
