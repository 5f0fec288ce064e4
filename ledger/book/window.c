/*
 * Walks over ranges that are too long to load at once: the source is asked for some records at a time. Invariant: up to the key `loaded` memory holds whatever the source
 * has, so that the walk sees the same records, in the same order, as a scan of the whole range; what is in memory is newer and stays.
 */
#include <string.h>

#include "ledger/book/book_int.h"

zd_book_window zd_book_window_open(zd_book *book, zd_record_kind kind, size_t step, const char *prefix, const char *after)
{
    zd_book_window window = {.cursor = {.book = book, .kind = kind}, .step = step};
    ZD_ASSERT(step > 1);
    zd_format(window.cursor.prefix, sizeof window.cursor.prefix, "%s/%s", zd_record_prefix(kind), prefix);
    zd_format(window.cursor.key, sizeof window.cursor.key, "%s%s", window.cursor.prefix, after);
    zd_format(window.loaded, sizeof window.loaded, "%s", window.cursor.key);
    window.complete = !book->has_source || book->source.slice == NULL || zd_ranges_hold(book, window.cursor.prefix);
    if (window.complete && book->has_source) {
        (void)zd_book_scan(book, kind, "%s", prefix); /* loads it as a whole where the source knows no slices */
    }
    return window;
}

typedef struct slice_call {
    zd_book *book;
    size_t count;
    zd_book_window *window;
} slice_call;

static zd_status take_slice(void *context, zd_span key, zd_span value)
{
    slice_call *call = context;
    char text[ZD_KEY_MAX + 1];
    zd_status status = zd_book_take_record(call->book, key, value);
    if (status == ZD_OK && zd_span_copy(text, sizeof text, key)) {
        call->count++;
        memcpy(call->window->loaded, text, sizeof text);
    }
    return status;
}

/* The next records of the source. It gives the last one known once more: `from` is where to begin, not where to go on. */
static void load_slice(zd_book_window *window)
{
    zd_book *book = window->cursor.book;
    slice_call call = {.book = book, .window = window};
    zd_error err = {0};
    char from[ZD_KEY_MAX + 1];
    if (book->trouble.code != ZD_CODE_NONE) {
        window->complete = true;
        return;
    }
    memcpy(from, window->loaded, sizeof from);
    zd_status status = book->source.slice(book->source.context, zd_span_text(window->cursor.prefix), zd_span_text(from), window->step, take_slice, &call, &err);
    if (status != ZD_OK && book->trouble.code == ZD_CODE_NONE) {
        book->trouble = err;
    }
    window->complete = status != ZD_OK || call.count < window->step;
}

bool zd_book_window_next(zd_book_window *window)
{
    zd_book_cursor *cursor = &window->cursor;
    size_t prefix = strlen(cursor->prefix);
    for (;;) {
        zd_node *node = zd_node_from(cursor->book, cursor->kind, cursor->key);
        while (node != NULL && (node->removed || strcmp(node->key, cursor->key) == 0)) {
            node = node->next[0];
        }
        bool within = node != NULL && strncmp(node->key, cursor->prefix, prefix) == 0;
        if (!window->complete && (!within || strcmp(node->key, window->loaded) > 0)) {
            load_slice(window);
            continue;
        }
        cursor->record = within ? node->record : NULL;
        if (within) {
            memcpy(cursor->key, node->key, (size_t)node->key_size + 1);
        }
        return within;
    }
}
