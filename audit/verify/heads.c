/* Heads on the command line; see heads.h. Must not verify. */
#include "audit/verify/heads.h"

#include <unistd.h>

#include "ledger/base/durable.h"

/* Where the auditor's own file says of which ledger it is, that must be the ledger that is asked for. */
static zd_status fits_genesis(const zd_kept *kept, const char *path, const zd_verify_options *options, zd_error *err)
{
    if (!kept->own || !options->has_genesis || zd_hash_equal(&kept->genesis, &options->genesis)) {
        return ZD_OK;
    }
    zd_status status = zd_fail(err, ZD_E_KEPT_HEAD, "it was kept under another genesis than --genesis names");
    zd_error_subject(err, zd_span_text(path));
    return status;
}

/* Taken at its word, for it is what the rest is held against. */
static zd_status read_since(zd_verify_options *options, zd_kept *kept, const char *path, zd_error *err)
{
    zd_status status = zd_kept_read(kept, path, err);
    if (status == ZD_OK && kept->own && !kept->finished) {
        status = zd_fail(err, ZD_E_KEPT_HEAD, "an unfinished run left it: it anchors nothing; name it by --state to go on");
        zd_error_subject(err, zd_span_text(path));
    }
    if (status == ZD_OK) {
        status = fits_genesis(kept, path, options, err);
    }
    options->has_since = true;
    options->since = kept->checkpoint;
    options->since_head = kept;
    return status;
}

/* What an unfinished run left, when there is one. Nothing else is ever overwritten or removed by that name. */
static zd_status read_state(zd_verify_options *options, zd_kept *kept, const char *path, zd_error *err)
{
    options->state = path;
    if (path == NULL || !zd_path_exists(path)) {
        return ZD_OK;
    }
    zd_status status = zd_kept_read(kept, path, err);
    if (status == ZD_OK && (!kept->own || kept->finished)) {
        status = zd_fail(err, ZD_E_KEPT_HEAD, "no unfinished run left it; heads that were kept go to --keep or --since");
        zd_error_subject(err, zd_span_text(path));
    }
    options->resume = kept;
    return status == ZD_OK ? fits_genesis(kept, path, options, err) : status;
}

zd_status zd_heads_read(zd_heads *heads, zd_verify_options *options, const char *since, const char *state, zd_error *err)
{
    *heads = (zd_heads){.since = {.own = false}};
    zd_status status = since != NULL ? read_since(options, &heads->since, since, err) : ZD_OK;
    return status == ZD_OK ? read_state(options, &heads->resume, state, err) : status;
}

/* The auditor's memory: written when everything was verified, never moved backwards, so that the next run starts from what this one has seen. The log's own signature is in
 * it: shown together with a later head that contradicts it, it convicts the log. */
static zd_status keep_head(const zd_verdict *verdict, const char *keep, zd_error *err)
{
    zd_clock clock = zd_clock_system();
    return zd_kept_write(keep, true, &verdict->genesis, clock.now_unix_ms(clock.context), zd_buf_span(&verdict->newest_note), err);
}

/* Whatever the verdict: what was verified is in --keep, and after a finding nothing is to be left out. */
static zd_status drop_state(const char *state, zd_error *err)
{
    if (state == NULL || !zd_path_exists(state)) {
        return ZD_OK;
    }
    return unlink(state) == 0 ? zd_dir_sync_parent(state, err) : zd_fail_errno(err, ZD_E_FILE_IO, state);
}

zd_status zd_heads_end(const zd_verdict *verdict, const char *keep, const char *state, zd_error *err)
{
    zd_status status = ZD_OK;
    if (keep != NULL && zd_verdict_exit(verdict) == ZD_AUDIT_VERIFIED) {
        status = keep_head(verdict, keep, err);
    }
    return status == ZD_OK ? drop_state(state, err) : status;
}
