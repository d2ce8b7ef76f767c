#ifndef TIDEMARK_LIB_BASE_CHECKSUM_KERNELS_H_
#define TIDEMARK_LIB_BASE_CHECKSUM_KERNELS_H_

#include <cstddef>
#include <cstdint>

// The same checksum, compiled for different processors.
//
// A kernel's source includes xxHash and nothing that has inline functions of
// external linkage: the linker could give the copy of one that was compiled for
// a newer processor to the whole program.
namespace tidemark {
inline namespace v0 {

// For every processor that the build is for.
uint64_t ChecksumBaseline(const void* bytes, size_t size);

#if defined(TIDEMARK_HAVE_AVX2_KERNEL)
// Only where the processor has AVX2: about twice as fast for long inputs.
uint64_t ChecksumAvx2(const void* bytes, size_t size);
#endif

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_CHECKSUM_KERNELS_H_
