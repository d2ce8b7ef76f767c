#include "consumer/cursor_pages.h"

#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "consumer/cursor_file_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

using test::CursorDirectory;
using test::IdOf;
using test::kCursorName;
using test::kCursorPath;
using test::kStoreId;

namespace format = cursor_file_format;

absl::StatusOr<std::unique_ptr<CursorPages>> OpenPages(
    CursorDirectory& store, std::string_view name = kCursorName) {
  return CursorPages::Open(store.directory(), kStoreId, name,
                           FileAccess::kReadWrite);
}

std::unique_ptr<CursorPages> CreatePages(CursorDirectory& store) {
  auto pages = CursorPages::Create(store.directory(), store.env(), kStoreId,
                                   kCursorName);
  REQUIRE_OK(pages);
  return *std::move(pages);
}

struct Counts {
  int free = 0;
  int damaged = 0;
  int other = 0;
};

Counts CountEntries(CursorPages& pages) {
  Counts counts;
  REQUIRE_OK(pages.Scan([&](uint32_t, const CursorEntry& entry) {
    switch (entry.state()) {
      case CursorEntry::State::kFree:
        ++counts.free;
        return;
      case CursorEntry::State::kDamaged:
        ++counts.damaged;
        return;
      default:
        ++counts.other;
    }
  }));
  return counts;
}

CursorSlot ClaimOf(PartitionNumber partition) {
  CursorSlot slot;
  slot.sequence = 1;
  slot.key = test::KeyOf(partition);
  return slot;
}

TEST_CASE("A new cursor file has one pair of blank pages", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  CHECK(store.ReadFile().size() == 4 * format::kPageSize);
  auto pages = OpenPages(store);
  REQUIRE_OK(pages);
  CHECK((*pages)->pair_count() == 1);
  CHECK(CountEntries(**pages).free == 64);
}

TEST_CASE("A cursor file that is not there is not found", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CHECK_STATUS(absl::StatusCode::kNotFound, OpenPages(store));
}

TEST_CASE("A cursor file is durable when it has been created",
          "[cursor_pages]") {
  MemoryEnv env;
  {
    CursorDirectory store(env);
    CreatePages(store);
  }
  env.DropUnsynced();
  CursorDirectory store(env);
  CHECK_OK(OpenPages(store));
}

TEST_CASE("A cursor file is created over what a crash left", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  REQUIRE_OK(store.directory().CreateDirectory("cursors"));
  {
    auto left = store.directory().CreateFile("cursors/.new-group");
    REQUIRE_OK(left);
    REQUIRE_OK((*left)->WriteAt(0, AsBytes("half")));
  }
  CreatePages(store);
  CHECK_OK(OpenPages(store));
}

TEST_CASE("A crash during creation leaves no file or a whole one",
          "[cursor_pages]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  int whole = 0;
  const auto check = [&](std::unique_ptr<MemoryEnv> crashed) {
    CursorDirectory after(*crashed);
    const auto pages = OpenPages(after);
    if (!absl::IsNotFound(pages.status())) {
      CHECK_OK(pages);
      ++whole;
    }
    CHECK_OK(
        CursorFile::Open(after.directory(), *crashed, kStoreId, kCursorName));
  };
  env.SetObserver([&](const EnvCallRecord&) {
    check(memory.CopyDurable());
    check(memory.CopyCurrent());
  });
  CreatePages(store);
  env.SetObserver(nullptr);
  CHECK(whole > 0);
}

TEST_CASE("Creation fails with every call that fails, and succeeds after it",
          "[cursor_pages]") {
  for (uint64_t index = 0;; ++index) {
    MemoryEnv memory;
    FaultEnv env(memory);
    CursorDirectory store(env);
    env.ForgetCalls();
    env.FailCall(index, EIO);
    const auto pages =
        CursorPages::Create(store.directory(), env, kStoreId, kCursorName);
    if (env.injected_count() == 0) {
      CHECK_OK(pages);
      CHECK(index > 5);
      break;
    }
    INFO("call " << index);
    CHECK_FALSE(pages.ok());
    env.ClearFaults();
    CHECK_OK(CursorFile::Open(store.directory(), env, kStoreId, kCursorName));
  }
}

TEST_CASE("One copy of the header is enough", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  const std::string whole = store.ReadFile();
  for (const size_t page : {size_t{0}, size_t{format::kPageSize}}) {
    std::string bytes = whole;
    bytes.replace(page, format::kPageSize,
                  std::string(format::kPageSize, '\xff'));
    store.WriteFile(bytes);
    CHECK_OK(OpenPages(store));
  }
}

TEST_CASE("Without a header a cursor file is damaged", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  const std::string whole = store.ReadFile();
  for (const size_t at : {format::header::kNameAt, format::extent::kAt}) {
    std::string bytes = whole;
    bytes[at] ^= 1;
    bytes[at + format::kPageSize] ^= 1;
    store.WriteFile(bytes);
    const auto pages = OpenPages(store);
    CHECK_STATUS(absl::StatusCode::kDataLoss, pages);
    CHECK(IsDamaged(pages.status()));
  }
  store.WriteFile("");
  CHECK_STATUS(absl::StatusCode::kDataLoss, OpenPages(store));
}

TEST_CASE("A cursor file of another name or store is refused",
          "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  REQUIRE_OK(store.directory().Rename(kCursorPath, "cursors/other", false));
  CHECK_STATUS(absl::StatusCode::kDataLoss, OpenPages(store, "other"));
  REQUIRE_OK(store.directory().Rename("cursors/other", kCursorPath, false));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               CursorPages::Open(store.directory(), IdOf(99), kCursorName,
                                 FileAccess::kReadWrite));
}

TEST_CASE("A cursor file of a newer version is told as such",
          "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  std::string bytes = store.ReadFile();
  for (const uint64_t page : {uint64_t{0}, format::kPageSize}) {
    std::byte* const header = reinterpret_cast<std::byte*>(&bytes[page]);
    StoreLittle<uint32_t>(header + format::header::kVersionAt, 2);
    std::array<std::byte, 8> salt;
    StoreLittle(salt.data(), page);
    StoreLittle(header + format::header::kChecksumAt,
                Checksum(salt, {header, format::header::kChecksumAt}));
  }
  store.WriteFile(bytes);
  const auto pages = OpenPages(store);
  CHECK_STATUS(absl::StatusCode::kUnimplemented, pages);
  CHECK(IsNewerFormat(pages.status()));
  CHECK(std::string(pages.status().message())
            .find("format 2 is of a newer version of the library, this one "
                  "reads format 1") != std::string::npos);
}

TEST_CASE("Pages are added in pairs", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto pages = CreatePages(store);
  REQUIRE_OK(pages->AddPairs(3));
  CHECK(pages->pair_count() == 1);
  REQUIRE_OK(pages->RaiseExtent(3));
  REQUIRE_OK(pages->Sync());
  REQUIRE_OK(pages->RaiseExtent(3));
  CHECK(pages->pair_count() == 3);
  REQUIRE_OK(pages->WriteSlot(191, 1, ClaimOf(7)));
  auto reopened = OpenPages(store);
  REQUIRE_OK(reopened);
  CHECK((*reopened)->pair_count() == 3);
  const Counts counts = CountEntries(**reopened);
  CHECK(counts.free == 191);
  CHECK(counts.other == 1);
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               pages->AddPairs(format::kPairsMax + 1));
}

TEST_CASE("A torn extent leaves the pairs that were in use", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  auto pages = CreatePages(store);
  REQUIRE_OK(pages->AddPairs(2));
  REQUIRE_OK(pages->RaiseExtent(2));  // and no second copy: a crash
  for (const int torn : {0, 1}) {
    std::string bytes = store.ReadFile();
    bytes[CursorExtentPosition(torn)] ^= 1;
    store.WriteFile(bytes);
    auto reopened = OpenPages(store);
    REQUIRE_OK(reopened);
    const uint32_t count = (*reopened)->pair_count();
    CHECK(count == (torn == 0 ? 1 : 2));
    // The next extension leaves the copy that holds until it is written.
    const size_t kept = CursorExtentPosition(1 - torn);
    const std::string before = store.ReadFile().substr(kept, 64);
    REQUIRE_OK((*reopened)->AddPairs(count + 1));
    REQUIRE_OK((*reopened)->RaiseExtent(count + 1));
    CHECK((*reopened)->pair_count() == count + 1);
    CHECK(store.ReadFile().substr(kept, 64) == before);
    bytes[CursorExtentPosition(torn)] ^= 1;
    store.WriteFile(bytes);
  }
}

TEST_CASE("What a file is too short for counts as damaged", "[cursor_pages]") {
  MemoryEnv env;
  CursorDirectory store(env);
  CreatePages(store);
  const std::string whole = store.ReadFile();
  store.WriteFile(whole.substr(0, 2 * format::kPageSize));
  auto pages = OpenPages(store);
  REQUIRE_OK(pages);
  CHECK(CountEntries(**pages).damaged == 64);
}

TEST_CASE("A failed write poisons, a full disk does not", "[cursor_pages]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  auto pages = CreatePages(store);
  env.FailKind(EnvCall::kWrite, ENOSPC);
  CHECK(IsDiskFull(pages->WriteSlot(0, 0, ClaimOf(0))));
  CHECK_OK(pages->WriteSlot(0, 0, ClaimOf(0)));
  env.FailKind(EnvCall::kWrite, EIO);
  CHECK(IsIoError(pages->WriteSlot(0, 1, ClaimOf(0))));
  const absl::Status status = pages->WriteSlot(0, 1, ClaimOf(0));
  CHECK(IsPoisoned(status));
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(IsPoisoned(pages->Sync()));
  CHECK(CountEntries(*pages).other == 1);
}

TEST_CASE("A failed sync poisons, whatever its cause", "[cursor_pages]") {
  for (const int error : {EIO, ENOSPC}) {
    MemoryEnv memory;
    FaultEnv env(memory);
    CursorDirectory store(env);
    auto pages = CreatePages(store);
    env.FailKind(EnvCall::kSync, error);
    CHECK_FALSE(pages->Sync().ok());
    CHECK(IsPoisoned(pages->Sync()));
    CHECK(IsPoisoned(pages->WriteSlot(0, 0, ClaimOf(0))));
  }
}

TEST_CASE("A read is tried twice", "[cursor_pages]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CursorDirectory store(env);
  CreatePages(store);
  env.FailKind(EnvCall::kRead, EIO);
  CHECK_OK(OpenPages(store));
  env.FailKind(EnvCall::kRead, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(OpenPages(store).status()));
}

}  // namespace
}  // namespace tidemark
