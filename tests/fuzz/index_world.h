#ifndef TIDEMARK_TESTS_FUZZ_INDEX_WORLD_H_
#define TIDEMARK_TESTS_FUZZ_INDEX_WORLD_H_

#include <memory>
#include <string>

#include "base/bytes.h"
#include "segment/segment_header.h"
#include "tidemark/testing/memory_env.h"
#include "tidemark/types.h"

namespace tidemark::test {

// A store with a sealed segment that is long enough for an index of several
// entries, and a second segment behind it. The same bytes in every process.
class IndexWorld {
 public:
  static constexpr Offset kRecords = 48;
  static constexpr char kFile[] = "topics/t/0/00000000000000000000.log";

  // The value that was appended at `offset`.
  static std::string Value(Offset offset);

  static const IndexWorld& Get();

  // A machine with the store, in which `tail` stands behind the data of the
  // first segment.
  std::unique_ptr<MemoryEnv> Copy(ByteSpan tail) const;

  const SegmentHeader& header() const { return header_; }
  // The segment up to its data end, and what stands behind that.
  const std::string& data() const { return data_; }
  const std::string& tail() const { return tail_; }

 private:
  IndexWorld();

  MemoryEnv env_;
  SegmentHeader header_;
  std::string data_;
  std::string tail_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_INDEX_WORLD_H_
