# The program `tidemark`. It sees the public headers and its own folder.

file(GLOB TIDEMARK_CLI_SOURCES CONFIGURE_DEPENDS lib/cli/*.cc)
if(TIDEMARK_CLI_SOURCES)
  find_package(CLI11 CONFIG REQUIRED)
  find_package(nlohmann_json CONFIG QUIET)
  add_executable(tidemark_cli ${TIDEMARK_CLI_SOURCES})
  set_target_properties(tidemark_cli PROPERTIES OUTPUT_NAME tidemark)
  target_include_directories(tidemark_cli PRIVATE lib/cli)
  target_link_libraries(tidemark_cli PRIVATE tidemark CLI11::CLI11 fmt::fmt)
  if(nlohmann_json_FOUND)
    target_link_libraries(tidemark_cli PRIVATE nlohmann_json::nlohmann_json)
  endif()
endif()
