#include "cli/tool.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

// A store with more in the topic "t" than a pipe holds.
class StopFixture {
 protected:
  StopFixture() {
    RunToolOk({"create", store_, "t"});
    std::string input;
    for (int i = 0; i < 5000; ++i) input += std::string(200, 'x') + "\n";
    RunToolOk({"produce", store_, "t"}, input);
  }

  const TempDir dir_;
  const std::string store_ = dir_ / "store";
};

TEST_CASE_METHOD(StopFixture, "A signal ends a writer whose reader is slow",
                 "[cli]") {
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  StartedTool reader({"consume", store_, "t", "--follow"}, {.output = pipe[1]});
  ::close(pipe[1]);
  // Something has been written; nothing more is read.
  char byte = 0;
  REQUIRE(::read(pipe[0], &byte, 1) == 1);
  reader.Signal(SIGTERM);
  CHECK(reader.Wait() == 0);
  ::close(pipe[0]);
}

TEST_CASE_METHOD(StopFixture, "A signal that was to be ignored is ignored",
                 "[cli]") {
  StartedTool reader({"consume", store_, "t", "--follow"},
                     {.ignored_signal = SIGINT});
  reader.ReadUntil("x\n");
  reader.Signal(SIGINT);
  RunToolOk({"produce", store_, "t"}, "still here\n");
  reader.ReadUntil("still here\n");
  reader.Signal(SIGTERM);
  CHECK(reader.Wait() == 0);
}

}  // namespace
}  // namespace tidemark::test
