#ifndef TIDEMARK_POSITIONS_H_
#define TIDEMARK_POSITIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Where a reader stands in each of its partitions: the offset of the next
// record to read, with the incarnation in which the record before it was
// written. A host may keep the bytes in a database of its own, in the same
// transaction as its results, and start a cursor from them (Start::At).
//
// Entries are unique by topic and partition and ascend by topic, then by
// partition. All entries of one topic carry the same topic id. A value like a
// container of the standard library: copies are independent, const calls are
// thread-safe, and what allocates lets std::bad_alloc through, but FromBytes.
class Positions {
 public:
  struct Entry {
    std::string topic;
    // The random id of the topic, so that a topic that was deleted and created
    // again is not taken for the one before.
    std::array<std::byte, 16> topic_id = {};
    PartitionNumber partition = 0;
    Offset offset = 0;
    // Of the record at `offset` - 1, or of a later open of the store; 0 when it
    // is not known, and then the position is checked against the ends of the
    // log alone.
    Incarnation incarnation = 0;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Positions() = default;

  // Adds the entry or replaces the one of its partition. Entries of the same
  // topic that carry another topic id are dropped: they are of a topic that is
  // gone.
  void Set(Entry entry);

  // Moves the entry of a partition. Returns false when there is none. Does not
  // allocate.
  bool Move(std::string_view topic, PartitionNumber partition, Offset offset,
            Incarnation incarnation);

  // Null without an entry of that partition. Valid until the next change.
  const Entry* Find(std::string_view topic, PartitionNumber partition) const;

  // Returns false when there was none.
  bool Erase(std::string_view topic, PartitionNumber partition);

  // The first entry of the topic, null without one.
  const Entry* FindTopic(std::string_view topic) const;

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
  std::vector<Entry>::const_iterator end() const { return entries_.end(); }

  // A compact form with a version and a checksum, the same for equal values on
  // every machine. docs/format/cursors.md describes it.
  std::string ToBytes() const;

  // Reads what ToBytes wrote. InvalidArgument when the bytes are no positions
  // or not in canonical form, DataLoss (IsDamaged) when their checksum does not
  // fit, Unimplemented (IsNewerFormat) for a newer version. Takes at most 20
  // times the memory of the bytes.
  static absl::StatusOr<Positions> FromBytes(std::span<const std::byte> bytes);

  friend bool operator==(const Positions&, const Positions&) = default;

 private:
  // The index of the first entry at or behind a partition.
  size_t Place(std::string_view topic, PartitionNumber partition) const;
  bool IsAt(size_t place, std::string_view topic,
            PartitionNumber partition) const;

  std::vector<Entry> entries_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_POSITIONS_H_
