#include "partition/recovery.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"
#include "partition/recovery_files.h"
#include "partition/recovery_plan.h"
#include "partition/recovery_repair.h"
#include "segment/file_names.h"
#include "segment/segment_file.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// Walks of a log that another process may be changing, and those that ended
// early because a file vanished.
constexpr int kLiveAttempts = 3;
constexpr int kVanishedAttempts = 32;

constexpr Offset kNever = std::numeric_limits<Offset>::max();

// Collects what the directory tells.
class Analysis {
 public:
  Analysis(Directory& root, std::string_view directory,
           const SegmentIdentity& identity, const RecoveryOptions& options)
      : root_(root),
        directory_(directory),
        identity_(identity),
        options_(options) {}

  absl::Status Run() {
    TIDEMARK_ASSIGN_OR_RETURN(meta_,
                              MetaFile::Load(root_, directory_, identity_));
    evidence_.meta_state = meta_->state();
    evidence_.meta = meta_->meta();
    evidence_.is_live = options_.is_read_only;
    TIDEMARK_ASSIGN_OR_RETURN(PartitionFiles files,
                              ReadPartitionFiles(root_, directory_, identity_));
    TIDEMARK_RETURN_IF_ERROR(TakeVanished(files));
    loose_.strangers = std::move(files.strangers);
    Sort(std::move(files.logs));
    CollectMarks();
    TIDEMARK_RETURN_IF_ERROR(WalkTail());
    TIDEMARK_RETURN_IF_ERROR(WalkUnsealed());
    TakeBackWritten();
    return VerifyTail();
  }

  RecoveryEvidence& evidence() { return evidence_; }
  LooseFiles& loose() { return loose_; }
  std::unique_ptr<MetaFile>& meta() { return meta_; }
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  // Beside a writer the start may have moved since META was read, and files
  // below it are gone. Any other file that is gone was there for a reason.
  absl::Status TakeVanished(const PartitionFiles& files) {
    if (!options_.is_read_only) return files.vanished;
    TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<MetaFile> meta,
                              MetaFile::Load(root_, directory_, identity_));
    if (IsMetaValid() && meta->state() == MetaState::kValid) {
      Offset& start = evidence_.meta.start;
      start = std::max(start, meta->meta().start);
    }
    return files.vanished_base < evidence_.meta.start ? absl::OkStatus()
                                                      : files.vanished;
  }

  bool IsMetaValid() const { return evidence_.meta_state == MetaState::kValid; }

  // A file that META does not name yet and whose header did not arrive, or one
  // whose removal by an earlier recovery was undone.
  bool IsUnwritten(const LogFile& log) const {
    const PartitionMeta& meta = evidence_.meta;
    if (!IsMetaValid()) return false;
    if (!log.has_header) return log.base_offset > meta.highest_segment;
    return meta.cut_offset >= 0 && log.base_offset > meta.cut_offset &&
           log.header.incarnation < meta.cut_incarnation;
  }

  void Sort(std::vector<LogFile> logs) {
    for (LogFile& log : logs) {
      (IsUnwritten(log) ? loose_.unwritten : evidence_.logs)
          .push_back(std::move(log));
    }
  }

  void Learn(Offset mark) {
    evidence_.recorded = std::max(evidence_.recorded, mark);
  }

  void CollectMarks() {
    const PartitionMeta& meta = evidence_.meta;
    Learn(options_.durable_end);
    for (const LogFile& log : evidence_.logs) {
      if (log.trailer.has_value()) Learn(log.trailer->totals.durable_end);
    }
    if (!IsMetaValid()) return;
    Learn(std::max({meta.start, meta.durable_end, meta.clean_end}));
    if (meta.highest_segment < 0) return;
    Learn(meta.highest_segment);
    const bool has_highest = std::any_of(
        evidence_.logs.begin(), evidence_.logs.end(),
        [&meta](const LogFile& log) {
          return log.has_header && log.base_offset == meta.highest_segment;
        });
    // The segment existed with everything in it that this open cannot see: at
    // least one offset counts as lost, so that readers hear of it.
    if (!has_highest) Learn(meta.highest_segment + 1);
  }

  Offset BaseBehind(size_t i) const {
    return i + 1 < evidence_.logs.size() ? evidence_.logs[i + 1].base_offset
                                         : kNever;
  }

  bool IsBelowMark(size_t i) const {
    const LogFile& log = evidence_.logs[i];
    if (i + 1 < evidence_.logs.size()) {
      return BaseBehind(i) <= evidence_.recorded;
    }
    return log.trailer.has_value() &&
           log.trailer->totals.next_offset <= evidence_.recorded;
  }

  absl::Status Walk(size_t i, Offset payloads_from) {
    LogFile& log = evidence_.logs[i];
    if (!log.has_header) return absl::OkStatus();
    SurveyOptions survey;
    survey.stop_offset = BaseBehind(i);
    survey.payloads_from = payloads_from;
    if (evidence_.meta.cut_offset >= 0) {
      survey.cut_offset = evidence_.meta.cut_offset;
      survey.cut_incarnation = evidence_.meta.cut_incarnation;
    }
    TIDEMARK_RETURN_IF_ERROR(SurveyLogFile(root_, directory_, survey, &log));
    bytes_read_ += log.survey->bytes_read;
    return absl::OkStatus();
  }

  // Headers from the newest segment back to the last that is wholly below the
  // mark, which rises on the way.
  absl::Status WalkTail() {
    size_t begin = evidence_.logs.size();
    while (begin > 0 && !IsBelowMark(begin - 1)) {
      --begin;
      TIDEMARK_RETURN_IF_ERROR(Walk(begin, kNever));
      const std::optional<SegmentSurvey>& survey = evidence_.logs[begin].survey;
      if (survey.has_value()) Learn(survey->durable_end);
    }
    while (begin < evidence_.logs.size() && IsBelowMark(begin)) ++begin;
    evidence_.tail_begin = begin;
    return absl::OkStatus();
  }

  // Below the mark a trailer is trusted; without one the headers have to tell.
  absl::Status WalkUnsealed() {
    for (size_t i = 0; i < evidence_.tail_begin; ++i) {
      const LogFile& log = evidence_.logs[i];
      if (log.trailer.has_value() || log.survey.has_value()) continue;
      TIDEMARK_RETURN_IF_ERROR(Walk(i, kNever));
    }
    return absl::OkStatus();
  }

  // META has forgotten about a file that the mark says was written.
  void TakeBackWritten() {
    std::vector<LogFile> unwritten;
    std::swap(unwritten, loose_.unwritten);
    for (LogFile& log : unwritten) {
      const bool is_unwritten =
          log.has_header || log.base_offset >= evidence_.recorded;
      if (is_unwritten) {
        loose_.unwritten.push_back(std::move(log));
        continue;
      }
      const auto at = std::upper_bound(
          evidence_.logs.begin(), evidence_.logs.end(), log.base_offset,
          [](Offset base, const LogFile& l) { return base < l.base_offset; });
      const auto index = static_cast<size_t>(at - evidence_.logs.begin());
      evidence_.logs.insert(at, std::move(log));
      if (index < evidence_.tail_begin) ++evidence_.tail_begin;
    }
  }

  // Payloads at or above the mark.
  absl::Status VerifyTail() {
    for (size_t i = evidence_.tail_begin; i < evidence_.logs.size(); ++i) {
      const std::optional<SegmentSurvey>& survey = evidence_.logs[i].survey;
      if (!survey.has_value()) continue;
      if (survey->index.totals().next_offset <= evidence_.recorded) continue;
      TIDEMARK_RETURN_IF_ERROR(Walk(i, evidence_.recorded));
    }
    return absl::OkStatus();
  }

  Directory& root_;
  const std::string_view directory_;
  const SegmentIdentity& identity_;
  const RecoveryOptions& options_;
  RecoveryEvidence evidence_;
  LooseFiles loose_;
  std::unique_ptr<MetaFile> meta_;
  uint64_t bytes_read_ = 0;
};

SegmentExtent ToExtent(const LogFile& log, const SegmentTotals& totals) {
  SegmentExtent extent;
  extent.header = log.header;
  extent.file = log.name;
  extent.file_size = log.size;
  extent.is_sealed = log.trailer.has_value();
  extent.totals = totals;
  if (!extent.is_sealed && log.survey.has_value()) {
    auto index = std::make_shared<SegmentIndex>(log.survey->index);
    index->CutTo(totals);
    extent.index = std::move(index);
  }
  return extent;
}

// The index of a sealed segment. A damaged block is noted in `report` and
// replaced by a walk.
absl::StatusOr<SegmentIndex> SealedIndex(Directory& root,
                                         std::string_view directory,
                                         LogFile log,
                                         PartitionRecovery* report) {
  const SegmentTrailer& trailer = *log.trailer;
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<SegmentFile> segment,
      SegmentFile::Open(root, directory, log.header.identity, log.base_offset,
                        FileAccess::kReadOnly));
  absl::StatusOr<SegmentIndex> index =
      ReadIndex(segment->file(), segment->path(), log.header, trailer);
  if (!IsDamaged(index.status())) return index;
  report->damage.push_back({.from = trailer.totals.next_offset,
                            .to = trailer.totals.next_offset,
                            .file = log.name,
                            .position = trailer.index_position,
                            .size = trailer.index_size,
                            .what = "index block damaged"});
  TIDEMARK_RETURN_IF_ERROR(SurveyLogFile(root, directory, {}, &log));
  return SegmentIndex(trailer.totals, log.survey->index.entries());
}

// The index of the last segment, for whoever appends to it.
absl::StatusOr<SegmentIndex> LastIndex(Directory& root,
                                       std::string_view directory,
                                       const SegmentExtent& extent,
                                       const LogFile& log,
                                       PartitionRecovery* report) {
  if (extent.index != nullptr) return *extent.index;
  if (log.trailer.has_value()) {
    return SealedIndex(root, directory, log, report);
  }
  return SegmentIndex(log.header);  // its seal was cut off; it is empty
}

RecoveredPartition ToPartition(const RecoveryEvidence& evidence,
                               const RecoveryPlan& plan, const MetaFile& meta,
                               const RecoveryOptions& options,
                               const SegmentIdentity& identity) {
  RecoveredPartition partition;
  partition.start = plan.start;
  partition.end = plan.end;
  partition.durable = options.is_read_only
                          ? std::clamp(evidence.recorded, plan.start, plan.end)
                          : plan.end;
  for (size_t i = plan.kept_begin; i < plan.kept_end; ++i) {
    if (!plan.totals[i].has_value()) continue;
    partition.segments.push_back(ToExtent(evidence.logs[i], *plan.totals[i]));
  }
  for (const DamagedRange& range : plan.damage) {
    if (range.from < range.to) partition.damage.push_back(range);
  }
  PartitionRecovery& report = partition.report;
  report.topic = options.topic;
  report.partition = identity.partition;
  report.is_clean = plan.verdict == TailVerdict::kWhole &&
                    evidence.meta_state == MetaState::kValid &&
                    evidence.meta.clean_end == plan.end;
  report.start = plan.start;
  report.end = plan.end;
  report.recorded_durable_end = evidence.recorded;
  report.damage = plan.damage;
  report.meta_damage = meta.damage();
  return partition;
}

absl::StatusOr<RecoveredPartition> RecoverToWrite(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity, const RecoveryOptions& options) {
  Analysis analysis(root, directory, identity, options);
  TIDEMARK_RETURN_IF_ERROR(analysis.Run());
  RecoveryEvidence& evidence = analysis.evidence();
  RecoveryPlan plan = PlanRecovery(evidence);
  PartitionRecovery done;
  const bool is_clean =
      ToPartition(evidence, plan, *analysis.meta(), options, identity)
          .report.is_clean;
  TIDEMARK_RETURN_IF_ERROR(CarryOut(root, directory, options, analysis.loose(),
                                    &evidence, &plan, analysis.meta().get(),
                                    &done));
  RecoveredPartition partition =
      ToPartition(evidence, plan, *analysis.meta(), options, identity);
  if (plan.is_last_appendable) {
    TIDEMARK_ASSIGN_OR_RETURN(
        partition.last_index,
        LastIndex(root, directory, partition.segments.back(),
                  evidence.logs[plan.kept_end - 1], &partition.report));
    partition.is_last_appendable = true;
  }
  partition.meta = std::move(analysis.meta());
  PartitionRecovery& report = partition.report;
  report.is_clean = is_clean;
  report.bytes_scanned = analysis.bytes_read();
  report.cut = std::move(done.cut);
  report.files_removed = std::move(done.files_removed);
  report.files_set_aside = std::move(done.files_set_aside);
  return partition;
}

absl::StatusOr<RecoveredPartition> RecoverToRead(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity, const RecoveryOptions& options) {
  std::vector<HoleMark> seen_before;
  int vanished = 0;
  for (int attempt = 1;; ++attempt) {
    Analysis analysis(root, directory, identity, options);
    const absl::Status status = analysis.Run();
    if (absl::IsNotFound(status) && ++vanished < kVanishedAttempts) {
      --attempt;  // a file was removed between the listing and its turn
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(status);
    RecoveryEvidence& evidence = analysis.evidence();
    evidence.seen_before = std::move(seen_before);
    const RecoveryPlan plan = PlanRecovery(evidence);
    if (plan.has_unconfirmed && attempt < kLiveAttempts) {
      seen_before = HolesOf(evidence);
      continue;
    }
    RecoveredPartition partition =
        ToPartition(evidence, plan, *analysis.meta(), options, identity);
    partition.report.bytes_scanned = analysis.bytes_read();
    return partition;
  }
}

}  // namespace

absl::StatusOr<RecoveredPartition> RecoverPartition(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity, const RecoveryOptions& options) {
  return options.is_read_only
             ? RecoverToRead(root, directory, identity, options)
             : RecoverToWrite(root, directory, identity, options);
}

}  // namespace v0
}  // namespace tidemark
