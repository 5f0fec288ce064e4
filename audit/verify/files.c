/* The change of one commit, to be explained; see files.h. */
#include "audit/verify/files.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"

typedef struct change {
    char *path;
    char new_hex[ZD_OID_HEX]; /* "" = removed */
    bool known;
} change;

struct zd_files {
    zd_trail *trail;
    zd_report *report;
    change *changes; /* by path, strcmp order */
    size_t count;
    size_t capacity;
};

static zd_status keep(void *context, const char *path, const char *old_hex, const char *new_hex)
{
    (void)old_hex;
    zd_files *files = context;
    files->changes = zd_grow(files->changes, &files->capacity, files->count, sizeof *files->changes);
    change *row = &files->changes[files->count++];
    row->path = zd_strdup(path);
    zd_format(row->new_hex, sizeof row->new_hex, "%s", new_hex);
    return ZD_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const change *)a)->path, ((const change *)b)->path);
}

zd_status zd_files_open(zd_files **out, zd_trail *trail, zd_report *report, const char *parent_hex, const char *commit_hex, zd_error *err)
{
    zd_files *files = zd_alloc_zero(1, sizeof *files);
    files->trail = trail;
    files->report = report;
    zd_status status = zd_trail_changes(trail, parent_hex, commit_hex, keep, files, err);
    if (status != ZD_OK) {
        zd_files_close(files);
        return status;
    }
    if (files->count > 0) {
        qsort(files->changes, files->count, sizeof *files->changes, by_path);
    }
    *out = files;
    return ZD_OK;
}

void zd_files_bind(zd_files *files, zd_trail *trail, zd_report *report)
{
    files->trail = trail;
    files->report = report;
}

void zd_files_close(zd_files *files)
{
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->count; i++) {
        free(files->changes[i].path);
    }
    free(files->changes);
    free(files);
}

static change *find(zd_files *files, const char *path)
{
    size_t low = 0;
    size_t high = files->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(files->changes[middle].path, path);
        if (order == 0) {
            return &files->changes[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

zd_status zd_files_take(zd_buf *out, bool *found, zd_files *files, const char *path, zd_error *err)
{
    change *row = find(files, path);
    *found = row != NULL && row->new_hex[0] != '\0';
    if (!*found) {
        return ZD_OK;
    }
    files->report->counts.files += row->known ? 0 : 1; /* a bundle is read twice */
    row->known = true;
    return zd_trail_blob(out, files->trail, row->new_hex, err);
}

zd_status zd_files_expect(zd_files *files, const char *path, zd_span content, zd_verify_check check, zd_error *err)
{
    zd_buf there = {0};
    bool found = false;
    zd_status status = zd_files_take(&there, &found, files, path, err);
    if (status == ZD_OK && (!found || !zd_span_equal(zd_buf_span(&there), content))) {
        zd_found *finding = zd_report_add(files->report, check, ZD_ENTRY_NONE);
        zd_buf_addf(&finding->recorded, "%s: ", path);
        if (found) {
            zd_report_excerpt(&finding->recorded, zd_buf_span(&there), content);
        } else {
            zd_buf_add_text(&finding->recorded, "not new in this commit");
        }
        zd_report_excerpt(&finding->recomputed, content, zd_buf_span(&there));
    }
    zd_buf_free(&there);
    return status;
}

static void find_path(zd_files *files, const char *path, const char *recorded, const char *recomputed)
{
    zd_found *finding = zd_report_add(files->report, ZD_V_TREE_PATH, ZD_ENTRY_NONE);
    zd_buf_addf(&finding->recorded, "%s: %s", path, recorded);
    zd_buf_add_text(&finding->recomputed, recomputed);
}

void zd_files_expect_gone(zd_files *files, const char *path)
{
    change *row = find(files, path);
    if (row == NULL || row->new_hex[0] != '\0') {
        find_path(files, path, "still there", "removed, a wider one replaces it");
    }
    if (row != NULL) {
        row->known = true;
    }
}

void zd_files_allow(zd_files *files, const char *path)
{
    change *row = find(files, path);
    if (row != NULL) {
        row->known = true;
    }
}

void zd_files_allow_below(zd_files *files, const char *prefix)
{
    for (size_t i = 0; i < files->count; i++) {
        files->changes[i].known = files->changes[i].known || zd_span_starts(zd_span_text(files->changes[i].path), prefix);
    }
}

bool zd_files_any_below(const zd_files *files, const char *prefix)
{
    for (size_t i = 0; i < files->count; i++) {
        if (zd_span_starts(zd_span_text(files->changes[i].path), prefix)) {
            return true;
        }
    }
    return false;
}

void zd_files_leftover(zd_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        if (!files->changes[i].known) {
            bool gone = files->changes[i].new_hex[0] == '\0';
            find_path(files, files->changes[i].path, gone ? "removed" : "new or changed", gone ? "unchanged" : "nothing, or unchanged");
        }
    }
}
