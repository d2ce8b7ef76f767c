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
