#include "tidemark/segment.h"

#include <fmt/core.h>

#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "segment/file_names.h"
#include "segment/segment_check.h"
#include "segment/segment_scanner.h"
#include "segment/segment_snapshot.h"
#include "segment/segment_trailer.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using Found = SegmentScanner::Found;

absl::Time ToTime(int64_t micros) { return absl::FromUnixMicros(micros); }

std::optional<absl::Time> ToOptionalTime(int64_t micros) {
  if (micros == kNoTime) return std::nullopt;
  return ToTime(micros);
}

BatchInfo ToInfo(const BatchHeader& batch, uint64_t position) {
  BatchInfo info;
  info.position = position;
  info.size = batch.size;
  info.payload_size = batch.payload_size;
  info.plain_size = batch.plain_size;
  info.payload_checksum = batch.payload_checksum;
  info.base_offset = batch.base_offset;
  info.next_offset = batch.next_offset();
  info.record_count = batch.record_count;
  info.codec = batch.codec();
  info.is_mark = batch.is_mark();
  info.base_time = ToTime(batch.base_time);
  info.max_time = ToTime(batch.max_time);
  info.append_time = ToTime(batch.append_time);
  info.durable_end = batch.durable_end;
  info.incarnation = batch.incarnation;
  return info;
}

// The totals of a segment without a valid trailer, up to the first fault.
absl::StatusOr<SegmentTotals> WalkTotals(const SegmentSnapshot& snapshot,
                                         const SegmentFile& file) {
  SegmentIndex index(snapshot.header);
  SegmentScanner scanner(file.file(), snapshot.header, WholeScan(snapshot));
  for (;;) {
    TIDEMARK_ASSIGN_OR_RETURN(const Found found, scanner.Next());
    if (found != Found::kBatch) return index.totals();
    index.Add(scanner.batch(), scanner.position());
  }
}

// The segment at `path`, whatever store and topic it says it belongs to.
absl::StatusOr<std::shared_ptr<const SegmentFile>> OpenAny(
    Directory& root, std::string_view directory, Offset base_offset) {
  const std::string path = JoinPath(directory, SegmentFileName(base_offset));
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            root.OpenFile(path, FileAccess::kReadOnly));
  TIDEMARK_ASSIGN_OR_RETURN(
      const SegmentHead head,
      ReadSegmentHead(*file, [base_offset](const SegmentHeader& header) {
        return header.base_offset == base_offset;
      }));
  TIDEMARK_ASSIGN_OR_RETURN(
      std::unique_ptr<SegmentFile> segment,
      SegmentFile::Open(root, directory, head.header.identity, base_offset,
                        FileAccess::kReadOnly));
  return std::shared_ptr<const SegmentFile>(std::move(segment));
}

absl::StatusOr<Segment> OpenFile(Env& env, std::string_view directory,
                                 std::string_view file) {
  const size_t slash = file.rfind('/');
  const bool has_folder = slash != std::string_view::npos;
  const std::string folder(has_folder ? file.substr(0, slash) : "");
  const std::optional<Offset> base =
      ParseSegmentFileName(has_folder ? file.substr(slash + 1) : file);
  if (!base.has_value()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: not the name of a segment", file));
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<Directory> opened,
                            env.OpenDirectory(directory, false));
  const std::shared_ptr<Directory> root = std::move(opened);
  auto snapshot = std::make_shared<SegmentSnapshot>();
  snapshot->file = file;
  snapshot->open = [root, folder, base = *base] {
    return OpenAny(*root, folder, base);
  };
  TIDEMARK_ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentFile> segment,
                            snapshot->open());
  snapshot->header = segment->header();
  snapshot->file_size = segment->size();
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::optional<SegmentTrailer> trailer,
      ReadTrailer(segment->file(), segment->header(), segment->size()));
  snapshot->is_sealed = trailer.has_value();
  if (trailer.has_value()) {
    snapshot->totals = trailer->totals;
  } else {
    TIDEMARK_ASSIGN_OR_RETURN(snapshot->totals,
                              WalkTotals(*snapshot, *segment));
  }
  return Segment(std::move(snapshot));
}

absl::Status VisitBatches(const SegmentSnapshot& snapshot,
                          absl::FunctionRef<bool(const BatchInfo&)> visit) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentFile> file,
                            snapshot.open());
  SegmentScanner scanner(file->file(), snapshot.header, WholeScan(snapshot));
  for (;;) {
    TIDEMARK_ASSIGN_OR_RETURN(const Found found, scanner.Next());
    if (found == Found::kEnd) return absl::OkStatus();
    if (found == Found::kFault) return DescribeFault(snapshot, &scanner);
    if (!visit(ToInfo(scanner.batch(), scanner.position()))) {
      return absl::OkStatus();
    }
  }
}

}  // namespace

absl::StatusOr<Segment> Segment::Open(Env& env, std::string_view directory,
                                      std::string_view file) {
  return Guarded([&] { return OpenFile(env, directory, file); });
}

Segment::Segment(std::shared_ptr<const SegmentSnapshot> snapshot)
    : snapshot_(std::move(snapshot)) {}

const std::string& Segment::file() const { return snapshot_->file; }

std::string Segment::id() const { return ToHex(snapshot_->header.segment_id); }

PartitionNumber Segment::partition() const {
  return snapshot_->header.identity.partition;
}

Incarnation Segment::incarnation() const {
  return snapshot_->header.incarnation;
}

absl::Time Segment::create_time() const {
  return ToTime(snapshot_->header.create_time);
}

Offset Segment::base_offset() const { return snapshot_->header.base_offset; }

Offset Segment::next_offset() const { return snapshot_->totals.next_offset; }

uint64_t Segment::record_count() const {
  return snapshot_->totals.record_count;
}

uint64_t Segment::batch_count() const { return snapshot_->totals.batch_count; }

std::optional<absl::Time> Segment::min_time() const {
  return ToOptionalTime(snapshot_->totals.min_time);
}

std::optional<absl::Time> Segment::max_time() const {
  return ToOptionalTime(snapshot_->totals.max_time);
}

bool Segment::is_sealed() const { return snapshot_->is_sealed; }

uint64_t Segment::size() const { return snapshot_->file_size; }

uint64_t Segment::data_end() const { return snapshot_->totals.data_end; }

absl::Status Segment::FindDamage(
    absl::FunctionRef<void(const DamagedRange&)> visit) const {
  return Guarded([&]() -> absl::Status {
    TIDEMARK_ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentFile> file,
                              snapshot_->open());
    return FindSegmentDamage(*snapshot_, *file, visit);
  });
}

absl::Status Segment::Verify() const {
  return Guarded([this]() -> absl::Status {
    TIDEMARK_ASSIGN_OR_RETURN(const std::shared_ptr<const SegmentFile> file,
                              snapshot_->open());
    return CheckSegment(*snapshot_, *file);
  });
}

absl::Status Segment::ForEachBatch(
    absl::FunctionRef<bool(const BatchInfo&)> visit) const {
  return Guarded([&] { return VisitBatches(*snapshot_, visit); });
}

}  // namespace v0
}  // namespace tidemark
