#ifndef TIDEMARK_LIB_IO_OPEN_BENEATH_H_
#define TIDEMARK_LIB_IO_OPEN_BENEATH_H_

#include <sys/types.h>

#include <string>

#include "io/descriptor.h"

namespace tidemark {
inline namespace v0 {

// Opens `name`, which keeps the rules of relative_name.h, below the directory
// `root` without leaving it and without following a symbolic link in any
// component. O_CLOEXEC and O_NOFOLLOW are added to `flags`; `mode` counts with
// O_CREAT only.
//
// Uses openat2, and where that is missing or forbidden OpenBeneathByComponents.
OpenResult OpenBeneath(int root, const std::string& name, int flags,
                       mode_t mode);

// The same by one openat with O_NOFOLLOW for each component.
OpenResult OpenBeneathByComponents(int root, const std::string& name, int flags,
                                   mode_t mode);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_OPEN_BENEATH_H_
