#include "partition/recovery_repair.h"

#include <string>
#include <vector>

#include "partition/recovery_fixture.h"
#include "segment/segment_format.h"
#include "support/catch.h"
#include "tidemark/testing/fault_env.h"

// The order of the calls that change something; what they achieve is tested
// with recovery as a whole.
namespace tidemark::test {
namespace {

std::vector<std::string> Changes(const FileImage& image,
                                 RecoveryOptions options = {}) {
  PartitionWorld world(image);
  FaultEnv fault(world.env);
  const auto root = *fault.OpenDirectory("/store", false);
  REQUIRE_OK(PartitionWorld::RecoverIn(*root, std::move(options)));
  std::vector<std::string> changes;
  for (const EnvCallRecord& call : fault.calls()) {
    switch (call.kind) {
      case EnvCall::kWrite:
      case EnvCall::kSync:
      case EnvCall::kSyncAll:
      case EnvCall::kTruncate:
      case EnvCall::kRemoveFile:
      case EnvCall::kRename:
      case EnvCall::kSyncDirectory:
        changes.push_back(
            fmt::format("{} {}", EnvCallName(call.kind), call.name));
        break;
      default:
        break;
    }
  }
  return changes;
}

const std::string kFileD = "00000000000000000023.log";
const std::string kFileE = "00000000000000000025.log";

FileImage LongerLog(const SampleLog& sample) {
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 17).Seal(17);
  SegmentWriter e(*world.root, kPartition, TestHeader(25));
  e.Append(2, 17);
  return ReadImage(*world.root);
}

TEST_CASE("A cut comes behind META and the removal of later segments",
          "[partition]") {
  const SampleLog sample;
  FileImage image = LongerLog(sample);
  image[kFileC][sample.PlaceOf(20).position] ^= 1;
  const std::vector<std::string> expected = {
      // What the files tell of the durable mark is kept before they go.
      "write p/META",
      "sync p/META",
      "remove p/" + kFileE,
      "remove p/" + kFileD,
      "sync directory p",
      "truncate p/" + kFileC,
      "sync p/" + kFileC,
      // The batch above the mark.
      "write p/" + kFileC,
      "sync p/" + kFileC,
  };
  CHECK(Changes(image) == expected);
}

TEST_CASE("Files are set aside behind META and before the tail is synced",
          "[partition]") {
  const SampleLog sample;
  FileImage image = LongerLog(sample);
  image[kFileC][sample.PlaceOf(15).position] ^= 1;
  image[kFileC][sample.PlaceOf(22).position] ^= 1;
  const std::vector<std::string> expected = {
      "write p/META",       "sync p/META",      "rename p/" + kFileE,
      "rename p/" + kFileD, "sync directory p", "sync p/" + kFileC,
      "write p/META",       "sync p/META",
  };
  CHECK(Changes(image) == expected);
}

TEST_CASE("A new segment is durable with its entry before META names it",
          "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  SegmentWriter d(*world.root, kPartition, TestHeader(23));
  d.Append(2, 22);
  const std::vector<std::string> expected = {
      "write p/" + kFileC,     // from the mark at 22 on
      "write p/" + kFileC,     // the seal
      "truncate p/" + kFileC,  // and the end of the file
      "sync p/" + kFileC,
      "write p/" + kFileD,  // its header
      "write p/" + kFileD,    "sync with metadata p/" + kFileD,
      "sync directory p",     "write p/META",
      "sync p/META",
  };
  CHECK(Changes(ReadImage(*world.root)) == expected);
}

TEST_CASE("A seal that was torn is written anew", "[partition]") {
  // I7
  const SampleLog sample;
  PartitionWorld before(sample.image);
  SegmentWriter d(*before.root, kPartition, TestHeader(23));
  d.Append(2, 22).Seal(22);
  FileImage image = ReadImage(*before.root);
  std::string& file = image[kFileD];
  // The last bytes are the trailer, and before it is the index.
  file[file.size() - segment_format::trailer::kSize - 9] ^= 1;
  PartitionWorld world(image);
  REQUIRE_OK_AND_ASSIGN(const auto first, world.Recover());
  CHECK_FALSE(first.report.has_damage());
  CHECK(first.end == 25);
  // Closed, so that the next opening takes a torn seal for damage.
  PartitionMeta meta = world.LoadMeta();
  meta.clean_end = 25;
  world.StoreMeta(meta);
  REQUIRE_OK_AND_ASSIGN(const auto again, world.Recover());
  CHECK_FALSE(again.report.has_damage());
}

TEST_CASE("Garbage below the start goes last and oldest first", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  world.StoreMeta({.start = 16, .highest_segment = 15, .durable_end = 23});
  const std::vector<std::string> expected = {
      "remove p/" + kFileA,
      "remove p/" + kFileB,
      "sync directory p",
  };
  CHECK(Changes(ReadImage(*world.root)) == expected);
}

TEST_CASE("A name that is taken does not keep a file from being set aside",
          "[partition]") {
  const SampleLog sample;
  FileImage image = LongerLog(sample);
  image[kFileC][sample.PlaceOf(15).position] ^= 1;
  image[kFileC][sample.PlaceOf(22).position] ^= 1;
  image[kFileD + ".aside-2"] = "from an earlier time";
  PartitionWorld world(image);
  const auto log = world.Recover();
  REQUIRE_OK(log);
  CHECK(log->report.files_set_aside ==
        std::vector<std::string>{kFileE + " -> " + kFileE + ".aside-2",
                                 kFileD + " -> " + kFileD + ".aside-3"});
  CHECK(ReadImage(*world.root).at(kFileD + ".aside-2") ==
        "from an earlier time");
}

}  // namespace
}  // namespace tidemark::test
