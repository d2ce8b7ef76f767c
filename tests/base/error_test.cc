#include "tidemark/error.h"

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

const absl::Status kDataLoss = absl::DataLossError("file: gone");

TEST_CASE("A status carries its reason", "[base]") {
  const absl::Status status = WithReason(kDataLoss, ErrorReason::kDamaged);
  CHECK(status.code() == absl::StatusCode::kDataLoss);
  CHECK(ReasonOf(status) == ErrorReason::kDamaged);
  CHECK(IsDamaged(status));
  CHECK_FALSE(IsTrimmed(status));
  CHECK(ReasonOf(WithReason(status, ErrorReason::kIoError)) ==
        ErrorReason::kIoError);
}

TEST_CASE("A status without a reason has none", "[base]") {
  CHECK(ReasonOf(kDataLoss) == ErrorReason::kNone);
  CHECK(ReasonOf(absl::OkStatus()) == ErrorReason::kNone);
  CHECK(GapOf(kDataLoss) == std::nullopt);
  CHECK(GapOf(absl::OkStatus()) == std::nullopt);
}

TEST_CASE("Nothing is attached to an OK status", "[base]") {
  CHECK(WithReason(absl::OkStatus(), ErrorReason::kDamaged) ==
        absl::OkStatus());
  CHECK(WithGap(absl::OkStatus(), {}) == absl::OkStatus());
}

TEST_CASE("A status carries its gap", "[base]") {
  const OffsetGap gap{
      .topic = "topic", .partition = 7, .from = 10, .to = INT64_MAX};
  const absl::Status status = WithGap(kDataLoss, gap);
  CHECK(GapOf(status) == gap);
  const OffsetGap later{.topic = "", .partition = -1, .from = -1, .to = 0};
  CHECK(GapOf(WithGap(status, later)) == later);
}

TEST_CASE("A gap is found under its own reason only", "[base]") {
  const OffsetGap gap{.topic = "t", .partition = 1, .from = 2, .to = 3};
  const absl::Status bare = WithGap(kDataLoss, gap);
  CHECK(DamagedGap(bare) == std::nullopt);
  const absl::Status damaged = WithReason(bare, ErrorReason::kDamaged);
  CHECK(DamagedGap(damaged) == gap);
  CHECK(TrimmedGap(damaged) == std::nullopt);
  CHECK(TrimmedGap(WithReason(bare, ErrorReason::kTrimmed)) == gap);
  const absl::Status cut = WithReason(bare, ErrorReason::kTruncatedPastCursor);
  CHECK(IsTruncatedPastCursor(cut));
  CHECK(TruncatedGap(cut) == gap);
}

TEST_CASE("Every predicate knows its reason", "[base]") {
  const std::vector<
      std::pair<std::function<bool(const absl::Status&)>, ErrorReason>>
      predicates = {{IsTrimmed, ErrorReason::kTrimmed},
                    {IsTruncatedPastCursor, ErrorReason::kTruncatedPastCursor},
                    {IsDamaged, ErrorReason::kDamaged},
                    {IsDiskFull, ErrorReason::kDiskFull},
                    {IsIoError, ErrorReason::kIoError},
                    {IsLocked, ErrorReason::kLocked},
                    {IsPoisoned, ErrorReason::kPoisoned},
                    {IsClosed, ErrorReason::kClosed},
                    {IsNewerFormat, ErrorReason::kNewerFormat},
                    {IsNotAStore, ErrorReason::kNotAStore}};
  for (const auto& [predicate, reason] : predicates) {
    for (const auto& [other, other_reason] : predicates) {
      CHECK(predicate(WithReason(kDataLoss, other_reason)) ==
            (reason == other_reason));
    }
    CHECK_FALSE(predicate(kDataLoss));
    CHECK_FALSE(predicate(absl::OkStatus()));
  }
}

TEST_CASE("A payload that the library did not make does no harm", "[base]") {
  absl::Status status = kDataLoss;
  status.SetPayload("tidemark/gap", absl::Cord("short"));
  status.SetPayload("tidemark/reason", absl::Cord("not a number"));
  CHECK(GapOf(status) == std::nullopt);
  CHECK(ReasonOf(status) == ErrorReason::kNone);
  status.SetPayload("tidemark/reason", absl::Cord(std::string(50, '9')));
  CHECK(ReasonOf(status) == ErrorReason::kNone);
}

TEST_CASE("Every reason has a name of its own", "[base]") {
  std::set<std::string_view> names;
  for (int reason = 0; reason <= 18; ++reason) {
    const std::string_view name = ReasonName(static_cast<ErrorReason>(reason));
    CHECK(name != "unknown");
    CHECK(names.insert(name).second);
  }
  CHECK(ReasonName(ErrorReason::kDiskFull) == "disk_full");
  CHECK(ReasonName(static_cast<ErrorReason>(9999)) == "unknown");
}

}  // namespace
}  // namespace tidemark::test
