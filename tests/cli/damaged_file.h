#ifndef TIDEMARK_TESTS_CLI_DAMAGED_FILE_H_
#define TIDEMARK_TESTS_CLI_DAMAGED_FILE_H_

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "support/catch.h"

namespace tidemark::test {

inline std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteBytes(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::in);
  REQUIRE(file.good());
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Changes one byte of a file.
inline void FlipByte(const std::string& path, uint64_t position) {
  std::string bytes = ReadBytes(path);
  REQUIRE(position < bytes.size());
  bytes[position] = static_cast<char>(bytes[position] ^ 0x40);
  WriteBytes(path, bytes);
}

// Changes the first byte of `text`, which must stand in the file, and returns
// its position.
inline uint64_t DamageText(const std::string& path, std::string_view text) {
  const size_t position = ReadBytes(path).find(text);
  REQUIRE(position != std::string::npos);
  FlipByte(path, position);
  return position;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CLI_DAMAGED_FILE_H_
