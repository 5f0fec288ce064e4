# Each tests/test_<module>_<file>.c is one program; it may link every library (and the fault store).
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
if(NOT CMOCKA_FOUND)
  message(STATUS "cmocka not found: no tests in this build")
  return()
endif()
enable_testing()
file(GLOB support CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.c ${CMAKE_SOURCE_DIR}/tests/model/*.c)
add_library(zd_test_support STATIC ${support})
target_include_directories(zd_test_support PUBLIC ${CMAKE_SOURCE_DIR})
foreach(library zd_engine zd_cli zd_verify zd_witness)
  if(TARGET ${library})
    target_link_libraries(zd_test_support PUBLIC ${library})
  endif()
endforeach()
target_link_libraries(zd_test_support PUBLIC PkgConfig::CMOCKA)
file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/test_*.c)
foreach(source ${tests})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${name} PRIVATE zd_test_support)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  list(APPEND all_tests ${name})
endforeach()
add_custom_target(zd_tests DEPENDS ${all_tests})
if(TARGET test_fixtures)
  add_dependencies(test_fixtures zd_fixtures) # it runs the generator that lies beside it
endif()

# Its calls of the operating system go through the test, which cuts one of them short.
set(cut_calls open write close fsync syncfs rename mkdir chmod)
list(TRANSFORM cut_calls PREPEND "-Wl,--wrap=")
target_link_options(test_settle_cut PRIVATE ${cut_calls})

# For tests/cli/tampering.sh: rewrites a repository with the operator's keys.
add_executable(forge EXCLUDE_FROM_ALL tests/tampering/forge.c)
target_link_libraries(forge PRIVATE zd_test_support)
add_dependencies(zd_tests forge)

# For tests/mutation/wrong_rule.py, which builds it with a rule made blind.
add_executable(violate EXCLUDE_FROM_ALL tests/mutation/violate.c)
target_link_libraries(violate PRIVATE zd_test_support)
