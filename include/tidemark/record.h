#ifndef TIDEMARK_RECORD_H_
#define TIDEMARK_RECORD_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// One header of a record: a name, possibly repeated, and a value that may be
// null.
struct Header {
  std::string_view name;
  std::optional<std::string_view> value = {};
};

// A record to append. Everything is borrowed: it is read during the call and
// never kept.
struct Record {
  std::optional<std::string_view> key = {};    // absent is null, "" is empty
  std::optional<std::string_view> value = {};  // absent is a tombstone
  std::span<const Header> headers = {};
  // Absent: the store's clock at the append, with the resolution of
  // Clock::CoarseMicros. Kept with microseconds.
  std::optional<absl::Time> create_time = {};
};

// The headers of a record that was read: a forward range of Header in the order
// in which they were appended. Borrows from the Records it came from.
class HeadersView {
 public:
  class Iterator {
   public:
    using value_type = Header;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    const Header& operator*() const { return header_; }
    const Header* operator->() const { return &header_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.left_ == b.left_;
    }

   private:
    friend class HeadersView;
    Iterator(const std::byte* next, size_t left) : next_(next), left_(left) {
      if (left_ > 0) Decode();
    }
    void Decode();

    const std::byte* next_ = nullptr;
    size_t left_ = 0;
    Header header_;
  };

  HeadersView() = default;
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Iterator begin() const { return Iterator(first_, count_); }
  Iterator end() const { return Iterator(nullptr, 0); }

  // The value of the last header called `name`. The outer optional is empty
  // when there is none, the inner one when its value is null.
  std::optional<std::optional<std::string_view>> Find(
      std::string_view name) const;

 private:
  friend class RecordDecoder;
  const std::byte* first_ = nullptr;  // validated before the view is made
  size_t count_ = 0;
};

// A record that was read. Cheap to copy; everything in it borrows from the
// Records that it came from and is gone with it.
class RecordView {
 public:
  const std::optional<std::string_view>& key() const { return key_; }
  const std::optional<std::string_view>& value() const { return value_; }
  const HeadersView& headers() const { return headers_; }

  std::string_view topic() const { return topic_; }
  PartitionNumber partition() const { return id_.partition; }
  Offset offset() const { return id_.offset; }
  RecordId id() const { return id_; }

  // When the record came into being, as the producer said or, without that, by
  // the store's clock at the append.
  absl::Time create_time() const {
    return absl::FromUnixMicros(create_micros_);
  }
  // When the batch that holds the record was opened, by the store's clock.
  absl::Time append_time() const {
    return absl::FromUnixMicros(append_micros_);
  }

  // The record as an argument of another append. Headers are copied into
  // `headers`, which must outlive the result.
  Record ToRecord(std::vector<Header>& headers) const;

 private:
  friend class RecordDecoder;
  friend class Records;

  std::optional<std::string_view> key_;
  std::optional<std::string_view> value_;
  HeadersView headers_;
  std::string_view topic_;
  RecordId id_;
  int64_t create_micros_ = 0;
  int64_t append_micros_ = 0;
};

// A record that owns its bytes, for hosts that keep it.
struct OwnedRecord {
  struct OwnedHeader {
    std::string name;
    std::optional<std::string> value;
    friend bool operator==(const OwnedHeader&, const OwnedHeader&) = default;
  };

  OwnedRecord() = default;
  explicit OwnedRecord(const RecordView& view);

  std::string topic;
  RecordId id;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<OwnedHeader> headers;
  absl::Time create_time;
  absl::Time append_time;

  friend bool operator==(const OwnedRecord&, const OwnedRecord&) = default;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_RECORD_H_
