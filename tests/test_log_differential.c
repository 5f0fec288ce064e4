/*
 * We and the Go project's own note and tlog packages, asked the same questions: some thousand notes, checkpoints, receipts and proofs, good ones and ones that chance has
 * spoiled, get the same verdict on each. Where we are stricter on purpose the case is recognised by a rule of its own, named below; nothing that Go refuses may we
 * accept. The seed is fixed; ZD_DIFFERENTIAL_SEED and ZD_DIFFERENTIAL_CASES change it. Needs Debian's golang-golang-x-mod-dev; says so when it is missing.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/log/proof.h"
#include "tests/support/outsider.h"

/* --- verdicts --- */

typedef struct question {
    char kind;          /* as in tlogcheck */
    zd_buf field[5];
    size_t count;
    bool good;          /* our verdict */
    const char *strict; /* the rule by which we refuse what Go takes; NULL = none */
} question;

typedef struct question_list {
    question *list;
    size_t count;
} question_list;

static void number_field(question *q, uint64_t value)
{
    zd_buf *field = &q->field[q->count++];
    for (int shift = 56; shift >= 0; shift -= 8) {
        zd_buf_add_byte(field, (uint8_t)(value >> shift));
    }
}

static void hash_field(question *q, const zd_hash *hash) { zd_buf_add(&q->field[q->count++], hash->bytes, sizeof hash->bytes); }
static void proof_field(question *q, const zd_tree_proof *proof) { zd_buf_add(&q->field[q->count++], (const uint8_t *)proof->hashes, proof->count * sizeof proof->hashes[0]); }
static void text_field(question *q, zd_span text) { zd_buf_add_span(&q->field[q->count++], text); }

/* Asks the outsider all of them at once and compares. */
static void compare(zd_outsider *o, question_list *quiz, const char *what)
{
    zd_buf file = {0};
    zd_buf path = {0};
    zd_buf said = {0};
    size_t good = 0;
    size_t stricter = 0;
    for (size_t i = 0; i < quiz->count; i++) {
        const question *q = &quiz->list[i];
        zd_buf_add_byte(&file, (uint8_t)q->kind);
        for (size_t f = 0; f <= q->count; f++) {
            uint32_t size = f == 0 ? (uint32_t)q->count : (uint32_t)q->field[f - 1].size;
            const uint8_t head[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
            zd_buf_add(&file, head, sizeof head);
            if (f > 0) {
                zd_buf_add_span(&file, zd_buf_span(&q->field[f - 1]));
            }
        }
    }
    zd_path_join(&path, o->dir, "cases");
    assert_ok(zd_file_write(zd_buf_text(&path), zd_buf_span(&file), 0644, err));
    int status = zd_test_shell(&said, "'%s' judge '%s' '%s'", o->program, zd_buf_text(&path), zd_buf_text(&o->vkey));
    assert_int_equal(status, 0);
    assert_int_equal(said.size, quiz->count);
    for (size_t i = 0; i < quiz->count; i++) {
        question *q = &quiz->list[i];
        bool theirs = said.data[i] == '1';
        bool allowed = theirs && !q->good && q->strict != NULL;
        if (theirs != q->good && !allowed) {
            fail_msg("%s %zu: we say %d, Go says %d (%s):\n%.*s", what, i, (int)q->good, (int)theirs, q->strict != NULL ? q->strict : "no rule", (int)q->field[0].size, (const char *)q->field[0].data);
        }
        good += q->good;
        stricter += allowed;
        for (size_t f = 0; f < q->count; f++) {
            zd_buf_free(&q->field[f]);
        }
    }
    print_message("%s: %zu cases, %zu good, %zu where we are stricter by a named rule\n", what, quiz->count, good, stricter);
    assert_true(good > quiz->count / 20 && good < quiz->count * 19 / 20);
    free(quiz->list);
    zd_buf_free(&file);
    zd_buf_free(&path);
    zd_buf_free(&said);
}

static size_t cases(void)
{
    const char *text = getenv("ZD_DIFFERENTIAL_CASES");
    return text != NULL ? (size_t)strtoul(text, NULL, 10) : 4000;
}

static question_list new_quiz(void)
{
    question_list quiz = {.count = cases()};
    quiz.list = zd_alloc_zero(quiz.count, sizeof *quiz.list);
    return quiz;
}

/* --- spoiling text --- */

static void splice(zd_buf *text, size_t at, size_t drop, const void *with, size_t size)
{
    zd_buf out = {0};
    zd_buf_add(&out, text->data, at);
    zd_buf_add(&out, with, size);
    zd_buf_add(&out, text->data + at + drop, text->size - at - drop);
    zd_buf_free(text);
    *text = out;
}

/* A line of the text, with its newline. */
static zd_span some_line(zd_outsider *o, const zd_buf *text)
{
    size_t from = zd_outsider_below(o, text->size);
    while (from > 0 && text->data[from - 1] != '\n') {
        from--;
    }
    const uint8_t *end = memchr(text->data + from, '\n', text->size - from);
    return zd_span_of(text->data + from, end == NULL ? text->size - from : (size_t)(end - text->data) - from + 1);
}

static void spoil_once(zd_outsider *o, zd_buf *text)
{
    static const char *const odd[] = {"\r", "\t", " ", "\n", "+", "=", "\xc2\xa0", "\xe3\x80\x80", "\xff", "0", "A", "\xe2\x80\x94 ", "\n\n", "\xed\xa0\x80", "\xf0\x9f\xa7\xbe", "\x7f", "\xc2\x85"};
    if (text->size < 2) {
        return;
    }
    zd_span line = some_line(o, text);
    size_t from = (size_t)(line.data - text->data);
    size_t at = zd_outsider_below(o, text->size);
    const char *piece = odd[zd_outsider_below(o, ZD_COUNT(odd))];
    switch (zd_outsider_below(o, 8)) {
    case 0: text->data[at] ^= (uint8_t)(1U << zd_outsider_below(o, 8)); break;
    case 1: splice(text, at, 1, "", 0); break;
    case 2: splice(text, at, 0, piece, strlen(piece)); break;
    case 3: splice(text, from, line.size, "", 0); break;
    case 4: splice(text, at, 0, line.data, line.size); break; /* may cut another line in two */
    case 5: splice(text, from, 0, line.data, line.size); break;
    case 6: text->size = at; break;
    default: /* the last letter before the end of the line, where base64 has bits to spare */
        at = from + (line.size > 3 ? line.size - 3 : 0);
        text->data[at] = (uint8_t)"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="[zd_outsider_below(o, 65)];
        break;
    }
}

static void spoil(zd_outsider *o, zd_buf *text)
{
    static const unsigned often[] = {0, 1, 1, 1, 1, 2, 3};
    for (unsigned times = often[zd_outsider_below(o, ZD_COUNT(often))]; times > 0; times--) {
        spoil_once(o, text);
    }
}

/* --- where we are stricter --- */

/* Bits to spare at the end of base64 that are not zero, or line ends within it: Go's decoder lets them pass, C2SP says that canonical bytes matter. */
static bool sloppy_base64(zd_span word)
{
    zd_buf raw = {0};
    bool canonical = zd_base64_decode(&raw, word);
    zd_buf_free(&raw);
    return !canonical;
}

static const char *stricter_about(zd_span text, char kind)
{
    zd_span rest = text;
    const char *why = NULL;
    size_t lines = 0;
    zd_span seen[ZD_NOTE_SIGNATURES_MAX];
    size_t seen_count = 0;
    while (rest.size > 0 && why == NULL) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        bool sign = line.size > 4 && memcmp(line.data, "\xe2\x80\x94 ", 4) == 0;
        const uint8_t *space = sign ? memrchr(line.data, ' ', line.size) : NULL;
        zd_span word = sign ? zd_span_of(space + 1, (size_t)(line.data + line.size - space - 1)) : line;
        bool base64 = sign || (kind == 'c' && lines == 2) || kind == 'r';
        if (sign && space - line.data - 4 >= ZD_NOTE_NAME_MAX) {
            why = "a name longer than we keep";
        }
        if (base64 && word.size >= 40 && sloppy_base64(word)) {
            why = "base64 that is not canonical";
        }
        /* Go looks at the first line of a known key and skips the others; C2SP: a known key with a bad signature rejects the note. */
        for (size_t i = 0; sign && i < seen_count; i++) {
            why = zd_span_is(zd_span_of(line.data + 4, (size_t)(space - line.data - 4)), ZD_OUTSIDER_ORIGIN) && zd_span_equal(seen[i], zd_span_of(line.data, (size_t)(space - line.data))) ? "a second line of one key" : why;
        }
        if (sign && seen_count < ZD_COUNT(seen)) {
            seen[seen_count++] = zd_span_of(line.data, (size_t)(space - line.data));
        }
        lines++;
    }
    zd_hash empty = zd_tree_empty_root();
    if (why == NULL && kind == 'c' && memmem(text.data, text.size, "\n0\n", 3) != NULL && memmem(text.data, text.size, empty.bytes, 32) == NULL) {
        why = "no entries under another root than the empty one";
    }
    return why;
}

/* --- notes, checkpoints, receipts --- */

static void add_stranger(zd_outsider *o, zd_buf *note, const char *name)
{
    static const uint8_t seed[32] = {12};
    zd_signer *signer = NULL;
    zd_buf line = {0};
    assert_ok(zd_signer_from_seed(&signer, seed, err));
    assert_ok(zd_signer_note(&line, signer, name, zd_span_text("other text\n"), err));
    const uint8_t *at = memmem(line.data, line.size, "\n\n", 2);
    zd_buf_add(note, at + 2, line.size - (size_t)(at + 2 - line.data));
    zd_signer_close(signer);
    zd_buf_free(&line);
    (void)o;
}

static void make_note(zd_outsider *o, zd_buf *note, zd_span text)
{
    assert_ok(zd_signer_note(note, o->signer, ZD_OUTSIDER_ORIGIN, text, err));
    for (size_t i = zd_outsider_below(o, 3); i > 0; i--) {
        add_stranger(o, note, i == 1 ? ZD_OUTSIDER_ORIGIN : "witness.example");
    }
}

/* What C2SP says: unknown keys are ignored, a known key that does not verify refuses the note, one known good signature is needed. */
static bool note_is_good(const zd_outsider *o, zd_span whole)
{
    zd_note note;
    zd_error err = {0};
    uint8_t id[4];
    bool good = false;
    bool bad = zd_note_split(&note, whole, &err) != ZD_OK;
    zd_note_key_id(id, zd_span_text(ZD_OUTSIDER_ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(o->signer));
    for (size_t i = 0; !bad && i < note.count; i++) {
        if (zd_span_is(note.signatures[i].name, ZD_OUTSIDER_ORIGIN) && memcmp(note.signatures[i].key_id, id, sizeof id) == 0) {
            bool verified = zd_note_verify(&note, i, zd_signer_public(o->signer));
            good = good || verified;
            bad = bad || !verified;
        }
    }
    return good && !bad;
}

static void notes__random_ones_get_the_same_verdict_from_go(void **state)
{
    static const char *const texts[] = {"This is an example message.\n", "{\"type\":\"x\",\"v\":1}\n", "\n", "a\n\nb\n", "\xe4\xb8\xad\xe6\x96\x87\n", "\xe2\x80\x94 x y\n", "a\n\n\n"};
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    question_list quiz = new_quiz();
    for (size_t i = 0; i < quiz.count; i++) {
        question *q = &quiz.list[i];
        zd_buf note = {0};
        make_note(o, &note, zd_span_text(texts[zd_outsider_below(o, ZD_COUNT(texts))]));
        spoil(o, &note);
        q->kind = 'n';
        q->good = note_is_good(o, zd_buf_span(&note));
        q->strict = stricter_about(zd_buf_span(&note), 'n');
        text_field(q, zd_buf_span(&note));
        zd_buf_free(&note);
    }
    compare(o, &quiz, "notes");
}

static void make_checkpoint(zd_outsider *o, zd_buf *note, uint64_t size)
{
    zd_buf text = {0};
    zd_checkpoint checkpoint = {.origin = ZD_OUTSIDER_ORIGIN, .size = size, .root = zd_outsider_root(o, size)};
    assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
    if (zd_outsider_below(o, 2) == 0) { /* spoiled before it is signed: the form decides, not the signature */
        spoil_once(o, &text);
    }
    zd_error why = {0};
    if (zd_signer_note(note, o->signer, ZD_OUTSIDER_ORIGIN, zd_buf_span(&text), &why) != ZD_OK) {
        zd_buf_add_span(note, zd_buf_span(&text));
    }
    zd_buf_free(&text);
}

static void checkpoints__random_ones_get_the_same_verdict_from_go(void **state)
{
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    question_list quiz = new_quiz();
    for (size_t i = 0; i < quiz.count; i++) {
        question *q = &quiz.list[i];
        zd_buf note = {0};
        zd_note split;
        zd_error err = {0};
        zd_checkpoint checkpoint;
        make_checkpoint(o, &note, zd_outsider_below(o, 9) == 0 ? 0 : zd_outsider_below(o, ZD_OUTSIDER_TREE));
        if (zd_outsider_below(o, 2) == 0) {
            spoil(o, &note);
        }
        q->kind = 'c';
        q->good = zd_checkpoint_open_vkey(&checkpoint, &split, zd_buf_span(&note), zd_buf_span(&o->vkey), &err) == ZD_OK;
        q->strict = stricter_about(zd_buf_span(&note), 'c');
        text_field(q, zd_buf_span(&note));
        zd_buf_free(&note);
    }
    compare(o, &quiz, "checkpoints");
}

static void receipts__random_ones_get_the_same_verdict_from_go(void **state)
{
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    question_list quiz = new_quiz();
    zd_hash_reader reader = zd_outsider_reader(o);
    zd_proof_trust trust = {.origin = zd_span_text(ZD_OUTSIDER_ORIGIN), .key = *zd_signer_public(o->signer)};
    for (size_t i = 0; i < quiz.count; i++) {
        question *q = &quiz.list[i];
        uint64_t size = 1 + zd_outsider_below(o, ZD_OUTSIDER_TREE);
        uint64_t index = zd_outsider_below(o, size);
        zd_tree_proof path;
        zd_proof proof;
        zd_checkpoint head;
        zd_buf note = {0};
        zd_buf receipt = {0};
        char entry[24];
        zd_error why = {0};
        zd_checkpoint checkpoint = {.origin = ZD_OUTSIDER_ORIGIN, .size = size, .root = zd_outsider_root(o, size)};
        zd_buf text = {0};
        assert_ok(zd_tree_make_inclusion(&path, index, size, &reader, err));
        assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
        assert_ok(zd_signer_note(&note, o->signer, ZD_OUTSIDER_ORIGIN, zd_buf_span(&text), err));
        assert_ok(zd_proof_encode(&receipt, index, &path, zd_span_of(NULL, 0), zd_buf_span(&note), err));
        spoil(o, &receipt);
        zd_span bytes = zd_outsider_entry(entry, zd_outsider_below(o, 12) == 0 ? index + 1 : index);
        zd_hash leaf = zd_tree_leaf_hash(bytes);
        q->kind = 'r';
        q->good = zd_proof_parse(&proof, zd_buf_span(&receipt), &why) == ZD_OK && zd_proof_verify(&head, &proof, &leaf, &trust, &why) == ZD_OK;
        q->strict = stricter_about(zd_buf_span(&receipt), 'r');
        text_field(q, zd_buf_span(&receipt));
        text_field(q, bytes);
        zd_buf_free(&text);
        zd_buf_free(&note);
        zd_buf_free(&receipt);
    }
    compare(o, &quiz, "receipts");
}

/* --- proofs --- */

static void spoil_proof(zd_outsider *o, zd_tree_proof *proof)
{
    size_t at = proof->count > 0 ? zd_outsider_below(o, proof->count) : 0;
    switch (zd_outsider_below(o, 5)) {
    case 0: proof->hashes[at].bytes[zd_outsider_below(o, 32)] ^= (uint8_t)(1U << zd_outsider_below(o, 8)); break;
    case 1: proof->count -= proof->count > 0; break;
    case 2: proof->hashes[proof->count++] = o->node[0][zd_outsider_below(o, ZD_OUTSIDER_TREE)]; break;
    case 3: proof->hashes[at] = proof->hashes[proof->count > 0 ? zd_outsider_below(o, proof->count) : 0]; break;
    default: /* the first one goes */
        memmove(&proof->hashes[0], &proof->hashes[1], (proof->count > 0 ? proof->count - 1 : 0) * sizeof proof->hashes[0]);
        proof->count -= proof->count > 0;
        break;
    }
}

/* Another number: near, far, beyond, nothing. */
static uint64_t other_number(zd_outsider *o, uint64_t number)
{
    switch (zd_outsider_below(o, 6)) {
    case 0: return number + 1;
    case 1: return number > 0 ? number - 1 : 0;
    case 2: return 0;
    case 3: return zd_outsider_below(o, ZD_OUTSIDER_TREE) + 1;
    case 4: return UINT64_C(1) << zd_outsider_below(o, 64);
    default: return number ^ UINT64_C(1) << zd_outsider_below(o, 11);
    }
}

static void inclusion__random_proofs_get_the_same_verdict_from_go(void **state)
{
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    question_list quiz = new_quiz();
    zd_hash_reader reader = zd_outsider_reader(o);
    for (size_t i = 0; i < quiz.count; i++) {
        question *q = &quiz.list[i];
        zd_tree_proof proof = {0};
        zd_error why = {0};
        uint64_t size = 1 + zd_outsider_below(o, ZD_OUTSIDER_TREE);
        uint64_t index = zd_outsider_below(o, size);
        zd_hash leaf = o->node[0][index];
        zd_hash root = zd_outsider_root(o, size);
        assert_ok(zd_tree_make_inclusion(&proof, index, size, &reader, err));
        switch (zd_outsider_below(o, 6)) {
        case 0: spoil_proof(o, &proof); break;
        case 1: index = other_number(o, index); break;
        case 2: size = other_number(o, size); break;
        case 3: root = zd_outsider_root(o, 1 + zd_outsider_below(o, ZD_OUTSIDER_TREE)); break;
        case 4: leaf = o->node[0][zd_outsider_below(o, ZD_OUTSIDER_TREE)]; break;
        default: break;
        }
        q->kind = 'i';
        q->good = zd_tree_verify_inclusion(&leaf, index, &proof, size, &root, &why) == ZD_OK;
        hash_field(q, &leaf);
        number_field(q, index);
        proof_field(q, &proof);
        number_field(q, size);
        hash_field(q, &root);
    }
    compare(o, &quiz, "inclusion proofs");
}

static void consistency__random_proofs_get_the_same_verdict_from_go(void **state)
{
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    question_list quiz = new_quiz();
    zd_hash_reader reader = zd_outsider_reader(o);
    for (size_t i = 0; i < quiz.count; i++) {
        question *q = &quiz.list[i];
        zd_tree_proof proof = {0};
        zd_error why = {0};
        uint64_t size = 1 + zd_outsider_below(o, ZD_OUTSIDER_TREE);
        uint64_t old_size = zd_outsider_below(o, 10) == 0 ? size : 1 + zd_outsider_below(o, size);
        zd_hash old_root = zd_outsider_root(o, old_size);
        zd_hash root = zd_outsider_root(o, size);
        assert_ok(zd_tree_make_consistency(&proof, old_size, size, &reader, err));
        switch (zd_outsider_below(o, 6)) {
        case 0: spoil_proof(o, &proof); break;
        case 1: old_size = other_number(o, old_size); break;
        case 2: size = other_number(o, size); break;
        case 3: root = zd_outsider_root(o, 1 + zd_outsider_below(o, ZD_OUTSIDER_TREE)); break;
        case 4: old_root.bytes[zd_outsider_below(o, 32)] ^= 1; break;
        default: break;
        }
        q->kind = 't';
        q->good = zd_tree_verify_consistency(old_size, &old_root, size, &root, &proof, &why) == ZD_OK;
        number_field(q, old_size);
        hash_field(q, &old_root);
        number_field(q, size);
        hash_field(q, &root);
        proof_field(q, &proof);
    }
    compare(o, &quiz, "consistency proofs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes__random_ones_get_the_same_verdict_from_go),
        cmocka_unit_test(checkpoints__random_ones_get_the_same_verdict_from_go),
        cmocka_unit_test(receipts__random_ones_get_the_same_verdict_from_go),
        cmocka_unit_test(inclusion__random_proofs_get_the_same_verdict_from_go),
        cmocka_unit_test(consistency__random_proofs_get_the_same_verdict_from_go),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_outsider_setup, zd_outsider_teardown));
}
