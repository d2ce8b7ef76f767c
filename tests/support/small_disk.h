#ifndef TIDEMARK_TESTS_SUPPORT_SMALL_DISK_H_
#define TIDEMARK_TESTS_SUPPORT_SMALL_DISK_H_

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace tidemark::test {

// Gives this process mounts of its own, once: what it mounts is seen nowhere
// else, and goes with it, however it ends. False if that is not permitted.
inline bool HaveOwnMounts() {
  static const bool have =
      ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return have;
}

// Writes into a file until not one byte more fits on its disk.
inline void FillDisk(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  const std::vector<char> bytes(1 << 16, 'f');
  off_t end = ::lseek(fd, 0, SEEK_END);
  for (size_t size = bytes.size(); size > 0;) {
    const ssize_t written = ::pwrite(fd, bytes.data(), size, end);
    if (written > 0) {
      end += written;
    } else {
      REQUIRE(errno == ENOSPC);
      size /= 2;
    }
  }
  REQUIRE(::fsync(fd) == 0);
  ::close(fd);
}

// A real file system of a few MiB that this process alone sees: a tmpfs, or an
// ext4 in a file.
class SmallDisk {
 public:
  enum class Kind : uint8_t { kTmpfs, kExt4 };

  static bool IsPossible(Kind kind) {
    return HaveOwnMounts() &&
           (kind == Kind::kTmpfs ||
            (::access("/dev/loop-control", R_OK | W_OK) == 0 &&
             ::access(kMakeExt4, X_OK) == 0));
  }

  // `place` is an empty directory for the mount; the bytes of an ext4 are a
  // file in `bytes_in`.
  SmallDisk(Kind kind, uint64_t size, std::string place,
            const std::string& bytes_in)
      : kind_(kind),
        size_(size),
        place_(std::move(place)),
        image_(bytes_in + "/tidemark-image-XXXXXX") {
    REQUIRE(HaveOwnMounts());
    REQUIRE(::mkdir(root().c_str(), 0700) == 0);
    if (kind_ == Kind::kExt4) MakeImage();
    Mount(0);
    REQUIRE(::chmod(root().c_str(), 0700) == 0);
  }
  ~SmallDisk() {
    ::umount2(root().c_str(), MNT_DETACH);
    Unname();
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  Kind kind() const { return kind_; }
  std::string root() const { return place_ + "/mnt"; }
  std::string operator/(const std::string& name) const {
    return root() + "/" + name;
  }

  // Takes so many bytes.
  void Fill(uint64_t size) {
    const int fd = ::open((*this / "filler").c_str(),
                          O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0);
    REQUIRE(::fallocate(fd, 0, 0, static_cast<off_t>(size)) == 0);
    ::close(fd);
  }

  // Takes all that is left.
  void Fill() {
    FillDisk(*this / "filler");
    // What the file system allocates late may have left a block.
    FillDisk(*this / "filler");
  }

  // Gives it back.
  void Empty() {
    REQUIRE(::unlink((*this / "filler").c_str()) == 0);
    Sync();
  }

  // Has the file of an ext4 go with this process, however it ends; without
  // Remount from then on.
  void Unname() {
    if (kind_ == Kind::kExt4) ::unlink(image_.c_str());
  }

  // Forgets what is cached. Nobody may have a file open. Of kExt4, as the rest.
  void Remount(bool is_read_only = false) {
    INFO("somebody has a file open");
    REQUIRE(::umount2(root().c_str(), 0) == 0);
    Mount(is_read_only ? MS_RDONLY : 0);
  }

  // Has it turn read-only as behind an error of the device, whatever is open.
  void Abort() {
    REQUIRE(::mount(device_.c_str(), root().c_str(), "ext4", MS_REMOUNT,
                    "errors=remount-ro,abort") == 0);
  }

 private:
  static constexpr char kMakeExt4[] = "/sbin/mkfs.ext4";

  void MakeImage() {
    const int fd = ::mkostemp(image_.data(), O_CLOEXEC);
    REQUIRE(fd >= 0);
    REQUIRE(::ftruncate(fd, static_cast<off_t>(size_)) == 0);
    ::close(fd);
    // Without blocks that are kept for root, who runs the tests.
    const std::string command = fmt::format(
        "{} -q -F -m 0 -b 4096 -N 1024 '{}' >&2", kMakeExt4, image_);
    REQUIRE(std::system(command.c_str()) == 0);
  }

  void Mount(unsigned long flags) {
    if (kind_ == Kind::kTmpfs) {
      REQUIRE(::mount("tmpfs", root().c_str(), "tmpfs", flags,
                      fmt::format("size={}", size_).c_str()) == 0);
      return;
    }
    const int device = AttachLoop();
    const int result =
        ::mount(device_.c_str(), root().c_str(), "ext4", flags, "");
    INFO(device_ << ": error " << errno);
    ::close(device);
    REQUIRE(result == 0);
  }

  // The open loop device of the image, which goes when its last user does.
  int AttachLoop() {
    const int file = ::open(image_.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(file >= 0);
    const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    REQUIRE(control >= 0);
    int device = -1;
    // Another process may take the free one first.
    for (int attempt = 0; device < 0 && attempt < 100; ++attempt) {
      const int number = ::ioctl(control, LOOP_CTL_GET_FREE);
      REQUIRE(number >= 0);
      device_ = fmt::format("/dev/loop{}", number);
      device = ::open(device_.c_str(), O_RDWR | O_CLOEXEC);
      loop_config config = {};
      config.fd = static_cast<uint32_t>(file);
      config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
      if (device >= 0 && ::ioctl(device, LOOP_CONFIGURE, &config) != 0) {
        ::close(device);
        device = -1;
      }
    }
    ::close(control);
    ::close(file);
    REQUIRE(device >= 0);
    return device;
  }

  void Sync() {
    const int fd = ::open(root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(::syncfs(fd) == 0);
    ::close(fd);
  }

  const Kind kind_;
  const uint64_t size_;
  const std::string place_;
  std::string image_;
  std::string device_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_SMALL_DISK_H_
