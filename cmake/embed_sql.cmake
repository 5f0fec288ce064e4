# SQL stays in .sql files and reaches the program as text. Included, this file defines zd_embed_sql(target folder); run as a
# script, it writes store_sql.c and store_sql.h: an enumeration with one value per "-- name:" of queries.sql, their texts,
# connection.sql, and schema/NNNN-*.sql in order of number. It knows no SQL beyond these markers.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(ZD_EMBED_SQL ${CMAKE_CURRENT_LIST_FILE})
  function(zd_embed_sql target folder)
    file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.sql ${CMAKE_SOURCE_DIR}/${folder}/schema/*.sql)
    get_filename_component(module ${folder} DIRECTORY)
    set(out ${CMAKE_BINARY_DIR}/generated/${module}/store_sql)
    add_custom_command(
      OUTPUT ${out}.c ${out}.h
      COMMAND ${CMAKE_COMMAND} -DSQL=${CMAKE_SOURCE_DIR}/${folder} -DOUT=${out} -P ${ZD_EMBED_SQL}
      DEPENDS ${texts} ${ZD_EMBED_SQL}
      VERBATIM)
    target_sources(${target} PRIVATE ${out}.c ${out}.h)
    target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
  endfunction()
  return()
endif()

cmake_minimum_required(VERSION 3.25)

# The text of a file as C string literals, one a line.
function(literal out text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
  set(${out} "    \"${text}\"" PARENT_SCOPE)
endfunction()

file(READ ${SQL}/queries.sql queries)
string(FIND "${queries}" "-- name: " first)
string(SUBSTRING "${queries}" ${first} -1 queries)
string(REGEX MATCHALL "-- name: [a-z_]+" markers "${queries}")
set(names "")
foreach(marker ${markers})
  string(REPLACE "-- name: " "" name ${marker})
  string(TOUPPER ${name} name)
  string(APPEND names "    ZD_SQL_${name},\n")
endforeach()
literal(queries "${queries}")
string(REGEX REPLACE "    \"-- name: ([a-z_]+)[^\n]*\n" "    ,[ZD_SQL_\\1] =\n" queries "${queries}")
foreach(marker ${markers})
  string(REPLACE "-- name: " "" name ${marker})
  string(TOUPPER ${name} upper)
  string(REPLACE "[ZD_SQL_${name}]" "[ZD_SQL_${upper}]" queries "${queries}")
endforeach()
string(REGEX REPLACE "^    ," "    " queries "${queries}")

file(READ ${SQL}/connection.sql connection)
literal(connection "${connection}")
file(GLOB schemas ${SQL}/schema/*.sql)
list(SORT schemas)
list(LENGTH schemas count)
set(schema "")
foreach(file ${schemas})
  file(READ ${file} text)
  literal(text "${text}")
  string(APPEND schema "${text},\n")
endforeach()

file(WRITE ${OUT}.h "/* Written by cmake/embed_sql.cmake from the .sql files; do not edit. */
#ifndef ZD_STORE_SQL_H
#define ZD_STORE_SQL_H

typedef enum zd_sql {
${names}    ZD_SQL__COUNT
} zd_sql;

#define ZD_SQL_SCHEMA_VERSION ${count}

extern const char *const zd_sql_texts[ZD_SQL__COUNT];
extern const char *const zd_sql_schema[ZD_SQL_SCHEMA_VERSION];
extern const char zd_sql_connection[];

#endif
")
file(WRITE ${OUT}.c "/* Written by cmake/embed_sql.cmake from the .sql files; do not edit. */
#include \"ledger/store/store_sql.h\"

const char *const zd_sql_texts[ZD_SQL__COUNT] = {
${queries}
};

const char *const zd_sql_schema[ZD_SQL_SCHEMA_VERSION] = {
${schema}};

const char zd_sql_connection[] =
${connection};
")
