# The benchmark: outside the core, built on request only (./run bench). Its data are planned by the fixture generator; its peers use SQLite, libsodium and libcrypto bare.
if(TARGET zd_engine)
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*.c ${CMAKE_SOURCE_DIR}/fixtures/shaoxing_*.c)
add_executable(zd_bench EXCLUDE_FROM_ALL ${bench_sources})
target_link_libraries(zd_bench PRIVATE zd_engine PkgConfig::SQLITE PkgConfig::SODIUM PkgConfig::CRYPTO Threads::Threads)
endif()
