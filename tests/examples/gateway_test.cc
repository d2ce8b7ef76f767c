#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "examples/program_run.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {
namespace {

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void WriteAll(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// What one story left behind, for all tests of this file to look at. A test
// that damages something puts it back.
class Story {
 public:
  static const Story& Get() {
    static const Story story;
    return story;
  }

  const ProgramRun& run() const { return run_; }
  std::string operator/(const std::string& name) const {
    return directory_ / name;
  }
  ProgramRun Check() const { return RunProgram("gateway_check", arguments_); }

  // Checks with another text in one of the files.
  ProgramRun CheckWith(const std::string& name, const std::string& text) const {
    const std::string path = directory_ / name;
    const std::string kept = ReadAll(path);
    WriteAll(path, text);
    ProgramRun run = Check();
    WriteAll(path, kept);
    return run;
  }

 private:
  Story()
      : arguments_("--seconds 0.2 --dir '" + directory_.path() + "' --data '" +
                   TIDEMARK_SOURCE_DIR + "/examples/data'"),
        run_(RunProgram("gateway_story", arguments_)) {}

  TempDir directory_;
  std::string arguments_;
  ProgramRun run_;
};

// The first block of an archive, with its last line.
std::string FirstBlock(const std::string& archive) {
  const size_t end = archive.find("\n#end ");
  return archive.substr(0, archive.find('\n', end + 1) + 1);
}

// G2, G4: what was acknowledged before a kill is in the log.
TEST_CASE("A gateway that is killed goes on where it was", "[examples]") {
  const Story& story = Story::Get();
  INFO(story.run().output);
  CHECK(story.run().exit_code == 0);
  CHECK(story.run().Says("Killed by SIGKILL."));
  CHECK(story.run().Says("rows that were acknowledged before the kill"));
}

TEST_CASE("A gateway that was killed has everything once", "[examples]") {
  const ProgramRun run = Story::Get().Check();
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(run.Says("20,000 of 20,000 flights"));
  CHECK(run.Says("1,707 of 1,707 quakes"));
  CHECK(run.Says("Everything is there exactly once."));
}

TEST_CASE("The gateway's check finds a missing block", "[examples]") {
  const Story& story = Story::Get();
  const std::string archive = ReadAll(story / "archive.txt");
  const ProgramRun run = story.CheckWith(
      "archive.txt", archive.substr(FirstBlock(archive).size()));
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("missing"));
}

TEST_CASE("The gateway's check finds a repeated block", "[examples]") {
  const Story& story = Story::Get();
  const std::string archive = ReadAll(story / "archive.txt");
  const ProgramRun run =
      story.CheckWith("archive.txt", FirstBlock(archive) + archive);
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("repeated"));
}

TEST_CASE("The gateway's check finds a torn block", "[examples]") {
  const Story& story = Story::Get();
  const std::string archive = ReadAll(story / "archive.txt");
  const ProgramRun run = story.CheckWith(
      "archive.txt",
      archive + archive.substr(0, FirstBlock(archive).size() / 2));
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("WRONG"));
}

TEST_CASE("The gateway's check finds another dashboard", "[examples]") {
  const Story& story = Story::Get();
  const ProgramRun run =
      story.CheckWith("dashboard.txt", ReadAll(story / "dashboard.txt") + "x");
  INFO(run.output);
  CHECK(run.exit_code == 1);
  CHECK(run.Says("WRONG"));
}

TEST_CASE("The gateway's check finds a partition that is gone", "[examples]") {
  const Story& story = Story::Get();
  const std::string partition = story / "store/topics/quakes/1";
  std::filesystem::rename(partition, story / "aside");
  const ProgramRun run = story.Check();
  std::filesystem::rename(story / "aside", partition);
  INFO(run.output);
  CHECK(run.exit_code == 1);
}

TEST_CASE("The gateway cuts a torn block of its archive", "[examples]") {
  const Story& story = Story::Get();
  const std::string archive = ReadAll(story / "archive.txt");
  WriteAll(story / "archive.txt", archive + "flights 0 12345 1 half a li");
  const std::string arguments = "--seconds 0.2 --dir '" + (story / "") +
                                "' --data '" + TIDEMARK_SOURCE_DIR +
                                "/examples/data'";
  const ProgramRun run = RunProgram("gateway", arguments);
  INFO(run.output);
  CHECK(run.exit_code == 0);
  CHECK(ReadAll(story / "archive.txt") == archive);
  CHECK(story.Check().exit_code == 0);
}

}  // namespace
}  // namespace tidemark::test
