#include "io/transfer.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "absl/container/inlined_vector.h"

namespace tidemark {
inline namespace v0 {
namespace {

static_assert(sizeof(off_t) == 8, "compile with _FILE_OFFSET_BITS=64");
constexpr uint64_t kMaxPosition = std::numeric_limits<off_t>::max();
constexpr size_t kMaxParts = 1024;  // UIO_MAXIOV of Linux

bool FitsPositions(uint64_t position, uint64_t size) {
  return position <= kMaxPosition && size <= kMaxPosition - position;
}

// A write call that takes nothing and reports nothing would never end.
TransferResult CheckedWrite(TransferResult result, uint64_t size) {
  if (result.error == 0 && result.moved < size) result.error = EIO;
  return result;
}

}  // namespace

TransferResult TransferAll(
    uint64_t size,
    absl::FunctionRef<ssize_t(uint64_t done, size_t count)> step) {
  TransferResult result;
  while (result.moved < size) {
    const ssize_t moved =
        step(result.moved, static_cast<size_t>(std::min<uint64_t>(
                               size - result.moved, kMaxTransferBytes)));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) {
      result.error = errno;
      return result;
    }
    if (moved == 0) return result;
    result.moved += static_cast<uint64_t>(moved);
  }
  return result;
}

TransferResult ReadFully(int fd, uint64_t position, std::span<std::byte> out) {
  if (position > kMaxPosition) return {};
  const uint64_t size = std::min<uint64_t>(out.size(), kMaxPosition - position);
  return TransferAll(size, [&](uint64_t done, size_t count) {
    return ::pread(fd, out.data() + done, count,
                   static_cast<off_t>(position + done));
  });
}

TransferResult WriteFully(int fd, uint64_t position,
                          std::span<const std::byte> bytes) {
  if (!FitsPositions(position, bytes.size())) return {0, EFBIG};
  return CheckedWrite(TransferAll(bytes.size(),
                                  [&](uint64_t done, size_t count) {
                                    return ::pwrite(
                                        fd, bytes.data() + done, count,
                                        static_cast<off_t>(position + done));
                                  }),
                      bytes.size());
}

TransferResult WriteFullyV(int fd, uint64_t position,
                           std::span<const std::span<const std::byte>> parts) {
  const uint64_t size = TotalSize(parts);
  if (!FitsPositions(position, size)) return {0, EFBIG};
  absl::InlinedVector<struct iovec, 16> vectors;
  vectors.reserve(std::min(parts.size(), kMaxParts));
  return CheckedWrite(
      TransferAll(size,
                  [&](uint64_t done, size_t) {
                    vectors.clear();
                    uint64_t skip = done;
                    for (const std::span<const std::byte> part : parts) {
                      if (vectors.size() == kMaxParts) break;
                      if (skip >= part.size()) {
                        skip -= part.size();
                        continue;
                      }
                      vectors.push_back(
                          {const_cast<std::byte*>(part.data()) + skip,
                           static_cast<size_t>(part.size() - skip)});
                      skip = 0;
                    }
                    return ::pwritev(fd, vectors.data(),
                                     static_cast<int>(vectors.size()),
                                     static_cast<off_t>(position + done));
                  }),
      size);
}

uint64_t TotalSize(std::span<const std::span<const std::byte>> parts) {
  uint64_t size = 0;
  for (const std::span<const std::byte> part : parts) size += part.size();
  return size;
}

}  // namespace v0
}  // namespace tidemark
