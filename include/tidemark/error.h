#ifndef TIDEMARK_ERROR_H_
#define TIDEMARK_ERROR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tidemark/types.h"

// How the library reports errors: every failure is an absl::Status whose code
// says what the caller can do and whose reason says what happened.
//
//   InvalidArgument     the caller passed a value that is not allowed
//   NotFound            no such topic, partition, file or cursor
//   AlreadyExists       a topic or a file of that name exists
//   OutOfRange          an offset outside of the log
//   DataLoss            bytes on disk are damaged or missing
//   ResourceExhausted   the disk, the memory bound or a descriptor limit
//   FailedPrecondition  closed, locked, in a failed state, not a store
//   PermissionDenied    the file system does not allow it
//   Unimplemented       a newer format, or a codec that is not built in
//   Cancelled           the store or cursor was closed during the wait
//   DeadlineExceeded    the wait ended before the event
//   Internal            an I/O error of the device, or a bug of the library
namespace tidemark {
inline namespace v0 {

// What happened, finer than the status code. Numbers are stable.
enum class ErrorReason : uint16_t {
  kNone = 0,
  kIoError = 1,               // the device or the kernel reported an error
  kDiskFull = 2,              // no room: ENOSPC, EDQUOT or EFBIG
  kOutOfFileDescriptors = 3,  // EMFILE or ENFILE
  kOutOfMemory = 4,           // std::bad_alloc or ENOMEM
  kTrimmed = 5,               // the position is below the start of the log
  kTruncatedPastCursor = 6,   // the position was cut away by a crash
  kDamaged = 7,               // bytes on disk fail their checks
  kLocked = 8,                // another owner holds the store
  kNewerFormat = 9,           // written by a newer version of the library
  kNotAStore = 10,            // the directory holds something else
  kPoisoned = 11,             // an earlier write or sync error is sticky
  kClosed = 12,               // the store, cursor or producer is closed
  kForked = 13,               // used in a forked child process
  kRecordTooLarge = 14,       // above the topic's record limit
  kAppendTimeout = 15,        // no room in memory before the deadline
  kReadOnly = 16,             // the store was opened for reading only
  kStoreInUse = 17,           // a cursor's name is in use elsewhere
  kPartitionerMismatch = 18,  // the topic was made with another partitioner
};

// A range [from, to) of offsets of one partition that a reader cannot have.
struct OffsetGap {
  std::string topic;
  PartitionNumber partition = 0;
  Offset from = 0;  // the first offset that is missing
  Offset to = 0;    // the first offset behind it that can be read

  friend bool operator==(const OffsetGap&, const OffsetGap&) = default;
};

// Returns `status` with `reason` attached. An OK status stays as it is.
absl::Status WithReason(absl::Status status, ErrorReason reason);

// Returns `status` with the gap attached, replacing an earlier one.
absl::Status WithGap(absl::Status status, const OffsetGap& gap);

// The reason attached to `status`, kNone without one.
ErrorReason ReasonOf(const absl::Status& status);

// The range attached to `status`: what was trimmed, cut or damaged.
std::optional<OffsetGap> GapOf(const absl::Status& status);

// The position is below the log's start; TrimmedGap says what is gone.
bool IsTrimmed(const absl::Status& status);
std::optional<OffsetGap> TrimmedGap(const absl::Status& status);

// The position was cut away by a crash; the gap's `from` is the safe position
// to read on from, `to` is the position that the reader had.
bool IsTruncatedPastCursor(const absl::Status& status);
std::optional<OffsetGap> TruncatedGap(const absl::Status& status);

// Bytes on disk are damaged; DamagedGap says which offsets they held.
bool IsDamaged(const absl::Status& status);
std::optional<OffsetGap> DamagedGap(const absl::Status& status);

bool IsDiskFull(const absl::Status& status);
bool IsIoError(const absl::Status& status);
bool IsLocked(const absl::Status& status);
bool IsPoisoned(const absl::Status& status);
bool IsClosed(const absl::Status& status);
bool IsNewerFormat(const absl::Status& status);
bool IsNotAStore(const absl::Status& status);

// The name of a reason as the documentation spells it: "disk_full".
std::string_view ReasonName(ErrorReason reason);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_ERROR_H_
