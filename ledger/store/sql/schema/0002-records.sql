-- Schema 2: the same tables. Records are made of the leaves, and are written otherwise than under schema 1: they are dropped, and the mark says that all leaves are to be decided again,
-- which the next writer does when it opens the ledger. A store without leaves holds what nothing else could bring back, and keeps it.
BEGIN IMMEDIATE;
DELETE FROM records WHERE EXISTS (SELECT 1 FROM head WHERE size > 0);
UPDATE head SET mark = 0;
PRAGMA user_version = 2;
COMMIT;
