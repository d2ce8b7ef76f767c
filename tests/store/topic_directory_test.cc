#include "store/topic_directory.h"

#include <string>
#include <vector>

#include "store/catalog_bench.h"

namespace tidemark {
namespace {

using test::CatalogBench;

using Strings = std::vector<std::string>;

absl::Status Create(CatalogBench& bench, const TopicRecord& record) {
  bool is_stuck = false;
  absl::Status status = CreateTopicDirectory(*bench.shared, record, &is_stuck);
  CHECK_FALSE(is_stuck);
  return status;
}

TEST_CASE("A new topic has its TOPIC and all of its partitions",
          "[topic_directory]") {
  CatalogBench bench;
  const TopicRecord record = bench.Record("t", 3);
  REQUIRE_OK(Create(bench, record));
  CHECK(bench.Names("topics") == Strings{"t"});
  CHECK(bench.Names("topics/t") == Strings{"0", "1", "2", "TOPIC"});
  CHECK(bench.Names("topics/t/2") == Strings{"META"});
  REQUIRE_OK_AND_ASSIGN(const TopicRecord read,
                        ReadTopicFile(bench.directory(), "t", record.store_id));
  CHECK(read == record);
}

TEST_CASE("A new topic is durable", "[topic_directory]") {
  CatalogBench bench;
  REQUIRE_OK(Create(bench, bench.Record("t", 2)));
  const auto after = bench.machine.CopyDurable();
  CHECK(test::NamesIn(*after, "/store/topics/t") == Strings{"0", "1", "TOPIC"});
  CHECK(test::NamesIn(*after, "/store/topics/t/1") == Strings{"META"});
}

TEST_CASE("A name that is taken stays with its topic", "[topic_directory]") {
  CatalogBench bench;
  const TopicRecord first = bench.Record("t", 1);
  REQUIRE_OK(Create(bench, first));
  CHECK_STATUS(absl::StatusCode::kAlreadyExists,
               Create(bench, bench.Record("t", 2)));
  CHECK(bench.Names("topics") == Strings{"t"});
  REQUIRE_OK_AND_ASSIGN(const TopicRecord read,
                        ReadTopicFile(bench.directory(), "t", first.store_id));
  CHECK(read == first);
}

TEST_CASE("A creation that cannot tell what it did says so",
          "[topic_directory]") {
  CatalogBench bench;
  bench.env.Inject({.kind = EnvCall::kRename, .takes_effect = true});
  // The first one looks for the META of the partition.
  bench.env.Inject({.kind = EnvCall::kStatName, .skip_count = 1});
  bool is_stuck = false;
  CHECK(IsIoError(
      CreateTopicDirectory(*bench.shared, bench.Record("t", 1), &is_stuck)));
  CHECK(is_stuck);
}

TEST_CASE("A creation that cannot be made durable is taken back",
          "[topic_directory]") {
  CatalogBench bench;
  bool is_renamed = false;
  bench.env.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kRename || is_renamed) return;
    is_renamed = true;
    // The next one is the sync of topics/.
    bench.env.FailKind(EnvCall::kSyncDirectory, EIO);
  });
  CHECK(IsIoError(Create(bench, bench.Record("t", 1))));
  bench.env.SetObserver(nullptr);
  CHECK(bench.Names("topics").empty());
}

TEST_CASE("A removed topic is gone for good", "[topic_directory]") {
  CatalogBench bench;
  REQUIRE_OK(Create(bench, bench.Record("t", 3)));
  std::string path = TopicPath("t");
  REQUIRE_OK(RemoveTopicDirectory(bench.env, bench.directory(), &path));
  CHECK(path.empty());
  CHECK(bench.Names("topics").empty());
  const auto after = bench.machine.CopyDurable();
  const auto left = test::NamesIn(*after, "/store/topics");
  for (const std::string& name : left) CHECK(IsLeftoverName(name));
}

TEST_CASE("A removal that stops behind the rename says where the rest is",
          "[topic_directory]") {
  CatalogBench bench;
  REQUIRE_OK(Create(bench, bench.Record("t", 3)));
  std::string path = TopicPath("t");
  SECTION("because files cannot be removed") {
    bench.env.FailKind(EnvCall::kRemoveFile, EIO);
    CHECK_OK(RemoveTopicDirectory(bench.env, bench.directory(), &path));
  }
  SECTION("because the rename may not last") {
    bench.env.FailKind(EnvCall::kSyncDirectory, EIO);
    CHECK(IsIoError(RemoveTopicDirectory(bench.env, bench.directory(), &path)));
  }
  bench.env.ClearFaults();
  REQUIRE(bench.Names("topics").size() == 1);
  CHECK(path == "topics/" + bench.Names("topics")[0]);
  CHECK(IsLeftoverName(bench.Names("topics")[0]));
  REQUIRE_OK(RemoveTopicTree(bench.directory(), path));
  CHECK(bench.Names("topics").empty());
}

TEST_CASE("A removal that fails before the rename changes nothing",
          "[topic_directory]") {
  CatalogBench bench;
  REQUIRE_OK(Create(bench, bench.Record("t", 1)));
  bench.env.FailKind(EnvCall::kRename, EIO);
  std::string path = TopicPath("t");
  CHECK(IsIoError(RemoveTopicDirectory(bench.env, bench.directory(), &path)));
  CHECK(path == TopicPath("t"));
  CHECK(bench.Names("topics/t") == Strings{"0", "TOPIC"});
}

TEST_CASE("Removing what is not there is done", "[topic_directory]") {
  CatalogBench bench;
  std::string path = TopicPath("t");
  CHECK_OK(RemoveTopicDirectory(bench.env, bench.directory(), &path));
  CHECK(path.empty());
  CHECK_OK(RemoveTopicTree(bench.directory(), "topics/t"));
}

TEST_CASE("Strange directories are not removed with a topic",
          "[topic_directory]") {
  for (const std::string& strange :
       Strings{"topics/t/photos", "topics/t/0/photos", "topics/t/00"}) {
    CatalogBench bench;
    REQUIRE_OK(Create(bench, bench.Record("t", 1)));
    REQUIRE_OK(bench.directory().CreateDirectory(strange));
    CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
                 RemoveTopicTree(bench.directory(), "topics/t"));
    CHECK_OK(bench.directory().Stat(strange));
    REQUIRE_OK(bench.directory().RemoveDirectory(strange));
    CHECK_OK(RemoveTopicTree(bench.directory(), "topics/t"));
    CHECK(bench.Names("topics").empty());
  }
}

TEST_CASE("Leftovers are removed although one of them cannot be",
          "[topic_directory]") {
  CatalogBench bench;
  REQUIRE_OK(Create(bench, bench.Record("t", 1)));
  std::string rest;
  for (const char digit : {'1', '2', '3'}) {
    const std::string path = "topics/.deleted-" + std::string(32, digit);
    REQUIRE_OK(bench.directory().CreateDirectory(path));
    if (digit == '2') rest = path;
  }
  REQUIRE_OK(bench.directory().CreateDirectory(rest + "/photos"));
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition,
               RemoveLeftovers(bench.directory()));
  CHECK(bench.Names("topics").size() == 2);
  CHECK_OK(bench.directory().Stat(rest));
  CHECK(bench.Names("topics/t") == Strings{"0", "TOPIC"});
}

TEST_CASE("New partitions replace what an earlier try left",
          "[topic_directory]") {
  CatalogBench bench;
  const TopicRecord record = bench.Record("t", 1);
  REQUIRE_OK(Create(bench, record));
  for (const std::string_view path : {"topics/t/1", "topics/t/7"}) {
    REQUIRE_OK(bench.directory().CreateDirectory(path));
  }
  REQUIRE_OK(bench.directory().CreateFile("topics/t/1/META"));
  REQUIRE_OK(AddPartitionDirectories(*bench.shared, record, 1, 3));
  CHECK(bench.Names("topics/t") == Strings{"0", "1", "2", "TOPIC"});
  const auto after = bench.machine.CopyDurable();
  CHECK(test::NamesIn(*after, "/store/topics/t").size() == 4);
  CHECK(test::NamesIn(*after, "/store/topics/t/2") == Strings{"META"});
}

TEST_CASE("New partitions never replace records", "[topic_directory]") {
  CatalogBench bench;
  const TopicRecord record = bench.Record("t", 1);
  REQUIRE_OK(Create(bench, record));
  REQUIRE_OK(bench.directory().CreateDirectory("topics/t/4"));
  const std::string segment = "topics/t/4/00000000000000000000.log";
  REQUIRE_OK(bench.directory().CreateFile(segment));
  const absl::Status status =
      AddPartitionDirectories(*bench.shared, record, 1, 2);
  CHECK(IsDamaged(status));
  CHECK_OK(bench.directory().Stat(segment));
}

TEST_CASE("Topics are the directories with the name of one",
          "[topic_directory]") {
  CatalogBench bench;
  for (const std::string_view path : {"topics/b", "topics/a.b", "topics/.new-1",
                                      "topics/x.log", "topics/a b"}) {
    REQUIRE_OK(bench.directory().CreateDirectory(path));
  }
  REQUIRE_OK(bench.directory().CreateFile("topics/file"));
  REQUIRE_OK_AND_ASSIGN(const Strings names,
                        ListTopicDirectories(bench.directory()));
  CHECK(names == Strings{"a.b", "b"});
}

}  // namespace
}  // namespace tidemark
