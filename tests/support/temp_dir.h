#ifndef TIDEMARK_TESTS_SUPPORT_TEMP_DIR_H_
#define TIDEMARK_TESTS_SUPPORT_TEMP_DIR_H_

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace tidemark::test {

// A new empty directory that is removed with all it holds at the end of scope.
//
// It lies in $TMPDIR if that is set, otherwise in the build directory: on a
// disk, so that a test of the POSIX Env meets a file system that syncs.
class TempDir {
 public:
  TempDir() {
    const char* parent = std::getenv("TMPDIR");
    std::filesystem::path base =
        parent != nullptr && *parent != '\0'
            ? std::filesystem::path(parent)
            : std::filesystem::path(TIDEMARK_TEST_BIN_DIR) / "tmp";
    std::filesystem::create_directories(base);
    std::string name = (base / "tidemark-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), name);
    }
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // The path of `name` inside the directory; nothing is created.
  std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_TEMP_DIR_H_
