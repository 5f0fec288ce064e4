/* Questions by files in a directory; see witness_door.h. Both files appear whole, by rename. */
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/log/witness_request.h"
#include "ledger/net/witness_door.h"

static zd_status put_question(const char *path, zd_span body, zd_error *err)
{
    zd_buf there = {0};
    zd_error ignored = {0};
    /* Written again only when it differs: somebody may be copying it. */
    bool same = zd_file_read(&there, path, ZD_WITNESS_REQUEST_MAX, &ignored) == ZD_OK && zd_span_equal(zd_buf_span(&there), body);
    zd_buf_free(&there);
    return same ? ZD_OK : zd_file_write(path, body, 0644, err);
}

zd_status zd_net_drop(zd_net_answer *out, const char *directory, const zd_net_question *question, zd_error *err)
{
    zd_buf path = {0};
    zd_buf name = {0};
    zd_buf text = {0};
    zd_drop_answer answer;
    zd_error unreadable = {0};
    zd_hash asked = zd_sha256(question->body);
    zd_buf_addf(&name, "%s" ZD_DROP_REQUEST_SUFFIX, question->name);
    zd_status status = put_question(zd_path_join(&path, directory, zd_buf_text(&name)), question->body, err);
    zd_buf_clear(&name);
    zd_buf_addf(&name, "%s" ZD_DROP_ANSWER_SUFFIX, question->name);
    if (status == ZD_OK && zd_path_exists(zd_path_join(&path, directory, zd_buf_text(&name)))) {
        status = zd_file_read(&text, zd_buf_text(&path), ZD_WITNESS_ANSWER_MAX + 256, err);
        if (status == ZD_OK && zd_drop_answer_parse(&answer, zd_buf_span(&text), &unreadable) == ZD_OK && zd_hash_equal(&answer.request_sha256, &asked)) {
            out->status = answer.status;
            zd_buf_add_span(&out->body, answer.body);
        }
    }
    zd_buf_free(&path);
    zd_buf_free(&name);
    zd_buf_free(&text);
    return status;
}
