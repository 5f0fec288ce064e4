/*
 * The same request once more. Who got no answer repeats the command; its text then differs from the first one in `expires` alone, which the ledger, by the bytes, calls a conflict.
 * Here the two are laid side by side: where nothing but the time differs, the first answer is the answer, and nothing is done again; otherwise each difference is named.
 * Must not change what the ledger records or admits.
 */
#include <string.h>

#include "cli/command.h"

/* What stands before and after the value of "expires" in a text. */
static void around_expires(zd_span *before, zd_span *after, zd_span text)
{
    static const char name[] = "\"expires\":\"";
    *before = text;
    *after = zd_span_of(text.data + text.size, 0);
    for (size_t i = 0; i + sizeof name <= text.size; i++) {
        zd_span rest = zd_span_of(text.data + i, text.size - i);
        if (zd_span_starts(rest, name)) {
            zd_span value;
            *before = zd_span_of(text.data, i);
            *after = zd_span_cut(&value, zd_span_of(rest.data + sizeof name - 1, rest.size - (sizeof name - 1)), '"');
            return;
        }
    }
}

static bool same_bytes(zd_span a, zd_span b)
{
    zd_span before[2];
    zd_span after[2];
    around_expires(&before[0], &after[0], a);
    around_expires(&before[1], &after[1], b);
    return zd_span_equal(before[0], before[1]) && zd_span_equal(after[0], after[1]);
}

static zd_span shown(char number[40], const zd_request *request, zd_field field)
{
    const zd_value *value = &request->value[request->slot[field]];
    if (request->slot[field] == 0) {
        return zd_span_text("-");
    }
    zd_format(number, 40, "%lld", (long long)value->number);
    return value->text.data != NULL ? value->text : zd_span_text(number);
}

static void add_difference(zd_buf *out, size_t *count, const char *name, zd_span then, zd_span now)
{
    int then_size = then.size > 40 ? 40 : (int)then.size;
    int now_size = now.size > 40 ? 40 : (int)now.size;
    zd_buf_addf(out, "%s%s: %.*s -> %.*s", *count > 0 ? "; " : "", name, then_size, (const char *)then.data, now_size, (const char *)now.data);
    ++*count;
}

/* Every field that is not the same, as "field: then -> now". What has no short form (a policy, items) is named when nothing else differs and the bytes do. */
static size_t differences(zd_buf *out, const zd_request *then, const zd_request *now)
{
    size_t count = 0;
    if (then->type != now->type) {
        add_difference(out, &count, "type", zd_span_text(zd_request_name(then->type)), zd_span_text(zd_request_name(now->type)));
    }
    for (int i = 0; i < ZD_F__COUNT; i++) {
        char numbers[2][40];
        zd_field field = (zd_field)i;
        zd_span a = shown(numbers[0], then, field);
        zd_span b = shown(numbers[1], now, field);
        if (!zd_span_equal(a, b)) {
            add_difference(out, &count, zd_field_name(field), a, b);
        }
    }
    bool required = false;
    bool long_ones = zd_request_has(now->type, ZD_F_POLICY, &required) || zd_request_has(now->type, ZD_F_ITEMS, &required);
    if (count == 0 && long_ones) {
        bool policy = zd_request_has(now->type, ZD_F_POLICY, &required);
        add_difference(out, &count, policy ? "policy" : "items", zd_span_text("..."), zd_span_text("..."));
    }
    return count;
}

static zd_status keep_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    zd_buf_add_span(context, bytes);
    return ZD_OK;
}

/* The two texts, side by side. *same, or *found differences. An earlier item of a batch has no note of its own: its hash over all fields is compared. */
static zd_status compare(bool *same, zd_buf *found, zd_ledger *ledger, const zd_rec_req *earlier, zd_span text, zd_error *err)
{
    zd_buf leaf = {0};
    zd_request then;
    zd_request now;
    zd_note note;
    zd_error unread = {0};
    zd_span line;
    zd_hash content = earlier->content;
    int64_t seq = earlier->seq;
    zd_status status = zd_request_parse(&now, text, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_hash whole = zd_request_content(&now);
    status = zd_ledger_leaves(ledger, (uint64_t)seq, (uint64_t)seq + 1, keep_leaf, &leaf, err);
    zd_span rest = zd_span_cut(&line, zd_buf_span(&leaf), '\n');
    if (status == ZD_OK && zd_note_split(&note, rest, &unread) == ZD_OK && zd_request_parse(&then, note.text, &unread) == ZD_OK) {
        *same = same_bytes(note.text, text) || differences(found, &then, &now) == 0;
        zd_request_free(&then);
    } else if (status == ZD_OK) {
        *same = zd_hash_equal(&content, &whole);
    }
    zd_request_free(&now);
    zd_buf_free(&leaf);
    return status;
}

/* Both languages, as with errors; the reader's own first. */
static void say_earlier(zd_cli *cli, int64_t seq)
{
    for (int turn = 0; turn < 2; turn++) {
        (void)fprintf(cli->talk,
                      cli->chinese == (turn == 0) ? "该编号此前已用于相同内容的请求：以下为第 %lld 条账目的结果，本次未作任何办理；如需重新办理，请使用新的 --id\n"
                                                  : "this id was used before for the same content: the answer is that of entry %lld, and nothing was done now; a new attempt needs a new --id\n",
                      (long long)seq);
    }
}

/* The other text under that id, if it is an entry of this party. The key is the one that the note names. */
static const zd_rec_req *find_earlier(zd_ledger *ledger, const zd_note *note, zd_error *err)
{
    zd_request request;
    char id[ZD_ID_SIZE];
    const zd_rec_key *key = NULL;
    zd_acts *acts = zd_ledger_acts(ledger);
    zd_status status = zd_acts_signer(&key, acts, note->signatures[0].name, note->signatures[0].key_id, err);
    status = status == ZD_OK ? zd_request_parse(&request, note->text, err) : status;
    if (status != ZD_OK) {
        return NULL;
    }
    const zd_rec_req *earlier =
        zd_span_copy(id, sizeof id, request.id) ? zd_book_find(zd_acts_book(acts), ZD_R_REQ, "%s/%s", zd_request_party(key), id) : NULL;
    zd_request_free(&request);
    return earlier;
}

void zd_cli_earlier(zd_cli *cli, zd_ledger *ledger, zd_span bytes, zd_result *result)
{
    zd_note note;
    zd_error ignored = {0};
    zd_buf found = {0};
    bool same = false;
    if (result->error.code != ZD_E_REQUEST_CONFLICT || zd_note_split(&note, bytes, &ignored) != ZD_OK) {
        return;
    }
    const zd_rec_req *earlier = find_earlier(ledger, &note, &ignored);
    if (earlier == NULL) {
        return; /* a conflict within a batch: its own words say which item */
    }
    zd_result answer = {.replay = true, .seq = (uint64_t)earlier->seq, .outcome = (zd_outcome)earlier->outcome, .type = result->type};
    zd_format(answer.code, sizeof answer.code, "%s", earlier->code);
    if (compare(&same, &found, ledger, earlier, note.text, &ignored) == ZD_OK && same) {
        *result = answer;
        say_earlier(cli, (int64_t)answer.seq);
    } else if (found.size > 0) {
        char *detail = result->error.detail;
        size_t used = strlen(detail);
        size_t room = sizeof result->error.detail - used - sizeof "; ..., ";
        bool cut = found.size > room;
        size_t take = cut ? room : found.size;
        while (cut && take > 0 && (found.data[take] & 0xc0) == 0x80) {
            take--; /* at a whole character */
        }
        zd_format(detail + used, sizeof result->error.detail - used, "; %.*s%s", (int)take, zd_buf_text(&found), cut ? "..." : "");
    }
    zd_buf_free(&found);
}
