#ifndef TIDEMARK_RECORDS_H_
#define TIDEMARK_RECORDS_H_

#include <cstddef>
#include <iterator>
#include <memory>

#include "tidemark/record.h"

namespace tidemark {
inline namespace v0 {

class RecordRuns;

// What a read returned: a move-only range of RecordView that owns its bytes.
//
//   for (const RecordView& record : *records) Use(record);
//
// Every byte has been verified before the range is handed out, so iterating
// cannot fail. Views live as long as the Records. Records of one partition come
// in ascending order of their offsets. Iterating decodes as it goes; one
// thread at a time. It may outlive the store.
class Records {
 public:
  class Iterator {
   public:
    using value_type = RecordView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const RecordView*;
    using reference = const RecordView&;

    Iterator() = default;
    const RecordView& operator*() const { return view_; }
    const RecordView* operator->() const { return &view_; }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    void operator++(int) { Advance(); }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.left_ == b.left_;
    }

   private:
    friend class Records;
    Iterator(const RecordRuns* runs, size_t count);
    void Advance();
    void EnterRun();

    const RecordRuns* runs_ = nullptr;
    size_t left_ = 0;         // records from this one to the end
    size_t left_in_run_ = 0;  // the same within the run
    size_t run_ = 0;
    const std::byte* next_ = nullptr;
    RecordView view_;
  };

  Records();
  explicit Records(std::unique_ptr<RecordRuns> runs);
  ~Records();
  Records(Records&&) noexcept;
  Records& operator=(Records&&) noexcept;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  size_t size() const;
  bool empty() const { return size() == 0; }
  // The bytes of the records as they stand in the log, without batch headers.
  size_t byte_size() const;

  Iterator begin() const { return Iterator(runs_.get(), size()); }
  Iterator end() const { return Iterator(); }

 private:
  std::unique_ptr<RecordRuns> runs_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_RECORDS_H_
