# SPDX-License-Identifier: MIT
# The drop-in front ends: links to `dfu` under the names of the tools whose options they take, in a
# folder of their own, with their manual pages beside them. Nothing that a distribution installs is
# overwritten: who wants them puts that folder in front of PATH.
set(dropins dfu-util dfu-suffix dfu-prefix)
set(dropin_folder ${CMAKE_INSTALL_LIBEXECDIR}/dfukit)

foreach(name IN LISTS dropins)
  add_custom_command(TARGET dfu POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/dropin
    COMMAND ${CMAKE_COMMAND} -E create_symlink ../dfu ${CMAKE_BINARY_DIR}/dropin/${name})
  install(FILES docs/${name}.1 DESTINATION ${dropin_folder}/share/man/man1)
endforeach()

# Relative, so that the tree may be moved, or staged with DESTDIR.
file(RELATIVE_PATH to_dfu /prefix/${dropin_folder}/bin /prefix/${CMAKE_INSTALL_BINDIR}/dfu)
if(IS_ABSOLUTE ${dropin_folder} OR IS_ABSOLUTE ${CMAKE_INSTALL_BINDIR})
  set(to_dfu ${CMAKE_INSTALL_FULL_BINDIR}/dfu)
endif()
install(CODE "
  set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${dropin_folder}/bin\")
  if(IS_ABSOLUTE \"${dropin_folder}\")
    set(folder \"\$ENV{DESTDIR}${dropin_folder}/bin\")
  endif()
  file(MAKE_DIRECTORY \"\${folder}\")
  foreach(name ${dropins})
    message(STATUS \"Installing: \${folder}/\${name}\")
    file(CREATE_LINK ${to_dfu} \"\${folder}/\${name}\" SYMBOLIC)
  endforeach()")
