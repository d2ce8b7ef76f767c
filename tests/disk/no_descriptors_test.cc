#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <vector>

#include "disk/disk_host.h"
#include "io/limits.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

// A process that has no descriptors left, at any moment.
namespace tidemark::test {
namespace {

// Leaves the process so many descriptors, for a scope.
class FewDescriptors {
 public:
  explicit FewDescriptors(uint64_t spare) : limit_(RLIMIT_NOFILE, kLimit) {
    for (int fd = OpenOne(); fd >= 0; fd = OpenOne()) taken_.push_back(fd);
    REQUIRE(errno == EMFILE);
    REQUIRE(taken_.size() >= spare);
    for (; spare > 0; --spare) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }
  ~FewDescriptors() {
    for (const int fd : taken_) ::close(fd);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  static constexpr rlim_t kLimit = 512;
  static int OpenOne() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

  const ScopedLimit limit_;
  std::vector<int> taken_;
};

void RequireNoDescriptors(const absl::Status& status) {
  REQUIRE_STATUS(absl::StatusCode::kResourceExhausted, status);
  REQUIRE(ReasonOf(status) == ErrorReason::kOutOfFileDescriptors);
}

// X5: the call fails, and nothing else has happened.
// Without a descriptor UBSan cannot look at the type of an object.
TEST_CASE("A store opens with enough descriptors or not at all",
          "[disk][no_asan]") {
  const TempDir directory;
  DiskHost host(directory / "store", StoreOptions());
  host.Open();
  REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 400));
  REQUIRE_OK(host.Close());
  uint64_t refused = 0;
  for (uint64_t spare = 0;; ++spare) {
    INFO(spare << " descriptors");
    REQUIRE(spare < 100);
    absl::Status status;
    {
      const FewDescriptors few(spare);
      absl::StatusOr<Store> store = Store::Open(directory / "store");
      status = store.status();
      if (status.ok()) {
        absl::StatusOr<Topic> topic = store->OpenTopic("t");
        status = topic.status();
        if (status.ok()) status = topic->partition(0).status();
        REQUIRE_OK(store->Close());
      }
    }
    if (status.ok()) break;
    RequireNoDescriptors(status);
    ++refused;
    host.Open();
    host.CheckRecords();
    REQUIRE_OK(host.Close());
  }
  REQUIRE(refused >= 3);
  PrintCount(refused, "openings without enough descriptors");
}

// Rolls and reads need descriptors of their own.
TEST_CASE("A store without descriptors loses nothing and goes on",
          "[disk][no_asan]") {
  for (const ProcessDurability durability :
       {ProcessDurability::kSharedMemory, ProcessDurability::kWriteThrough}) {
    INFO(ProcessDurabilityName(durability));
    const TempDir directory;
    StoreOptions options;
    options.process_durability = durability;
    options.arena_bytes = 256 << 10;
    options.append_timeout = absl::Milliseconds(100);
    DiskHost host(directory / "store", options);
    host.Open();
    REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 400));
    {
      const FewDescriptors few(0);
      absl::Status status = host.AppendUntilFull(Ack::kProcess, 4000);
      REQUIRE_STATUS(absl::StatusCode::kResourceExhausted, status);
      REQUIRE_OK(host.partition().failure());
      REQUIRE(host.partition().marks().end == host.end());
    }
    host.CheckRecords();
    REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 400));
    REQUIRE_OK(host.Append(Ack::kDisk));
    host.CheckRecords();
    REQUIRE_OK(host.Close());
    host.Open();
    host.CheckRecords();
    REQUIRE_OK(host.Close());
  }
}

}  // namespace
}  // namespace tidemark::test
