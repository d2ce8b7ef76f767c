#include "faults/call_sites.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace tidemark::test {
namespace {

constexpr std::string_view kModules[] = {"segment", "partition", "store",
                                         "consumer"};

std::string ExemptionOf(const CallSite& site) {
  for (const Exemption& exemption : ExemptSites()) {
    if (site.file == exemption.file &&
        site.text.find(exemption.text) != std::string::npos) {
      return std::string(exemption.reason);
    }
  }
  return {};
}

int LineOf(const std::string& text, size_t at) {
  return 1 +
         static_cast<int>(std::count(
             text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n'));
}

std::string LineText(const std::string& text, size_t at) {
  const size_t begin = text.rfind('\n', at) + 1;
  const size_t first = text.find_first_not_of(' ', begin);
  return text.substr(first, text.find('\n', at) - first);
}

void FindInFile(const std::string& file, std::vector<CallSite>* sites) {
  static const std::regex kCall(
      R"((?:->|\.)(OpenDirectory|OpenSharedMemoryDirectory|BootId|FillRandom|)"
      R"(OpenFile|CreateFile|CreateSharedMemory|OpenSharedMemory|)"
      R"(CreateDirectory|List|Stat|Rename|RemoveFile|RemoveDirectory|Sync|)"
      R"(SyncFileSystem|FreeBytes|ReadAt|WriteAtV?|SyncAll|Truncate|Allocate|)"
      R"(NextData|TryLock|Unlock|Close|Grow|Release|Reserve)\()");
  std::ifstream stream(std::string(TIDEMARK_SOURCE_DIR "/") + file);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const auto end = std::sregex_iterator();
  for (auto at = std::sregex_iterator(text.begin(), text.end(), kCall);
       at != end; ++at) {
    const auto place = static_cast<size_t>(at->position());
    CallSite site;
    site.file = file;
    site.line = LineOf(text, place);
    site.method = (*at)[1];
    site.text = LineText(text, place);
    if (site.text.starts_with("//")) continue;
    const size_t before = text.find_last_of(";{}", place);
    site.first_line = LineOf(text, text.find_first_not_of(" \n", before + 1));
    site.last_line = LineOf(text, text.find_first_of(";{", place));
    site.exemption = ExemptionOf(site);
    sites->push_back(std::move(site));
  }
}

// What a command prints.
std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, size);
  }
  pclose(pipe);
  return output;
}

// "/...lib/store/store.cc:27 (discriminator 3)"; nothing outside of the
// project.
SourceLine ParseLocation(const std::string& text) {
  const std::string root = TIDEMARK_SOURCE_DIR "/";
  const size_t colon = text.rfind(':');
  if (!text.starts_with(root) || colon == std::string::npos) return {};
  return {text.substr(root.size(), colon - root.size()),
          std::atoi(text.c_str() + colon + 1)};
}

}  // namespace

std::vector<CallSite> FindCallSites() {
  std::vector<CallSite> sites;
  for (const std::string_view module : kModules) {
    const std::string folder = fmt::format("lib/{}", module);
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::string(TIDEMARK_SOURCE_DIR "/") + folder)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".cc") || name.ends_with(".h")) files.push_back(name);
    }
    std::sort(files.begin(), files.end());
    for (const std::string& name : files) {
      FindInFile(folder + "/" + name, &sites);
    }
  }
  return sites;
}

std::string_view MethodOf(EnvCall kind) {
  switch (kind) {
    case EnvCall::kOpenDirectory:
      return "OpenDirectory";
    case EnvCall::kOpenSharedMemoryDirectory:
      return "OpenSharedMemoryDirectory";
    case EnvCall::kBootId:
      return "BootId";
    case EnvCall::kFillRandom:
      return "FillRandom";
    case EnvCall::kOpenFile:
      return "OpenFile";
    case EnvCall::kCreateFile:
      return "CreateFile";
    case EnvCall::kCreateSharedMemory:
      return "CreateSharedMemory";
    case EnvCall::kOpenSharedMemory:
      return "OpenSharedMemory";
    case EnvCall::kCreateDirectory:
      return "CreateDirectory";
    case EnvCall::kList:
      return "List";
    case EnvCall::kStatName:
    case EnvCall::kStatFile:
    case EnvCall::kStatMemory:
      return "Stat";
    case EnvCall::kRename:
      return "Rename";
    case EnvCall::kRemoveFile:
      return "RemoveFile";
    case EnvCall::kRemoveDirectory:
      return "RemoveDirectory";
    case EnvCall::kSyncDirectory:
    case EnvCall::kSync:
      return "Sync";
    case EnvCall::kSyncFileSystem:
      return "SyncFileSystem";
    case EnvCall::kFreeBytes:
      return "FreeBytes";
    case EnvCall::kRead:
    case EnvCall::kReadMemory:
      return "ReadAt";
    case EnvCall::kWrite:
      return "WriteAt";  // and WriteAtV
    case EnvCall::kSyncAll:
      return "SyncAll";
    case EnvCall::kTruncate:
      return "Truncate";
    case EnvCall::kAllocate:
      return "Allocate";
    case EnvCall::kNextData:
      return "NextData";
    case EnvCall::kLock:
    case EnvCall::kLockMemory:
      return "TryLock";
    case EnvCall::kUnlock:
      return "Unlock";
    case EnvCall::kClose:
      return "Close";
    case EnvCall::kGrow:
      return "Grow";
    case EnvCall::kRelease:
      return "Release";
    case EnvCall::kReserve:
      return "Reserve";
  }
  return "";
}

std::map<const void*, SourceLine> LocateCalls(
    const std::set<const void*>& addresses) {
  Dl_info program;
  if (dladdr(reinterpret_cast<const void*>(&LocateCalls), &program) == 0) {
    return {};
  }
  const auto base = reinterpret_cast<uintptr_t>(program.dli_fbase);
  std::string command =
      fmt::format("addr2line -a -i -e {}",
                  std::filesystem::read_symlink("/proc/self/exe").string());
  std::vector<const void*> order(addresses.begin(), addresses.end());
  for (const void* const address : order) {
    // The call itself lies before the place to which it returns.
    const uintptr_t at = reinterpret_cast<uintptr_t>(address) - base - 1;
    command += fmt::format(" {:#x}", at);
  }
  std::map<const void*, SourceLine> found;
  std::istringstream lines(OutputOf(command + " 2>/dev/null"));
  size_t next = 0;
  bool is_first = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("0x")) {
      ++next;
      is_first = true;
      continue;
    }
    // Of functions that were inlined into each other the innermost comes first.
    if (is_first && next >= 1 && next <= order.size()) {
      found[order[next - 1]] = ParseLocation(line);
    }
    is_first = false;
  }
  return found;
}

}  // namespace tidemark::test
