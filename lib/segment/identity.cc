#include "segment/identity.h"

namespace tidemark {
inline namespace v0 {

std::string ToHex(const Id128& id) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * id.bytes.size());
  for (const std::byte byte : id.bytes) {
    text.push_back(kDigits[static_cast<unsigned>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned>(byte) & 0xf]);
  }
  return text;
}

}  // namespace v0
}  // namespace tidemark
