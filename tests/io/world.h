#ifndef TIDEMARK_TESTS_IO_WORLD_H_
#define TIDEMARK_TESTS_IO_WORLD_H_

#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/env.h"
#include "tidemark/testing/fault_env.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

enum class WorldKind { kPosix, kMemory, kFault };

// An Env, a directory in it that is empty, and one for shared memory.
class World {
 public:
  explicit World(WorldKind kind) {
    if (kind == WorldKind::kPosix) {
      temp_dir_.emplace();
      path_ = temp_dir_->path();
      env_ = &Env::Posix();
      std::string name = "/dev/shm/tidemark-test-XXXXXX";
      REQUIRE(::mkdtemp(name.data()) != nullptr);
      shared_path_ = name;
    } else {
      memory_ = std::make_unique<MemoryEnv>();
      fault_ = std::make_unique<FaultEnv>(*memory_);
      env_ = memory_.get();
      if (kind == WorldKind::kFault) env_ = fault_.get();
      path_ = "/store";
      shared_path_ = "/dev/shm";
    }
    auto opened = env_->OpenDirectory(path_, true);
    REQUIRE_OK(opened);
    directory_ = *std::move(opened);
    auto shared = env_->OpenSharedMemoryDirectory(shared_path_);
    REQUIRE_OK(shared);
    shared_ = *std::move(shared);
  }
  ~World() {
    std::error_code ignored;
    if (temp_dir_) std::filesystem::remove_all(shared_path_, ignored);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Env& env() { return *env_; }
  const std::string& path() const { return path_; }
  Directory& directory() { return *directory_; }
  Directory& shared() { return *shared_; }

 private:
  std::optional<TempDir> temp_dir_;
  std::unique_ptr<MemoryEnv> memory_;
  std::unique_ptr<FaultEnv> fault_;
  Env* env_ = nullptr;
  std::string path_;
  std::string shared_path_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Directory> shared_;
};

// Each of the Envs, one after the other; to be called once in a test.
inline WorldKind AnyWorld() {
  const WorldKind kind =
      GENERATE(WorldKind::kPosix, WorldKind::kMemory, WorldKind::kFault);
  return kind;
}

inline std::unique_ptr<File> MustCreate(Directory& directory,
                                        std::string_view name) {
  auto file = directory.CreateFile(name);
  REQUIRE_OK(file);
  return *std::move(file);
}

inline std::unique_ptr<File> MustOpen(
    Directory& directory, std::string_view name,
    FileAccess access = FileAccess::kReadWrite) {
  auto file = directory.OpenFile(name, access);
  REQUIRE_OK(file);
  return *std::move(file);
}

// Up to `size` bytes of a file as text.
inline std::string TextAt(const File& file, uint64_t position, size_t size) {
  std::string text(size, '?');
  auto count = file.ReadAt(
      position, std::as_writable_bytes(std::span(text.data(), text.size())));
  REQUIRE_OK(count);
  text.resize(*count);
  return text;
}

inline void MustWrite(File& file, uint64_t position, std::string_view text) {
  REQUIRE_OK(file.WriteAt(position, AsBytes(text)));
}

// A new file that holds `text` and is closed.
inline void MustWriteFile(Directory& directory, std::string_view name,
                          std::string_view text) {
  MustWrite(*MustCreate(directory, name), 0, text);
}

inline std::string TextOf(Directory& directory, std::string_view name) {
  return TextAt(*MustOpen(directory, name, FileAccess::kReadOnly), 0, 4096);
}

// The directory of a store on a MemoryEnv, and the one for its shared memory.
inline std::unique_ptr<Directory> MustOpenStore(Env& env) {
  auto directory = env.OpenDirectory("/store", true);
  REQUIRE_OK(directory);
  return *std::move(directory);
}

inline std::unique_ptr<Directory> MustOpenShared(Env& env) {
  auto directory = env.OpenSharedMemoryDirectory("");
  REQUIRE_OK(directory);
  return *std::move(directory);
}

// Grows new shared memory and starts it with `text`.
inline void WriteArena(SharedMemory& memory, std::string_view text) {
  REQUIRE_OK(memory.Grow(4'096));
  std::ranges::copy(AsBytes(text), memory.mutable_bytes().begin());
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_IO_WORLD_H_
