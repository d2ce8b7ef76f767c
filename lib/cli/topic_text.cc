#include "topic_text.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "quantities.h"

namespace tidemark::cli {
namespace {

template <typename Value>
using Name = std::pair<std::string_view, Value>;

constexpr std::array<Name<Ack>, 4> kAcks = {{
    {"default", Ack::kTopicDefault},
    {"memory", Ack::kMemory},
    {"process", Ack::kProcess},
    {"disk", Ack::kDisk},
}};

constexpr std::array<Name<Compression>, 3> kCompressions = {{
    {"none", Compression::kNone},
    {"lz4", Compression::kLz4},
    {"zstd", Compression::kZstd},
}};

// Those that the tool can make.
constexpr std::array<Name<PartitionerKind>, 4> kPartitioners = {{
    {"key-hash", PartitionerKind::kKeyHash},
    {"kafka-murmur2", PartitionerKind::kKafkaMurmur2},
    {"round-robin", PartitionerKind::kRoundRobin},
    {"sticky", PartitionerKind::kSticky},
}};

template <typename Names, typename Value>
std::string NameIn(const Names& names, Value value) {
  for (const auto& [name, candidate] : names) {
    if (candidate == value) return std::string(name);
  }
  return fmt::format("{}", static_cast<int>(value));
}

template <typename Value, size_t kCount>
absl::StatusOr<Value> ParseIn(const std::array<Name<Value>, kCount>& names,
                              std::string_view name, std::string_view what) {
  for (const auto& [candidate, value] : names) {
    if (candidate == name) return value;
  }
  std::string choices;
  for (const auto& [candidate, value] : names) {
    if (!choices.empty()) choices += ", ";
    choices += candidate;
  }
  return absl::InvalidArgumentError(
      fmt::format("not {}; take one of {}", what, choices));
}

}  // namespace

std::string AckName(Ack ack) { return NameIn(kAcks, ack); }

absl::StatusOr<Ack> ParseAck(std::string_view name) {
  return ParseIn(kAcks, name, "a level of acknowledgement");
}

absl::StatusOr<Compression> ParseCompression(std::string_view name) {
  return ParseIn(kCompressions, name, "a compression");
}

std::string PartitionerName(PartitionerKind kind) {
  return kind == PartitionerKind::kCustom ? "custom"
                                          : NameIn(kPartitioners, kind);
}

absl::StatusOr<PartitionerKind> ParsePartitioner(std::string_view name) {
  return ParseIn(kPartitioners, name, "a partitioner");
}

std::string RetentionText(const PartitionOptions& options) {
  std::string text;
  if (options.retention_bytes > 0) {
    text = ShowBytes(options.retention_bytes) + " a partition";
  }
  if (options.retention_age != absl::InfiniteDuration()) {
    if (!text.empty()) text += ", ";
    text += ShowAge(options.retention_age);
  }
  return text.empty() ? "everything" : text;
}

}  // namespace tidemark::cli
