/*
 * A directory of tiles: a sink that writes durably and never changes a file, and a source that reads them back. Does not write
 * the file `checkpoint` (the engine does, last) and does not remove replaced partials: tlog-tiles wants each served until its
 * full tile exists, and afterwards they do no harm.
 */
#ifndef ZD_LOG_TILE_DIR_H
#define ZD_LOG_TILE_DIR_H

#include "ledger/log/tile_reader.h"
#include "ledger/log/tile_writer.h"

/* What the callbacks get as context; path is borrowed and must exist as a directory. */
typedef struct zd_tile_dir {
    const char *path;
} zd_tile_dir;

/*
 * Writes with temporary name, fsync, rename, fsync of every folder that gained a name. A file that is there already must hold
 * the same bytes, else LEDGER_FORK: published tiles are immutable. Errors: LEDGER_FORK, FILE_IO, DISK_FULL.
 */
zd_tile_sink zd_tile_dir_sink(zd_tile_dir *dir);

/*
 * Reads a tile or bundle; a partial one that is gone is cut from the full one, as tlog-tiles tells clients to do.
 * Errors: FILE_MISSING, FILE_IO, FILE_TOO_LARGE, TILE_MALFORMED.
 */
zd_tile_source zd_tile_dir_source(zd_tile_dir *dir);

#endif
