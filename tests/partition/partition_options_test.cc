#include "tidemark/partition_options.h"

#include <functional>
#include <string>
#include <vector>

#include "support/status_matchers.h"

namespace tidemark {
namespace {

TEST_CASE("The defaults are valid", "[partition]") {
  CHECK_OK(ValidatePartitionOptions({}));
}

TEST_CASE("Each option out of its range is named with value and range",
          "[partition]") {
  struct Case {
    std::string field;
    std::function<void(PartitionOptions&)> spoil;
  };
  const std::vector<Case> cases = {
      {"ack", [](auto& o) { o.ack = Ack::kTopicDefault; }},
      {"record_bytes_max", [](auto& o) { o.record_bytes_max = 0; }},
      {"record_bytes_max",
       [](auto& o) { o.record_bytes_max = (16 << 20) + 1; }},
      {"batch_bytes", [](auto& o) { o.batch_bytes = 1023; }},
      {"batch_bytes", [](auto& o) { o.batch_bytes = (1 << 20) + 1; }},
      {"segment_bytes", [](auto& o) { o.segment_bytes = 1023; }},
      {"segment_bytes",
       [](auto& o) { o.segment_bytes = (uint64_t{32} << 30) + 1; }},
      {"segment_age", [](auto& o) { o.segment_age = absl::ZeroDuration(); }},
      {"retention_age", [](auto& o) { o.retention_age = -absl::Hours(1); }},
  };
  for (const Case& one : cases) {
    PartitionOptions options;
    one.spoil(options);
    const absl::Status status = ValidatePartitionOptions(options);
    CHECK_STATUS(absl::StatusCode::kInvalidArgument, status);
    CHECK(status.ToString().find(one.field + " is ") != std::string::npos);
    CHECK(status.ToString().find("allowed") != std::string::npos);
  }
}

}  // namespace
}  // namespace tidemark
