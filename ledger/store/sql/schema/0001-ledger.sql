-- Schema 1. Never edited after a release; a change is a new file. The rules that make the ledger append-only stand here, so
-- that a program other than ours meets them too; every open compares the file's schema with this text.
PRAGMA page_size = 8192;
BEGIN IMMEDIATE;

CREATE TABLE leaves (
    idx INTEGER PRIMARY KEY CHECK (idx >= 0),
    bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 65535),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER leaves_contiguous BEFORE INSERT ON leaves
WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM leaves)
BEGIN
    SELECT RAISE(ABORT, 'leaves are contiguous');
END;

CREATE TRIGGER leaves_no_update BEFORE UPDATE ON leaves
BEGIN
    SELECT RAISE(ABORT, 'leaves are append-only');
END;

CREATE TRIGGER leaves_no_delete BEFORE DELETE ON leaves
BEGIN
    SELECT RAISE(ABORT, 'leaves are append-only');
END;

CREATE TABLE records (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    epoch INTEGER NOT NULL CHECK (epoch >= 0),
    mark INTEGER NOT NULL CHECK (mark BETWEEN 0 AND size),
    last_at_unix_ms INTEGER NOT NULL CHECK (last_at_unix_ms >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    frontier BLOB NOT NULL CHECK (length(frontier) % 32 = 0 AND length(frontier) <= 2048)
) STRICT;

-- The root of an empty tree is SHA-256 of nothing (RFC 6962, 2.1).
INSERT INTO head (one, size, epoch, mark, last_at_unix_ms, root, frontier)
VALUES (1, 0, 0, 0, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'');

CREATE TRIGGER head_one BEFORE INSERT ON head
BEGIN
    SELECT RAISE(ABORT, 'there is one head');
END;

CREATE TRIGGER head_no_delete BEFORE DELETE ON head
BEGIN
    SELECT RAISE(ABORT, 'the head stays');
END;

CREATE TRIGGER head_forward BEFORE UPDATE ON head
WHEN NEW.one <> OLD.one OR NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.last_at_unix_ms < OLD.last_at_unix_ms
    OR NEW.size <> (SELECT coalesce(max(idx) + 1, 0) FROM leaves)
    OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN
    SELECT RAISE(ABORT, 'the head goes forward and names the leaves that are there');
END;

CREATE TABLE publications (
    size INTEGER PRIMARY KEY CHECK (size >= 0),
    time_unix_s INTEGER NOT NULL CHECK (time_unix_s > 0),
    note BLOB NOT NULL CHECK (length(note) > 0),
    commit_hex TEXT NOT NULL CHECK (commit_hex = '' OR (length(commit_hex) = 40 AND commit_hex NOT GLOB '*[^0-9a-f]*')),
    parent_hex TEXT NOT NULL CHECK (parent_hex = '' OR (length(parent_hex) = 40 AND parent_hex NOT GLOB '*[^0-9a-f]*')),
    commit_signature BLOB NOT NULL,
    extra BLOB NOT NULL
) STRICT;

CREATE TRIGGER publications_monotone BEFORE INSERT ON publications
WHEN NEW.size > (SELECT size FROM head)
    OR EXISTS (SELECT 1 FROM publications WHERE size >= NEW.size)
    OR NEW.time_unix_s <= (SELECT time_unix_s FROM publications ORDER BY size DESC LIMIT 1)
BEGIN
    SELECT RAISE(ABORT, 'publications grow in size and time and name committed leaves');
END;

CREATE TRIGGER publications_only_filled BEFORE UPDATE ON publications
WHEN NEW.size <> OLD.size OR NEW.time_unix_s <> OLD.time_unix_s OR NEW.note <> OLD.note OR NEW.extra <> OLD.extra
    OR (OLD.commit_hex <> '' AND NEW.commit_hex <> OLD.commit_hex)
    OR (OLD.parent_hex <> '' AND NEW.parent_hex <> OLD.parent_hex)
    OR (OLD.commit_signature <> x'' AND NEW.commit_signature <> OLD.commit_signature)
BEGIN
    SELECT RAISE(ABORT, 'a publication is only filled in');
END;

CREATE TRIGGER publications_no_delete BEFORE DELETE ON publications
BEGIN
    SELECT RAISE(ABORT, 'publications stay');
END;

CREATE TABLE blobs (
    name BLOB NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 255),
    data BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- "ZDLG"
PRAGMA application_id = 1514425415;
PRAGMA user_version = 1;
COMMIT;
