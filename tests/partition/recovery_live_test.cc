#include <functional>
#include <string>
#include <vector>

#include "partition/recovery.h"
#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/testing/fault_env.h"

// Read-only recovery beside a process that appends.
namespace tidemark::test {
namespace {

// A partition in which another process does something before a chosen read.
struct LiveWorld : PartitionWorld {
  explicit LiveWorld(const FileImage& image)
      : PartitionWorld(image), fault(env) {
    reader = *fault.OpenDirectory("/store", false);
  }

  // Has `change` run before the call number `index` of that kind.
  void ChangeBefore(EnvCall kind, uint64_t index,
                    std::function<void()> change) {
    auto count = std::make_shared<uint64_t>(0);
    fault.SetObserver([=](const EnvCallRecord& call) {
      if (call.kind == kind && (*count)++ == index) change();
    });
  }

  RecoveredPartition Read() {
    auto log = RecoverIn(*reader, ReadOnly());
    REQUIRE_OK(log);
    return *std::move(log);
  }

  FaultEnv fault;
  std::unique_ptr<Directory> reader;
};

// The sample with zeros where the batches of offsets 15 to 16 stand: below the
// mark that the batches behind them tell.
FileImage WithGap(const SampleLog& sample) {
  FileImage image = sample.image;
  const BatchPlace place = sample.PlaceOf(15);
  image[kFileC].replace(place.position, place.size, place.size, '\0');
  return image;
}

TEST_CASE("A hole that is filled before the second look is no damage",
          "[partition]") {
  const SampleLog sample;
  const FileImage image = WithGap(sample);
  LiveWorld counting(image);
  REQUIRE(counting.Read().damage.size() == 1);
  uint64_t lists = 0;
  for (const EnvCallRecord& call : counting.fault.calls()) {
    lists += call.kind == EnvCall::kList;
  }
  REQUIRE(lists == 2);
  LiveWorld world(image);
  world.ChangeBefore(EnvCall::kList, 1, [&] {
    WriteWhole(*world.root, world.Path(kFileC), sample.image.at(kFileC));
  });
  const RecoveredPartition log = world.Read();
  CHECK(log.end == 23);
  CHECK(log.damage.empty());
  CHECK(log.report.damage.empty());
  CHECK(ReadOffsets(*world.root, log) == Range(0, 23));
}

TEST_CASE("A log that shows another hole each time ends at the last one",
          "[partition]") {
  const SampleLog sample;
  LiveWorld world(WithGap(sample));
  uint64_t lists = 0;
  world.fault.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kList) return;
    // Other bytes in the hole for each look at it.
    std::string bytes = WithGap(sample).at(kFileC);
    bytes[sample.PlaceOf(15).position + 8] = static_cast<char>(++lists);
    WriteWhole(*world.root, world.Path(kFileC), bytes);
  });
  const RecoveredPartition log = world.Read();
  CHECK(lists == 3);
  CHECK(log.end == 15);
  CHECK(log.durable == 15);
  CHECK(log.damage.empty());
}

TEST_CASE("A batch that is being written is not there yet", "[partition]") {
  const SampleLog sample;
  const BatchPlace last = sample.PlaceOf(22);
  for (uint64_t size = 0; size < last.size; size += 8) {
    FileImage image = sample.image;
    image[kFileC].replace(last.position + size, last.size - size,
                          last.size - size, '\0');
    LiveWorld world(image);
    const RecoveredPartition log = world.Read();
    CHECK(log.end == 22);
    CHECK(log.durable == 17);
    CHECK(log.report.damage.empty());
  }
}

TEST_CASE("A segment that is being created is not there yet", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image["00000000000000000023.log"] = "";
  LiveWorld world(image);
  CHECK(world.Read().end == 23);
  CHECK(world.Read().report.damage.empty());
}

TEST_CASE("A segment that retention removes meanwhile is no error",
          "[partition]") {
  const SampleLog sample;
  LiveWorld world(sample.image);
  world.ChangeBefore(EnvCall::kOpenFile, 1, [&] {
    auto meta = MetaFile::Load(*world.root, kPartition, TestIdentity());
    REQUIRE_OK((*meta)->Store({.start = 9, .highest_segment = 15}));
    REQUIRE_OK(world.root->RemoveFile(world.Path(kFileA)));
  });
  const RecoveredPartition log = world.Read();
  CHECK(log.start == 9);
  CHECK(log.end == 23);
  CHECK(log.report.damage.empty());
}

TEST_CASE("A start that moves behind the look at META is the start",
          "[partition]") {
  const SampleLog sample;
  LiveWorld world(sample.image);
  uint64_t lists = 0;
  world.fault.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kList || lists++ > 0) return;
    auto meta = MetaFile::Load(*world.root, kPartition, TestIdentity());
    REQUIRE_OK((*meta)->Store({.start = 9, .highest_segment = 15}));
    REQUIRE_OK(world.root->RemoveFile(world.Path(kFileA)));
  });
  const RecoveredPartition log = world.Read();
  CHECK(log.start == 9);
  CHECK(log.end == 23);
  CHECK(log.report.damage.empty());
  CHECK(lists == 1);
}

TEST_CASE("Files that vanish at several looks are looked for again",
          "[partition]") {
  const SampleLog sample;
  LiveWorld world(sample.image);
  uint64_t lists = 0;
  world.fault.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind == EnvCall::kList && ++lists == 8) world.fault.ClearFaults();
  });
  world.fault.Inject({.kind = EnvCall::kOpenFile,
                      .name_part = std::string(kFileB),
                      .is_persistent = true,
                      .error = ENOENT});
  const RecoveredPartition log = world.Read();
  CHECK(log.end == 23);
  CHECK(log.report.damage.empty());
  CHECK(lists == 8);
}

TEST_CASE("A file that keeps vanishing is not looked for without end",
          "[partition]") {
  const SampleLog sample;
  LiveWorld world(sample.image);
  world.fault.Inject({.kind = EnvCall::kOpenFile,
                      .name_part = std::string(kFileB),
                      .is_persistent = true,
                      .error = ENOENT});
  CHECK_STATUS(absl::StatusCode::kNotFound,
               world.RecoverIn(*world.reader, ReadOnly()).status());
}

TEST_CASE("Records that are appended meanwhile may be seen or not",
          "[partition]") {
  const SampleLog sample;
  const BatchPlace last = sample.PlaceOf(22);
  FileImage image = sample.image;
  image[kFileC].replace(last.position, last.size, last.size, '\0');
  for (uint64_t index = 0; index < 40; ++index) {
    LiveWorld world(image);
    world.ChangeBefore(EnvCall::kRead, index, [&] {
      WriteWhole(*world.root, world.Path(kFileC), sample.image.at(kFileC));
    });
    const RecoveredPartition log = world.Read();
    CHECK((log.end == 22 || log.end == 23));
    CHECK(log.report.damage.empty());
    CHECK(ReadOffsets(*world.root, log) == Range(0, log.end));
  }
}

}  // namespace
}  // namespace tidemark::test
