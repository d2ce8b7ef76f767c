#include "rot/verify_run.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <string_view>

#include "cli/output.h"
#include "cli/store_check.h"
#include "crash/must.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

// A file in memory that takes the output of one thread.
class Page {
 public:
  Page() : descriptor_(::memfd_create("verify", MFD_CLOEXEC)) {}
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }

  // What was written since the last call.
  std::string Take() {
    const off_t size = ::lseek(descriptor_, 0, SEEK_CUR);
    std::string text(static_cast<size_t>(std::max<off_t>(size, 0)), '\0');
    const ssize_t read = ::pread(descriptor_, text.data(), text.size(), 0);
    if (read != static_cast<ssize_t>(text.size()) ||
        ::lseek(descriptor_, 0, SEEK_SET) != 0) {
      MustBeOk(absl::InternalError("the output of verify"));
    }
    return text;
  }

 private:
  const int descriptor_;
};

constexpr size_t kWordSize = 8;

// The bytes that a line names; all of the file if it names none.
void RangeIn(std::string_view line, uint64_t* from, uint64_t* to) {
  *from = 0;
  *to = std::numeric_limits<uint64_t>::max();
  const std::string text(line);
  unsigned long long a = 0, b = 0;
  size_t at = text.find("bytes [");
  if (at != std::string::npos &&
      std::sscanf(text.c_str() + at, "bytes [%llu, %llu)", &a, &b) == 2) {
    *from = a;
    *to = b;
    return;
  }
  at = text.find("from position ");
  if (at != std::string::npos &&
      std::sscanf(text.c_str() + at, "from position %llu", &a) == 1) {
    *from = a;
  }
}

// Calls `visit` with each line of a finding until it returns true.
bool AnyLine(const std::string& text, bool or_note,
             const std::function<bool(std::string_view)>& visit) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const bool is_finding = line.starts_with("DAMAGE  ") ||
                            (or_note && (line.starts_with("note    ") ||
                                         line.starts_with("ERROR   ")));
    if (is_finding && visit(line.substr(kWordSize))) return true;
  }
  return false;
}

}  // namespace

VerifyRun::VerifyRun(Env& machine) {
  thread_local Page page;
  cli::Output out(page.descriptor());
  const absl::StatusOr<cli::ExitCode> code =
      cli::CheckStore(kRotPath, machine, out);
  MustBeOk(out.Flush());
  text_ = page.Take();
  if (code.ok()) {
    code_ = static_cast<int>(*code);
    return;
  }
  // As main.cc ends, with the status as the last line.
  const bool is_damage = IsDamaged(code.status());
  code_ = static_cast<int>(is_damage ? cli::ExitCode::kDamage
                                     : cli::ExitCode::kError);
  std::string message(code.status().message());
  const std::string root = std::string(kRotPath) + "/";
  if (message.starts_with(root)) message.erase(0, root.size());
  text_ += (is_damage ? "DAMAGE  " : "ERROR   ") + message + "\n";
}

bool VerifyRun::Names(const BytePlace& place, bool or_note) const {
  return AnyLine(text_, or_note, [&place](std::string_view line) {
    if (!line.starts_with(place.path) ||
        !line.substr(place.path.size()).starts_with(':')) {
      return false;
    }
    uint64_t from = 0, to = 0;
    RangeIn(line, &from, &to);
    // An empty range names what is missing from there on.
    return from < place.to && place.from < std::max(to, from + 1);
  });
}

bool VerifyRun::NamesBelow(const std::string& path, bool or_note) const {
  return AnyLine(text_, or_note, [&path](std::string_view line) {
    return line.starts_with(path);
  });
}

}  // namespace tidemark::test
