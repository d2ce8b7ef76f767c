#ifndef TIDEMARK_TESTS_ROT_GOLDEN_STORE_H_
#define TIDEMARK_TESTS_ROT_GOLDEN_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rot/file_tree.h"
#include "tidemark/record.h"
#include "tidemark/testing/memory_env.h"
#include "tidemark/types.h"

namespace tidemark::test {

// A batch of a segment, marks included.
struct GoldenBatch {
  uint64_t position = 0;
  uint64_t size = 0;
  Offset from = 0;
  Offset to = 0;  // of a mark the same
  Offset durable_end = 0;
};

struct GoldenSegment {
  std::string file;  // path within the store
  Offset base_offset = 0;
  Offset next_offset = 0;
  uint64_t data_end = 0;
  bool is_sealed = false;
  std::vector<GoldenBatch> batches;
};

struct GoldenPartition {
  std::string path;  // of its directory within the store
  Offset start = 0;
  Offset end = 0;
  // What was appended, by offset; those below the start as well.
  std::vector<OwnedRecord> records;
  std::vector<GoldenSegment> segments;
};

// What was committed under one name: every offset that was, by partition.
using GoldenCommits = std::map<TopicPartition, std::set<Offset>>;

// A store and what is in it.
//
// Everything but the machine is constant; a thread that damages stores makes
// its own copies of the machine.
struct GoldenStore {
  std::string name;
  bool is_closed = false;  // by its owner; otherwise a crash left it
  std::unique_ptr<MemoryEnv> machine;
  FileTree files;
  std::vector<FileTree> earlier;  // the files as they were before
  std::map<TopicPartition, GoldenPartition> partitions;
  std::map<std::string, GoldenCommits> cursors;

  uint64_t size() const {
    uint64_t size = 0;
    for (const auto& [path, bytes] : files) size += bytes.size();
    return size;
  }
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_GOLDEN_STORE_H_
