#include "text_table.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace tidemark::cli {
namespace {

bool IsNumber(std::string_view cell) {
  return !cell.empty() && std::isdigit(static_cast<unsigned char>(cell[0]));
}

}  // namespace

TextTable::TextTable(std::vector<std::string> names) {
  rows_.push_back(std::move(names));
}

void TextTable::AddRow(std::vector<std::string> cells) {
  cells.resize(rows_.front().size());
  rows_.push_back(std::move(cells));
}

void TextTable::Print(Output& out, size_t indent) const {
  const size_t count = rows_.front().size();
  std::vector<size_t> widths(count, 0);
  std::vector<bool> are_numbers(count, rows_.size() > 1);
  for (size_t row = 0; row < rows_.size(); ++row) {
    for (size_t i = 0; i < count; ++i) {
      widths[i] = std::max(widths[i], rows_[row][i].size());
      if (row > 0 && !IsNumber(rows_[row][i])) are_numbers[i] = false;
    }
  }
  for (const std::vector<std::string>& row : rows_) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < count; ++i) {
      const std::string blanks(widths[i] - row[i].size(), ' ');
      if (i > 0) line += "  ";
      line += are_numbers[i] ? blanks + row[i] : row[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.Print("{}\n", line);
  }
}

}  // namespace tidemark::cli
