#include "rot/rot_check.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "rot/damages.h"
#include "rot/file_check.h"
#include "rot/golden_stores.h"
#include "support/catch.h"

// The check itself: it finds what it is there for.
namespace tidemark::test {
namespace {

constexpr CheckDepth kFull{.is_full = true, .with_use = true};

GoldenStore StoreWithCommits() {
  std::vector<GoldenStore> stores = MakeGoldenStores(1);
  const auto found =
      std::find_if(stores.begin(), stores.end(), [](const GoldenStore& store) {
        return store.is_closed && !store.cursors.empty();
      });
  REQUIRE(found != stores.end());
  return std::move(*found);
}

GoldenPartition& FirstLog(GoldenStore& golden) {
  return golden.partitions.begin()->second;
}

// What the check says of a store and a damage.
std::string Verdict(const GoldenStore& golden, const Damage& damage) {
  const auto machine = golden.machine->CopyCurrent();
  RotTally tally;
  const absl::Status status = CheckRot(golden, damage, kFull, *machine, &tally);
  return status.ToString();
}

// One that costs nothing.
Damage Harmless(const GoldenStore& golden) {
  return FlipBit(golden, "STORE", 8 * 3000);
}

bool Says(const std::string& verdict, const std::string& what) {
  INFO(verdict);
  CHECK(verdict.find(what) != std::string::npos);
  return true;
}

TEST_CASE("A harmless damage passes the check", "[rot]") {
  const GoldenStore golden = StoreWithCommits();
  CHECK(Verdict(golden, Harmless(golden)) == "OK");
}

TEST_CASE("The check finds a record that is another one", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  FirstLog(golden).records[3].value = "another value";
  Says(Verdict(golden, Harmless(golden)), "SILENT: a strange record at 3");
}

TEST_CASE("The check finds that a record is missing", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  GoldenPartition& log = FirstLog(golden);
  log.records.push_back(log.records.back());
  ++log.end;
  Says(Verdict(golden, Harmless(golden)), "SILENT");
}

TEST_CASE("The check finds a record that nobody appended", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  GoldenPartition& log = FirstLog(golden);
  log.records.pop_back();
  --log.end;
  Says(Verdict(golden, Harmless(golden)), "SILENT: a record at");
}

TEST_CASE("The check finds a record that is given up without need", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  const GoldenSegment& segment = FirstLog(golden).segments[0];
  Damage damage =
      FlipBit(golden, segment.file, 8 * (segment.batches[0].position + 100));
  CHECK(Verdict(golden, damage) == "OK");
  damage.places[0].path = "STORE";
  Says(Verdict(golden, damage), "is given up and was not hit");
}

TEST_CASE("The check finds a commit that was never made", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  golden.cursors.begin()->second.begin()->second = {1};
  Says(Verdict(golden, Harmless(golden)), "SILENT: a commit of");
}

TEST_CASE("The check finds that verify names another place", "[rot]") {
  const GoldenStore golden = StoreWithCommits();
  Damage damage = Harmless(golden);
  damage.places[0].from += 1000;
  damage.places[0].to += 1000;
  Says(Verdict(golden, damage), "verify ends with 1 and does not name it");
}

TEST_CASE("The check finds that verify sees nothing", "[rot]") {
  const GoldenStore golden = StoreWithCommits();
  Damage damage = Harmless(golden);
  damage.changes[0].bytes = std::string(1, '\0');
  Says(Verdict(golden, damage), "verify ends with 0 and does not name it");
}

TEST_CASE("The check finds a durable byte that was changed", "[rot]") {
  GoldenStore golden = StoreWithCommits();
  const GoldenPartition& log = FirstLog(golden);
  const GoldenSegment& segment = log.segments[0];
  const auto machine = golden.machine->CopyCurrent();
  const Damage none;
  const FileCheck files(golden, none, *machine);
  const std::string meta = log.path + "/META";
  const std::map<TopicPartition, Evidence> evidence = {
      {golden.partitions.begin()->first,
       Evidence(log, golden, none, files.Bytes(meta), golden.files.at(meta))}};
  CHECK(files.Check(evidence, {}, true).ok());
  Inflict(FlipBit(golden, segment.file, 8 * segment.batches[0].position),
          *machine);
  Says(files.Check(evidence, {}, true).ToString(), "durable bytes were");
}

// Fails: the incarnation comes from STORE alone, and batches of a lower one do
// not follow those of a higher.
TEST_CASE("What is appended behind a STORE of before is kept",
          "[rot][!shouldfail]") {
  const std::vector<GoldenStore> stores = MakeGoldenStores(1);
  const GoldenStore& golden = stores.back();
  const Damage damage =
      Replacement(golden, DamageKind::kFile, "as it was before", "STORE",
                  golden.earlier[0].at("STORE"));
  CHECK(Verdict(golden, damage) == "OK");
}

}  // namespace
}  // namespace tidemark::test
