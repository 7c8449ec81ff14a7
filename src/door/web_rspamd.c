/* web_rspamd: POST /checkv2 as Rspamd answers it, for rspamc, Haraka, OpenSMTPD's filter and whoever else asks it.
 *
 * Some of them look at no status of HTTP: whatever cannot be judged is answered 200 with an action. */
#include "door/rspamd_answer.h"
#include "door/unpack.h"
#include "door/web.h"
#include "role/carried.h"

#include <time.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

static void answer_set(struct request *request, struct answer *answer)
{
    struct rspamd_answer told;
    double seconds = (double)(clock_ms() - request->began_at) / 1000;
    rspamd_answer(request->arena, answer, &request->takes, &request->source, flow_settings(request->web->flow)->header_bytes, seconds, &told);
    intake_leave(&request->web->intake, &request->source);
    request->block_at = told.block_at;
    if (answer->edits.body_changed && !told.block_at)
        log_event(LEVEL_WARNING, "not-edited", "%s: %.*s goes on unchanged: its header cannot be read again whole", request->gate->settings.name,
                  SPAN_FMT(request->job.arrival.source));
    size_t most = ZSTD_compressBound(told.text.len), packed = 0;
    if (request->packed) {
        char *room = arena_alloc(request->arena, most);
        packed = ZSTD_compress(room, most, told.text.at, told.text.len, ZSTD_LEVEL);
        request->packed = !ZSTD_isError(packed);
        told.text = request->packed ? (struct span){room, packed} : told.text;
    }
    request_answer(request, 200, "application/json", told.text);
}

static void unjudged(struct request *request, struct span why, bool needed)
{
    struct answer answer;
    const struct arrival *arrival = &request->job.arrival;
    bool defers = needed || flow_defers(request->web->flow, arrival);
    log_event(LEVEL_WARNING, "unjudged", "%s: %.*s is %s: %.*s", request->gate->settings.name, SPAN_FMT(arrival->source),
              !defers ? "passed unjudged" : request->too_large ? "refused" : "deferred", SPAN_FMT(why));
    answer_unjudged(request->arena, why, defers, request->too_large, &answer);
    answer_set(request, &answer);
}

static void on_done(void *context, const struct flow_answer *flow)
{
    struct request *request = context;
    struct answer answer;
    request->ticket = 0;
    if (flow->end == FLOW_NOT_KEPT || flow->end == FLOW_UNREAD || flow->end == FLOW_NONE) {
        unjudged(request, flow->why, carried_is_needed(request->arena, flow->carried));
    } else {
        answer_make(request->arena, flow, flow_defers(request->web->flow, &request->job.arrival), ANSWER_FIELDS, &answer);
        answer_set(request, &answer);
    }
    MHD_resume_connection(request->connection);
}

/* ---- the request */
static enum MHD_Result on_field(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct err err;
    struct request *request = context;
    struct span name = span_of(key), text = span_of(value);
    if (span_eq_case(name, S("Compression")))
        request->packed = span_eq_case(span_trim(text), S("zstd"));
    rspamd_takes_field(name, text, &request->takes);
    if (envelope_rspamd(request->arena, name, text, &request->job.arrival, &err) < 0 && !request->why.len)
        request->why = arena_copy(request->arena, span_of(err.text));
    return MHD_YES;
}

void rspamd_begin(struct request *request)
{
    struct flow *flow = request->web->flow;
    struct arrival *arrival = &request->job.arrival;
    request->kind = REQUEST_MESSAGE;
    request->rspamd = true;
    request->job.words = WORDS_GIST;
    request->began_at = clock_ms();
    arrival->received_at = time(NULL);
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_field, request);
    gate_arrival(request->gate, arrival);
    if (!request->why.len)
        request->why = flow_is_draining(flow) ? S("the service is ending") : !flow_has_keeper(flow) ? S("nothing can be kept at the moment")
                       : flow_is_full(flow) ? S("too many messages are in work") : S("");
}

static void end_take(struct request *request, enum intake_end end, const struct err *err)
{
    request->too_large = end == INTAKE_TOO_LARGE;
    if (end != INTAKE_TAKEN)
        request->why = end == INTAKE_TOO_LARGE ? S("it is larger than what is taken")
                       : end == INTAKE_TOO_MANY ? S("too many bytes are on their way in") : arena_copy(request->arena, span_of(err->text));
}

void rspamd_piece(struct request *request, struct span piece)
{
    struct err err;
    if (request->why.len) {
        request->swallowed += piece.len;
        return;
    }
    end_take(request, intake_add(&request->web->intake, &request->bytes, piece, &err), &err);
    if (request->why.len)
        request_bytes_leave(request);
}

static void unpacked(struct request *request)
{
    struct err err;
    struct bytes whole = {.fd = -1};
    enum intake_end end = unpack(&request->web->intake, PACKED_ZSTD, &request->bytes, &whole, &err);
    request->bytes = whole;
    end_take(request, end, &err);
}

void rspamd_go(struct request *request)
{
    struct err err;
    if (!request->why.len && !request->bytes.length) {
        request_refuse(request, 400, NULL, "the body is empty; a message was expected");
        return;
    }
    if (request->packed && !request->why.len)
        unpacked(request);
    request->job.length = request->bytes.length;
    if (!request->why.len && bytes_whole(&request->bytes, &request->job.fd, &request->job.arrival.raw, &err) < 0)
        request->why = arena_copy(request->arena, span_of(err.text));
    request_bytes_leave(request);
    if (request->why.len) {
        request->gate->counts->unjudged++;
        unjudged(request, request->why, false);
        return;
    }
    request->job.carries = true;
    request->job.body_stays = !request->takes.block;
    if (request->takes.block && !request->takes.milter) {
        bytes_again(request->job.arrival.raw, request->job.fd, request->job.length, &request->source);
        request->web->intake.arriving += request->source.length; /* until it is given back */
    }
    MHD_suspend_connection(request->connection);
    request->ticket = flow_judge(request->web->flow, &request->job, request->gate->counts, on_done, request);
}
