/* A list for people: words for states, dates, yuan, aligned columns under one line of headings. --json gives the records as they are. */
#ifndef ZD_CLI_LIST_TABLE_H
#define ZD_CLI_LIST_TABLE_H

#include "cli/command.h"

typedef struct zd_list_table zd_list_table;
zd_list_table *zd_list_table_new(zd_record_kind kind, bool chinese);
/* One row; what it needs of record and key is copied. Errors: of reading the record as JSON, which its own encoder wrote. */
zd_status zd_list_table_add(zd_list_table *table, const char *key, const void *record, zd_error *err);
void zd_list_table_print(const zd_list_table *table, FILE *out); /* nothing when there is no row */
void zd_list_table_free(zd_list_table *table);                   /* NULL is fine */

#endif
