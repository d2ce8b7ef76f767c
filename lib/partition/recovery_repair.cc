#include "partition/recovery_repair.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "partition/recovery_files.h"
#include "partition/set_aside.h"
#include "segment/file_names.h"
#include "segment/retrying_read.h"
#include "segment/segment_file.h"
#include "segment/segment_trailer.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr size_t kRewriteBytes = 256 * kKiB;

// Removes a file that may be gone already.
absl::Status RemoveIfThere(Directory& root, const std::string& path) {
  absl::Status status = root.RemoveFile(path);
  if (!absl::IsNotFound(status)) return status;
  status = ConfirmAbsent(root, path, std::move(status));
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

class Repair {
 public:
  Repair(Directory& root, std::string_view directory,
         const RecoveryOptions& options, const LooseFiles& loose,
         RecoveryEvidence& evidence, RecoveryPlan& plan, MetaFile& meta,
         PartitionRecovery& report)
      : root_(root),
        directory_(directory),
        options_(options),
        loose_(loose),
        evidence_(evidence),
        plan_(plan),
        meta_(meta),
        report_(report) {}

  absl::Status Run() {
    CollectFilesInTheWay();
    const bool is_changing =
        !removed_.empty() || !set_aside_.empty() || plan_.cut.has_value();
    if (is_changing) TIDEMARK_RETURN_IF_ERROR(KeepEvidence());
    TIDEMARK_RETURN_IF_ERROR(ClearTheWay());
    TIDEMARK_RETURN_IF_ERROR(Cut());
    TIDEMARK_RETURN_IF_ERROR(SettleTail());
    TIDEMARK_RETURN_IF_ERROR(StoreMeta());
    return RemoveGarbage();
  }

 private:
  std::string Path(std::string_view name) const {
    return JoinPath(directory_, name);
  }

  bool IsRot() const { return plan_.verdict == TailVerdict::kRot; }

  // The files that do not belong to the log and whose names it may need, by
  // what happens to them: what holds nothing goes, what may be of use to a
  // person gets another name.
  void CollectFilesInTheWay() {
    for (const LogFile& log : loose_.unwritten) removed_.push_back(log.name);
    for (size_t i = plan_.kept_end; i < evidence_.logs.size(); ++i) {
      const std::string& name = evidence_.logs[i].name;
      (IsRot() ? set_aside_ : removed_).push_back(name);
    }
    for (const LogFile& log : loose_.strangers) {
      const bool is_needed =
          !plan_.is_last_appendable && log.base_offset == plan_.end;
      if (is_needed) set_aside_.push_back(log.name);
    }
    // Newest first: a crash in between leaves a shorter log, not a gap.
    std::sort(removed_.rbegin(), removed_.rend());
    std::sort(set_aside_.rbegin(), set_aside_.rend());
  }

  // What the files told must not go with them.
  absl::Status KeepEvidence() {
    PartitionMeta meta = WantedMeta();
    meta.durable_end = std::max(meta_.meta().durable_end, evidence_.recorded);
    if (options_.is_cut_final && !IsRot() &&
        (plan_.cut.has_value() || !removed_.empty())) {
      meta.cut_offset = plan_.cut.has_value() ? LastRecordEnd() : plan_.end;
      meta.cut_incarnation = options_.incarnation;
    }
    return meta_.Store(meta);
  }

  Offset LastRecordEnd() const {
    return plan_.totals[plan_.kept_end - 1]->next_offset;
  }

  PartitionMeta WantedMeta() const {
    PartitionMeta meta = meta_.meta();
    meta.start = plan_.start;
    if (meta.clean_end != plan_.end) meta.clean_end = -1;
    return meta;
  }

  absl::Status ClearTheWay() {
    if (removed_.empty() && set_aside_.empty()) return absl::OkStatus();
    for (const std::string& name : removed_) {
      TIDEMARK_RETURN_IF_ERROR(RemoveIfThere(root_, Path(name)));
      report_.files_removed.push_back(name);
    }
    for (const std::string& name : set_aside_) {
      TIDEMARK_ASSIGN_OR_RETURN(
          const std::string aside,
          SetAside(root_, directory_, name, options_.incarnation));
      report_.files_set_aside.push_back(fmt::format("{} -> {}", name, aside));
    }
    return root_.Sync(directory_);
  }

  absl::Status Cut() {
    if (!plan_.cut.has_value()) return absl::OkStatus();
    TIDEMARK_ASSIGN_OR_RETURN(
        const std::unique_ptr<File> file,
        root_.OpenFile(Path(plan_.cut->file), FileAccess::kReadWrite));
    TIDEMARK_RETURN_IF_ERROR(file->Truncate(plan_.cut->position));
    TIDEMARK_RETURN_IF_ERROR(file->Sync());
    LogFile& log = evidence_.logs[plan_.kept_end - 1];
    log.size = plan_.cut->position;
    log.trailer.reset();
    report_.cut = plan_.cut;
    return absl::OkStatus();
  }

  bool IsNew(const LogFile& log) const {
    return meta_.state() != MetaState::kValid ||
           log.base_offset > meta_.meta().highest_segment;
  }

  // All records up to the next segment are there, and no seal. A seal is synced
  // with the first records of the next segment at the latest; one that is
  // missing later is damage.
  bool IsSealLost(size_t i) const {
    const LogFile& log = evidence_.logs[i];
    if (i + 1 >= plan_.kept_end || log.trailer.has_value() ||
        !log.survey.has_value() || !log.survey->holes.empty()) {
      return false;
    }
    const LogFile& next = evidence_.logs[i + 1];
    return plan_.totals[i]->next_offset == next.base_offset &&
           (next.base_offset >= evidence_.recorded || IsNew(next));
  }

  // The trailer is there, and nothing says that what was written with it is.
  bool MayHaveTornSeal(size_t i) const {
    const bool is_next_durable =
        i + 1 < plan_.kept_end &&
        evidence_.logs[i + 1].base_offset < evidence_.recorded;
    const bool is_clean = meta_.state() == MetaState::kValid &&
                          meta_.meta().clean_end == plan_.end;
    return evidence_.logs[i].trailer.has_value() && !is_next_durable &&
           !is_clean;
  }

  // Whether the index block has to be written anew, from the survey that `log`
  // then has.
  absl::StatusOr<bool> HasTornSeal(LogFile& log) {
    TIDEMARK_ASSIGN_OR_RETURN(
        const std::unique_ptr<SegmentFile> segment,
        SegmentFile::Open(root_, directory_, log.header.identity,
                          log.base_offset, FileAccess::kReadOnly));
    const absl::Status status =
        ReadIndex(segment->file(), segment->path(), log.header, *log.trailer)
            .status();
    if (!IsDamaged(status)) {
      TIDEMARK_RETURN_IF_ERROR(status);
      return false;
    }
    if (!log.survey.has_value()) {
      TIDEMARK_RETURN_IF_ERROR(SurveyLogFile(root_, directory_, {}, &log));
    }
    return log.survey->holes.empty();
  }

  // Makes durable what was not known to be.
  absl::Status SettleTail() {
    bool has_new = false;
    for (size_t i = plan_.kept_begin; i < plan_.kept_end; ++i) {
      LogFile& log = evidence_.logs[i];
      if (!log.has_header) continue;
      has_new |= IsNew(log);
      const bool is_in_tail = i >= evidence_.tail_begin;
      bool is_sealing = !IsRot() && IsSealLost(i);
      if (!IsRot() && MayHaveTornSeal(i)) {
        TIDEMARK_ASSIGN_OR_RETURN(is_sealing, HasTornSeal(log));
      }
      const bool is_durable =
          !is_in_tail || plan_.totals[i]->next_offset <= evidence_.recorded;
      if (is_durable && !IsNew(log) && !is_sealing) continue;
      TIDEMARK_RETURN_IF_ERROR(
          SettleLog(log, plan_.totals[i]->data_end, is_sealing));
    }
    if (!has_new || options_.is_file_system_synced) return absl::OkStatus();
    return root_.Sync(directory_);
  }

  absl::Status SettleLog(LogFile& log, uint64_t data_end, bool is_sealing) {
    TIDEMARK_ASSIGN_OR_RETURN(
        const std::unique_ptr<SegmentFile> segment,
        SegmentFile::Open(root_, directory_, log.header.identity,
                          log.base_offset, FileAccess::kReadWrite));
    const bool is_rewriting = options_.is_tail_rewritten && !IsRot();
    if (is_rewriting) {
      TIDEMARK_RETURN_IF_ERROR(Rewrite(log, data_end, *segment));
    }
    // A seal that was lost costs a walk at every open until it is there again.
    if (is_sealing) {
      const absl::Status sealed =
          segment->Seal(log.survey->index, evidence_.recorded);
      if (!sealed.ok() && !IsDiskFull(sealed)) return sealed;
      if (!sealed.ok()) TIDEMARK_RETURN_IF_ERROR(segment->CutTo(data_end));
      log.size = segment->size();
    }
    if (options_.is_file_system_synced && !is_rewriting && !is_sealing) {
      return absl::OkStatus();
    }
    return IsNew(log) ? segment->SyncAll() : segment->Sync();
  }

  // Writes the bytes above the durable mark once more. A page whose write-back
  // failed counts as written, and a sync would not try it again.
  absl::Status Rewrite(const LogFile& log, uint64_t end, SegmentFile& segment) {
    if (IsNew(log)) {
      const std::string head = EncodeSegmentHeader(log.header);
      const ByteSpan part = AsBytes(head);
      TIDEMARK_RETURN_IF_ERROR(segment.Write(0, {&part, 1}));
    }
    uint64_t position = log.survey->verified_from;
    std::vector<std::byte> buffer(static_cast<size_t>(
        std::min<uint64_t>(kRewriteBytes, end - std::min(end, position))));
    while (position < end) {
      const auto size = static_cast<size_t>(
          std::min<uint64_t>(buffer.size(), end - position));
      TIDEMARK_ASSIGN_OR_RETURN(
          const size_t count,
          ReadRetrying(segment.file(), position,
                       MutableByteSpan(buffer).first(size)));
      if (count == 0) break;
      const ByteSpan part = ByteSpan(buffer).first(count);
      TIDEMARK_RETURN_IF_ERROR(segment.Write(position, {&part, 1}));
      position += count;
    }
    return absl::OkStatus();
  }

  // Everything in the log is durable here.
  absl::Status StoreMeta() {
    PartitionMeta meta = WantedMeta();
    for (size_t i = plan_.kept_begin; i < plan_.kept_end; ++i) {
      if (!evidence_.logs[i].has_header) continue;
      meta.highest_segment =
          std::max(meta.highest_segment, evidence_.logs[i].base_offset);
    }
    if (IsRot()) {
      meta.durable_end = std::max(meta.durable_end, plan_.end);
    }
    const bool is_known = meta_.state() == MetaState::kValid;
    if (is_known && meta == meta_.meta()) return absl::OkStatus();
    meta.durable_end = std::max(meta.durable_end, plan_.end);
    return meta_.Store(meta);
  }

  // Segments below the start, unlinked before, whose entries came back.
  absl::Status RemoveGarbage() {
    if (plan_.kept_begin == 0) return absl::OkStatus();
    for (size_t i = 0; i < plan_.kept_begin; ++i) {
      const std::string& name = evidence_.logs[i].name;
      TIDEMARK_RETURN_IF_ERROR(RemoveIfThere(root_, Path(name)));
      report_.files_removed.push_back(name);
    }
    return root_.Sync(directory_);
  }

  Directory& root_;
  const std::string_view directory_;
  const RecoveryOptions& options_;
  const LooseFiles& loose_;
  RecoveryEvidence& evidence_;
  RecoveryPlan& plan_;
  MetaFile& meta_;
  PartitionRecovery& report_;
  std::vector<std::string> removed_;
  std::vector<std::string> set_aside_;
};

}  // namespace

absl::Status CarryOut(Directory& root, std::string_view directory,
                      const RecoveryOptions& options, const LooseFiles& loose,
                      RecoveryEvidence* evidence, RecoveryPlan* plan,
                      MetaFile* meta, PartitionRecovery* report) {
  return Repair(root, directory, options, loose, *evidence, *plan, *meta,
                *report)
      .Run();
}

}  // namespace v0
}  // namespace tidemark
