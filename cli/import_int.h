/* What the files of the import share among themselves: whole-file checks and the text of a batch request. */
#ifndef ZD_CLI_IMPORT_INT_H
#define ZD_CLI_IMPORT_INT_H

#include "cli/import.h"

/* import_batch.c */
/* Two lines of one file with one number: the later one is a fault. */
void zd_import_find_twins(zd_import *import);
/* Parses the items as the engine will, notes the hash of each content; what the schema refuses is a fault of its line. */
zd_status zd_import_check_items(zd_import *import, zd_error *err);
/* Random, or from a fixture's seed and the row's id. */
void zd_import_salt(zd_hash *out, const uint8_t *salt_seed, const char *id);
/* Starts a batch request's text; how many of rows[from..count) fit is answered, at least one. Its items are written and the text is closed. */
size_t zd_import_batch_text(zd_buf *out, const zd_import *import, const char *origin, int64_t expires_unix_ms, const size_t *rows, size_t count);

#endif
