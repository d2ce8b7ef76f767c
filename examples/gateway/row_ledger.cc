#include "row_ledger.h"

#include <string>
#include <string_view>

#include "fmt/core.h"
#include "text_file.h"

namespace gateway {

RowLedger::RowLedger(const Recording& recording)
    : recording_(recording),
      places_(recording.rows.size(), tidemark::RecordId{.partition = -1}) {}

void RowLedger::Take(uint64_t row, std::string_view text,
                     tidemark::RecordId id) {
  ++record_count_;
  if (row >= places_.size() || recording_.rows[row].text != text) {
    ++wrong_count_;
    return;
  }
  if (places_[row].partition >= 0) {
    ++repeated_count_;
    return;
  }
  places_[row] = id;
  ++row_count_;
  uint64_t& next_row = next_row_by_key_[recording_.rows[row].key];
  if (row < next_row) ++misplaced_count_;
  next_row = row + 1;
}

uint64_t RowLedger::missing_count() const {
  return places_.size() - row_count_;
}

bool RowLedger::is_complete() const {
  return missing_count() + wrong_count_ + repeated_count_ + misplaced_count_ ==
         0;
}

std::string RowLedger::ToText() const {
  std::string text = fmt::format("{} of {} {}", Grouped(row_count_),
                                 Grouped(places_.size()), recording_.topic);
  if (is_complete()) return text;
  return text +
         fmt::format(": {} missing, {} repeated, {} out of order, {} unknown",
                     missing_count(), repeated_count_, misplaced_count_,
                     wrong_count_);
}

}  // namespace gateway
