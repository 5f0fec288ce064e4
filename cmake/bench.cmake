# The benchmark: outside the core, built on request only (./run bench). Its peers use SQLite and libsodium bare.
if(TARGET zd_engine)
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c)
add_executable(zd_bench EXCLUDE_FROM_ALL ${bench_sources})
target_link_libraries(zd_bench PRIVATE zd_engine PkgConfig::SQLITE PkgConfig::SODIUM Threads::Threads)
# What a long seal costs, and what others wait for meanwhile.
add_executable(zd_bench_seal EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/bench/seal/seal.c ${CMAKE_SOURCE_DIR}/bench/world.c)
target_link_libraries(zd_bench_seal PRIVATE zd_engine Threads::Threads)
endif()
