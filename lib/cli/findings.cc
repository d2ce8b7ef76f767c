#include "findings.h"

#include <optional>
#include <string>

#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

// The offsets of a gap, on a line of its own.
std::string DescribeGap(const OffsetGap& gap) {
  if (gap.from == gap.to) return "        no record is lost\n";
  return fmt::format("        offsets [{}, {}) of {}/{} cannot be read\n",
                     gap.from, gap.to, gap.topic, gap.partition);
}

}  // namespace

void Findings::Sound(std::string_view subject, std::string_view detail) {
  if (detail.empty()) {
    out_.Print("ok      {}\n", subject);
  } else {
    out_.Print("ok      {}: {}\n", subject, detail);
  }
}

void Findings::Note(std::string_view subject, std::string_view detail) {
  out_.Print("note    {}: {}\n", subject, detail);
}

void Findings::Problem(std::string_view subject, const absl::Status& status) {
  if (status.ok()) return;
  std::string text(status.message());
  // Most messages name the file that they are about, some with the store's
  // path before it.
  const size_t at = text.find(subject);
  text = at == std::string::npos ? fmt::format("{}: {}", subject, text)
                                 : text.substr(at);
  if (!IsDamaged(status)) {
    ++error_count_;
    out_.Print("ERROR   {}\n", text);
    return;
  }
  ++damage_count_;
  out_.Print("DAMAGE  {}\n", text);
  const std::optional<OffsetGap> gap = DamagedGap(status);
  if (gap.has_value()) out_.Write(DescribeGap(*gap));
}

void Findings::Missing(std::string_view subject, std::string_view detail) {
  ++damage_count_;
  out_.Print("DAMAGE  {}: missing: {}\n", subject, detail);
}

void Findings::Contradiction(std::string_view subject,
                             std::string_view detail) {
  ++damage_count_;
  out_.Print("DAMAGE  {}: {}\n", subject, detail);
}

void Findings::Damage(std::string_view file, const DamagedRange& range) {
  ++damage_count_;
  out_.Print("DAMAGE  {}: bytes [{}, {}): {}\n", file, range.position,
             range.position + range.size, range.what);
  if (range.from == range.to) {
    out_.Write("        no record is lost\n");
  } else {
    out_.Print("        offsets [{}, {}) cannot be read\n", range.from,
               range.to);
  }
}

void Findings::Slot(std::string_view file, const DamagedRange& range,
                    bool was_in_use) {
  if (!range.may_be_torn || !was_in_use) {
    Damage(file, range);
    return;
  }
  Note(file,
       fmt::format("bytes [{}, {}): {}: left by a crash, or rot",
                   range.position, range.position + range.size, range.what));
}

}  // namespace tidemark::cli
