#include <sstream>

#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

TEST_CASE("Numbers stand to the right and text to the left", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "a"});
  RunToolOk({"create", store, "longer-name", "--partitions", "12"});
  CHECK(RunToolOk({"topics", store, "--long"}) ==
        "TOPIC        PARTITIONS  ACK      COMPRESSION  PARTITIONER  "
        "RETENTION\n"
        "a                     1  process  none         key-hash     "
        "everything\n"
        "longer-name          12  process  none         key-hash     "
        "everything\n");
}

}  // namespace
}  // namespace tidemark::test
