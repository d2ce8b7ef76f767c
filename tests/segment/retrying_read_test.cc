#include "segment/retrying_read.h"

#include <array>

#include "segment/segment_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

struct World {
  World() : fault(memory.env) {
    WriteWhole(*memory.root, "file", "0123456789");
    root = *fault.OpenDirectory("/store", false);
    file = *root->OpenFile("file", FileAccess::kReadOnly);
  }

  MemoryWorld memory;
  FaultEnv fault;
  std::unique_ptr<Directory> root;
  std::unique_ptr<File> file;
  std::array<std::byte, 4> bytes = {};
};

TEST_CASE("A read is tried once more after an I/O error", "[segment]") {
  World world;
  world.fault.FailKind(EnvCall::kRead, EIO);
  CHECK(ReadRetrying(*world.file, 2, world.bytes).value() == 4);
  CHECK(AsText(world.bytes) == "2345");
  CHECK(world.fault.injected_count() == 1);
}

TEST_CASE("A read is not tried a third time", "[segment]") {
  World world;
  world.fault.FailKind(EnvCall::kRead, EIO, /*is_persistent=*/true);
  CHECK(IsIoError(ReadRetrying(*world.file, 2, world.bytes).status()));
  CHECK(world.fault.injected_count() == 2);
}

TEST_CASE("A read that leaves out bytes of the file is read on", "[segment]") {
  World world;
  for (const uint64_t short_size : {0, 1, 2, 3}) {
    Fault fault;
    fault.kind = EnvCall::kRead;
    fault.error = 0;
    fault.short_size = short_size;
    world.fault.Inject(fault);
    CHECK(ReadRetrying(*world.file, 2, world.bytes).value() == 4);
    CHECK(AsText(world.bytes) == "2345");
  }
  CHECK(ReadRetrying(*world.file, 8, world.bytes).value() == 2);
  // A device that shows nothing of what the file has.
  Fault fault;
  fault.kind = EnvCall::kRead;
  fault.error = 0;
  fault.short_size = 0;
  fault.is_persistent = true;
  world.fault.Inject(fault);
  CHECK(IsIoError(ReadRetrying(*world.file, 2, world.bytes).status()));
}

TEST_CASE("A read that fails for another reason is not repeated", "[segment]") {
  World world;
  world.fault.FailKind(EnvCall::kRead, ENOMEM);
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               ReadRetrying(*world.file, 2, world.bytes));
  CHECK(world.fault.injected_count() == 1);
}

}  // namespace
}  // namespace tidemark::test
