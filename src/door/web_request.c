/* The requests of the HTTP door: POST /v1/messages, GET /v1/messages/ID, and what operators' programs ask. */
#include "door/web.h"

#include <stdio.h>
#include <time.h>

enum { FORM_SPARE = 1 << 20, ARENA_MOST = 256 << 20, RETRY_SECONDS = 5, REFUSED_MOST = 16 << 20, SOURCE_MOST = 256 };

/* ---- answers */
void request_answer(struct request *request, unsigned status, const char *type, struct span body)
{
    request->status = status;
    request->type = type;
    request->body = body;
}

void request_refuse(struct request *request, unsigned status, const char *where, const char *format, ...)
{
    char text[512];
    struct buf out = {.arena = request->arena};
    struct json json = {.out = &out};
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    json_object(&json, NULL);
    json_text(&json, "error", span_of(text));
    if (where)
        json_text(&json, "where", span_of(where));
    json_object_end(&json);
    buf_byte(&out, '\n');
    request->retry_after = status == 429 || status == 503 ? RETRY_SECONDS : 0;
    request_answer(request, status, "application/json", buf_span(&out));
}

static struct span header(const struct request *request, const char *name)
{
    return span_of(MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name));
}

/* ---- POST /v1/messages */
struct reading {
    struct request *request;
    struct err err;
};

static enum MHD_Result on_field(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct reading *reading = context;
    struct request *request = reading->request;
    struct span name;
    if (!envelope_is_ours(span_of(key), &name))
        return MHD_YES;
    if (envelope_field(request->arena, name, span_of(value), &request->job.arrival, &reading->err) == 0)
        return MHD_YES;
    request_refuse(request, 400, arena_copy(request->arena, span_of(key)).at, "%s", reading->err.text);
    return MHD_NO;
}

static void source_default(struct request *request)
{
    struct arrival *arrival = &request->job.arrival;
    const struct listener_settings *settings = &request->gate->settings;
    if (!arrival->source.len)
        arrival->source = arrival->queue_id.len ? arrival->queue_id : span_of(settings->name);
    if (!arrival->listener.len)
        arrival->listener = span_of(settings->name);
    arrival->org = span_of(settings->organisation);
    if (arrival->direction == DIRECTION_UNKNOWN)
        arrival->direction = envelope_direction(settings, arrival);
    if (arrival->received_at == TIME_UNKNOWN)
        arrival->received_at = time(NULL);
}

static void envelope_read(struct request *request)
{
    struct reading reading = {.request = request};
    request->job.arrival.received_at = TIME_UNKNOWN;
    if (form_is_meant(header(request, "Content-Type")))
        form_begin(request);
    else
        MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_field, &reading);
}

static bool type_is_mail(struct span type)
{
    struct span kind = type;
    span_cut(&type, ';', &kind);
    kind = span_trim(kind);
    return !kind.len || form_is_meant(kind) || span_eq_case(kind, S("message/rfc822")) || span_eq_case(kind, S("message/global")) ||
           span_eq_case(kind, S("application/octet-stream"));
}

static void length_check(struct request *request)
{
    uint64_t length, most = flow_settings(request->web->flow)->most_bytes;
    most += form_is_meant(header(request, "Content-Type")) ? FORM_SPARE : 0;
    struct span told = header(request, "Content-Length");
    if (!told.len && !header(request, "Transfer-Encoding").len)
        request_refuse(request, 411, "Content-Length", "the length of the message is not told");
    else if (told.len && (!span_number(told, UINT64_MAX, &length) || length > most))
        request_refuse(request, 413, "Content-Length", "the message is larger than the %llu bytes that are taken", (unsigned long long)most);
}

static void message_begin(struct request *request)
{
    struct flow *flow = request->web->flow;
    request->kind = REQUEST_MESSAGE;
    if (!type_is_mail(header(request, "Content-Type")))
        request_refuse(request, 415, "Content-Type", "the body must be a message, Content-Type: message/rfc822, or a form with one: multipart/form-data");
    else if (!flow_has_keeper(flow))
        request_refuse(request, 503, NULL, "nothing can be kept at the moment; come again");
    else if (flow_is_full(flow))
        request_refuse(request, 429, NULL, "too many messages are in work; come again");
    else
        length_check(request);
    if (!request->status)
        envelope_read(request);
}

static void on_done(void *context, const struct flow_answer *answer)
{
    struct request *request = context;
    struct buf out = {.arena = request->arena};
    request->ticket = 0;
    request->repeated = answer->repeated;
    request->sealed = answer->sealed;
    request->seal = answer->seal.len ? arena_copy(request->arena, answer->seal).at : NULL;
    if (answer->end == FLOW_REPORT || answer->end == FLOW_UNJUDGED) {
        buf_add(&out, answer->report);
        buf_byte(&out, '\n');
        request_answer(request, 200, "application/json", buf_span(&out));
    } else if (answer->end == FLOW_NONE) {
        request_refuse(request, 404, NULL, "there is no record of that id, or its time to live is over");
    } else if (answer->end == FLOW_UNREAD) {
        request_refuse(request, 422, NULL, "%.*s", SPAN_FMT(answer->why));
    } else {
        request_refuse(request, 503, NULL, "the record could not be kept: %.*s", SPAN_FMT(answer->why));
    }
    MHD_resume_connection(request->connection);
}

static void message_go(struct request *request)
{
    struct err err;
    if (request->form)
        form_end(request);
    if (request->status)
        return;
    source_default(request);
    if (!request->bytes.length) {
        request_refuse(request, 400, NULL, "the body is empty; a message was expected");
        return;
    }
    request->job.length = request->bytes.length;
    if (bytes_whole(&request->bytes, &request->job.fd, &request->job.arrival.raw, &err) < 0) {
        request_refuse(request, 503, NULL, "%s", err.text);
        return;
    }
    request_bytes_leave(request);
    MHD_suspend_connection(request->connection);
    request->ticket = flow_judge(request->web->flow, &request->job, request->gate->counts, on_done, request);
}

/* ---- GET */
static void report_begin(struct request *request, const char *id)
{
    enum { ID_LEN = 28 };
    size_t len = strlen(id);
    request->kind = REQUEST_REPORT;
    request->job.arrival.source = arena_copy(request->arena, span_of(id));
    if (len != ID_LEN || strspn(id, "0123456789abcdefghjkmnpqrstvwxyz") != len)
        request_refuse(request, 404, NULL, "\"%.60s\" is no id; ids are %d letters and digits", id, ID_LEN);
    else if (!flow_has_keeper(request->web->flow))
        request_refuse(request, 503, NULL, "the records cannot be reached at the moment; come again");
    else if (flow_is_full(request->web->flow))
        request_refuse(request, 429, NULL, "too many requests are in work; come again");
}

static void report_go(struct request *request)
{
    MHD_suspend_connection(request->connection);
    request->ticket = flow_fetch(request->web->flow, request->job.arrival.source, span_of(request->gate->settings.organisation), on_done, request);
}

static void health(struct request *request)
{
    request_answer(request, 200, "text/plain; charset=utf-8", S("ok\n"));
}

static void readiness(struct request *request)
{
    struct flow *flow = request->web->flow;
    bool ready = flow_is_ready(flow);
    struct span why = flow_is_draining(flow) ? S("draining\n") : flow_has_keeper(flow) ? S("no judge\n") : S("no keeper\n");
    request_answer(request, ready ? 200 : 503, "text/plain; charset=utf-8", ready ? S("ready\n") : why);
}

static void metrics(struct request *request)
{
    struct buf out = {.arena = request->arena};
    if (!request->gate->settings.metrics) {
        request_refuse(request, 404, NULL, "this listener tells no figures");
        return;
    }
    metrics_write(request->web->flow, &out);
    request_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_span(&out));
}

/* ---- routes */
static bool method_is(struct request *request, const char *method, const char *wanted)
{
    if (strcmp(method, wanted) == 0)
        return true;
    request_refuse(request, 405, NULL, "%.20s is not done here; %s is", method, wanted);
    return false;
}

/* Rspamd's clients show a password. */
static bool token_is_good(struct request *request, bool rspamd)
{
    struct span shown = header(request, "Authorization"), password = header(request, "Password");
    if (rspamd && password.len && !shown.len)
        shown = arena_print(request->arena, "Bearer %.*s", SPAN_FMT(password));
    enum token_answer answer = token_check(&request->gate->settings, shown);
    if (answer == TOKEN_ABSENT)
        request_refuse(request, 401, "Authorization", "a token is wanted: Authorization: Bearer TOKEN");
    else if (answer == TOKEN_WRONG)
        request_refuse(request, 403, "Authorization", "the token is not one of those that may come in");
    return answer == TOKEN_GOOD;
}

static void route(struct request *request, const char *method, const char *path)
{
    static const char one[] = "/v1/messages/", check[] = "/checkv2";
    if (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0) {
        if (method_is(request, method, "GET"))
            path[1] == 'h' ? health(request) : readiness(request);
    } else if (strcmp(path, "/ping") == 0) {
        if (method_is(request, method, "GET"))
            request_answer(request, 200, "text/plain", S("pong\r\n"));
    } else if (!token_is_good(request, strcmp(path, check) == 0)) {
        return;
    } else if (strcmp(path, check) == 0) {
        if (method_is(request, method, "POST"))
            rspamd_begin(request);
    } else if (strcmp(path, "/v1/messages") == 0) {
        if (method_is(request, method, "POST"))
            message_begin(request);
    } else if (strncmp(path, one, sizeof one - 1) == 0) {
        if (method_is(request, method, "GET"))
            report_begin(request, path + sizeof one - 1);
    } else if (strcmp(path, "/metrics") == 0) {
        if (method_is(request, method, "GET"))
            metrics(request);
    } else {
        request_refuse(request, 404, NULL, "there is nothing at %.200s", path);
    }
}

static enum MHD_Result on_length(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    unsigned *told = context;
    *told += span_eq_case(span_of(key), S("Content-Length")) || span_eq_case(span_of(key), S("Transfer-Encoding"));
    return MHD_YES;
}

/* A proxy that believed the other length would take a part of one client's body for the next client's request (RFC 9112 6.3, 11.2). */
static bool length_is_told_twice(const struct request *request)
{
    unsigned told = 0;
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_length, &told);
    return told > 1;
}

void request_begin(struct request *request, const char *method, const char *path)
{
    request->arena = arena_new(ARENA_MOST);
    request->bytes.fd = request->source.fd = -1;
    request->kind = REQUEST_OTHER;
    request->last = flow_is_draining(request->web->flow) || request->gate->closing;
    if (length_is_told_twice(request))
        request_refuse(request, 400, "Content-Length", "the length of the body is told twice");
    else if (request->gate->settings.protocol == PROTOCOL_LINKS && strcmp(path, "/healthz") != 0 && strcmp(path, "/readyz") != 0)
        page_request_begin(request, method, path);
    else if (flow_is_draining(request->web->flow) && strcmp(path, "/healthz") != 0 && strcmp(path, "/readyz") != 0 && strcmp(path, "/checkv2") != 0)
        request_refuse(request, 503, NULL, "the service is ending; come again");
    else
        route(request, method, path);
}

void request_piece(struct request *request, struct span piece)
{
    if (request->status || (request->kind != REQUEST_MESSAGE && request->kind != REQUEST_PAGE))
        request->swallowed += piece.len;
    else if (request->kind == REQUEST_PAGE)
        page_request_piece(request, piece);
    else if (request->rspamd)
        rspamd_piece(request, piece);
    else if (request->form)
        form_piece(request, piece);
    else
        request_bytes(request, piece);
    if (request->status)
        request_bytes_leave(request);
}

void request_bytes_leave(struct request *request)
{
    intake_leave(&request->web->intake, &request->bytes);
}

void request_bytes(struct request *request, struct span piece)
{
    struct err err;
    enum intake_end end = intake_add(&request->web->intake, &request->bytes, piece, &err);
    if (end == INTAKE_TOO_LARGE)
        request_refuse(request, 413, NULL, "the message is larger than the %llu bytes that are taken",
                       (unsigned long long)flow_settings(request->web->flow)->most_bytes);
    else if (end == INTAKE_TOO_MANY)
        request_refuse(request, 429, NULL, "too many bytes are on their way in; come again");
    else if (end == INTAKE_FAILED)
        request_refuse(request, 503, NULL, "%s", err.text);
}

void request_go(struct request *request)
{
    if (request->rspamd)
        rspamd_go(request);
    else if (request->kind == REQUEST_MESSAGE)
        message_go(request);
    else if (request->kind == REQUEST_REPORT)
        report_go(request);
    else if (request->kind == REQUEST_PAGE)
        page_request_go(request);
}
