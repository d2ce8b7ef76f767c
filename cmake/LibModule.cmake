# lib_module(<name> [DEPS <module>...]) declares the folder lib/<name> as a
# module: an object library tidemark_<name> of every lib/<name>/*.cc, which may
# include the headers of the modules in DEPS and nothing else of this project.
# lib_module_gather(<target>) adds the objects of all modules to a library.

# What the modules use from abseil. The public headers need most of it.
set(LIB_MODULE_ABSEIL
    absl::any_invocable
    absl::base
    absl::btree
    absl::cleanup
    absl::cord
    absl::core_headers
    absl::fixed_array
    absl::flat_hash_map
    absl::flat_hash_set
    absl::function_ref
    absl::hash
    absl::inlined_vector
    absl::node_hash_map
    absl::node_hash_set
    absl::status
    absl::statusor
    absl::strings
    absl::time)

function(lib_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPS")
  set(target tidemark_${name})
  file(GLOB sources CONFIGURE_DEPENDS "lib/${name}/*.cc")
  if(NOT sources)
    # A module of headers only has nothing to compile; an object library must.
    set(sources "${CMAKE_CURRENT_BINARY_DIR}/generated/${name}_empty.cc")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "// No source.\n")
  endif()
  if(COMMAND own_build_unity)
    own_build_unity("${sources}")
  endif()
  add_library(${target} OBJECT ${sources})
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PUBLIC
    "${CMAKE_CURRENT_SOURCE_DIR}/include" "${CMAKE_CURRENT_SOURCE_DIR}/lib")
  target_link_libraries(${target} PUBLIC ${LIB_MODULE_ABSEIL} fmt::fmt
                                         xxHash::xxHash Threads::Threads)
  # Where off_t would have 32 bits. Public headers do not name it.
  if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    target_compile_definitions(${target} PRIVATE _FILE_OFFSET_BITS=64)
  endif()
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target} PUBLIC tidemark_${dep})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY TIDEMARK_MODULES ${target})

  # The tests of a module link an archive of it and of what it depends on, so
  # that they build without the modules above it.
  add_library(${target}_archive STATIC EXCLUDE_FROM_ALL
              $<TARGET_OBJECTS:${target}>)
  set_target_properties(${target}_archive PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${target}_archive PUBLIC ${LIB_MODULE_ABSEIL} fmt::fmt
                                                 Threads::Threads)
  target_include_directories(${target}_archive PUBLIC
    "${CMAKE_CURRENT_SOURCE_DIR}/include" "${CMAKE_CURRENT_SOURCE_DIR}/lib")
  target_compile_features(${target}_archive PUBLIC cxx_std_20)
  if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    target_compile_definitions(${target}_archive PUBLIC _FILE_OFFSET_BITS=64)
  endif()
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(${target}_archive PUBLIC tidemark_${dep}_archive)
  endforeach()
endfunction()

function(lib_module_gather target)
  get_property(modules GLOBAL PROPERTY TIDEMARK_MODULES)
  foreach(module IN LISTS modules)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${module}>)
  endforeach()
endfunction()
