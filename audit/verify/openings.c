/* Openings of commitments against the history; see openings.h. Keeps no part in memory beyond its line. */
#include "audit/verify/openings.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"
#include "audit/verify/verify.h"

static zd_status wrong(zd_error *err, const char *field, const char *rule)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", rule);
    zd_error_field(err, "field", zd_span_text(field));
    return status;
}

static zd_status know_field(void *context, zd_span name, zd_jval value)
{
    (void)value;
    bool known = zd_span_is(name, "subject") || zd_span_is(name, "domain") || zd_span_is(name, "salt") || zd_span_is(name, "parts");
    return known ? ZD_OK : wrong(context, "name", "subject, domain, salt, parts and nothing else");
}

static zd_status add_parts(zd_sha256_stream *stream, zd_jval parts, zd_error *err)
{
    if (zd_jval_count(parts) == 0 || zd_jval_count(parts) > ZD_OPENING_PARTS_MAX) {
        return wrong(err, "parts", "one to 16 texts");
    }
    for (size_t i = 0; i < zd_jval_count(parts); i++) {
        char length[24];
        zd_jval part = zd_jval_at(parts, i);
        if (zd_jval_kind(part) != ZD_J_STRING) {
            return wrong(err, "parts", "texts only");
        }
        zd_format(length, sizeof length, "%zu:", zd_jval_text(part).size);
        zd_sha256_add(stream, zd_span_text(length));
        zd_sha256_add(stream, zd_jval_text(part));
    }
    return ZD_OK;
}

zd_status zd_opening_read(zd_opening *out, zd_span line, zd_error *err)
{
    zd_sha256_stream stream;
    zd_span salt_text;
    zd_hash salt;
    *out = (zd_opening){0};
    zd_status status = zd_json_parse(&out->json, line, true, err);
    zd_jval root = status == ZD_OK ? zd_json_root(out->json) : (zd_jval){NULL};
    status = status == ZD_OK ? zd_jval_each(root, know_field, err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&out->subject, root, "subject", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&out->domain, root, "domain", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&salt_text, root, "salt", err) : status;
    status = status == ZD_OK ? zd_jval_need_array(&out->parts, root, "parts", err) : status;
    if (status == ZD_OK && (out->domain.size == 0 || memchr(out->domain.data, '\n', out->domain.size) != NULL)) {
        status = wrong(err, "domain", "one line");
    }
    if (status == ZD_OK && !zd_hash_from_hex(&salt, salt_text)) {
        status = wrong(err, "salt", "64 hexadecimal digits");
    }
    if (status == ZD_OK) {
        zd_sha256_init(&stream);
        zd_sha256_add(&stream, out->domain);
        zd_sha256_add(&stream, zd_span_text("\n"));
        zd_sha256_add(&stream, zd_span_of(salt.bytes, sizeof salt.bytes));
        status = add_parts(&stream, out->parts, err);
        out->commitment = zd_sha256_final(&stream);
    }
    return status;
}

void zd_opening_free(zd_opening *opening)
{
    zd_json_free(opening->json);
    opening->json = NULL;
}

/* --- what the history holds --- */

/* A commitment of a subject; in force: it stands at the end of the history, and is counted. */
typedef struct held {
    char subject[64];
    zd_hash commitment;
    bool in_force;
    bool opened;
} held;

typedef struct held_list {
    held *list; /* owned */
    size_t count, capacity;
} held_list;

static void hold(held_list *all, const char *family, const char *id, const zd_hash *commitment, bool in_force)
{
    static const zd_hash nothing = {{0}};
    if (zd_hash_equal(commitment, &nothing)) {
        return;
    }
    all->list = zd_grow(all->list, &all->capacity, all->count, sizeof *all->list);
    held *one = &all->list[all->count++];
    *one = (held){.commitment = *commitment, .in_force = in_force};
    zd_format(one->subject, sizeof one->subject, "%s/%s", family, id);
}

static int by_commitment(const void *a, const void *b)
{
    const held *x = a;
    const held *y = b;
    int order = memcmp(x->commitment.bytes, y->commitment.bytes, sizeof x->commitment.bytes);
    order = order != 0 ? order : strcmp(x->subject, y->subject);
    return order != 0 ? order : (int)y->in_force - (int)x->in_force;
}

/* Accounts now, before, and proposed; accounts that lines were sealed with; persons. Each once, the one in force before its repetitions. */
static void collect(held_list *all, zd_book *book)
{
    zd_book_cursor providers = zd_book_scan(book, ZD_R_PROVIDER, "%s", "");
    while (zd_book_next(&providers)) {
        const zd_rec_provider *provider = providers.record;
        hold(all, "provider", provider->id, &provider->account, true);
        hold(all, "provider", provider->id, &provider->account_previous, false);
        hold(all, "provider", provider->id, &provider->account_proposed, false);
    }
    zd_book_cursor lines = zd_book_scan(book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        hold(all, "provider", line->provider, &line->account, false);
    }
    zd_book_cursor holders = zd_book_scan(book, ZD_R_HOLDER, "%s", "");
    while (zd_book_next(&holders)) {
        const zd_rec_holder *holder = holders.record;
        hold(all, "holder", holder->id, &holder->commitment, true);
    }
    if (all->count > 0) {
        qsort(all->list, all->count, sizeof *all->list, by_commitment);
    }
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool again = kept > 0 && zd_hash_equal(&all->list[kept - 1].commitment, &all->list[i].commitment) && strcmp(all->list[kept - 1].subject, all->list[i].subject) == 0;
        if (!again) {
            all->list[kept++] = all->list[i];
        }
    }
    all->count = kept;
}

static held *find(const held_list *all, const zd_opening *one)
{
    held wanted = {.commitment = one->commitment, .in_force = true};
    if (!zd_span_copy(wanted.subject, sizeof wanted.subject, one->subject)) {
        return NULL;
    }
    size_t low = 0;
    size_t high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_commitment(&all->list[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool there = low < all->count && zd_hash_equal(&all->list[low].commitment, &wanted.commitment) && strcmp(all->list[low].subject, wanted.subject) == 0;
    return there ? &all->list[low] : NULL;
}

static void find_opening(zd_report *report, const held_list *all, const zd_opening *one, uint64_t line)
{
    char hex[ZD_HASH_HEX];
    zd_found *found = zd_report_add(report, ZD_V_OPENING, ZD_ENTRY_NONE);
    zd_buf_add_span(&found->recorded, one->subject);
    for (size_t i = 0; i < all->count; i++) {
        if (zd_span_is(one->subject, all->list[i].subject)) {
            zd_hash_hex(hex, &all->list[i].commitment);
            zd_buf_addf(&found->recorded, " %s", hex);
        }
    }
    zd_hash_hex(hex, &one->commitment);
    zd_buf_addf(&found->recomputed, "line %llu of the openings gives %s", (unsigned long long)line, hex);
    zd_buf_add_span(&found->gains, one->subject);
}

zd_status zd_openings_check(zd_openings *out, zd_report *report, zd_story *story, zd_span file, zd_error *err)
{
    held_list all = {0};
    zd_status status = ZD_OK;
    *out = (zd_openings){0};
    collect(&all, story->book);
    report->commit_hex[0] = '\0';
    while (file.size > 0 && status == ZD_OK) {
        zd_span line;
        zd_opening one;
        file = zd_span_cut(&line, file, '\n');
        out->lines++;
        status = zd_opening_read(&one, line, err);
        held *opened = status == ZD_OK ? find(&all, &one) : NULL;
        if (opened != NULL) {
            out->fit++;
            opened->opened = true;
        } else if (status == ZD_OK) {
            find_opening(report, &all, &one, out->lines);
        }
        zd_opening_free(&one);
    }
    if (status != ZD_OK) {
        zd_error_at(err, (int64_t)out->lines, 0);
    }
    for (size_t i = 0; i < all.count; i++) {
        out->held += all.list[i].in_force;
        out->opened += all.list[i].in_force && all.list[i].opened;
    }
    free(all.list);
    return status;
}

zd_status zd_verdict_openings(zd_verdict *verdict, const zd_verify_options *options, zd_span file, zd_error *err)
{
    zd_story *story = NULL;
    if (!verdict->complete || !verdict->decided_all) {
        return ZD_OK;
    }
    zd_status status = zd_story_tell(&story, options->repository, err);
    if (status == ZD_OK) {
        verdict->openings_asked = true;
        status = zd_openings_check(&verdict->openings, verdict->report, story, file, err);
    }
    zd_story_free(story);
    return status;
}
