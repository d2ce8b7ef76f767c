#ifndef TIDEMARK_TESTS_CONSUMER_CURSOR_FILE_FIXTURE_H_
#define TIDEMARK_TESTS_CONSUMER_CURSOR_FILE_FIXTURE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "consumer/cursor_file.h"
#include "consumer/cursor_file_format.h"
#include "support/status_matchers.h"
#include "tidemark/env.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

inline Id128 IdOf(int seed) {
  Id128 id;
  id.bytes.fill(static_cast<std::byte>(seed));
  return id;
}

inline const Id128 kStoreId = IdOf(1);
inline const Id128 kTopicId = IdOf(2);

inline CursorKey KeyOf(PartitionNumber partition) {
  return {kTopicId, partition};
}

inline std::vector<CursorKey> KeysUpTo(PartitionNumber count) {
  std::vector<CursorKey> keys;
  for (PartitionNumber i = 0; i < count; ++i) keys.push_back(KeyOf(i));
  return keys;
}

constexpr char kCursorName[] = "group";
constexpr char kCursorPath[] = "cursors/group";

// The directory of a store in an Env, and what the tests do with a cursor file
// in it.
class CursorDirectory {
 public:
  explicit CursorDirectory(Env& env) : env_(env) {
    auto directory = env.OpenDirectory("/store", /*is_creating=*/true);
    REQUIRE_OK(directory);
    directory_ = *std::move(directory);
  }

  Directory& directory() { return *directory_; }
  Env& env() { return env_; }

  absl::StatusOr<std::unique_ptr<CursorFile>> Open() {
    return CursorFile::Open(*directory_, env_, kStoreId, kCursorName);
  }

  // Opens the file and takes partitions 0 to count - 1.
  std::unique_ptr<CursorFile> Take(PartitionNumber count) {
    auto file = Open();
    REQUIRE_OK(file);
    REQUIRE_OK((*file)->Take(KeysUpTo(count)));
    return *std::move(file);
  }

  std::string ReadFile() {
    auto file = directory_->OpenFile(kCursorPath, FileAccess::kReadOnly);
    if (!file.ok()) return "";
    auto stat = (*file)->Stat();
    REQUIRE_OK(stat);
    std::string bytes(stat->size, '\0');
    REQUIRE_OK((*file)->ReadAt(
        0, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
    return bytes;
  }

  // Replaces the file by these bytes.
  void WriteFile(const std::string& bytes) {
    auto file = directory_->OpenFile(kCursorPath, FileAccess::kReadWrite);
    if (absl::IsNotFound(file.status())) {
      // It may be there already.
      directory_->CreateDirectory("cursors").IgnoreError();
      file = directory_->CreateFile(kCursorPath);
    }
    REQUIRE_OK(file);
    REQUIRE_OK((*file)->Truncate(bytes.size()));
    REQUIRE_OK((*file)->WriteAt(0, AsBytes(bytes)));
    REQUIRE_OK((*file)->SyncAll());
  }

  // Overwrites both slots, or one, of an entry with other bytes.
  void DamageSlot(uint32_t entry, int copy) {
    std::string bytes = ReadFile();
    bytes.replace(CursorSlotPosition(entry, copy),
                  cursor_file_format::kSlotSize,
                  std::string(cursor_file_format::kSlotSize, '\x5a'));
    WriteFile(bytes);
  }

 private:
  Env& env_;
  std::unique_ptr<Directory> directory_;
};

inline absl::Status Commit(CursorFile& file, PartitionNumber partition,
                           Offset offset, Ack level = Ack::kProcess) {
  const CursorCommit commit{KeyOf(partition), offset, 1};
  return file.Write({&commit, 1}, level, /*time=*/0);
}

// The committed offset; -1 for none, -2 for one that cannot be read.
inline Offset Committed(const CursorFile& file, PartitionNumber partition) {
  const CommittedPosition found = file.Find(KeyOf(partition));
  switch (found.state) {
    case CommittedPosition::State::kNone:
      return -1;
    case CommittedPosition::State::kLost:
      return -2;
    default:
      return found.offset;
  }
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CONSUMER_CURSOR_FILE_FIXTURE_H_
