#include "producer/producer_option_table.h"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "fmt/core.h"
#include "producer/producer_fixture.h"

namespace tidemark::test {
namespace {

ProducerOptions Good() { return {.topic = "t"}; }

TEST_CASE("The defaults are in range, once there is a topic", "[producer]") {
  CHECK_OK(ValidateProducerOptions(Good()));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, ValidateProducerOptions({}));
}

TEST_CASE("An option out of range is named with its range", "[producer]") {
  const struct {
    std::string name;
    std::function<void(ProducerOptions&)> change;
  } cases[] = {
      {"ack", [](auto& o) { o.ack = static_cast<Ack>(9); }},
      {"outstanding_records_max",
       [](auto& o) { o.outstanding_records_max = 0; }},
      {"outstanding_records_max",
       [](auto& o) { o.outstanding_records_max = 10000001; }},
      {"outstanding_bytes_max",
       [](auto& o) { o.outstanding_bytes_max = 1023; }},
      {"outstanding_bytes_max",
       [](auto& o) { o.outstanding_bytes_max = (uint64_t{64} << 30) + 1; }},
      {"send_timeout", [](auto& o) { o.send_timeout = absl::Nanoseconds(-1); }},
  };
  for (const auto& one : cases) {
    ProducerOptions options = Good();
    one.change(options);
    const absl::Status status = ValidateProducerOptions(options);
    INFO(status.ToString());
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(status.message()).find(one.name + " is ") == 0);
    CHECK(std::string(status.message()).find("allowed: ") != std::string::npos);
  }
}

TEST_CASE("The bounds themselves are in range", "[producer]") {
  ProducerOptions options = Good();
  options.outstanding_records_max = 1;
  options.outstanding_bytes_max = 1024;
  options.send_timeout = absl::ZeroDuration();
  CHECK_OK(ValidateProducerOptions(options));
  options.outstanding_records_max = 10000000;
  options.outstanding_bytes_max = uint64_t{64} << 30;
  options.send_timeout = absl::InfiniteDuration();
  CHECK_OK(ValidateProducerOptions(options));
}

// docs/producer.md wraps its lines; a text is compared word by word.
std::string Words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string words;
  for (std::string word; in >> word;) words += word + " ";
  return words;
}

TEST_CASE("docs/producer.md lists every option as the table has it",
          "[producer]") {
  std::ostringstream page;
  page << std::ifstream(TIDEMARK_SOURCE_DIR "/docs/producer.md").rdbuf();
  const std::string words = Words(page.str());
  for (const OptionRow<ProducerOptions>& row : ProducerOptionTable()) {
    const std::string wanted = Words(
        fmt::format("### {} Default: {}. Allowed: {}. {} **When to change "
                    "it.** {} **What it costs.** {}",
                    row.name, row.show(ProducerOptions()), row.range, row.what,
                    row.when, row.cost));
    INFO(wanted);
    CHECK(words.find(wanted) != std::string::npos);
  }
}

}  // namespace
}  // namespace tidemark::test
