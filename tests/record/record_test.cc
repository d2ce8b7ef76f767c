#include "tidemark/record.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch_fixture.h"
#include "record/record_codec.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

// The view of one record, with the bytes it borrows.
struct Read {
  explicit Read(const Record& record, int64_t time = 0)
      : payload(PayloadOf(record, time)) {
    RecordPosition position{.next = AsBytes(payload).data()};
    RecordDecoder::Next(&position, &view);
  }
  static std::string PayloadOf(const Record& record, int64_t time) {
    std::string bytes;
    Encode(record, time, 0, &bytes);
    return bytes;
  }

  std::string payload;
  RecordView view;
};

const std::vector<Header> kHeaders = {{.name = "a", .value = "1"},
                                      {.name = "", .value = ""},
                                      {.name = "a", .value = std::nullopt},
                                      {.name = "b", .value = "2"},
                                      {.name = "b", .value = "3"}};

TEST_CASE("Headers come in the order of the append", "[record]") {
  const Read read({.headers = kHeaders});
  REQUIRE(read.view.headers().size() == kHeaders.size());
  CHECK_FALSE(read.view.headers().empty());
  size_t i = 0;
  for (const Header& header : read.view.headers()) {
    CHECK(header.name == kHeaders[i].name);
    CHECK(header.value == kHeaders[i].value);
    ++i;
  }
  CHECK(i == kHeaders.size());
}

TEST_CASE("The last header of a name is found", "[record]") {
  const Read read({.headers = kHeaders});
  const HeadersView& headers = read.view.headers();
  REQUIRE(headers.Find("b").has_value());
  CHECK(*headers.Find("b") == "3");
  REQUIRE(headers.Find("a").has_value());
  CHECK(*headers.Find("a") == std::nullopt);
  REQUIRE(headers.Find("").has_value());
  CHECK(*headers.Find("") == "");
  CHECK_FALSE(headers.Find("c").has_value());
  CHECK_FALSE(HeadersView().Find("a").has_value());
  CHECK(HeadersView().begin() == HeadersView().end());
}

TEST_CASE("A record that was read can be appended again", "[record]") {
  const Read read({.key = "k", .value = "v", .headers = kHeaders}, 12345);
  std::vector<Header> headers = {{.name = "old"}};
  const Record record = read.view.ToRecord(headers);
  CHECK(record.create_time == absl::FromUnixMicros(12345));
  CHECK(headers.size() == kHeaders.size());
  CHECK(Read::PayloadOf(record, 12345) == read.payload);
}

TEST_CASE("An owned record keeps everything", "[record]") {
  std::optional<OwnedRecord> owned;
  {
    const Read read({.key = "", .value = "v", .headers = kHeaders}, 99);
    owned.emplace(read.view);
  }
  CHECK(owned->key == "");
  CHECK(owned->value == "v");
  REQUIRE(owned->headers.size() == 5);
  CHECK(owned->headers[0] == OwnedRecord::OwnedHeader{"a", "1"});
  CHECK(owned->headers[2] == OwnedRecord::OwnedHeader{"a", std::nullopt});
  CHECK(owned->create_time == absl::FromUnixMicros(99));
  CHECK(OwnedRecord(Read({}).view).value == std::nullopt);
}

}  // namespace
}  // namespace tidemark::test
