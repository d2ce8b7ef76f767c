#include "partition/recovery_files.h"

#include <string>

#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

PartitionFiles Read(PartitionWorld& world) {
  auto files = ReadPartitionFiles(*world.root, kPartition, TestIdentity());
  REQUIRE_OK(files);
  return *std::move(files);
}

TEST_CASE("Segments are listed with their heads and trailers", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  const PartitionFiles files = Read(world);
  REQUIRE(files.logs.size() == 3);
  CHECK(files.strangers.empty());
  CHECK(files.logs[0].name == kFileA);
  CHECK(files.logs[0].base_offset == 0);
  CHECK(files.logs[0].size == sample.image.at(kFileA).size());
  CHECK(files.logs[0].has_header);
  CHECK(files.logs[0].header == TestHeader(0));
  CHECK(files.logs[0].trailer->totals.next_offset == 9);
  CHECK(files.logs[1].trailer.has_value());
  CHECK_FALSE(files.logs[2].trailer.has_value());
  CHECK_FALSE(files.logs[2].survey.has_value());
}

TEST_CASE("Other names are not looked at", "[partition]") {
  PartitionWorld world(FileImage{{"META", "x"}, {"1.log", "x"}, {"a", "x"}});
  const PartitionFiles files = Read(world);
  CHECK(files.logs.empty());
  CHECK(files.strangers.empty());
}

TEST_CASE("A segment without a header says why", "[partition]") {
  PartitionWorld world(
      FileImage{{kFileA, ""}, {kFileB, std::string(999, 'x')}});
  const PartitionFiles files = Read(world);
  REQUIRE(files.logs.size() == 2);
  CHECK_FALSE(files.logs[0].has_header);
  CHECK(files.logs[0].fault == "segment header blank");
  CHECK(files.logs[1].fault == "no segment magic");
}

TEST_CASE("A head with one damaged header says so", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image[kFileA][520] ^= 1;
  PartitionWorld world(image);
  const PartitionFiles files = Read(world);
  CHECK(files.logs[0].is_one_header_damaged);
  CHECK_FALSE(files.logs[1].is_one_header_damaged);
}

TEST_CASE("What is not a segment of this log is a stranger", "[partition]") {
  const SampleLog sample;
  FileImage image = sample.image;
  image["00000000000000000099.log"] = image[kFileA];
  SegmentHeader foreign = TestHeader(50);
  foreign.identity.store_id = FilledId(1);
  image["00000000000000000050.log"] = EncodeSegmentHeader(foreign);
  image["09223372036854775807.log"] = "an offset that cannot be";
  PartitionWorld world(image);
  REQUIRE_OK(world.root->CreateDirectory("p/00000000000000000060.log"));
  const PartitionFiles files = Read(world);
  CHECK(files.logs.size() == 3);
  CHECK(files.strangers.size() == 4);
}

TEST_CASE("Errors of the directory or a file are passed on", "[partition]") {
  const SampleLog sample;
  for (const EnvCall kind : {EnvCall::kList, EnvCall::kOpenFile, EnvCall::kRead,
                             EnvCall::kStatFile}) {
    PartitionWorld world(sample.image);
    FaultEnv fault(world.env);
    const auto root = *fault.OpenDirectory("/store", false);
    fault.FailKind(kind, EIO, /*is_persistent=*/true);
    CHECK(IsIoError(
        ReadPartitionFiles(*root, kPartition, TestIdentity()).status()));
  }
}

TEST_CASE("A segment is surveyed in its place", "[partition]") {
  const SampleLog sample;
  PartitionWorld world(sample.image);
  PartitionFiles files = Read(world);
  REQUIRE_OK(SurveyLogFile(*world.root, kPartition, {}, &files.logs[0]));
  CHECK(files.logs[0].survey->index.totals().next_offset == 9);
  REQUIRE_OK(world.root->RemoveFile(world.Path(kFileB)));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               SurveyLogFile(*world.root, kPartition, {}, &files.logs[1]));
}

}  // namespace
}  // namespace tidemark::test
