/*
 * Everything that strangers send as bytes, before a fuzzer (clang's libFuzzer): notes, checkpoints, answers of witnesses, receipts, requests to a witness, policy files, SSH
 * signatures and keys, bundles, tile paths, commits, requests, entries; banks' answers (pain.002, camt, workbooks) and the files of a settlement package. One program a parser, chosen by ZD_FUZZ_TARGET at build time (cmake/fuzz.cmake). Besides memory and
 * undefined behaviour each target holds its parser to what it promises: what is read is written again byte for byte, so that no two spellings mean one thing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/package/pack.h"
#include "audit/trail/commit_object.h"
#include "audit/verify/line.h"
#include "ledger/log/proof.h"
#include "ledger/log/tiles.h"
#include "ledger/log/witness_policy.h"
#include "ledger/log/witness_request.h"
#include "ledger/record/decision.h"
#include "ledger/record/request.h"
#include "ledger/seal/sign/key_file.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/seal/ssh_wire.h"
#include "ledger/seal/sshsig.h"
#include "ledger/settle/answers/answers.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever comes in; the fuzzer keeps the input that breaks it. */
static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void must_be(const zd_buf *again, zd_span original, const char *what)
{
    must(zd_span_equal(zd_buf_span(again), original), what);
}

static void try_note(zd_span in)
{
    zd_note note;
    zd_buf again = {0};
    zd_public_key key = {{0}};
    bool whole = true;
    if (zd_note_split(&note, in, NULL) != ZD_OK) {
        return;
    }
    zd_buf_add_span(&again, note.text);
    zd_buf_add_byte(&again, '\n');
    for (size_t i = 0; i < note.count; i++) {
        (void)zd_note_verify(&note, i, &key);
        whole = whole && note.signatures[i].blob_size > 0; /* longer blobs are checked and not kept */
        if (note.signatures[i].blob_size > 0) {
            zd_note_add_line(&again, note.signatures[i].name, note.signatures[i].key_id, zd_span_of(note.signatures[i].blob, note.signatures[i].blob_size));
        }
    }
    if (whole) {
        must_be(&again, in, "a note is written as it was read");
    }
    zd_buf_free(&again);
}

static void try_checkpoint(zd_span in)
{
    zd_checkpoint checkpoint;
    zd_note note;
    zd_buf again = {0};
    zd_public_key key = {{1}};
    if (zd_checkpoint_parse(&checkpoint, in, NULL) == ZD_OK) {
        must(zd_checkpoint_encode(&again, &checkpoint, NULL) == ZD_OK, "a checkpoint that was read can be written");
        must_be(&again, in, "a checkpoint is written as it was read");
    }
    must(zd_checkpoint_open(&checkpoint, &note, in, zd_span_text("log.example"), &key, NULL) != ZD_OK, "nobody signed for this key");
    zd_buf_free(&again);
}

static void try_answer(zd_span in)
{
    zd_witness witness = {.name = "w.example", .key = {{1}}};
    zd_buf lines = {0};
    uint64_t size = 0;
    zd_drop_answer answer;
    zd_buf again = {0};
    must(zd_cosignature_accept(&lines, zd_span_text("log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), in, &witness, NULL) != ZD_OK && lines.size == 0, "nobody cosigned");
    (void)zd_witness_size_parse(&size, in);
    if (zd_drop_answer_parse(&answer, in, NULL) == ZD_OK) {
        zd_drop_answer_encode(&again, &answer);
        must_be(&again, in, "a drop's answer is written as it was read");
    }
    zd_buf_free(&again);
    zd_buf_free(&lines);
}

static void try_proof(zd_span in)
{
    zd_proof proof;
    zd_buf again = {0};
    zd_buf extra = {0};
    if (zd_proof_parse(&proof, in, NULL) == ZD_OK) {
        must(zd_base64_decode(&extra, proof.extra_base64), "extra is base64");
        must(zd_proof_encode(&again, proof.index, &proof.path, zd_buf_span(&extra), proof.checkpoint, NULL) == ZD_OK, "a receipt that was read can be written");
        must_be(&again, in, "a receipt is written as it was read");
    }
    zd_buf_free(&again);
    zd_buf_free(&extra);
}

static void try_witness_request(zd_span in)
{
    zd_witness_request request;
    zd_buf again = {0};
    if (zd_witness_request_parse(&request, in, NULL) == ZD_OK) {
        must(zd_witness_request_encode(&again, &request, NULL) == ZD_OK, "a request that was read can be written");
        must_be(&again, in, "a request is written as it was read");
    }
    zd_buf_free(&again);
}

static void try_policy(zd_span in)
{
    static const char head[] = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 log.example "
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    zd_witness_policy *policy = zd_alloc(sizeof *policy);
    zd_note note;
    zd_witness_count count;
    if (zd_witness_policy_parse(policy, in, NULL) == ZD_OK) {
        must(policy->node_count <= ZD_POLICY_NODES && policy->log_count <= ZD_POLICY_LOGS, "within its bounds");
        must(zd_note_split(&note, zd_span_text(head), NULL) == ZD_OK, "the head is a note");
        (void)zd_witness_policy_count(&count, policy, &note, 0, INT64_MAX);
    }
    free(policy);
}

/* The first byte says whether the rest is a text as it is, or what an armour holds. */
static bool armoured(zd_buf *out, zd_span in, const char *label)
{
    if (in.size < 1) {
        return false;
    }
    zd_span rest = zd_span_of(in.data + 1, in.size - 1);
    if ((in.data[0] & 1) != 0) {
        zd_armour_add(out, label, rest);
    } else {
        zd_buf_add_span(out, rest);
    }
    return true;
}

static void try_sshsig(zd_span in)
{
    zd_buf text = {0};
    zd_public_key key;
    if (armoured(&text, in, "SSH SIGNATURE")) {
        (void)zd_sshsig_verify(&key, zd_buf_span(&text), "git", zd_span_text("message"), NULL);
        (void)zd_commit_armour_fault(zd_buf_span(&text));
    }
    zd_buf_free(&text);
}

static void try_ssh_public(zd_span in)
{
    zd_public_key key;
    zd_buf again = {0};
    if (zd_ssh_public_parse(&key, in, NULL) == ZD_OK) {
        zd_ssh_public_add(&again, &key);
        must(in.size >= again.size && memcmp(in.data, again.data, again.size) == 0, "a public key begins as it is written");
    }
    zd_buf_free(&again);
}

static void try_key_file(zd_span in)
{
    zd_buf text = {0};
    char path[64];
    uint8_t secret[ZD_SECRET_SIZE];
    zd_public_key key;
    int fd = armoured(&text, in, "OPENSSH PRIVATE KEY") ? memfd_create("key", MFD_CLOEXEC) : -1;
    if (fd >= 0) {
        must(fchmod(fd, 0600) == 0 && write(fd, text.data, text.size) == (ssize_t)text.size, "memory");
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (zd_key_file_load(secret, &key, path, NULL) == ZD_OK) {
            must(memcmp(secret + 32, key.bytes, sizeof key.bytes) == 0, "the secret's second half is the public key");
        }
        (void)close(fd);
    }
    zd_buf_free(&text);
}

static void try_bundle(zd_span in)
{
    zd_buf again = {0};
    bool found = true;
    if (in.size < 1) {
        return;
    }
    zd_span bundle = zd_span_of(in.data + 1, in.size - 1);
    zd_bundle_reader reader = zd_bundle_open(bundle, in.data[0] + 1U);
    zd_status status = ZD_OK;
    unsigned entries = 0;
    while (status == ZD_OK && found) {
        zd_span entry;
        status = zd_bundle_next(&reader, &entry, &found, NULL);
        if (status == ZD_OK && found) {
            must(zd_bundle_add(&again, entry, NULL) == ZD_OK, "an entry that was read can be written");
            entries++;
        }
    }
    if (status == ZD_OK) {
        must(entries == in.data[0] + 1U, "as many entries as were asked for");
        must_be(&again, bundle, "a bundle is written as it was read");
    }
    zd_buf_free(&again);
}

static void try_tile_path(zd_span in)
{
    zd_tile tile;
    char path[ZD_TILE_PATH];
    if (zd_tile_parse(&tile, in, NULL) == ZD_OK) {
        zd_tile_path(path, &tile);
        must(zd_span_is(in, path), "a tile has one name");
    }
}

static void try_commit(zd_span in)
{
    zd_commit_parts parts;
    zd_span payload;
    zd_span armour;
    zd_buf owned = {0};
    zd_buf again = {0};
    if (zd_commit_object_parse(&parts, &payload, &armour, &owned, in, NULL) == ZD_OK) {
        zd_commit_object_add(&again, &parts, armour);
        must_be(&again, in, "a commit is written as it was read");
        zd_buf_clear(&again);
        zd_commit_payload_add(&again, &parts);
        must_be(&again, payload, "what is signed is the commit without its signature");
    }
    zd_buf_free(&again);
    zd_buf_free(&owned);
}

static void try_request(zd_span in)
{
    zd_request request;
    if (zd_request_parse(&request, in, NULL) == ZD_OK) {
        zd_request_free(&request);
    }
}

static void try_entry(zd_span in)
{
    zd_leaf leaf;
    zd_line line = {0};
    zd_note note;
    zd_line_posting posting;
    const char *why = NULL;
    if (zd_leaf_split(&leaf, in, NULL) != ZD_OK) {
        return;
    }
    must(leaf.line.size + leaf.note.size <= in.size, "both are parts of the entry");
    if (zd_line_parse(&line, leaf.line, &why)) {
        for (size_t i = 0; zd_line_posting_at(&posting, &line, i); i++) {
            must(i < in.size, "no more postings than bytes");
        }
    }
    (void)zd_note_split(&note, leaf.note, NULL);
    zd_line_free(&line);
}

/* --- files of banks and of packages --- */

static void try_answers(zd_span in)
{
    zd_answers *answers = NULL;
    if (zd_answers_read(&answers, in, NULL, NULL, NULL) != ZD_OK) {
        must(answers == NULL, "nothing of an answer that was refused");
        return;
    }
    for (size_t i = 0; i < zd_answers_count(answers); i++) {
        const zd_bank_fact *fact = zd_answers_at(answers, i);
        must(fact->parent == ZD_ANSWER_NONE || fact->parent < i, "a fact stands behind what it belongs to");
        must(fact->message != NULL && fact->end_to_end != NULL && fact->currency != NULL, "texts are never NULL");
    }
    zd_answers_free(answers);
}

static void try_pain(zd_span in)
{
    zd_pack_payments payments = {0};
    (void)zd_pack_payments_pain(&payments, in, "pain.001.001.09", NULL);
    must(payments.count <= in.size, "no more payments than bytes");
    zd_pack_payments_free(&payments);
}

static void try_cells(zd_span in)
{
    zd_pack_cells cells = {0};
    if (in.size < 1) {
        return;
    }
    zd_span rest = zd_span_of(in.data + 1, in.size - 1);
    zd_status status = (in.data[0] & 5) == 5 ? zd_pack_cells_sheet(&cells, rest, NULL)
                       : (in.data[0] & 1) != 0 ? zd_pack_cells_page(&cells, rest, NULL) : zd_pack_cells_text(&cells, rest, ',', (in.data[0] & 2) != 0, NULL);
    for (size_t i = 0; status == ZD_OK && i < cells.count; i++) {
        must(cells.list[i].offset < cells.text.size && cells.list[i].row < cells.rows, "a cell is inside its sheet");
    }
    zd_pack_cells_free(&cells);
}

static void add_number(zd_buf *out, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        zd_buf_add_byte(out, (uint8_t)(value >> (8 * i)));
    }
}

static uint32_t crc_of(zd_span bytes)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (UINT32_C(0xedb88320) & (0U - (crc & 1U)));
        }
    }
    return ~crc;
}

/* A member that is stored as it is; its entry of the central directory goes to `central`. */
static void add_member(zd_buf *zip, zd_buf *central, const char *name, zd_span content)
{
    size_t start = zip->size;
    zd_buf both = {0};
    add_number(&both, 20, 2);
    add_number(&both, 0, 4); /* flags, stored */
    add_number(&both, UINT32_C(0x00210000), 4); /* 1980-01-01 */
    add_number(&both, crc_of(content), 4);
    add_number(&both, (uint32_t)content.size, 4);
    add_number(&both, (uint32_t)content.size, 4);
    add_number(&both, (uint32_t)strlen(name), 2);
    add_number(&both, 0, 2);
    add_number(zip, UINT32_C(0x04034b50), 4);
    zd_buf_add_span(zip, zd_buf_span(&both));
    zd_buf_add_text(zip, name);
    zd_buf_add_span(zip, content);
    add_number(central, UINT32_C(0x02014b50), 4);
    add_number(central, 20, 2);
    zd_buf_add_span(central, zd_buf_span(&both));
    add_number(central, 0, 2);
    add_number(central, 0, 4);
    add_number(central, 0, 4);
    add_number(central, (uint32_t)start, 4);
    zd_buf_add_text(central, name);
    zd_buf_free(&both);
}

/* The strings, a NUL, the sheet: packed into a workbook, so that what is tried is the reading of its members, which the check sums of a zip would keep a fuzzer away from. */
static void try_workbook(zd_span in)
{
    static const char *const others[] = {"[Content_Types].xml", "xl/workbook.xml"};
    zd_buf zip = {0};
    zd_buf central = {0};
    zd_pack_cells cells = {0};
    zd_span strings;
    zd_span sheet = zd_span_cut(&strings, in, '\0');
    add_member(&zip, &central, "xl/sharedStrings.xml", strings);
    add_member(&zip, &central, "xl/worksheets/sheet1.xml", sheet);
    for (size_t i = 0; i < ZD_COUNT(others); i++) {
        add_member(&zip, &central, others[i], zd_span_text("<x/>"));
    }
    uint32_t start = (uint32_t)zip.size;
    zd_buf_add_span(&zip, zd_buf_span(&central));
    add_number(&zip, UINT32_C(0x06054b50), 4);
    add_number(&zip, 0, 4);
    add_number(&zip, 4, 2);
    add_number(&zip, 4, 2);
    add_number(&zip, (uint32_t)central.size, 4);
    add_number(&zip, start, 4);
    add_number(&zip, 0, 2);
    if (zd_pack_cells_workbook(&cells, zd_buf_span(&zip), NULL) == ZD_OK) {
        must(cells.count <= in.size, "no more cells than bytes");
    }
    zd_pack_cells_free(&cells);
    try_answers(zd_buf_span(&zip));
    zd_buf_free(&central);
    zd_buf_free(&zip);
}

/* The zip itself: truncated, with names twice, with sizes that are not true. */
static void try_zip(zd_span in)
{
    zd_pack_cells cells = {0};
    (void)zd_pack_cells_workbook(&cells, in, NULL);
    zd_pack_cells_free(&cells);
    try_answers(in);
}

static void (*const unused[])(zd_span) = {try_note, try_checkpoint, try_answer, try_proof, try_witness_request, try_policy, try_sshsig, try_ssh_public,
                                          try_key_file, try_bundle, try_tile_path, try_commit, try_request, try_entry,
                                          try_answers, try_pain, try_cells, try_workbook, try_zip};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    (void)unused;
    return zd_seal_start(NULL) == ZD_OK ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ZD_FUZZ_TARGET(zd_span_of(data, size));
    return 0;
}
