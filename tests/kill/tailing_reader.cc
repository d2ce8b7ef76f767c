#include "kill/tailing_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <optional>
#include <utility>

#include "process/writer_message.h"
#include "support/catch.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark::test {
namespace {

// One record that the reader saw, or, with a negative partition, its end.
struct SeenRecord {
  PartitionNumber partition = -1;
  uint32_t is_whole = 0;
  Offset offset = 0;
  uint64_t number = 0;
};

constexpr int kHangSeconds = 60;

[[noreturn]] void Fail(const char* step, const absl::Status& status) {
  std::cerr << "a reader failed at " << step << ": " << status.ToString()
            << std::endl;
  ::_exit(3);
}

// The store may not be made yet.
Store OpenWhenItIsThere(const std::string& directory) {
  StoreOptions options;
  options.read_only = true;
  options.background_threads = false;
  for (;;) {
    absl::StatusOr<Store> store = Store::Open(directory, options);
    if (store.ok()) return *std::move(store);
    if (!absl::IsNotFound(store.status()) && !IsNotAStore(store.status())) {
      Fail("open", store.status());
    }
    ::poll(nullptr, 0, 1);
  }
}

ConsumerCursor FollowWhenItIsThere(Store& store, Visibility visibility) {
  const CursorOptions options{.topics = {kTopicName},
                              .start = Start::Begin(),
                              .visibility = visibility,
                              .poll = {.timeout = absl::Milliseconds(50)}};
  for (;;) {
    absl::StatusOr<ConsumerCursor> cursor =
        ConsumerCursor::Open(store, options);
    if (cursor.ok()) return *std::move(cursor);
    if (!absl::IsNotFound(cursor.status())) Fail("cursor", cursor.status());
    ::poll(nullptr, 0, 1);
  }
}

[[noreturn]] void Follow(const std::string& directory, Visibility visibility,
                         int pipe) {
  Store store = OpenWhenItIsThere(directory);
  ConsumerCursor cursor = FollowWhenItIsThere(store, visibility);
  for (;;) {
    const absl::StatusOr<Records> records = cursor.Poll();
    if (!records.ok()) Fail("poll", records.status());
    for (const RecordView& record : *records) {
      SeenRecord seen;
      seen.partition = record.id().partition;
      seen.offset = record.offset();
      const std::string_view value = record.value().value_or("");
      seen.number = NumberIn(value);
      seen.is_whole =
          value == ValueOf(seen.number) && record.key() == KeyOf(seen.number);
      if (::write(pipe, &seen, sizeof(seen)) != sizeof(seen)) ::_exit(4);
    }
  }
}

}  // namespace

TailingReader::TailingReader(const std::string& directory,
                             Visibility visibility) {
  std::array<int, 2> pipe;
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  REQUIRE(::fcntl(pipe[0], F_SETFL, O_NONBLOCK) == 0);
  // It reads on while the test looks after the writer.
  REQUIRE(::fcntl(pipe[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
  process_ = ::fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    // A test that is killed takes its readers along.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(pipe[0]);
    Follow(directory, visibility, pipe[1]);
  }
  ::close(pipe[1]);
  pipe_ = pipe[0];
}

TailingReader::~TailingReader() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(pipe_);
}

void TailingReader::Take() {
  SeenRecord seen;
  for (;;) {
    const ssize_t size = ::read(pipe_, &seen, sizeof(seen));
    INFO("a reader that ended said why on standard error");
    REQUIRE(size != 0);
    if (size < 0) return;
    REQUIRE(size == sizeof(seen));
    NumberLog& log = seen_.at(static_cast<size_t>(seen.partition));
    // I2, I3: what was submitted, without hole or repetition.
    REQUIRE(seen.is_whole == 1);
    REQUIRE(seen.offset == std::ssize(log));
    log.push_back(seen.number);
  }
}

void TailingReader::WaitFor(PartitionNumber partition, size_t size) {
  for (;;) {
    Take();
    if (seen(partition).size() >= size) return;
    pollfd wait = {pipe_, POLLIN, 0};
    INFO("partition " << partition << ": seen " << seen(partition).size()
                      << " of " << size);
    REQUIRE(::poll(&wait, 1, kHangSeconds * 1000) == 1);
  }
}

}  // namespace tidemark::test
