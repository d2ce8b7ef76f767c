#ifndef TIDEMARK_LIB_BASE_STATUS_MACROS_H_
#define TIDEMARK_LIB_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` is not OK.
#define TIDEMARK_RETURN_IF_ERROR(expression)                                  \
  do {                                                                        \
    if (absl::Status tidemark_status = (expression); !tidemark_status.ok()) { \
      return tidemark_status;                                                 \
    }                                                                         \
  } while (false)

#define TIDEMARK_CONCAT_INNER(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_INNER(a, b)

// Evaluates a StatusOr; returns its status on failure, else moves the value
// into `target`, which may declare a variable.
#define TIDEMARK_ASSIGN_OR_RETURN(target, expression)                      \
  TIDEMARK_ASSIGN_OR_RETURN_INNER(TIDEMARK_CONCAT(tidemark_or_, __LINE__), \
                                  target, expression)

#define TIDEMARK_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) return std::move(result).status();              \
  target = *std::move(result)

#endif  // TIDEMARK_LIB_BASE_STATUS_MACROS_H_
