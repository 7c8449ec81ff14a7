/* parcel: how a job, names, answers and a result lie in a frame. Numbers in the machine's own order: both ends are one
 * binary. A reader takes no length on trust. */
#include "record/held.h"
#include "role/inner.h"

#include "base/shape.h"

static void pack_number(struct buf *out, uint64_t number)
{
    buf_add(out, (struct span){(const char *)&number, sizeof number});
}

static void pack_text(struct buf *out, struct span text)
{
    pack_number(out, text.len);
    buf_add(out, text);
}

/* Reads on after a failure give nothing: the caller looks at `failed` once. */
struct unpacking {
    struct span rest;
    bool failed;
};

static uint64_t unpack_number(struct unpacking *from)
{
    uint64_t number = 0;
    if (from->rest.len < sizeof number) {
        from->failed = true;
        from->rest.len = 0;
        return 0;
    }
    memcpy(&number, from->rest.at, sizeof number);
    from->rest = span_skip(from->rest, sizeof number);
    return number;
}

static struct span unpack_text(struct unpacking *from)
{
    uint64_t len = unpack_number(from);
    if (len > from->rest.len) {
        from->failed = true;
        len = 0;
    }
    struct span text = span_first(from->rest, len);
    from->rest = span_skip(from->rest, len);
    return text;
}

static void pack_real(struct buf *out, double number)
{
    buf_add(out, (struct span){(const char *)&number, sizeof number});
}

static double unpack_real(struct unpacking *from)
{
    uint64_t bits = unpack_number(from);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t unpack_up_to(struct unpacking *from, uint64_t most)
{
    uint64_t number = unpack_number(from);
    from->failed |= number > most;
    return from->failed ? 0 : number;
}

static struct span unpack_kept(struct arena *arena, struct unpacking *from)
{
    struct span text = unpack_text(from);
    return text.len ? arena_copy(arena, text) : (struct span){0};
}

static void ip_pack(struct buf *out, const struct ip *ip)
{
    buf_add(out, (struct span){(const char *)ip, sizeof *ip});
}

static void ip_unpack(struct unpacking *from, struct ip *ip)
{
    if (from->rest.len >= sizeof *ip)
        memcpy(ip, from->rest.at, sizeof *ip);
    else
        from->failed = true;
    from->rest = span_skip(from->rest, sizeof *ip);
}

/* The spans of an arrival that travel, in their order. */
#define ARRIVAL_TEXTS(arrival)                                                                                         \
    {                                                                                                                  \
        &(arrival)->source, &(arrival)->client_name, &(arrival)->helo, &(arrival)->mail_from, &(arrival)->mail_params, \
            &(arrival)->login, &(arrival)->tls.version, &(arrival)->tls.cert_subject, &(arrival)->listener,            \
            &(arrival)->org, &(arrival)->queue_id                                                                                       \
    }

static void arrival_pack(struct buf *out, const struct arrival *arrival)
{
    const struct span *const texts[] = ARRIVAL_TEXTS(arrival);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        pack_text(out, *texts[i]);
    ip_pack(out, &arrival->client_ip);
    pack_number(out, arrival->mail_from_state);
    pack_number(out, arrival->tls.cert_verified);
    pack_number(out, arrival->local);
    pack_number(out, arrival->direction);
    pack_number(out, (uint64_t)arrival->received_at);
    pack_number(out, arrival->rcpt_to.len);
    vec_each(recipient, &arrival->rcpt_to) {
        pack_text(out, recipient->address);
        pack_text(out, recipient->params);
        pack_text(out, recipient->org);
    }
}

static void arrival_unpack(struct arena *arena, struct unpacking *from, struct arrival *out)
{
    struct span *const texts[] = ARRIVAL_TEXTS(out);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = unpack_kept(arena, from);
    ip_unpack(from, &out->client_ip);
    out->mail_from_state = (enum sender_state)unpack_up_to(from, SENDER_GIVEN);
    out->tls.cert_verified = unpack_up_to(from, 1);
    out->local = unpack_up_to(from, 1);
    out->direction = (enum direction)unpack_up_to(from, DIRECTION_REINJECT);
    out->received_at = (int64_t)unpack_number(from);
    for (uint64_t n = unpack_number(from); n && !from->failed; n--) {
        struct recipient *recipient = vec_push(arena, &out->rcpt_to);
        recipient->address = unpack_kept(arena, from);
        recipient->params = unpack_kept(arena, from);
        recipient->org = unpack_kept(arena, from);
    }
}

void job_pack(struct buf *out, const struct scan_job *job)
{
    arrival_pack(out, &job->arrival);
    pack_number(out, job->offset);
    pack_number(out, job->length);
    pack_number(out, job->mbox);
    pack_number(out, job->seal);
    pack_number(out, job->carries);
    pack_number(out, job->holds);
    pack_number(out, job->drops);
    pack_number(out, job->words);
    pack_number(out, job->body_stays);
    pack_number(out, job->fd < 0 ? job->arrival.raw.len : 0);
}

int job_unpack(struct arena *arena, struct span bytes, struct scan_job *out)
{
    struct unpacking from = {bytes, false};
    *out = (struct scan_job){.fd = -1};
    arrival_unpack(arena, &from, &out->arrival);
    out->offset = unpack_up_to(&from, INT64_MAX);
    out->length = unpack_up_to(&from, INT64_MAX);
    out->mbox = unpack_up_to(&from, 1);
    out->seal = unpack_up_to(&from, 1);
    out->carries = unpack_up_to(&from, 1);
    out->holds = unpack_up_to(&from, 1);
    out->drops = unpack_up_to(&from, 1);
    out->words = (enum job_words)unpack_up_to(&from, WORDS_NONE);
    out->body_stays = unpack_up_to(&from, 1);
    uint64_t raw = unpack_number(&from);
    out->arrival.raw = from.rest;
    return from.failed || from.rest.len != raw ? -1 : 0;
}

static void ask_pack(struct buf *out, const struct dns_ask *ask)
{
    pack_number(out, ask->type);
    pack_text(out, ask->name);
}

void asks_pack(struct buf *out, const struct ip *client, const struct dns_ask *asks, size_t count)
{
    ip_pack(out, client);
    for (size_t i = 0; i < count; i++)
        ask_pack(out, &asks[i]);
}

bool asks_unpack(struct span *rest, struct ip *client)
{
    struct unpacking from = {*rest, false};
    ip_unpack(&from, client);
    *rest = from.rest;
    return !from.failed;
}

static bool ask_read(struct unpacking *from, struct dns_ask *out)
{
    out->type = (uint16_t)unpack_up_to(from, UINT16_MAX);
    out->name = unpack_text(from);
    return !from->failed;
}

bool ask_unpack(struct span *rest, struct dns_ask *out)
{
    struct unpacking from = {*rest, false};
    bool got = rest->len && ask_read(&from, out);
    *rest = from.rest;
    return got;
}

void answer_pack(struct buf *out, const struct dns_answer *answer)
{
    ask_pack(out, &answer->ask);
    pack_number(out, answer->status);
    pack_number(out, answer->secure);
    pack_number(out, answer->ttl);
    pack_text(out, answer->why);
    pack_number(out, answer->data.len);
    vec_each(data, &answer->data)
        pack_text(out, *data);
}

bool answer_unpack(struct arena *arena, struct span *rest, struct dns_answer *out)
{
    struct unpacking from = {*rest, false};
    *out = (struct dns_answer){0};
    if (!rest->len || !ask_read(&from, &out->ask))
        return false;
    out->status = (enum dns_status)unpack_up_to(&from, DNS_UNKNOWN);
    out->secure = unpack_up_to(&from, 1);
    out->ttl = (uint32_t)unpack_up_to(&from, UINT32_MAX);
    out->why = unpack_text(&from);
    for (uint64_t n = unpack_number(&from); n && !from.failed; n--)
        *vec_push(arena, &out->data) = unpack_text(&from);
    *rest = from.rest;
    return !from.failed;
}

/* Its numbers in their order. */
#define HEARD_NUMBERS(heard)                                                                                                                   \
    {                                                                                                                                          \
        &(heard)->asked, &(heard)->answered, &(heard)->found, &(heard)->silent, &(heard)->failed, &(heard)->faults                             \
    }

void heard_pack(struct buf *out, const struct heard *heard)
{
    const uint64_t *const numbers[] = HEARD_NUMBERS(heard);
    pack_text(out, heard->name);
    pack_text(out, heard->about);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pack_number(out, *numbers[i]);
    pack_text(out, heard->complaint);
}

bool heard_unpack(struct span *rest, struct heard *out)
{
    struct unpacking from = {*rest, false};
    uint64_t *const numbers[] = HEARD_NUMBERS(out);
    if (!rest->len)
        return false;
    out->name = unpack_text(&from);
    out->about = unpack_text(&from);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = unpack_number(&from);
    out->complaint = unpack_text(&from);
    *rest = from.rest;
    return !from.failed;
}

void result_pack(struct buf *out, const struct scan_result *result)
{
    pack_number(out, result->verdict);
    pack_number(out, result->facts);
    pack_number(out, result->borne);
    pack_number(out, result->believed);
    pack_real(out, result->score);
    pack_text(out, result->id);
    pack_text(out, result->from_domain);
    pack_text(out, result->generation);
    pack_text(out, result->evidence);
    pack_text(out, result->record);
    pack_text(out, result->settings);
    pack_text(out, result->heard);
    pack_text(out, result->measure);
    pack_text(out, result->carried);
    pack_text(out, result->gist);
    pack_text(out, result->error);
    pack_text(out, result->output);
}

int result_unpack(struct span bytes, struct scan_result *out)
{
    struct unpacking from = {bytes, false};
    out->verdict = (enum verdict)unpack_up_to(&from, VERDICT_MALICIOUS);
    out->facts = (unsigned)unpack_up_to(&from, UINT32_MAX);
    out->borne = unpack_number(&from);
    out->believed = unpack_number(&from);
    out->score = unpack_real(&from);
    out->id = unpack_text(&from);
    out->from_domain = unpack_text(&from);
    out->generation = unpack_text(&from);
    out->evidence = unpack_text(&from);
    out->record = unpack_text(&from);
    out->settings = unpack_text(&from);
    out->heard = unpack_text(&from);
    out->measure = unpack_text(&from);
    out->carried = unpack_text(&from);
    out->gist = unpack_text(&from);
    out->error = unpack_text(&from);
    out->output = unpack_text(&from);
    return from.failed || from.rest.len ? -1 : 0;
}

/* ---- the signer */
void words_pack(struct buf *out, const struct span *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pack_text(out, words[i]);
}

int words_unpack(struct span bytes, struct span *words, size_t count)
{
    struct unpacking from = {bytes, false};
    for (size_t i = 0; i < count; i++)
        words[i] = unpack_text(&from);
    return from.failed || from.rest.len ? -1 : 0;
}

void signed_pack(struct buf *out, const struct signed_answer *answer)
{
    pack_number(out, answer->how);
    pack_text(out, answer->text);
}

int signed_unpack(struct span bytes, struct signed_answer *out)
{
    struct unpacking from = {bytes, false};
    out->how = unpack_up_to(&from, SIGNED_REFUSED);
    out->text = unpack_text(&from);
    return from.failed || from.rest.len ? -1 : 0;
}

void seal_pack(struct buf *out, const struct seal *seal)
{
    pack_text(out, seal->key);
    pack_text(out, seal->record);
    pack_number(out, (uint64_t)seal->at);
    pack_text(out, (struct span){(const char *)&seal->measure, sizeof seal->measure});
    pack_text(out, (struct span){(const char *)seal->hmac, sizeof seal->hmac});
}

bool seal_unpack(struct span *rest, struct seal *out)
{
    struct unpacking from = {*rest, false};
    bool some = rest->len != 0;
    *out = (struct seal){.key = unpack_text(&from)};
    out->record = unpack_text(&from);
    out->at = (int64_t)unpack_up_to(&from, INT64_MAX);
    struct span measure = unpack_text(&from), hmac = unpack_text(&from);
    *rest = from.rest;
    if (!some || from.failed || measure.len != sizeof out->measure || hmac.len != sizeof out->hmac || !seal_names_are_plain(out->key, out->record))
        return false;
    memcpy(&out->measure, measure.at, measure.len);
    memcpy(out->hmac, hmac.at, hmac.len);
    return true;
}

void pass_ask_pack(struct buf *out, enum pass_kind kind, struct span text)
{
    pack_number(out, kind);
    pack_text(out, text);
}

bool pass_ask_unpack(struct span *rest, enum pass_kind *kind, struct span *text)
{
    struct unpacking from = {*rest, false};
    bool some = rest->len != 0;
    *kind = (enum pass_kind)unpack_up_to(&from, PASS_COUNT - 1);
    *text = unpack_text(&from);
    *rest = from.rest;
    return some && !from.failed;
}

void pass_token_pack(struct buf *out, struct span token)
{
    pack_text(out, token);
}

bool pass_token_unpack(struct span *rest, struct span *token)
{
    struct unpacking from = {*rest, false};
    bool some = rest->len != 0;
    *token = unpack_text(&from);
    *rest = from.rest;
    return some && !from.failed;
}

/* ---- judge and scanner */
void scan_pack(struct buf *out, uint64_t offset, uint64_t length)
{
    pack_number(out, offset);
    pack_number(out, length);
}

int scan_unpack(struct span bytes, uint64_t *offset, uint64_t *length)
{
    struct unpacking from = {bytes, false};
    *offset = unpack_up_to(&from, INT64_MAX);
    *length = unpack_up_to(&from, INT64_MAX);
    return from.failed || from.rest.len ? -1 : 0;
}

void scanned_pack(struct buf *out, const struct clamd_answer *answer)
{
    pack_number(out, answer->word);
    pack_text(out, answer->name);
    pack_text(out, answer->why);
}

int scanned_unpack(struct span bytes, struct clamd_answer *out)
{
    struct unpacking from = {bytes, false};
    out->word = (enum clamd_word)unpack_up_to(&from, CLAMD_WORDS - 1);
    out->name = unpack_text(&from);
    out->why = unpack_text(&from);
    return from.failed || from.rest.len ? -1 : 0;
}

/* ---- door and keeper */
static const struct shape keep_recipient_shape =
    SHAPE_OF(struct keep_recipient, SHAPED_SPAN(struct keep_recipient, address), SHAPED_SPAN(struct keep_recipient, params),
             SHAPED_SPAN(struct keep_recipient, org), SHAPED_NUMBER(struct keep_recipient, original), SHAPED_NUMBER(struct keep_recipient, stays),
             SHAPED_UP_TO(struct keep_recipient, original_if, HELD_ORIGINAL_IF_AGREED | HELD_ORIGINAL_IF_DECLINED), SHAPED_NUMBER(struct keep_recipient, copy));
static const struct shape keep_copy_shape =
    SHAPE_OF(struct keep_copy, SHAPED_NUMBER(struct keep_copy, start), SHAPED_NUMBER(struct keep_copy, length), SHAPED_NUMBER(struct keep_copy, leaves),
             SHAPED_NUMBER(struct keep_copy, edited), SHAPED_SPAN(struct keep_copy, measure), SHAPED_NUMBER(struct keep_copy, waits),
             SHAPED_NUMBER(struct keep_copy, stays), SHAPED_NUMBER(struct keep_copy, agreed_start), SHAPED_NUMBER(struct keep_copy, agreed_length),
             SHAPED_SPAN(struct keep_copy, agreed_measure), SHAPED_SPAN(struct keep_copy, asked));
static const struct shape keep_address_shape = SHAPE_OF(struct keep_address, SHAPED_SPAN(struct keep_address, address), SHAPED_NUMBER(struct keep_address, stays));
static const struct shape keep_row_shape =
    SHAPE_OF(struct keep_row, SHAPED_SPAN(struct keep_row, record), SHAPED_SPAN(struct keep_row, settings), SHAPED_SPAN(struct keep_row, key),
             SHAPED_SPAN(struct keep_row, id), SHAPED_SPAN(struct keep_row, report), SHAPED_SPAN(struct keep_row, org), SHAPED_SPAN(struct keep_row, jobs),
             SHAPED_UP_TO(struct keep_row, why, UNJUDGED_WHY_COUNT - 1), SHAPED_NUMBER(struct keep_row, hold), SHAPED_UP_TO(struct keep_row, length, INT64_MAX),
             SHAPED_SPAN(struct keep_row, mail_from), SHAPED_SPAN(struct keep_row, mail_params),
             SHAPED_LIST(struct keep_row, recipients, &keep_recipient_shape, 0), SHAPED_LIST(struct keep_row, copies, &keep_copy_shape, 0),
             SHAPED_LIST(struct keep_row, copy_to, &keep_address_shape, 0), SHAPED_NUMBER(struct keep_row, came),
             SHAPED_SPAN(struct keep_row, measure), SHAPED_NUMBER(struct keep_row, beside),
             SHAPED_UP_TO(struct keep_row, hold_seconds, HELD_SECONDS_MOST));

void keep_row_pack(struct buf *out, const struct keep_row *row)
{
    shape_write(&keep_row_shape, row, out);
}

static bool stretch_fits(const struct keep_row *row, uint64_t start, uint64_t length)
{
    return start <= row->length && length <= row->length - start;
}

/* Copies lie within what travels, and recipients have one of them. A measure is written for each: it is no longer than one. */
static bool copies_fit(const struct keep_row *row)
{
    if (!seal_measure_fits(row->measure))
        return false;
    vec_each(copy, &row->copies)
        if (!seal_measure_fits(copy->measure) || !seal_measure_fits(copy->agreed_measure) || !stretch_fits(row, copy->start, copy->length) || !stretch_fits(row, copy->agreed_start, copy->agreed_length))
            return false;
    vec_each(recipient, &row->recipients)
        if (recipient->copy != COPY_NONE && recipient->copy >= row->copies.len && row->copies.len)
            return false;
    return row->came <= row->length;
}

int keep_row_unpack(struct arena *arena, struct span bytes, struct keep_row *out)
{
    *out = (struct keep_row){0};
    bool read = shape_read(arena, &keep_row_shape, &bytes, out) && !bytes.len && copies_fit(out);
    out->fd = -1;
    return read ? 0 : -1;
}

void kept_pack(struct buf *out, const struct kept *kept)
{
    pack_number(out, kept->how);
    pack_text(out, kept->id);
    pack_text(out, kept->report);
    pack_text(out, kept->text);
    pack_number(out, kept->held);
    pack_text(out, kept->served);
    pack_text(out, kept->measure);
    pack_number(out, kept->edited);
}

int kept_unpack(struct span bytes, struct kept *out)
{
    struct unpacking from = {bytes, false};
    out->how = unpack_up_to(&from, KEPT_FAILED);
    out->id = unpack_text(&from);
    out->report = unpack_text(&from);
    out->text = unpack_text(&from);
    out->held = unpack_up_to(&from, 1);
    out->served = unpack_text(&from);
    out->measure = unpack_text(&from);
    out->edited = unpack_up_to(&from, 1);
    return from.failed || from.rest.len ? -1 : 0;
}

void tally_pack(struct buf *out, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pack_number(out, numbers[i]);
}

size_t tally_unpack(struct span bytes, uint64_t *numbers, size_t most)
{
    struct unpacking from = {bytes, false};
    size_t count = 0;
    while (count < most && from.rest.len >= sizeof *numbers)
        numbers[count++] = unpack_number(&from);
    return count;
}
