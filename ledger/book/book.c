/*
 * Records by key: lookup with demand loading, edits with undo, walks, dirty lists; see book.h. Invariants: a node's undo copy is taken before
 * its first change in an entry; a removed node answers "absent" without asking the source again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

zd_book *zd_book_new(const zd_book_source *source)
{
    zd_book *book = zd_alloc_zero(1, sizeof *book);
    if (source != NULL) {
        book->source = *source;
        book->has_source = true;
    }
    book->random = UINT64_C(0x9e3779b97f4a7c15);
    return book;
}

void zd_book_free(zd_book *book)
{
    if (book == NULL) {
        return;
    }
    if (book->open) {
        zd_book_rollback(book);
    }
    zd_nodes_free(book);
    free(book->undo);
    zd_buf_free(&book->undo_bytes);
    free(book->dirty);
    free(book->given);
    zd_ranges_forget(book);
    zd_gaps_forget(book);
    free(book);
}

zd_status zd_book_trouble(const zd_book *book, zd_error *err)
{
    if (book->trouble.code == ZD_CODE_NONE) {
        return ZD_OK;
    }
    if (err != NULL && err->code == ZD_CODE_NONE) {
        *err = book->trouble;
    }
    return zd_code_status(book->trouble.code);
}

ZD_PRINTF(3, 0) static void make_key(zd_key *key, zd_record_kind kind, const char *format, va_list args)
{
    size_t start = zd_record_key_start(key->text, kind);
    size_t length = zd_vformat(key->text + start, ZD_KEY_MAX + 1 - start, format, args);
    ZD_ASSERT(length < ZD_KEY_MAX + 1 - start);
    if (length == 0 && kind == ZD_R_LEDGER) {
        start--;
        key->text[start] = '\0';
    }
    zd_key_finish(key, start + length);
}

ZD_PRINTF(4, 0) static void set_place(zd_place *out, zd_book *book, zd_record_kind kind, const char *format, va_list args)
{
    out->book = book;
    out->node = NULL;
    out->kind = kind;
    out->asked = false;
    make_key(&out->key, kind, format, args);
}

/* A record that is not in memory yet. */
static zd_status take_new(zd_book *book, zd_record_kind kind, const zd_key *key, zd_span value)
{
    zd_node *node = zd_node_insert(book, kind, key, true);
    zd_status status = zd_record_decode(node->record, kind, value, &book->trouble);
    node->removed = status != ZD_OK;
    return status;
}

/* A record from the source; what is in memory already is newer and stays. */
zd_status zd_book_take_record(void *context, zd_span key, zd_span value)
{
    zd_book *book = context;
    zd_key copy;
    zd_record_kind kind;
    if (key.size == 0 || !zd_span_copy(copy.text, ZD_KEY_MAX + 1, key) || !zd_record_kind_of_key(&kind, key)) {
        return zd_fail(&book->trouble, ZD_E_LEDGER_CORRUPT, "a record key cannot be read");
    }
    zd_key_finish(&copy, key.size);
    return zd_node_find(book, &copy) != NULL ? ZD_OK : take_new(book, kind, &copy, value);
}

typedef struct next_call {
    zd_book *book;
    const zd_key *key;
    zd_record_kind kind;
    char next[ZD_KEY_MAX + 1];
    bool found; /* next is a key */
} next_call;

static zd_status take_next(void *context, zd_span key, zd_span value)
{
    next_call *call = context;
    if (zd_span_equal(key, zd_span_of(call->key->text, call->key->size))) {
        return take_new(call->book, call->kind, call->key, value);
    }
    call->found = zd_span_copy(call->next, sizeof call->next, key);
    return call->found ? ZD_OK : zd_fail(&call->book->trouble, ZD_E_LEDGER_CORRUPT, "a record key cannot be read");
}

/* Asks the source for one key, which is not in memory. */
static void ask(zd_book *book, zd_record_kind kind, const zd_key *key)
{
    zd_error err = {0};
    zd_status status = ZD_OK;
    zd_span text = zd_span_of(key->text, key->size);
    if (book->source.next == NULL) {
        status = book->source.load(book->source.context, text, zd_book_take_record, book, &err);
    } else {
        next_call call = {.book = book, .key = key, .kind = kind};
        status = book->source.next(book->source.context, text, take_next, &call, &err);
        if (status == ZD_OK && zd_node_find(book, key) == NULL) {
            zd_gaps_note(book, key->text, call.found ? call.next : NULL);
        }
    }
    if (status != ZD_OK && book->trouble.code == ZD_CODE_NONE) {
        book->trouble = err;
    }
}

/* What the source says of a key that is not in memory; NULL when it has none. */
static zd_node *ask_for(zd_book *book, zd_record_kind kind, const zd_key *key)
{
    if (!book->has_source || book->trouble.code != ZD_CODE_NONE || zd_gaps_cover(book, key->text)) {
        return NULL;
    }
    ask(book, kind, key);
    zd_node *node = zd_node_find(book, key);
    if (node == NULL && book->source.next == NULL && book->trouble.code == ZD_CODE_NONE) {
        node = zd_node_insert(book, kind, key, false); /* this source tells no gaps: remember that it has none */
    }
    return node;
}

/* The node of a place, loaded when need be; NULL when the book has no source and never saw it, or when the source is known to have none. */
static zd_node *node_at(zd_place *place)
{
    if (place->node == NULL) {
        place->node = zd_node_find(place->book, &place->key);
    }
    if (place->node == NULL && !place->asked) {
        place->node = ask_for(place->book, place->kind, &place->key);
        place->asked = true;
    }
    if (place->node != NULL) {
        place->node->used = place->book->round;
    }
    return place->node;
}

/* Before the first change of a node in this entry: remembers how it was. */
static void touch(zd_book *book, zd_node *node)
{
    ZD_ASSERT(book->open);
    if (node->entry == book->entry) {
        return;
    }
    if (book->undo_count == book->undo_capacity) {
        book->undo_capacity = book->undo_capacity == 0 ? 32 : book->undo_capacity * 2;
        book->undo = zd_realloc(book->undo, book->undo_capacity * sizeof *book->undo);
    }
    zd_undo *undo = &book->undo[book->undo_count++];
    *undo = (zd_undo){.node = node, .before = book->undo_bytes.size, .removed = node->removed, .dirty = node->dirty};
    if (!node->removed) {
        zd_buf_add(&book->undo_bytes, node->record, zd_record_size(node->kind));
    }
    node->entry = book->entry;
    if (!node->dirty) {
        node->dirty = true;
        if (book->dirty_count == book->dirty_capacity) {
            book->dirty_capacity = book->dirty_capacity == 0 ? 64 : book->dirty_capacity * 2;
            book->dirty = zd_realloc(book->dirty, book->dirty_capacity * sizeof *book->dirty);
        }
        book->dirty[book->dirty_count++] = node;
    }
}

void zd_place_set(zd_place *out, zd_book *book, zd_record_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_place(out, book, kind, format, args);
    va_end(args);
    zd_node_expect(book, &out->key);
}

void zd_places_fetch(const zd_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (places[i].key.size > 0) {
            zd_node_fetch(places[i].book, &places[i].key);
        }
    }
}

const void *zd_place_find(zd_place *place)
{
    const zd_node *node = place->key.size > 0 ? node_at(place) : NULL;
    return node != NULL && !node->removed ? node->record : NULL;
}

void *zd_place_edit(zd_place *place)
{
    zd_node *node = node_at(place);
    if (node == NULL || node->removed) {
        return NULL;
    }
    touch(place->book, node);
    return node->record;
}

void *zd_place_add(zd_place *place)
{
    if (node_at(place) == NULL) {
        place->node = zd_node_insert(place->book, place->kind, &place->key, true);
    }
    ZD_ASSERT(place->node->removed);
    touch(place->book, place->node);
    zd_node_fill(place->book, place->node);
    place->node->removed = false;
    return place->node->record;
}

void *zd_place_ensure(zd_place *place)
{
    void *record = zd_place_edit(place);
    return record != NULL ? record : zd_place_add(place);
}

void zd_place_remove(zd_place *place)
{
    zd_node *node = node_at(place);
    if (node != NULL && !node->removed) {
        touch(place->book, node);
        node->removed = true;
    }
}

const void *zd_book_find(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_place place;
    va_list args;
    va_start(args, format);
    set_place(&place, book, kind, format, args);
    va_end(args);
    return zd_place_find(&place);
}

void *zd_book_edit(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_place place;
    va_list args;
    va_start(args, format);
    set_place(&place, book, kind, format, args);
    va_end(args);
    return zd_place_edit(&place);
}

void *zd_book_add(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_place place;
    va_list args;
    va_start(args, format);
    set_place(&place, book, kind, format, args);
    va_end(args);
    return zd_place_add(&place);
}

void *zd_book_ensure(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_place place;
    va_list args;
    va_start(args, format);
    set_place(&place, book, kind, format, args);
    va_end(args);
    return zd_place_ensure(&place);
}

void zd_book_remove(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_place place;
    va_list args;
    va_start(args, format);
    set_place(&place, book, kind, format, args);
    va_end(args);
    zd_place_remove(&place);
}

zd_book_cursor zd_book_scan(zd_book *book, zd_record_kind kind, const char *format, ...)
{
    zd_book_cursor cursor = {.book = book, .kind = kind};
    va_list args;
    va_start(args, format);
    zd_key prefix;
    make_key(&prefix, kind, format, args);
    va_end(args);
    memcpy(cursor.prefix, prefix.text, prefix.size + 1);
    if (book->has_source && !zd_ranges_hold(book, cursor.prefix) && book->trouble.code == ZD_CODE_NONE) {
        zd_error err = {0};
        if (book->source.range(book->source.context, zd_span_text(cursor.prefix), zd_book_take_record, book, &err) != ZD_OK) {
            if (book->trouble.code == ZD_CODE_NONE) {
                book->trouble = err;
            }
            return cursor;
        }
        zd_ranges_add(book, cursor.prefix);
    }
    return cursor;
}

bool zd_book_next(zd_book_cursor *cursor)
{
    const zd_node *last = cursor->node;
    const zd_node *node = last != NULL ? last->next[0] : zd_node_from(cursor->book, cursor->kind, cursor->prefix);
    while (node != NULL && node->removed) {
        node = node->next[0];
    }
    if (node == NULL || strncmp(node->key, cursor->prefix, strlen(cursor->prefix)) != 0) {
        cursor->record = NULL;
        return false;
    }
    cursor->node = node;
    memcpy(cursor->key, node->key, (size_t)node->key_size + 1);
    cursor->record = node->record;
    return true;
}

void zd_book_begin(zd_book *book)
{
    ZD_ASSERT(!book->open && book->undo_count == 0);
    book->open = true;
    book->entry++;
}

/* What was absent before the entry and is again needs no writing. The nodes that became dirty in the entry stand last in the list, in the order of their undo copies. */
static void forget_passing(zd_book *book)
{
    size_t fresh = 0;
    for (size_t i = 0; i < book->undo_count; i++) {
        fresh += book->undo[i].dirty ? 0 : 1;
    }
    size_t kept = book->dirty_count - fresh;
    for (size_t i = 0; i < book->undo_count; i++) {
        const zd_undo *undo = &book->undo[i];
        if (undo->dirty) {
            continue;
        }
        if (undo->removed && undo->node->removed) {
            undo->node->dirty = false;
        } else {
            book->dirty[kept++] = undo->node;
        }
    }
    book->dirty_count = kept;
}

void zd_book_commit(zd_book *book)
{
    ZD_ASSERT(book->open);
    forget_passing(book);
    zd_buf_clear(&book->undo_bytes);
    book->undo_count = 0;
    book->open = false;
}

void zd_book_rollback(zd_book *book)
{
    ZD_ASSERT(book->open);
    for (size_t i = book->undo_count; i-- > 0;) {
        zd_undo *undo = &book->undo[i];
        if (!undo->removed) {
            memcpy(undo->node->record, book->undo_bytes.data + undo->before, zd_record_size(undo->node->kind));
        }
        undo->node->removed = undo->removed;
        undo->node->dirty = undo->dirty;
        undo->node->entry = 0;
    }
    /* Nodes that became dirty only in this entry leave the dirty list: they were appended last. */
    while (book->dirty_count > 0 && !book->dirty[book->dirty_count - 1]->dirty) {
        book->dirty_count--;
    }
    zd_buf_clear(&book->undo_bytes);
    book->undo_count = 0;
    book->open = false;
}

bool zd_book_is_large(const zd_book *book, size_t keep)
{
    return book->count > keep + book->pinned;
}

/* Rounds: what was asked for since the working set was half full stays; when that is still too much, everything clean goes. */
void zd_book_trim(zd_book *book, size_t keep)
{
    ZD_ASSERT(!book->open);
    size_t loose = book->count > book->pinned ? book->count - book->pinned : 0;
    if (!book->has_source || loose <= keep / 2) {
        return;
    }
    if (loose <= keep) {
        book->round += book->halfway ? 0 : 1;
        book->halfway = true;
        return;
    }
    zd_node_drop_clean(book, book->round);
    if (book->count > book->pinned + keep - keep / 4) {
        zd_node_drop_clean(book, UINT32_MAX);
        book->pinned = book->count;
    }
    book->halfway = false;
    zd_ranges_forget(book);
    zd_gaps_forget(book);
}

size_t zd_book_count(const zd_book *book)
{
    return book->count;
}
