# One text file as a C string: zd_embed_text(target file symbol). The file stays the source; the C beside the build is made of it.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(ZD_EMBED_TEXT ${CMAKE_CURRENT_LIST_FILE})
  function(zd_embed_text target file symbol)
    set(out ${CMAKE_BINARY_DIR}/generated/${symbol}.c)
    add_custom_command(
      OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/${file} -DOUT=${out} -DSYMBOL=${symbol} -P ${ZD_EMBED_TEXT}
      DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${ZD_EMBED_TEXT}
      VERBATIM)
    target_sources(${target} PRIVATE ${out})
  endfunction()
  return()
endif()

cmake_minimum_required(VERSION 3.25)
file(READ ${IN} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUT} "/* Written by cmake/embed_text.cmake; do not edit. */
extern const char ${SYMBOL}[];
const char ${SYMBOL}[] =
    \"${text}\";
")
