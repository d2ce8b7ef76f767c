# What only a build of this project itself wants: warnings, sanitizers, the
# compiler cache, one folder for all programs. A project that adds this one as
# a subdirectory gets none of it.

set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TIDEMARK_CCACHE ccache)
  mark_as_advanced(TIDEMARK_CCACHE)
  if(TIDEMARK_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${TIDEMARK_CCACHE}")
  endif()
endif()

# In-class defaults make a designated initializer with a few fields complete.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers)
if(TIDEMARK_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wthread-safety)
elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlapping copies inside its own std::string.
  add_compile_options(-Wno-restrict)
endif()

if(TIDEMARK_SANITIZE)
  add_compile_options(-fsanitize=${TIDEMARK_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TIDEMARK_SANITIZE})
endif()

# In a unity build the compiler sees several sources as one. A source that opens
# a namespace of short names for itself stays alone.
function(own_build_unity sources)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  foreach(source IN LISTS sources)
    file(STRINGS "${source}" opened LIMIT_COUNT 1
         REGEX "^(using (namespace )?[a-z_]*format|namespace [a-z]+ = )")
    if(opened)
      set_source_files_properties("${source}" PROPERTIES
                                  SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()

if(TIDEMARK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
