#include "io/transfer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "io/descriptor.h"
#include "support/catch.h"

namespace tidemark {
namespace {

using Steps = std::vector<std::pair<uint64_t, size_t>>;

TEST_CASE("A transfer goes on behind a short step", "[io]") {
  Steps steps;
  const TransferResult result =
      TransferAll(10, [&](uint64_t done, size_t count) -> ssize_t {
        steps.emplace_back(done, count);
        return count > 4 ? 4 : static_cast<ssize_t>(count);
      });
  CHECK(result.moved == 10);
  CHECK(result.error == 0);
  CHECK(steps == Steps{{0, 10}, {4, 6}, {8, 2}});
}

TEST_CASE("An interrupted step runs again", "[io]") {
  int interrupts = 3;
  const TransferResult result =
      TransferAll(5, [&](uint64_t, size_t count) -> ssize_t {
        if (interrupts-- > 0) {
          errno = EINTR;
          return -1;
        }
        return static_cast<ssize_t>(count);
      });
  CHECK(result.moved == 5);
  CHECK(result.error == 0);
}

TEST_CASE("A failed step ends a transfer and tells how far it came", "[io]") {
  const TransferResult result =
      TransferAll(10, [&](uint64_t done, size_t) -> ssize_t {
        if (done == 0) return 3;
        errno = ENOSPC;
        return -1;
      });
  CHECK(result.moved == 3);
  CHECK(result.error == ENOSPC);
}

TEST_CASE("A step that moves nothing ends a transfer", "[io]") {
  const TransferResult result = TransferAll(
      10, [&](uint64_t done, size_t) -> ssize_t { return done == 0 ? 7 : 0; });
  CHECK(result.moved == 7);
  CHECK(result.error == 0);
}

TEST_CASE("No step is asked for more than the system moves at once", "[io]") {
  const uint64_t size = 2 * uint64_t{kMaxTransferBytes} + 5;
  Steps steps;
  const TransferResult result =
      TransferAll(size, [&](uint64_t done, size_t count) -> ssize_t {
        steps.emplace_back(done, count);
        return static_cast<ssize_t>(count);
      });
  CHECK(result.moved == size);
  CHECK(steps == Steps{{0, kMaxTransferBytes},
                       {kMaxTransferBytes, kMaxTransferBytes},
                       {2 * uint64_t{kMaxTransferBytes}, 5}});
}

TEST_CASE("A transfer of nothing takes no step", "[io]") {
  const TransferResult result = TransferAll(0, [](uint64_t, size_t) -> ssize_t {
    FAIL("a step");
    return 0;
  });
  CHECK(result.moved == 0);
}

TEST_CASE("Transfers on a bad descriptor return its error", "[io]") {
  std::array<std::byte, 4> bytes = {};
  const std::array<std::span<const std::byte>, 1> parts = {bytes};
  CHECK(ReadFully(-1, 0, bytes).error == EBADF);
  CHECK(WriteFully(-1, 0, bytes).error == EBADF);
  CHECK(WriteFullyV(-1, 0, parts).error == EBADF);
}

TEST_CASE("A full device ends a write with its error", "[io]") {
  const Descriptor full(::open("/dev/full", O_RDWR | O_CLOEXEC));
  REQUIRE(full.is_open());
  std::array<std::byte, 4> bytes = {};
  const TransferResult result = WriteFully(full.get(), 0, bytes);
  CHECK(result.error == ENOSPC);
  CHECK(result.moved == 0);
}

TEST_CASE("The total size of parts is their sum", "[io]") {
  std::array<std::byte, 4> bytes = {};
  const std::array<std::span<const std::byte>, 3> parts = {
      std::span(bytes), std::span(bytes).first(0), std::span(bytes).first(3)};
  CHECK(TotalSize(parts) == 7);
  CHECK(TotalSize({}) == 0);
}

}  // namespace
}  // namespace tidemark
