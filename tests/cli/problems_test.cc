#include "cli/problems.h"

#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

using cli::ExitCode;
using cli::Problems;

const absl::Status kDamage =
    WithReason(absl::DataLossError("topics/t/TOPIC: damaged\nrestore it"),
               ErrorReason::kDamaged);

TEST_CASE("Without a problem a command ends with 0", "[cli]") {
  Problems problems("stats");
  problems.Add(absl::OkStatus());
  CHECK(problems.code() == ExitCode::kOk);
  CHECK(problems.Messages().empty());
}

TEST_CASE("Damage counts more than another problem", "[cli]") {
  Problems problems("stats");
  problems.Add(absl::PermissionDeniedError("no"));
  CHECK(problems.code() == ExitCode::kError);
  problems.Add(kDamage);
  problems.Add(absl::PermissionDeniedError("no"));
  CHECK(problems.code() == ExitCode::kDamage);
}

TEST_CASE("The message of a problem has no advice in it", "[cli]") {
  Problems problems("stats");
  problems.Add(kDamage);
  CHECK(problems.Messages() ==
        std::vector<std::string>{"topics/t/TOPIC: damaged"});
}

}  // namespace
}  // namespace tidemark::test
