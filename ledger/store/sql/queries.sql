-- Every statement that the store runs, by name; all are prepared when a ledger is opened, so that a mistake here fails
-- every test. Parameters are numbered in the order in which the C code binds them.

-- name: application_id
PRAGMA application_id;
-- name: user_version
PRAGMA user_version;
-- name: journal_wal
PRAGMA journal_mode = WAL;
-- name: journal_delete
PRAGMA journal_mode = DELETE;
-- name: integrity_check
PRAGMA integrity_check(1);
-- name: schema_list
SELECT name || char(10) || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name;

-- name: begin_read
BEGIN DEFERRED;
-- name: begin_write
BEGIN IMMEDIATE;
-- name: commit
COMMIT;
-- name: rollback
ROLLBACK;

-- name: head_get
SELECT size, epoch, mark, last_at_unix_ms, root, frontier FROM head WHERE one = 1;
-- name: head_set
UPDATE head SET size = ?1, mark = ?2, last_at_unix_ms = ?3, root = ?4, frontier = ?5 WHERE one = 1;
-- name: head_epoch_take
UPDATE head SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch;
-- name: head_mark
UPDATE head SET mark = ?1 WHERE one = 1;

-- name: leaf_insert
INSERT INTO leaves (idx, bytes, hash) VALUES (?1, ?2, ?3);
-- name: leaf_range
SELECT idx, bytes, hash FROM leaves WHERE idx >= ?1 AND idx < ?2 ORDER BY idx;
-- name: leaf_next
SELECT coalesce(max(idx) + 1, 0) FROM leaves;
-- name: leaf_count
SELECT count(*) FROM leaves;

-- name: record_get
SELECT value FROM records WHERE key = ?1;
-- name: record_put
REPLACE INTO records (key, value) VALUES (?1, ?2);
-- name: record_delete
DELETE FROM records WHERE key = ?1;
-- name: record_range
SELECT key, value FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3;
-- name: record_range_open
SELECT key, value FROM records WHERE key >= ?1 ORDER BY key LIMIT ?2;
-- name: record_count
SELECT count(*) FROM records;

-- name: publication_get
SELECT size, time_unix_s, note, commit_hex, parent_hex, commit_signature, extra FROM publications WHERE size = ?1;
-- name: publication_last
SELECT size, time_unix_s, note, commit_hex, parent_hex, commit_signature, extra FROM publications ORDER BY size DESC LIMIT 1;
-- name: publication_list
SELECT size, time_unix_s, note, commit_hex, parent_hex, commit_signature, extra FROM publications WHERE size >= ?1
ORDER BY size;
-- name: publication_insert
INSERT INTO publications (size, time_unix_s, note, commit_hex, parent_hex, commit_signature, extra)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
-- name: publication_fill
UPDATE publications SET
    commit_hex = CASE commit_hex WHEN '' THEN ?2 ELSE commit_hex END,
    parent_hex = CASE parent_hex WHEN '' THEN ?3 ELSE parent_hex END,
    commit_signature = CASE commit_signature WHEN x'' THEN ?4 ELSE commit_signature END
WHERE size = ?1;

-- name: blob_get
SELECT data FROM blobs WHERE name = ?1;
-- name: blob_put
INSERT INTO blobs (name, data) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET data = excluded.data;
-- name: blob_delete
DELETE FROM blobs WHERE name = ?1;

-- name: database_bytes
SELECT page_count * page_size FROM pragma_page_count, pragma_page_size;
