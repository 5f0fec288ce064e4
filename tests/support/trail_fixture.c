/* A small audit repository for tests; see trail_fixture.h. */
#include "tests/support/trail_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/seal/hash.h"
#include "tests/support/support.h"

/* The change table: commit number, path, content; NULL removes. "@" and "#" stand for the bundle and the hash tile of as many
 * entries as the path's last part says. */
static const struct {
    size_t commit;
    const char *path;
    const char *content;
} table[] = {
    {0, "checkpoint", "example.org/ledger\n3\nAAAA\n\n\xe2\x80\x94 example.org/ledger AAAA\n"},
    {0, "keys/allowed_signers", "@signers"},
    {0, "keys/policy", "log example.org/ledger+00000000+AAAA\nquorum none\n"},
    {0, "keys/roster.json", "{\"keys\":[]}\n"},
    {0, "policy/001.json", "{\"version\":1}\n"},
    {0, "tile/entries/000.p/3", "@"},
    {0, "tile/0/000.p/3", "#"},
    {0, "tile.note", "sorts between the file tile.note and the directory tile/\n"},
    {0, "README", "@readme"},
    {1, "checkpoint", "example.org/ledger\n5\nBBBB\n\n\xe2\x80\x94 example.org/ledger BBBB\n"},
    {1, "tile/entries/000.p/5", "@"},
    {1, "tile/entries/000.p/3", NULL},
    {1, "tile/0/000.p/5", "#"},
    {1, "tile/0/000.p/3", NULL},
    {1, "tile/entries/x001/167.p/248", "@"},
    {1, "tile/entries/x001/166", "a full bundle\n"},
    {1, "keys/roster.json", "{\"keys\":[1]}\n"},
    {2, "checkpoint", "example.org/ledger\n7\nCCCC\n\n\xe2\x80\x94 example.org/ledger CCCC\n"},
    {2, "tile/entries/x001/167.p/248", NULL},
    {2, "tile/entries/x001/167", "the partial became full\n"},
    {2, "tile/entries/x001/168.p/4", "@"},
    {2, "tile/entries/x001/169.p/1", NULL}, /* not there: nothing happens */
    {2, "settlement/2026/05/B0001.json", "{\"count\":2}\n"},
    {2, "policy/001.json.old", "{\"version\":1}\n"}, /* the same blob as policy/001.json, which is there already */
    {2, "policy/copy.json", "{\"count\":2}\n"}, /* the same new blob as the batch: stands once in the pack */
    {3, "checkpoint", "example.org/ledger\n9\nDDDD\n\n\xe2\x80\x94 example.org/ledger DDDD\n"},
    {3, "settlement/2026/05/B0001.json", NULL}, /* three directories vanish */
    {3, "policy/001.json.old", NULL},
    {3, "policy/copy.json", NULL},
    {3, "policy/002.json", "{\"version\":2}\n"},
    {3, "tile.note", NULL},
    {3, "tile.note/now/a/directory", "a file's name taken over by a directory\n"},
};

static void entry_add(zd_buf *out, unsigned long index)
{
    zd_buf_addf(out, "{\"seq\":%lu,\"outcome\":\"accepted\",\"pad\":\"%0*lu\"}\n{\"type\":\"redemption.capture\"}\n", index, 40, index);
}

static void bundle_add(zd_buf *out, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        zd_buf entry = {0};
        entry_add(&entry, i);
        zd_buf_add_byte(out, (uint8_t)(entry.size >> 8));
        zd_buf_add_byte(out, (uint8_t)entry.size);
        zd_buf_add_span(out, zd_buf_span(&entry));
        zd_buf_free(&entry);
    }
}

static void hashes_add(zd_buf *out, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        zd_buf leaf = {0};
        zd_buf_add_byte(&leaf, 0);
        entry_add(&leaf, i);
        zd_hash hash = zd_sha256(zd_buf_span(&leaf));
        zd_buf_add(out, hash.bytes, sizeof hash.bytes);
        zd_buf_free(&leaf);
    }
}

/* The content of a row, appended to backing, which holds room enough never to move. */
static zd_span row_content(zd_buf *backing, const char *dir, size_t row)
{
    const char *text = table[row].content;
    size_t start = backing->size;
    unsigned long count = strtoul(strrchr(table[row].path, '/') != NULL ? strrchr(table[row].path, '/') + 1 : "0", NULL, 10);
    if (strcmp(text, "@") == 0) {
        bundle_add(backing, count);
    } else if (strcmp(text, "#") == 0) {
        hashes_add(backing, count);
    } else if (strcmp(text, "@readme") == 0) {
        zd_buf_add_span(backing, zd_trail_readme());
    } else if (strcmp(text, "@signers") == 0) {
        zd_buf path = {0};
        assert_ok(zd_file_read(backing, zd_path_join(&path, dir, "allowed_signers"), 4096, err));
        zd_buf_free(&path);
    } else {
        zd_buf_add_text(backing, text);
    }
    return zd_span_of(backing->data + start, backing->size - start);
}

zd_status zd_trail_fixture_sign(zd_buf *out_armour, void *context, zd_span payload, zd_error *err)
{
    const zd_trail_fixture *fixture = context;
    zd_buf path = {0};
    zd_status status = zd_file_write(zd_path_join(&path, fixture->dir, "payload"), payload, 0600, err);
    if (status == ZD_OK) {
        assert_int_equal(zd_test_shell(NULL, "cd '%s' && rm -f payload.sig && ssh-keygen -q -Y sign -n git -f key payload 2>/dev/null",
                                       fixture->dir),
                         0);
        status = zd_file_read(out_armour, zd_path_join(&path, fixture->dir, "payload.sig"), 65536, err);
    }
    zd_buf_free(&path);
    return status;
}

void zd_trail_fixture_make(zd_trail_fixture *fixture, const char *name)
{
    *fixture = (zd_trail_fixture){.dir = zd_test_dir(name)};
    zd_format(fixture->repository, sizeof fixture->repository, "%s/audit.git", fixture->dir);
    assert_int_equal(zd_test_shell(NULL,
                                   "cd '%s' && ssh-keygen -q -t ed25519 -N '' -C git -f key && "
                                   "printf 'git@ledger.example namespaces=\"git\" %%s\\n' \"$(cut -d' ' -f1,2 key.pub)\" > allowed_signers",
                                   fixture->dir),
                     0);
    assert_ok(zd_trail_create(fixture->repository, err));
}

void zd_trail_fixture_input(zd_trail_commit_in *in, zd_trail_change *changes, zd_buf *backing, zd_trail_fixture *fixture,
                            size_t index)
{
    static const char *const summaries[ZD_FIXTURE_COMMITS] = {"checkpoint 3 (+3 entries)", "checkpoint 5 (+2 entries)",
                                                              "checkpoint 7 (+2 entries, batch B0001)", "checkpoint 9 \xe5\xb9\xb4\xe7\xbb\x93"};
    (void)zd_buf_reserve(backing, 1 << 20);
    *in = (zd_trail_commit_in){.parent_hex = index > 0 ? fixture->commits[index - 1] : "",
                               .changes = changes,
                               .author_name = "Ledger of Example",
                               .author_mail = "git@ledger.example",
                               .time_unix_s = 1772676000 + 60 * (int64_t)index,
                               .summary = summaries[index],
                               .sign = zd_trail_fixture_sign,
                               .sign_context = fixture};
    /* Backwards, because the order of changes must not matter. */
    for (size_t row = ZD_COUNT(table); row > 0; row--) {
        if (table[row - 1].commit == index) {
            zd_trail_change *change = &changes[in->change_count++];
            *change = (zd_trail_change){.path = table[row - 1].path, .remove = table[row - 1].content == NULL};
            if (!change->remove) {
                change->content = row_content(backing, fixture->dir, row - 1);
            }
            if (strcmp(change->path, "checkpoint") == 0) {
                in->checkpoint = change->content;
            }
        }
    }
    assert_true(backing->size < (1 << 20));
}

void zd_trail_fixture_commit(zd_trail_fixture *fixture, const char *repository, size_t index, zd_span stored)
{
    zd_trail *trail = NULL;
    zd_trail_commit_in in;
    zd_trail_change changes[ZD_FIXTURE_FILES];
    zd_buf backing = {0};
    zd_trail_fixture_input(&in, changes, &backing, fixture, index);
    in.signature = stored;
    assert_ok(zd_trail_open(&trail, repository, err));
    assert_ok(zd_trail_commit_write(fixture->commits[index], &fixture->signatures[index], trail, &in, err));
    assert_ok(zd_trail_advance(trail, in.parent_hex, fixture->commits[index], err));
    zd_trail_close(trail);
    zd_buf_free(&backing);
}

void zd_trail_fixture_full(zd_trail_fixture *fixture, const char *name)
{
    zd_trail_fixture_make(fixture, name);
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        zd_trail_fixture_commit(fixture, fixture->repository, i, zd_span_of(NULL, 0));
    }
}

void zd_trail_fixture_free(zd_trail_fixture *fixture)
{
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        zd_buf_free(&fixture->signatures[i]);
    }
    zd_test_dir_remove(fixture->dir);
}

/* The last row at or before that commit decides whether a path is there; its content is that row's. */
size_t zd_trail_fixture_files(zd_fixture_file *files, zd_buf *backing, const zd_trail_fixture *fixture, size_t index)
{
    size_t count = 0;
    (void)zd_buf_reserve(backing, 1 << 20);
    for (size_t row = 0; row < ZD_COUNT(table) && table[row].commit <= index; row++) {
        size_t at = 0;
        while (at < count && strcmp(files[at].path, table[row].path) < 0) {
            at++;
        }
        bool there = at < count && strcmp(files[at].path, table[row].path) == 0;
        if (table[row].content == NULL) {
            if (there) {
                memmove(&files[at], &files[at + 1], (count - at - 1) * sizeof *files);
                count--;
            }
            continue;
        }
        if (!there) {
            memmove(&files[at + 1], &files[at], (count - at) * sizeof *files);
            count++;
        }
        files[at] = (zd_fixture_file){.path = table[row].path, .content = row_content(backing, fixture->dir, row)};
    }
    return count;
}

void zd_trail_shell_ok(const char *dir, const char *script)
{
    zd_buf out = {0};
    int status = zd_test_shell(&out, "cd '%s' && { %s ; }", dir, script);
    if (status != 0) {
        print_error("%s\n%s\n", script, zd_buf_text(&out));
    }
    zd_buf_free(&out);
    assert_int_equal(status, 0);
}
