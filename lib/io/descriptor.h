#ifndef TIDEMARK_LIB_IO_DESCRIPTOR_H_
#define TIDEMARK_LIB_IO_DESCRIPTOR_H_

#include <utility>

namespace tidemark {
inline namespace v0 {

// Owns a file descriptor of the system, or none.
//
// Thread-compatible. The destructor closes and drops the error; Close reports
// it. After any result of Close the descriptor is gone.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { Close(); }

  // Closes. Returns 0 or the error number, 0 also when nothing was open.
  int Close();

  // Gives the descriptor up without closing it.
  int Release() { return std::exchange(fd_, -1); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A descriptor, or the error number that stopped it.
struct OpenResult {
  Descriptor descriptor;
  int error = 0;  // 0 if and only if the descriptor is open
};

// Wraps what open(2) and its like returned, with errno when it is negative.
//
// Moves the descriptor above 2: hosts close the standard ones and then print,
// and a print must never end in a log.
OpenResult TakeDescriptor(int fd);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_DESCRIPTOR_H_
