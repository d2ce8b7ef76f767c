#include <algorithm>
#include <memory>
#include <vector>

#include "base/status_macros.h"
#include "partition/partition_log.h"
#include "partition/retention.h"

// The part of PartitionLog that does what is due at a certain age.
namespace tidemark {
inline namespace v0 {

absl::Status PartitionLog::RollByAge(absl::Time now) {
  {
    const WriteLock lock(*this);
    bool is_due = false;
    TIDEMARK_RETURN_IF_ERROR(SealByAge(now, &is_due));
    if (!is_due) return absl::OkStatus();
  }
  Report(EventKind::kSegmentRolled, absl::OkStatus(), "closed by age");
  // The seal is in no record's sync.
  return sync_.SyncTo(*this, end_.load(), /*is_forced=*/true);
}

absl::Status PartitionLog::SealByAge(absl::Time now, bool* is_due) {
  if (is_closed_) return absl::OkStatus();
  const absl::Duration age = writer_.options().segment_age;
  const int64_t since = writer_.active_since();
  if (age == absl::InfiniteDuration() || since == kNoTime ||
      absl::FromUnixMicros(since) + age > now) {
    return absl::OkStatus();
  }
  TIDEMARK_RETURN_IF_ERROR(FreezeAndWriteOut());
  *is_due = true;
  return NoteWriteResult(writer_.SealIdle());
}

bool PartitionLog::IsBelieved(const ClockTrust& trust,
                              absl::Duration retention_age) const {
  constexpr absl::Duration kConfirmation = ClockWatch::kConfirmation;
  if (trust.confirmed >= std::min(retention_age, kConfirmation)) return true;
  // A log that was young when it was opened vouches for the clock.
  return !trust.has_jumped &&
         age_at_open_ <= std::max(retention_age, kConfirmation);
}

void PartitionLog::NoteClock(const RetentionPlan& plan) {
  if (!plan.is_clock_behind && !plan.is_held_back) {
    is_clock_doubt_told_.store(false);
    return;
  }
  if (is_clock_doubt_told_.exchange(true)) return;
  Report(EventKind::kClockJumped, absl::OkStatus(),
         plan.is_clock_behind
             ? "the clock is behind the newest record: nothing is deleted by "
               "age"
             : "by the clock all records are old: nothing is deleted by age "
               "until it has run for an hour");
}

absl::Status PartitionLog::Maintain(absl::Time now, const ClockTrust& trust) {
  TIDEMARK_RETURN_IF_ERROR(Usable());
  if (shared_->settings.is_read_only) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(RollByAge(now));
  const PartitionOptions options = this->options();
  const std::shared_ptr<const SegmentList> list = segments();
  std::vector<SegmentAge> ages;
  for (const std::shared_ptr<LogSegment>& segment : list->segments) {
    const bool is_last = segment == list->segments.back();
    ages.push_back({std::min(list->Bound(*segment), segment->next_offset()),
                    segment->file_size(), segment->max_append_time(),
                    is_last && !segment->is_sealed()});
  }
  const RetentionPlan plan = PlanRetention(
      ages, options, now, IsBelieved(trust, options.retention_age));
  // A jump is told once for the whole store.
  if (!trust.has_jumped || plan.is_clock_behind) NoteClock(plan);
  return plan.start > start() ? TrimBefore(plan.start) : absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
