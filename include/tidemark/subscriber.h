#ifndef TIDEMARK_SUBSCRIBER_H_
#define TIDEMARK_SUBSCRIBER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_options.h"
#include "tidemark/records.h"

namespace tidemark {
inline namespace v0 {

// How a Subscriber treats its callback.
struct SubscriberOptions {
  // What follows when the callback returns an error.
  enum class Failure : uint8_t {
    kStop = 0,   // the subscriber stops with that error
    kRetry = 1,  // the callback gets the same records again, after a delay
  };

  // ---- Behaviour ----

  Failure on_failure = Failure::kStop;

  // Commit behind each callback that returned OK, if the cursor has a name.
  // Without it the host commits in its own way, or not at all.
  bool is_committing = true;

  // Called, in place of the callback and in its thread, when Poll or Commit of
  // the cursor fails, but not when the store is closed. It may move the cursor,
  // to the other side of a gap for example. OK goes on, at once after the first
  // such error and after a delay after further ones; an error stops the
  // subscriber with it. Null stops with the error of the cursor.
  std::function<absl::Status(ConsumerCursor& cursor, const absl::Status& error)>
      on_cursor_error = nullptr;

  // ---- Tuning ----

  // The delay before the first retry; it doubles with each one that follows, up
  // to the maximum. From 1 ms to 1 hour, by the store's clock.
  absl::Duration retry_delay_min = absl::Milliseconds(100);
  absl::Duration retry_delay_max = absl::Seconds(30);
};

// InvalidArgument that names the field, its value and its range.
absl::Status ValidateSubscriberOptions(const SubscriberOptions& options);

// Runs a callback of the host for everything that a cursor reads: polls with
// the cursor's CursorOptions::poll, calls back, commits. Each record is handed
// over at least once, in order within its partition, and none is committed
// before its callback returned OK.
//
// In a store with threads it has a thread of its own; in a store without, the
// host calls RunOnce. The callback runs without any lock held and may use the
// store, but not the subscriber; an exception that it lets through counts as
// an error. Each of its errors is also an Event (kCallbackFailed).
//
// status() is thread-safe; the other calls are for one thread at a time. Owns
// the cursor and the callback. After an error that stops it, it stays stopped;
// Stop and status() return the error.
class Subscriber {
 public:
  using Callback = std::function<absl::Status(const Records& records)>;

  // Takes the cursor over and begins to call back. InvalidArgument;
  // ResourceExhausted when the system gives no thread.
  static absl::StatusOr<std::unique_ptr<Subscriber>> Start(
      ConsumerCursor cursor, Callback callback,
      const SubscriberOptions& options = {});

  ~Subscriber();  // stops

  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // One Poll without waiting and the callback for what it returned. Returns how
  // many records the callback took, 0 when there were none, or the error;
  // with kRetry the next call hands the same records over again, without a
  // delay. FailedPrecondition in a store with threads, and when stopped.
  absl::StatusOr<size_t> RunOnce();

  // Ends the subscriber when the callback under way, if any, has returned, and
  // closes the cursor. Returns status(). Not to be called by the callback,
  // which ends the subscriber by an error. Calling it again does nothing.
  absl::Status Stop();

  // OK while it runs and when it was stopped by Stop; else why it stopped:
  // Cancelled (IsClosed) when the store was closed.
  absl::Status status() const;

 private:
  class Loop;
  explicit Subscriber(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_SUBSCRIBER_H_
