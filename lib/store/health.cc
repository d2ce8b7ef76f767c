#include "tidemark/health.h"

namespace tidemark {
inline namespace v0 {

const char* ProcessDurabilityName(ProcessDurability durability) {
  switch (durability) {
    case ProcessDurability::kNone:
      return "none";
    case ProcessDurability::kSharedMemory:
      return "shared_memory";
    case ProcessDurability::kStoreFile:
      return "store_file";
    case ProcessDurability::kWriteThrough:
      return "write_through";
  }
  return "unknown";
}

}  // namespace v0
}  // namespace tidemark
