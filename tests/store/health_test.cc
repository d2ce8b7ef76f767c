#include "tidemark/health.h"

#include <string>

#include "support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("What the process level rests on has a name", "[health]") {
  CHECK(ProcessDurabilityName(ProcessDurability::kNone) == std::string("none"));
  CHECK(ProcessDurabilityName(ProcessDurability::kSharedMemory) ==
        std::string("shared_memory"));
  CHECK(ProcessDurabilityName(ProcessDurability::kStoreFile) ==
        std::string("store_file"));
  CHECK(ProcessDurabilityName(ProcessDurability::kWriteThrough) ==
        std::string("write_through"));
}

}  // namespace
}  // namespace tidemark
