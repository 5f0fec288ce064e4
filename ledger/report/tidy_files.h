/* Inside ledger/report only: where the rows of an export go. */
#ifndef ZD_REPORT_TIDY_FILES_H
#define ZD_REPORT_TIDY_FILES_H

#include "ledger/report/tidy.h"

typedef struct zd_tidy_csv zd_tidy_csv; /* one CSV file a table (RFC 4180, UTF-8, LF), and the dictionary */
zd_tidy_csv *zd_tidy_csv_open(const char *dir);
zd_tidy_sink zd_tidy_csv_sink(zd_tidy_csv *csv);
zd_status zd_tidy_csv_close(zd_tidy_csv *csv, zd_error *err); /* writes DICTIONARY.md; frees */

typedef struct zd_tidy_sqlite zd_tidy_sqlite; /* one database: STRICT tables, a table `dictionary`, and the views of sql/views.sql */
zd_status zd_tidy_sqlite_open(zd_tidy_sqlite **out, const char *path, zd_error *err);
zd_tidy_sink zd_tidy_sqlite_sink(zd_tidy_sqlite *sqlite);
zd_status zd_tidy_sqlite_close(zd_tidy_sqlite *sqlite, bool complete, zd_error *err); /* commits when complete; frees */

extern const char zd_tidy_views[]; /* sql/views.sql */
const zd_tidy_table *zd_tidy_view_tables(size_t *count); /* and what its views say, column by column */

#endif
