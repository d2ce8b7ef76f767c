#include "consumer/partition_set.h"

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consumer/cursor_fixture.h"
#include "fmt/core.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

// Which partitions a cursor reads, from its options and from what its topics
// get while it is open.
namespace tidemark::test {
namespace {

using Set = std::unique_ptr<PartitionSet>;

CursorOptions Selection(std::vector<std::string> topics,
                        std::vector<TopicPartition> partitions = {}) {
  return {.topics = std::move(topics),
          .partitions = std::move(partitions),
          .start = Start::Begin()};
}

Set OpenSet(CursorBench& bench, const CursorOptions& options) {
  auto set = PartitionSet::Open(*bench.store, options);
  REQUIRE_OK(set);
  return *std::move(set);
}

// "topic/number" each, with a "*" for one of a subscribed topic.
Strings PartitionNames(const std::vector<CursorPartition>& partitions) {
  Strings names;
  for (const CursorPartition& partition : partitions) {
    names.push_back(fmt::format("{}/{}{}", partition.name.topic,
                                partition.name.partition,
                                partition.is_subscribed ? "*" : ""));
  }
  return names;
}

Strings FoundIn(const PartitionSet& set) {
  const auto found = set.FindNew();
  REQUIRE_OK(found);
  return PartitionNames(*found);
}

void AddNew(PartitionSet& set) {
  auto found = set.FindNew();
  REQUIRE_OK(found);
  set.Add(*std::move(found));
}

TEST_CASE("A set has the chosen partitions and all of the subscribed topics",
          "[partition_set]") {
  CursorBench bench;
  for (const char* topic : {"a", "b", "c", "d"}) bench.Create(topic, 3);
  const Set set = OpenSet(
      bench, Selection({"d", "b"}, {{"c", 1}, {"a", 2}, {"c", 0}, {"a", 0}}));
  CHECK(PartitionNames(set->all()) == Strings{"a/0", "a/2", "b/0*", "b/1*",
                                              "b/2*", "c/0", "c/1", "d/0*",
                                              "d/1*", "d/2*"});
  CHECK(set->has_subscriptions());
  REQUIRE(set->names().size() == set->all().size());
  for (size_t i = 0; i < set->names().size(); ++i) {
    CHECK(set->names()[i] == set->all()[i].name);
  }
  CHECK_FALSE(OpenSet(bench, Selection({}, {{"a", 1}}))->has_subscriptions());
}

TEST_CASE("A partition in a set is the one of its name", "[partition_set]") {
  CursorBench bench;
  bench.Create("a", 2);
  bench.Create("b", 2);
  const Set set = OpenSet(bench, Selection({"b"}, {{"a", 1}}));
  for (const TopicPartition& name : set->names()) {
    CursorPartition* const found = set->Find(name);
    REQUIRE(found != nullptr);
    CHECK(found->name == name);
    CHECK(found->log == bench.PartitionOf(name.topic, name.partition).log());
    CHECK(found->key.partition == name.partition);
    CHECK(found->key.topic_id == found->log->address().topic_id);
  }
  for (const TopicPartition& name : std::vector<TopicPartition>{
           {"a", 0}, {"a", 2}, {"b", 2}, {"b", -1}, {"", 0}, {"c", 0}}) {
    CHECK(set->Find(name) == nullptr);
  }
}

TEST_CASE("A set does not open without what it is to read", "[partition_set]") {
  CursorBench bench;
  bench.Create("a", 2);
  const auto status_of = [&](const CursorOptions& options) {
    return PartitionSet::Open(*bench.store, options).status();
  };
  for (const CursorOptions& missing :
       {Selection({"a", "none"}), Selection({}, {{"a", 0}, {"none", 0}}),
        Selection({"a"}, {{"none", 0}})}) {
    const absl::Status status = status_of(missing);
    CHECK_STATUS(absl::StatusCode::kNotFound, status);
    CHECK(status.message().find("topic none: not found") != std::string::npos);
  }
  for (const PartitionNumber wrong : {2, -1, INT32_MAX}) {
    const absl::Status status = status_of(Selection({}, {{"a", wrong}}));
    CHECK_STATUS(absl::StatusCode::kNotFound, status);
    CHECK(status.message() ==
          fmt::format("topic a: no partition {}, there are 2", wrong));
  }
}

TEST_CASE("A set does not open in a store that is closed or moved from",
          "[partition_set]") {
  CursorBench bench;
  bench.Create("a");
  std::optional<Store> other;
  SECTION("closed") { REQUIRE_OK(bench.store->Close()); }
  SECTION("moved from") { other.emplace(std::move(*bench.store)); }
  for (const CursorOptions& options :
       {Selection({"a"}), Selection({}, {{"a", 0}})}) {
    const auto set = PartitionSet::Open(*bench.store, options);
    CHECK_STATUS(absl::StatusCode::kFailedPrecondition, set);
    CHECK(IsClosed(set.status()));
  }
}

TEST_CASE("New partitions are those that a subscribed topic has got",
          "[partition_set]") {
  CursorBench bench;
  Topic chosen = bench.Create("a", 1);
  Topic subscribed = bench.Create("b", 1);
  const Set set = OpenSet(bench, Selection({"b"}, {{"a", 0}}));
  CHECK(FoundIn(*set).empty());
  REQUIRE_OK(chosen.IncreasePartitions(2));
  CHECK(FoundIn(*set).empty());
  REQUIRE_OK(subscribed.IncreasePartitions(3));
  // They are found again until they are in the set.
  CHECK(FoundIn(*set) == Strings{"b/1*", "b/2*"});
  CHECK(FoundIn(*set) == Strings{"b/1*", "b/2*"});
  CHECK(PartitionNames(set->all()) == Strings{"a/0", "b/0*"});
}

TEST_CASE("Partitions that are added take their places among the others",
          "[partition_set]") {
  CursorBench bench;
  Topic b = bench.Create("b", 1);
  Topic d = bench.Create("d", 2);
  bench.Create("c", 1);
  const Set set = OpenSet(bench, Selection({"d", "b"}, {{"c", 0}}));
  for (const TopicPartition& name : set->names()) {
    set->Find(name)->place.offset = name.topic[0] * 10 + name.partition;
  }
  REQUIRE_OK(b.IncreasePartitions(2));
  AddNew(*set);
  CHECK(FoundIn(*set).empty());
  REQUIRE_OK(d.IncreasePartitions(3));
  REQUIRE_OK(b.IncreasePartitions(3));
  CHECK(FoundIn(*set) == Strings{"d/2*", "b/2*"});
  AddNew(*set);
  CHECK(FoundIn(*set).empty());
  CHECK(PartitionNames(set->all()) ==
        Strings{"b/0*", "b/1*", "b/2*", "c/0", "d/0*", "d/1*", "d/2*"});
  REQUIRE(set->names().size() == 7);
  for (const TopicPartition& name : set->names()) {
    REQUIRE(set->Find(name) != nullptr);
    CHECK(set->Find(name)->name == name);
  }
  // Those that were there stand where they stood.
  CHECK(set->Find({"b", 0})->place.offset == 'b' * 10);
  CHECK(set->Find({"d", 1})->place.offset == 'd' * 10 + 1);
  CHECK(set->Find({"d", 2})->place.offset == 0);
}

// The store of a bench as another process of the machine reads it.
struct Reader {
  explicit Reader(CursorBench& bench)
      : process(bench.env.StartProcess()), env(*process) {
    StoreOptions options = StoreOptions::Test(env, bench.clock);
    options.read_only = true;
    auto opened = Store::Open("/store", options);
    REQUIRE_OK(opened);
    store.emplace(*std::move(opened));
    auto set_or = PartitionSet::Open(*store, Selection({"t"}));
    REQUIRE_OK(set_or);
    set = *std::move(set_or);
  }

  std::unique_ptr<MemoryEnv> process;
  FaultEnv env;
  std::optional<Store> store;
  Set set;
};

TEST_CASE("A refresh sees the partitions that another process has made",
          "[partition_set]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  Reader reader(bench);
  REQUIRE_OK(topic.IncreasePartitions(3));
  CHECK(FoundIn(*reader.set).empty());
  REQUIRE_OK(reader.set->Refresh());
  CHECK(FoundIn(*reader.set) == Strings{"t/1*", "t/2*"});
}

TEST_CASE("A topic that is gone stays in the set as it was",
          "[partition_set]") {
  CursorBench bench;
  bench.Create("t", 2);
  Reader reader(bench);
  const Set own = OpenSet(bench, Selection({"t"}));
  REQUIRE_OK(bench.store->DeleteTopic("t"));
  for (PartitionSet* const set : {own.get(), reader.set.get()}) {
    CHECK_OK(set->Refresh());
    CHECK(FoundIn(*set).empty());
    CHECK(PartitionNames(set->all()) == Strings{"t/0*", "t/1*"});
  }
  // Nor is another one of its name taken for it.
  bench.Create("t", 5);
  CHECK_OK(own->Refresh());
  CHECK(FoundIn(*own).empty());
}

TEST_CASE("A topic that cannot be read fails the refresh", "[partition_set]") {
  CursorBench bench;
  Topic topic = bench.Create("t", 1);
  Reader reader(bench);
  REQUIRE_OK(topic.IncreasePartitions(2));
  reader.env.FailKind(EnvCall::kRead, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(reader.set->Refresh()));
  CHECK(FoundIn(*reader.set).empty());
  reader.env.ClearFaults();
  REQUIRE_OK(reader.set->Refresh());
  CHECK(FoundIn(*reader.set) == Strings{"t/1*"});
}

TEST_CASE("A partition that cannot be opened is not found, nor is another",
          "[partition_set]") {
  CursorBench bench;
  FaultEnv env(bench.env);
  bench.Open(StoreOptions::Test(env, bench.clock));
  Topic topic = bench.Create("t", 1);
  const Set set = OpenSet(bench, Selection({"t"}));
  REQUIRE_OK(topic.IncreasePartitions(3));
  env.Inject({.name_part = "t/2", .is_persistent = true});
  CHECK(IsIoError(set->FindNew().status()));
  CHECK(PartitionNames(set->all()) == Strings{"t/0*"});
  env.ClearFaults();
  CHECK(FoundIn(*set) == Strings{"t/1*", "t/2*"});
}

TEST_CASE("A set outlives its store", "[partition_set]") {
  CursorBench bench;
  bench.Create("t", 2);
  const Set set = OpenSet(bench, Selection({"t"}));
  bench.store.reset();
  CHECK_OK(set->Refresh());
  CHECK(FoundIn(*set).empty());
  CHECK(IsClosed(set->Find({"t", 1})->log->Usable()));
}

}  // namespace
}  // namespace tidemark::test
