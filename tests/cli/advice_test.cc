#include "cli/advice.h"

#include <sys/stat.h>

#include "base/checksum.h"
#include "base/endian.h"
#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "store/store_format.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::vector<std::vector<std::string>>& ReadingCommands() {
  static const auto* const commands = new std::vector<std::vector<std::string>>{
      {"topics"},         {"describe", "t"}, {"consume", "t"},
      {"dump", "t", "0"}, {"verify"},        {"stats"}};
  return *commands;
}

ToolResult RunOn(const std::string& store, std::vector<std::string> command,
                 StartedTool::Options options = {}) {
  command.insert(command.begin() + 1, store);
  return RunTool(command, "", options);
}

TEST_CASE("Every command says what to do about a missing store", "[cli]") {
  const TempDir dir;
  for (const std::vector<std::string>& command : ReadingCommands()) {
    const ToolResult result = RunOn(dir / "missing", command);
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("missing"));
    CHECK_THAT(result.err, ContainsSubstring("tidemark create"));
    CHECK(!std::filesystem::exists(dir / "missing"));
  }
}

TEST_CASE("Every command says that a directory is not a store", "[cli]") {
  const TempDir dir;
  std::ofstream(dir / "STORE") << "a shopping list";
  for (const std::vector<std::string>& command : ReadingCommands()) {
    const ToolResult result = RunOn(dir.path(), command);
    CHECK(result.code != 0);
    CHECK_THAT(result.err, ContainsSubstring(dir.path()));
  }
}

TEST_CASE("Every command says that a store is of a newer version", "[cli]") {
  namespace format = store_format;
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  std::string bytes = ReadBytes(store + "/STORE");
  for (size_t i = 0; i < format::kSlotCount; ++i) {
    auto* const slot =
        reinterpret_cast<std::byte*>(bytes.data()) + i * format::kPageSize;
    StoreLittle<uint32_t>(slot + format::kVersionAt, format::kVersion + 1);
    std::byte position[8];
    StoreLittle<uint64_t>(position, i * format::kPageSize);
    StoreLittle<uint64_t>(slot + format::kChecksumAt,
                          Checksum(position, {slot, format::kChecksumAt}));
  }
  WriteBytes(store + "/STORE", bytes);
  for (const std::vector<std::string>& command : ReadingCommands()) {
    const ToolResult result = RunOn(store, command);
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("use a newer one"));
  }
}

TEST_CASE("Every command names the user when rights are missing", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  if (::geteuid() != 0) REQUIRE(::chmod(store.c_str(), 0) == 0);
  for (const std::vector<std::string>& command : ReadingCommands()) {
    const ToolResult result = RunOn(store, command, {.as_nobody = true});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("as the user that owns"));
  }
  REQUIRE(::chmod(store.c_str(), 0700) == 0);
}

// Runs a command that fails and returns the line that says what to do.
std::string AdviceOf(const ToolResult& result, int code = 2) {
  INFO(result.err);
  CHECK(result.code == code);
  const size_t line = result.err.find("\n  ");
  REQUIRE(line != std::string::npos);
  return result.err.substr(line + 3);
}

TEST_CASE("A directory of the wrong kind, mode or owner is explained",
          "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  for (const std::vector<std::string>& command : ReadingCommands()) {
    CHECK_THAT(AdviceOf(RunOn(store + "/STORE", command)),
               ContainsSubstring("not of a file"));
    CHECK_THAT(AdviceOf(RunOn("", command)), ContainsSubstring("--help"));
    REQUIRE(::chmod(store.c_str(), 0777) == 0);
    CHECK_THAT(AdviceOf(RunOn(store, command)), ContainsSubstring("chmod"));
    REQUIRE(::chmod(store.c_str(), 0700) == 0);
  }
  REQUIRE(::chmod((store + "/STORE").c_str(), 0666) == 0);
  CHECK_THAT(AdviceOf(RunOn(store, {"topics"})), ContainsSubstring("chmod"));
  REQUIRE(::chmod((store + "/STORE").c_str(), 0600) == 0);
  if (::geteuid() != 0) return;
  REQUIRE(::chown(store.c_str(), kNobodyUid, kNobodyUid) == 0);
  CHECK_THAT(AdviceOf(RunOn(store, {"topics"})), ContainsSubstring("chown"));
}

TEST_CASE("A value that a command does not take is explained", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const std::vector<std::vector<std::string>> commands = {
      {"describe", "a/b"},
      {"consume", "t", "--from", "yesterday"},
      {"consume", "t", "--format", "xml"},
      {"produce", "t", "--ack", "soon"},
      {"dump", "t", "0", "--level", "bit"},
      {"create", "t2", "--segment-bytes", "x"}};
  for (const std::vector<std::string>& command : commands) {
    CHECK_THAT(AdviceOf(RunOn(store, command)),
               ContainsSubstring("tidemark " + command[0] + " --help"));
  }
  CHECK_THAT(AdviceOf(RunOn(store, {"consume", "t", "--from", "11"})),
             ContainsSubstring("tidemark describe"));
}

TEST_CASE("Damage of a file of the store's own names what helps", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  RunToolOk({"produce", store, "t"}, "one\n");
  const std::string topic = store + "/topics/t/TOPIC";
  const std::string topic_bytes = ReadBytes(topic);
  WriteBytes(topic, std::string(topic_bytes.size(), 'x'));
  const std::string advice = AdviceOf(RunOn(store, {"consume", "t"}), 1);
  CHECK_THAT(advice, ContainsSubstring("restore this file"));
  CHECK_THAT(advice, !ContainsSubstring("--skip-damage"));
  WriteBytes(topic, topic_bytes);
  const std::string store_bytes = ReadBytes(store + "/STORE");
  for (const bool is_missing : {false, true}) {
    WriteBytes(store + "/STORE", std::string(store_bytes.size(), 'x'));
    if (is_missing) REQUIRE(std::filesystem::remove(store + "/STORE"));
    std::vector<std::vector<std::string>> commands = ReadingCommands();
    commands.push_back({"produce", "t"});
    commands.push_back({"create", "u"});
    for (const std::vector<std::string>& command : commands) {
      const std::string found = AdviceOf(RunOn(store, command), 1);
      CHECK_THAT(found, ContainsSubstring("restore the store from a copy"));
      CHECK_THAT(found, !ContainsSubstring("--skip-damage"));
    }
  }
}

TEST_CASE("What is missing of a store is not taken for a wrong path", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t", "--partitions", "2"});
  REQUIRE(std::filesystem::remove_all(store + "/topics/t/1") > 0);
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{
           {"consume", "t"}, {"describe", "t"}, {"dump", "t", "1"}}) {
    const ToolResult result = RunOn(store, command);
    INFO(result.err);
    CHECK(result.code != 0);
    CHECK_THAT(result.err, ContainsSubstring("restore"));
    CHECK_THAT(result.err, !ContainsSubstring("0 to 1"));
  }
  REQUIRE(std::filesystem::remove_all(store + "/topics") > 0);
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"topics"}, {"produce", "t"}}) {
    const ToolResult result = RunOn(store, command);
    INFO(result.err);
    CHECK(result.code != 0);
    CHECK_THAT(result.err, ContainsSubstring("restore"));
    CHECK_THAT(result.err, !ContainsSubstring("tidemark create"));
  }
}

TEST_CASE("A limit on the size of files is named", "[cli]") {
  const TempDir dir;
  const std::string store = dir / "store";
  RunToolOk({"create", store, "t"});
  const ToolResult result =
      RunTool({"produce", store, "t", "--ack", "disk"},
              std::string(100000, 'a') + "\n", {.file_bytes_max = 16384});
  CHECK_THAT(AdviceOf(result), ContainsSubstring("ulimit -f"));
}

TEST_CASE("A file system that is read-only is no question of rights", "[cli]") {
  const std::string text = cli::Explain(
      absl::PermissionDeniedError("/s/LOCK: create: Read-only file system"),
      "produce");
  CHECK_THAT(text, ContainsSubstring("\n  "));
  CHECK_THAT(text, ContainsSubstring("remount"));
  CHECK_THAT(text, !ContainsSubstring("user"));
}

TEST_CASE("Every error has a line that says what to do", "[cli]") {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status plain(static_cast<absl::StatusCode>(code), "what");
    for (uint16_t reason = 0; reason <= 18; ++reason) {
      const absl::Status status =
          WithReason(plain, static_cast<ErrorReason>(reason));
      INFO(status.ToString());
      const std::string text = cli::Explain(status, "stats");
      CHECK(text.starts_with("tidemark: what\n  "));
      CHECK(text.size() > 24);
    }
  }
}

}  // namespace
}  // namespace tidemark::test
