#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>

#include "fuzz/fuzz_target.h"
#include "fuzz/store_visit.h"
#include "fuzz/tree_image.h"
#include "fuzz/tree_mutator.h"
#include "io/relative_name.h"

// F5 on the real file system: with symbolic links, FIFOs, hard links, files
// that everybody may write to, and a file beside it that nothing may touch.
namespace tidemark::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCanary = "not of the store";

// A new directory in memory, removed at the end. That of TMPDIR if there is no
// /dev/shm.
class Sandbox {
 public:
  Sandbox() {
    const char* const parent = std::getenv("TMPDIR");
    std::string name = "/dev/shm";
    if (access(name.c_str(), W_OK) != 0) {
      name = parent != nullptr ? parent : "/tmp";
    }
    name += "/tidemark-fuzz-XXXXXX";
    Expect(mkdtemp(name.data()) != nullptr, "a directory is made");
    path_ = name;
    Expect(mkdir((path_ / "store").c_str(), 0700) == 0, "a directory is made");
    Expect(mkdir((path_ / "outside").c_str(), 0700) == 0,
           "a directory is made");
    std::ofstream(path_ / "outside" / "canary") << kCanary;
    Expect(chmod((path_ / "outside" / "canary").c_str(), 0600) == 0, "a mode");
  }
  ~Sandbox() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Adds what an Env cannot make. Only into directories that are no links, so
// that nothing leaves the sandbox.
void AddSpecials(const TreeImage& image, Directory& root, const fs::path& at) {
  for (const TreeNode& node : image.nodes) {
    if (!CheckRelativeName(node.name).ok()) continue;
    const SplitName name = SplitRelativeName(node.name);
    const auto parent = root.Stat(name.parent);
    if (!parent.ok() || parent->type != FileType::kDirectory) continue;
    const std::string path = at / node.name;
    // What fails is not there.
    int failed = 0;
    if (node.kind == NodeKind::kSymbolicLink) {
      failed = symlink(node.content.c_str(), path.c_str());
    } else if (node.kind == NodeKind::kFifo) {
      failed = mkfifo(path.c_str(), 0600);
    } else if (node.kind == NodeKind::kHardLink) {
      const auto target = root.Stat(node.content);
      if (!target.ok() || target->type != FileType::kRegular) continue;
      failed = link((at / node.content).c_str(), path.c_str());
    } else if (node.kind == NodeKind::kLooseFile) {
      const auto file = root.Stat(node.name);
      if (!file.ok() || file->type != FileType::kRegular) continue;
      failed = chmod(path.c_str(), 0666);
    }
    static_cast<void>(failed);
  }
}

void RunTree(ByteSpan input, FuzzCounts* counts) {
  const TreeImage image = DecodeTree(input);
  const Sandbox sandbox;
  const fs::path store = sandbox.path() / "store";
  Env& env = Env::Posix();
  WriteTree(image, env, store.string());
  const auto root = env.OpenDirectory(store.string(), false);
  Expect(root.ok(), "the directory can be opened");
  AddSpecials(image, **root, store);
  VisitStore(env, store.string(), image.options, counts);
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(sandbox.path() / "outside")) {
    ++count;
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    Expect(content.str() == kCanary, "no file outside is written");
  }
  Expect(count == 1, "no file outside is made or removed");
}

}  // namespace

const FuzzTarget kTreeTarget = {"tree", &RunTree, &MutateTree};

}  // namespace tidemark::test
