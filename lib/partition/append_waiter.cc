#include "partition/append_waiter.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "io/descriptor.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Writing to and reading from an event descriptor fails only when it is full or
// empty already, which is the state that the call asks for.
void Raise(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = write(fd, &one, sizeof(one));
}
void Lower(int fd) {
  uint64_t count;
  [[maybe_unused]] const ssize_t ignored = read(fd, &count, sizeof(count));
}

}  // namespace

void AppendWaiter::Clear() {
  const MutexLock lock(mutex_);
  if (is_signalled_ && event_fd_.get() >= 0) Lower(event_fd_.get());
  is_signalled_ = false;
}

void AppendWaiter::Signal() {
  const MutexLock lock(mutex_);
  if (is_signalled_) return;
  is_signalled_ = true;
  if (event_fd_.get() >= 0) Raise(event_fd_.get());
  condition_.NotifyAll();
}

bool AppendWaiter::is_signalled() const {
  const MutexLock lock(mutex_);
  return is_signalled_;
}

bool AppendWaiter::WaitUntil(absl::Duration deadline) {
  const MutexLock lock(mutex_);
  while (!is_signalled_) {
    if (!condition_.WaitUntil(mutex_, clock_, deadline)) break;
  }
  return is_signalled_;
}

int AppendWaiter::event_fd() {
  const MutexLock lock(mutex_);
  if (event_fd_.get() < 0) {
    event_fd_ = TakeDescriptor(
                    eventfd(is_signalled_ ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK))
                    .descriptor;
  }
  return event_fd_.get();
}

}  // namespace v0
}  // namespace tidemark
