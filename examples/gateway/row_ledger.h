#ifndef TIDEMARK_EXAMPLES_GATEWAY_ROW_LEDGER_H_
#define TIDEMARK_EXAMPLES_GATEWAY_ROW_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rows.h"
#include "tidemark/types.h"

namespace gateway {

// Compares records with the rows of one recording: is each there exactly once,
// in order per key, with the right text, in the place where it was seen before?
class RowLedger {
 public:
  // Borrows the recording.
  explicit RowLedger(const Recording& recording);

  // Takes the next record. `row` is what its header says.
  void Take(uint64_t row, std::string_view text, tidemark::RecordId id);

  // How many rows were taken, and how many times, in all.
  uint64_t row_count() const { return row_count_; }
  uint64_t record_count() const { return record_count_; }
  uint64_t missing_count() const;

  // Records whose text is not that of the row, that repeat a row, or that come
  // before an earlier row of their key.
  uint64_t wrong_count() const { return wrong_count_; }
  uint64_t repeated_count() const { return repeated_count_; }
  uint64_t misplaced_count() const { return misplaced_count_; }

  // Where each row was taken; partition -1 for nowhere.
  const std::vector<tidemark::RecordId>& places() const { return places_; }

  bool is_complete() const;
  // "20,000 of 20,000 rows", and what is wrong, if anything is.
  std::string ToText() const;

 private:
  const Recording& recording_;
  std::vector<tidemark::RecordId> places_;
  std::map<std::string, uint64_t, std::less<>> next_row_by_key_;
  uint64_t row_count_ = 0;
  uint64_t record_count_ = 0;
  uint64_t wrong_count_ = 0;
  uint64_t repeated_count_ = 0;
  uint64_t misplaced_count_ = 0;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_ROW_LEDGER_H_
