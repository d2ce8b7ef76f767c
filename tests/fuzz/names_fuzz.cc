#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "fuzz/fuzz_target.h"
#include "io/relative_name.h"
#include "segment/file_names.h"
#include "store/layout.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

// F7: names of topics, cursors, partitions, segments, leftovers and files. An
// input is a name.
namespace tidemark::test {
namespace {

// The rule of names, written down once more.
bool IsName(std::string_view name) {
  if (name.empty() || name.size() > 249 || name[0] == '.') return false;
  for (const char c : name) {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    if (kAllowed.find(c) == std::string_view::npos) return false;
  }
  const std::string_view end =
      name.substr(name.size() - std::min<size_t>(name.size(), 4));
  return end != ".log" && end != ".idx" && end != ".tmp";
}

// Those of paths below a directory.
bool IsPath(std::string_view name) {
  if (name.empty() || name.size() > 4000) return false;
  if (name.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part.size() > 255 || part == "." || part == "..") {
      return false;
    }
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

void CheckParsers(std::string_view name) {
  Expect(CheckTopicName(name).ok() == IsName(name), "the rule of names");
  Expect(CheckRelativeName(name).ok() == IsPath(name), "the rule of paths");
  if (IsPath(name)) {
    const SplitName split = SplitRelativeName(name);
    Expect(JoinPath(split.parent, split.leaf) == name, "a path splits");
  }
  if (const auto number = ParsePartitionName(name)) {
    Expect(*number >= 0 && *number < kPartitionsMax, "a partition's number");
    Expect(std::to_string(*number) == name, "a number has one name");
  }
  if (const auto offset = ParseSegmentFileName(name)) {
    Expect(*offset >= 0 && SegmentFileName(*offset) == name,
           "an offset has one name");
  }
  if (IsLeftoverName(name)) {
    Expect(IsPath(name) && !IsName(name) &&
               name.find('/') == std::string_view::npos,
           "a leftover is no topic");
  }
  Expect(!IsNameOfUnfinishedStore(name) || IsPath(name), "a name of a store");
}

// What every entry point of a directory does with it.
void CheckDirectory(Directory& root, const std::string& name) {
  ExpectTyped(root.CreateDirectory(name));
  ExpectTyped(root.CreateFile(name).status());
  ExpectTyped(root.OpenFile(name, FileAccess::kReadWrite).status());
  ExpectTyped(root.List(name).status());
  ExpectTyped(root.Stat(name).status());
  ExpectTyped(root.Sync(name));
  ExpectTyped(root.Rename(name, "renamed", false));
  ExpectTyped(root.Rename("renamed", name, true));
  ExpectTyped(root.RemoveDirectory(name));
  ExpectTyped(root.RemoveFile(name));
}

void CheckStore(MemoryEnv& env, const std::string& name, FuzzCounts* counts) {
  ManualClock clock;
  auto store = Store::Open("/store", StoreOptions::Test(env, clock));
  Expect(store.ok(), "a store opens");
  ExpectTyped(store->OpenTopic(name).status());
  const auto topic = store->CreateTopic(name);
  ExpectTyped(topic.status());
  Expect(topic.ok() == IsName(name), "a topic has a name by the rule");
  ++(topic.ok() ? counts->accepted : counts->refused);
  if (topic.ok()) {
    Expect(topic->partition(0).ok(), "a partition opens");
    const auto names = store->ListTopics();
    Expect(names.ok() && names->size() == 1 && names->front() == name,
           "the topic is listed");
    Expect(store->DeleteTopic(name).ok(), "a topic is deleted");
  } else {
    ExpectTyped(store->DeleteTopic(name));
  }
  Expect(store->Close().ok(), "a store closes");
}

void RunNames(ByteSpan input, FuzzCounts* counts) {
  const std::string name(AsText(input));
  CheckParsers(name);
  MemoryEnv env;
  const auto root = env.OpenDirectory("/root", true);
  Expect(root.ok(), "a directory is made");
  CheckDirectory(**root, name);
  CheckStore(env, name, counts);
  const auto top = env.OpenDirectory("/", false);
  Expect(top.ok(), "the top can be opened");
  const auto entries = (*top)->List("");
  Expect(entries.ok(), "the top can be listed");
  for (const DirectoryEntry& entry : *entries) {
    Expect(entry.name == "root" || entry.name == "store",
           "no name leads out of its directory");
  }
}

}  // namespace

const FuzzTarget kNamesTarget = {"names", &RunNames};

}  // namespace tidemark::test
