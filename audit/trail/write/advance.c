/*
 * Moving refs/heads/main; see trail_write.h. The ref moves only to a commit that the reading half accepts and whose parent is where
 * the ref stands, by git's own lock file and comparison, so that a second writer or a push cannot be overtaken.
 */
#include <git2.h>
#include <string.h>

#include "audit/trail/write/leftovers.h"
#include "audit/trail/write/trail_write.h"

static const char branch[] = "refs/heads/main";

static zd_status moved(zd_error *err, const char *tip_hex, const char *expected_hex)
{
    return zd_fail(err, ZD_E_TRAIL_MOVED, "it is at %.12s, expected at %.12s", tip_hex[0] != '\0' ? tip_hex : "nothing",
                   expected_hex[0] != '\0' ? expected_hex : "nothing");
}

/* A commit that any reader will accept, and that continues where the ref stands. */
static zd_status next_check(zd_trail *trail, const char *expected_hex, const char *next_hex, zd_error *err)
{
    zd_trail_commit commit;
    zd_status status = zd_trail_commit_read(&commit, trail, next_hex, err);
    if (status == ZD_OK) {
        if (strcmp(commit.parent_hex, expected_hex) != 0) {
            status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "its parent is %.12s, the branch is at %.12s",
                             commit.parent_hex[0] != '\0' ? commit.parent_hex : "nothing",
                             expected_hex[0] != '\0' ? expected_hex : "nothing");
            zd_error_subject(err, zd_span_text(next_hex));
        }
        zd_trail_commit_free(&commit);
    }
    return status;
}

static zd_status ref_move(const char *directory, const char *expected_hex, const char *next_hex, zd_error *err)
{
    git_repository *repository = NULL;
    git_reference *reference = NULL;
    git_oid next;
    git_oid expected;
    zd_status status = ZD_OK;
    bool first = expected_hex[0] == '\0';
    int failed = git_oid_fromstr(&next, next_hex);
    if (failed == 0 && !first) {
        failed = git_oid_fromstr(&expected, expected_hex);
    }
    if (failed == 0) {
        failed = git_repository_open_ext(&repository, directory, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
    }
    if (failed == 0) {
        failed = git_repository_set_ident(repository, "zhidui", "zhidui@localhost");
    }
    if (failed == 0) {
        failed = git_reference_create_matching(&reference, repository, branch, &next, first ? 0 : 1, first ? NULL : &expected,
                                               "publish");
    }
    if (failed == GIT_EMODIFIED || failed == GIT_EEXISTS) {
        status = zd_fail(err, ZD_E_TRAIL_MOVED, "it moved while it was being moved");
    } else if (failed != 0) {
        const git_error *last = git_error_last();
        status = zd_fail(err, ZD_E_TRAIL_FAILED, "%s could not be moved: %.160s", branch,
                         last != NULL && last->message != NULL ? last->message : "no reason given");
    }
    git_reference_free(reference);
    git_repository_free(repository);
    return status;
}

zd_status zd_trail_advance(zd_trail *trail, const char *expected_hex, const char *next_hex, zd_error *err)
{
    zd_objects *objects = zd_trail_objects(trail);
    zd_lock *lock = NULL;
    zd_buf refs = {0};
    char tip_hex[ZD_OID_HEX];
    bool found = false;
    zd_status status = zd_trail_lock(&lock, objects, err);
    if (status == ZD_OK) {
        status = zd_trail_clear_ref_lock(objects, err);
    }
    if (status == ZD_OK) {
        status = zd_trail_tip(trail, tip_hex, &found, err);
    }
    if (status != ZD_OK) {
        goto cleanup;
    }
    if (found && strcmp(tip_hex, next_hex) == 0) {
        /* An earlier run may have been killed between the move and the sync of its directory. */
        zd_buf_addf(&refs, "%srefs/heads", zd_objects_directory(objects));
        status = zd_dir_sync(zd_buf_text(&refs), err);
        goto cleanup;
    }
    if (strcmp(tip_hex, expected_hex) != 0) {
        status = moved(err, tip_hex, expected_hex);
        goto cleanup;
    }
    status = next_check(trail, expected_hex, next_hex, err);
    if (status == ZD_OK) {
        status = ref_move(zd_objects_directory(objects), expected_hex, next_hex, err);
    }
cleanup:
    zd_buf_free(&refs);
    zd_lock_release(lock);
    return status;
}
