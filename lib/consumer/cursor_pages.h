#ifndef TIDEMARK_LIB_CONSUMER_CURSOR_PAGES_H_
#define TIDEMARK_LIB_CONSUMER_CURSOR_PAGES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "consumer/cursor_entry.h"
#include "consumer/cursor_slot.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// The pages of one cursor file: headers, extent and slots, read and written.
//
// A page that is in use was written and synced before; so no write of a slot
// needs space. Decides nothing about what slots mean.
//
// Not thread-safe. Owns the open file and the locks taken through it. After a
// failed write (but for want of space) or any failed sync it refuses all
// further ones with kPoisoned; reading goes on. A read is repeated once after
// EIO.
class CursorPages {
 public:
  // Opens the file of `name`. NotFound; DataLoss when it is none of this name
  // in both of its headers; FailedPrecondition when it is of another store;
  // Unimplemented (IsNewerFormat).
  static absl::StatusOr<std::unique_ptr<CursorPages>> Open(
      Directory& root, const Id128& store_id, std::string_view name,
      FileAccess access);

  // Makes the file with one pair in use. It appears whole and durable or, after
  // an error, not at all. AlreadyExists.
  static absl::StatusOr<std::unique_ptr<CursorPages>> Create(
      Directory& root, Env& env, const Id128& store_id, std::string_view name);

  CursorPages(const CursorPages&) = delete;
  CursorPages& operator=(const CursorPages&) = delete;

  // Reads every pair in use and calls `visit` with each entry in order. What
  // the file is too short for counts as damaged.
  using Visitor =
      absl::FunctionRef<void(uint32_t number, const CursorEntry& entry)>;
  absl::Status Scan(Visitor visit);

  // Pairs in use as of the last Open, Scan or RaiseExtent; 64 entries each.
  uint32_t pair_count() const { return pair_count_; }

  // Writes zeros for pairs behind those in use, up to `pair_count`, and syncs
  // them.
  absl::Status AddPairs(uint32_t pair_count);

  // Takes them into use: writes the copy of the extent that is behind the other
  // one. To be called twice with a Sync in between, so that a torn write leaves
  // what was in use before.
  absl::Status RaiseExtent(uint32_t pair_count);

  // Writes one slot with one write. After an error it may hold anything.
  absl::Status WriteSlot(uint32_t entry, int copy, const CursorSlot& slot);

  // Makes everything written durable.
  absl::Status Sync();

  // Takes or gives up the lock on one byte; see File::TryLock.
  absl::StatusOr<bool> TryLock(uint64_t position);
  absl::Status Unlock(uint64_t position);

  absl::Status Close();

  const std::string& path() const { return path_; }
  const absl::Status& failure() const { return failure_; }

 private:
  CursorPages(std::string path, std::unique_ptr<File> file,
              CursorFileIdentity identity);

  absl::Status ReadHeader(const Id128& store_id, std::string_view name);
  absl::Status ReadExtent();
  // Nobody ever took a place in the file.
  absl::StatusOr<bool> IsUnused() const;
  // Reads what there is, at most as much as `out` holds.
  absl::StatusOr<size_t> ReadAt(uint64_t position, MutableByteSpan out) const;
  absl::Status WriteAt(uint64_t position, ByteSpan bytes);
  absl::Status Poison(absl::Status cause);
  void VisitPair(uint32_t pair, ByteSpan bytes, Visitor visit) const;

  const std::string path_;
  const std::unique_ptr<File> file_;
  CursorFileIdentity identity_;
  std::array<uint32_t, 2> extents_ = {};  // 0: damaged
  uint32_t pair_count_ = 0;               // the higher one
  absl::Status failure_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_CURSOR_PAGES_H_
