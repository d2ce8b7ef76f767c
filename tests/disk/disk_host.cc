#include "disk/disk_host.h"

#include <chrono>
#include <utility>

#include "fmt/core.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

constexpr char kTopic[] = "t";
constexpr char kCursor[] = "c";

}  // namespace

DiskHost::DiskHost(std::string directory, StoreOptions options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

TopicOptions DiskHost::SmallTopic() {
  TopicOptions options;
  options.segment_bytes = 128 << 10;
  options.batch_bytes = 8 << 10;
  return options;
}

void DiskHost::Open(const TopicOptions& topic) {
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(directory_, options_));
  store_.emplace(std::move(store));
  REQUIRE_OK_AND_ASSIGN(topic_, store_->OpenOrCreateTopic(kTopic, topic));
  REQUIRE_OK_AND_ASSIGN(partition_, topic_.partition(0));
  const CursorOptions options{.topics = {kTopic},
                              .start = Start::Committed(Start::Begin()),
                              .name = kCursor,
                              .commit_level = Ack::kDisk};
  REQUIRE_OK_AND_ASSIGN(ConsumerCursor cursor,
                        ConsumerCursor::Open(*store_, options));
  cursor_.emplace(std::move(cursor));
}

absl::Status DiskHost::Close() {
  cursor_.reset();
  const absl::Status closed = store_->Close();
  partition_ = Partition();
  topic_ = Topic();
  store_.reset();
  return closed;
}

std::string DiskHost::NextValue(size_t size) const {
  std::string value = fmt::format("{}:", values_.size());
  while (value.size() < size) {
    value += static_cast<char>('a' + (value.size() + values_.size()) % 26);
  }
  return value;
}

absl::Status DiskHost::Append(Ack ack, size_t size) {
  const std::string value = NextValue(size);
  const absl::StatusOr<Offset> offset =
      partition_.Append({.value = value}, ack);
  if (!offset.ok()) return offset.status();
  REQUIRE(*offset == end());
  values_.push_back(value);
  return absl::OkStatus();
}

absl::Status DiskHost::AppendUntilFull(Ack ack, uint64_t count) {
  absl::Status status;
  for (uint64_t i = 0; i < count && status.ok(); ++i) status = Append(ack);
  return status;
}

void DiskHost::Adopt(Offset end) {
  while (this->end() < end) values_.push_back(NextValue(kSize));
}

void DiskHost::AwaitSpace() {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::minutes(1);
  absl::Status status = Append(Ack::kProcess);
  while (!status.ok()) {
    REQUIRE_STATUS(absl::StatusCode::kResourceExhausted, status);
    REQUIRE(IsDiskFull(status));
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    status = Append(Ack::kProcess);
  }
}

void DiskHost::ForgetBehind(Offset end) {
  values_.resize(static_cast<size_t>(end));
}

void DiskHost::CheckRecords() { CheckRecordsOf(partition_); }

void DiskHost::CheckRecordsOf(const Partition& partition) const {
  const Marks marks = partition.marks();
  REQUIRE(marks.end == end());
  Offset at = marks.start;
  while (at < marks.end) {
    REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(at));
    REQUIRE_FALSE(records.empty());
    for (const RecordView& record : records) {
      REQUIRE(record.offset() == at);
      REQUIRE(record.value() == values_[static_cast<size_t>(at)]);
      ++at;
    }
  }
}

void DiskHost::CheckCommit(Offset offset) {
  REQUIRE_OK(cursor_->Seek(Start::AtOffset(offset)));
  REQUIRE_OK(cursor_->Commit());
  REQUIRE_OK_AND_ASSIGN(const Positions committed, cursor_->committed());
  const Positions::Entry* const entry = committed.Find(kTopic, 0);
  REQUIRE(entry != nullptr);
  REQUIRE(entry->offset == offset);
}

}  // namespace tidemark::test
