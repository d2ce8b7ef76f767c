#ifndef TIDEMARK_LIB_IO_FAULT_PLAN_H_
#define TIDEMARK_LIB_IO_FAULT_PLAN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark {
inline namespace v0 {

// The faults of a FaultEnv that wait, and the log of its calls.
//
// Thread-safe; shared by the Env and everything opened through it. The mutex is
// held neither over a call of the base nor over the observer.
class FaultPlan {
 public:
  // What becomes of a call.
  struct Decision {
    size_t log_slot = 0;
    uint64_t generation = 0;  // of the log
    bool is_injected = false;
    int error = 0;
    bool takes_effect = true;
    std::optional<uint64_t> short_size;
  };

  void Inject(Fault fault) ABSL_LOCKS_EXCLUDED(mutex_);
  void ClearFaults() ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t call_count() const ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t injected_count() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<EnvCallRecord> calls() const ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetCalls() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetObserver(std::function<void(const EnvCallRecord&)> observer)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Numbers and logs a call, tells the observer and decides.
  Decision Begin(EnvCallRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // Logs the result of a call.
  void End(const Decision& decision, absl::StatusCode result)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The status of a call that was decided to fail.
  static absl::Status StatusOf(const Decision& decision,
                               const EnvCallRecord& record);

  // Runs `call`, which returns a Status or StatusOr, unless a fault decides
  // otherwise.
  template <typename Call>
  auto Run(const EnvCallRecord& record, Call call) -> decltype(call()) {
    const Decision decision = Begin(record);
    if (!decision.is_injected) {
      auto result = call();
      End(decision, CodeOf(result));
      return result;
    }
    if (decision.takes_effect) DropResult(call());
    absl::Status status = StatusOf(decision, record);
    End(decision, status.code());
    return status;
  }

 private:
  struct WaitingFault {
    Fault fault;
    uint64_t match_count = 0;
  };

  static absl::StatusCode CodeOf(const absl::Status& status) {
    return status.code();
  }
  template <typename T>
  static absl::StatusCode CodeOf(const absl::StatusOr<T>& result) {
    return result.status().code();
  }
  // The injected error stands in for whatever the call returned.
  static void DropResult(const absl::Status& status) { status.IgnoreError(); }
  template <typename T>
  static void DropResult(const absl::StatusOr<T>& result) {
    result.IgnoreError();
  }

  static bool Matches(const Fault& fault, const EnvCallRecord& record);
  // The fault that decides the call, taken off the list if it is used up.
  std::optional<Fault> TakeFault(const EnvCallRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::vector<WaitingFault> faults_ ABSL_GUARDED_BY(mutex_);
  std::vector<EnvCallRecord> calls_ ABSL_GUARDED_BY(mutex_);
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t injected_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<const std::function<void(const EnvCallRecord&)>> observer_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FAULT_PLAN_H_
