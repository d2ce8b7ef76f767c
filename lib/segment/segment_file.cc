#include "segment/segment_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "segment/file_names.h"
#include "segment/segment_trailer.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kAllocationStepMin = 64 * kKiB;
constexpr uint64_t kAllocationStepMax = 8 * kMiB;

absl::Status Damaged(std::string_view path, std::string_view what) {
  return WithReason(absl::DataLossError(fmt::format("{}: {}", path, what)),
                    ErrorReason::kDamaged);
}

absl::Status CheckHead(const SegmentHead& head, std::string_view path,
                       const SegmentIdentity& identity, Offset base_offset) {
  if (head.fault == SegmentHeaderFault::kNewerFormat) {
    return NewerSegmentFormat(path, head);
  }
  if (head.fault != SegmentHeaderFault::kNone) {
    return Damaged(path, SegmentHeaderFaultName(head.fault));
  }
  if (head.header.base_offset != base_offset) {
    return Damaged(path, fmt::format("header says base offset {}",
                                     head.header.base_offset));
  }
  if (head.header.identity != identity) {
    return Damaged(path, "segment of another store, topic or partition");
  }
  return absl::OkStatus();
}

}  // namespace

SegmentFile::SegmentFile(std::string path, const SegmentHeader& header,
                         std::unique_ptr<File> file, uint64_t size,
                         uint64_t size_limit)
    : path_(std::move(path)),
      header_(header),
      file_(std::move(file)),
      size_limit_(size_limit),
      size_(size),
      allocation_step_(kAllocationStepMin) {}

absl::StatusOr<std::unique_ptr<SegmentFile>> SegmentFile::Create(
    Directory& root, std::string_view directory, const SegmentHeader& header,
    uint64_t allocation, uint64_t size_limit) {
  std::string path = JoinPath(directory, SegmentFileName(header.base_offset));
  const std::string bytes = EncodeSegmentHeader(header);
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<File> file, root.CreateFile(path));
  std::unique_ptr<SegmentFile> segment;
  const absl::Status status = Guarded([&]() -> absl::Status {
    segment.reset(
        new SegmentFile(path, header, std::move(file), 0, size_limit));
    TIDEMARK_RETURN_IF_ERROR(
        segment->Reserve(std::max<uint64_t>(allocation, bytes.size())));
    const ByteSpan part = AsBytes(bytes);
    return segment->Write(0, {&part, 1});
  });
  if (!status.ok()) {
    // The first error is the one to report; a file that stays is removed by
    // recovery, because META does not name it.
    root.RemoveFile(path).IgnoreError();
    return status;
  }
  return segment;
}

absl::StatusOr<std::unique_ptr<SegmentFile>> SegmentFile::Open(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity, Offset base_offset, FileAccess access) {
  std::string path = JoinPath(directory, SegmentFileName(base_offset));
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<File> file,
                            root.OpenFile(path, access));
  TIDEMARK_ASSIGN_OR_RETURN(
      const SegmentHead head,
      ReadSegmentHead(*file, [&](const SegmentHeader& header) {
        return header.identity == identity && header.base_offset == base_offset;
      }));
  TIDEMARK_RETURN_IF_ERROR(CheckHead(head, path, identity, base_offset));
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file->Stat());
  return std::unique_ptr<SegmentFile>(
      new SegmentFile(std::move(path), head.header, std::move(file), stat.size,
                      segment_format::kSegmentSizeCap));
}

absl::Status SegmentFile::Reserve(uint64_t end) {
  if (end <= allocated_end_ || !reserves_storage()) return absl::OkStatus();
  const absl::Status status =
      file_->Allocate(allocated_end_, end - allocated_end_);
  if (status.code() == absl::StatusCode::kUnimplemented) {
    reserves_storage_.store(false, std::memory_order_relaxed);
    return absl::OkStatus();
  }
  TIDEMARK_RETURN_IF_ERROR(status);
  allocated_end_ = end;
  NoteWritten(end);
  return absl::OkStatus();
}

absl::Status SegmentFile::EnsureAllocated(uint64_t end) {
  if (end <= allocated_end_ || !reserves_storage()) return absl::OkStatus();
  const uint64_t present = std::max(allocated_end_, size());
  // A step is larger than what was just asked for, or each call would need one.
  while (present + allocation_step_ < end &&
         allocation_step_ < kAllocationStepMax) {
    allocation_step_ *= 2;
  }
  const uint64_t ahead = std::min(present + allocation_step_, size_limit_);
  if (ahead > end) {
    const absl::Status status = Reserve(ahead);
    if (status.ok()) {
      allocation_step_ = std::min(2 * allocation_step_, kAllocationStepMax);
      return status;
    }
    if (!IsDiskFull(status)) return status;
  }
  return Reserve(end);
}

absl::Status SegmentFile::Write(
    uint64_t position, std::span<const std::span<const std::byte>> parts) {
  uint64_t end = position;
  for (const ByteSpan part : parts) end += part.size();
  const absl::Status status = parts.size() == 1
                                  ? file_->WriteAt(position, parts[0])
                                  : file_->WriteAtV(position, parts);
  if (status.ok()) {
    NoteWritten(end);
  } else {
    NoteFailedWrite();
  }
  return status;
}

void SegmentFile::NoteWritten(uint64_t end) {
  if (end > size()) size_.store(end, std::memory_order_relaxed);
}

absl::StatusOr<size_t> SegmentFile::ReadAt(uint64_t position,
                                           MutableByteSpan out) const {
  return file_->ReadAt(position, out);
}

absl::Status SegmentFile::Sync() { return file_->Sync(); }

absl::Status SegmentFile::SyncAll() { return file_->SyncAll(); }

absl::Status SegmentFile::Seal(const SegmentIndex& index, Offset durable_end) {
  SegmentTrailer trailer;
  trailer.totals = index.totals();
  trailer.totals.durable_end =
      std::max(trailer.totals.durable_end,
               std::min(durable_end, trailer.totals.next_offset));
  const uint64_t data_end = trailer.totals.data_end;
  const std::string block = EncodeIndexBlock(index, header_.secret, data_end);
  trailer.index_position = data_end;
  trailer.index_size = block.size();
  const uint64_t trailer_position = data_end + block.size();
  const std::string end = EncodeTrailer(trailer, header_, trailer_position);
  const uint64_t file_end = trailer_position + end.size();
  TIDEMARK_RETURN_IF_ERROR(Reserve(file_end));
  const ByteSpan parts[] = {AsBytes(block), AsBytes(end)};
  const std::string zeros(block.size() + end.size(), '\0');
  const absl::Status status = Write(data_end, parts);
  if (IsDiskFull(status)) {
    // Half a seal would look like damage. If it stays, that is all.
    CutTo(data_end).IgnoreError();
  }
  TIDEMARK_RETURN_IF_ERROR(status);
  const absl::Status cut = CutTo(file_end);
  if (IsDiskFull(cut)) {
    // Nor is it a seal if the file goes on behind it. The zeros of a file that
    // is not sealed need no space where something was just written.
    TIDEMARK_RETURN_IF_ERROR(file_->WriteAt(data_end, AsBytes(zeros)));
  }
  return cut;
}

absl::Status SegmentFile::CutTo(uint64_t new_size) {
  TIDEMARK_RETURN_IF_ERROR(file_->Truncate(new_size));
  size_.store(new_size, std::memory_order_relaxed);
  allocated_end_ = std::min(allocated_end_, new_size);
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
