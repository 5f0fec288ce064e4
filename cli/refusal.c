/*
 * What a refusal is about. The decision line says what the rule saw ("why":"voucher"); the request beside it in the same entry says which voucher. Here the two are put together for the
 * person who reads the answer. Reads the entry and nothing else, so that it says the same of an old refusal; must not change what is recorded.
 */
#include <string.h>

#include "cli/command.h"
#include "ledger/record/decision.h"

static zd_status keep_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    zd_buf_add_span(context, bytes);
    return ZD_OK;
}

/* The request's field that a decision's word stands for. */
static bool field_of(zd_field *out, zd_span why)
{
    static const struct {
        const char *why;
        zd_field field;
    } others[] = {{"key", ZD_F_KEY_NAME}, {"file", ZD_F_EVIDENCE}, {"line", ZD_F_PROVIDER}, {"proposal", ZD_F_SHA256}, {"entry", ZD_F_ENTRY}, {"amount", ZD_F_AMOUNT}};
    for (size_t i = 0; i < ZD_COUNT(others); i++) {
        if (zd_span_is(why, others[i].why)) {
            *out = others[i].field;
            return true;
        }
    }
    return zd_field_find(out, why);
}

static void add_value(zd_buf *out, const zd_request *request, zd_field field)
{
    const zd_value *value = &request->value[request->slot[field]];
    if (value->text.data != NULL) {
        zd_buf_addf(out, "%.*s", value->text.size > 120 ? 120 : (int)value->text.size, (const char *)value->text.data);
    } else {
        zd_buf_addf(out, "%lld", (long long)value->number);
    }
}

/* Where the word is a circumstance ("ended") and no field: the ids that the request names. */
static void add_ids(zd_buf *out, const zd_request *request)
{
    for (int i = 0; i < ZD_F__COUNT; i++) {
        zd_field_kind kind = zd_field_kind_of((zd_field)i);
        if (request->slot[i] != 0 && (kind == ZD_KIND_ID || kind == ZD_KIND_SERIAL || kind == ZD_KIND_KEYNAME) && zd_req_text(request, (zd_field)i).size > 0) {
            zd_buf_addf(out, "%s%s=\"", out->size > 0 ? ", " : "", zd_field_name((zd_field)i));
            add_value(out, request, (zd_field)i);
            zd_buf_add_byte(out, '"');
        }
    }
}

static void say_field(zd_cli *cli, zd_code code, const char *name, const char *value)
{
    bool absent = code == ZD_E_A_ABSENT || code == ZD_E_R09;
    bool exists = code == ZD_E_A_EXISTS;
    zd_buf english = {0};
    zd_buf chinese = {0};
    zd_buf_addf(&english, absent ? "%s \"%s\" is not in this ledger" : exists ? "%s \"%s\" is already in this ledger" : "it is about %s \"%s\"", name, value);
    zd_buf_addf(&chinese, absent ? "本账本中没有 %s “%s”" : exists ? "本账本中已有 %s “%s”" : "涉及 %s “%s”", name, value);
    (void)fprintf(cli->talk, "  %s\n  %s\n", zd_buf_text(cli->chinese ? &chinese : &english), zd_buf_text(cli->chinese ? &english : &chinese));
    zd_buf_free(&english);
    zd_buf_free(&chinese);
}

static void say(zd_cli *cli, const zd_request *request, zd_code code, zd_span why, zd_span saw)
{
    zd_field field = ZD_F__COUNT;
    zd_buf value = {0};
    if (why.size > 0 && field_of(&field, why) && request->slot[field] != 0) {
        add_value(&value, request, field);
        say_field(cli, code, zd_field_name(field), zd_buf_text(&value));
    } else {
        add_ids(&value, request);
        (void)fprintf(cli->talk, "  %s\n", zd_buf_text(&value));
    }
    if (saw.size > 0) {
        (void)fprintf(cli->talk, cli->chinese ? "  规则所见 / what the rule saw: %.*s\n" : "  what the rule saw / 规则所见: %.*s\n", (int)saw.size, (const char *)saw.data);
    }
    zd_buf_free(&value);
}

/* The object behind "saw": in a line, as the ledger wrote it. It holds texts and numbers, and lists of them; braces within texts are passed over. */
static zd_span saw_of(zd_span line)
{
    static const char name[] = "\"saw\":";
    for (size_t i = 0; i + sizeof name <= line.size; i++) {
        zd_span rest = zd_span_of(line.data + i, line.size - i);
        if (zd_span_starts(rest, name)) {
            size_t depth = 0;
            bool text = false;
            size_t at = sizeof name - 1;
            for (; at < rest.size; at++) {
                uint8_t c = rest.data[at];
                at += text && c == '\\' ? 1 : 0;
                text = c == '"' ? !text : text;
                depth += !text && c == '{' ? 1 : 0;
                depth -= !text && c == '}' && depth > 0 ? 1 : 0;
                if (!text && depth == 0) {
                    break;
                }
            }
            return at < rest.size ? zd_span_of(rest.data + sizeof name - 1, at + 1 - (sizeof name - 1)) : zd_span_of(NULL, 0);
        }
    }
    return zd_span_of(NULL, 0);
}

void zd_cli_refusal(zd_cli *cli, zd_ledger *ledger, const zd_result *result)
{
    zd_buf bytes = {0};
    zd_leaf leaf;
    zd_note note;
    zd_request request;
    zd_json *saw = NULL;
    zd_error ignored = {0}; /* the answer stands; what cannot be said about it is left out */
    bool refused = result->outcome == ZD_REFUSED_BY_RULE && !cli->json;
    if (refused && zd_ledger_leaves(ledger, result->seq, result->seq + 1, keep_leaf, &bytes, &ignored) == ZD_OK &&
        zd_leaf_split(&leaf, zd_buf_span(&bytes), &ignored) == ZD_OK && zd_note_split(&note, leaf.note, &ignored) == ZD_OK &&
        zd_request_parse(&request, note.text, &ignored) == ZD_OK) {
        zd_span seen = saw_of(leaf.line);
        bool parsed = seen.size > 0 && zd_json_parse(&saw, seen, true, &ignored) == ZD_OK;
        zd_span why = parsed ? zd_jval_text(zd_jval_get(zd_json_root(saw), "why")) : zd_span_of(NULL, 0);
        bool only_why = parsed && why.size > 0 && zd_jval_count(zd_json_root(saw)) == 1;
        zd_field field = ZD_F__COUNT;
        say(cli, &request, zd_code_find(zd_span_text(result->code)), why, only_why && field_of(&field, why) ? zd_span_of(NULL, 0) : seen);
        zd_json_free(saw);
        zd_request_free(&request);
    }
    zd_buf_free(&bytes);
}
