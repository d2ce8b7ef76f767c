#include "segment/segment_file.h"

#include <array>
#include <string>

#include "segment/segment_fixture.h"
#include "segment/segment_trailer.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

constexpr uint64_t kLimit = 1 << 20;
const std::string kFileName = "00000000000000000042.log";

struct FileWorld : MemoryWorld {
  FileWorld() : fault(env) { faulty = *fault.OpenDirectory("/store", false); }

  absl::StatusOr<std::unique_ptr<SegmentFile>> Create(uint64_t allocation) {
    return SegmentFile::Create(*faulty, "", TestHeader(42), allocation, kLimit);
  }
  absl::StatusOr<std::unique_ptr<SegmentFile>> Open() {
    return SegmentFile::Open(*faulty, "", TestIdentity(), 42,
                             FileAccess::kReadWrite);
  }

  FaultEnv fault;
  std::unique_ptr<Directory> faulty;
};

uint64_t AllocatedSize(const SegmentFile& file) {
  return file.file().Stat()->allocated_size;
}

absl::Status WriteText(SegmentFile& file, uint64_t position,
                       std::string_view text) {
  const ByteSpan part = AsBytes(text);
  return file.Write(position, {&part, 1});
}

TEST_CASE("A new segment file is reserved and has its header", "[segment]") {
  FileWorld world;
  const auto file = world.Create(10000);
  REQUIRE_OK(file);
  CHECK((*file)->path() == kFileName);
  CHECK((*file)->size() == 10000);
  CHECK((*file)->reserves_storage());
  CHECK(AllocatedSize(**file) >= 10000);
  const std::string bytes = ReadWhole(*world.root, kFileName);
  CHECK(bytes.substr(0, 1024) == EncodeSegmentHeader(TestHeader(42)));
  CHECK(bytes.substr(1024) == std::string(10000 - 1024, '\0'));
}

TEST_CASE("A new segment file has room for its header at least", "[segment]") {
  FileWorld world;
  const auto file = world.Create(0);
  REQUIRE_OK(file);
  CHECK((*file)->size() == 1024);
}

TEST_CASE("Nothing of a new segment file is synced", "[segment]") {
  FileWorld world;
  REQUIRE_OK(world.Create(0));
  for (const EnvCallRecord& call : world.fault.calls()) {
    CHECK(call.kind != EnvCall::kSync);
    CHECK(call.kind != EnvCall::kSyncAll);
    CHECK(call.kind != EnvCall::kSyncDirectory);
  }
}

TEST_CASE("A segment is not created over another file", "[segment]") {
  FileWorld world;
  WriteWhole(*world.root, kFileName, "precious");
  CHECK_STATUS(absl::StatusCode::kAlreadyExists, world.Create(0));
  CHECK(ReadWhole(*world.root, kFileName) == "precious");
}

TEST_CASE("A segment that could not be created leaves no file", "[segment]") {
  for (const EnvCall kind : {EnvCall::kAllocate, EnvCall::kWrite}) {
    FileWorld world;
    world.fault.FailKind(kind, ENOSPC);
    CHECK(IsDiskFull(world.Create(0).status()));
    CHECK(world.root->List("")->empty());
    CHECK_OK(world.Create(0));
  }
}

TEST_CASE("A file system that reserves nothing is no error", "[segment]") {
  FileWorld world;
  world.fault.FailKind(EnvCall::kAllocate, EOPNOTSUPP, true);
  const auto file = world.Create(8192);
  REQUIRE_OK(file);
  CHECK_FALSE((*file)->reserves_storage());
  CHECK((*file)->size() == 1024);
  CHECK_OK((*file)->EnsureAllocated(100'000));
  CHECK(world.fault.injected_count() == 1);
}

TEST_CASE("Storage is reserved in steps that double", "[segment]") {
  FileWorld world;
  const auto created = SegmentFile::Create(*world.faulty, "", TestHeader(42), 0,
                                           uint64_t{1} << 30);
  REQUIRE_OK(created);
  SegmentFile& file = **created;
  uint64_t step = 64 * kKiB;
  uint64_t expected = 1024;
  for (int i = 0; i < 10; ++i) {
    REQUIRE_OK(file.EnsureAllocated(file.size() + 1));
    expected += step;
    CHECK(file.size() == expected);
    step = std::min(2 * step, 8 * kMiB);
  }
}

TEST_CASE("Steps outgrow what is asked for at a time", "[segment]") {
  FileWorld world;
  const auto created = SegmentFile::Create(*world.faulty, "", TestHeader(42), 0,
                                           uint64_t{1} << 30);
  REQUIRE_OK(created);
  SegmentFile& file = **created;
  world.fault.ForgetCalls();
  for (uint64_t end = 256 * kKiB; end <= 64 * kMiB; end += 256 * kKiB) {
    REQUIRE_OK(file.EnsureAllocated(end));
  }
  // 512 KiB and its doubles, then 8 MiB at a time.
  CHECK(world.fault.call_count() < 16);
}

TEST_CASE("No storage is reserved beyond the limit unless it is asked for",
          "[segment]") {
  FileWorld world;
  const auto created =
      SegmentFile::Create(*world.faulty, "", TestHeader(42), 0, 70'000);
  REQUIRE_OK(created);
  SegmentFile& file = **created;
  REQUIRE_OK(file.EnsureAllocated(60'000));
  CHECK(file.size() == 1024 + 64 * kKiB);
  REQUIRE_OK(file.EnsureAllocated(68'000));
  CHECK(file.size() == 70'000);
  REQUIRE_OK(file.EnsureAllocated(80'000));
  CHECK(file.size() == 80'000);
}

TEST_CASE("What is reserved is not reserved again", "[segment]") {
  FileWorld world;
  const auto file = world.Create(10000);
  REQUIRE_OK(file);
  world.fault.ForgetCalls();
  REQUIRE_OK((*file)->EnsureAllocated(10000));
  CHECK(world.fault.call_count() == 0);
}

TEST_CASE("Without room for a step the bytes needed are reserved",
          "[segment]") {
  FileWorld world;
  const auto file = world.Create(4096);
  REQUIRE_OK(file);
  world.fault.FailKind(EnvCall::kAllocate, ENOSPC);
  REQUIRE_OK((*file)->EnsureAllocated(5000));
  CHECK((*file)->size() == 5000);
}

TEST_CASE("A full disk changes nothing and passes", "[segment]") {
  FileWorld world;
  const auto file = world.Create(4096);
  REQUIRE_OK(file);
  world.fault.FailKind(EnvCall::kAllocate, ENOSPC, true);
  CHECK(IsDiskFull((*file)->EnsureAllocated(5000)));
  CHECK((*file)->size() == 4096);
  world.fault.ClearFaults();
  CHECK_OK((*file)->EnsureAllocated(5000));
}

TEST_CASE("An I/O error of a reservation is not taken for a full disk",
          "[segment]") {
  FileWorld world;
  const auto file = world.Create(4096);
  REQUIRE_OK(file);
  world.fault.FailKind(EnvCall::kAllocate, EIO);
  CHECK(IsIoError((*file)->EnsureAllocated(5000)));
}

TEST_CASE("Parts are written one behind the other", "[segment]") {
  FileWorld world;
  const auto file = world.Create(0);
  REQUIRE_OK(file);
  const ByteSpan parts[] = {AsBytes("one "), AsBytes("two "), AsBytes("three")};
  REQUIRE_OK((*file)->Write(1024, parts));
  CHECK((*file)->size() == 1024 + 13);
  std::array<std::byte, 20> bytes;
  REQUIRE((*file)->ReadAt(1024, bytes).value() == 13);
  CHECK(AsText(ByteSpan(bytes).first(13)) == "one two three");
}

TEST_CASE("A segment is opened with the header that it was made with",
          "[segment]") {
  FileWorld world;
  REQUIRE_OK(world.Create(5000));
  const auto file = world.Open();
  REQUIRE_OK(file);
  CHECK((*file)->header() == TestHeader(42));
  CHECK((*file)->size() == 5000);
  CHECK((*file)->path() == kFileName);
}

TEST_CASE("A segment that is opened does not trust that storage is reserved",
          "[segment]") {
  FileWorld world;
  REQUIRE_OK(world.Create(5000));
  const auto file = world.Open();
  REQUIRE_OK(file);
  world.fault.ForgetCalls();
  REQUIRE_OK((*file)->EnsureAllocated(4000));
  CHECK(world.fault.call_count() == 1);
}

TEST_CASE("A segment that is not there is not found", "[segment]") {
  FileWorld world;
  CHECK_STATUS(absl::StatusCode::kNotFound, world.Open());
}

TEST_CASE("A segment with one damaged header opens", "[segment]") {
  FileWorld world;
  REQUIRE_OK(world.Create(0));
  std::string bytes = ReadWhole(*world.root, kFileName);
  bytes[100] ^= 1;
  WriteWhole(*world.root, kFileName, bytes);
  CHECK_OK(world.Open());
}

TEST_CASE("A segment without a valid header does not open", "[segment]") {
  FileWorld world;
  REQUIRE_OK(world.Create(0));
  std::string bytes = ReadWhole(*world.root, kFileName);
  bytes[100] ^= 1;
  bytes[600] ^= 1;
  WriteWhole(*world.root, kFileName, bytes);
  CHECK(IsDamaged(world.Open().status()));
}

TEST_CASE("A segment of another log does not open", "[segment]") {
  const auto open = [](auto change) {
    FileWorld world;
    SegmentHeader header = TestHeader(42);
    change(header);
    WriteWhole(*world.root, kFileName, EncodeSegmentHeader(header));
    return world.Open().status();
  };
  CHECK_OK(open([](SegmentHeader&) {}));
  CHECK(IsDamaged(open([](auto& h) { h.identity.store_id = FilledId(1); })));
  CHECK(IsDamaged(open([](auto& h) { h.identity.topic_id = FilledId(1); })));
  CHECK(IsDamaged(open([](auto& h) { h.identity.partition = 8; })));
  CHECK(IsDamaged(open([](auto& h) { h.base_offset = 43; })));
}

TEST_CASE("A seal stands at the end of a file that is cut", "[segment]") {
  FileWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42), 100'000);
  writer.Append(3, 42).Append(2, 44);
  const uint64_t data_end = writer.index().totals().data_end;
  writer.Seal(46);
  const SegmentFile& file = writer.file();
  CHECK(file.size() == data_end + 32 + 32 + 160);
  CHECK(file.file().Stat()->size == file.size());
  const auto trailer =
      ReadTrailer(file.file(), file.header(), file.size()).value();
  REQUIRE(trailer.has_value());
  CHECK(trailer->totals.durable_end == 46);
  CHECK(trailer->totals.next_offset == 47);
}

TEST_CASE("A seal never says more than its segment holds", "[segment]") {
  FileWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  writer.Append(3, 42);
  writer.Seal(1000);
  const auto trailer = ReadTrailer(writer.file().file(), writer.file().header(),
                                   writer.file().size());
  CHECK((*trailer)->totals.durable_end == 45);
}

TEST_CASE("An empty segment can be sealed", "[segment]") {
  FileWorld world;
  SegmentWriter writer(*world.root, "", TestHeader(42));
  writer.Seal(42);
  const auto trailer = ReadTrailer(writer.file().file(), writer.file().header(),
                                   writer.file().size());
  REQUIRE(trailer->has_value());
  CHECK((*trailer)->totals.next_offset == 42);
}

TEST_CASE("A seal without room leaves the segment unsealed", "[segment]") {
  FileWorld world;
  const auto file = world.Create(0);
  REQUIRE_OK(file);
  world.fault.FailKind(EnvCall::kAllocate, ENOSPC, true);
  const SegmentIndex index(TestHeader(42));
  CHECK(IsDiskFull((*file)->Seal(index, 42)));
  CHECK((*file)->size() == 1024);
  world.fault.ClearFaults();
  CHECK_OK((*file)->Seal(index, 42));
}

TEST_CASE("Errors of a seal are passed on", "[segment]") {
  for (const EnvCall kind :
       {EnvCall::kAllocate, EnvCall::kWrite, EnvCall::kTruncate}) {
    FileWorld world;
    const auto file = world.Create(0);
    REQUIRE_OK(file);
    world.fault.FailKind(kind, EIO);
    CHECK(IsIoError((*file)->Seal(SegmentIndex(TestHeader(42)), 42)));
  }
}

TEST_CASE("A cut takes the seal away and room is reserved again", "[segment]") {
  FileWorld world;
  const auto created = world.Create(0);
  REQUIRE_OK(created);
  SegmentFile& file = **created;
  REQUIRE_OK(file.Seal(SegmentIndex(TestHeader(42)), 42));
  REQUIRE_OK(file.CutTo(1024));
  CHECK(file.size() == 1024);
  CHECK(file.file().Stat()->size == 1024);
  REQUIRE_OK(file.EnsureAllocated(2000));
  REQUIRE_OK(WriteText(file, 1024, "again"));
  CHECK(AllocatedSize(file) >= 2000);
}

TEST_CASE("A failed cut leaves the size as it was", "[segment]") {
  FileWorld world;
  const auto file = world.Create(5000);
  REQUIRE_OK(file);
  world.fault.FailKind(EnvCall::kTruncate, EIO);
  CHECK(IsIoError((*file)->CutTo(1024)));
  CHECK((*file)->size() == 5000);
}

TEST_CASE("A sync makes the content of a segment durable", "[segment]") {
  FileWorld world;
  const auto file = world.Create(0);
  REQUIRE_OK(file);
  REQUIRE_OK((*file)->SyncAll());
  REQUIRE_OK(world.root->Sync(""));
  REQUIRE_OK(WriteText(**file, 1024, "synced"));
  REQUIRE_OK((*file)->Sync());
  REQUIRE_OK(WriteText(**file, 1030, "lost"));
  const auto copy = world.env.CopyDurable();
  const auto root = *copy->OpenDirectory("/store", false);
  CHECK(ReadWhole(*root, kFileName).substr(1024, 6) == "synced");
  CHECK(ReadWhole(*root, kFileName).find("lost") == std::string::npos);
}

}  // namespace
}  // namespace tidemark::test
