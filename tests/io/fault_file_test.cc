#include "io/fault_file.h"

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::MustWrite;
using test::TextAt;

// A file that holds "tidemark" under a FaultEnv whose log is empty.
class FaultedFile {
 public:
  FaultedFile() : env(memory_) {
    auto directory = env.OpenDirectory("/store", true);
    REQUIRE_OK(directory);
    file = MustCreate(**directory, "a");
    MustWrite(*file, 0, "tidemark");
    env.ForgetCalls();
  }

  std::string Text() {
    env.ClearFaults();
    return TextAt(*file, 0, 100);
  }

 private:
  MemoryEnv memory_;

 public:
  FaultEnv env;
  std::unique_ptr<File> file;
};

Fault ShortFault(EnvCall kind, uint64_t size, int error) {
  Fault fault;
  fault.kind = kind;
  fault.short_size = size;
  fault.error = error;
  return fault;
}

TEST_CASE("A short read ends early without an error", "[io]") {
  FaultedFile faulted;
  faulted.env.Inject(ShortFault(EnvCall::kRead, 4, 0));
  CHECK(TextAt(*faulted.file, 0, 100) == "tide");
  CHECK(TextAt(*faulted.file, 0, 100) == "tidemark");
}

TEST_CASE("A failed read returns its error", "[io]") {
  FaultedFile faulted;
  faulted.env.FailKind(EnvCall::kRead, EIO);
  std::array<std::byte, 4> bytes;
  CHECK(IsIoError(faulted.file->ReadAt(0, bytes).status()));
}

TEST_CASE("A short write leaves a prefix and fails", "[io]") {
  FaultedFile faulted;
  faulted.env.Inject(ShortFault(EnvCall::kWrite, 3, ENOSPC));
  const std::array<std::span<const std::byte>, 2> parts = {AsBytes("TI"),
                                                           AsBytes("DE")};
  CHECK(IsDiskFull(faulted.file->WriteAtV(0, parts)));
  CHECK(faulted.Text() == "TIDemark");
}

TEST_CASE("A short write without an error number fails with EIO", "[io]") {
  FaultedFile faulted;
  faulted.env.Inject(ShortFault(EnvCall::kWrite, 1, 0));
  CHECK(IsIoError(faulted.file->WriteAt(0, AsBytes("TI"))));
  CHECK(faulted.Text() == "Tidemark");
}

TEST_CASE("A failed write writes nothing, or all if it takes effect", "[io]") {
  FaultedFile faulted;
  Fault fault;
  fault.kind = EnvCall::kWrite;
  fault.takes_effect = GENERATE(false, true);
  faulted.env.Inject(fault);
  CHECK(IsIoError(faulted.file->WriteAt(0, AsBytes("TIDE"))));
  CHECK(faulted.Text() == (fault.takes_effect ? "TIDEmark" : "tidemark"));
}

TEST_CASE("Each call of a file can fail and is logged with its range", "[io]") {
  FaultedFile faulted;
  File& file = *faulted.file;
  std::array<std::byte, 4> bytes = {};
  Fault all;
  all.is_persistent = true;
  faulted.env.Inject(all);
  CHECK_FALSE(file.ReadAt(1, bytes).ok());
  CHECK_FALSE(file.WriteAt(2, bytes).ok());
  CHECK_FALSE(file.WriteAtV(3, {}).ok());
  CHECK_FALSE(file.Sync().ok());
  CHECK_FALSE(file.SyncAll().ok());
  CHECK_FALSE(file.Truncate(5).ok());
  CHECK_FALSE(file.Allocate(6, 7).ok());
  CHECK_FALSE(file.NextData(8).ok());
  CHECK_FALSE(file.Stat().ok());
  CHECK_FALSE(file.TryLock(9, 10).ok());
  CHECK_FALSE(file.Unlock(11, 12).ok());
  CHECK_FALSE(file.Close().ok());
  const std::vector<EnvCallRecord> calls = faulted.env.calls();
  REQUIRE(calls.size() == 12);
  CHECK(faulted.env.injected_count() == 12);
  CHECK(calls[0].position == 1);
  CHECK(calls[0].size == 4);
  CHECK(calls[1].position == 2);
  CHECK(calls[5].position == 5);
  CHECK(calls[6].size == 7);
  CHECK(calls[9].kind == EnvCall::kLock);
  CHECK(calls[10].position == 11);
  CHECK(calls[11].name == "a");
}

TEST_CASE("A failed close closes", "[io]") {
  FaultedFile faulted;
  REQUIRE(*faulted.file->TryLock(0, 0));
  faulted.env.FailKind(EnvCall::kClose, EIO);
  CHECK(IsIoError(faulted.file->Close()));
  CHECK_OK(faulted.file->Close());
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, faulted.file->Sync());
}

}  // namespace
}  // namespace tidemark
