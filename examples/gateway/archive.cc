#include "archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/core.h"
#include "rows.h"
#include "text_file.h"
#include "tidemark/record.h"

namespace gateway {
namespace {

constexpr std::string_view kEndOfBlock = "#end";

// FNV-1a: enough to tell a torn block from a whole one.
uint64_t Checksum(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    unsigned value = 0;
    const auto end = hex.data() + 2;
    if (std::from_chars(hex.data(), end, value, 16).ptr != end) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(value));
  }
  return hex.empty() ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string_view NextWord(std::string_view& line) {
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

template <typename Number>
bool NextNumber(std::string_view& line, Number& number, int base = 10) {
  const std::string_view word = NextWord(line);
  const char* const end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, number, base);
  return result.ec == std::errc() && result.ptr == end;
}

// <topic> <partition> <offset> <row> <text>
std::string LineOf(const tidemark::RecordView& record) {
  return fmt::format(
      "{} {} {} {} {}\n", record.topic(), record.partition(), record.offset(),
      record.headers().Find(kRowHeader).value_or("").value_or(""),
      record.value().value_or(""));
}

std::optional<ArchivedRecord> ParseLine(std::string_view line) {
  ArchivedRecord record;
  record.partition.topic = NextWord(line);
  if (!NextNumber(line, record.partition.partition) ||
      !NextNumber(line, record.offset) || !NextNumber(line, record.row)) {
    return std::nullopt;
  }
  record.text = line;
  return record;
}

// #end <size> <checksum of all before it> <positions>
std::string EndOf(std::string_view lines,
                  const tidemark::Positions& positions) {
  const std::string checked =
      fmt::format("{} {}", lines.size(), ToHex(positions.ToBytes()));
  return fmt::format("{} {:016x} {}\n", kEndOfBlock,
                     Checksum(std::string(lines) + checked), checked);
}

// The positions, if `line` ends the block of these lines.
std::optional<tidemark::Positions> ParseEnd(std::string_view line,
                                            std::string_view lines) {
  uint64_t checksum = 0;
  if (NextWord(line) != kEndOfBlock || !NextNumber(line, checksum, 16) ||
      checksum != Checksum(std::string(lines) + std::string(line))) {
    return std::nullopt;
  }
  uint64_t size = 0;
  if (!NextNumber(line, size) || size != lines.size()) return std::nullopt;
  const std::optional<std::string> bytes = FromHex(line);
  if (!bytes.has_value()) return std::nullopt;
  auto positions = tidemark::Positions::FromBytes(
      std::as_bytes(std::span(bytes->data(), bytes->size())));
  return positions.ok() ? std::optional(*std::move(positions)) : std::nullopt;
}

absl::Status SystemError(const char* call) {
  return absl::ErrnoToStatus(errno, call);
}

}  // namespace

ArchiveContent ParseArchive(std::string_view bytes) {
  ArchiveContent content;
  size_t block = 0;               // where the present block begins
  size_t block_first_record = 0;  // and its first record
  size_t at = 0;
  while (true) {
    const size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) break;
    const std::string_view line = bytes.substr(at, end - at);
    if (line.starts_with(kEndOfBlock)) {
      auto positions = ParseEnd(line, bytes.substr(block, at - block));
      if (!positions.has_value()) break;
      content.positions = *std::move(positions);
      ++content.block_count;
      block = end + 1;
      block_first_record = content.records.size();
    } else {
      std::optional<ArchivedRecord> record = ParseLine(line);
      if (!record.has_value()) break;
      content.records.push_back(*std::move(record));
    }
    at = end + 1;
  }
  content.records.resize(block_first_record);
  content.byte_count = block;
  return content;
}

absl::StatusOr<Archive> Archive::Open(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return SystemError("open the archive");
  Archive archive(descriptor);
  const absl::StatusOr<std::string> bytes = ReadTextFile(path);
  if (!bytes.ok()) return bytes.status();
  ArchiveContent content = ParseArchive(*bytes);
  archive.cut_byte_count_ = bytes->size() - content.byte_count;
  if (archive.cut_byte_count_ > 0 &&
      ::ftruncate(descriptor, static_cast<off_t>(content.byte_count)) != 0) {
    return SystemError("cut the archive");
  }
  // Where the file goes on must be as safe as what will follow.
  if (::fsync(descriptor) != 0) return SystemError("sync the archive");
  archive.record_count_ = content.records.size();
  archive.byte_count_ = content.byte_count;
  archive.positions_ = std::move(content.positions);
  return archive;
}

Archive::Archive(Archive&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      positions_(std::move(other.positions_)),
      record_count_(other.record_count_),
      byte_count_(other.byte_count_),
      cut_byte_count_(other.cut_byte_count_),
      failure_(std::move(other.failure_)) {}

Archive::~Archive() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::Status Archive::Append(const tidemark::Records& records,
                             const tidemark::Positions& positions) {
  if (!failure_.ok()) return failure_;
  std::string block;
  for (const tidemark::RecordView& record : records) block += LineOf(record);
  block += EndOf(block, positions);
  failure_ = WriteAll(descriptor_, block);
  if (failure_.ok() && ::fdatasync(descriptor_) != 0) {
    failure_ = SystemError("sync the archive");
  }
  if (!failure_.ok()) return failure_;
  record_count_ += records.size();
  byte_count_ += block.size();
  positions_ = positions;
  return absl::OkStatus();
}

}  // namespace gateway
