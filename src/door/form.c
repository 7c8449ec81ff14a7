#include "door/form.h"
#include "door/web.h"

enum { BUFFER = 64 << 10, ENVELOPE_MOST = 1 << 20 };

bool form_is_meant(struct span content_type)
{
    struct span kind = content_type;
    span_cut(&content_type, ';', &kind);
    return span_eq_case(span_trim(kind), S("multipart/form-data"));
}

static enum MHD_Result on_envelope(struct request *request, struct span piece, uint64_t at)
{
    if ((at == 0 && request->envelope.len) || request->envelope.len + piece.len > ENVELOPE_MOST) {
        request_refuse(request, 400, "part envelope", request->envelope.len + piece.len > ENVELOPE_MOST ? "is larger than %d bytes"
                                                                                                       : "stands there twice (of at most %d bytes)", ENVELOPE_MOST);
        return MHD_NO;
    }
    buf_add(&request->envelope, piece);
    return MHD_YES;
}

static enum MHD_Result on_part(void *context, enum MHD_ValueKind kind, const char *key, const char *file, const char *type,
                               const char *encoding, const char *data, uint64_t at, size_t size)
{
    struct request *request = context;
    struct span piece = {data, size}, name = span_of(key);
    if (span_eq(name, S("envelope")))
        return on_envelope(request, piece, at);
    if (!span_eq(name, S("message")))
        request_refuse(request, 400, "part", "\"%.60s\" is no part of a message that is handed in; there are envelope and message", key ? key : "");
    else if (encoding && strcmp(encoding, "binary") != 0 && strcmp(encoding, "8bit") != 0 && strcmp(encoding, "7bit") != 0)
        request_refuse(request, 400, "part message", "is encoded as %.60s; hand the message in as it is", encoding);
    else if (at == 0 && request->bytes.length)
        request_refuse(request, 400, "part message", "stands there twice");
    else
        request_bytes(request, piece);
    return request->status ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_head(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct request *request = context;
    struct span name;
    if (!envelope_is_ours(span_of(key), &name))
        return MHD_YES;
    request_refuse(request, 400, arena_copy(request->arena, span_of(key)).at, "the envelope of a form stands in its part envelope alone");
    return MHD_NO;
}

void form_begin(struct request *request)
{
    request->envelope = (struct buf){.arena = request->arena, .max = 2 * ENVELOPE_MOST};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_head, request);
    if (request->status)
        return;
    request->form = MHD_create_post_processor(request->connection, BUFFER, on_part, request);
    if (!request->form)
        request_refuse(request, 400, "Content-Type", "multipart/form-data tells no boundary");
}

void form_piece(struct request *request, struct span piece)
{
    if (MHD_post_process(request->form, piece.at, piece.len) != MHD_YES && !request->status)
        request_refuse(request, 400, NULL, "the body is no multipart/form-data");
}

void form_end(struct request *request)
{
    struct err err;
    struct span where;
    struct MHD_PostProcessor *form = request->form;
    request->form = NULL;
    if (MHD_destroy_post_processor(form) != MHD_YES) {
        request_refuse(request, 400, NULL, "the body ends in the middle of a part");
        return;
    }
    if (!request->bytes.length) {
        request_refuse(request, 400, "part message", "is missing or empty; a message was expected");
        return;
    }
    if (request->envelope.len && envelope_json(request->arena, buf_span(&request->envelope), &request->job.arrival, &where, &err) < 0)
        request_refuse(request, 400, arena_print(request->arena, "part envelope%s%.*s", where.len ? ": " : "", SPAN_FMT(where)).at, "%s", err.text);
}

void form_drop(struct request *request)
{
    if (request->form)
        MHD_destroy_post_processor(request->form);
    request->form = NULL;
}
