/* The witness of an office without network: requests come as files and answers go as files; see witness.h. A file that is none of ours is left alone. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/witness/witness.h"
#include "ledger/base/durable.h"

static bool is_request(const char *path, size_t *stem)
{
    size_t size = strlen(path);
    size_t suffix = strlen(ZD_DROP_REQUEST_SUFFIX);
    *stem = size > suffix ? size - suffix : 0;
    return *stem > 0 && strcmp(path + *stem, ZD_DROP_REQUEST_SUFFIX) == 0;
}

/* The answer that stands there already is the one to this request: asking again would only make it younger. */
static bool is_answered(const char *path, const zd_hash *request)
{
    zd_buf text = {0};
    zd_drop_answer answer;
    zd_error ignored = {0};
    bool answered = zd_file_read(&text, path, ZD_WITNESS_ANSWER_MAX + 256, &ignored) == ZD_OK && zd_drop_answer_parse(&answer, zd_buf_span(&text), &ignored) == ZD_OK &&
                    zd_hash_equal(&answer.request_sha256, request) && answer.status == 200;
    zd_buf_free(&text);
    return answered;
}

static zd_status cosign_one(size_t *answered, size_t *refused, zd_witness_office *office, const char *path, size_t stem, bool again, zd_error *err)
{
    zd_buf request = {0};
    zd_buf to = {0};
    zd_buf text = {0};
    zd_status status = zd_file_read(&request, path, ZD_WITNESS_REQUEST_MAX, err);
    zd_hash asked = zd_sha256(zd_buf_span(&request));
    zd_buf_add(&to, path, stem);
    zd_buf_add_text(&to, ZD_DROP_ANSWER_SUFFIX);
    if (status == ZD_OK && (again || !is_answered(zd_buf_text(&to), &asked))) {
        zd_witness_reply reply;
        zd_witness_add_checkpoint(&reply, office, zd_buf_span(&request));
        zd_drop_answer answer = {.request_sha256 = asked, .status = reply.status, .body = zd_buf_span(&reply.body)};
        zd_drop_answer_encode(&text, &answer);
        status = zd_file_write(zd_buf_text(&to), zd_buf_span(&text), 0644, err);
        *answered += reply.status == 200 ? 1 : 0;
        *refused += reply.status == 200 ? 0 : 1;
        zd_buf_free(&reply.body);
    }
    zd_buf_free(&request);
    zd_buf_free(&to);
    zd_buf_free(&text);
    return status;
}

static zd_status cosign_directory(size_t *answered, size_t *refused, zd_witness_office *office, const char *path, zd_error *err)
{
    zd_buf file = {0};
    zd_status status = ZD_OK;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return zd_fail_errno(err, ZD_E_FILE_IO, path);
    }
    for (const struct dirent *entry = readdir(directory); entry != NULL && status == ZD_OK; entry = readdir(directory)) {
        size_t stem = 0;
        const char *name = zd_path_join(&file, path, entry->d_name);
        if (entry->d_name[0] != '.' && is_request(name, &stem)) {
            status = cosign_one(answered, refused, office, name, stem, false, err);
        }
    }
    (void)closedir(directory);
    zd_buf_free(&file);
    return status;
}

zd_status zd_witness_cosign_files(size_t *answered, size_t *refused, zd_witness_office *office, const char *path, zd_error *err)
{
    struct stat at;
    size_t stem = 0;
    *answered = 0;
    *refused = 0;
    if (stat(path, &at) != 0) {
        return zd_fail_errno(err, ZD_E_FILE_MISSING, path);
    }
    if (S_ISDIR(at.st_mode)) {
        return cosign_directory(answered, refused, office, path, err);
    }
    if (!is_request(path, &stem)) {
        return zd_fail(err, ZD_E_USAGE, "a request is a file named *" ZD_DROP_REQUEST_SUFFIX);
    }
    return cosign_one(answered, refused, office, path, stem, true, err);
}
