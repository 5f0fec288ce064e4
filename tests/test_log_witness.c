/* The witness's side of add-checkpoint, check by check in the specification's order, and the words between log and witness. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/witness/witness.h"

#define ORIGIN "log.example"
#define SIZES 9

static int64_t now_ms = INT64_C(1772000000000);

typedef struct world {
    const char *dir;
    zd_signer *log_key;
    zd_signer *other_key;
    zd_signer *self;
    zd_witness_office office;
    zd_witness_reply reply;
} world;

static zd_signer *signer_of(const char *name)
{
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(name));
    assert_ok(zd_signer_from_seed(&signer, seed.bytes, err));
    return signer;
}

static void begin(world *w)
{
    zd_buf vkey = {0};
    zd_buf path = {0};
    *w = (world){.dir = zd_test_dir("witness"), .log_key = signer_of("log"), .other_key = signer_of("other"), .self = signer_of("witness")};
    zd_vkey_add(&vkey, zd_span_text(ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(w->log_key));
    assert_ok(zd_witness_know(&w->office, zd_buf_span(&vkey), err));
    zd_format(w->office.self.name, sizeof w->office.self.name, "w.example");
    w->office.self.key = *zd_signer_public(w->self);
    w->office.signer = w->self;
    w->office.clock = zd_clock_fixed(&now_ms);
    zd_buf_addf(&path, "%s/witness.state", w->dir);
    assert_ok(zd_witness_state_open(&w->office.state, zd_buf_text(&path), true, err));
    zd_buf_free(&vkey);
    zd_buf_free(&path);
}

static void finish(world *w)
{
    zd_witness_state_close(w->office.state);
    zd_buf_free(&w->reply.body);
    zd_signer_close(w->log_key);
    zd_signer_close(w->other_key);
    zd_signer_close(w->self);
    zd_test_dir_remove(w->dir);
}

static zd_hash leaf_of(uint64_t index, char branch)
{
    char text[32];
    zd_format(text, sizeof text, "entry %llu%c", (unsigned long long)index, index >= 3 ? branch : '-');
    return zd_tree_leaf_hash(zd_span_text(text));
}

static zd_hash root_of(uint64_t size, char branch)
{
    zd_tree tree = {0};
    for (uint64_t i = 0; i < size; i++) {
        zd_hash leaf = leaf_of(i, branch);
        zd_tree_append(&tree, &leaf);
    }
    return zd_tree_root(&tree);
}

static zd_status node_of(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    (void)err;
    zd_tree tree = {0};
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        zd_hash leaf = leaf_of(i, *(char *)context);
        zd_tree_append(&tree, &leaf);
    }
    *out = zd_tree_root(&tree);
    return ZD_OK;
}

/* A request of the log's branch ('-' before entry 3, where branches part). */
static void request_of(zd_buf *out, const zd_signer *key, const char *origin, uint64_t old_size, uint64_t size, char branch)
{
    zd_buf text = {0};
    zd_buf note = {0};
    zd_tree_proof proof = {.count = 0};
    zd_checkpoint checkpoint = {.size = size, .root = root_of(size, branch)};
    zd_hash_reader reader = {node_of, &branch};
    zd_format(checkpoint.origin, sizeof checkpoint.origin, "%s", origin);
    assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
    assert_ok(zd_signer_note(&note, key, origin, zd_buf_span(&text), err));
    if (old_size > 0 && old_size < size) {
        assert_ok(zd_tree_make_consistency(&proof, old_size, size, &reader, err));
    }
    zd_witness_request request = {.old_size = old_size, .proof = proof, .checkpoint = zd_buf_span(&note)};
    zd_buf_clear(out);
    assert_ok(zd_witness_request_encode(out, &request, err));
    zd_buf_free(&text);
    zd_buf_free(&note);
}

static int say(world *w, zd_span body)
{
    zd_buf_free(&w->reply.body);
    zd_witness_add_checkpoint(&w->reply, &w->office, body);
    return w->reply.status;
}

static int ask(world *w, uint64_t old_size, uint64_t size, char branch)
{
    zd_buf body = {0};
    request_of(&body, w->log_key, ORIGIN, old_size, size, branch);
    int status = say(w, zd_buf_span(&body));
    zd_buf_free(&body);
    return status;
}

static void add_checkpoint__of_a_growing_log_is_cosigned_and_remembered(void **state)
{
    (void)state;
    world w;
    zd_buf line = {0};
    zd_buf body = {0};
    zd_witness_request request;
    zd_note note;
    begin(&w);
    assert_int_equal(ask(&w, 0, 3, 'a'), 200);
    assert_int_equal(ask(&w, 3, SIZES, 'a'), 200);
    request_of(&body, w.log_key, ORIGIN, 3, SIZES, 'a');
    assert_ok(zd_witness_request_parse(&request, zd_buf_span(&body), err));
    assert_ok(zd_note_split(&note, request.checkpoint, err));
    assert_ok(zd_cosignature_accept(&line, note.text, zd_buf_span(&w.reply.body), &w.office.self, err));
    assert_true(zd_span_equal(zd_buf_span(&line), zd_buf_span(&w.reply.body))); /* its own line and nothing else */
    assert_int_equal(ask(&w, SIZES, SIZES, 'a'), 200); /* again, at the same size: a younger word */
    zd_buf_free(&line);
    zd_buf_free(&body);
    finish(&w);
}

static void add_checkpoint__that_contradicts_the_memory_gets_the_code_of_the_specification(void **state)
{
    (void)state;
    world w;
    begin(&w);
    assert_int_equal(ask(&w, 3, 5, 'a'), 409);
    assert_true(zd_span_is(zd_buf_span(&w.reply.body), "0\n"));
    assert_string_equal(w.reply.content_type, "text/x.tlog.size");
    assert_int_equal(ask(&w, 0, 5, 'a'), 200);
    assert_int_equal(ask(&w, 0, 6, 'a'), 409);
    assert_true(zd_span_is(zd_buf_span(&w.reply.body), "5\n"));
    assert_int_equal(ask(&w, 6, 5, 'a'), 400);  /* before the memory is asked */
    assert_int_equal(ask(&w, 5, 5, 'b'), 422);  /* another root at the same size */
    assert_int_equal(ask(&w, 5, 8, 'b'), 422);  /* a fork with a proof of its own */
    assert_int_equal(ask(&w, 3, 4, 'a'), 409);  /* backwards */
    assert_int_equal(ask(&w, 5, 8, 'a'), 200);
    finish(&w);
}

static void add_checkpoint__of_an_unknown_log_or_key_is_404_or_403(void **state)
{
    (void)state;
    world w;
    zd_buf body = {0};
    begin(&w);
    request_of(&body, w.log_key, "other.example", 0, 3, 'a');
    assert_int_equal(say(&w, zd_buf_span(&body)), 404);
    request_of(&body, w.other_key, ORIGIN, 0, 3, 'a');
    assert_int_equal(say(&w, zd_buf_span(&body)), 403);
    /* A good line of the known key does not outweigh a bad one of it. */
    request_of(&body, w.log_key, ORIGIN, 0, 3, 'a');
    uint8_t id[4];
    uint8_t zero[64] = {0};
    zd_note_key_id(id, zd_span_text(ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(w.log_key));
    zd_note_add_line(&body, zd_span_text(ORIGIN), id, zd_span_of(zero, sizeof zero));
    assert_int_equal(say(&w, zd_buf_span(&body)), 403);
    zd_buf_free(&body);
    finish(&w);
}

static void add_checkpoint__that_is_malformed_is_400(void **state)
{
    (void)state;
    world w;
    zd_buf good = {0};
    zd_buf body = {0};
    begin(&w);
    request_of(&good, w.log_key, ORIGIN, 0, 3, 'a');
    zd_span rest = zd_span_of(good.data + strlen("old 0\n"), good.size - strlen("old 0\n"));
    static const char *const heads[] = {"", "old\n", "old 00\n", "old -1\n", "old 0 \n", "Old 0\n", "old 9223372036854775808\n", "old 0\r\n", "old 0\nAAAA\n",
                                        "old 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n"};
    for (size_t i = 0; i < ZD_COUNT(heads); i++) {
        zd_buf_clear(&body);
        zd_buf_add_text(&body, heads[i]);
        zd_buf_add_span(&body, rest);
        assert_int_equal(say(&w, zd_buf_span(&body)), 400);
    }
    for (int lines = 63; lines <= 64; lines++) { /* 63 are read, and are too many for nothing to prove: 422 */
        zd_buf_clear(&body);
        zd_buf_add_text(&body, "old 0\n");
        for (int i = 0; i < lines; i++) {
            zd_buf_add_text(&body, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        }
        zd_buf_add_span(&body, rest);
        assert_int_equal(say(&w, zd_buf_span(&body)), lines == 63 ? 422 : 400);
    }
    zd_buf_clear(&body);
    zd_buf_add_span(&body, zd_buf_span(&good));
    (void)memset(zd_buf_reserve(&body, ZD_WITNESS_REQUEST_MAX), 'A', ZD_WITNESS_REQUEST_MAX);
    body.size += ZD_WITNESS_REQUEST_MAX;
    assert_int_equal(say(&w, zd_buf_span(&body)), 400);
    assert_int_equal(say(&w, zd_buf_span(&good)), 200); /* nothing of all this was remembered */
    zd_buf_free(&good);
    zd_buf_free(&body);
    finish(&w);
}

static void add_checkpoint__of_no_entries_needs_the_empty_root(void **state)
{
    (void)state;
    world w;
    zd_buf text = {0};
    zd_buf body = {0};
    begin(&w);
    zd_buf_add_text(&text, ORIGIN "\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    zd_buf_add_text(&body, "old 0\n\n");
    assert_ok(zd_signer_note(&body, w.log_key, ORIGIN, zd_buf_span(&text), err));
    assert_int_equal(say(&w, zd_buf_span(&body)), 422);
    assert_int_equal(ask(&w, 0, 0, 'a'), 200);
    assert_int_equal(ask(&w, 0, 4, 'a'), 200);
    zd_buf_free(&text);
    zd_buf_free(&body);
    finish(&w);
}

static void state__that_cannot_be_written_gives_no_signature(void **state)
{
    (void)state;
    world w;
    char log[ZD_HASH_HEX];
    zd_buf dir = {0};
    begin(&w);
    assert_int_equal(ask(&w, 0, 3, 'a'), 200);
    zd_witness_state_close(w.office.state);
    zd_buf_addf(&dir, "%s/gone", w.dir);
    (void)mkdir(zd_buf_text(&dir), 0755);
    zd_buf_add_text(&dir, "/w.state");
    assert_ok(zd_witness_state_open(&w.office.state, zd_buf_text(&dir), true, err));
    (void)remove(zd_buf_text(&dir));
    zd_buf_add_text(&dir, ".lock");
    (void)remove(zd_buf_text(&dir));
    dir.size -= strlen("/w.state.lock");
    dir.data[dir.size] = '\0';
    assert_int_equal(rmdir(zd_buf_text(&dir)), 0);
    assert_int_equal(ask(&w, 0, 3, 'a'), 500);
    zd_witness_log_name(log, zd_span_text(ORIGIN));
    assert_int_equal(zd_witness_state_note(w.office.state, log).size, 0);
    zd_buf_free(&dir);
    finish(&w);
}

static void answers__of_a_drop_name_their_request(void **state)
{
    (void)state;
    zd_buf text = {0};
    zd_drop_answer read;
    zd_drop_answer answer = {.request_sha256 = zd_sha256(zd_span_text("question")), .status = 409, .body = zd_span_text("7\n")};
    uint64_t size = 0;
    zd_drop_answer_encode(&text, &answer);
    assert_ok(zd_drop_answer_parse(&read, zd_buf_span(&text), err));
    assert_true(zd_hash_equal(&read.request_sha256, &answer.request_sha256));
    assert_int_equal(read.status, 409);
    assert_true(zd_witness_size_parse(&size, read.body) && size == 7);
    assert_false(zd_witness_size_parse(&size, zd_span_text("7")) || zd_witness_size_parse(&size, zd_span_text("07\n")) ||
                 zd_witness_size_parse(&size, zd_span_text("7\n7\n")) || zd_witness_size_parse(&size, zd_span_text("")));
    assert_code(zd_drop_answer_parse(&read, zd_span_text("zhidui-witness-answer 2\n"), err), ZD_E_WITNESS_REQUEST);
    zd_buf_free(&text);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_checkpoint__of_a_growing_log_is_cosigned_and_remembered),
        cmocka_unit_test(add_checkpoint__that_contradicts_the_memory_gets_the_code_of_the_specification),
        cmocka_unit_test(add_checkpoint__of_an_unknown_log_or_key_is_404_or_403),
        cmocka_unit_test(add_checkpoint__that_is_malformed_is_400),
        cmocka_unit_test(add_checkpoint__of_no_entries_needs_the_empty_root),
        cmocka_unit_test(state__that_cannot_be_written_gives_no_signature),
        cmocka_unit_test(answers__of_a_drop_name_their_request),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
