/* Stores for tests; see store_box.h. */
#include "tests/support/store_box.h"

#include <stdlib.h>
#include <sys/stat.h>

zd_store_kind zd_store_kinds[2] = {{"sqlite", false}, {"fault", true}};

zd_store *zd_store_box_open(const char *path, zd_store_mode mode)
{
    zd_store *store = NULL;
    assert_ok(zd_store_open_sqlite(&store, path, mode, err));
    return store;
}

void zd_ledger_make(const char *path, size_t size)
{
    zd_store *store = zd_store_box_open(path, ZD_STORE_CREATE);
    zd_rows_append_ok(store, size);
    zd_store_close(store);
}

off_t zd_ledger_file_size(const char *path, const char *ending)
{
    char name[700];
    struct stat info;
    zd_format(name, sizeof name, "%s%s", path, ending);
    return stat(name, &info) == 0 ? info.st_size : -1;
}

zd_store *zd_box_open(const zd_box *box, const char *path, zd_store_mode mode)
{
    zd_store *store = zd_store_box_open(path, mode);
    return box->kind->wrapped ? zd_store_fault(store, ZD_FAULT_AFTER, 0) : store;
}

int zd_box_set_up_empty(void **state)
{
    zd_box *box = zd_alloc_zero(1, sizeof *box);
    box->kind = *state != NULL ? *state : &zd_store_kinds[0];
    box->dir = zd_test_dir("store");
    zd_format(box->path, sizeof box->path, "%s/ledger.db", box->dir);
    *state = box;
    return 0;
}

int zd_box_set_up(void **state)
{
    (void)zd_box_set_up_empty(state);
    zd_box *box = *state;
    box->store = zd_box_open(box, box->path, ZD_STORE_CREATE);
    return 0;
}

int zd_box_tear_down(void **state)
{
    zd_box *box = *state;
    zd_store_close(box->store);
    zd_test_dir_remove(box->dir);
    free(box);
    return 0;
}

void zd_box_reopen(zd_box *box, zd_store_mode mode)
{
    zd_store_close(box->store);
    box->store = zd_box_open(box, box->path, mode);
}

void zd_show_bytes(zd_buf *out, zd_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[i];
        if (byte > 0x20 && byte < 0x7f) {
            zd_buf_add_byte(out, byte);
        } else {
            zd_buf_addf(out, "%%%02x", byte);
        }
    }
}

zd_status zd_see_record(void *context, zd_span key, zd_span value)
{
    zd_seen *self = context;
    zd_show_bytes(&self->text, key);
    zd_buf_add_text(&self->text, "=");
    zd_show_bytes(&self->text, value);
    zd_buf_add_text(&self->text, ";");
    self->visits++;
    return self->visits == self->stop_after ? ZD_MALFORMED : ZD_OK;
}

void zd_assert_range(zd_store *store, zd_span prefix, zd_span from, size_t limit, const char *expected)
{
    zd_seen seen = {0};
    assert_ok(zd_store_range(store, prefix, from, limit, zd_see_record, &seen, err));
    assert_string_equal(zd_buf_text(&seen.text), expected);
    zd_buf_free(&seen.text);
}

void zd_flush_ok(zd_store *store, const zd_store_record *records, size_t count)
{
    zd_store_head head;
    assert_ok(zd_store_head_get(store, &head, err));
    assert_ok(zd_store_flush(store, records, count, head.mark, err));
}
