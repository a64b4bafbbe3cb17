# SPDX-License-Identifier: MIT
# libdfukit: the rooms of the host end in one library, shared and static, and what programs need to
# find it. docs/LIBRARY.md is its guide.

# The number in libdfukit.so.N: see "ABI" in docs/LIBRARY.md before you change it.
set(DFUKIT_ABI 0)

set(library_rooms protocol image host usbip transport session)
# The public headers of those rooms. What they declare is what the library exports. Not among them:
# usbip.h, the inside of a carrier; the device end's, which is used as source; virtual.h.
set(library_headers version error protocol bus dfuse image host transport session)
list(TRANSFORM library_headers PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/include/dfukit/)
list(TRANSFORM library_headers APPEND .h)

set(library_objects "")
foreach(room IN LISTS library_rooms)
  list(APPEND library_objects $<TARGET_OBJECTS:dfukit_${room}>)
endforeach()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(exports ${CMAKE_CURRENT_BINARY_DIR}/dfukit.map)
add_custom_command(OUTPUT ${exports}
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/tools/exports.py
          ${exports} DFUKIT_${DFUKIT_ABI} ${library_headers}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tools/exports.py ${library_headers} VERBATIM)
add_custom_target(dfukit_exports DEPENDS ${exports})

add_library(dfukit SHARED ${library_objects})
add_dependencies(dfukit dfukit_exports)
target_link_options(dfukit PRIVATE -Wl,--version-script=${exports} -Wl,--no-undefined)
set_target_properties(dfukit PROPERTIES
  VERSION ${DFUKIT_ABI}.${PROJECT_VERSION} SOVERSION ${DFUKIT_ABI} LINKER_LANGUAGE C
  LINK_DEPENDS ${exports})

add_library(dfukit_archive STATIC ${library_objects})
set_target_properties(dfukit_archive PROPERTIES
  OUTPUT_NAME dfukit EXPORT_NAME dfukit_static LINKER_LANGUAGE C)

foreach(target dfukit dfukit_archive)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} INTERFACE c_std_99)
endforeach()
if(LIBUSB_FOUND)
  target_link_libraries(dfukit PRIVATE PkgConfig::LIBUSB)
  target_link_libraries(dfukit_archive INTERFACE $<INSTALL_INTERFACE:PkgConfig::LIBUSB>)
endif()

# ---- What is installed ----

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dfukit)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${library_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dfukit)
install(TARGETS dfukit EXPORT dfukit LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS dfukit_archive EXPORT dfukit_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT dfukit NAMESPACE dfukit:: DESTINATION ${package_dir} FILE dfukitTargets.cmake)
install(EXPORT dfukit_static NAMESPACE dfukit:: DESTINATION ${package_dir}
  FILE dfukitStaticTargets.cmake)

# The prefix as seen from the file, so that an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig
  ${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir} ${CMAKE_INSTALL_PREFIX})
set(requires_private "")
if(LIBUSB_FOUND)
  set(requires_private " libusb-1.0")
endif()
configure_file(cmake/package/dfukit.pc.in dfukit.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dfukit.pc DESTINATION ${pkgconfig_dir})

include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/package/dfukitConfig.cmake.in dfukitConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(dfukitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/dfukitConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/dfukitConfigVersion.cmake DESTINATION ${package_dir})
