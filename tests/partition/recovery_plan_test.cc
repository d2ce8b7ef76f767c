#include "partition/recovery_plan.h"

#include <string>
#include <utility>
#include <vector>

#include "partition/recovery_fixture.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

// A log file that holds [base, next), or what `survey` says.
LogFile Log(Offset base, Offset next) {
  LogFile log;
  log.name = SegmentFileName(base);
  log.base_offset = base;
  log.size = 5000;
  log.has_header = true;
  log.header = TestHeader(base);
  SegmentSurvey survey(log.header);
  SurveyRun run;
  run.from = base;
  run.position = 1024;
  run.totals.base_offset = base;
  run.totals.next_offset = next;
  run.totals.data_end = 1024 + 100 * static_cast<uint64_t>(next - base);
  survey.runs.push_back(run);
  log.survey = std::move(survey);
  return log;
}

// Adds a hole at the end of the log's last run.
LogFile WithHole(LogFile log) {
  const SegmentTotals& totals = log.survey->runs.back().totals;
  SurveyHole hole;
  hole.from = totals.next_offset;
  hole.position = totals.data_end;
  hole.size = 50;
  hole.fault = BatchFault::kChecksum;
  hole.fingerprint = static_cast<uint64_t>(hole.from);
  log.survey->holes.push_back(hole);
  return log;
}

// Adds a hole, and a run of [from, to) behind it.
LogFile WithRun(LogFile log, Offset from, Offset to) {
  log = WithHole(std::move(log));
  SurveyRun run;
  run.from = from;
  run.position = log.survey->holes.back().position + 50;
  run.totals = log.survey->runs.back().totals;
  run.totals.next_offset = to;
  run.totals.data_end = run.position + 100 * static_cast<uint64_t>(to - from);
  log.survey->runs.push_back(run);
  return log;
}

LogFile Sealed(LogFile log) {
  log.trailer.emplace();
  log.trailer->totals = log.survey->runs.back().totals;
  return log;
}

LogFile Headerless(Offset base) {
  LogFile log;
  log.name = SegmentFileName(base);
  log.base_offset = base;
  log.size = 700;
  log.fault = "no segment magic";
  return log;
}

RecoveryEvidence Evidence(std::vector<LogFile> logs, Offset recorded) {
  RecoveryEvidence evidence;
  evidence.meta_state = MetaState::kValid;
  if (!logs.empty()) {
    evidence.meta.highest_segment = logs.back().base_offset;
  }
  evidence.recorded = recorded;
  evidence.logs = std::move(logs);
  while (evidence.tail_begin + 1 < evidence.logs.size() &&
         evidence.logs[evidence.tail_begin + 1].base_offset <= recorded) {
    ++evidence.tail_begin;
  }
  return evidence;
}

std::vector<std::pair<Offset, Offset>> Ranges(const RecoveryPlan& plan) {
  std::vector<std::pair<Offset, Offset>> ranges;
  for (const DamagedRange& range : plan.damage) {
    ranges.emplace_back(range.from, range.to);
  }
  return ranges;
}

using Pairs = std::vector<std::pair<Offset, Offset>>;

TEST_CASE("A plan for a whole log keeps everything", "[partition]") {
  const RecoveryPlan plan =
      PlanRecovery(Evidence({Sealed(Log(0, 10)), Log(10, 15)}, 12));
  CHECK(plan.verdict == TailVerdict::kWhole);
  CHECK(plan.start == 0);
  CHECK(plan.end == 15);
  CHECK(plan.kept_begin == 0);
  CHECK(plan.kept_end == 2);
  CHECK(plan.is_last_appendable);
  CHECK(plan.damage.empty());
  CHECK_FALSE(plan.cut.has_value());
  CHECK(plan.totals[1]->next_offset == 15);
}

TEST_CASE("A plan for a torn tail cuts it and drops later logs",
          "[partition]") {
  const RecoveryPlan plan =
      PlanRecovery(Evidence({WithRun(Log(0, 10), 12, 20), Log(20, 25)}, 10));
  CHECK(plan.verdict == TailVerdict::kTorn);
  CHECK(plan.end == 10);
  CHECK(plan.kept_end == 1);
  CHECK(plan.is_last_appendable);
  CHECK(plan.cut == CutTail{.offset = 10,
                            .file = SegmentFileName(0),
                            .position = 2024,
                            .size = 5000 - 2024});
  CHECK(plan.totals[0]->next_offset == 10);
}

TEST_CASE("Bytes behind a log that was closed are damage and cut all the same",
          "[partition]") {
  for (const bool is_closed : {false, true}) {
    RecoveryEvidence evidence = Evidence({WithHole(Log(0, 10))}, 10);
    evidence.meta.clean_end = is_closed ? 10 : -1;
    const RecoveryPlan plan = PlanRecovery(evidence);
    CHECK(plan.end == 10);
    REQUIRE(plan.cut.has_value());
    REQUIRE(plan.damage.size() == (is_closed ? 1 : 0));
    if (!is_closed) continue;
    CHECK(plan.damage[0].from == plan.damage[0].to);
    CHECK(plan.damage[0].file == plan.cut->file);
    CHECK(plan.damage[0].position == plan.cut->position);
    CHECK(plan.damage[0].size == plan.cut->size);
  }
}

TEST_CASE("Bytes that a live log has not shown before are no damage",
          "[partition]") {
  RecoveryEvidence evidence = Evidence({WithHole(Log(0, 10))}, 10);
  evidence.meta.clean_end = 10;
  evidence.is_live = true;
  CHECK(PlanRecovery(evidence).damage.empty());
  evidence.seen_before = HolesOf(evidence);
  CHECK(PlanRecovery(evidence).damage.size() == 1);
}

TEST_CASE("A plan for rot keeps all runs behind it", "[partition]") {
  const RecoveryPlan plan = PlanRecovery(Evidence(
      {WithRun(WithRun(Log(0, 10), 12, 20), 25, 30), Log(30, 35)}, 26));
  CHECK(plan.verdict == TailVerdict::kRot);
  CHECK(plan.end == 35);
  CHECK(Ranges(plan) == Pairs{{10, 12}, {20, 25}});
  CHECK(plan.is_last_appendable);
}

TEST_CASE("A plan for rot ends at the first hole at or above the mark",
          "[partition]") {
  const RecoveryPlan plan = PlanRecovery(
      Evidence({WithRun(WithRun(Log(0, 10), 12, 20), 25, 30)}, 20));
  CHECK(plan.verdict == TailVerdict::kRot);
  CHECK(plan.end == 20);
  CHECK(Ranges(plan) == Pairs{{10, 12}});
  CHECK_FALSE(plan.is_last_appendable);
  CHECK_FALSE(plan.cut.has_value());
  CHECK(plan.totals[0]->next_offset == 20);
}

TEST_CASE("Without a run behind it rot reaches up to the mark", "[partition]") {
  const RecoveryPlan plan = PlanRecovery(Evidence({WithHole(Log(0, 10))}, 13));
  CHECK(plan.end == 13);
  CHECK(Ranges(plan) == Pairs{{10, 13}});
}

TEST_CASE("A log that is empty behind rot gives up its name", "[partition]") {
  const RecoveryPlan plan = PlanRecovery(
      Evidence({WithRun(Log(0, 10), 12, 20), WithHole(Log(20, 20))}, 19));
  CHECK(plan.verdict == TailVerdict::kRot);
  CHECK(plan.end == 20);
  CHECK(plan.kept_end == 1);
}

TEST_CASE("A headerless log counts for one offset at least", "[partition]") {
  const RecoveryPlan plan =
      PlanRecovery(Evidence({Sealed(Log(0, 10)), Headerless(10)}, 11));
  CHECK(plan.verdict == TailVerdict::kRot);
  CHECK(plan.end == 11);
  CHECK(plan.kept_end == 2);
  CHECK_FALSE(plan.totals[1].has_value());
  CHECK(Ranges(plan) == Pairs{{10, 11}});
}

TEST_CASE("Incomplete evidence keeps everything and bumps the name",
          "[partition]") {
  RecoveryEvidence evidence = Evidence({WithHole(Log(10, 10))}, 10);
  evidence.logs[0].survey->is_exhausted = true;
  evidence.meta.start = 10;
  const RecoveryPlan plan = PlanRecovery(evidence);
  CHECK(plan.verdict == TailVerdict::kRot);
  CHECK(plan.end == 11);
  CHECK(Ranges(plan) == Pairs{{10, 11}});
}

TEST_CASE("A hole below the tail does not touch the tail", "[partition]") {
  const RecoveryPlan plan = PlanRecovery(
      Evidence({WithRun(Log(0, 5), 7, 10), WithHole(Log(10, 15))}, 12));
  CHECK(plan.verdict == TailVerdict::kTorn);
  CHECK(plan.end == 15);
  CHECK(plan.cut.has_value());
  CHECK(plan.is_last_appendable);
  CHECK(Ranges(plan) == Pairs{{5, 7}});
}

TEST_CASE("A gap between logs is a hole", "[partition]") {
  const RecoveryPlan below =
      PlanRecovery(Evidence({Sealed(Log(0, 10)), Log(20, 30)}, 25));
  CHECK(Ranges(below) == Pairs{{10, 20}});
  CHECK(below.damage[0].file == SegmentFileName(10));
  CHECK(below.damage[0].what == "segment missing");
  CHECK(below.is_last_appendable);
  const RecoveryPlan open =
      PlanRecovery(Evidence({Log(0, 10), Log(20, 30)}, 25));
  CHECK(open.damage[0].file == SegmentFileName(0));
  CHECK(open.damage[0].position == 2024);
  const RecoveryPlan above =
      PlanRecovery(Evidence({Log(0, 10), Log(20, 30)}, 10));
  CHECK(above.verdict == TailVerdict::kTorn);
  CHECK(above.end == 10);
  CHECK(above.kept_end == 1);
  CHECK_FALSE(above.cut.has_value());
  CHECK(above.is_last_appendable);
}

TEST_CASE("A sealed log is left sealed unless it was closed cleanly",
          "[partition]") {
  RecoveryEvidence evidence = Evidence({Sealed(Log(0, 10))}, 10);
  CHECK_FALSE(PlanRecovery(evidence).is_last_appendable);
  evidence.meta.clean_end = 10;
  CHECK(PlanRecovery(evidence).is_last_appendable);
  CHECK_FALSE(PlanRecovery(evidence).cut.has_value());
  evidence.meta.clean_end = 9;
  CHECK_FALSE(PlanRecovery(evidence).is_last_appendable);
}

TEST_CASE("A sealed log without records loses its seal", "[partition]") {
  RecoveryEvidence evidence = Evidence({Sealed(Log(10, 10))}, 10);
  evidence.meta.start = 10;
  const RecoveryPlan plan = PlanRecovery(evidence);
  CHECK(plan.is_last_appendable);
  CHECK(plan.cut->position == 1024);
}

TEST_CASE("A live log ends at a hole that was not seen before", "[partition]") {
  RecoveryEvidence evidence = Evidence({WithRun(Log(0, 10), 12, 20)}, 20);
  evidence.is_live = true;
  RecoveryPlan plan = PlanRecovery(evidence);
  CHECK(plan.has_unconfirmed);
  CHECK(plan.end == 10);
  CHECK(plan.damage.empty());
  evidence.seen_before = HolesOf(evidence);
  plan = PlanRecovery(evidence);
  CHECK_FALSE(plan.has_unconfirmed);
  CHECK(plan.end == 20);
  CHECK(Ranges(plan) == Pairs{{10, 12}});
  // Other bytes in the same place are another hole.
  evidence.seen_before[0].fingerprint += 1;
  CHECK(PlanRecovery(evidence).end == 10);
}

TEST_CASE("Nothing at all is a new partition", "[partition]") {
  RecoveryEvidence evidence;
  const RecoveryPlan plan = PlanRecovery(evidence);
  CHECK(plan.start == 0);
  CHECK(plan.end == 0);
  CHECK(plan.damage.empty());
  evidence.meta_state = MetaState::kDamaged;
  CHECK(PlanRecovery(evidence).damage.size() == 1);
}

}  // namespace
}  // namespace tidemark::test
