/* Mirrors by plain git push; see mirrors.h. */
#include "ledger/engine/mirrors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/trail/write/trail_write.h"
#include "ledger/engine/ledger_int.h"

#define OUTPUT_MAX 4096

/* --- git as a child --- */

typedef struct child {
    int exit;      /* -1: killed, or it never ran */
    zd_buf out;    /* owned; stdout and stderr, cut at OUTPUT_MAX */
} child;

/* Only what git and ssh need; no locale, no configuration of the system, no questions. */
static char **clean_environment(char *slots[8], zd_buf texts[3])
{
    static const char *const kept[] = {"PATH", "HOME", "SSH_AUTH_SOCK"};
    size_t n = 0;
    for (size_t i = 0; i < ZD_COUNT(kept); i++) {
        const char *value = getenv(kept[i]);
        if (value != NULL) {
            zd_buf_addf(&texts[i], "%s=%s", kept[i], value);
            slots[n++] = (char *)texts[i].data;
        }
    }
    static char terminal[] = "GIT_TERMINAL_PROMPT=0";
    static char system[] = "GIT_CONFIG_NOSYSTEM=1";
    static char locale[] = "LC_ALL=C";
    static char ssh[] = "GIT_SSH_COMMAND=ssh -oBatchMode=yes";
    slots[n++] = terminal;
    slots[n++] = system;
    slots[n++] = locale;
    slots[n++] = ssh;
    slots[n] = NULL;
    return slots;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads until the child closes its end or time is up. False when it is. */
static bool drain(int fd, zd_buf *out, int64_t until_ms)
{
    for (;;) {
        int64_t left_ms = until_ms - monotonic_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
        if (ready == 0) {
            return false;
        }
        char bytes[1024];
        ssize_t got = ready > 0 ? read(fd, bytes, sizeof bytes) : -1;
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0 && out->size + (size_t)got <= OUTPUT_MAX) {
            zd_buf_add(out, bytes, (size_t)got);
        }
    }
}

static void run_git(child *result, char *const arguments[])
{
    int ends[2];
    char *slots[8];
    zd_buf texts[3] = {{0}, {0}, {0}};
    pid_t pid = -1;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    result->exit = -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP); /* so that its ssh dies with it */
    int failed = posix_spawnp(&pid, "git", &actions, &attributes, arguments, clean_environment(slots, texts));
    (void)close(ends[1]);
    if (failed == 0) {
        int status = 0;
        if (!drain(ends[0], &result->out, monotonic_ms() + ZD_MIRROR_SECONDS * INT64_C(1000))) {
            (void)kill(-pid, SIGKILL);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        result->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    (void)close(ends[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    for (size_t i = 0; i < ZD_COUNT(texts); i++) {
        zd_buf_free(&texts[i]);
    }
}

/* --- the list --- */

typedef struct mirrors {
    char *urls[ZD_MIRRORS_MAX]; /* owned */
    size_t count;
} mirrors;

static void free_mirrors(mirrors *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->urls[i]);
    }
}

/* git takes "ext::…" for a command and "--upload-pack=…" for an option. */
static bool url_is_plain(zd_span url)
{
    bool good = url.size > 0 && url.size < ZD_MIRROR_URL && url.data[0] != '-' && zd_span_is_utf8(url);
    for (size_t i = 0; i < url.size; i++) {
        good = good && url.data[i] > ' ' && url.data[i] != 0x7F && !(url.data[i] == ':' && i + 1 < url.size && url.data[i + 1] == ':');
    }
    return good;
}

static zd_status bad_url(zd_span url, int64_t line, zd_error *err)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", "a path or URL that git can push to, without blanks / 可由 git 推送的路径或地址，不含空格");
    zd_error_subject(err, zd_span_text(ZD_MIRRORS_FILE));
    zd_error_field(err, "mirror", url);
    zd_error_at(err, line, 0);
    return status;
}

static zd_status read_mirrors(mirrors *out, zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_buf text = {0};
    int64_t number = 0;
    zd_status status = ZD_OK;
    *out = (mirrors){.count = 0};
    if (zd_path_exists(zd_path_join(&path, ledger->dir, ZD_MIRRORS_FILE))) {
        status = zd_file_read(&text, zd_buf_text(&path), 65536, err);
    }
    zd_span rest = zd_buf_span(&text);
    while (status == ZD_OK && rest.size > 0) {
        zd_span line;
        number++;
        rest = zd_span_cut(&line, rest, '\n');
        if (line.size == 0 || line.data[0] == '#') {
            continue;
        }
        if (!url_is_plain(line) || out->count == ZD_MIRRORS_MAX) {
            status = bad_url(line, number, err);
        } else {
            char url[ZD_MIRROR_URL];
            ZD_ASSERT(zd_span_copy(url, sizeof url, line));
            out->urls[out->count++] = zd_strdup(url);
        }
    }
    zd_buf_free(&path);
    zd_buf_free(&text);
    return status;
}

/* --- what a mirror holds --- */

typedef struct known {
    const char *tip_hex;
    bool found;
} known;

static zd_status see_publication(void *context, const zd_publication *publication)
{
    known *wanted = context;
    wanted->found = wanted->found || zd_span_is(publication->commit_hex, wanted->tip_hex);
    return ZD_OK;
}

/* "<40 hex>\trefs/heads/main\n", or nothing from an empty repository. */
static bool read_tip(char tip_hex[ZD_OID_HEX], zd_span out)
{
    zd_span line;
    zd_span hex;
    (void)zd_span_cut(&line, out, '\n');
    zd_span name = zd_span_cut(&hex, line, '\t');
    tip_hex[0] = '\0';
    return out.size == 0 || (hex.size == ZD_OID_HEX - 1 && zd_span_is(name, "refs/heads/main") && zd_span_copy(tip_hex, ZD_OID_HEX, hex));
}

static zd_status our_tip(char tip_hex[ZD_OID_HEX], zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_trail *trail = NULL;
    bool found = false;
    tip_hex[0] = '\0';
    zd_status status = ZD_OK;
    if (zd_path_exists(zd_path_join(&path, ledger->dir, "audit.git"))) {
        status = zd_trail_open(&trail, zd_buf_text(&path), err);
        status = status == ZD_OK ? zd_trail_tip(trail, tip_hex, &found, err) : status;
    }
    zd_trail_close(trail);
    zd_buf_free(&path);
    return status;
}

static zd_status ask(zd_mirror_state *state, char tip_hex[ZD_OID_HEX], zd_buf *detail, zd_ledger *ledger, const char *url, const char *ours, zd_error *err)
{
    child git = {.exit = -1};
    char *const arguments[] = {(char[]){"git"}, (char[]){"ls-remote"}, (char[]){"--quiet"}, (char[]){"--"}, (char *)(uintptr_t)url, (char[]){"refs/heads/main"}, NULL};
    run_git(&git, arguments);
    zd_status status = ZD_OK;
    if (git.exit != 0 || !read_tip(tip_hex, zd_buf_span(&git.out))) {
        *state = ZD_MIRROR_UNREACHABLE;
        tip_hex[0] = '\0';
        zd_buf_add_span(detail, zd_buf_span(&git.out));
    } else if (tip_hex[0] == '\0' || strcmp(tip_hex, ours) == 0) {
        *state = tip_hex[0] == '\0' ? ZD_MIRROR_BEHIND : ZD_MIRROR_SAME;
    } else {
        known wanted = {.tip_hex = tip_hex};
        status = zd_store_publications(ledger->store, 0, see_publication, &wanted, err);
        *state = wanted.found ? ZD_MIRROR_BEHIND : ZD_MIRROR_FOREIGN;
    }
    zd_buf_free(&git.out);
    return status;
}

static void push(zd_mirror_state *state, char tip_hex[ZD_OID_HEX], zd_buf *detail, zd_ledger *ledger, const char *url, const char *ours)
{
    child git = {.exit = -1};
    zd_buf path = {0};
    (void)zd_path_join(&path, ledger->dir, "audit.git");
    char *const arguments[] = {(char[]){"git"}, (char[]){"-C"}, (char *)path.data, (char[]){"push"}, (char[]){"--quiet"}, (char[]){"--"}, (char *)(uintptr_t)url,
                               (char[]){"refs/heads/main:refs/heads/main"}, NULL};
    run_git(&git, arguments);
    if (git.exit == 0) {
        *state = ZD_MIRROR_SAME;
        zd_format(tip_hex, ZD_OID_HEX, "%s", ours);
    } else {
        *state = ZD_MIRROR_UNREACHABLE;
        zd_buf_add_span(detail, zd_buf_span(&git.out));
    }
    zd_buf_free(&git.out);
    zd_buf_free(&path);
}

static zd_status each(zd_ledger *ledger, bool pushes, zd_mirror_visit *visit, void *context, zd_error *err)
{
    mirrors list;
    char ours[ZD_OID_HEX];
    const char *foreign = NULL;
    zd_status status = read_mirrors(&list, ledger, err);
    status = status == ZD_OK && list.count > 0 ? our_tip(ours, ledger, err) : status;
    for (size_t i = 0; i < list.count && status == ZD_OK; i++) {
        zd_mirror_state state = ZD_MIRROR_UNREACHABLE;
        char tip_hex[ZD_OID_HEX] = "";
        zd_buf detail = {0};
        status = ask(&state, tip_hex, &detail, ledger, list.urls[i], ours, err);
        if (status == ZD_OK && pushes && state == ZD_MIRROR_BEHIND && ours[0] != '\0') {
            push(&state, tip_hex, &detail, ledger, list.urls[i], ours);
        }
        foreign = state == ZD_MIRROR_FOREIGN ? list.urls[i] : foreign;
        if (status == ZD_OK && visit != NULL) {
            visit(context, list.urls[i], state, tip_hex, zd_buf_text(&detail));
        }
        zd_buf_free(&detail);
    }
    if (status == ZD_OK && foreign != NULL) {
        status = zd_fail(err, ZD_E_LEDGER_FORK, "%s",
                         "this mirror holds a commit that this ledger never made: an old database was restored, or somebody else writes; compare them with zhidui-audit");
        zd_error_subject(err, zd_span_text(foreign));
    }
    free_mirrors(&list);
    return status;
}

zd_status zd_mirrors_check(zd_ledger *ledger, zd_mirror_visit *visit, void *context, zd_error *err)
{
    return each(ledger, false, visit, context, err);
}

zd_status zd_mirrors_push(zd_ledger *ledger, zd_mirror_visit *visit, void *context, zd_error *err)
{
    return each(ledger, true, visit, context, err);
}

zd_status zd_mirrors_add(zd_ledger *ledger, const char *url, zd_mirror_visit *visit, void *context, zd_error *err)
{
    mirrors list;
    zd_buf path = {0};
    zd_buf text = {0};
    if (!url_is_plain(zd_span_text(url))) {
        return bad_url(zd_span_text(url), 0, err);
    }
    zd_status status = read_mirrors(&list, ledger, err);
    bool there = false;
    for (size_t i = 0; i < list.count; i++) {
        there = there || strcmp(list.urls[i], url) == 0;
    }
    if (status == ZD_OK && list.count == ZD_MIRRORS_MAX && !there) {
        status = bad_url(zd_span_text(url), 0, err);
    }
    if (status == ZD_OK && url[0] == '/' && !zd_path_exists(url)) {
        status = zd_trail_create(url, err);
    }
    if (status == ZD_OK && !there) {
        (void)zd_path_join(&path, ledger->dir, ZD_MIRRORS_FILE);
        if (zd_path_exists(zd_buf_text(&path))) {
            status = zd_file_read(&text, zd_buf_text(&path), 65536, err);
        }
        zd_buf_addf(&text, "%s%s\n", text.size > 0 && text.data[text.size - 1] != '\n' ? "\n" : "", url);
        status = status == ZD_OK ? zd_file_write(zd_buf_text(&path), zd_buf_span(&text), 0644, err) : status;
    }
    free_mirrors(&list);
    zd_buf_free(&path);
    zd_buf_free(&text);
    return status == ZD_OK ? zd_mirrors_push(ledger, visit, context, err) : status;
}
