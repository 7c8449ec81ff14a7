#include "verdict/judging.h"
#include "verdict/stored.h"

#include "base/shape.h"

/* ---- made from the facts */

void judgement_begin(const struct judging *at, struct judgement *out)
{
    memcpy(&out->found, &at->out->evidence, sizeof out->found);
    out->outbound = judging_is_outbound(at);
    out->whole = at->content && at->claim && !out->outbound;
    out->denied = at->relay && at->relay->applies && at->relay->leave == RELAY_DENY;
    out->unknown = origin_is_unknown(at->proof);
    out->at = at->arrival->received_at;
    out->org = at->arrival->org;
    vec_each(recipient, &at->arrival->rcpt_to)
        *vec_push(at->arena, &out->recipients) = recipient->address;
    if (!at->testimony)
        return;
    memcpy(&out->listings, &at->testimony->listings, sizeof out->listings);
    out->scan = (struct judged_scan){at->testimony->scanned, at->testimony->scanner.word, at->testimony->scanner.name};
}

static bool is_trusted_sealer(const struct verdict_settings *settings, struct span domain)
{
    vec_each(sealer, &settings->trusted_sealers)
        if (domain.len && domain_is_or_under(domain, *sealer))
            return true;
    return false;
}

/* A seal covers the sets below it, not the message: a set counts where its own signature of the message still holds, or
 * where every sealer since is trusted. */
bool seals_explain(const struct verdict_settings *settings, const struct judgement *judgement)
{
    bool ours = true; /* all sets from here up */
    for (size_t i = judgement->seals.len; i-- > 0;) {
        const struct judged_seal *seal = &judgement->seals.at[i];
        bool trusted = is_trusted_sealer(settings, seal->domain); /* whose record it is decides whether it counts */
        ours = ours && trusted;
        if (trusted && (ours || seal->holds) && seal->passed)
            return true;
    }
    return false;
}

/* "Name <list.example.com>" -> list.example.com */
static struct span stream_of(const struct message *message)
{
    const struct field *field = message_field(message, FIELD_LIST_ID, 0);
    const char *open = field ? span_find_byte(field->value, '<') : NULL;
    struct span inner = open ? span_from(open + 1, field->value.at + field->value.len) : (struct span){0}, name;
    return span_cut(&inner, '>', &name) ? span_first(span_trim(name), 200) : (struct span){0};
}

void sender_find(const struct judging *at, struct judged_sender *out)
{
    const struct carrier *carrier = &at->path->carrier;
    *out = (struct judged_sender){.domain = at->from_domain, .stream = stream_of(at->message), .proved = author_is_proved(at),
                                  .failed = at->proof->dmarc.result == PROOF_FAIL};
    if (at->message->from.len)
        out->address = span_first(at->message->from.at[0].address, 320);
    if (carrier->service && carrier->borne_out) {
        out->service = carrier->service->id;
        out->account = carrier->account_sure ? span_first(carrier->account, 200) : (struct span){0};
    }
}

/* ---- as bytes. Evidence goes by its name: ids change from version to version. */

struct named_evidence {
    struct span name, where, words[3];
    bool half;
};
static const struct shape evidence_shape =
    SHAPE_OF(struct named_evidence, SHAPED_SPAN(struct named_evidence, name), SHAPED_SPAN(struct named_evidence, where),
             SHAPED_SPAN(struct named_evidence, words[0]), SHAPED_SPAN(struct named_evidence, words[1]),
             SHAPED_SPAN(struct named_evidence, words[2]), SHAPED_NUMBER(struct named_evidence, half));
static const struct shape seal_shape = SHAPE_OF(struct judged_seal, SHAPED_SPAN(struct judged_seal, domain),
                                                SHAPED_NUMBER(struct judged_seal, holds), SHAPED_NUMBER(struct judged_seal, passed));
static const struct shape sender_shape =
    SHAPE_OF(struct judged_sender, SHAPED_SPAN(struct judged_sender, domain), SHAPED_SPAN(struct judged_sender, address),
             SHAPED_SPAN(struct judged_sender, service), SHAPED_SPAN(struct judged_sender, account),
             SHAPED_SPAN(struct judged_sender, stream), SHAPED_NUMBER(struct judged_sender, proved), SHAPED_NUMBER(struct judged_sender, failed));
static const struct shape listing_shape =
    SHAPE_OF(struct listing, SHAPED_SPAN(struct listing, zone), SHAPED_UP_TO(struct listing, asks, LIST_LINKS),
             SHAPED_UP_TO(struct listing, state, LISTING_STATES - 1), SHAPED_SPAN(struct listing, subject), SHAPED_SPAN(struct listing, answers));
static const struct shape scan_shape = SHAPE_OF(struct judged_scan, SHAPED_NUMBER(struct judged_scan, asked),
                                                SHAPED_UP_TO(struct judged_scan, word, CLAMD_WORDS - 1), SHAPED_SPAN(struct judged_scan, name));
static const struct shape planned_shape =
    SHAPE_OF(struct planned_action, SHAPED_SPANS(struct planned_action, recipients), SHAPED_SPAN(struct planned_action, action),
             SHAPED_SPAN(struct planned_action, mode), SHAPED_SPAN(struct planned_action, reason), SHAPED_SPAN(struct planned_action, policy));
static const struct shape judgement_shape =
    SHAPE_OF(struct judgement, SHAPED_LIST(struct judgement, seals, &seal_shape, 0), SHAPED_NUMBER(struct judgement, seals_count),
             SHAPED_NUMBER(struct judgement, whole), SHAPED_NUMBER(struct judgement, outbound), SHAPED_NUMBER(struct judgement, denied),
             SHAPED_NUMBER(struct judgement, unknown), SHAPED_NUMBER(struct judgement, at), SHAPED_SPANS(struct judgement, recipients), SHAPED_SPAN(struct judgement, org),
             SHAPED_INSIDE(struct judgement, sender, &sender_shape), SHAPED_LIST(struct judgement, listings, &listing_shape, 0),
             SHAPED_INSIDE(struct judgement, scan, &scan_shape), SHAPED_LIST(struct judgement, planned, &planned_shape, 0),
             SHAPED_UP_TO(struct judgement, planned_for, VERDICT_MALICIOUS));

static void evidence_list_write(const struct evidence *list, size_t count, struct buf *out)
{
    number_write(out, count);
    for (size_t i = 0; i < count; i++) {
        struct named_evidence named = {span_of(evidence_kind(list[i].id)->name), list[i].where, {list[i].words[0], list[i].words[1], list[i].words[2]}, list[i].half};
        shape_write(&evidence_shape, &named, out);
    }
}

/* Needs go by name too. */
static void could_write(unsigned could, struct buf *out)
{
    unsigned bits = could;
    number_write(out, (unsigned)__builtin_popcount(bits));
    for (int need = 0; need < NEED_COUNT; need++)
        if (could >> need & 1) {
            struct span name = span_of(need_name((enum need)need));
            number_write(out, name.len);
            buf_add(out, name);
        }
}

/* Raised with every change to the shapes here: what is kept lives longer than a program. */
enum { JUDGEMENT_VERSION = 3 };

void judgement_write(const struct judgement *judgement, struct buf *out)
{
    number_write(out, JUDGEMENT_VERSION);
    evidence_list_write(judgement->found.at, judgement->found.len, out);
    evidence_list_write(judgement->otherwise.at, judgement->otherwise.len, out);
    could_write(judgement->could, out);
    shape_write(&judgement_shape, judgement, out);
}

typedef VEC(struct evidence) evidence_list_t;

static int evidence_list_read(struct arena *arena, struct span *rest, evidence_list_t *out, struct span *unknown)
{
    uint64_t count;
    if (!number_read(rest, &count) || count > EVIDENCE_COUNT)
        return -1;
    for (uint64_t i = 0; i < count; i++) {
        struct named_evidence named = {0};
        if (!shape_read(arena, &evidence_shape, rest, &named))
            return -1;
        struct evidence *evidence = vec_push(arena, out);
        if (!evidence_by_name(named.name, &evidence->id)) {
            *unknown = named.name;
            return 0;
        }
        evidence->where = named.where;
        evidence->half = named.half;
        memcpy(evidence->words, named.words, sizeof named.words);
    }
    return 1;
}

static int could_read(struct span *rest, unsigned *out, struct span *unknown)
{
    uint64_t count, len;
    if (!number_read(rest, &count))
        return -1;
    while (count--) {
        int need = 0;
        if (!number_read(rest, &len) || len > rest->len)
            return -1;
        struct span name = span_first(*rest, len);
        *rest = span_skip(*rest, len);
        while (need < NEED_COUNT && !span_eq(name, span_of(need_name((enum need)need))))
            need++;
        *unknown = name;
        if (need == NEED_COUNT)
            return 0;
        *out |= 1u << need;
    }
    return 1;
}

int judgement_read(struct arena *arena, struct span bytes, struct judgement *out, struct span *unknown)
{
    evidence_list_t found = {0}, otherwise = {0};
    uint64_t version;
    *out = (struct judgement){0};
    if (!number_read(&bytes, &version))
        return -1;
    if (version != JUDGEMENT_VERSION) {
        *unknown = arena_print(arena, "(judgements of version %u)", (unsigned)version);
        return 0;
    }
    int read = evidence_list_read(arena, &bytes, &found, unknown);
    if (read == 1)
        read = evidence_list_read(arena, &bytes, &otherwise, unknown);
    if (read == 1)
        read = could_read(&bytes, &out->could, unknown);
    if (read == 1 && (!shape_read(arena, &judgement_shape, &bytes, out) || bytes.len))
        read = -1;
    memcpy(&out->found, &found, sizeof found);
    memcpy(&out->otherwise, &otherwise, sizeof otherwise);
    return read;
}
