#include "segment/file_names.h"

#include <limits>

#include "support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("A segment is named by its base offset", "[segment]") {
  CHECK(SegmentFileName(0) == "00000000000000000000.log");
  CHECK(SegmentFileName(42) == "00000000000000000042.log");
  CHECK(SegmentFileName(std::numeric_limits<Offset>::max()) ==
        "09223372036854775807.log");
}

TEST_CASE("A name leads back to its offset", "[segment]") {
  for (const Offset offset :
       {Offset{0}, Offset{1}, Offset{999}, Offset{1} << 40,
        std::numeric_limits<Offset>::max()}) {
    CHECK(ParseSegmentFileName(SegmentFileName(offset)) == offset);
  }
}

TEST_CASE("Names that no segment has are refused", "[segment]") {
  for (const std::string_view name :
       {"", ".log", "0.log", "0000000000000000042.log",
        "000000000000000000042.log", "00000000000000000042.LOG",
        "00000000000000000042.lo", "00000000000000000042.log ",
        " 0000000000000000042.log", "+0000000000000000042.log",
        "-0000000000000000042.log", "0000000000000000004x.log",
        "09223372036854775808.log", "99999999999999999999.log", "META",
        "00000000000000000042.log.aside-3"}) {
    INFO(name);
    CHECK_FALSE(ParseSegmentFileName(name).has_value());
  }
}

TEST_CASE("A path joins a directory and a name", "[segment]") {
  CHECK(JoinPath("topics/a/0", "META") == "topics/a/0/META");
  CHECK(JoinPath("", "META") == "META");
}

}  // namespace
}  // namespace tidemark
