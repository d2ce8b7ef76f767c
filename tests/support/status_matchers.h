#ifndef TIDEMARK_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TIDEMARK_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "support/catch.h"

// REQUIRE_OK(expr), CHECK_OK(expr)            expr is an OK Status or StatusOr
// REQUIRE_STATUS(code, expr), CHECK_STATUS    expr has this absl::StatusCode
// REQUIRE_OK_AND_ASSIGN(lhs, expr)            as REQUIRE_OK, then lhs = *expr
//
// On failure they print the status, which a bare REQUIRE(expr.ok()) does not.

namespace tidemark::test {

inline absl::Status StatusOf(const absl::Status& status) { return status; }

template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace tidemark::test

#define TIDEMARK_TEST_STATUS_(check, condition, ...)              \
  do {                                                            \
    const absl::Status tidemark_test_status =                     \
        ::tidemark::test::StatusOf(__VA_ARGS__);                  \
    INFO(#__VA_ARGS__ " is " << tidemark_test_status.ToString()); \
    check(condition);                                             \
  } while (false)

#define REQUIRE_OK(...) \
  TIDEMARK_TEST_STATUS_(REQUIRE, tidemark_test_status.ok(), __VA_ARGS__)
#define CHECK_OK(...) \
  TIDEMARK_TEST_STATUS_(CHECK, tidemark_test_status.ok(), __VA_ARGS__)
#define REQUIRE_STATUS(expected, ...)                                       \
  TIDEMARK_TEST_STATUS_(REQUIRE, tidemark_test_status.code() == (expected), \
                        __VA_ARGS__)
#define CHECK_STATUS(expected, ...)                                       \
  TIDEMARK_TEST_STATUS_(CHECK, tidemark_test_status.code() == (expected), \
                        __VA_ARGS__)

#define REQUIRE_OK_AND_ASSIGN(lhs, ...)                                       \
  TIDEMARK_TEST_ASSIGN_(TIDEMARK_TEST_JOIN_(tidemark_result_, __LINE__), lhs, \
                        __VA_ARGS__)
#define TIDEMARK_TEST_ASSIGN_(result, lhs, ...) \
  auto result = __VA_ARGS__;                    \
  REQUIRE_OK(result);                           \
  lhs = *std::move(result)
#define TIDEMARK_TEST_JOIN_(left, right) TIDEMARK_TEST_JOIN2_(left, right)
#define TIDEMARK_TEST_JOIN2_(left, right) left##right

#endif  // TIDEMARK_TESTS_SUPPORT_STATUS_MATCHERS_H_
