#include <sys/stat.h>

#include "base/checksum.h"
#include "base/endian.h"
#include "cli/damaged_file.h"
#include "cli/tool.h"
#include "store/store_format.h"
#include "support/catch.h"
#include "support/temp_dir.h"

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

}  // namespace
}  // namespace tidemark::test
