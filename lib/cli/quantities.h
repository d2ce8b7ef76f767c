#ifndef TIDEMARK_LIB_CLI_QUANTITIES_H_
#define TIDEMARK_LIB_CLI_QUANTITIES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

// Sizes, ages, times and counts as people write and read them. What a Show
// function returns its Parse function takes, within the digits shown.
namespace tidemark::cli {

// "4096", "64K", "64KiB", "1G": units are powers of 1,024. What is too large
// for the type is its largest value. Errors do not repeat the text.
absl::StatusOr<uint64_t> ParseBytes(std::string_view text);

// Why `text` is not a whole number; nothing if it is one.
std::string RefuseNumber(std::string_view text);

// "64 MiB", "1.5 KiB", "17 B".
std::string ShowBytes(uint64_t bytes);

// "90s", "36h", "7d", "1h30m"; "inf" is without an end.
absl::StatusOr<absl::Duration> ParseAge(std::string_view text);
std::string ShowAge(absl::Duration age);

// RFC 3339: "2025-01-31T13:00:00Z", "2025-01-31T13:00:00.25+01:00".
absl::StatusOr<absl::Time> ParseTime(std::string_view text);

// In UTC with microseconds.
std::string ShowTime(absl::Time time);

// 1234567 as "1,234,567".
std::string ShowCount(uint64_t count);

// "1 record", "2 records".
std::string ShowCountOf(uint64_t count, std::string_view noun);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_QUANTITIES_H_
