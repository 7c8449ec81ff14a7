#include "walk/walk.h"

enum { ROUNDS = 12, MOST_ASKS = 200 };

void walk_settings_default(struct walk_settings *settings)
{
    *settings = (struct walk_settings){.rounds = ROUNDS, .most_asks = MOST_ASKS, .generation = S(SEKIMORI_VERSION)};
    message_limits_default(&settings->message);
    trace_settings_default(&settings->trace);
    auth_settings_default(&settings->auth);
    file_limits_default(&settings->files);
    identity_settings_default(&settings->identity);
    verdict_settings_default(&settings->verdict);
}

static void witnesses_begin(struct walk *walk)
{
    struct witness_subjects subjects;
    const struct witness_settings *settings = &walk->settings->witness;
    walk->witnessed = settings->lists.len > 0 || settings->scanner;
    if (!walk->witnessed)
        return;
    asked_make(walk, &subjects);
    witness_begin(walk->arena, settings, &subjects, &walk->testimony);
    walk->scan_wanted = settings->scanner && walk->arrival.raw.len <= settings->scanner_bytes;
    if (settings->scanner && !walk->scan_wanted)
        walk->testimony.scanner.word = CLAMD_TOO_LARGE;
}

void walk_scanned(struct walk *walk, const struct clamd_answer *answer)
{
    walk->scan_wanted = false;
    walk->testimony.scanner = (struct clamd_answer){.word = answer->word, .name = arena_copy(walk->arena, answer->name),
                                                    .why = arena_copy(walk->arena, answer->why)};
}

bool walk_read(struct walk *walk, struct arena *arena, const struct walk_settings *settings, const struct arrival *arrival)
{
    *walk = (struct walk){.arena = arena, .settings = settings, .arrival = *arrival};
    message_parse(arena, &settings->message, settings->tables, &walk->arrival, &walk->message);
    if (walk->arrival.received_at == TIME_UNKNOWN)
        walk->arrival.received_at = trace_arrival_time(arena, &walk->message);
    trace_path(arena, &settings->trace, settings->tables, &walk->arrival, &walk->message, &walk->path);
    seals_find(arena, &walk->message, &walk->seals);
    content_read(arena, &settings->files, settings->tables, &walk->arrival, &walk->message, &walk->content);
    told_make(arena, &walk->content, &walk->told);
    witnesses_begin(walk);
    walk->answers = dns_answers_new(arena, settings->most_asks + witness_asks(&walk->testimony));
    walk->auth = auth_begin(arena, &settings->auth, settings->tables, &walk->arrival, &walk->message, &walk->path);
    return walk_answered(walk);
}

bool walk_answered(struct walk *walk)
{
    bool closing = walk->round++ >= walk->settings->rounds;
    if (!walk->proved)
        walk->proved = auth_continue(walk->auth, walk->answers, walk->arrival.received_at, closing, &walk->proof);
    bool heard = witness_hear(walk->arena, &walk->testimony, walk->answers, closing);
    return walk->proved && heard;
}

const struct seal_measure *walk_measure(struct walk *walk)
{
    if (walk->measured == MEASURE_NOT_YET)
        walk->measured = seal_measure(&walk->message, &walk->measure) ? MEASURED : MEASURE_CANNOT;
    return walk->measured == MEASURED ? &walk->measure : NULL;
}

void walk_sealed(struct walk *walk, size_t n, bool known, bool holds)
{
    struct seal_found *found = n < walk->seals.list.len ? &walk->seals.list.at[n] : NULL;
    if (found && found->state != SEAL_MALFORMED)
        found->state = seal_judge(&found->seal, known, holds, walk_measure(walk));
}

void walk_judge(struct walk *walk)
{
    const struct walk_settings *settings = walk->settings;
    if (!walk->proved)
        walk->proved = auth_continue(walk->auth, walk->answers, walk->arrival.received_at, true, &walk->proof);
    witness_hear(walk->arena, &walk->testimony, walk->answers, true);
    relay_examine(walk->arena, settings->customers, &walk->arrival, &walk->message, &walk->path, &walk->proof, &walk->relay);
    identity_claim(walk->arena, &settings->identity, settings->tables, &walk->arrival, &walk->message, &walk->path, &walk->proof,
                   &walk->told, &walk->claim);
    struct facts facts = {.arrival = &walk->arrival, .message = &walk->message, .path = &walk->path, .proof = &walk->proof,
                          .relay = &walk->relay, .content = &walk->content, .claim = &walk->claim, .seals = &walk->seals,
                          .testimony = walk->witnessed ? &walk->testimony : NULL};
    verdict_reach(walk->arena, &settings->verdict, settings->tables, &facts, &walk->report);
    walk->report.generation = settings->generation;
}
