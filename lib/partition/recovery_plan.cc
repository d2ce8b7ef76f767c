#include "partition/recovery_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "partition/meta_format.h"
#include "segment/file_names.h"

namespace tidemark {
inline namespace v0 {
namespace {

// A break in the sequence of offsets.
struct Hole {
  Offset from = 0;
  std::optional<Offset> to;  // nothing: nobody knows
  std::string file;
  uint64_t position = 0;
  uint64_t size = 0;
  uint64_t fingerprint = 0;
  bool is_in_file = false;
  std::string what;
};

// Follows the log from its oldest segment to its end, hole by hole.
class Planner {
 public:
  explicit Planner(const RecoveryEvidence& evidence)
      : evidence_(evidence), logs_(evidence.logs) {}

  RecoveryPlan Run() {
    plan_.totals.resize(logs_.size());
    is_incomplete_ = !IsMetaKnown() || HasExhaustedTail();
    ChooseStart();
    at_ = logs_.empty() ? plan_.start
                        : std::min(plan_.start, logs_.front().base_offset);
    size_t i = 0;
    while (i < logs_.size() && FollowLog(i)) ++i;
    if (!is_ended_) {
      plan_.kept_end = logs_.size();
      EndAtLastRecord();
    }
    if (is_rot_) plan_.verdict = TailVerdict::kRot;
    DropLogsBelowStart();
    ChooseWhereToGoOn();
    LimitTotals();
    NoteHarmlessDamage();
    std::stable_sort(plan_.damage.begin(), plan_.damage.end(),
                     [](const DamagedRange& a, const DamagedRange& b) {
                       return a.from < b.from;
                     });
    return std::move(plan_);
  }

 private:
  // A partition without META and without segments is new; segments without META
  // have lost it.
  bool IsMetaKnown() const {
    return evidence_.meta_state == MetaState::kValid ||
           (evidence_.meta_state == MetaState::kMissing && logs_.empty());
  }

  // Only marks above the recorded one matter, and those are in the tail.
  bool HasExhaustedTail() const {
    const auto tail =
        logs_.begin() + static_cast<std::ptrdiff_t>(evidence_.tail_begin);
    return std::any_of(tail, logs_.end(), [](const LogFile& log) {
      return log.survey.has_value() && log.survey->is_exhausted;
    });
  }

  void ChooseStart() {
    if (IsMetaKnown()) {
      plan_.start = evidence_.meta.start;
      return;
    }
    plan_.start = logs_.empty() ? 0 : logs_.front().base_offset;
    plan_.damage.push_back({.from = plan_.start,
                            .to = plan_.start,
                            .file = meta_format::kFileName,
                            .position = 0,
                            .size = meta_format::kFileSize,
                            .what = evidence_.meta_state == MetaState::kMissing
                                        ? "missing"
                                        : "no valid slot"});
  }

  Offset BaseBehind(size_t i) const {
    return i + 1 < logs_.size() ? logs_[i + 1].base_offset
                                : std::numeric_limits<Offset>::max();
  }

  // Moves at_ to the end of what log `i` holds. False: the log ends in or
  // before it.
  bool FollowLog(size_t i) {
    const LogFile& log = logs_[i];
    if (log.base_offset > at_) {
      if (!TakeHole(i, MissingBefore(i))) return EndBefore(i);
      at_ = log.base_offset;
    }
    if (!log.has_header) return FollowHeaderless(i);
    if (log.survey.has_value()) return FollowSurvey(i);
    plan_.totals[i] = log.trailer->totals;
    at_ = std::min(log.trailer->totals.next_offset, BaseBehind(i));
    return true;
  }

  Hole MissingBefore(size_t i) const {
    Hole hole;
    hole.from = at_;
    hole.to = logs_[i].base_offset;
    hole.file = SegmentFileName(at_);
    hole.what = "segment missing";
    const bool has_open_end = i > 0 && !logs_[i - 1].trailer.has_value() &&
                              plan_.totals[i - 1].has_value();
    if (has_open_end) {
      hole.file = logs_[i - 1].name;
      hole.position = plan_.totals[i - 1]->data_end;
      hole.what = "records missing at the end of the segment";
    }
    return hole;
  }

  bool FollowHeaderless(size_t i) {
    const LogFile& log = logs_[i];
    Hole hole;
    hole.from = at_;
    hole.file = log.name;
    hole.size = log.size;
    hole.what = log.fault;
    if (i + 1 < logs_.size()) hole.to = BaseBehind(i);
    if (!TakeHole(i, hole)) return EndBefore(i);
    at_ = hole.to.value_or(at_);
    return true;
  }

  bool FollowSurvey(size_t i) {
    const SegmentSurvey& survey = *logs_[i].survey;
    const Offset limit = BaseBehind(i);
    for (size_t k = 0; k < survey.runs.size(); ++k) {
      const SurveyRun& run = survey.runs[k];
      plan_.totals[i] = run.totals;
      const bool is_empty = run.totals.data_end <= run.position;
      if (!is_empty) at_ = std::min(run.to(), limit);
      if (at_ >= limit || k >= survey.holes.size()) break;
      const Hole hole = HoleBehind(i, k);
      if (!TakeHole(i, hole)) return EndWithin(i, hole);
      at_ = hole.to.value_or(at_);
    }
    return true;
  }

  Hole HoleBehind(size_t i, size_t k) const {
    const SegmentSurvey& survey = *logs_[i].survey;
    const SurveyHole& seen = survey.holes[k];
    Hole hole;
    hole.from = at_;
    hole.file = logs_[i].name;
    hole.position = seen.position;
    hole.size = seen.size;
    hole.fingerprint = seen.fingerprint;
    hole.is_in_file = true;
    hole.what = BatchFaultName(seen.fault);
    const Offset limit = BaseBehind(i);
    if (k + 1 < survey.runs.size()) {
      hole.to = std::min(survey.runs[k + 1].from, limit);
    } else if (i + 1 < logs_.size()) {
      hole.to = limit;
    }
    return hole;
  }

  // True: the hole is damage, or of no account, and the log goes on behind it.
  bool TakeHole(size_t i, const Hole& hole) {
    if (hole.to.has_value() && *hole.to <= plan_.start) return true;
    const bool is_confirmed = IsConfirmed(hole);
    if (!is_confirmed) plan_.has_unconfirmed = true;
    const Offset from = std::max(hole.from, plan_.start);
    if (i >= evidence_.tail_begin) {
      const TailVerdict verdict = JudgeTail({.start = plan_.start,
                                             .recorded = evidence_.recorded,
                                             .contiguous = hole.from,
                                             .is_broken = true,
                                             .is_incomplete = is_incomplete_});
      if (verdict == TailVerdict::kTorn || !is_confirmed) {
        plan_.verdict = TailVerdict::kTorn;
        plan_.end = from;
        is_ended_ = true;
        return false;
      }
      is_rot_ = true;
    }
    has_open_hole_ = !hole.to.has_value();
    plan_.damage.push_back({.from = from,
                            .to = hole.to.value_or(from),
                            .file = hole.file,
                            .position = hole.position,
                            .size = hole.size,
                            .what = hole.what});
    return true;
  }

  bool IsConfirmed(const Hole& hole) const {
    if (!evidence_.is_live || !hole.is_in_file) return true;
    const HoleMark mark{hole.file, hole.position, hole.fingerprint};
    return std::find(evidence_.seen_before.begin(), evidence_.seen_before.end(),
                     mark) != evidence_.seen_before.end();
  }

  bool EndBefore(size_t i) {
    plan_.kept_end = i;
    return false;
  }

  bool EndWithin(size_t i, const Hole& hole) {
    plan_.kept_end = i + 1;
    if (!is_rot_) {
      plan_.cut = CutTail{.offset = plan_.end,
                          .file = hole.file,
                          .position = hole.position,
                          .size = logs_[i].size - hole.position};
    } else if (i > 0 && plan_.end <= logs_[i].base_offset) {
      // Nothing in it belongs to the log, and its name is needed.
      plan_.kept_end = i;
    }
    has_loose_end_ = is_rot_;
    return false;
  }

  void EndAtLastRecord() {
    const Offset seen = std::max(at_, plan_.start);
    plan_.end = std::max(seen, evidence_.recorded);
    if (plan_.end == seen && !has_open_hole_) return;
    is_rot_ = true;
    has_loose_end_ = true;
    if (!logs_.empty()) {
      // A new segment needs a name of its own.
      plan_.end = std::max(plan_.end, logs_.back().base_offset + 1);
    }
    if (has_open_hole_) {
      plan_.damage.back().to = plan_.end;
      return;
    }
    DamagedRange damage;
    damage.from = seen;
    damage.to = plan_.end;
    const Offset highest = evidence_.meta.highest_segment;
    if (logs_.empty() ||
        (IsMetaKnown() && logs_.back().base_offset < highest)) {
      damage.file = SegmentFileName(std::max<Offset>(highest, 0));
      damage.what = "segment missing";
    } else {
      damage.file = logs_.back().name;
      damage.position =
          plan_.totals.back().has_value() ? plan_.totals.back()->data_end : 0;
      damage.what = "records missing at the end of the segment";
    }
    plan_.damage.push_back(std::move(damage));
  }

  void DropLogsBelowStart() {
    while (plan_.kept_begin + 1 < plan_.kept_end &&
           logs_[plan_.kept_begin + 1].base_offset <= plan_.start) {
      ++plan_.kept_begin;
    }
  }

  void ChooseWhereToGoOn() {
    if (plan_.kept_begin == plan_.kept_end) return;
    const size_t last = plan_.kept_end - 1;
    const LogFile& log = logs_[last];
    const std::optional<SegmentTotals>& totals = plan_.totals[last];
    const bool is_damaged =
        !totals.has_value() || has_loose_end_ || HasDamage(log.name);
    if (is_damaged || totals->next_offset != plan_.end) return;
    const bool is_empty = plan_.end == log.base_offset;
    if (log.is_one_header_damaged && !is_empty && IsNamedByMeta(log)) return;
    const bool is_clean =
        plan_.verdict == TailVerdict::kWhole && IsClosedHere();
    if (log.trailer.has_value() && !is_clean && !plan_.cut.has_value()) {
      // Whatever lies under the seal may be newer than it. An empty segment
      // cannot be left for a new one of the same name, so its seal goes.
      if (!is_empty) return;
      plan_.cut = CutTail{.offset = plan_.end,
                          .file = log.name,
                          .position = totals->data_end,
                          .size = log.size - totals->data_end};
    }
    plan_.is_last_appendable = true;
  }

  bool HasDamage(const std::string& file) const {
    return std::any_of(
        plan_.damage.begin(), plan_.damage.end(),
        [&file](const DamagedRange& range) { return range.file == file; });
  }

  bool IsNamedByMeta(const LogFile& log) const {
    return !IsMetaKnown() || log.base_offset <= evidence_.meta.highest_segment;
  }

  void LimitTotals() {
    for (size_t i = 0; i < logs_.size(); ++i) {
      if (!plan_.totals[i].has_value()) continue;
      Offset& next = plan_.totals[i]->next_offset;
      next = std::min({next, BaseBehind(i), plan_.end});
    }
  }

  // A record behind log `i` is durable, so its seal was, too.
  bool IsSealDue(size_t i) const {
    return i + 1 < plan_.kept_end && IsNamedByMeta(logs_[i + 1]) &&
           logs_[i + 1].base_offset < evidence_.recorded;
  }

  // The last owner closed the log where it ends, with nothing behind it: what
  // stands there now is not of a crash.
  bool IsClosedHere() const {
    return evidence_.meta_state == MetaState::kValid &&
           evidence_.meta.clean_end == plan_.end;
  }

  // Bytes that hold no record but should not be as they are.
  void NoteHarmlessDamage() {
    const bool is_torn = plan_.verdict == TailVerdict::kTorn &&
                         plan_.cut.has_value() && !plan_.has_unconfirmed;
    if (is_torn && IsClosedHere()) {
      plan_.damage.push_back({.from = plan_.end,
                              .to = plan_.end,
                              .file = plan_.cut->file,
                              .position = plan_.cut->position,
                              .size = plan_.cut->size,
                              .what = "bytes behind the end of a log that was "
                                      "closed"});
    }
    for (size_t i = plan_.kept_begin; i < plan_.kept_end; ++i) {
      const LogFile& log = logs_[i];
      if (log.is_one_header_damaged && IsNamedByMeta(log)) {
        plan_.damage.push_back({.from = log.base_offset,
                                .to = log.base_offset,
                                .file = log.name,
                                .position = 0,
                                .size = log.header.data_position,
                                .what = "one of two segment headers damaged"});
      }
      if (IsSealDue(i) && !log.trailer.has_value() && log.survey.has_value() &&
          log.survey->has_garbage_behind) {
        const SegmentTotals& totals = *plan_.totals[i];
        plan_.damage.push_back({.from = totals.next_offset,
                                .to = totals.next_offset,
                                .file = log.name,
                                .position = totals.data_end,
                                .size = log.size - totals.data_end,
                                .what = "no valid trailer"});
      }
    }
  }

  const RecoveryEvidence& evidence_;
  const std::vector<LogFile>& logs_;
  RecoveryPlan plan_;
  Offset at_ = 0;  // the next offset expected
  bool is_incomplete_ = false;
  bool is_ended_ = false;       // a hole ends the log
  bool is_rot_ = false;         // damage in the tail
  bool has_open_hole_ = false;  // nothing was found behind the last hole
  bool has_loose_end_ = false;  // other bytes stand where the log goes on
};

}  // namespace

RecoveryPlan PlanRecovery(const RecoveryEvidence& evidence) {
  return Planner(evidence).Run();
}

std::vector<HoleMark> HolesOf(const RecoveryEvidence& evidence) {
  std::vector<HoleMark> marks;
  for (const LogFile& log : evidence.logs) {
    if (!log.survey.has_value()) continue;
    for (const SurveyHole& hole : log.survey->holes) {
      marks.push_back({log.name, hole.position, hole.fingerprint});
    }
  }
  return marks;
}

}  // namespace v0
}  // namespace tidemark
