#include <memory>
#include <string>
#include <vector>

#include "store/topic_change.h"

// Topics that are created, deleted and changed by a process that dies, or loses
// its power, before any of its calls.
namespace tidemark::test {
namespace {

struct Image {
  std::string when;
  std::unique_ptr<MemoryEnv> machine;
  bool has_returned = false;  // the change was acknowledged
};

void CrashAtEachCallOf(const TopicChange& change) {
  ChangeWorld world(change);
  std::vector<Image> images;
  const auto collect = [&](const std::string& when, bool has_returned) {
    images.push_back(
        {"kill " + when, world.machine().CopyCurrent(), has_returned});
    images.push_back(
        {"power cut " + when, world.machine().CopyDurable(), has_returned});
  };
  world.env().SetObserver([&](const EnvCallRecord& call) {
    collect(fmt::format("before call {}: {} {}", call.index,
                        EnvCallName(call.kind), call.name),
            false);
  });
  REQUIRE_OK(change.apply(world.store()));
  world.env().SetObserver(nullptr);
  collect("behind the change", true);
  REQUIRE(images.size() > 2);
  for (const Image& image : images) {
    INFO(change.name << ": " << image.when);
    const bool is_done = CheckNextOwner(change, *image.machine, world.clock());
    if (image.has_returned) CHECK(is_done);
  }
}

TEST_CASE("A change of topics that a crash stops at any call is done or undone",
          "[topic]") {
  // I8, I9, I10
  for (const TopicChange& change : TopicChanges()) CrashAtEachCallOf(change);
}

// Makes the change with an error at call `index`, and then once more with a
// crash before each call; false when the change has no such call.
bool CrashInSecondTry(const TopicChange& change, uint64_t index) {
  ChangeWorld world(change);
  world.env().Inject({.index = index, .takes_effect = true});
  const absl::Status first = change.apply(world.store());
  if (world.env().injected_count() == 0) return false;
  world.env().ClearFaults();
  if (first.ok()) return true;
  std::vector<Image> images;
  world.env().SetObserver([&](const EnvCallRecord& call) {
    const std::string when =
        fmt::format("before {} {}", EnvCallName(call.kind), call.name);
    images.push_back({"kill " + when, world.machine().CopyCurrent()});
    images.push_back({"power cut " + when, world.machine().CopyDurable()});
  });
  REQUIRE_OK(change.apply(world.store()));
  world.env().SetObserver(nullptr);
  for (const Image& image : images) {
    INFO(change.name << ": first " << first.ToString() << ", then "
                     << image.when);
    CheckNextOwner(change, *image.machine, world.clock());
  }
  return true;
}

TEST_CASE("A second try that a crash stops at any call is done or undone",
          "[topic]") {
  for (const TopicChange& change : TopicChanges()) {
    for (uint64_t index = 0; CrashInSecondTry(change, index); ++index) continue;
  }
}

// What a failed change left on the disk may not be durable, and the next owner
// builds on it.
TEST_CASE("Records behind a change that failed survive a loss of power",
          "[topic]") {
  // I1
  const TopicChange change = Growth();
  for (uint64_t index = 0;; ++index) {
    ChangeWorld world(change);
    world.env().Inject({.index = index});
    const absl::Status failed = change.apply(world.store());
    if (world.env().injected_count() == 0) break;
    INFO("call " << index << ": " << failed.ToString());
    world.env().ClearFaults();
    REQUIRE_OK(world.store().Close());
    const StoreOptions options =
        StoreOptions::Test(world.machine(), world.clock());
    REQUIRE_OK_AND_ASSIGN(Store next, Store::Open(kStorePath, options));
    const PartitionNumber count = OpenT(next).partition_count();
    REQUIRE_OK_AND_ASSIGN(Partition last, OpenT(next).partition(count - 1));
    REQUIRE_OK_AND_ASSIGN(const Offset offset,
                          last.Append(ValueRecord("acked"), Ack::kDisk));
    const auto image = world.machine().CopyDurable();
    REQUIRE_OK_AND_ASSIGN(
        Store after,
        Store::Open(kStorePath, StoreOptions::Test(*image, world.clock())));
    const Topic topic = OpenT(after);
    REQUIRE(topic.partition_count() == count);
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic, count - 1));
    CHECK(values.size() == static_cast<size_t>(offset) + 1);
  }
}

// The next owner finishes or undoes what the first one began: it may die, too.
TEST_CASE("An opening that a crash stops at any call is repeated by the next",
          "[topic]") {
  for (const TopicChange& change : TopicChanges()) {
    ChangeWorld world(change);
    std::vector<std::unique_ptr<MemoryEnv>> images;
    world.env().SetObserver([&](const EnvCallRecord&) {
      images.push_back(world.machine().CopyDurable());
    });
    REQUIRE_OK(change.apply(world.store()));
    world.env().SetObserver(nullptr);
    // One in the middle, where the most is left behind.
    MemoryEnv& image = *images[images.size() * 2 / 3];
    FaultEnv env(image);
    std::vector<Image> next;
    env.SetObserver([&](const EnvCallRecord& call) {
      const std::string when =
          fmt::format("before {} {}", EnvCallName(call.kind), call.name);
      next.push_back({"kill " + when, image.CopyCurrent()});
      next.push_back({"power cut " + when, image.CopyDurable()});
    });
    REQUIRE_OK(Store::Open(kStorePath, StoreOptions::Test(env, world.clock())));
    env.SetObserver(nullptr);
    for (const Image& one : next) {
      INFO(change.name << ": " << one.when);
      CheckNextOwner(change, *one.machine, world.clock());
    }
  }
}

}  // namespace
}  // namespace tidemark::test
