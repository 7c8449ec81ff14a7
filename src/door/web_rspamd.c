/* web_rspamd: POST /checkv2 as Rspamd answers it, for rspamc, Haraka, OpenSMTPD's filter and whoever else asks it.
 *
 * Some of them look at no status of HTTP: whatever cannot be judged is answered 200 with an action. */
#include "door/answer.h"
#include "door/unpack.h"
#include "door/web.h"
#include "role/carried.h"

#include <time.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 1 };

/* ---- the answer */
static void symbols_write(struct arena *arena, struct json *json, const struct answer *answer)
{
    json_object(json, "symbols");
    vec_each (symbol, &answer->symbols) {
        const struct answer_symbol *first = answer->symbols.at;
        while (!span_eq(first->name, symbol->name))
            first++;
        if (first != symbol)
            continue; /* it stands there already */
        struct span rest = symbol->option, option;
        json_object(json, arena_copy(arena, symbol->name).at);
        json_text(json, "name", symbol->name);
        json_real(json, "score", symbol->weight);
        json_real(json, "metric_score", symbol->weight);
        json_text(json, "description", symbol->text);
        json_array(json, "options");
        while (span_word(&rest, &option))
            json_text(json, NULL, option);
        json_array_end(json);
        json_object_end(json);
    }
    json_object_end(json);
}

/* Each name once, with a text: that is what all of them take. */
static void milter_write(struct arena *arena, struct json *json, const struct answer *answer)
{
    struct header_wishes fields;
    answer_fields(arena, answer, false, &fields);
    json_object(json, "milter");
    json_object(json, "remove_headers");
    vec_each (removed, &fields.removed)
        json_number(json, arena_copy(arena, *removed).at, 0); /* all of them */
    json_object_end(json);
    json_object(json, "add_headers");
    vec_each (added, &fields.added)
        json_text(json, arena_copy(arena, added->name).at, added->value);
    json_object_end(json);
    json_object_end(json);
}

static void messages_write(struct json *json, const struct answer *answer)
{
    enum rating_id id = answer->rating.id;
    json_object(json, "messages");
    if (id == RATING_LATER)
        json_text(json, "smtp_message", S("The message could not be looked at just now; try again later"));
    else if (id == RATING_TOO_LARGE)
        json_text(json, "smtp_message", S("The message is larger than what is taken here"));
    else if (id == RATING_REJECT)
        json_text(json, "smtp_message", S("The message is refused by policy"));
    json_object_end(json);
}

static struct span answer_json(struct request *request, const struct answer *answer)
{
    struct buf out = {.arena = request->arena};
    struct json json = {.out = &out};
    json_object(&json, NULL);
    json_bool(&json, "is_skipped", false);
    json_real(&json, "score", answer->rating.score);
    json_real(&json, "required_score", RATING_REJECT_AT);
    json_text(&json, "action", span_of(answer->rating.action));
    symbols_write(request->arena, &json, answer);
    messages_write(&json, answer);
    json_text(&json, "message-id", answer->message_id.len ? answer->message_id : S("undef"));
    json_array(&json, "urls");
    vec_each (link, &answer->links)
        json_text(&json, NULL, *link);
    json_array_end(&json);
    json_real(&json, "time_real", (double)(clock_ms() - request->began_at) / 1000);
    milter_write(request->arena, &json, answer);
    json_object(&json, "sekimori");
    json_text_or_null(&json, "id", answer->id);
    json_text(&json, "verdict", answer->verdict);
    json_real(&json, "score", answer->score);
    json_object_end(&json);
    json_object_end(&json);
    buf_byte(&out, '\n');
    return buf_span(&out);
}

static void answer_set(struct request *request, const struct answer *answer)
{
    struct span body = answer_json(request, answer);
    size_t most = ZSTD_compressBound(body.len), packed = 0;
    if (request->packed) {
        char *room = arena_alloc(request->arena, most);
        packed = ZSTD_compress(room, most, body.at, body.len, ZSTD_LEVEL);
        request->packed = !ZSTD_isError(packed);
        body = request->packed ? (struct span){room, packed} : body;
    }
    request_answer(request, 200, "application/json", body);
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
        answer_make(request->arena, flow, flow_defers(request->web->flow, &request->job.arrival), false, &answer);
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
    MHD_suspend_connection(request->connection);
    request->ticket = flow_judge(request->web->flow, &request->job, request->gate->counts, on_done, request);
}
