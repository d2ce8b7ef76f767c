#ifndef TIDEMARK_TESTS_ROT_RECORD_MATCH_H_
#define TIDEMARK_TESTS_ROT_RECORD_MATCH_H_

#include "tidemark/record.h"

namespace tidemark::test {

// Whether a reader got exactly this record.
inline bool IsSame(const OwnedRecord& expected, const RecordView& view) {
  if (view.key() != expected.key || view.value() != expected.value ||
      view.create_time() != expected.create_time ||
      view.append_time() != expected.append_time || view.id() != expected.id ||
      view.topic() != expected.topic ||
      view.headers().size() != expected.headers.size()) {
    return false;
  }
  auto header = expected.headers.begin();
  for (const Header& found : view.headers()) {
    if (found.name != header->name || found.value != header->value) {
      return false;
    }
    ++header;
  }
  return true;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_RECORD_MATCH_H_
