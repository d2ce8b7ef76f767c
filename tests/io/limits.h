#ifndef TIDEMARK_TESTS_IO_LIMITS_H_
#define TIDEMARK_TESTS_IO_LIMITS_H_

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/catch.h"
#include "support/temp_dir.h"

namespace tidemark::test {

// Lowers a soft limit of the process for a scope.
class ScopedLimit {
 public:
  ScopedLimit(__rlimit_resource resource, rlim_t limit) : resource_(resource) {
    REQUIRE(::getrlimit(resource, &old_) == 0);
    struct rlimit lowered = old_;
    lowered.rlim_cur = limit;
    REQUIRE(::setrlimit(resource, &lowered) == 0);
  }
  ~ScopedLimit() { ::setrlimit(resource_, &old_); }
  ScopedLimit(const ScopedLimit&) = delete;
  ScopedLimit& operator=(const ScopedLimit&) = delete;

 private:
  const __rlimit_resource resource_;
  struct rlimit old_;
};

// Sets the umask for a scope.
class ScopedUmask {
 public:
  explicit ScopedUmask(mode_t mask) : old_(::umask(mask)) {}
  ~ScopedUmask() { ::umask(old_); }
  ScopedUmask(const ScopedUmask&) = delete;
  ScopedUmask& operator=(const ScopedUmask&) = delete;

 private:
  const mode_t old_;
};

// A small tmpfs that only this process sees, if it may mount one: root may.
class SmallTmpfs {
 public:
  explicit SmallTmpfs(const std::string& options) {
    if (::unshare(CLONE_NEWNS) != 0) return;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return;
    }
    const std::string all = "mode=0700," + options;
    is_mounted_ = ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0,
                          all.c_str()) == 0;
  }
  ~SmallTmpfs() {
    if (is_mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  SmallTmpfs(const SmallTmpfs&) = delete;
  SmallTmpfs& operator=(const SmallTmpfs&) = delete;

  bool is_mounted() const { return is_mounted_; }
  const std::string& path() const { return directory_.path(); }

 private:
  TempDir directory_;
  bool is_mounted_ = false;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_IO_LIMITS_H_
