#include "store/topic_catalog.h"

#include <string>
#include <vector>

#include "store/catalog_bench.h"
#include "store/layout.h"
#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::CatalogBench;
using test::Machine;
using test::NamesIn;
using test::ReadValues;
using test::ValueRecord;
using test::WithPartitions;

const Record kRecord{.value = "v"};

std::vector<std::string> Topics(Env& env) {
  return NamesIn(env, "/store/topics");
}

TEST_CASE("A topic is created whole or not at all", "[topic_catalog]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK(store.CreateTopic("t", WithPartitions(2)));
  CHECK(NamesIn(machine.env, "/store/topics/t") ==
        std::vector<std::string>{"0", "1", "TOPIC"});
  CHECK_STATUS(absl::StatusCode::kAlreadyExists, store.CreateTopic("t"));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, store.CreateTopic("a/b"));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, store.OpenTopic(".."));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, store.DeleteTopic(""));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               store.CreateTopic("u", WithPartitions(0)));
  CHECK(Topics(machine.env) == std::vector<std::string>{"t"});
}

TEST_CASE("A deleted topic is gone, and its name free", "[topic_catalog]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t"));
  REQUIRE_OK(topic.Append(ValueRecord("old")));
  REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
  REQUIRE_OK(store.DeleteTopic("t"));
  CHECK(Topics(machine.env).empty());
  CHECK_STATUS(absl::StatusCode::kNotFound, store.OpenTopic("t"));
  CHECK_STATUS(absl::StatusCode::kNotFound, store.DeleteTopic("t"));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               topic.Append(ValueRecord("x")));
  CHECK(IsClosed(topic.partition(0).status()));
  CHECK(IsClosed(topic.Sync()));
  CHECK(IsClosed(topic.Alter({})));
  CHECK(IsClosed(topic.IncreasePartitions(2)));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               partition.Append(ValueRecord("x")));
  REQUIRE_OK_AND_ASSIGN(Topic fresh, store.CreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(fresh));
  CHECK(values.empty());
  REQUIRE_OK(fresh.Append(ValueRecord("new")));
  // Old handles stay with the topic that is gone.
  CHECK_FALSE(topic.Append(ValueRecord("x")).ok());
  CHECK_OK(store.health().status);
  REQUIRE_OK(store.Close());
  REQUIRE_OK_AND_ASSIGN(Store again, machine.Open());
  REQUIRE_OK_AND_ASSIGN(fresh, again.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const auto kept, ReadValues(fresh));
  CHECK(kept == std::vector<std::string>{"new"});
}

TEST_CASE("A topic that was never opened can be deleted", "[topic_catalog]") {
  Machine machine;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK(store.CreateTopic("t"));
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  REQUIRE_OK(store.DeleteTopic("t"));
  CHECK(Topics(machine.env).empty());
}

TEST_CASE(
    "A topic of which nobody can tell whether it is there takes no record",
    "[topic_catalog]") {
  // G1: what would vanish with the directory is not acknowledged.
  CatalogBench bench;
  const auto topic = bench.Create("t");
  const auto log = bench.Log(*topic);
  REQUIRE_OK(log->Append({&kRecord, 1}, Ack::kProcess));
  bench.env.Inject({.kind = EnvCall::kRename, .takes_effect = true});
  bench.env.FailKind(EnvCall::kStatName, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(bench.catalog->Delete("t")));
  bench.env.ClearFaults();
  CHECK(IsClosed(log->Append({&kRecord, 1}, Ack::kProcess).status()));
  CHECK(IsClosed(topic->partition(0).status()));
  // Both calls work once the disk answers.
  SECTION("deleted again") { CHECK_OK(bench.catalog->Delete("t")); }
  const auto fresh = bench.Create("t");
  CHECK(bench.Log(*fresh)->marks().end == 0);
  CHECK(bench.Names("topics/t") == std::vector<std::string>{"0", "TOPIC"});
}

TEST_CASE("A topic that cannot be deleted for want of descriptors stays",
          "[topic_catalog]") {
  CatalogBench bench;
  const auto topic = bench.Create("t");
  const auto log = bench.Log(*topic);
  bench.env.FailKind(EnvCall::kRename, EMFILE);
  bench.env.FailKind(EnvCall::kStatName, EMFILE, /*is_persistent=*/true);
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               bench.catalog->Delete("t"));
  bench.env.ClearFaults();
  CHECK_OK(log->Append({&kRecord, 1}, Ack::kDisk));
  CHECK_OK(bench.catalog->Delete("t"));
}

TEST_CASE("Leftovers are removed at the opening, and nothing else",
          "[topic_catalog]") {
  Machine machine;
  { REQUIRE_OK(machine.Open()); }
  REQUIRE_OK_AND_ASSIGN(auto root, machine.env.OpenDirectory("/store", false));
  const std::string id(32, 'a');
  const std::string made = "topics/.new-" + id;
  const std::string deleted = "topics/.deleted-" + id;
  for (const std::string& path :
       {made, made + "/0", deleted, deleted + "/12",
        std::string("topics/.new-strange"), std::string("topics/.git")}) {
    REQUIRE_OK(root->CreateDirectory(path));
  }
  for (const std::string& path : {deleted + "/12/META", deleted + "/TOPIC",
                                  std::string("topics/notes.txt")}) {
    REQUIRE_OK(root->CreateFile(path));
  }
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  CHECK(Topics(machine.env) ==
        std::vector<std::string>{".git", ".new-strange", "notes.txt"});
  REQUIRE_OK_AND_ASSIGN(const auto names, store.ListTopics());
  CHECK(names.empty());
  CHECK_OK(store.health().status);
}

TEST_CASE("A leftover with strange content stays and is told",
          "[topic_catalog]") {
  Machine machine;
  { REQUIRE_OK(machine.Open()); }
  REQUIRE_OK_AND_ASSIGN(auto root, machine.env.OpenDirectory("/store", false));
  const std::string deleted = "topics/.deleted-" + std::string(32, 'a');
  REQUIRE_OK(root->CreateDirectory(deleted));
  REQUIRE_OK(root->CreateDirectory(deleted + "/photos"));
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  CHECK(Topics(machine.env).size() == 1);
  CHECK(store.health().background_error_count == 1);
  REQUIRE_OK(store.CreateTopic("t"));
}

TEST_CASE("A damaged TOPIC spoils its topic alone", "[topic_catalog]") {
  Machine machine;
  {
    REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
    REQUIRE_OK(store.CreateTopic("bad"));
    REQUIRE_OK(store.CreateTopic("good"));
  }
  REQUIRE_OK_AND_ASSIGN(auto root, machine.env.OpenDirectory("/store", false));
  REQUIRE_OK_AND_ASSIGN(
      auto file, root->OpenFile("topics/bad/TOPIC", FileAccess::kReadWrite));
  REQUIRE_OK(file->WriteAt(60, std::vector<std::byte>(1, std::byte{0xee})));
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  CHECK(IsDamaged(store.OpenTopic("bad").status()));
  CHECK(IsDamaged(store.OpenOrCreateTopic("bad").status()));
  CHECK_STATUS(absl::StatusCode::kAlreadyExists, store.CreateTopic("bad"));
  CHECK_OK(store.OpenTopic("good"));
  REQUIRE_OK_AND_ASSIGN(const auto names, store.ListTopics());
  CHECK(names.size() == 2);
  CHECK_OK(store.DeleteTopic("bad"));
  CHECK_OK(store.CreateTopic("bad"));
}

// Makes "t" with so many records that reads go to the files.
void MakeLongTopic(Store& store, const std::vector<std::string>& values) {
  TopicOptions options;
  options.batch_bytes = 1 << 10;
  options.segment_bytes = 4 << 10;
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", options));
  for (const std::string& value : values) {
    REQUIRE_OK(topic.Append(ValueRecord(value), Ack::kDisk));
  }
}

TEST_CASE("A topic made anew reads files of its own", "[topic_catalog]") {
  // I9
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  const bool is_read_elsewhere = GENERATE(false, true);
  REQUIRE_OK_AND_ASSIGN(Store reader, machine.OpenToRead());
  for (const char letter : {'a', 'b'}) {
    const std::vector<std::string> expected(100, std::string(100, letter));
    MakeLongTopic(store, expected);
    REQUIRE_OK_AND_ASSIGN(const Topic topic, is_read_elsewhere
                                                 ? reader.OpenTopic("t")
                                                 : store.OpenTopic("t"));
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
    CHECK(values == expected);
    REQUIRE_OK(store.DeleteTopic("t"));
  }
}

TEST_CASE("A store that is only read sees what the writer does to topics",
          "[topic_catalog]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store writer, machine.Open());
  REQUIRE_OK_AND_ASSIGN(Store reader, machine.OpenToRead());
  CHECK_STATUS(absl::StatusCode::kNotFound, reader.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Topic topic, writer.CreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Topic seen, reader.OpenTopic("t"));
  REQUIRE_OK(topic.IncreasePartitions(3));
  TopicOptions options = topic.options();
  options.retention_bytes = 77;
  REQUIRE_OK(topic.Alter(options));
  CHECK(seen.partition_count() == 1);
  REQUIRE_OK(reader.OpenTopic("t"));
  CHECK(seen.partition_count() == 3);
  CHECK(seen.options().retention_bytes == 77);
  REQUIRE_OK(writer.DeleteTopic("t"));
  REQUIRE_OK(writer.CreateTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Topic fresh, reader.OpenTopic("t"));
  CHECK(fresh.partition_count() == 1);
  REQUIRE_OK_AND_ASSIGN(const auto names, reader.ListTopics());
  CHECK(names.size() == 1);
  CHECK(ReasonOf(reader.CreateTopic("u").status()) == ErrorReason::kReadOnly);
  CHECK(ReasonOf(reader.DeleteTopic("t")) == ErrorReason::kReadOnly);
  CHECK(ReasonOf(fresh.Alter({})) == ErrorReason::kReadOnly);
  CHECK(ReasonOf(fresh.IncreasePartitions(9)) == ErrorReason::kReadOnly);
  CHECK(ReasonOf(fresh.Sync()) == ErrorReason::kReadOnly);
}

}  // namespace
}  // namespace tidemark
