#include <functional>
#include <string>
#include <vector>

#include "partition/recovery.h"
#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// Recovery that fails or stops at any of its calls, and comes to the same
// result at the next open.
namespace tidemark::test {
namespace {

struct Scenario {
  std::string name;
  FileImage image;
};

FileImage WithMeta(const FileImage& image, const PartitionMeta& meta) {
  PartitionWorld world(image);
  world.StoreMeta(meta);
  return ReadImage(*world.root);
}

// The sample with a segment from 23 on and one from 25 on.
FileImage Longer(const SampleLog& sample) {
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 17).Seal(17);
  SegmentWriter e(*world.root, kPartition, TestHeader(25));
  e.Append(2, 17);
  return ReadImage(*world.root);
}

std::vector<Scenario> Scenarios() {
  const SampleLog sample;
  std::vector<Scenario> scenarios;
  const auto add = [&](const std::string& name, FileImage image,
                       const std::function<void(FileImage&)>& change) {
    change(image);
    scenarios.push_back({name, std::move(image)});
  };
  const auto flip = [&](FileImage& image, Offset offset) {
    image[kFileC][sample.PlaceOf(offset).position + 40] ^= 1;
  };
  add("new partition", {}, [](FileImage&) {});
  add("whole", sample.image, [](FileImage&) {});
  add("torn", sample.image, [&](FileImage& image) { flip(image, 20); });
  add("torn at the first batch", sample.image, [&](FileImage& image) {
    image[kFileC].resize(1024 + 50);
    image["META"] = WithMeta({}, {.highest_segment = 15}).at("META");
  });
  add("torn with later segments", Longer(sample),
      [&](FileImage& image) { flip(image, 20); });
  add("torn between segments", Longer(sample),
      [&](FileImage& image) { image.erase("00000000000000000023.log"); });
  add("rot", sample.image, [&](FileImage& image) { flip(image, 15); });
  add("rot, torn and later segments", Longer(sample), [&](FileImage& image) {
    flip(image, 15);
    flip(image, 22);
  });
  add("rot and a stranger in the way", sample.image, [&](FileImage& image) {
    flip(image, 15);
    SegmentHeader foreign = TestHeader(23);
    foreign.identity.partition = 1;
    image["00000000000000000023.log"] = EncodeSegmentHeader(foreign);
  });
  add("never written newest segment", sample.image, [](FileImage& image) {
    image["00000000000000000023.log"] = std::string(2000, '\0');
  });
  add("new segment that META does not know", Longer(sample), [](FileImage&) {});
  add("missing newest segment", sample.image,
      [](FileImage& image) { image.erase(kFileC); });
  add("missing middle segment", sample.image,
      [](FileImage& image) { image.erase(kFileB); });
  add("newest segment without header", sample.image,
      [](FileImage& image) { image[kFileC].replace(0, 1024, 1024, 'x'); });
  add("garbage below the start",
      WithMeta(sample.image, {.start = 16, .highest_segment = 15}),
      [](FileImage&) {});
  add("start above the end",
      WithMeta(sample.image, {.start = 23, .highest_segment = 15}),
      [&](FileImage& image) {
        image[kFileC].resize(sample.PlaceOf(17).position + 40);
      });
  add("damaged META", sample.image,
      [](FileImage& image) { image["META"] = std::string(8192, 'x'); });
  add("missing META", sample.image,
      [](FileImage& image) { image.erase("META"); });
  add("lost seals", Longer(sample),
      [](FileImage& image) { image["00000000000000000023.log"].back() ^= 1; });
  add("closed cleanly",
      WithMeta(sample.image,
               {.highest_segment = 15, .durable_end = 23, .clean_end = 23}),
      [](FileImage&) {});
  return scenarios;
}

// What two recoveries of the same damage must have in common.
struct Result {
  Offset start = 0;
  Offset end = 0;
  std::vector<DamagedRange> damage;
  std::map<Offset, std::string> records;
  FileImage segments;
};

Result ResultOf(Directory& root, const RecoveredPartition& log) {
  Result result;
  result.start = log.start;
  result.end = log.end;
  result.damage = log.damage;
  result.records = ReadRecords(root, log);
  CheckedOffsets(result.records);
  result.segments = ReadImage(root);
  // META counts its writes.
  result.segments.erase("META");
  return result;
}

RecoveryOptions Options(bool is_cut_final) {
  RecoveryOptions options;
  options.is_cut_final = is_cut_final;
  return options;
}

Result RecoverAgain(MemoryEnv& env, bool is_cut_final) {
  const auto root = env.OpenDirectory("/store", false);
  REQUIRE_OK(root);
  const auto log = PartitionWorld::RecoverIn(**root, Options(is_cut_final));
  REQUIRE_OK(log);
  return ResultOf(**root, *log);
}

void CheckSame(const Result& actual, const Result& expected) {
  REQUIRE(actual.start == expected.start);
  REQUIRE(actual.end == expected.end);
  REQUIRE(actual.damage == expected.damage);
  REQUIRE((actual.records == expected.records));
  REQUIRE((actual.segments == expected.segments));
}

TEST_CASE("Recovery that stops at any call is completed by the next one",
          "[partition]") {
  // I8, and I1 to I3 by the records that are compared
  for (const bool is_cut_final : {false, true}) {
    for (const Scenario& scenario : Scenarios()) {
      INFO(scenario.name);
      PartitionWorld reference(scenario.image);
      const Result expected = RecoverAgain(reference.env, is_cut_final);
      for (uint64_t index = 0;; ++index) {
        INFO("stopped at call " << index);
        PartitionWorld world(scenario.image);
        FaultEnv fault(world.env);
        const auto root = *fault.OpenDirectory("/store", false);
        fault.ForgetCalls();
        fault.FailCall(index, EIO, /*is_persistent=*/true);
        const auto log =
            PartitionWorld::RecoverIn(*root, Options(is_cut_final));
        if (fault.injected_count() == 0) {
          REQUIRE_OK(log);
          break;
        }
        // A hint may be missing, everything else is an error.
        if (log.ok()) CheckSame(ResultOf(*world.root, *log), expected);
        const auto killed = world.env.CopyCurrent();
        CheckSame(RecoverAgain(*killed, is_cut_final), expected);
        const auto power_cut = world.env.CopyDurable();
        CheckSame(RecoverAgain(*power_cut, is_cut_final), expected);
      }
    }
  }
}

TEST_CASE("A call of recovery that fails once is an error or of no account",
          "[partition]") {
  for (const Scenario& scenario : Scenarios()) {
    INFO(scenario.name);
    PartitionWorld reference(scenario.image);
    const Result expected = RecoverAgain(reference.env, false);
    for (const int error : {EIO, ENOSPC, EMFILE, ENOMEM, EACCES}) {
      for (uint64_t index = 0;; ++index) {
        INFO("call " << index << " error " << error);
        PartitionWorld world(scenario.image);
        FaultEnv fault(world.env);
        const auto root = *fault.OpenDirectory("/store", false);
        fault.ForgetCalls();
        fault.FailCall(index, error);
        const auto log = PartitionWorld::RecoverIn(*root, {});
        if (fault.injected_count() == 0) break;
        if (log.ok()) {
          const Result result = ResultOf(*world.root, *log);
          REQUIRE(result.end == expected.end);
          REQUIRE(result.damage == expected.damage);
          REQUIRE((result.records == expected.records));
        }
        Result again = RecoverAgain(world.env, false);
        // A seal for which there was no room is not tried again.
        if (error == ENOSPC) again.segments = expected.segments;
        CheckSame(again, expected);
      }
    }
  }
}

TEST_CASE("What recovery returned survives a power cut", "[partition]") {
  for (const Scenario& scenario : Scenarios()) {
    INFO(scenario.name);
    PartitionWorld world(scenario.image);
    const Result expected = RecoverAgain(world.env, true);
    const auto power_cut = world.env.CopyDurable();
    const auto root = *power_cut->OpenDirectory("/store", false);
    const auto log = PartitionWorld::RecoverIn(*root, Options(true));
    REQUIRE_OK(log);
    CheckSame(ResultOf(*root, *log), expected);
    // And the log as it was returned was all there.
    CHECK((ReadRecords(*root, *log) == expected.records));
  }
}

TEST_CASE("A read error is tried again and never taken for the end",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld counting(sample.image);
  FaultEnv calls(counting.env);
  const auto counted = *calls.OpenDirectory("/store", false);
  REQUIRE_OK(PartitionWorld::RecoverIn(*counted, {}));
  for (const EnvCallRecord& call : calls.calls()) {
    if (call.kind != EnvCall::kRead) continue;
    for (const bool is_persistent : {false, true}) {
      PartitionWorld world(sample.image);
      FaultEnv fault(world.env);
      const auto root = *fault.OpenDirectory("/store", false);
      Fault bad;
      bad.kind = EnvCall::kRead;
      bad.index = is_persistent ? std::nullopt : std::optional(call.index);
      bad.name_part = call.name;
      bad.is_persistent = is_persistent;
      fault.Inject(bad);
      const auto log = PartitionWorld::RecoverIn(*root, {});
      if (is_persistent) {
        CHECK(IsIoError(log.status()));
      } else if (log.ok()) {
        CHECK(log->end == 23);
      } else {
        CHECK(IsIoError(log.status()));
      }
    }
  }
}

TEST_CASE("A partition that nobody wrote to costs no sync at open",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(
      WithMeta(sample.image,
               {.highest_segment = 15, .durable_end = 23, .clean_end = 23}));
  FaultEnv fault(world.env);
  const auto root = *fault.OpenDirectory("/store", false);
  REQUIRE_OK(PartitionWorld::RecoverIn(*root, {}));
  for (const EnvCallRecord& call : fault.calls()) {
    CHECK(call.kind != EnvCall::kSync);
    CHECK(call.kind != EnvCall::kSyncAll);
    CHECK(call.kind != EnvCall::kSyncDirectory);
    CHECK(call.kind != EnvCall::kWrite);
  }
}

TEST_CASE("What was not known to be durable is synced before it counts",
          "[partition]") {
  const SampleLog sample;
  for (const bool is_synced : {false, true}) {
    for (const bool is_rewritten : {false, true}) {
      PartitionWorld world(sample.image);
      FaultEnv fault(world.env);
      const auto root = *fault.OpenDirectory("/store", false);
      RecoveryOptions options;
      options.is_file_system_synced = is_synced;
      options.is_tail_rewritten = is_rewritten;
      REQUIRE_OK(PartitionWorld::RecoverIn(*root, options));
      int writes = 0;
      int syncs = 0;
      for (const EnvCallRecord& call : fault.calls()) {
        writes += call.kind == EnvCall::kWrite;
        syncs += call.kind == EnvCall::kSync;
        if (call.kind == EnvCall::kWrite) {
          // S4: the write-back of a page may have failed unseen.
          CHECK(call.name == world.Path(kFileC));
          CHECK(call.position == sample.PlaceOf(17).position);
        }
      }
      CHECK(writes == (is_rewritten ? 1 : 0));
      CHECK(syncs == (is_synced && !is_rewritten ? 0 : 1));
    }
  }
}

}  // namespace
}  // namespace tidemark::test
