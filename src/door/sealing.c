/* sealing: a message that is on disk gets its seal, under the id that it was kept under. */
#include "door/flight.h"

#include <unistd.h>

enum { KEYLESS_MS = 2000 };

static void seal_send(struct flow *flow, struct flight *flight)
{
    struct err err;
    struct buf request = {.arena = flight->arena};
    words_pack(&request, (const struct span[]){flight->answer.id, flight->measure}, 2);
    if (flow->signer && !channel_is_full(flow->signer))
        channel_send(flow->signer, FRAME_SEAL, flight->serial, buf_span(&request), -1, &err); /* its end shows itself on reading */
}

/* Told once, not with every message. */
static void silence_note(struct flow *flow, bool silent)
{
    if (silent && !flow->signer_silent)
        log_event(LEVEL_WARNING, "signer-silent", "the signer does not answer; messages are answered without a seal until it does");
    else if (!silent && flow->signer_silent)
        log_event(LEVEL_NOTICE, "signer-back", "the signer answers again; messages are sealed");
    flow->signer_silent = silent;
}

void seal_begin(struct flow *flow, struct flight *flight, const struct flow_answer *answer)
{
    int64_t now = clock_ms();
    if (!flight->measure.len) {
        flight->counts->unsealed[flight->job.seal ? UNSEALED_NOT_WHOLE : UNSEALED_NO_KEY]++;
        flight_answer(flow, flight, answer);
        return;
    }
    flight->answer = *answer;
    flight->answer.id = arena_copy(flight->arena, answer->id);
    flight->answer.report = arena_copy(flight->arena, answer->report);
    if (!flow->signer && now - flow->signer_gone >= flow->settings.seal_wait_ms)
        silence_note(flow, true);
    if (flow->signer_silent) { /* one message waited in vain: the next ones do not, until it answers something */
        flight->counts->unsealed[UNSEALED_NO_SIGNER]++;
        seal_send(flow, flight);
        flight_answer(flow, flight, &flight->answer);
        return;
    }
    flight->stage = STAGE_SEALING;
    flight->kept_at = now;
    flight->seal_due = now + flow->settings.seal_wait_ms;
    flow->sealing++;
    seal_send(flow, flight);
}

static void seal_end(struct flow *flow, struct flight *flight, struct span seal)
{
    flight->answer.seal = seal;
    flow->sealing--;
    flight_answer(flow, flight, &flight->answer);
}

static void on_signed(struct flow *flow, const struct frame *frame)
{
    struct flight *flight = flight_find(flow, frame->serial);
    struct signed_answer answer;
    silence_note(flow, false);
    if (!flight || (flight->stage != STAGE_SEALING && flight->stage != STAGE_OPENING))
        return;
    if (signed_unpack(frame->bytes, &answer) < 0)
        answer = (struct signed_answer){.how = SIGNED_REFUSED, .text = S("the signer answered something that cannot be read")};
    if (flight->stage == STAGE_OPENING) {
        opening_end(flow, flight, &answer);
        return;
    }
    if (answer.how == SIGNED_REFUSED)
        log_event(LEVEL_ERROR, "not-sealed", "%.*s: %.*s", SPAN_FMT(flight->answer.id), SPAN_FMT(answer.text));
    if (answer.how == SIGNED_NO_KEY)
        flow->keyless_until = clock_ms() + KEYLESS_MS; /* the signer, and the judges, are spared meanwhile */
    if (answer.how == SIGNED_DONE)
        flight->counts->sealed++;
    else
        flight->counts->unsealed[answer.how == SIGNED_NO_KEY ? UNSEALED_NO_KEY : UNSEALED_REFUSED]++;
    seal_end(flow, flight, answer.how == SIGNED_DONE ? answer.text : S(""));
}

void signer_turn(struct flow *flow)
{
    struct frame frame;
    struct err err = {.text = ""};
    enum channel_state state = CHANNEL_LATER;
    if (!flow->signer)
        return;
    while ((state = channel_receive(flow->signer, &frame, &err)) == CHANNEL_FRAME) {
        on_signed(flow, &frame);
        if (frame.fd >= 0)
            close(frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(flow->signer, &err) >= 0)
        return;
    channel_free(&flow->signer);
    flow->signer_gone = clock_ms();
}

void signer_linked(struct flow *flow, int fd)
{
    channel_free(&flow->signer);
    flow->signer = channel_new(fd, FRAME_ROOM);
    channel_between(flow->signer, flow->role, ROLE_SIGNER);
    silence_note(flow, false);
    for (struct flight *flight = flow->first; flight && flow->sealing; flight = flight->next)
        if (flight->stage == STAGE_SEALING)
            seal_send(flow, flight);
        else if (flight->stage == STAGE_OPENING)
            opening_send(flow, flight);
}

/* Nothing is lost where a seal does not come: the message is judged and recorded, and its answer goes without. */
void signer_away(struct flow *flow, int64_t now)
{
    for (struct flight *flight = flow->first, *next; flight && flow->sealing; flight = next) {
        next = flight->next;
        if (flight->stage == STAGE_OPENING && flight->seal_due <= now)
            opening_end(flow, flight, NULL);
        else if (flight->stage == STAGE_SEALING && flight->seal_due <= now) {
            silence_note(flow, true);
            flight->counts->unsealed[UNSEALED_NO_SIGNER]++;
            seal_end(flow, flight, S(""));
        }
    }
}
