#include "io/open_beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "io/child.h"
#include "io/seccomp.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark {
namespace {

namespace fs = std::filesystem;

using OpenFunction = OpenResult (*)(int, const std::string&, int, mode_t);

OpenFunction AnyOpen() {
  return GENERATE(&OpenBeneath, &OpenBeneathByComponents);
}

// A directory with a/b/file, and links to what must not be reached.
class Tree {
 public:
  Tree() {
    fs::create_directories(directory_ / "a/b");
    Touch(directory_ / "a/b/file");
    fs::create_symlink("b", directory_ / "a/link");
    fs::create_symlink("/etc", directory_ / "etc");
    fs::create_symlink("a/b/file", directory_ / "file-link");
    root_ = Descriptor(
        ::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(root_.is_open());
  }

  int root() const { return root_.get(); }

 private:
  static void Touch(const std::string& path) {
    Descriptor(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  }

  test::TempDir directory_;
  Descriptor root_;
};

TEST_CASE("A name is opened at any depth", "[io]") {
  const OpenFunction open = AnyOpen();
  const Tree tree;
  CHECK(open(tree.root(), "a/b/file", O_RDONLY, 0).error == 0);
  CHECK(open(tree.root(), "a", O_RDONLY | O_DIRECTORY, 0).error == 0);
  CHECK(open(tree.root(), ".", O_RDONLY | O_DIRECTORY, 0).error == 0);
  CHECK(open(tree.root(), "a/b/none", O_RDONLY, 0).error == ENOENT);
  CHECK(open(tree.root(), "a/b/file/x", O_RDONLY, 0).error == ENOTDIR);
}

TEST_CASE("A link is followed neither in the middle nor at the end", "[io]") {
  const OpenFunction open = AnyOpen();
  const Tree tree;
  const auto refuses = [&](const char* name) {
    const int error = open(tree.root(), name, O_RDONLY, 0).error;
    return error == ELOOP || error == ENOTDIR;
  };
  CHECK(refuses("a/link/file"));
  CHECK(refuses("etc/passwd"));
  CHECK(refuses("file-link"));
}

TEST_CASE("A new file does not appear behind a link", "[io]") {
  const OpenFunction open = AnyOpen();
  const Tree tree;
  const int flags = O_RDWR | O_CREAT | O_EXCL;
  CHECK(open(tree.root(), "file-link", flags, 0600).error == EEXIST);
  CHECK(open(tree.root(), "a/link/new", flags, 0600).error != 0);
  CHECK(open(tree.root(), "a/b/new", flags, 0600).error == 0);
}

TEST_CASE("Opened descriptors do not survive exec", "[io]") {
  const OpenFunction open = AnyOpen();
  const Tree tree;
  const OpenResult opened = open(tree.root(), "a/b/file", O_RDONLY, 0);
  REQUIRE(opened.error == 0);
  CHECK((::fcntl(opened.descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("A filter that forbids openat2 does not matter", "[io]") {
  const int error = GENERATE(ENOSYS, EPERM);
  const Tree tree;
  CHECK(test::RunInChild([&] {
          if (!test::FailSystemCall(SYS_openat2, error)) return 1;
          const OpenResult file =
              OpenBeneath(tree.root(), "a/b/file", O_RDONLY, 0);
          if (file.error != 0) return 2;
          const OpenResult link =
              OpenBeneath(tree.root(), "a/link/file", O_RDONLY, 0);
          return link.error != 0 ? 0 : 3;
        }) == 0);
}

}  // namespace
}  // namespace tidemark
