# The checksum of long inputs is compiled a second time for processors with
# AVX2; lib/base/checksum.cc asks the processor at run time. The rest of the
# build, and a build for another processor, has no part in it.
include(CheckCXXCompilerFlag)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64|i[3-6]86)$")
  check_cxx_compiler_flag(-mavx2 TIDEMARK_CAN_COMPILE_AVX2)
endif()
if(TIDEMARK_CAN_COMPILE_AVX2)
  target_compile_definitions(tidemark_base PRIVATE TIDEMARK_HAVE_AVX2_KERNEL)
  target_compile_definitions(tidemark_base_archive
                             PUBLIC TIDEMARK_HAVE_AVX2_KERNEL)
  set_source_files_properties(lib/base/checksum_avx2.cc PROPERTIES
    COMPILE_OPTIONS -mavx2
    SKIP_UNITY_BUILD_INCLUSION ON)
endif()
