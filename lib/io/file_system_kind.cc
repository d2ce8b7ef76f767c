#include "io/file_system_kind.h"

#include <array>

namespace tidemark {
inline namespace v0 {
namespace {

struct KnownKind {
  uint64_t magic;
  FileSystemKind kind;
};

constexpr std::string_view kMemoryWarning =
    "the file system lives in memory: a sync makes nothing durable";
constexpr std::string_view kNetworkWarning =
    "a network file system: locks may be lost or not seen by other machines, "
    "and a full disk may show only at a sync";
constexpr std::string_view kForeignWarning =
    "another program or machine serves the file system: what its locks and "
    "syncs are worth is not known here";
constexpr std::string_view kOverlayWarning =
    "an overlay: the first write to a file of a lower layer copies it, and "
    "what is written dies with the container";
constexpr std::string_view kModeWarning =
    "the file system keeps no owners and modes";

// The numbers are those of linux/magic.h and of the kernel's sources.
constexpr std::array kKnownKinds = {
    KnownKind{0xEF53, {"ext4", "", false, true}},
    KnownKind{0x58465342, {"xfs", "", false, true}},
    KnownKind{0x01021994, {"tmpfs", kMemoryWarning, true, true}},
    KnownKind{0x858458F6, {"ramfs", kMemoryWarning, true, false}},
    KnownKind{0x6969, {"nfs", kNetworkWarning, false, false}},
    KnownKind{0x517B, {"smb", kNetworkWarning, false, false}},
    KnownKind{0xFF534D42, {"cifs", kNetworkWarning, false, false}},
    KnownKind{0xFE534D42, {"smb2", kNetworkWarning, false, false}},
    KnownKind{0x00C36400, {"ceph", kNetworkWarning, false, false}},
    KnownKind{0x01021997, {"9p", kForeignWarning, false, false}},
    KnownKind{0x65735546, {"fuse", kForeignWarning, false, false}},
    KnownKind{0x794C7630, {"overlay", kOverlayWarning, false, false}},
    KnownKind{0x4D44, {"vfat", kModeWarning, false, false}},
    KnownKind{0x2011BAB0, {"exfat", kModeWarning, false, false}},
    KnownKind{0x9123683E, {"btrfs", "", false, false}},
    KnownKind{0xF2F52010, {"f2fs", "", false, false}},
    KnownKind{0x2FC12FC1, {"zfs", "", false, false}},
    KnownKind{0xCA451A4E, {"bcachefs", "", false, false}},
};

}  // namespace

FileSystemKind FileSystemKindOf(uint64_t magic) {
  for (const KnownKind& known : kKnownKinds) {
    if (known.magic == magic) return known.kind;
  }
  return {"unknown", "", false, false};
}

}  // namespace v0
}  // namespace tidemark
