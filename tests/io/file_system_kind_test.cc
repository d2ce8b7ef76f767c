#include "io/file_system_kind.h"

#include <linux/magic.h>

#include "support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("A disk file system has a name and no warning", "[io]") {
  const FileSystemKind kind = FileSystemKindOf(EXT4_SUPER_MAGIC);
  CHECK(kind.name == "ext4");
  CHECK(kind.warning.empty());
  CHECK_FALSE(kind.is_in_memory);
  CHECK(kind.is_rewriting_in_place);
}

TEST_CASE("A tmpfs is in memory, warns, and can be mapped", "[io]") {
  const FileSystemKind kind = FileSystemKindOf(TMPFS_MAGIC);
  CHECK(kind.is_in_memory);
  CHECK_FALSE(kind.warning.empty());
  CHECK(kind.is_rewriting_in_place);
}

TEST_CASE("File systems of others warn and cannot be mapped", "[io]") {
  for (const uint64_t magic :
       {uint64_t{NFS_SUPER_MAGIC}, uint64_t{SMB_SUPER_MAGIC},
        uint64_t{CIFS_SUPER_MAGIC}, uint64_t{SMB2_SUPER_MAGIC},
        uint64_t{FUSE_SUPER_MAGIC}, uint64_t{V9FS_MAGIC},
        uint64_t{OVERLAYFS_SUPER_MAGIC}}) {
    const FileSystemKind kind = FileSystemKindOf(magic);
    CHECK_FALSE(kind.warning.empty());
    CHECK_FALSE(kind.is_rewriting_in_place);
    CHECK_FALSE(kind.is_in_memory);
  }
}

TEST_CASE("Copy-on-write and unknown file systems cannot be mapped", "[io]") {
  for (const uint64_t magic : {uint64_t{BTRFS_SUPER_MAGIC}, uint64_t{12345}}) {
    CHECK_FALSE(FileSystemKindOf(magic).is_rewriting_in_place);
  }
  CHECK(FileSystemKindOf(12345).name == "unknown");
}

}  // namespace
}  // namespace tidemark
