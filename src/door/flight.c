#include "door/flight.h"

#include "role/carried.h"
#include "verdict/stored.h"

#include <stdlib.h>
#include <unistd.h>

const unsigned flow_bounds[FLOW_BUCKETS] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000};

struct flight *flight_new(struct flow *flow, flow_done done, void *context)
{
    struct arena *arena = arena_new(FLIGHT_MOST);
    struct flight *flight = arena_one(arena, struct flight);
    *flight = (struct flight){.next = flow->first, .arena = arena, .serial = ++flow->last_serial, .done = done, .context = context,
                              .began_at = clock_ms(), .job.fd = -1, .held_fd = -1};
    struct flight **bucket = &flow->buckets[flight->serial % FLIGHT_BUCKETS];
    if (flow->first)
        flow->first->previous = flight;
    flow->first = flight;
    flight->bucket = *bucket;
    *bucket = flight;
    flow->holds++;
    return flight;
}

static void unsent_drop(struct flow *flow, const struct flight *flight)
{
    struct flight **at = &flow->unsent;
    while (*at != flight)
        at = &(*at)->queued;
    *at = flight->queued;
    flow->unsent_last = *at ? flow->unsent_last : at;
}

void flight_free(struct flow *flow, struct flight *flight)
{
    if (flight->unsent)
        unsent_drop(flow, flight);
    flow->weight -= flight->weighs;
    struct flight **at = &flow->buckets[flight->serial % FLIGHT_BUCKETS];
    struct arena *arena = flight->arena;
    while (*at != flight)
        at = &(*at)->bucket;
    *at = flight->bucket;
    *(flight->previous ? &flight->previous->next : &flow->first) = flight->next;
    if (flight->next)
        flight->next->previous = flight->previous;
    flow->holds--;
    flow->held_bytes -= flight->job.length;
    if (flight->held_fd >= 0)
        close(flight->held_fd);
    free((char *)(uintptr_t)flight->job.arrival.raw.at);
    arena_free(&arena);
}

struct flight *flight_find(struct flow *flow, uint32_t serial)
{
    struct flight *flight = flow->buckets[serial % FLIGHT_BUCKETS];
    while (flight && flight->serial != serial)
        flight = flight->bucket;
    return flight;
}

void arrival_copy(struct arena *arena, const struct arrival *from, struct arrival *out)
{
    struct span *const texts[] = {&out->source, &out->client_name, &out->helo, &out->mail_from, &out->mail_params, &out->login,
                                  &out->tls.version, &out->tls.cert_subject, &out->listener, &out->org, &out->queue_id};
    *out = *from;
    out->raw = (struct span){0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    memset(&out->rcpt_to, 0, sizeof out->rcpt_to);
    vec_each(recipient, &from->rcpt_to)
        *vec_push(arena, &out->rcpt_to) = (struct recipient){arena_copy(arena, recipient->address), arena_copy(arena, recipient->params),
                                                             arena_copy(arena, recipient->org)};
}

void door_settings_default(struct door_settings *settings)
{
    *settings = (struct door_settings){.most_bytes = 64 << 20, .header_bytes = 1 << 20, .memory_bytes = 1 << 20, .connections = 4000, .most_held = 2000, .most_held_bytes = 512 << 20,
                                       .idle_seconds = 60, .request_seconds = 120, .session_seconds = 7200, .drain_seconds = 30, .judge_slots = 32,
                                       .judge_bytes = 32 << 20};
}

/* ---- figures */
static void histogram_add(struct histogram *histogram, int64_t ms)
{
    size_t at = 0;
    uint64_t took = ms < 0 ? 0 : (uint64_t)ms;
    while (at < FLOW_BUCKETS && took > flow_bounds[at])
        at++;
    histogram->buckets[at]++;
    histogram->count++;
    histogram->sum_ms += took;
}

static void count(struct flow_counts *counts, const struct flight *flight, const struct flow_answer *answer, int64_t now)
{
    if (answer->end == FLOW_NOT_KEPT)
        counts->not_kept++;
    else if (answer->end == FLOW_UNREAD)
        counts->unread++;
    else if (answer->repeated)
        counts->repeated++;
    else if (answer->end == FLOW_UNJUDGED)
        counts->unjudged++;
    else
        counts->verdicts[flight->verdict]++;
    if (flight->dealt_at)
        histogram_add(&counts->wait, flight->dealt_at - flight->began_at);
    if (flight->judged_at) {
        histogram_add(&counts->judge, flight->judged_at - flight->dealt_at);
        histogram_add(&counts->keep, (flight->kept_at ? flight->kept_at : now) - flight->judged_at);
    }
    if (flight->kept_at)
        histogram_add(&counts->seal, now - flight->kept_at);
    histogram_add(&counts->whole, now - flight->began_at);
}

/* ---- the log: one line a decision */
static void stages_write(struct json *json, const struct flight *flight, int64_t now)
{
    json_object(json, "ms");
    json_number(json, "wait", flight->dealt_at ? flight->dealt_at - flight->began_at : now - flight->began_at);
    json_number(json, "judge", flight->judged_at ? flight->judged_at - flight->dealt_at : 0);
    json_number(json, "keep", flight->judged_at ? (flight->kept_at ? flight->kept_at : now) - flight->judged_at : 0);
    json_number(json, "seal", flight->kept_at ? now - flight->kept_at : 0);
    json_object_end(json);
}

static void envelope_write(struct json *json, const struct flight *flight, bool addresses)
{
    const struct arrival *arrival = &flight->job.arrival;
    json_number(json, "recipients", (int64_t)arrival->rcpt_to.len);
    json_text_or_null(json, "queue_id", arrival->queue_id);
    if (!addresses)
        return;
    json_ip(json, "client_ip", &arrival->client_ip);
    enum { TOLD = 100, ADDRESS_MOST = 320 }; /* a stranger chooses how many and how long; `recipients` is their number */
    json_text_or_null(json, "mail_from", span_first(arrival->mail_from, ADDRESS_MOST));
    json_array(json, "rcpt_to");
    for (size_t i = 0; i < arrival->rcpt_to.len && i < TOLD; i++)
        json_text(json, NULL, span_first(arrival->rcpt_to.at[i].address, ADDRESS_MOST));
    json_array_end(json);
}

/* What became of it by the mode and by active policies; a mail server that was handed edits may yet have refused them. */
static void fate_write(struct json *json, const struct flow_answer *answer)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)64 << 20);
    struct carried carried;
    if (carried_unpack(arena, answer->carried, &carried) < 0)
        return;
    bool some = answer->held && carried.fate == FATE_DELIVER && (carried.dropped.len || carried.copies.len || carried.waits.len); /* are held or sent theirs, and the others get it */
    json_text(json, "fate", some ? S("delivered") : answer->held ? S("held") : carried.fate == FATE_REJECT ? S("rejected") : S("delivered"));
    size_t sent = 0, waiting = 0;
    vec_each(copy, &carried.copies)
        sent += copy->recipients.len;
    vec_each(wait, &carried.waits)
        waiting += wait->recipients.len;
    if (some)
        json_number(json, "held_for", (int64_t)carried.dropped.len), json_number(json, "sent_for", (int64_t)sent);
    if (waiting && answer->held && !answer->repeated)
        json_number(json, "waiting_for", (int64_t)waiting);
    if (carried.copy_to.len && !answer->repeated)
        json_number(json, "copied_to", (int64_t)carried.copy_to.len);
    if (carried.originals.len && !answer->repeated)
        json_number(json, "original_kept_for", (int64_t)carried.originals.len);
    json_text(json, "acts", carried.fate == FATE_DELIVER ? carried_acts(arena, carried.acts) : S(""));
}

static void decision_log(struct flow *flow, const struct flight *flight, const struct flow_answer *answer, int64_t now)
{
    static const char *const ends[] = {"decided", "unjudged", "unread", "not-kept", "none"};
    struct log_line line;
    enum log_level level = answer->end == FLOW_REPORT ? LEVEL_INFO : LEVEL_WARNING;
    log_line_begin(&line, level, ends[answer->end]);
    if (!line.arena)
        return;
    struct json *json = &line.json;
    json_text_or_null(json, "id", answer->id);
    if (answer->end == FLOW_REPORT) {
        json_text(json, "verdict", span_of(verdict_name(flight->verdict)));
        json_real(json, "score", flight->score);
        json_text(json, "from_domain", flight->from_domain);
        json_text(json, "evidence", flight->evidence);
        fate_write(json, answer);
    }
    if (answer->why.len)
        json_text(json, "text", answer->why);
    json_bool(json, "repeated", answer->repeated);
    json_number(json, "size", (int64_t)flight->job.length);
    envelope_write(json, flight, flow->settings.log_addresses);
    json_text_or_null(json, "generation", flight->generation);
    json_text(json, "door", span_of(flight->counts->name));
    stages_write(json, flight, now);
    log_line_end(&line);
}

void flight_tell(struct flow *flow, const struct flight *flight, const struct flow_answer *answer)
{
    int64_t now = clock_ms();
    if (flight->fetching)
        return;
    count(flight->counts, flight, answer, now);
    decision_log(flow, flight, answer, now);
}

/* ---- unjudged */
/* As the ids of reports are written: the time, then a digest, in base32. */
static struct span id_write(struct arena *arena, int64_t at, const uint8_t *digest)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    struct buf out = {.arena = arena};
    uint64_t time = at < 0 ? 0 : (uint64_t)at;
    for (int shift = 35; shift >= 0; shift -= 5)
        buf_byte(&out, letters[time >> shift & 31]);
    for (int i = 0; i < 20; i++)
        buf_byte(&out, letters[digest[i] & 31]);
    return buf_span(&out);
}

void unjudged_write(struct flow *flow, struct flight *flight, struct span key, enum unjudged_why why)
{
    uint8_t sum[SHA256_BYTES];
    const struct arrival *arrival = &flight->job.arrival;
    struct buf out = {.arena = flight->arena};
    struct json json = {.out = &out};
    const struct whose_organisation *whose = whose_by_id(&flow->whose, arrival->org);
    sha256_of(key, sum);
    flight->id = id_write(flight->arena, arrival->received_at, sum);
    flight->generation = span_of(flow->settings.generation);
    json_object(&json, NULL);
    json_text(&json, "schema", S("sekimori.unjudged/1"));
    json_text(&json, "id", flight->id);
    json_text(&json, "generation", flight->generation);
    json_text_or_null(&json, "source", arrival->source);
    json_time(&json, "received_at", arrival->received_at);
    json_number(&json, "size", (int64_t)flight->job.length);
    report_envelope_write(&json, arrival); /* nothing else says to whom it goes, where it is held */
    json_text(&json, "verdict", S("unjudged"));
    json_text(&json, "action", whose && whose->unjudged_hold ? S("hold") : S("deliver"));
    json_text(&json, "reason", span_of(unjudged_text(why, LANGUAGE_EN)));
    json_object_end(&json);
    flight->report = buf_span(&out);
    flight->held = whose && whose->unjudged_hold;
}
