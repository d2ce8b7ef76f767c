#ifndef TIDEMARK_LIB_STORE_OPERATION_GATE_H_
#define TIDEMARK_LIB_STORE_OPERATION_GATE_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace tidemark {
inline namespace v0 {

// Lets operations in until it is closed, and closing waits for those inside.
// Appends and reads do not pass here: only what opens, creates or removes.
//
// Thread-safe. Waits without a deadline, for an operation ends by itself.
class OperationGate {
 public:
  // An operation inside the gate; false when the gate was closed before.
  class Pass {
   public:
    explicit Pass(OperationGate& gate) : gate_(gate), is_in_(gate.Enter()) {}
    ~Pass() {
      if (is_in_) gate_.Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    explicit operator bool() const { return is_in_; }

   private:
    OperationGate& gate_;
    const bool is_in_;
  };

  void CloseAndWait() {
    MutexLock lock(mutex_);
    is_closed_ = true;
    while (inside_ > 0) left_.Wait(mutex_);
  }

 private:
  bool Enter() {
    MutexLock lock(mutex_);
    if (is_closed_) return false;
    ++inside_;
    return true;
  }
  void Leave() {
    MutexLock lock(mutex_);
    if (--inside_ == 0) left_.NotifyAll();
  }

  Mutex mutex_;
  Condition left_;
  bool is_closed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPERATION_GATE_H_
