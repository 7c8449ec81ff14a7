/* visiting: a pass that a reader brought is opened by the signer, and what is to be said of it asked of the keeper; so is one that a released message bears. */
#include "door/flight.h"
#include "record/held.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { OPENING_LEAST_MS = 2000 };

void opening_send(struct flow *flow, struct flight *flight)
{
    struct err err;
    if (flow->signer && !channel_is_full(flow->signer))
        channel_send(flow->signer, FRAME_OPEN, flight->serial, flight->request, -1, &err); /* its end shows itself on reading */
}

uint32_t flow_open(struct flow *flow, struct span purpose, struct span token, flow_done done, void *context)
{
    struct flight *flight = flight_new(flow, done, context);
    struct buf request = {.arena = flight->arena};
    int64_t wait = flow->settings.seal_wait_ms;
    words_pack(&request, (const struct span[]){purpose, token}, 2);
    flight->request = buf_span(&request);
    flight->fetching = true;
    flight->stage = STAGE_OPENING;
    flight->seal_due = clock_ms() + (wait > OPENING_LEAST_MS ? wait : OPENING_LEAST_MS);
    flow->sealing++;
    opening_send(flow, flight);
    return flight->serial;
}

void opening_end(struct flow *flow, struct flight *flight, const struct signed_answer *answer)
{
    struct flow_answer told = {.end = FLOW_NOT_KEPT, .why = S("the signer does not answer")};
    if (answer && answer->how == SIGNED_DONE)
        told = (struct flow_answer){.end = FLOW_REPORT, .report = answer->text};
    else if (answer)
        told = (struct flow_answer){.end = answer->how == SIGNED_NO_KEY ? FLOW_NONE : FLOW_UNREAD, .why = answer->text};
    flow->sealing--;
    flight_answer(flow, flight, &told);
}

uint32_t flow_visit(struct flow *flow, const struct visit *visit, flow_done done, void *context)
{
    struct flight *flight = flight_new(flow, done, context);
    struct buf request = {.arena = flight->arena};
    visit_pack(visit, &request);
    flight->request = buf_span(&request);
    flight->fetching = flight->visiting = true;
    flight->stage = STAGE_KEEPING;
    keep_send(flow, flight);
    return flight->serial;
}

void on_visited(struct flow *flow, const struct frame *frame)
{
    struct flight *flight = flight_find(flow, frame->serial);
    struct flow_answer answer = {.end = FLOW_REPORT, .report = frame->bytes};
    if (flight && flight->visiting && flight->stage == STAGE_KEEPING)
        flight_answer(flow, flight, &answer);
}

struct span flow_appeal_jobs(const struct flow *flow, struct arena *arena, const struct visit *visit, const struct visited *visited)
{
    struct buf out = {.arena = arena};
    const struct appeal appeal = {.id = visited->record, .kind = span_of(pass_kind_name(visit->pass.kind)), .host = visit->host, .note = visit->note,
                                  .link = visit->pass.link, .verdict = visited->now, .received_at = visited->arrived, .asked = time(NULL),
                                  .people = visited->people.at, .count = visited->people.len};
    appeal_plan(arena, &flow->whose, visit->pass.org, &appeal, &out);
    return buf_span(&out);
}

/* ---- of released mail */
/* Sent again to the next keeper it is the same; nobody else can ask so. */
static struct span asked_once(struct arena *arena, struct span pass)
{
    uint8_t random[20];
    struct buf asked = {.arena = arena};
    if (getrandom(random, sizeof random, 0) != sizeof random)
        abort();
    buf_add(&asked, pass);
    buf_base32(&asked, random, PASS_LETTERS);
    return buf_span(&asked);
}

uint32_t flow_release(struct flow *flow, struct span pass, struct flow_counts *counts, flow_done done, void *context)
{
    struct flight *flight = flight_new(flow, done, context);
    flight->counts = counts;
    flight->fetching = flight->passing = true;
    flight->request = asked_once(flight->arena, pass);
    flight->stage = STAGE_KEEPING;
    keep_send(flow, flight);
    return flight->serial;
}
