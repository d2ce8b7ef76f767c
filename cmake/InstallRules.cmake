# Headers, archive, tool, CMake package and pkg-config file.

include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tidemark")

install(TARGETS tidemark tidemark_testing EXPORT tidemarkTargets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT tidemarkTargets NAMESPACE tidemark:: DESTINATION "${package_dir}")
if(TARGET tidemark_cli)
  install(TARGETS tidemark_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

configure_package_config_file(
  cmake/tidemarkConfig.cmake.in tidemarkConfig.cmake
  INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  tidemarkConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tidemarkConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/tidemarkConfigVersion.cmake"
              cmake/FindLZ4.cmake
              cmake/FindZstd.cmake
        DESTINATION "${package_dir}")

# A static archive: whoever links it links what it uses, so these are plain
# requirements, and `pkg-config --libs tidemark` is enough.
set(PC_REQUIRES fmt)
foreach(library IN LISTS LIB_MODULE_ABSEIL)
  string(REPLACE "::" "_" library "${library}")
  list(APPEND PC_REQUIRES "${library}")
endforeach()
if(TIDEMARK_WITH_LZ4)
  list(APPEND PC_REQUIRES liblz4)
endif()
if(TIDEMARK_WITH_ZSTD)
  list(APPEND PC_REQUIRES libzstd)
endif()
list(JOIN PC_REQUIRES ", " PC_REQUIRES)
# Paths relative to the file itself, so that the tree may be moved.
file(RELATIVE_PATH PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
     "${CMAKE_INSTALL_PREFIX}")
file(RELATIVE_PATH PC_INCLUDEDIR "${CMAKE_INSTALL_PREFIX}"
     "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file(cmake/tidemark.pc.in tidemark.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tidemark.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
