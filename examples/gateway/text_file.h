#ifndef TIDEMARK_EXAMPLES_GATEWAY_TEXT_FILE_H_
#define TIDEMARK_EXAMPLES_GATEWAY_TEXT_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gateway {

absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// Replaces what the file held.
absl::Status WriteTextFile(const std::string& path, std::string_view text);

// Writes to a descriptor, in as many calls as it takes.
absl::Status WriteAll(int descriptor, std::string_view text);

// 12345678 as 12,345,678.
std::string Grouped(uint64_t number);

// The lines of `text`, those of more than `columns` broken at blanks.
std::vector<std::string> Wrapped(std::string_view text, size_t columns);

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_TEXT_FILE_H_
