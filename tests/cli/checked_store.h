#ifndef TIDEMARK_TESTS_CLI_CHECKED_STORE_H_
#define TIDEMARK_TESTS_CLI_CHECKED_STORE_H_

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "cli/output.h"
#include "cli/store_check.h"
#include "fmt/core.h"
#include "support/status_matchers.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

inline constexpr char kCheckedPath[] = "/store";

// Everything about a record but where it stands.
inline std::string ContentOf(const RecordView& record) {
  std::string text =
      fmt::format("{} {} {}", absl::ToUnixMicros(record.create_time()),
                  record.key().has_value(), record.value().has_value());
  text += fmt::format(" [{}] [{}]", record.key().value_or(""),
                      record.value().value_or(""));
  for (const Header& header : record.headers()) {
    text += fmt::format(" {}={} {}", header.name, header.value.has_value(),
                        header.value.value_or(""));
  }
  return text;
}

// What a check of the store on a machine printed, and its exit status.
struct CheckResult {
  int code = 0;
  std::string text;

  // A line "<word>  <path>..." that names a range with `position` in it, if it
  // names one.
  bool Names(std::string_view word, const std::string& path,
             std::optional<uint64_t> position) const {
    const std::string begin = fmt::format("{:<8}{}", word, path);
    for (size_t at = text.find(begin); at != std::string::npos;
         at = text.find(begin, at + 1)) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      unsigned long long from = 0, to = 0;
      const size_t range = line.find(": bytes [");
      if (range == std::string::npos || !position.has_value() ||
          std::sscanf(line.c_str() + range, ": bytes [%llu, %llu)", &from,
                      &to) != 2) {
        return true;
      }
      if (from <= *position && *position < to) return true;
    }
    return false;
  }
};

inline CheckResult CheckStoreOn(Env& env) {
  const int memory = ::memfd_create("check", MFD_CLOEXEC);
  REQUIRE(memory >= 0);
  CheckResult result;
  cli::Output out(memory);
  const auto code = cli::CheckStore(kCheckedPath, env, out);
  REQUIRE_OK(out.Flush());
  result.text.resize(static_cast<size_t>(::lseek(memory, 0, SEEK_END)));
  REQUIRE(::pread(memory, result.text.data(), result.text.size(), 0) ==
          static_cast<ssize_t>(result.text.size()));
  ::close(memory);
  if (code.ok()) {
    result.code = static_cast<int>(*code);
  } else {
    // main.cc ends like this, and prints the status.
    result.code = IsDamaged(code.status()) ? 1 : 2;
    std::string message(code.status().message());
    if (message.starts_with("/store/")) message.erase(0, 7);
    result.text += "DAMAGE  " + message;
  }
  return result;
}

// A machine with a store, and what was appended to it: two topics of two
// partitions, one of them compressed, a partition without records and a topic
// that nobody has opened, segments with and without a seal, headers, nulls, and
// the committed cursor "c".
class CheckedStore {
 public:
  CheckedStore() {
    Open();
    TopicOptions options;
    options.partitions = 2;
    options.batch_bytes = 1024;
    options.segment_bytes = 3000;
    REQUIRE_OK(store_->CreateTopic("plain", options));
    REQUIRE_OK(store_->CreateTopic("unused"));
    options.compression = Compression::kLz4;
    REQUIRE_OK(store_->CreateTopic("packed", options));
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 4; ++i) {
        Append("plain", 0);
        Append("plain", 1);
        Append("packed", 0);
      }
      Commit();
      Close();
      Open();
    }
    for (const std::string topic : {"plain", "packed"}) Append(topic, 0);
    Commit();
  }

  MemoryEnv& env() { return env_; }

  void Open() {
    REQUIRE_OK_AND_ASSIGN(
        Store store,
        Store::Open(kCheckedPath, StoreOptions::Test(env_, clock_)));
    store_.emplace(std::move(store));
  }
  void Close() {
    REQUIRE_OK(store_->Close());
    store_.reset();
  }
  // Ends the process that has the store open.
  void Kill() {
    env_.AbandonLocks();
    store_.reset();
  }

  // Appends one batch of records and makes it durable.
  void Append(const std::string& topic, PartitionNumber number) {
    std::vector<std::string>& contents = contents_[{topic, number}];
    const auto count = static_cast<Offset>(contents.size());
    const std::string value =
        fmt::format("{}/{} record {} ", topic, number, count) +
        std::string(300, 'v');
    const Header headers[] = {{.name = "h", .value = "one"}, {.name = "null"}};
    const Record records[] = {
        {.key = "key", .value = value},
        {.value = value, .headers = headers},
        {.key = "gone"},
        {.key = "", .value = "", .create_time = absl::FromUnixSeconds(77)}};
    REQUIRE_OK_AND_ASSIGN(Topic opened, store_->OpenTopic(topic));
    REQUIRE_OK_AND_ASSIGN(Partition partition, opened.partition(number));
    REQUIRE_OK(partition.Append(records, Ack::kDisk));
    REQUIRE_OK_AND_ASSIGN(const Records read, partition.Read(count));
    for (const RecordView& record : read) {
      if (record.offset() == static_cast<Offset>(contents.size())) {
        contents.push_back(ContentOf(record));
      }
    }
    REQUIRE(contents.size() == static_cast<size_t>(count) + std::size(records));
    clock_.Advance(absl::Seconds(1));
  }

  void Grow(const std::string& topic, PartitionNumber partitions) {
    REQUIRE_OK_AND_ASSIGN(Topic opened, store_->OpenTopic(topic));
    REQUIRE_OK(opened.IncreasePartitions(partitions));
  }

  void Commit() {
    REQUIRE_OK_AND_ASSIGN(
        ConsumerCursor cursor,
        ConsumerCursor::Open(*store_,
                             {.topics = {"packed", "plain"},
                              .start = Start::Committed(Start::Begin()),
                              .name = "c",
                              .commit_level = Ack::kDisk}));
    REQUIRE_OK(cursor.Poll());
    REQUIRE_OK(cursor.Commit());
    REQUIRE_OK(cursor.Close());
  }

  // Reads everything on a machine with a copy of the store, which is damaged.
  // Each record is what was appended, or in a range that is reported as lost.
  void CheckReading(Env& env) {
    StoreOptions options = StoreOptions::Test(env, clock_);
    options.read_only = true;
    auto store = Store::Open(kCheckedPath, options);
    if (!store.ok()) {
      CHECK(IsDamaged(store.status()));
      return;
    }
    for (const std::string topic : {"packed", "plain"}) {
      auto cursor = ConsumerCursor::Open(
          *store, {.topics = {topic}, .start = Start::Begin()});
      if (!cursor.ok()) {
        CHECK(IsDamaged(cursor.status()));
        continue;
      }
      ReadTopic(topic, *cursor);
    }
  }

 private:
  void ReadTopic(const std::string& topic, ConsumerCursor& cursor) {
    std::map<PartitionNumber, Offset> next;
    for (int poll = 0; poll < 1000; ++poll) {
      const auto records = cursor.Poll();
      if (!records.ok()) {
        const auto gap = DamagedGap(records.status());
        INFO(records.status().ToString());
        REQUIRE(gap.has_value());
        Offset& at = next[gap->partition];
        CHECK(gap->from <= at);
        REQUIRE(gap->to > at);
        at = gap->to;
        REQUIRE_OK(cursor.Seek({topic, gap->partition}, Start::AtOffset(at)));
        continue;
      }
      if (records->empty()) break;
      for (const RecordView& record : *records) {
        const auto& contents = contents_[{topic, record.partition()}];
        Offset& at = next[record.partition()];
        if (record.offset() != at) FAIL("skipped to " << record.offset());
        const auto index = static_cast<size_t>(at++);
        REQUIRE(index < contents.size());
        if (ContentOf(record) != contents[index]) FAIL("wrong at " << index);
      }
    }
    for (const auto& [place, contents] : contents_) {
      if (place.first != topic) continue;
      if (next[place.second] < static_cast<Offset>(contents.size())) {
        FAIL(topic << "/" << place.second << " ends at " << next[place.second]);
      }
    }
  }

  MemoryEnv env_;
  ManualClock clock_;
  std::optional<Store> store_;
  std::map<std::pair<std::string, PartitionNumber>, std::vector<std::string>>
      contents_;
};

// The files of a store, to be damaged and mended.
class StoreFiles {
 public:
  explicit StoreFiles(Env& env) {
    auto root = env.OpenDirectory(kCheckedPath, false);
    REQUIRE_OK(root);
    root_ = *std::move(root);
    Collect("");
  }

  Directory& root() { return *root_; }
  const std::map<std::string, std::string>& files() const { return files_; }

  void Write(const std::string& path, std::string_view bytes) {
    auto file = root_->OpenFile(path, FileAccess::kReadWrite);
    if (absl::IsNotFound(file.status())) file = root_->CreateFile(path);
    REQUIRE_OK(file);
    REQUIRE_OK((*file)->Truncate(bytes.size()));
    REQUIRE_OK((*file)->WriteAt(0, AsBytes(bytes)));
  }
  void Mend(const std::string& path) { Write(path, files_.at(path)); }

  // Inverts one bit, another one at each position. Twice is never.
  void Flip(const std::string& path, uint64_t position) {
    auto file = root_->OpenFile(path, FileAccess::kReadWrite);
    REQUIRE_OK(file);
    std::byte byte = {};
    REQUIRE_OK((*file)->ReadAt(position, {&byte, 1}));
    byte ^= static_cast<std::byte>(1 << position * 5 % 8);
    REQUIRE_OK((*file)->WriteAt(position, {&byte, 1}));
  }

 private:
  void Collect(const std::string& path) {
    auto entries = root_->List(path);
    REQUIRE_OK(entries);
    for (const DirectoryEntry& entry : *entries) {
      const std::string name =
          path.empty() ? entry.name : path + "/" + entry.name;
      if (entry.type == FileType::kDirectory) {
        Collect(name);
        continue;
      }
      auto file = root_->OpenFile(name, FileAccess::kReadOnly);
      REQUIRE_OK(file);
      std::string& bytes = files_[name];
      bytes.resize((*file)->Stat()->size);
      REQUIRE_OK((*file)->ReadAt(
          0, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
    }
  }

  std::unique_ptr<Directory> root_;
  std::map<std::string, std::string> files_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CLI_CHECKED_STORE_H_
