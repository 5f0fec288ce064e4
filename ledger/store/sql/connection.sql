-- Run on every connection right after it is opened.

-- A commit is on the disk before it is acknowledged.
PRAGMA synchronous = FULL;
-- Only the one writing connection checkpoints, and it decides when: the WAL-reset bug of SQLite 3.7.0 to 3.51.2 needs a
-- checkpoint that overlaps a commit of another connection.
PRAGMA wal_autocheckpoint = 0;
PRAGMA mmap_size = 0;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
-- 32 MiB: a pool of hot record pages stays in memory.
PRAGMA cache_size = -32768;
-- private.db is opened the same way: what is erased there must not live on in free pages.
PRAGMA secure_delete = ON;
