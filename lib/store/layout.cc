#include "store/layout.h"

#include <fmt/core.h>

#include <algorithm>

#include "segment/file_names.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr std::string_view kNewPrefix = ".new-";
constexpr std::string_view kDeletedPrefix = ".deleted-";
constexpr size_t kIdDigits = 32;

// They would make a topic look like a file of a partition.
constexpr std::string_view kReservedSuffixes[] = {".log", ".idx", ".tmp"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }

bool IsTopicNameCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '.' || c == '_' || c == '-';
}

bool IsIdBehind(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return name.size() == kIdDigits &&
         std::all_of(name.begin(), name.end(), IsHexDigit);
}

absl::Status InvalidName(std::string_view what, std::string_view name,
                         std::string_view rule) {
  // A name of a stranger may be long and hold any byte.
  constexpr size_t kShownMax = 64;
  std::string shown(name.substr(0, kShownMax));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (name.size() > kShownMax) shown += "...";
  return absl::InvalidArgumentError(
      fmt::format("{} name \"{}\": {}", what, shown, rule));
}

}  // namespace

absl::Status CheckTopicName(std::string_view name) {
  return CheckName("topic", name);
}

absl::Status CheckName(std::string_view what, std::string_view name) {
  if (name.empty()) return InvalidName(what, name, "empty");
  if (name.size() > kTopicNameMax) {
    return InvalidName(what, name,
                       fmt::format("{} bytes, at most {} are allowed",
                                   name.size(), kTopicNameMax));
  }
  if (!std::all_of(name.begin(), name.end(), IsTopicNameCharacter)) {
    return InvalidName(what, name,
                       "only letters, digits, '.', '_' and '-' are "
                       "allowed");
  }
  if (name.starts_with('.'))
    return InvalidName(what, name, "begins with a dot");
  for (const std::string_view suffix : kReservedSuffixes) {
    if (name.ends_with(suffix)) {
      return InvalidName(what, name,
                         fmt::format("ends in {}, which is reserved", suffix));
    }
  }
  return absl::OkStatus();
}

std::string TopicPath(std::string_view name) {
  return JoinPath(kTopicsDirectory, name);
}

std::string TopicFilePath(std::string_view topic_path) {
  return JoinPath(topic_path, kTopicFileName);
}

std::string PartitionPath(std::string_view topic_path, PartitionNumber number) {
  return fmt::format("{}/{}", topic_path, number);
}

std::string NewTopicPath(const Id128& id) {
  return fmt::format("{}/{}{}", kTopicsDirectory, kNewPrefix, ToHex(id));
}

std::string DeletedTopicPath(const Id128& id) {
  return fmt::format("{}/{}{}", kTopicsDirectory, kDeletedPrefix, ToHex(id));
}

bool IsLeftoverName(std::string_view name) {
  return IsIdBehind(kNewPrefix, name) || IsIdBehind(kDeletedPrefix, name);
}

std::optional<PartitionNumber> ParsePartitionName(std::string_view name) {
  constexpr size_t kDigitsMax = 5;  // of kPartitionsMax - 1
  if (name.empty() || name.size() > kDigitsMax ||
      !std::all_of(name.begin(), name.end(), IsDigit) ||
      (name.size() > 1 && name.front() == '0')) {
    return std::nullopt;
  }
  PartitionNumber number = 0;
  for (const char digit : name) number = number * 10 + (digit - '0');
  return number;
}

bool IsNameOfUnfinishedStore(std::string_view name) {
  // A directory that is the root of a file system comes with the last one.
  return name == kLockFileName || name == kTopicsDirectory ||
         name == kCursorsDirectory ||
         name == fmt::format("{}{}", kStoreFileName, kTemporarySuffix) ||
         name == "lost+found";
}

}  // namespace v0
}  // namespace tidemark
