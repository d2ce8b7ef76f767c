#include "tidemark/subscriber.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/guard.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "base/worker.h"
#include "consumer/cursor_engine.h"
#include "partition/log_shared.h"
#include "tidemark/error.h"
#include "tidemark/event.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr absl::Duration kAtOnce = -absl::InfiniteDuration();
constexpr absl::Duration kNever = absl::InfiniteDuration();
constexpr absl::Duration kDelayMin = absl::Milliseconds(1);
constexpr absl::Duration kDelayMax = absl::Hours(1);

absl::Status CheckDelay(std::string_view field, absl::Duration delay) {
  if (delay >= kDelayMin && delay <= kDelayMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: {} ms, allowed are 1 ms to 1 hour", field,
                  absl::ToDoubleMilliseconds(delay)));
}

}  // namespace

absl::Status ValidateSubscriberOptions(const SubscriberOptions& options) {
  return Guarded([&]() -> absl::Status {
    TIDEMARK_RETURN_IF_ERROR(
        CheckDelay("retry_delay_min", options.retry_delay_min));
    TIDEMARK_RETURN_IF_ERROR(
        CheckDelay("retry_delay_max", options.retry_delay_max));
    if (options.retry_delay_max < options.retry_delay_min) {
      return absl::InvalidArgumentError(
          "retry_delay_max: below retry_delay_min");
    }
    return absl::OkStatus();
  });
}

// What the thread, or RunOnce, does, and the little that others may see of it.
class Subscriber::Loop {
 public:
  Loop(ConsumerCursor cursor, Callback callback,
       const SubscriberOptions& options, LogShared& shared)
      : cursor_(std::move(cursor)),
        callback_(std::move(callback)),
        options_(options),
        shared_(shared) {}

  absl::Status Start() {
    if (!shared_.settings.has_threads) return absl::OkStatus();
    TIDEMARK_ASSIGN_OR_RETURN(worker_,
                              Worker::Start("tidemark-sub", *shared_.clock,
                                            [this] { return Run(); }));
    return absl::OkStatus();
  }

  absl::Status Stop() {
    is_stopping_.store(true);
    cursor_.Wake();
    if (worker_ != nullptr) worker_->Stop();
    // Nothing was written that its error could concern.
    cursor_.Close().IgnoreError();
    return status();
  }

  absl::Status status() const {
    const MutexLock lock(mutex_);
    return status_;
  }

  absl::StatusOr<size_t> RunOnce() {
    if (worker_ != nullptr) {
      return absl::FailedPreconditionError("subscriber: has a thread");
    }
    TIDEMARK_RETURN_IF_ERROR(status());
    if (is_stopping_.load()) {
      return WithReason(absl::FailedPreconditionError("subscriber: stopped"),
                        ErrorReason::kClosed);
    }
    return Step(absl::ZeroDuration());
  }

 private:
  // The job of the worker: one step. Returns when to run again.
  absl::Duration Run() {
    if (is_stopping_.load() || !status().ok()) return kNever;
    // What went wrong is in status(), or will be tried again.
    Step(absl::InfiniteDuration()).status().IgnoreError();
    if (!status().ok()) return kNever;
    if (failures_ == 0) return kAtOnce;
    return shared_.clock->Monotonic() + delay_;
  }

  // Polls unless there are records to hand over again, calls back, commits.
  absl::StatusOr<size_t> Step(absl::Duration timeout) {
    if (!pending_.has_value()) {
      PollOptions limits = cursor_.engine_->options().poll;
      limits.timeout = timeout;
      absl::StatusOr<Records> records = cursor_.Poll(limits);
      if (!records.ok()) return HandleCursorError(records.status());
      if (records->empty()) return size_t{0};
      pending_ = *std::move(records);
    }
    absl::Status status = CallBack();
    if (!status.ok()) {
      HandleCallbackError(status);
      return status;
    }
    const size_t count = pending_->size();
    pending_.reset();
    if (options_.is_committing && !cursor_.name().empty()) {
      status = cursor_.Commit();
      if (!status.ok()) TIDEMARK_RETURN_IF_ERROR(HandleCursorError(status));
    }
    failures_ = 0;
    return count;
  }

  absl::Status CallBack() {
    absl::Status status;
    if (RunHostCode([&] { status = callback_(*pending_); })) return status;
    return absl::InternalError("subscriber: the callback raised an exception");
  }

  void HandleCallbackError(const absl::Status& error) {
    const Records::Iterator first = pending_->begin();
    shared_.on_event(
        {EventKind::kCallbackFailed, std::string(first->topic()),
         first->partition(), error,
         fmt::format("A callback failed for {} records", pending_->size())});
    if (options_.on_failure == SubscriberOptions::Failure::kStop) {
      StopWith(error);
    } else {
      PlanRetry(options_.retry_delay_min);
    }
  }

  // Returns the error, which the host may have dealt with nevertheless.
  absl::Status HandleCursorError(const absl::Status& error) {
    absl::Status verdict = error;
    if (options_.on_cursor_error != nullptr && !IsClosed(error)) {
      const bool is_whole = RunHostCode(
          [&] { verdict = options_.on_cursor_error(cursor_, error); });
      if (!is_whole) {
        verdict = absl::InternalError(
            "subscriber: on_cursor_error raised an exception");
      }
    }
    if (verdict.ok()) {
      PlanRetry(absl::ZeroDuration());
      return error;
    }
    StopWith(verdict);
    return verdict;
  }

  // Sets the delay: `first`, then the minimum, then the double each time.
  void PlanRetry(absl::Duration first) {
    ++failures_;
    delay_ = failures_ == 1 ? first
                            : std::clamp(2 * delay_, options_.retry_delay_min,
                                         options_.retry_delay_max);
  }

  void StopWith(const absl::Status& status) {
    const MutexLock lock(mutex_);
    status_ = status;
  }

  // Owned by the thread, or by the caller of RunOnce.
  ConsumerCursor cursor_;
  const Callback callback_;
  const SubscriberOptions options_;
  LogShared& shared_;  // kept alive by the cursor
  std::optional<Records> pending_;
  uint64_t failures_ = 0;  // in a row
  absl::Duration delay_;   // before the next step

  std::unique_ptr<Worker> worker_;
  std::atomic<bool> is_stopping_{false};
  mutable Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<Subscriber>> Subscriber::Start(
    ConsumerCursor cursor, Callback callback,
    const SubscriberOptions& options) {
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Subscriber>> {
    TIDEMARK_RETURN_IF_ERROR(ValidateSubscriberOptions(options));
    if (callback == nullptr) {
      return absl::InvalidArgumentError("subscriber: no callback");
    }
    LogShared& shared = cursor.engine_->shared();
    std::unique_ptr<Subscriber> subscriber(
        new Subscriber(std::make_unique<Loop>(
            std::move(cursor), std::move(callback), options, shared)));
    TIDEMARK_RETURN_IF_ERROR(subscriber->loop_->Start());
    return subscriber;
  });
}

Subscriber::Subscriber(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

Subscriber::~Subscriber() {
  // status() has told whoever asked.
  Stop().IgnoreError();
}

absl::StatusOr<size_t> Subscriber::RunOnce() {
  return Guarded([&] { return loop_->RunOnce(); });
}

absl::Status Subscriber::Stop() {
  return Guarded([&] { return loop_->Stop(); });
}

absl::Status Subscriber::status() const {
  return Guarded([&] { return loop_->status(); });
}

}  // namespace v0
}  // namespace tidemark
