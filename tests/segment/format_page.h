#ifndef TIDEMARK_TESTS_SEGMENT_FORMAT_PAGE_H_
#define TIDEMARK_TESTS_SEGMENT_FORMAT_PAGE_H_

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/core.h"
#include "support/catch.h"

// What a page under docs/format says, for tests that compare it with the code.
namespace tidemark::test {

class FormatPage {
 public:
  explicit FormatPage(const std::string& name) {
    std::ifstream file(TIDEMARK_SOURCE_DIR "/docs/format/" + name);
    REQUIRE(file.good());
    text_ = {std::istreambuf_iterator<char>(file), {}};
  }

  // The bytes of the block behind `<!-- golden: name -->`: pairs of hexadecimal
  // digits, comments behind '#', and "@position" where the next bytes stand,
  // with zeros before.
  std::string Golden(const std::string& name) const {
    const std::string place = "<!-- golden: " + name + " -->\n```\n";
    const size_t from = text_.find(place);
    REQUIRE(from != std::string::npos);
    const size_t begin = from + place.size();
    std::istringstream block(
        text_.substr(begin, text_.find("```", begin) - begin));
    std::string bytes;
    for (std::string line; std::getline(block, line);) {
      std::istringstream words(line.substr(0, line.find('#')));
      for (std::string word; words >> word;) {
        if (word[0] == '@') {
          const size_t position = std::strtoul(&word[1], nullptr, 10);
          REQUIRE(position >= bytes.size());
          bytes.resize(position, '\0');
          continue;
        }
        REQUIRE(word.size() == 2);
        bytes += static_cast<char>(std::strtoul(word.c_str(), nullptr, 16));
      }
    }
    return bytes;
  }

  // Whether a table of the page has a row that begins with this offset, size
  // and field.
  bool HasField(size_t offset, std::string_view size,
                std::string_view field) const {
    return text_.find(fmt::format("\n| {} | {} | {} |", offset, size, field)) !=
           std::string::npos;
  }

 private:
  std::string text_;
};

// "position: bytes, bytes" of the first difference, for a message.
inline std::string FirstDifference(std::string_view a, std::string_view b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (i >= a.size() || i >= b.size()) {
      return fmt::format("sizes {} and {}", a.size(), b.size());
    }
    if (a[i] == b[i]) continue;
    std::string text = fmt::format("position {}:", i);
    for (size_t j = i; j < std::min(a.size(), i + 8); ++j) {
      text += fmt::format(" {:02x}", static_cast<unsigned char>(a[j]));
    }
    return text;
  }
  return "none";
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SEGMENT_FORMAT_PAGE_H_
