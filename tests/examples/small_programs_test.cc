#include <string>

#include "examples/program_run.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

// Runs an example with a directory of its own.
ProgramRun RunExample(const std::string& program) {
  const TempDir directory;
  return RunProgram(program, "'" + directory.path() + "'");
}

TEST_CASE("Example 010 reads back what it appended", "[examples]") {
  const ProgramRun run = RunExample("010_append_and_read");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output ==
        "appended at offset 0\nappended at offset 1\nappended at offset 2\n"
        "offset 0: example = hello\noffset 1: example = bonjour\n"
        "offset 2: example = hej\n");
}

TEST_CASE("Example 010 goes on behind its commit", "[examples]") {
  const TempDir directory;
  const std::string argument = "'" + directory.path() + "'";
  REQUIRE(RunProgram("010_append_and_read", argument).exit_code == 0);
  const ProgramRun run = RunProgram("010_append_and_read", argument);
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK_FALSE(run.Says("offset 2:"));
  CHECK(run.Says("offset 3: example = hello\n"));
}

TEST_CASE("Example 020 learns of each record what became of it", "[examples]") {
  const ProgramRun run = RunExample("020_producer_and_partitioners");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output ==
        "reported safe: 750 in Europe, 251 elsewhere; unknown: 0\n"
        "the batch began at offset 250\n");
}

TEST_CASE("Example 030 stands where it seeks", "[examples]") {
  const ProgramRun run = RunExample("030_seek_and_commit");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output ==
        "behind the commit: offset 12\nopened again: offset 12\n"
        "at half past five: offset 18\nat offset 3: offset 3\n"
        "at the end: nothing\n");
}

TEST_CASE("Example 040 counts each payment once", "[examples]") {
  if (!HasProgram("040_positions_in_sqlite")) {
    WARN("built without SQLite");
    return;
  }
  const ProgramRun run = RunExample("040_positions_in_sqlite");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output == "counted 4\nlost 3\ncounted 6\ntotal 55\n");
}

TEST_CASE("Example 050 sends only what is durable", "[examples]") {
  const ProgramRun run = RunExample("050_durable_forwarder");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output ==
        "nothing to send\nsent reading 0\nsent reading 1\nsent reading 2\n");
}

TEST_CASE("Example 060 passes its own checks", "[examples]") {
  const ProgramRun run = RunProgram("060_unit_test_of_a_host");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK_FALSE(run.Says("FAILED"));
}

TEST_CASE("Example 070 gets everything in its loop", "[examples]") {
  const ProgramRun run = RunExample("070_event_loop");
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.output == "the loop got 1000 records\n");
}

TEST_CASE("An example says what is wrong with its directory", "[examples]") {
  const ProgramRun run = RunProgram("010_append_and_read", "/dev/null");
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("/dev/null"));
}

}  // namespace
}  // namespace tidemark::test
