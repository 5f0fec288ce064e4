# The layers, lowest first; ARCHITECTURE.md draws the same picture.
zd_layer(base ledger/base)

zd_layer(json ledger/json zd_base PkgConfig::JANSSON)
zd_layer(seal ledger/seal zd_base PkgConfig::SODIUM PkgConfig::CRYPTO)
zd_layer(table ledger/table zd_base)
zd_layer(seal_sign ledger/seal/sign zd_seal PkgConfig::SODIUM)

zd_layer(record ledger/record zd_base zd_json zd_seal)
zd_layer(log ledger/log zd_base zd_seal)

zd_layer(rules ledger/rules zd_record zd_json zd_base)
zd_layer(book ledger/book zd_record zd_base)

zd_layer(act ledger/act zd_rules zd_book zd_record)

zd_layer(store ledger/store zd_base PkgConfig::SQLITE)
include(cmake/embed_sql.cmake)
zd_embed_sql(zd_store ledger/store/sql)
zd_layer(trail_read audit/trail zd_base zd_seal PkgConfig::GIT2)
zd_layer(history audit/history zd_trail_read zd_log zd_base)
zd_layer(trail_write audit/trail/write zd_trail_read zd_base zd_seal PkgConfig::GIT2 PkgConfig::ZLIB)

include(cmake/embed_text.cmake)
zd_layer(report ledger/report zd_act zd_history zd_json PkgConfig::SQLITE)
zd_embed_text(zd_report ledger/report/sql/views.sql zd_tidy_views)

zd_layer(settle ledger/settle zd_record zd_log zd_seal zd_json zd_base PkgConfig::XML2 PkgConfig::XLSX)
zd_layer(answers ledger/settle/answers zd_table zd_json zd_seal zd_base PkgConfig::XML2 PkgConfig::ZIP)
zd_layer(match ledger/settle/answers/match zd_answers zd_base)
zd_layer(net ledger/net zd_log zd_base PkgConfig::CURL)
zd_layer(engine ledger/engine zd_net zd_act zd_history zd_settle zd_match zd_answers zd_table zd_store zd_log zd_trail_write zd_seal_sign Threads::Threads)

zd_layer(package audit/package zd_table zd_json zd_seal zd_base PkgConfig::XML2 PkgConfig::ZIP)
zd_layer(verify audit/verify zd_package zd_act zd_log zd_history zd_trail_read zd_json Threads::Threads)
zd_layer(witness audit/witness zd_log zd_seal_sign zd_base PkgConfig::MICROHTTPD)
zd_layer(cli cli zd_engine zd_report)

include(GNUInstallDirs)
if(TARGET zd_cli)
target_compile_definitions(zd_cli PUBLIC ZD_INSTALLED_DATA="${CMAKE_INSTALL_FULL_DATADIR}/zhidui/settle")
install(DIRECTORY ledger/settle/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/zhidui/settle)
install(DIRECTORY ledger/policy/ DESTINATION ${CMAKE_INSTALL_DATADIR}/zhidui/policy)
add_executable(zhidui cli/main/zhidui.c)
target_link_libraries(zhidui PRIVATE zd_cli)
install(TARGETS zhidui)
endif()
if(TARGET zd_verify AND EXISTS ${CMAKE_SOURCE_DIR}/audit/main/zhidui_audit.c)
add_executable(zhidui-audit audit/main/zhidui_audit.c)
target_link_libraries(zhidui-audit PRIVATE zd_verify)
install(TARGETS zhidui-audit)
endif()
if(TARGET zd_witness)
add_executable(zhidui-witness audit/main/zhidui_witness.c)
target_link_libraries(zhidui-witness PRIVATE zd_witness)
install(TARGETS zhidui-witness)
endif()

# The generator of fixtures/shaoxing-2026: for whoever changes it, and for the test that its files are what it gives.
file(GLOB fixture_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fixtures/*.c)
add_executable(zd_fixtures EXCLUDE_FROM_ALL ${fixture_sources})
target_link_libraries(zd_fixtures PRIVATE zd_table zd_record)
