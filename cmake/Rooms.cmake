# SPDX-License-Identifier: MIT
# dfukit_room(NAME [FREESTANDING] [USES room...]): the static library dfukit_NAME from src/NAME/*.c
# (but for main.c), which sees the public headers and its own folder only.
function(dfukit_room name)
  cmake_parse_arguments(ROOM "FREESTANDING" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/main\\.c$")
  add_library(dfukit_${name} STATIC ${sources})
  target_include_directories(dfukit_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
  target_include_directories(dfukit_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/${name})
  if(NOT DFUKIT_DEVICE_ONLY) # a bare device has no global offset table
    set_target_properties(dfukit_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  if(NOT ROOM_FREESTANDING)
    target_compile_definitions(dfukit_${name} PRIVATE _POSIX_C_SOURCE=200809L)
  endif()
  foreach(used IN LISTS ROOM_USES)
    target_link_libraries(dfukit_${name} PUBLIC dfukit_${used})
  endforeach()
  dfukit_warnings(dfukit_${name})
endfunction()
