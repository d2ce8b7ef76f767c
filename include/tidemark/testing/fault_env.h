#ifndef TIDEMARK_TESTING_FAULT_ENV_H_
#define TIDEMARK_TESTING_FAULT_ENV_H_

#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/env.h"
#include "tidemark/export.h"

namespace tidemark {
inline namespace v0 {

class FaultPlan;

// The calls of an Env and of what it opens that can fail.
enum class EnvCall : uint8_t {
  // Env
  kOpenDirectory,
  kOpenSharedMemoryDirectory,
  kBootId,
  kFillRandom,
  // Directory
  kOpenFile,
  kCreateFile,
  kCreateSharedMemory,
  kOpenSharedMemory,
  kCreateDirectory,
  kList,
  kStatName,
  kRename,
  kRemoveFile,
  kRemoveDirectory,
  kSyncDirectory,
  kSyncFileSystem,
  kFreeBytes,
  // File
  kRead,
  kWrite,  // WriteAt and WriteAtV
  kSync,
  kSyncAll,
  kTruncate,
  kAllocate,
  kNextData,
  kStatFile,
  kLock,
  kUnlock,
  kClose,
  // SharedMemory
  kGrow,
  kRelease,
  kReserve,
  kReadMemory,
  kStatMemory,
  kLockMemory,
};

// The name of a call as messages spell it: "sync directory".
TIDEMARK_EXPORT std::string_view EnvCallName(EnvCall kind);

// One call, as the log keeps it.
struct EnvCallRecord {
  uint64_t index = 0;  // calls are numbered from 0
  EnvCall kind = EnvCall::kOpenDirectory;
  std::string name;       // within the directory; the path for calls of the Env
  std::string new_name;   // of a rename
  uint64_t position = 0;  // of a range, and the new size for Truncate and Grow
  uint64_t size = 0;
  absl::StatusCode result = absl::StatusCode::kOk;
  bool is_injected = false;  // a fault decided the result
};

// Which calls fail, and how. A call must match every condition that is set.
struct Fault {
  std::optional<uint64_t> index;  // the call of this number
  std::optional<EnvCall> kind;
  std::string name_part;  // the name holds this text; "" is in every name

  // Matching calls that succeed before the first one fails.
  uint64_t skip_count = 0;

  // All calls that match after the first one fail, too. With `index`, all calls
  // from that number on.
  bool is_persistent = false;

  // The error number, which becomes the Status that Env::Posix() would return.
  // 0: the call is only cut short.
  int error = EIO;

  // A read or write moves so many bytes before it fails. Without an error a
  // read then ends there, as at the end of a file, and a write fails with EIO.
  std::optional<uint64_t> short_size;

  // The call does what it should and reports the error nonetheless. Close
  // always does.
  bool takes_effect = false;
};

// An Env that passes every call on to another one, counts and logs it, and
// fails those that a test chose.
//
// A test runs its scenario once, reads call_count(), and runs it again with a
// fault at each number. What has no Status to return is passed on unseen.
//
// Thread-safe; with several threads the numbers depend on their order. The
// other Env must outlive everything opened through this one, which may go
// first. Failed calls change nothing in here.
class TIDEMARK_EXPORT FaultEnv final : public Env {
 public:
  explicit FaultEnv(Env& base);
  ~FaultEnv() override;

  absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) override;
  absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) override;
  absl::StatusOr<std::string> BootId() override;
  bool IsInInitialPidNamespace() override;
  absl::Status FillRandom(std::span<std::byte> out) override;

  // Adds a fault to those that wait. The first one added that matches decides.
  void Inject(Fault fault);

  // Inject for one number, or for the next call of a kind.
  void FailCall(uint64_t index, int error, bool is_persistent = false);
  void FailKind(EnvCall kind, int error, bool is_persistent = false);

  // Forgets all faults.
  void ClearFaults();

  // Calls so far, which is the number of the next one.
  uint64_t call_count() const;

  // Calls that a fault decided.
  uint64_t injected_count() const;

  // The log, in the order of the numbers; a call that still runs has kOk.
  std::vector<EnvCallRecord> calls() const;

  // Empties the log and starts to number from 0.
  void ForgetCalls();

  // Has every call tell `observer` of itself before it runs, in its own thread.
  // The observer may use the base Env, and inject faults, which do not concern
  // this call. Null takes the observer away; calls under way may still use it.
  void SetObserver(std::function<void(const EnvCallRecord&)> observer);

 private:
  Env& base_;
  const std::shared_ptr<FaultPlan> plan_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_TESTING_FAULT_ENV_H_
