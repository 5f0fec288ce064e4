/*
 * The witness over HTTP (libmicrohttpd); see witness.h. One thread that never waits for a client: slow ones hold a place, not the others. Nothing but Content-Length
 * frames a body: 411 for any Transfer-Encoding or none, 413 above the largest request.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "audit/witness/witness.h"
#include "ledger/log/size_text.h"

#define IDLE_S 10U
#define WHOLE_REQUEST_MS 30000
#define CONNECTIONS 64U
#define CONNECTIONS_OF_ONE 16U
#define CONNECTION_MEMORY ((size_t)32768)
#define TEXT "text/plain; charset=utf-8"

struct zd_witness_server {
    struct MHD_Daemon *daemon;
    zd_witness_office *office;
};

typedef struct upload {
    zd_buf body;
    int64_t started_ms;
} upload;

static int64_t now_ms(void)
{
    zd_clock clock = zd_clock_system();
    return clock.now_unix_ms(clock.context);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const zd_witness_reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(reply->body.size, reply->body.data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;
    if (response != NULL && MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type) == MHD_YES &&
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES) {
        result = MHD_queue_response(connection, (unsigned)reply->status, response);
    }
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_sentence(struct MHD_Connection *connection, int status, const char *sentence)
{
    zd_witness_reply reply = {.status = status, .content_type = TEXT};
    zd_buf_addf(&reply.body, "%s\n", sentence);
    enum MHD_Result result = send_reply(connection, &reply);
    zd_buf_free(&reply.body);
    return result;
}

/* "/<log>/checkpoint" */
static bool names_log(zd_span *log, const char *url)
{
    zd_span rest = zd_span_text(url);
    zd_span first;
    rest = zd_span_cut(&first, rest, '/');
    rest = zd_span_cut(log, rest, '/');
    return first.size == 0 && zd_span_is(rest, "checkpoint");
}

/* Before any body is read. 0: go on. */
static int refuse_framing(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *coding = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    uint64_t size = 0;
    if (coding != NULL || length == NULL || !zd_size_parse(&size, zd_span_text(length))) {
        return MHD_HTTP_LENGTH_REQUIRED;
    }
    return size > ZD_WITNESS_REQUEST_MAX ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

static enum MHD_Result begin(void **context, struct MHD_Connection *connection, const char *url, const char *method)
{
    zd_span log;
    bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    bool get = strcmp(method, MHD_HTTP_METHOD_GET) == 0;
    bool add = strcmp(url, "/add-checkpoint") == 0;
    if (!add && !names_log(&log, url)) {
        return send_sentence(connection, MHD_HTTP_NOT_FOUND, "POST /add-checkpoint, GET /<sha256 of the origin>/checkpoint");
    }
    if ((add && !post) || (!add && !get)) {
        return send_sentence(connection, MHD_HTTP_METHOD_NOT_ALLOWED, add ? "POST only" : "GET only");
    }
    int refused = add ? refuse_framing(connection) : 0;
    if (refused != 0) {
        return send_sentence(connection, refused, refused == MHD_HTTP_LENGTH_REQUIRED ? "a Content-Length frames the body" : "the request is too large");
    }
    upload *started = zd_alloc_zero(1, sizeof *started);
    started->started_ms = now_ms();
    *context = started;
    return MHD_YES;
}

static enum MHD_Result answer(void *closure, struct MHD_Connection *connection, const char *url, const char *method, const char *version, const char *data,
                              size_t *data_size, void **context)
{
    zd_witness_server *server = closure;
    upload *in = *context;
    zd_witness_reply reply;
    zd_span log;
    (void)version;
    if (in == NULL) {
        return begin(context, connection, url, method);
    }
    if (*data_size > 0) {
        bool fits = in->body.size + *data_size <= ZD_WITNESS_REQUEST_MAX && now_ms() - in->started_ms <= WHOLE_REQUEST_MS;
        if (fits) {
            zd_buf_add(&in->body, data, *data_size);
            *data_size = 0;
        }
        return fits ? MHD_YES : MHD_NO;
    }
    if (names_log(&log, url)) {
        zd_witness_show(&reply, server->office, log);
    } else {
        zd_witness_add_checkpoint(&reply, server->office, zd_buf_span(&in->body));
    }
    enum MHD_Result result = send_reply(connection, &reply);
    zd_buf_free(&reply.body);
    return result;
}

static void finished(void *closure, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    upload *in = *context;
    (void)closure;
    (void)connection;
    (void)code;
    if (in != NULL) {
        zd_buf_free(&in->body);
        free(in);
    }
    *context = NULL;
}

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address;

static bool read_address(address *out, const char *listen)
{
    char host[64];
    uint64_t port = 0;
    const char *colon = strrchr(listen, ':');
    bool bracketed = listen[0] == '[';
    memset(out, 0, sizeof *out);
    if (colon == NULL || !zd_size_parse(&port, zd_span_text(colon + 1)) || port > 65535) {
        return false;
    }
    zd_span name = zd_span_of(listen, (size_t)(colon - listen));
    if (bracketed && (name.size < 3 || name.data[name.size - 1] != ']')) {
        return false;
    }
    if (!zd_span_copy(host, sizeof host, bracketed ? zd_span_of(name.data + 1, name.size - 2) : name)) {
        return false;
    }
    if (bracketed) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1;
    }
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &out->v4.sin_addr) == 1;
}

zd_status zd_witness_serve(zd_witness_server **out, unsigned *out_port, zd_witness_office *office, const char *listen, zd_error *err)
{
    address at;
    *out = NULL;
    if (!read_address(&at, listen)) {
        return zd_fail(err, ZD_E_USAGE, "--listen takes an address and a port, as 127.0.0.1:8080 or [::1]:8080");
    }
    zd_witness_server *server = zd_alloc_zero(1, sizeof *server);
    server->office = office;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | (at.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0U);
    server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR, &at.any, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
                                      MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_OF_ONE,
                                      MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = server->daemon != NULL ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL) {
        zd_witness_stop(server);
        return zd_fail_errno(err, ZD_E_FILE_IO, listen);
    }
    *out_port = info->port;
    *out = server;
    return ZD_OK;
}

void zd_witness_stop(zd_witness_server *server)
{
    if (server != NULL && server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }
    free(server);
}
