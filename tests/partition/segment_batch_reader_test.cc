#include "partition/segment_batch_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/core.h"
#include "partition/log_fixture.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

TEST_CASE("Damage is typed with its range and all else stays readable",
          "[partition]") {
  // G5 I6
  MemoryEnv env;
  LogFixture fixture(env);
  fixture.options.batch_bytes = 1024;
  {
    const auto log = fixture.Open();
    for (int i = 0; i < 400; ++i) {
      REQUIRE_OK(AppendText(*log, fmt::format("value {}", i), Ack::kMemory));
    }
    REQUIRE_OK(log->Close());
  }
  auto directory = env.OpenDirectory("/log", false);
  REQUIRE_OK(directory);
  const std::string name = "t/00000000000000000000.log";
  REQUIRE_OK_AND_ASSIGN(const auto file,
                        (*directory)->OpenFile(name, FileAccess::kReadWrite));
  REQUIRE_OK_AND_ASSIGN(const FileStat stat, file->Stat());
  for (uint64_t at = 1024; at < stat.size; at += 97) {
    CAPTURE(at);
    std::byte byte;
    REQUIRE_OK(file->ReadAt(at, {&byte, 1}));
    const std::byte flipped = byte ^ std::byte{0x10};
    REQUIRE_OK(file->WriteAt(at, {&flipped, 1}));
    const auto log = fixture.Open();
    std::vector<bool> is_read(400, false);
    PartitionReader reader(log);
    for (Offset from = 0; from < log->marks().end;) {
      auto runs = std::make_unique<RecordRuns>();
      Offset next = from;
      const absl::Status status = reader.Read(from, {}, runs.get(), &next);
      if (!status.ok()) {
        REQUIRE(IsDamaged(status));
        const auto gap = DamagedGap(status);
        REQUIRE(gap.has_value());
        CHECK(gap->from <= from);
        REQUIRE(gap->to > from);
        from = gap->to;
        continue;
      }
      REQUIRE(next > from);
      const Records records(std::move(runs));
      for (const RecordView& record : records) {
        CHECK(record.value() == fmt::format("value {}", record.offset()));
        is_read[static_cast<size_t>(record.offset())] = true;
      }
      from = next;
    }
    // At most the records of one batch cannot be read.
    CHECK(std::count(is_read.begin(), is_read.end(), false) <= 100);
    REQUIRE_OK(file->WriteAt(at, {&byte, 1}));
  }
}

}  // namespace
}  // namespace tidemark::test
