/* digest: rounds of digests, one organisation and recipient after the other. */
#include "role/digest.h"

#include "action/digest.h"
#include "base/digest.h"
#include "record/held.h"
#include "record/hunt.h"
#include "seal/pass.h"

#include <stdlib.h>
#include <time.h>

enum { LOOK_MS = 30000, SIGNER_MS = 10000, COPIES_MOST = 20000, ROOM = 1 << 28, NAME_LETTERS = 16 };

struct mention { /* one copy of the recipient at hand */
    struct digest_item item;
    struct span token; /* empty: not yet, or never */
    bool answered;
};

struct digest_rounds {
    struct store *store;
    struct channel *signer;
    struct arena *settled, *arena, *scratch; /* of the settings; of a batch; of a recipient */
    struct arena *place, *crowd; /* of `behind`; of a message's recipients */
    struct digest_settings settings;
    /* the round */
    const struct digest_organisation *organisation; /* NULL: there is none */
    int64_t began, since;      /* wall */
    struct held_copies copies; /* a batch of them, by recipient */
    struct span behind;        /* the last of these recipients; empty: none was read yet */
    bool more;                 /* there may be others behind */
    struct span crowd_id;      /* the message whose recipients these are, all of them; empty: none's */
    struct span *addresses;
    bool *meant;
    size_t people;
    size_t at, end;            /* those of the recipient at hand; end 0: none is */
    struct mention *told;
    size_t tolds, answers;
    uint32_t serial;           /* of the first of them */
    int64_t waits;             /* for the signer, until then, in ms */
    uint64_t mails;
    int64_t look_due;
};

struct digest_rounds *digest_rounds_new(struct store *store, struct span settings)
{
    struct digest_rounds *rounds = calloc(1, sizeof *rounds);
    if (!rounds)
        abort();
    *rounds = (struct digest_rounds){.store = store, .settled = arena_new(ROOM), .arena = arena_new((size_t)4 * ROOM), .scratch = arena_new(ROOM),
                                     .place = arena_new(ROOM), .crowd = arena_new((size_t)4 * ROOM)};
    if (settings.len && digest_settings_unpack(rounds->settled, settings, &rounds->settings) < 0)
        log_event(LEVEL_ERROR, "settings", "what is configured of digests cannot be read; none are sent");
    return rounds;
}

void digest_rounds_free(struct digest_rounds **pointer)
{
    struct digest_rounds *rounds = *pointer;
    if (!rounds)
        return;
    arena_free(&rounds->settled);
    arena_free(&rounds->arena);
    arena_free(&rounds->scratch);
    arena_free(&rounds->place);
    arena_free(&rounds->crowd);
    free(rounds);
    *pointer = NULL;
}

static void round_end(struct digest_rounds *rounds)
{
    rounds->organisation = NULL;
    rounds->end = rounds->at = 0;
    rounds->crowd_id = rounds->behind = (struct span){0};
    struct arena *const used[] = {rounds->arena, rounds->scratch, rounds->place, rounds->crowd};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        arena_reset(used[i]);
}

/* Begun anew by the next look: what was written is not written twice. */
static void round_fail(struct digest_rounds *rounds, const char *why)
{
    log_event(LEVEL_WARNING, "no-digest", "%.*s: what is held could not be told to all of its recipients for now: %s", SPAN_FMT(rounds->organisation->id), why);
    round_end(rounds);
}

void digest_signer(struct digest_rounds *rounds, struct channel *signer)
{
    rounds->signer = signer;
    if (!signer && rounds->organisation)
        round_fail(rounds, "the signer is away");
}

/* ---- when */
static int day_of(int64_t wall, int *hour)
{
    struct tm tm;
    time_t at = (time_t)wall;
    localtime_r(&at, &tm);
    *hour = tm.tm_hour;
    return tm.tm_year * 1000 + tm.tm_yday;
}

static int is_due(struct digest_rounds *rounds, const struct digest_organisation *organisation, int64_t wall, int64_t *since, struct err *err)
{
    int hour, then;
    int today = day_of(wall, &hour);
    if (hour < (int)organisation->hour)
        return 0;
    if (digest_told(rounds->store, organisation->id, since, err) < 0)
        return -1;
    if (*since > wall) /* the clock was ahead: what was held meanwhile is told again */
        *since = INT64_MIN;
    return *since == INT64_MIN || day_of(*since, &then) != today;
}

static int by_recipient(const void *left, const void *right)
{
    const struct held_copy *a = left, *b = right;
    int order = span_compare(a->address, b->address);
    return order ? order : a->at == b->at ? span_compare(b->id, a->id) : a->at < b->at ? 1 : -1; /* the newest first */
}

/* A batch ends between two recipients; one who has more than a whole batch is told of as many. */
static void batch_cut(struct digest_rounds *rounds)
{
    size_t len = rounds->copies.list.len;
    const struct held_copy *copies = rounds->copies.list.at;
    while (len && span_eq(copies[len - 1].address, copies[rounds->copies.list.len - 1].address))
        len--;
    rounds->copies.list.len = len ? len : rounds->copies.list.len;
}

static int batch_read(struct digest_rounds *rounds, struct err *err)
{
    arena_reset(rounds->arena);
    rounds->at = rounds->end = 0;
    if (held_since(rounds->store, rounds->arena, rounds->organisation->id, rounds->since, rounds->behind, COPIES_MOST, &rounds->copies, err) < 0)
        return -1;
    vec_each(copy, &rounds->copies.list)
        copy->address = arena_lower(rounds->arena, copy->address);
    rounds->more = rounds->copies.list.len >= COPIES_MOST;
    if (rounds->more)
        batch_cut(rounds);
    if (!rounds->copies.list.len)
        return 0;
    arena_reset(rounds->place);
    rounds->behind = arena_copy(rounds->place, rounds->copies.list.at[rounds->copies.list.len - 1].address);
    qsort(rounds->copies.list.at, rounds->copies.list.len, sizeof *rounds->copies.list.at, by_recipient);
    return 0;
}

static int round_begin(struct digest_rounds *rounds, const struct digest_organisation *organisation, int64_t since, struct moment at, struct err *err)
{
    rounds->mails = 0;
    rounds->began = at.wall;
    rounds->since = since;
    rounds->organisation = organisation;
    return batch_read(rounds, err);
}

static void look(struct digest_rounds *rounds, struct moment at)
{
    struct err err;
    int64_t since;
    rounds->look_due = at.now + LOOK_MS;
    vec_each(organisation, &rounds->settings.list) {
        int due = is_due(rounds, organisation, at.wall, &since, &err);
        if (due > 0 && round_begin(rounds, organisation, since, at, &err) < 0)
            due = -1;
        if (due < 0)
            log_event(LEVEL_WARNING, "no-digest", "%.*s: what is held cannot be looked at: %s", SPAN_FMT(organisation->id), err.text);
        if (due)
            return;
    }
}

/* ---- one recipient */
/* All that have copies of the message. They may be thousands, and the next recipient is often another of them. */
static int crowd_read(struct digest_rounds *rounds, struct span id, struct err *err)
{
    struct held_copies all;
    struct arena *arena = rounds->crowd;
    if (rounds->crowd_id.len && span_eq(rounds->crowd_id, id))
        return 0;
    arena_reset(arena);
    rounds->crowd_id = (struct span){0};
    if (held_copies(rounds->store, arena, id, &all, err) < 0)
        return -1;
    rounds->people = all.list.len;
    rounds->addresses = arena_alloc(arena, (rounds->people + 1) * sizeof *rounds->addresses);
    rounds->meant = arena_alloc(arena, rounds->people + 1);
    for (size_t i = 0; i < rounds->people; i++)
        rounds->addresses[i] = arena_lower(arena, all.list.at[i].address);
    rounds->crowd_id = arena_copy(arena, id);
    return 0;
}

/* One of the recipients, of all that have copies of the message: whoever opens the pass looks at these. */
static int pass_text(struct digest_rounds *rounds, const struct held_copy *copy, const struct record_held *held, struct span *text, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ROOM);
    enum pass_kind kind = rounds->organisation->releases ? PASS_RELEASE : PASS_ASK;
    if (crowd_read(rounds, copy->id, err) < 0)
        return -1;
    for (size_t i = 0; i < rounds->people; i++)
        rounds->meant[i] = span_eq(rounds->addresses[i], copy->address);
    struct pass pass = {.kind = kind, .record = copy->id, .org = copy->org, .until = held->until, .once = held->ticket};
    pass_name(arena, &pass, rounds->addresses, rounds->people, rounds->meant);
    if (pass_write(arena, &pass, text, err) < 0)
        return -1;
    *text = arena_copy(rounds->scratch, *text);
    return 0;
}

static int token_ask(struct digest_rounds *rounds, const struct held_copy *copy, struct mention *told, struct err *err)
{
    struct record_held held;
    struct hunt_row row;
    struct span text;
    struct buf asked = {.arena = rounds->scratch};
    if (channel_is_full(rounds->signer))
        return err_set(err, "the signer does not answer");
    int found = record_held(rounds->store, rounds->scratch, copy->id, &held, err);
    int judged = found > 0 ? hunt_row_of(rounds->store, rounds->scratch, copy->id, &row, err) : 0;
    if (found <= 0 || judged < 0)
        return found < 0 || judged < 0 ? -1 : 0;
    told->item = (struct digest_item){.at = held.at, .until = held.until, .judged = judged};
    if (judged) {
        told->item.from = row.from_address;
        told->item.subject = row.subject;
        told->item.verdict = row.verdict;
    }
    if (pass_text(rounds, copy, &held, &text, err) < 0)
        return -1;
    words_pack(&asked, (const struct span[]){pass_purpose(rounds->organisation->releases ? PASS_RELEASE : PASS_ASK), text}, 2);
    return channel_send(rounds->signer, FRAME_TOKEN, rounds->serial + (uint32_t)(told - rounds->told), buf_span(&asked), -1, err) < 0 ? -1 : 1;
}

static int recipient_begin(struct digest_rounds *rounds, int64_t now, struct err *err)
{
    const struct held_copy *first = &rounds->copies.list.at[rounds->at];
    arena_reset(rounds->scratch);
    rounds->end = rounds->at;
    while (rounds->end < rounds->copies.list.len && span_eq(rounds->copies.list.at[rounds->end].address, first->address))
        rounds->end++;
    rounds->serial += (uint32_t)DIGEST_ITEMS_MOST;
    rounds->told = arena_alloc(rounds->scratch, DIGEST_ITEMS_MOST * sizeof *rounds->told);
    rounds->tolds = rounds->answers = 0;
    rounds->waits = now + SIGNER_MS;
    for (size_t i = rounds->at; i < rounds->end && rounds->tolds < DIGEST_ITEMS_MOST; i++) {
        int asked = token_ask(rounds, &rounds->copies.list.at[i], &rounds->told[rounds->tolds], err);
        if (asked < 0)
            return -1;
        rounds->tolds += (size_t)asked; /* what went meanwhile is not told */
    }
    return 0;
}

void digest_signed(struct digest_rounds *rounds, const struct frame *frame)
{
    struct signed_answer answer;
    size_t which = frame->serial - rounds->serial;
    if (frame->kind != FRAME_SIGNED || !rounds->end || which >= rounds->tolds || rounds->told[which].answered)
        return;
    rounds->told[which].answered = true;
    rounds->answers++;
    if (signed_unpack(frame->bytes, &answer) == 0 && answer.how == SIGNED_DONE)
        rounds->told[which].token = arena_copy(rounds->scratch, answer.text);
}

/* The same for one recipient and day. */
static struct span name_of(struct digest_rounds *rounds, struct span recipient)
{
    int hour;
    uint8_t sum[SHA256_BYTES];
    struct buf name = {.arena = rounds->scratch}, what = {.arena = rounds->scratch};
    buf_print(&what, "%.*s %d %.*s", SPAN_FMT(rounds->organisation->id), day_of(rounds->began, &hour), SPAN_FMT(recipient));
    sha256_of(buf_span(&what), sum);
    buf_base32(&name, sum, NAME_LETTERS);
    return buf_span(&name);
}

static int mail_keep(struct digest_rounds *rounds, int64_t wall, struct err *err)
{
    const struct digest_organisation *organisation = rounds->organisation;
    struct arena *arena = rounds->scratch;
    struct span to = rounds->copies.list.at[rounds->at].address, name = name_of(rounds, to);
    struct digest digest = {.organisation = organisation->name, .sender = rounds->settings.sender, .recipient = to, .id = name, .now = wall,
                            .releases = organisation->releases, .en = organisation->en, .ja = organisation->ja,
                            .more = rounds->end - rounds->at > DIGEST_ITEMS_MOST ? rounds->end - rounds->at - DIGEST_ITEMS_MOST : 0};
    struct buf text = {.arena = arena}, bytes = {.arena = arena};
    for (size_t i = 0; i < rounds->tolds; i++) {
        struct mention *told = &rounds->told[i];
        if (!told->token.len)
            return err_set(err, "the signer made no token; sekimori key list tells whether there is a key of tokens");
        told->item.link = pass_address(arena, rounds->settings.base_url, organisation->releases ? PASS_RELEASE : PASS_ASK, told->token);
        *vec_push(arena, &digest.items) = told->item;
    }
    digest_mail_write(arena, &digest, &text);
    letter_pack(&bytes, &(struct letter){.recipient = to, .length = text.len, .text = buf_span(&text)});
    struct span about = arena_print(arena, "digest-%.*s", SPAN_FMT(organisation->id));
    return digest_keep(rounds->store, arena_print(arena, "%.*s.%.*s", SPAN_FMT(about), SPAN_FMT(name)), about, buf_span(&bytes), wall, err);
}

/* ---- the turn */
static int round_go_on(struct digest_rounds *rounds, struct moment at, struct err *err)
{
    if (rounds->end && rounds->answers == rounds->tolds) {
        int kept = rounds->tolds ? mail_keep(rounds, at.wall, err) : 0;
        if (kept < 0)
            return -1;
        rounds->mails += (uint64_t)kept;
        rounds->at = rounds->end;
        rounds->end = 0;
    }
    if (rounds->end)
        return rounds->waits <= at.now ? err_set(err, "the signer does not answer") : 0;
    if (rounds->at < rounds->copies.list.len)
        return recipient_begin(rounds, at.now, err);
    if (rounds->more)
        return batch_read(rounds, err);
    if (digest_tell(rounds->store, rounds->organisation->id, rounds->began, err) < 0)
        return -1;
    log_event(LEVEL_INFO, "digest", "%.*s: %llu recipients are told what is held for them; the next are tomorrow, from %02u:00 on", SPAN_FMT(rounds->organisation->id),
              (unsigned long long)rounds->mails, (unsigned)rounds->organisation->hour);
    round_end(rounds);
    return 0;
}

int64_t digest_turn(struct digest_rounds *rounds, struct moment at)
{
    enum { SOON_MS = 5 };
    struct err err;
    if (!rounds->settings.list.len)
        return at.now + LOOK_MS;
    if (!rounds->organisation && rounds->signer && rounds->look_due <= at.now)
        look(rounds, at);
    if (rounds->organisation && round_go_on(rounds, at, &err) < 0)
        round_fail(rounds, err.text);
    if (!rounds->organisation)
        return rounds->look_due > at.now ? rounds->look_due : at.now + LOOK_MS;
    return rounds->end && rounds->answers < rounds->tolds ? rounds->waits : at.now + SOON_MS;
}
