/* Questions over HTTP by libcurl; see witness_door.h. A proxy of the environment is honoured, as offices have one. */
#include <curl/curl.h>
#include <string.h>

#include "ledger/log/witness_request.h"
#include "ledger/net/witness_door.h"

#define FILE_SCHEME "file:"
#define PATH "/add-checkpoint"

static bool has_scheme(const char *url, const char *scheme)
{
    return strncmp(url, scheme, strlen(scheme)) == 0 && url[strlen(scheme)] != '\0';
}

bool zd_net_is_witness_url(const char *url)
{
    return has_scheme(url, "http://") || has_scheme(url, "https://") || has_scheme(url, FILE_SCHEME "/");
}

/* libcurl's callback; fewer bytes than given make it give up. */
static size_t take(char *data, size_t one, size_t size, void *context)
{
    zd_net_answer *answer = context;
    size_t bytes = one * size;
    if (bytes > ZD_WITNESS_ANSWER_MAX || answer->body.size + bytes > ZD_WITNESS_ANSWER_MAX) {
        return 0;
    }
    zd_buf_add(&answer->body, data, bytes);
    return bytes;
}

/* Every option must be taken: a client that follows redirects because an option failed is another client. */
static bool prepare(CURL *curl, struct curl_slist *headers, const char *url, const zd_net_question *question, zd_net_answer *answer, char *reason)
{
    long timeout_ms = question->timeout_ms > 0 ? question->timeout_ms : ZD_NET_TIMEOUT_MS;
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms / 2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)question->body.size) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)question->body.data) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK && curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK;
}

static zd_status post(zd_net_answer *out, const zd_net_question *question, zd_error *err)
{
    char reason[CURL_ERROR_SIZE] = "";
    zd_buf url = {0};
    CURL *curl = curl_easy_init();
    /* No Expect: a body of a few kilobytes is not worth a further round. */
    struct curl_slist *expect = curl_slist_append(NULL, "Expect:");
    struct curl_slist *headers = expect != NULL ? curl_slist_append(expect, "Content-Type: text/plain; charset=utf-8") : NULL;
    CURLcode code = CURLE_FAILED_INIT;
    long status = 0;
    zd_buf_add_text(&url, question->url);
    while (url.size > 0 && url.data[url.size - 1] == '/') {
        url.size--;
    }
    zd_buf_add_text(&url, PATH);
    if (curl != NULL && headers != NULL && prepare(curl, headers, zd_buf_text(&url), question, out, reason)) {
        code = curl_easy_perform(curl);
        if (code == CURLE_OK) {
            code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        }
    }
    zd_status result = ZD_OK;
    if (code != CURLE_OK || status < 100 || status > 599) {
        result = zd_fail(err, ZD_E_WITNESS_SILENT, "%.200s", code == CURLE_WRITE_ERROR ? "the answer is too long" : reason[0] != '\0' ? reason : curl_easy_strerror(code));
    }
    out->status = (int)status;
    curl_slist_free_all(expect);
    curl_easy_cleanup(curl);
    zd_buf_free(&url);
    return result;
}

zd_status zd_net_ask_witness(zd_net_answer *out, const zd_net_question *question, zd_error *err)
{
    out->status = 0;
    zd_buf_clear(&out->body);
    zd_status status = ZD_OK;
    if (!zd_net_is_witness_url(question->url)) {
        status = zd_fail(err, ZD_E_WITNESS_SILENT, "its address is none of http://, https://, file:/");
    } else if (has_scheme(question->url, FILE_SCHEME)) {
        status = zd_net_drop(out, question->url + strlen(FILE_SCHEME), question, err);
    } else {
        status = post(out, question, err);
    }
    return status;
}
