#include "consumer/cursor_file.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consumer/cursor_file_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

using test::Commit;
using test::Committed;
using test::CursorDirectory;
using test::KeyOf;
using test::KeysUpTo;
using test::kTopicId;

TEST_CASE("A partition that was never committed has no commit",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CHECK(Committed(*store.Take(3), 2) == -1);
  // Nor when it has been claimed before.
  CHECK(Committed(*store.Take(3), 2) == -1);
}

TEST_CASE("A commit is there when the file is opened again", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  for (const Ack level : {Ack::kProcess, Ack::kDisk}) {
    {
      auto file = store.Take(2);
      REQUIRE_OK(Commit(*file, 0, 10, level));
      REQUIRE_OK(Commit(*file, 1, 20, level));
      REQUIRE_OK(Commit(*file, 0, 11, level));
      CHECK(Committed(*file, 0) == 11);
    }
    auto file = store.Take(2);
    CHECK(Committed(*file, 0) == 11);
    CHECK(Committed(*file, 1) == 20);
  }
}

TEST_CASE("A commit may go back", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(1);
    REQUIRE_OK(Commit(*file, 0, 10));
    REQUIRE_OK(Commit(*file, 0, 3));
  }
  CHECK(Committed(*store.Take(1), 0) == 3);
}

TEST_CASE("A commit keeps its incarnation", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(1);
    const CursorCommit commit{KeyOf(0), 10, 77};
    REQUIRE_OK(file->Write({&commit, 1}, Ack::kProcess, 0));
    CHECK(file->Holds(commit, Ack::kProcess));
    CHECK_FALSE(file->Holds({KeyOf(0), 10, 78}, Ack::kProcess));
  }
  CHECK(store.Take(1)->Find(KeyOf(0)).incarnation == 77);
}

TEST_CASE("A commit that changes nothing writes nothing", "[cursor_file]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  auto file = store.Take(1);
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
  env.ForgetCalls();
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kProcess));
  CHECK(env.call_count() == 0);
}

TEST_CASE("A commit at kProcess is one write, at kDisk one more sync",
          "[cursor_file]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  auto file = store.Take(1);
  env.ForgetCalls();
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kProcess));
  REQUIRE(env.call_count() == 1);
  CHECK(env.calls()[0].kind == EnvCall::kWrite);
  CHECK(env.calls()[0].size == 64);
  // The same position at a higher level is another commit.
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
  REQUIRE(env.call_count() == 3);
  CHECK(env.calls()[2].kind == EnvCall::kSync);
}

TEST_CASE("Two holders of one partition are refused", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto first = store.Take(2);
  auto second = store.Open();
  REQUIRE_OK(second);
  const std::vector<CursorKey> keys = {KeyOf(5), KeyOf(1)};
  const absl::Status status = (*second)->Take(keys);
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(status) == ErrorReason::kStoreInUse);
  CHECK_THAT(std::string(status.message()),
             Catch::Matchers::ContainsSubstring("partition 1"));

  SECTION("and none of the partitions is kept") {
    auto third = store.Open();
    REQUIRE_OK(third);
    const std::vector<CursorKey> free = {KeyOf(5)};
    CHECK_OK((*third)->Take(free));
  }
  SECTION("until the first one closes") {
    REQUIRE_OK(first->Close());
    CHECK_OK((*second)->Take(keys));
  }
  SECTION("also across processes") {
    auto process = env.StartProcess();
    CursorDirectory other(*process);
    auto file = other.Open();
    REQUIRE_OK(file);
    CHECK(ReasonOf((*file)->Take(KeysUpTo(1))) == ErrorReason::kStoreInUse);
    env.AbandonLocks();
    CHECK_OK((*file)->Take(KeysUpTo(1)));
  }
}

TEST_CASE("Cursors of one name share its file", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto first = store.Open();
  auto second = store.Open();
  REQUIRE_OK(first);
  REQUIRE_OK(second);
  const std::vector<CursorKey> even = {KeyOf(0), KeyOf(2)};
  const std::vector<CursorKey> odd = {KeyOf(1), KeyOf(3)};
  REQUIRE_OK((*first)->Take(even));
  REQUIRE_OK((*second)->Take(odd));
  REQUIRE_OK(Commit(**first, 0, 100));
  REQUIRE_OK(Commit(**second, 1, 101));
  REQUIRE_OK(Commit(**first, 2, 102));
  REQUIRE_OK(Commit(**second, 3, 103));
  first->reset();
  second->reset();
  auto file = store.Take(4);
  for (PartitionNumber i = 0; i < 4; ++i) CHECK(Committed(*file, i) == 100 + i);
}

TEST_CASE("A file grows for as many partitions as there are", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(10);
    REQUIRE_OK(Commit(*file, 9, 9));
    REQUIRE_OK(file->Take(KeysUpTo(300)));
    for (PartitionNumber i = 0; i < 300; ++i) REQUIRE_OK(Commit(*file, i, i));
  }
  auto file = store.Take(300);
  for (PartitionNumber i = 0; i < 300; ++i) CHECK(Committed(*file, i) == i);
}

TEST_CASE("Commits of one topic are told from none", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto file = store.Take(2);
  CHECK_FALSE(file->HasCommitsOf(kTopicId));
  REQUIRE_OK(Commit(*file, 0, 10));
  CHECK(file->HasCommitsOf(kTopicId));
  CHECK_FALSE(file->HasCommitsOf(test::IdOf(77)));
  file.reset();
  CHECK(store.Take(2)->HasCommitsOf(kTopicId));
}

TEST_CASE("Commits need no space on the disk", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto file = store.Take(100);
  env.SetCapacity(0);
  for (PartitionNumber i = 0; i < 100; ++i) {
    REQUIRE_OK(Commit(*file, i, 5, Ack::kDisk));
  }
  file.reset();
  // Nor does opening the name again.
  CHECK(Committed(*store.Take(100), 99) == 5);
}

TEST_CASE("A full disk refuses new partitions and keeps the old ones",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto file = store.Take(64);
  env.SetCapacity(0);
  CHECK(IsDiskFull(file->Take(KeysUpTo(65))));
  CHECK_OK(Commit(*file, 63, 5));
  env.SetCapacity(uint64_t{1} << 30);
  CHECK_OK(file->Take(KeysUpTo(65)));
  CHECK_OK(Commit(*file, 64, 6));
}

TEST_CASE("A file can be read without taking its partitions", "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  const auto open = [&] {
    return CursorFile::OpenToRead(store.directory(), test::kStoreId,
                                  test::kCursorName);
  };
  auto none = open();
  REQUIRE_OK(none);
  CHECK(*none == nullptr);
  auto writer = store.Take(1);
  REQUIRE_OK(Commit(*writer, 0, 10));
  auto reader = open();
  REQUIRE_OK(reader);
  REQUIRE_OK((*reader)->Read(KeysUpTo(2)));
  CHECK(Committed(**reader, 0) == 10);
  CHECK(Committed(**reader, 1) == -1);
  REQUIRE_OK(Commit(*writer, 0, 11));
  REQUIRE_OK((*reader)->Read(KeysUpTo(2)));
  CHECK(Committed(**reader, 0) == 11);
}

TEST_CASE("A durable commit survives a loss of power", "[cursor_file]") {
  MemoryEnv env;
  {
    CursorDirectory store(env);
    auto file = store.Take(1);
    REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
    REQUIRE_OK(Commit(*file, 0, 11, Ack::kProcess));
    REQUIRE_OK(Commit(*file, 0, 12, Ack::kProcess));
    REQUIRE_OK(Commit(*file, 0, 13, Ack::kProcess));
    env.DropUnsynced();
  }
  CursorDirectory store(env);
  CHECK(Committed(*store.Take(1), 0) == 10);
}

TEST_CASE("A commit survives the death of the process", "[cursor_file]") {
  MemoryEnv env;
  {
    CursorDirectory store(env);
    auto file = store.Take(1);
    REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
    REQUIRE_OK(Commit(*file, 0, 11, Ack::kProcess));
    env.AbandonLocks();
  }
  CursorDirectory store(env);
  CHECK(Committed(*store.Take(1), 0) == 11);
}

TEST_CASE("A durable commit of a dead process is synced before it is passed",
          "[cursor_file]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  {
    auto file = store.Take(1);
    REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
    // The process dies between the write and the sync.
    env.FailKind(EnvCall::kSync, EIO);
    CHECK_FALSE(Commit(*file, 0, 11, Ack::kDisk).ok());
  }
  auto file = store.Take(1);
  CHECK(Committed(*file, 0) == 11);
  env.ForgetCalls();
  REQUIRE_OK(Commit(*file, 0, 12, Ack::kProcess));
  REQUIRE(env.call_count() == 2);
  CHECK(env.calls()[0].kind == EnvCall::kSync);
  CHECK(env.calls()[1].kind == EnvCall::kWrite);
}

TEST_CASE("After a failed write or sync a file refuses commits",
          "[cursor_file]") {
  for (const EnvCall kind : {EnvCall::kWrite, EnvCall::kSync}) {
    MemoryEnv memory;
    FaultEnv env(memory);
    CursorDirectory store(env);
    auto file = store.Take(1);
    REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
    env.FailKind(kind, EIO);
    CHECK(IsIoError(Commit(*file, 0, 11, Ack::kDisk)));
    CHECK(IsPoisoned(Commit(*file, 0, 12, Ack::kProcess)));
    file.reset();
    CHECK_OK(Commit(*store.Take(1), 0, 12, Ack::kDisk));
  }
}

TEST_CASE("A commit that finds the disk full can be repeated",
          "[cursor_file]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  auto file = store.Take(1);
  REQUIRE_OK(Commit(*file, 0, 10, Ack::kDisk));
  env.FailKind(EnvCall::kWrite, ENOSPC);
  CHECK(IsDiskFull(Commit(*file, 0, 11, Ack::kDisk)));
  CHECK(Committed(*file, 0) == 10);
  CHECK_OK(Commit(*file, 0, 12, Ack::kDisk));
  file.reset();
  CHECK(Committed(*store.Take(1), 0) == 12);
}

// Opens a file, commits at two levels and grows; a status tells where it
// stopped.
absl::Status Scenario(CursorDirectory& store, Offset* safe, Offset* tried) {
  auto file = store.Open();
  if (!file.ok()) return file.status();
  absl::Status status = (*file)->Take(KeysUpTo(60));
  for (const Offset offset : {10, 11, 12, 13, 14, 15}) {
    if (!status.ok()) return status;
    const Ack level = offset % 3 == 1 ? Ack::kDisk : Ack::kProcess;
    *tried = offset;
    status = Commit(**file, 0, offset, level);
    if (status.ok() && level == Ack::kDisk) *safe = offset;
    if (status.ok() && offset == 12) status = (*file)->Take(KeysUpTo(130));
  }
  return status;
}

TEST_CASE("A fault at any call of a commit loses no durable commit",
          "[cursor_file]") {
  for (const int error : {EIO, ENOSPC, EROFS}) {
    for (uint64_t index = 0;; ++index) {
      MemoryEnv memory;
      FaultEnv env(memory);
      CursorDirectory store(env);
      env.ForgetCalls();
      env.FailCall(index, error);
      Offset safe = -1;
      Offset tried = -1;
      const absl::Status status = Scenario(store, &safe, &tried);
      if (env.injected_count() == 0) {
        CHECK_OK(status);
        CHECK(index > 20);
        break;
      }
      env.ClearFaults();
      INFO("error " << error << " at call " << index << ": " << status);
      // As it is, and as a loss of power leaves it. // G8
      for (const bool is_power_lost : {false, true}) {
        const auto after =
            is_power_lost ? memory.CopyDurable() : memory.CopyCurrent();
        CursorDirectory reopened(*after);
        auto file = reopened.Take(130);
        const Offset found = Committed(*file, 0);
        CHECK(found >= safe);
        CHECK(found <= tried);
        CHECK_OK(Commit(*file, 0, 99, Ack::kDisk));
      }
    }
  }
}

TEST_CASE("An entry that is damaged in both slots is lost, not forgotten",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(3);
    for (PartitionNumber i = 0; i < 3; ++i) REQUIRE_OK(Commit(*file, i, 10));
  }
  store.DamageSlot(1, 0);
  store.DamageSlot(1, 1);
  {
    auto file = store.Take(4);
    CHECK(Committed(*file, 0) == 10);
    CHECK(Committed(*file, 1) == -2);
    CHECK(Committed(*file, 2) == 10);
    // It could be this one's, for all that anybody can tell.
    CHECK(Committed(*file, 3) == -2);
    // A commit says where it is again.
    REQUIRE_OK(Commit(*file, 1, 11));
    CHECK(Committed(*file, 1) == 11);
  }
  auto file = store.Take(4);
  CHECK(Committed(*file, 0) == 10);
  CHECK(Committed(*file, 1) == 11);
  CHECK(Committed(*file, 3) == -1);
}

TEST_CASE("A first commit that is damaged is lost, not forgotten",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  REQUIRE_OK(Commit(*store.Take(2), 1, 10, Ack::kDisk));
  store.DamageSlot(1, 0);
  auto file = store.Take(2);
  CHECK(Committed(*file, 0) == -1);
  CHECK(Committed(*file, 1) == -2);
  REQUIRE_OK(Commit(*file, 1, 12));
  file.reset();
  CHECK(Committed(*store.Take(2), 1) == 12);
}

TEST_CASE("No flipped bit of a cursor file makes up a position",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(2);
    for (const Offset offset : {100, 200, 300}) {
      REQUIRE_OK(Commit(*file, 0, offset, Ack::kDisk));
    }
    REQUIRE_OK(Commit(*file, 1, 500, Ack::kDisk));
  }
  const std::string whole = store.ReadFile();
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    // A blank byte more or less is like any other: one in 64 is enough.
    if (whole[bit / 8] == 0 && (bit / 8) % 64 != bit % 64) continue;
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    store.WriteFile(bytes);
    auto file = store.Take(2);
    INFO("bit " << bit);
    const Offset first = Committed(*file, 0);
    CHECK((first == 300 || first == 200));
    const Offset second = Committed(*file, 1);
    CHECK((second == 500 || second == -2));
  }
}

TEST_CASE("A cursor file that is cut off is damaged, not empty",
          "[cursor_file]") {
  MemoryEnv env;
  CursorDirectory store(env);
  {
    auto file = store.Take(70);
    REQUIRE_OK(Commit(*file, 0, 10));
    REQUIRE_OK(Commit(*file, 69, 10));
  }
  const std::string whole = store.ReadFile();
  for (size_t size = 0; size < whole.size(); size += 509) {
    store.WriteFile(whole.substr(0, size));
    auto file = store.Open();
    if (!file.ok()) {
      CHECK_STATUS(absl::StatusCode::kDataLoss, file);
      continue;
    }
    REQUIRE_OK((*file)->Read(KeysUpTo(70)));
    for (const PartitionNumber partition : {0, 69}) {
      const Offset found = Committed(**file, partition);
      INFO("size " << size << " partition " << partition);
      CHECK((found == 10 || found == -2));
    }
  }
}

}  // namespace
}  // namespace tidemark
