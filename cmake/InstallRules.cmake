# Headers, archive, tool, CMake package and pkg-config file.
