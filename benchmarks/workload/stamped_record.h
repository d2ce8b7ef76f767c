#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_STAMPED_RECORD_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_STAMPED_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

inline constexpr size_t kStampBytes = sizeof(uint64_t);

// Bytes that no codec and no branch predictor can use, the same in every run.
inline std::string PseudoRandomBytes(size_t size) {
  std::string bytes(size, '\0');
  uint64_t state = 0x9e3779b97f4a7c15;
  for (char& byte : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<char>(state);
  }
  return bytes;
}

// The record of every workload: pseudo-random bytes that begin with a stamp. A
// record costs one store of 8 bytes into a hot buffer, in every program.
class StampedRecord {
 public:
  explicit StampedRecord(size_t size) : bytes_(PseudoRandomBytes(size)) {}

  // Valid until the next call.
  std::string_view With(uint64_t stamp) {
    std::memcpy(bytes_.data(), &stamp, kStampBytes);
    return bytes_;
  }

 private:
  std::string bytes_;
};

inline uint64_t StampOf(std::string_view record) {
  uint64_t stamp = 0;
  if (record.size() >= kStampBytes) {
    std::memcpy(&stamp, record.data(), kStampBytes);
  }
  return stamp;
}

// What a reader does with each record: it sums the last bytes, so that the
// record is really loaded, and counts stamps that are not the next one.
class StampCheck {
 public:
  void Take(std::string_view record) {
    mismatch_count_ += StampOf(record) != count_ ? 1 : 0;
    sum_ += static_cast<unsigned char>(record.back());
    ++count_;
  }

  uint64_t count() const { return count_; }
  uint64_t sum() const { return sum_; }
  uint64_t mismatch_count() const { return mismatch_count_; }

 private:
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t mismatch_count_ = 0;
};

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_STAMPED_RECORD_H_
