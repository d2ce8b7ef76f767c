// The hand-written buffer that every target is measured against, under the same
// workloads as log_bench.
//
// usage: baseline --workload NAME --dir EMPTY_DIRECTORY [--scale FACTOR]

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baseline_file.h"
#include "fmt/core.h"
#include "workload/log_setup.h"
#include "workload/program.h"
#include "workload/result_line.h"

namespace bench {
namespace {

absl::Status SystemError(std::string_view call) {
  return absl::ErrnoToStatus(errno, {call.data(), call.size()});
}

}  // namespace

absl::StatusOr<std::unique_ptr<BaselineFile>> BaselineFile::Open(
    const std::string& path, uint64_t publish_every) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return SystemError("open");
  std::unique_ptr<BaselineFile> file(
      new BaselineFile(descriptor, publish_every));
  if (absl::Status status = file->Scan(); !status.ok()) return status;
  return file;
}

BaselineFile::BaselineFile(int descriptor, uint64_t publish_every)
    : descriptor_(descriptor),
      publish_every_(publish_every),
      buffer_(new char[kBaselineBufferBytes]),
      leader_buffer_(new char[kBaselineBufferBytes]) {}

BaselineFile::~BaselineFile() { ::close(descriptor_); }

absl::Status BaselineFile::Scan() {
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) return SystemError("fstat");
  end_ = static_cast<uint64_t>(status.st_size);
  BaselineReader reader(this);
  while (true) {
    const absl::StatusOr<size_t> count =
        reader.Read(Wait::kSpin, [](std::string_view) {});
    // What is behind the last good record was never acknowledged.
    if (!count.ok() || *count == 0) break;
    count_ += *count;
  }
  if (reader.position() != end_ &&
      ::ftruncate(descriptor_, static_cast<off_t>(reader.position())) != 0) {
    return SystemError("ftruncate");
  }
  end_ = written_bytes_ = reader.position();
  published_count_ = synced_count_ = count_;
  return absl::OkStatus();
}

absl::Status BaselineFile::WriteAll(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write");
    data += written;
    size -= static_cast<size_t>(written);
    written_bytes_ += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status BaselineFile::WriteOut() {
  const size_t size = std::exchange(used_, 0);
  return WriteAll(buffer_.get(), size);
}

absl::Status BaselineFile::Publish() {
  if (absl::Status status = WriteOut(); !status.ok()) return status;
  kept_back_ = 0;
  published_count_ = count_;
  end_.store(written_bytes_);
  if (sleeper_count_.load() > 0) {
    // A sleeper that has not seen the new end holds the mutex until it sleeps.
    { const std::lock_guard lock(sleep_mutex_); }
    grown_.notify_all();
  }
  return absl::OkStatus();
}

absl::Status BaselineFile::Sync() {
  if (absl::Status status = Publish(); !status.ok()) return status;
  return ::fdatasync(descriptor_) == 0 ? absl::OkStatus()
                                       : SystemError("fdatasync");
}

void BaselineFile::WaitBehind(uint64_t seen) {
  ++sleeper_count_;
  {
    std::unique_lock lock(sleep_mutex_);
    grown_.wait_for(lock, kLongestSleep,
                    [this, seen] { return end_.load() > seen; });
  }
  --sleeper_count_;
}

absl::Status BaselineFile::AppendShared(std::string_view record) {
  const std::lock_guard lock(mutex_);
  return Append(record);
}

// Group commit: the first one that finds no leader writes and syncs for all who
// have appended by then.
absl::Status BaselineFile::AppendDurable(std::string_view record) {
  std::unique_lock lock(mutex_);
  if (absl::Status status = Buffer(record); !status.ok()) return status;
  const uint64_t ticket = count_;
  while (synced_count_ < ticket && leader_status_.ok()) {
    if (has_leader_) {
      synced_.wait(lock);
      continue;
    }
    has_leader_ = true;
    std::swap(buffer_, leader_buffer_);
    const size_t size = std::exchange(used_, 0);
    const uint64_t count = count_;
    lock.unlock();
    absl::Status status = WriteAll(leader_buffer_.get(), size);
    if (status.ok() && ::fdatasync(descriptor_) != 0) {
      status = SystemError("fdatasync");
    }
    lock.lock();
    has_leader_ = false;
    leader_status_ = status;
    synced_count_ = published_count_ = count;
    end_.store(written_bytes_);
    synced_.notify_all();
  }
  return leader_status_;
}

absl::StatusOr<size_t> BaselineReader::Fill(uint64_t end) {
  const size_t size = std::min<uint64_t>(kBaselineBufferBytes, end - position_);
  const ssize_t read = ::pread(file_->descriptor(), buffer_.get(), size,
                               static_cast<off_t>(position_));
  if (read < 0) return SystemError("pread");
  return static_cast<size_t>(read);
}

absl::Status BaselineReader::Bad(size_t at) const {
  return absl::DataLossError(
      fmt::format("record at byte {}: bad checksum or length", position_ + at));
}

namespace {

// A part is a pointer to its file.
class BaselinePart {
 public:
  explicit BaselinePart(BaselineFile* file) : file_(file) {}

  absl::Status Append(std::string_view record) { return file_->Append(record); }
  absl::Status AppendShared(std::string_view record) {
    return file_->AppendShared(record);
  }
  absl::Status AppendDurable(std::string_view record) {
    return file_->AppendDurable(record);
  }
  absl::Status Publish() { return file_->Publish(); }
  absl::Status Sync() { return file_->Sync(); }
  uint64_t acknowledged() const { return file_->acknowledged(); }

 private:
  BaselineFile* file_;
};

// One file a partition.
class BaselineLog {
 public:
  using Part = BaselinePart;
  using Reader = BaselineReader;

  static absl::StatusOr<std::unique_ptr<BaselineLog>> Open(
      const std::string& directory, const LogSetup& setup) {
    auto log = std::make_unique<BaselineLog>();
    for (int i = 0; i < setup.partitions; ++i) {
      auto file = BaselineFile::Open(fmt::format("{}/{}.log", directory, i),
                                     setup.publish_every);
      if (!file.ok()) return file.status();
      log->files_.push_back(*std::move(file));
    }
    return log;
  }

  Part part(int number) { return Part(files_[Index(number)].get()); }
  absl::StatusOr<Reader> OpenReader(int number) {
    return Reader(files_[Index(number)].get());
  }
  void Describe(ResultLine&) const {}
  absl::Status Close() {
    files_.clear();
    return absl::OkStatus();
  }

 private:
  static size_t Index(int number) { return static_cast<size_t>(number); }

  std::vector<std::unique_ptr<BaselineFile>> files_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::RunProgram("baseline", argc, argv,
                           bench::RunWorkload<bench::BaselineLog>);
}
