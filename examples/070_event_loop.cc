// Reads from the host's own event loop: epoll waits for a cursor as it waits
// for sockets. usage: 070_event_loop DIRECTORY

#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace {

constexpr int kRecords = 1000;

// Reads until it has all or `is_over`. Between records it is in epoll_wait.
absl::Status RunLoop(tidemark::ConsumerCursor& cursor,
                     const std::atomic<bool>& is_over) {
  const int loop = ::epoll_create1(EPOLL_CLOEXEC);
  if (loop < 0) return absl::ErrnoToStatus(errno, "epoll_create1");
  const absl::Cleanup close = [loop] { ::close(loop); };
  epoll_event interest = {.events = EPOLLIN, .data = {.u64 = 1}};
  if (::epoll_ctl(loop, EPOLL_CTL_ADD, cursor.event_fd(), &interest) != 0) {
    return absl::ErrnoToStatus(errno, "epoll_ctl");
  }
  size_t count = 0;
  while (count < kRecords && !is_over) {
    const absl::StatusOr<tidemark::Records> records = cursor.Poll();
    if (!records.ok()) return records.status();
    count += records->size();
    if (!records->empty()) continue;
    epoll_event event;  // readable while there is something to poll
    if (::epoll_wait(loop, &event, 1, -1) < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "epoll_wait");
    }
  }
  fmt::print("the loop got {} records\n", count);
  return absl::OkStatus();
}

absl::Status Run(const std::string& directory) {
  auto store = tidemark::Store::Open(directory);
  if (!store.ok()) return store.status();
  auto topic = store->CreateTopic("events");
  if (!topic.ok()) return topic.status();
  auto cursor = tidemark::ConsumerCursor::Open(
      *store, {.topics = {"events"}, .start = tidemark::Start::End()});
  if (!cursor.ok()) return cursor.status();

  absl::Status appended;
  std::atomic<bool> is_over = false;
  std::thread producer([&] {
    for (int i = 0; i < kRecords && appended.ok(); ++i) {
      appended = topic->Append({.value = "event"}).status();
    }
    is_over = !appended.ok();
    cursor->Wake();
  });
  const absl::Status status = RunLoop(*cursor, is_over);
  producer.join();
  if (!appended.ok()) return appended;
  return status.ok() ? store->Close() : status;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
