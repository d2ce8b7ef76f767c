#include "partition/recovery_survey.h"

#include <algorithm>
#include <utility>

#include "base/checksum.h"
#include "base/status_macros.h"
#include "segment/retrying_read.h"

namespace tidemark {
inline namespace v0 {
namespace {

// More holes in one file than this are taken for one that never ends, so that a
// hostile file cannot fill the memory with their descriptions.
constexpr size_t kHolesMax = 1024;

constexpr size_t kFingerprintBytes = 4 * kKiB;

using Found = SegmentScanner::Found;

ScanOptions ToScanOptions(const SegmentHeader& header,
                          const SurveyOptions& options) {
  ScanOptions scan;
  scan.position = header.data_position;
  scan.limit =
      options.trailer.has_value()
          ? options.trailer->totals.data_end
          : std::min(options.file_size, segment_format::kSegmentSizeCap);
  scan.next_offset = header.base_offset;
  scan.payloads_from = options.payloads_from;
  scan.cut_offset = options.cut_offset;
  scan.cut_incarnation = options.cut_incarnation;
  scan.is_sealed = options.trailer.has_value();
  return scan;
}

absl::StatusOr<uint64_t> Fingerprint(const File& file, const SurveyHole& hole) {
  std::vector<std::byte> bytes(
      static_cast<size_t>(std::min<uint64_t>(hole.size, kFingerprintBytes)));
  TIDEMARK_ASSIGN_OR_RETURN(const size_t count,
                            ReadRetrying(file, hole.position, bytes));
  return Checksum(ByteSpan(bytes).first(count));
}

// One walk, and what it has seen so far.
class Surveyor {
 public:
  Surveyor(const File& file, const SegmentHeader& header,
           const SurveyOptions& options)
      : file_(file),
        options_(options),
        scan_(ToScanOptions(header, options)),
        scanner_(file, header, scan_),
        survey_(header) {}

  absl::StatusOr<SegmentSurvey> Run() {
    BeginRun();
    for (bool is_going_on = true; is_going_on;) {
      TIDEMARK_ASSIGN_OR_RETURN(const Found found, scanner_.Next());
      switch (found) {
        case Found::kBatch:
          is_going_on = TakeBatch();
          break;
        case Found::kFault: {
          TIDEMARK_ASSIGN_OR_RETURN(is_going_on, TakeFault());
          break;
        }
        case Found::kEnd:
          is_going_on = false;
          break;
      }
    }
    if (survey_.runs.size() > survey_.holes.size()) EndRun();
    survey_.durable_end = scanner_.durable_end();
    survey_.is_exhausted |= scanner_.is_exhausted();
    survey_.bytes_read = scanner_.bytes_read();
    if (!has_verified_) {
      survey_.verified_from = survey_.index.totals().data_end;
    }
    return std::move(survey_);
  }

 private:
  void BeginRun() {
    survey_.runs.push_back({.from = scanner_.next_offset(),
                            .position = scanner_.next_position(),
                            .totals = {}});
  }

  void EndRun() { survey_.runs.back().totals = survey_.index.totals(); }

  bool TakeBatch() {
    const BatchHeader& batch = scanner_.batch();
    if (batch.base_offset >= options_.stop_offset && !batch.is_mark()) {
      return false;
    }
    if (!has_verified_ && batch.next_offset() > options_.payloads_from) {
      has_verified_ = true;
      survey_.verified_from = scanner_.position();
    }
    survey_.index.Add(batch, scanner_.position());
    return true;
  }

  absl::StatusOr<bool> TakeFault() {
    // Behind the last record that belongs here anything may stand.
    if (scanner_.next_offset() >= options_.stop_offset) {
      survey_.has_garbage_behind = true;
      return false;
    }
    EndRun();
    SurveyHole hole;
    hole.from = scanner_.next_offset();
    hole.position = scanner_.position();
    hole.fault = scanner_.fault();
    bool has_next = false;
    if (survey_.holes.size() < kHolesMax) {
      TIDEMARK_ASSIGN_OR_RETURN(has_next, scanner_.Resync());
    } else {
      survey_.is_exhausted = true;
    }
    const uint64_t end = has_next ? scanner_.next_position() : scan_.limit;
    hole.size = end - std::min(end, hole.position);
    TIDEMARK_ASSIGN_OR_RETURN(hole.fingerprint, Fingerprint(file_, hole));
    survey_.holes.push_back(hole);
    if (has_next) BeginRun();
    return has_next;
  }

  const File& file_;
  const SurveyOptions& options_;
  const ScanOptions scan_;
  SegmentScanner scanner_;
  SegmentSurvey survey_;
  bool has_verified_ = false;
};

}  // namespace

absl::StatusOr<SegmentSurvey> SurveySegment(const File& file,
                                            const SegmentHeader& header,
                                            const SurveyOptions& options) {
  return Surveyor(file, header, options).Run();
}

}  // namespace v0
}  // namespace tidemark
