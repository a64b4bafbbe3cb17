# SPDX-License-Identifier: MIT
# The warnings every file of ours compiles without.
function(dfukit_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wcast-align
    -Wswitch-enum -Wundef -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings
    -Wformat=2 -Wno-format-nonliteral)
  if(DFUKIT_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

if(DFUKIT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(DFUKIT_TSAN)
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
