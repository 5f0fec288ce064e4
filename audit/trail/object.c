/*
 * Git objects through libgit2; see object.h. The repository's own and the user's settings must not change what is read: the
 * library gets no search path for configuration, and replace refs, grafts, shallow files and alternates are refused at opening.
 */
#include "audit/trail/object.h"

#include <errno.h>
#include <git2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"

struct zd_objects {
    git_repository *repository;
    git_odb *odb;
};

/* libgit2 keeps its last error per thread; it may be absent. */
static zd_status git_failure(zd_error *err, zd_code code, const char *what)
{
    const git_error *last = git_error_last();
    return zd_fail(err, code, "%s: %.180s", what, last != NULL && last->message != NULL ? last->message : "no reason given");
}

#define PACK_WINDOW (UINT32_C(4) << 20)
#define PACK_MAPPED_MAX (UINT32_C(16) << 20)

/* The library itself, once in a process: its start reads every certificate that the machine trusts, for protocols that are never spoken here, and takes some ten milliseconds. */
static struct {
    pthread_once_t once;
    bool running;
    zd_error trouble;
} library = {.once = PTHREAD_ONCE_INIT};

static zd_status set_up(zd_error *err)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                                 GIT_CONFIG_LEVEL_PROGRAMDATA};
    int failed = 0;
    for (size_t i = 0; i < ZD_COUNT(levels); i++) {
        failed |= git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    }
    /* zd_objects_read hashes every object itself, whatever the library did: once is enough. */
    failed |= git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    failed |= git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    /* A pack is looked at through windows; without a bound all of it would end up in memory. */
    failed |= git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)PACK_WINDOW);
    failed |= git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)PACK_MAPPED_MAX);
    /* Each read comes from the disk and is hashed; nothing is answered from memory that was checked once. */
    failed |= git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
    /* A history may have ten thousand packs before the nightly repack; descriptors must not run out. */
    failed |= git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, (size_t)256);
    /* Auditors read copies on media that belong to others. Nothing in a repository is ever executed here. */
    failed |= git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return failed == 0 ? ZD_OK : git_failure(err, ZD_E_TRAIL_FAILED, "libgit2 refused a setting");
}

static void start_library(void)
{
    if (git_libgit2_init() < 0) {
        (void)git_failure(&library.trouble, ZD_E_TRAIL_FAILED, "libgit2 did not start");
    } else if (set_up(&library.trouble) != ZD_OK) {
        (void)git_libgit2_shutdown();
    } else {
        library.running = true;
    }
}

zd_status zd_trail_start(zd_error *err)
{
    (void)pthread_once(&library.once, start_library);
    if (library.trouble.code != ZD_CODE_NONE) {
        *err = library.trouble;
        return zd_code_status(err->code);
    }
    return ZD_OK;
}

void zd_trail_stop(void)
{
    if (library.running) {
        (void)git_libgit2_shutdown();
        library.running = false;
    }
}

bool zd_oid_equal(const zd_oid *a, const zd_oid *b)
{
    return memcmp(a->bytes, b->bytes, ZD_OID_SIZE) == 0;
}

void zd_oid_hex(char out_hex[ZD_OID_HEX], const zd_oid *oid)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < ZD_OID_SIZE; i++) {
        out_hex[2 * i] = digits[oid->bytes[i] >> 4];
        out_hex[2 * i + 1] = digits[oid->bytes[i] & 15];
    }
    out_hex[ZD_OID_HEX - 1] = '\0';
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool zd_oid_from_hex(zd_oid *out, zd_span hex)
{
    if (hex.size != ZD_OID_HEX - 1) {
        return false;
    }
    for (size_t i = 0; i < ZD_OID_SIZE; i++) {
        int high = hex_digit(hex.data[2 * i]);
        int low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->bytes[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static git_object_t git_kind(zd_object_kind kind)
{
    return kind == ZD_OBJECT_COMMIT ? GIT_OBJECT_COMMIT : kind == ZD_OBJECT_TREE ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB;
}

zd_status zd_object_id(zd_oid *out, zd_object_kind kind, zd_span content, zd_error *err)
{
    git_oid oid;
    if (git_odb_hash(&oid, content.data != NULL ? (const void *)content.data : "", content.size, git_kind(kind)) != 0) {
        return git_failure(err, ZD_E_TRAIL_FAILED, "an object could not be hashed");
    }
    memcpy(out->bytes, oid.id, ZD_OID_SIZE);
    return ZD_OK;
}

/* A file in the repository that makes git tell another story than the objects do. */
static zd_status refuse_file(const char *directory, const char *name, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = ZD_OK;
    zd_buf_addf(&path, "%s%s", directory, name);
    if (zd_path_exists(zd_buf_text(&path)) && strcmp(name, "shallow") == 0) {
        status = zd_fail(err, ZD_E_TRAIL_SHALLOW, "%s", "");
        zd_error_subject(err, zd_buf_span(&path));
    } else if (zd_path_exists(zd_buf_text(&path))) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "%s is there; use a plain, complete clone / 存在 %s，请使用普通的完整克隆", name, name);
        zd_error_subject(err, zd_buf_span(&path));
    }
    zd_buf_free(&path);
    return status;
}

static zd_status refuse_replacements(git_repository *repository, zd_error *err)
{
    git_reference_iterator *iterator = NULL;
    const char *name = NULL;
    zd_status status = ZD_OK;
    int failed = git_reference_iterator_glob_new(&iterator, repository, "refs/replace/*");
    if (failed == 0) {
        failed = git_reference_next_name(&name, iterator);
    }
    if (failed == 0) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "%.120s makes git show another object than the one asked for", name);
    } else if (failed != GIT_ITEROVER) {
        status = git_failure(err, ZD_E_TRAIL_FAILED, "the refs could not be listed");
    }
    git_reference_iterator_free(iterator);
    return status;
}

zd_status zd_objects_open(zd_objects **out, const char *path, zd_error *err)
{
    /* Alternates would make the evidence depend on a second repository that others may change or delete. A plain local
     * `git clone` makes hard links, not alternates, and is fine. */
    static const char *const refused[] = {"shallow", "info/grafts", "objects/info/alternates"};
    zd_objects *objects = zd_alloc_zero(1, sizeof *objects);
    zd_status status = zd_trail_start(err);
    if (status != ZD_OK) {
        free(objects);
        return status;
    }
    if (git_repository_open_ext(&objects->repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0 ||
        git_repository_odb(&objects->odb, objects->repository) != 0) {
        const git_error *last = git_error_last();
        bool none = objects->repository == NULL && (!zd_path_exists(path) || (last != NULL && strstr(last->message, "could not find repository") != NULL));
        status = git_failure(err, none ? ZD_E_TRAIL_NONE : ZD_E_TRAIL_FAILED, "not a git repository that can be read");
        zd_error_subject(err, zd_span_text(path));
    }
    for (size_t i = 0; i < ZD_COUNT(refused) && status == ZD_OK; i++) {
        status = refuse_file(zd_objects_directory(objects), refused[i], err);
    }
    if (status == ZD_OK) {
        status = refuse_replacements(objects->repository, err);
    }
    if (status != ZD_OK) {
        zd_objects_close(objects);
        return status;
    }
    *out = objects;
    return ZD_OK;
}

void zd_objects_close(zd_objects *objects)
{
    if (objects != NULL) {
        git_odb_free(objects->odb);
        git_repository_free(objects->repository);
        free(objects);
    }
}

const char *zd_objects_directory(const zd_objects *objects)
{
    return git_repository_commondir(objects->repository);
}

zd_status zd_objects_tip(zd_oid *out, bool *found, zd_objects *objects, zd_error *err)
{
    git_reference *reference = NULL;
    int failed = git_reference_lookup(&reference, objects->repository, "refs/heads/main");
    *found = false;
    if (failed == GIT_ENOTFOUND) {
        return ZD_OK;
    }
    if (failed != 0) {
        return git_failure(err, ZD_E_TRAIL_FAILED, "refs/heads/main could not be read");
    }
    zd_status status = ZD_OK;
    const git_oid *target = git_reference_target(reference);
    if (target == NULL) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "refs/heads/main is a symbolic ref");
    } else {
        memcpy(out->bytes, target->id, ZD_OID_SIZE);
        *found = true;
    }
    git_reference_free(reference);
    return status;
}

zd_status zd_objects_refresh(zd_objects *objects, zd_error *err)
{
    return git_odb_refresh(objects->odb) == 0 ? ZD_OK : git_failure(err, ZD_E_TRAIL_FAILED, "the packs could not be listed");
}

static git_oid to_git(const zd_oid *oid)
{
    git_oid out;
    memcpy(out.id, oid->bytes, ZD_OID_SIZE);
    return out;
}

bool zd_objects_exists(zd_objects *objects, const zd_oid *oid)
{
    git_oid id = to_git(oid);
    return git_odb_exists_ext(objects->odb, &id, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
}

/* A failing machine is a fault that may pass; anything else says that the repository itself is not whole. libgit2 puts both under
 * one class ("OS"), so errno tells them apart. */
static zd_status read_failure(zd_error *err, int failed, int system_errno)
{
    bool machine = system_errno == EIO || system_errno == EMFILE || system_errno == ENFILE || system_errno == ENOMEM ||
                   system_errno == EACCES || system_errno == EPERM;
    if (machine) {
        return git_failure(err, ZD_E_TRAIL_FAILED, "unreadable");
    }
    return git_failure(err, ZD_E_TRAIL_OBJECT, failed == GIT_ENOTFOUND ? "missing" : "damaged");
}

zd_status zd_objects_read(zd_buf *out, zd_objects *objects, const zd_oid *oid, zd_object_kind kind, zd_error *err)
{
    git_oid id = to_git(oid);
    git_odb_object *object = NULL;
    size_t size = 0;
    git_object_t found_kind = GIT_OBJECT_INVALID;
    zd_oid again;
    char hex[ZD_OID_HEX];
    zd_status status = ZD_OK;
    zd_oid_hex(hex, oid);
    /* The size first: a forged header must not make the library allocate what it likes. */
    errno = 0;
    int failed = git_odb_read_header(&size, &found_kind, objects->odb, &id);
    if (failed == 0 && size > ZD_OBJECT_SIZE_MAX) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "an object of %zu bytes", size);
        goto cleanup;
    }
    if (failed == 0) {
        failed = git_odb_read(&object, objects->odb, &id);
    }
    if (failed != 0) {
        status = read_failure(err, failed, errno);
        goto cleanup;
    }
    if (git_odb_object_type(object) != git_kind(kind)) {
        status = zd_fail(err, ZD_E_TRAIL_OBJECT, "a %s stands where a %s belongs",
                         git_object_type2string(git_odb_object_type(object)), git_object_type2string(git_kind(kind)));
        goto cleanup;
    }
    zd_span content = zd_span_of(git_odb_object_data(object), git_odb_object_size(object));
    status = zd_object_id(&again, kind, content, err);
    if (status == ZD_OK && !zd_oid_equal(&again, oid)) {
        status = zd_fail(err, ZD_E_TRAIL_OBJECT, "its content does not hash to its id");
    }
    if (status == ZD_OK) {
        zd_buf_add_span(out, content);
    }
cleanup:
    if (status != ZD_OK) {
        zd_error_field(err, "object", zd_span_text(hex));
    }
    git_odb_object_free(object);
    return status;
}
