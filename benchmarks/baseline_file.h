#ifndef TIDEMARK_BENCHMARKS_BASELINE_FILE_H_
#define TIDEMARK_BENCHMARKS_BASELINE_FILE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crc32c.h"
#include "workload/log_setup.h"

namespace bench {

inline constexpr size_t kBaselineHeaderBytes = 8;  // length, CRC-32C
inline constexpr size_t kBaselineBufferBytes = 64 << 10;

// The hand-written buffer: one file of records with a length and a checksum, 64
// KiB in memory, written out when they are full or when records must become
// visible. What an engineer writes in a day.
//
// Append is of one thread; the other functions as log_setup.h says.
class BaselineFile {
 public:
  // Opens or makes the file, reads all of it and cuts what is torn.
  static absl::StatusOr<std::unique_ptr<BaselineFile>> Open(
      const std::string& path, uint64_t publish_every);
  ~BaselineFile();

  absl::Status Append(std::string_view record) {
    if (absl::Status status = Buffer(record); !status.ok()) return status;
    return ++kept_back_ == publish_every_ ? Publish() : absl::OkStatus();
  }
  absl::Status AppendShared(std::string_view record);
  absl::Status AppendDurable(std::string_view record);

  absl::Status Publish();
  absl::Status Sync();

  uint64_t acknowledged() const { return published_count_; }

  // The bytes that readers may read.
  uint64_t end() const { return end_.load(std::memory_order_acquire); }
  // Waits until there are more than `seen`, or kLongestSleep.
  void WaitBehind(uint64_t seen);

  int descriptor() const { return descriptor_; }

 private:
  BaselineFile(int descriptor, uint64_t publish_every);

  absl::Status Scan();

  absl::Status Buffer(std::string_view record) {
    const size_t size = kBaselineHeaderBytes + record.size();
    if (used_ + size > kBaselineBufferBytes) {
      if (absl::Status status = WriteOut(); !status.ok()) return status;
    }
    const auto length = static_cast<uint32_t>(record.size());
    const uint32_t checksum = Crc32c(record.data(), record.size());
    char* const to = buffer_.get() + used_;
    std::memcpy(to, &length, 4);
    std::memcpy(to + 4, &checksum, 4);
    std::memcpy(to + kBaselineHeaderBytes, record.data(), record.size());
    used_ += size;
    ++count_;
    return absl::OkStatus();
  }
  absl::Status WriteOut();
  absl::Status WriteAll(const char* data, size_t size);

  const int descriptor_;
  const uint64_t publish_every_;

  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
  uint64_t count_ = 0;            // records appended
  uint64_t kept_back_ = 0;        // of these, since the last Publish
  uint64_t published_count_ = 0;  // handed to the operating system
  uint64_t written_bytes_ = 0;

  std::atomic<uint64_t> end_ = 0;
  std::atomic<int> sleeper_count_ = 0;
  std::mutex sleep_mutex_;
  std::condition_variable grown_;

  // AppendShared and AppendDurable.
  std::mutex mutex_;
  std::condition_variable synced_;
  std::unique_ptr<char[]> leader_buffer_;
  uint64_t synced_count_ = 0;
  bool has_leader_ = false;
  absl::Status leader_status_;
};

// Reads a BaselineFile in order by pread of 64 KiB, verifying each record.
class BaselineReader {
 public:
  explicit BaselineReader(BaselineFile* file)
      : file_(file), buffer_(new char[kBaselineBufferBytes]) {}

  template <typename Take>
  absl::StatusOr<size_t> Read(Wait wait, Take&& take) {
    uint64_t end = file_->end();
    if (end == position_) {
      if (wait == Wait::kSpin) return 0;
      file_->WaitBehind(position_);
      end = file_->end();
    }
    const absl::StatusOr<size_t> size = Fill(end);
    if (!size.ok()) return size.status();
    size_t count = 0;
    size_t at = 0;
    while (at + kBaselineHeaderBytes <= *size) {
      const char* const header = buffer_.get() + at;
      uint32_t length;
      uint32_t checksum;
      std::memcpy(&length, header, 4);
      std::memcpy(&checksum, header + 4, 4);
      if (length > kBaselineBufferBytes - kBaselineHeaderBytes) return Bad(at);
      if (at + kBaselineHeaderBytes + length > *size) break;
      const char* const record = header + kBaselineHeaderBytes;
      if (Crc32c(record, length) != checksum) return Bad(at);
      take(std::string_view(record, length));
      at += kBaselineHeaderBytes + length;
      ++count;
    }
    position_ += at;
    return count;
  }

  uint64_t position() const { return position_; }

 private:
  // Reads at the position, at most up to `end`.
  absl::StatusOr<size_t> Fill(uint64_t end);
  absl::Status Bad(size_t at) const;

  BaselineFile* file_;  // outlives this
  std::unique_ptr<char[]> buffer_;
  uint64_t position_ = 0;
};

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_BASELINE_FILE_H_
