#include "kill/killed_life.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "support/catch.h"
#include "support/expectation_check.h"
#include "support/small_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

std::string MakeDirectory(std::string path) {
  path += "/tidemark-kill-XXXXXX";
  REQUIRE(::mkdtemp(path.data()) != nullptr);
  return path;
}

// A directory for thousands of stores. Syncs are half of what these do, and a
// kill asks nothing of them, so the file system is an ext4 in memory, if this
// process may mount one.
std::string StoresDirectory() {
  static const TempDir on_disk;
  if (!SmallDisk::IsPossible(SmallDisk::Kind::kExt4)) return on_disk.path();
  static SmallDisk disk(SmallDisk::Kind::kExt4, 64 << 20, on_disk.path(),
                        "/dev/shm");
  disk.Unname();
  return disk.root();
}

std::string NewestSegment(const std::string& store) {
  std::string newest;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(store)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".log") && path > newest) newest = path;
  }
  return newest;
}

}  // namespace

KilledLife::KilledLife(const Life& life)
    : life_(life),
      home_(MakeDirectory(StoresDirectory())),
      store_(home_ + "/store"),
      memory_(MakeDirectory("/dev/shm")) {
  if (life_.before == nullptr) return;
  TracedChild before([this](int pipe) {
    LifeHost host(store_, OptionsOf(life_, memory_), pipe, 1);
    life_.before(host);
  });
  while (before.NextCall()) continue;
  const int status = before.status();
  INFO("waitpid says " << status);
  REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  Note(before.TakeReport());
  if (life_.is_torn) TearTail();
}

KilledLife::~KilledLife() {
  child_ = nullptr;
  std::error_code ignored;
  std::filesystem::remove_all(home_, ignored);
  std::filesystem::remove_all(memory_, ignored);
}

// As a loss of power leaves it: what was not synced is there in part.
void KilledLife::TearTail() {
  const std::string path = NewestSegment(store_);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const size_t last = bytes.find_last_not_of('\0');
  REQUIRE(last != std::string::npos);
  REQUIRE(last > 4096);
  file.clear();
  file.seekp(static_cast<std::streamoff>(last) - 300);
  file.write(std::string(100, '\xff').data(), 100);
  REQUIRE(file.flush().good());
  book_.NoteTorn();
}

void KilledLife::Note(const std::string& report) {
  LifeMessage message;
  REQUIRE(report.size() % sizeof(message) == 0);
  for (size_t at = 0; at < report.size(); at += sizeof(message)) {
    std::memcpy(&message, report.data() + at, sizeof(message));
    book_.Note(message);
  }
}

void KilledLife::Start() {
  child_ = std::make_unique<TracedChild>([this](int pipe) {
    LifeHost host(store_, OptionsOf(life_, memory_), pipe, 2);
    life_.run(host);
  });
}

std::vector<StorageCall> KilledLife::RunThrough() {
  Start();
  std::vector<StorageCall> calls;
  while (child_->NextCall()) calls.push_back(child_->call());
  INFO("waitpid says " << child_->status());
  REQUIRE(child_->status() == 0);
  Note(child_->TakeReport());
  return calls;
}

bool KilledLife::RunTo(uint64_t index, KillPlace place) {
  Start();
  for (uint64_t i = 0; i <= index; ++i) {
    if (child_->NextCall()) continue;
    INFO("waitpid says " << child_->status());
    REQUIRE(child_->status() == 0);
    Note(child_->TakeReport());
    return false;
  }
  if (place == KillPlace::kBefore && !life_.has_threads) {
    Note(child_->TakeReport());
    Look();
  }
  if (place == KillPlace::kWithin) child_->FinishPart();
  if (place == KillPlace::kBehind) child_->FinishCall();
  child_->Kill();
  INFO("waitpid says " << child_->status());
  REQUIRE(WIFSIGNALED(child_->status()));
  REQUIRE(WTERMSIG(child_->status()) == SIGKILL);
  Note(child_->TakeReport());
  return true;
}

// I15: whoever reads beside the host, at whatever moment.
void KilledLife::Look() {
  StoreOptions options;
  options.read_only = true;
  options.background_threads = false;
  absl::StatusOr<Store> store = Store::Open(store_, options);
  if (!book_.was_opened() && !store.ok()) {
    INFO("a reader got " << store.status().ToString());
    const bool is_told =
        absl::IsNotFound(store.status()) || IsNotAStore(store.status());
    REQUIRE(is_told);
    return;
  }
  REQUIRE_OK(store);
  Found found;
  INFO("a reader beside the host");
  REQUIRE_OK(CheckLogs(*store, book_.expectation(), CrashKind::kPower, &found));
}

void KilledLife::CheckStore(uint64_t choice) {
  constexpr ProcessDurability kChoices[] = {ProcessDurability::kSharedMemory,
                                            ProcessDurability::kWriteThrough,
                                            ProcessDurability::kStoreFile};
  Life next = life_;
  next.durability = kChoices[choice % std::size(kChoices)];
  next.has_threads = false;
  INFO("checked with " << ProcessDurabilityName(next.durability));
  REQUIRE_OK(test::CheckStore(store_, book_.expectation(), CrashKind::kProcess,
                              true, [&] { return OptionsOf(next, memory_); }));
  // I13: nothing stays behind.
  REQUIRE(std::filesystem::is_empty(memory_));
  for (const auto& entry : std::filesystem::directory_iterator(store_)) {
    REQUIRE_FALSE(entry.path().filename().string().starts_with("tidemark-"));
  }
}

}  // namespace tidemark::test
