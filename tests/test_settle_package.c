/*
 * The package on disk: written whole or not at all, the same at every export, and checked with the commands of its own VERIFY.txt.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include "ledger/base/durable.h"
#include "tests/support/settlement_case.h"

#define FILES 7
#define MEGABYTE (1U << 20)

typedef struct made_file {
    const char *path, *role;
    zd_span content;
} made_file;

/* A package of the invented batch, as the engine puts it together. */
typedef struct package {
    zd_settlement_case batch;
    zd_buf template;
    zd_buf content[FILES];
    made_file files[FILES];
    zd_buf manifest;
    const char *root;
    zd_buf dir;
} package;

static const struct {
    const char *path, *role;
} layout[FILES] = {{"treasury/支付申请明细.csv", "treasury"}, {"treasury/支付申请明细.xlsx", "treasury"}, {"pain.001.001.09.xml", "bank"},
                   {"review/汇总审批表.html", "review"},      {"public/拟兑付公示.csv", "public"},        {"statements/12330600X00000086C.csv", "statement"},
                   {"VERIFY.txt", "help"}};

/* The manifest of these files in this order. */
static void manifest_of(zd_buf *out, const zd_settlement *settlement, const made_file *files, size_t count)
{
    const char *root = zd_test_dir("manifest");
    zd_buf dir = {0};
    zd_package_writer *writer = NULL;
    assert_ok(zd_settle_package_begin(&writer, zd_path_join(&dir, root, "p"), count, err));
    for (size_t i = 0; i < count; i++) {
        assert_ok(zd_settle_package_add(writer, files[i].path, files[i].role, files[i].content, err));
    }
    assert_ok(zd_settle_package_manifest(out, writer, settlement, err));
    zd_settle_package_end(writer);
    assert_false(zd_path_exists(zd_buf_text(&dir)));
    zd_buf_free(&dir);
    zd_test_dir_remove(root);
}

/* All files in this order, with a manifest that the test made before. */
static zd_status write_all(const char *dir, const zd_settlement *settlement, const made_file *files, size_t count, zd_span manifest, zd_error *err)
{
    zd_package_writer *writer = NULL;
    zd_buf own = {0};
    zd_status status = zd_settle_package_begin(&writer, dir, count, err);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = zd_settle_package_add(writer, files[i].path, files[i].role, files[i].content, err);
    }
    status = status == ZD_OK ? zd_settle_package_manifest(&own, writer, settlement, err) : status;
    status = status == ZD_OK ? zd_settle_package_finish(writer, manifest, NULL, err) : status;
    zd_settle_package_end(writer);
    zd_buf_free(&own);
    return status;
}

static void package_make(package *out)
{
    *out = (package){0};
    zd_case_three_lines(&out->batch);
    const zd_settlement *settlement = &out->batch.settlement;
    assert_ok(zd_file_read(&out->template, ZD_CASE_TEMPLATE, MEGABYTE, err));
    zd_span template = zd_buf_span(&out->template);
    assert_ok(zd_settle_treasury_csv(&out->content[0], settlement, template, err));
    assert_ok(zd_settle_treasury_xlsx(&out->content[1], settlement, template, err));
    assert_ok(zd_settle_pain001(&out->content[2], settlement, ZD_PAIN_09, err));
    assert_ok(zd_settle_approval(&out->content[3], settlement, template, err));
    assert_ok(zd_settle_notice(&out->content[4], settlement, err));
    assert_ok(zd_settle_statement(&out->content[5], settlement, 0, err));
    zd_settle_verify_text(&out->content[6], settlement);
    for (size_t i = 0; i < FILES; i++) {
        out->files[i] = (made_file){layout[i].path, layout[i].role, zd_buf_span(&out->content[i])};
    }
    manifest_of(&out->manifest, settlement, out->files, FILES);
    out->root = zd_test_dir("package");
    zd_buf_addf(&out->dir, "%s/2026/SB20260305-0001", out->root);
}

static zd_status package_write(const package *made, zd_error *err)
{
    return write_all(zd_buf_text(&made->dir), &made->batch.settlement, made->files, FILES, zd_buf_span(&made->manifest), err);
}

static void package_free(package *made)
{
    for (size_t i = 0; i < FILES; i++) {
        zd_buf_free(&made->content[i]);
    }
    zd_buf_free(&made->template);
    zd_buf_free(&made->manifest);
    zd_buf_free(&made->dir);
    zd_test_dir_remove(made->root);
}

static void manifest__header_and_lines_in_order_of_paths(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    static const char head[] = "zhidui-settlement-manifest 1\nledger voucher.yz.example\nbatch SB20260305-0001\n"
                               "seal 1042 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
                               "log 2048 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\ncount 3\nsum_fen 20244565\nsha256 ";
    const char *text = zd_buf_text(&made.manifest);
    assert_memory_equal(text, head, sizeof head - 1);
    static const char *const order[] = {" help VERIFY.txt\n",
                                        " bank pain.001.001.09.xml\n",
                                        " public public/拟兑付公示.csv\n",
                                        " review review/汇总审批表.html\n",
                                        " statement statements/12330600X00000086C.csv\n",
                                        " treasury treasury/支付申请明细.csv\n",
                                        " treasury treasury/支付申请明细.xlsx\n"};
    for (size_t i = 0; i < ZD_COUNT(order); i++) {
        text = strstr(text, order[i]);
        assert_non_null(text);
    }
    /* the order in which the caller lists the files leaves no trace */
    made_file turned[FILES];
    for (size_t i = 0; i < FILES; i++) {
        turned[i] = made.files[FILES - 1 - i];
    }
    zd_buf again = {0};
    manifest_of(&again, &made.batch.settlement, turned, FILES);
    assert_true(zd_span_equal(zd_buf_span(&again), zd_buf_span(&made.manifest)));
    zd_buf_free(&again);
    package_free(&made);
}

static void package__written_is_private_complete_and_leaves_no_rest(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    assert_ok(package_write(&made, err));
    zd_buf found = {0};
    assert_int_equal(zd_test_shell(&found, "cd '%s' && find . -type f | LC_ALL=C sort && find . -type f ! -perm 600 && find . -type d ! -perm 700 ! -name .", made.root), 0);
    assert_string_equal(zd_buf_text(&found), "./2026/SB20260305-0001/MANIFEST\n./2026/SB20260305-0001/VERIFY.txt\n./2026/SB20260305-0001/pain.001.001.09.xml\n"
                                             "./2026/SB20260305-0001/public/拟兑付公示.csv\n./2026/SB20260305-0001/review/汇总审批表.html\n"
                                             "./2026/SB20260305-0001/statements/12330600X00000086C.csv\n./2026/SB20260305-0001/treasury/支付申请明细.csv\n"
                                             "./2026/SB20260305-0001/treasury/支付申请明细.xlsx\n");
    zd_buf_free(&found);
    package_free(&made);
}

static void package__second_export_is_equal_and_signatures_may_join(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    assert_ok(package_write(&made, err));
    struct stat before;
    struct stat after;
    assert_int_equal(stat(zd_buf_text(&made.dir), &before), 0);
    assert_int_equal(zd_test_shell(NULL, "echo x > '%s/MANIFEST.checker.sig'", zd_buf_text(&made.dir)), 0);
    assert_ok(package_write(&made, err));
    zd_buf_add_byte(&made.dir, '/'); /* as a shell completes it */
    assert_ok(package_write(&made, err));
    made.dir.data[--made.dir.size] = 0;
    assert_int_equal(stat(zd_buf_text(&made.dir), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino); /* the same folder, not a new one in its place */
    package_free(&made);
}

/* Whatever was done to a finished package, exporting again says so and leaves it for the auditor. */
static void package__changed_on_disk_is_an_integrity_error(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "printf x >> pain.001.001.09.xml",
        "sed -i s/190000.00/990000.00/ pain.001.001.09.xml",
        "rm VERIFY.txt",
        "echo extra > bank.csv",
        "echo extra > statements/other.csv",
        "sed -i s/count\\ 3/count\\ 4/ MANIFEST",
        "rm MANIFEST",
        "ln -s /etc/passwd link.csv",
        "echo x > MANIFEST.sig.d",
        "echo x > treasury/MANIFEST.a.sig",
    };
    for (size_t i = 0; i < ZD_COUNT(changes); i++) {
        package made;
        package_make(&made);
        assert_ok(package_write(&made, err));
        assert_int_equal(zd_test_shell(NULL, "cd '%s' && %s", zd_buf_text(&made.dir), changes[i]), 0);
        zd_error err = {0};
        assert_int_equal(package_write(&made, &err), ZD_INTEGRITY);
        assert_int_equal(err.code, ZD_E_EXPORT_DIFFERS);
        assert_true(strncmp(err.subject, zd_buf_text(&made.dir), made.dir.size) == 0);
        package_free(&made);
    }
}

/* A crash in the middle left half a package under the temporary name: the next export clears it and succeeds. */
static void package__rest_of_a_crash_is_cleared(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    zd_buf found = {0};
    assert_int_equal(zd_test_shell(NULL, "mkdir -p '%s.partial/treasury' && echo half > '%s.partial/treasury/old.csv' && echo half > '%s.partial/pain.001.001.09.xml'",
                                   zd_buf_text(&made.dir), zd_buf_text(&made.dir), zd_buf_text(&made.dir)),
                     0);
    assert_ok(package_write(&made, err));
    assert_int_equal(zd_test_shell(&found, "ls '%s/2026'", made.root), 0);
    assert_string_equal(zd_buf_text(&found), "SB20260305-0001\n");
    assert_ok(package_write(&made, err)); /* and nothing of the rest came along */
    zd_buf_free(&found);
    package_free(&made);
}

/* A file that cannot be written (a name longer than the file system allows) leaves nothing behind. */
static void package__failed_write_leaves_no_folder(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    made.files[3].path = name;
    assert_code(package_write(&made, err), ZD_E_FILE_IO);
    zd_buf found = {0};
    assert_int_equal(zd_test_shell(&found, "ls -A '%s/2026'", made.root), 0);
    assert_string_equal(zd_buf_text(&found), "");
    zd_buf_free(&found);
    package_free(&made);
}

static void package__paths_that_leave_the_folder_are_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"../x", "/etc/x", "a//b", "a/../b", "", "a/", "a/./b", "MANIFEST", ".hidden", "-rf", "a\nb", "a\\b", "pain.001.001.09.xml", "a\xff"};
    for (size_t i = 0; i < ZD_COUNT(paths); i++) {
        package made;
        package_make(&made);
        made.files[0].path = paths[i];
        assert_code(package_write(&made, err), ZD_E_EXPORT_REFUSED);
        assert_false(zd_path_exists(zd_buf_text(&made.dir)));
        package_free(&made);
    }
}

static void package__another_export_beside_it_is_a_lock_fault(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    zd_buf parent = {0};
    zd_buf_addf(&parent, "%s/2026", made.root);
    assert_ok(zd_dir_make(zd_buf_text(&parent), 0700, err));
    int fd = open(zd_buf_text(&parent), O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_code(package_write(&made, err), ZD_E_LEDGER_LOCKED);
    assert_int_equal(close(fd), 0);
    assert_ok(package_write(&made, err));
    zd_buf_free(&parent);
    package_free(&made);
}

/* Runs each command of the package's VERIFY.txt in the package; returns how many of them failed. */
static int run_verify(const package *made, zd_buf *out)
{
    zd_buf script = {0};
    zd_span rest = zd_buf_span(&made->content[6]);
    int failed = 0;
    int commands = 0;
    while (rest.size > 0) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        if (!zd_span_starts(line, "$ ")) {
            continue;
        }
        zd_buf path = {0};
        commands++;
        zd_buf_clear(&script);
        zd_buf_add_span(&script, zd_span_of(line.data + 2, line.size - 2));
        zd_buf_add_byte(&script, '\n');
        zd_buf_addf(&path, "%s/command.sh", made->root);
        assert_ok(zd_file_write(zd_buf_text(&path), zd_buf_span(&script), 0600, err));
        failed += zd_test_shell(out, "cd '%s' && CLONE='%s/clone' sh '%s'", zd_buf_text(&made->dir), made->root, zd_buf_text(&path)) != 0;
        zd_buf_free(&path);
    }
    assert_int_equal(commands, 7);
    zd_buf_free(&script);
    return failed;
}

/* A clone with the allowed signers of two officers, and their signatures of the MANIFEST by the stock tool. */
static void sign_manifest(const package *made)
{
    assert_int_equal(zd_test_shell(NULL,
                                   "cd '%s' && for who in maker checker; do ssh-keygen -q -t ed25519 -N '' -C $who -f $who && "
                                   "ssh-keygen -q -Y sign -f $who -n zhidui-settlement-v1 < '%s/MANIFEST' > '%s/MANIFEST.'$who.sig; done 2>/dev/null",
                                   made->root, zd_buf_text(&made->dir), zd_buf_text(&made->dir)),
                     0);
    assert_int_equal(zd_test_shell(NULL,
                                   "cd '%s' && git init -q -b main clone && mkdir clone/keys && for who in maker checker; do "
                                   "echo \"yz.example/$who namespaces=\\\"zhidui-settlement-v1\\\" $(cut -d' ' -f1,2 $who.pub)\"; done > clone/keys/allowed_signers && "
                                   "git -C clone add keys && git -C clone -c user.name=t -c user.email=t@t -c commit.gpgsign=false commit -q -m keys",
                                   made->root),
                     0);
}

static void verify_text__its_commands_pass_on_a_sound_package(void **state)
{
    (void)state;
    package made;
    package_make(&made);
    assert_ok(package_write(&made, err));
    sign_manifest(&made);
    zd_buf out = {0};
    int failed = run_verify(&made, &out);
    if (failed != 0) {
        print_error("%s\n", zd_buf_text(&out));
    }
    assert_int_equal(failed, 0);
    assert_non_null(strstr(zd_buf_text(&out), "Good \"zhidui-settlement-v1\" signature for yz.example/maker"));
    assert_non_null(strstr(zd_buf_text(&out), "Good \"zhidui-settlement-v1\" signature for yz.example/checker"));
    /* the check code that the commands print is the one on the approval sheet */
    const char *code = strchr(zd_buf_text(&out), '-');
    assert_non_null(code);
    char shown[32];
    zd_format(shown, sizeof shown, ">%.9s</td>", code - 4);
    assert_non_null(strstr(zd_buf_text(&made.content[3]), shown));
    zd_buf_free(&out);
    package_free(&made);
}

static void verify_text__its_commands_fail_on_each_change(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "printf ' ' >> public/拟兑付公示.csv",                                                        /* hash */
        "echo x > pay.csv",                                                                          /* another file */
        "echo x > treas",                                                                            /* its name is part of a listed one */
        "sed -i 's/^count 3/count 4/' MANIFEST",                                                     /* count, and the signatures */
        "sed -i 's/^sum_fen 20244565/sum_fen 20244566/' MANIFEST",                                   /* sum, and the signatures */
        "sed -i s/P0002/P0001/ pain.001.001.09.xml",                                                 /* a serial twice, and its hash */
        "cp MANIFEST.maker.sig MANIFEST.other.sig && sed -i '2s/^.\\{10\\}/AAAAAAAAAA/' MANIFEST.other.sig", /* a damaged signature */
    };
    for (size_t i = 0; i < ZD_COUNT(changes); i++) {
        package made;
        package_make(&made);
        assert_ok(package_write(&made, err));
        sign_manifest(&made);
        assert_int_equal(zd_test_shell(NULL, "cd '%s' && %s", zd_buf_text(&made.dir), changes[i]), 0);
        zd_buf out = {0};
        int failed = run_verify(&made, &out);
        if (failed == 0) {
            print_error("not found: %s\n%s\n", changes[i], zd_buf_text(&out));
        }
        assert_true(failed > 0);
        zd_buf_free(&out);
        package_free(&made);
    }
}

/* More files than are synced one by one: all there, equal at the second export, and a changed one is still found. */
static void package__of_many_files_is_whole(void **state)
{
    (void)state;
    enum { MANY = 300 };
    package made;
    made_file files[MANY];
    char paths[MANY][40];
    package_make(&made);
    for (size_t i = 0; i < MANY; i++) {
        zd_format(paths[i], sizeof paths[i], "statements/%04zu.csv", i);
        files[i] = (made_file){paths[i], "statement", zd_buf_span(&made.content[i % FILES])};
    }
    zd_buf manifest = {0};
    zd_buf found = {0};
    manifest_of(&manifest, &made.batch.settlement, files, MANY);
    const char *dir = zd_buf_text(&made.dir);
    assert_ok(write_all(dir, &made.batch.settlement, files, MANY, zd_buf_span(&manifest), err));
    assert_ok(write_all(dir, &made.batch.settlement, files, MANY, zd_buf_span(&manifest), err));
    assert_int_equal(zd_test_shell(&found, "cd '%s' && find . -type f | wc -l && find . -type f ! -perm 600 && "
                                           "sed -n 's/^sha256 \\([0-9a-f]*\\) [0-9]* [a-z]* \\(.*\\)$/\\1  \\2/p' MANIFEST | sha256sum --check --strict --quiet", dir), 0);
    assert_string_equal(zd_buf_text(&found), "301\n");
    assert_int_equal(zd_test_shell(NULL, "printf x >> '%s/statements/0299.csv'", dir), 0);
    assert_code(write_all(dir, &made.batch.settlement, files, MANY, zd_buf_span(&manifest), err), ZD_E_EXPORT_DIFFERS);
    zd_buf_free(&found);
    zd_buf_free(&manifest);
    package_free(&made);
}

/* The engine says where a provider's rows stand; the statement is the same as when they are looked for. */
static void statement__by_range_and_by_search_are_equal(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    for (size_t line = 0; line < ZD_CASE_LINES; line++) {
        zd_pay_line *pay = &batch.lines[line];
        zd_buf searched = {0};
        zd_buf ranged = {0};
        assert_ok(zd_settle_statement(&searched, &batch.settlement, line, err));
        size_t from = 0;
        while (from < batch.settlement.notice_count && strcmp(batch.notices[from].provider, pay->provider) != 0) {
            from++;
        }
        pay->notice_from = pay->notice_to = from;
        while (pay->notice_to < batch.settlement.notice_count && strcmp(batch.notices[pay->notice_to].provider, pay->provider) == 0) {
            pay->notice_to++;
        }
        assert_ok(zd_settle_statement(&ranged, &batch.settlement, line, err));
        assert_true(zd_span_equal(zd_buf_span(&searched), zd_buf_span(&ranged)));
        zd_buf_free(&searched);
        zd_buf_free(&ranged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(package__of_many_files_is_whole),
        cmocka_unit_test(statement__by_range_and_by_search_are_equal),
        cmocka_unit_test(manifest__header_and_lines_in_order_of_paths),
        cmocka_unit_test(package__written_is_private_complete_and_leaves_no_rest),
        cmocka_unit_test(package__second_export_is_equal_and_signatures_may_join),
        cmocka_unit_test(package__changed_on_disk_is_an_integrity_error),
        cmocka_unit_test(package__rest_of_a_crash_is_cleared),
        cmocka_unit_test(package__failed_write_leaves_no_folder),
        cmocka_unit_test(package__paths_that_leave_the_folder_are_refused),
        cmocka_unit_test(package__another_export_beside_it_is_a_lock_fault),
        cmocka_unit_test(verify_text__its_commands_pass_on_a_sound_package),
        cmocka_unit_test(verify_text__its_commands_fail_on_each_change),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
