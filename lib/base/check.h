#ifndef TIDEMARK_LIB_BASE_CHECK_H_
#define TIDEMARK_LIB_BASE_CHECK_H_

#include <cassert>

// Stops a debug build at a condition that only a bug of the library can break.
// Bytes from disk and arguments of a caller are never checked this way. In a
// release build the condition is not evaluated.
#define TIDEMARK_DCHECK(condition) assert(condition)

#endif  // TIDEMARK_LIB_BASE_CHECK_H_
