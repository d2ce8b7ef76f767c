#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/endian.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/repair.h"
#include "fuzz/store_visit.h"
#include "fuzz/tree_image.h"
#include "fuzz/tree_mutator.h"
#include "partition/arena_format.h"
#include "tidemark/testing/memory_env.h"

// F5: a whole hostile directory, on a machine in memory. Beside it stands a
// file that nothing may touch.
namespace tidemark::test {
namespace {

constexpr uint32_t kAdoptsArenas = 1 << 8;
constexpr std::string_view kCanary = "not of the store";

// Makes the arenas of the image those of this machine and of this LOCK, as if
// its owner had died a moment ago.
void AdoptArenas(Env& env, TreeImage* image) {
  using namespace arena_format;
  const auto root = env.OpenDirectory("/store", false);
  const auto lock = (*root)->Stat("LOCK");
  const auto boot_id = env.BootId();
  if (!lock.ok()) return;
  for (TreeNode& node : image->nodes) {
    if (!node.name.starts_with("tidemark-arena-")) continue;
    if (node.content.size() < kHeaderSize) continue;
    auto* const to = reinterpret_cast<std::byte*>(node.content.data());
    StoreLittle(to + kLockDeviceAt, lock->device);
    StoreLittle(to + kLockInodeAt, lock->inode);
    node.content.replace(kBootIdAt, kBootIdSize, *boot_id);
    RepairFile(&node.content);
    const auto file = (*root)->OpenFile(node.name, FileAccess::kReadWrite);
    if (!file.ok()) continue;
    Expect((*file)->WriteAt(0, AsBytes(node.content)).ok(), "a write");
  }
}

void RunDirectory(ByteSpan input, FuzzCounts* counts) {
  TreeImage image = DecodeTree(input);
  MemoryEnv env;
  Expect(env.OpenDirectory("/store", true).ok(), "a directory is made");
  Expect(env.OpenDirectory("/outside", true).ok(), "a directory is made");
  TreeImage outside;
  outside.nodes.push_back({.name = "canary", .content = std::string(kCanary)});
  WriteTree(outside, env, "/outside");
  WriteTree(image, env, "/store");
  if ((image.options & kAdoptsArenas) != 0) AdoptArenas(env, &image);
  VisitStore(env, "/store", image.options, counts);
  TreeImage after = ReadTree(env, "/outside");
  Expect(after.nodes.size() == 1, "no file outside is made or removed");
  Expect(after.nodes[0].content == kCanary, "no file outside is written");
}

}  // namespace

const FuzzTarget kDirectoryTarget = {"directory", &RunDirectory, &MutateTree};

}  // namespace tidemark::test
