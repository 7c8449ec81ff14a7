/* slot: one message that a judge holds: read, parked while its names, seals and the scanner's word are awaited, judged, reported. */
#include "role/judge.h"

#include "record/decide.h"
#include "role/carried.h"
#include "role/gist.h"

#include <fcntl.h>

enum { SEALS_MS = 1000, SCAN_SLACK_MS = 2000, CROWDED_MS = 500 };

static struct slot *slot_of(struct judge *judge, bool taken, uint32_t number)
{
    for (struct slot *slot = judge->slots; slot < judge->slots + judge->reach; slot++)
        if (slot->taken == taken && (!taken || slot->number == number))
            return slot;
    return !taken && judge->reach < WORKS * judge->settings->slots ? &judge->slots[judge->reach++] : NULL;
}

void slot_leave(struct judge *judge, struct slot *slot)
{
    marks_end(slot->work->marks, (size_t)(slot - judge->slots));
    slot->taken = slot->ready = slot->unasked = false;
    slot->work->taken--;
    slot->judged = slot->handled = false;
    memset(&slot->chain, 0, sizeof slot->chain); /* of the arena */
    slot->due = slot->seals_due = slot->scan_due = slot->passes_due = slot->chain_due = 0;
    arena_reset(slot->arena);
}

static int judge_fail(struct work *work, uint32_t serial, const char *why, struct err *err)
{
    return channel_send(work->channel, FRAME_FAILED, serial, span_of(why), -1, err);
}

/* ---- what becomes of it */
static void slot_plan(struct judge *judge, struct slot *slot)
{
    struct walk *walk = &slot->walk;
    slot->judged = true;
    slot->handling = (struct handling){0};
    slot->words = (struct handling_words){0};
    walk_judge(walk);
    enum handling_door door = slot->drops ? DOOR_DROPS : slot->holds ? DOOR_HOLDS : DOOR_TELLS;
    if (judge->settings->handling)
        handling_plan(walk->arena, judge->settings->handling, &walk->settings->message, &walk->message, &walk->report, door, slot->body_stays, &slot->handling);
    if (slot->handling.links.len)
        passes_ask(judge, slot);
}

static void slot_handle(struct judge *judge, struct slot *slot)
{
    struct walk *walk = &slot->walk;
    const struct handling_settings *settings = judge->settings->handling;
    if (!settings)
        return;
    if (slot->passes_due)
        passes_told(judge, slot, S(""));
    slot->words.results = settings->authserv_id.len ? results_write(walk->arena, &walk->settings->auth, &walk->proof) : S("");
    handling_finish(walk->arena, settings, &walk->settings->message, &walk->message, &slot->words, &walk->report, &slot->handling);
}

const struct message *slot_edited(struct slot *slot, const struct edits *edits)
{
    const struct walk *walk = &slot->walk;
    vec_each(link, &slot->chain)
        if (link->edits == edits)
            return link->edited;
    struct arrival *arrival = arena_one(slot->arena, struct arrival);
    struct message *edited = arena_one(slot->arena, struct message);
    *arrival = walk->arrival;
    arrival->raw = edits_apply(slot->arena, &walk->message, edits);
    message_parse(slot->arena, &walk->settings->message, walk->settings->tables, arrival, edited);
    return edited;
}

/* Fields beside the parts are in no measure; those that say what a body is are. */
static bool parts_differ(const struct edits *edits)
{
    vec_each(edit, &edits->headers)
        if (span_starts_case(edit->name, S("Content-")))
            return true;
    return edits->body_changed;
}

/* Of the message as it leaves with these edits; NULL: as it came. Empty where it could not be read whole: what nobody can compare is not sealed. */
static struct span measure_of(struct slot *slot, const struct edits *edits)
{
    struct seal_measure *own = arena_one(slot->arena, struct seal_measure);
    const struct seal_measure *measure = !edits || !parts_differ(edits) ? walk_measure(&slot->walk) : seal_measure(slot_edited(slot, edits), own) ? own : NULL;
    return measure ? (struct span){(const char *)measure, sizeof *measure} : (struct span){0};
}

/* What is kept is sealed when it comes in again, if it does. */
static void measures_take(struct slot *slot, struct carried *carried)
{
    const struct handling *handling = &slot->handling;
    if (carried->fate == FATE_HOLD || carried->dropped.len || carried->waits.len || carried->copy_to.len || carried->originals.len)
        carried->measure = measure_of(slot, NULL);
    for (size_t i = 0; i < carried->waits.len; i++) {
        struct carried_wait *wait = &carried->waits.at[i];
        wait->declined_measure = wait->declined.len ? measure_of(slot, &handling->waits.at[i].declined.edits) : S("");
        wait->agreed_measure = wait->agreed.len ? measure_of(slot, &handling->waits.at[i].agreed.edits) : S("");
    }
    for (size_t i = 0; i < carried->copies.len; i++)
        carried->copies.at[i].measure = measure_of(slot, &handling->copies.at[i].edits);
}

/* Empty where nothing is changed. */
static struct span edited_of(struct arena *arena, const struct message *message, const struct edits *edits)
{
    return edits->headers.len || edits->body_changed ? edits_apply(arena, message, edits) : S("");
}

static void wait_carry(const struct slot *slot, const struct handling_wait *wait, struct carried_wait *out)
{
    const struct message *message = &slot->walk.message;
    *out = (struct carried_wait){.asked = wait->asked, .declined = edited_of(slot->arena, message, &wait->declined.edits),
                                 .agreed = edited_of(slot->arena, message, &wait->agreed.edits)};
    vec_each(number, &wait->recipients)
        vec_push(slot->arena, &out->recipients)->number = (uint32_t)*number;
    vec_each(number, &wait->originals[0])
        vec_push(slot->arena, &out->originals_declined)->number = (uint32_t)*number;
    vec_each(number, &wait->originals[1])
        vec_push(slot->arena, &out->originals_agreed)->number = (uint32_t)*number;
}

static void carried_take(struct slot *slot, bool sealed, struct carried *out)
{
    const struct handling *handling = &slot->handling;
    *out = (struct carried){.fate = handling->fate, .acts = handling->acts, .hold_seconds = (uint64_t)handling->hold_seconds};
    if (slot->carries)
        out->edits = handling->edits;
    vec_each(number, &handling->dropped)
        vec_push(slot->arena, &out->dropped)->number = (uint32_t)*number;
    if (slot->carries)
        vec_each(number, &handling->originals)
            vec_push(slot->arena, &out->originals)->number = (uint32_t)*number;
    vec_each(address, &handling->plan.copy_to)
        vec_push(slot->arena, &out->copy_to)->address = *address;
    vec_each(copy, &handling->copies) {
        struct carried_copy *one = vec_push(slot->arena, &out->copies);
        one->bytes = edits_apply(slot->arena, &slot->walk.message, &copy->edits);
        vec_each(number, &copy->recipients)
            vec_push(slot->arena, &one->recipients)->number = (uint32_t)*number;
    }
    vec_each(wait, &handling->waits)
        wait_carry(slot, wait, vec_push(slot->arena, &out->waits));
    if (sealed)
        measures_take(slot, out);
}

/* What the door is told; nothing where it goes on as it came. */
static void handling_tell(struct slot *slot, bool sealed, struct scan_result *result)
{
    struct carried carried;
    struct buf out = {.arena = slot->arena};
    result->facts &= ~(unsigned)RESULT_HELD;
    if (handling_is_empty(&slot->handling) && !slot->handling.acts)
        return;
    carried_take(slot, sealed, &carried);
    carried_pack(&carried, &out);
    result->facts |= carried_keeps(&carried) ? RESULT_HELD : 0;
    result->carried = buf_span(&out);
}

static void result_complete(struct judge *judge, struct slot *slot, struct scan_result *result)
{
    bool all = true, stays = judge->settings->seals && judge->settings->seals(judge->settings->context, &slot->walk.arrival, &all);
    if (judge->settings->handling)
        handling_tell(slot, stays && slot->seal, result);
    if (stays && all && slot->handling.fate == FATE_DELIVER) {
        result->facts |= RESULT_STAYS;
        result->measure = slot->seal ? measure_of(slot, slot->carries ? &slot->handling.edits : NULL) : S("");
    }
}

/* The report stays in the record where nobody waits for it. */
static void words_tell(struct slot *slot, struct scan_result *result)
{
    struct gist gist;
    struct buf out = {.arena = slot->arena};
    if (slot->wanted == WORDS_REPORT)
        return;
    result->output = S("");
    if (slot->wanted == WORDS_NONE)
        return;
    gist_take(slot->arena, &slot->walk.report, &gist);
    gist_pack(&gist, &out);
    result->gist = buf_span(&out);
}

static int judge_report(struct judge *judge, struct slot *slot, struct err *err)
{
    struct scan_result result;
    struct result_style style = judge->settings->style;
    if (judge->settings->keep)
        style.keep = judge->settings->keep(judge->settings->context, slot->walk.settings);
    if (judge->settings->notices)
        style.notices = judge->settings->notices(judge->settings->context, slot->walk.settings);
    result_write(&slot->walk, &style, &result);
    if (judge->parent && style.keep)
        result.settings = style.keep->bytes;
    result_complete(judge, slot, &result);
    words_tell(slot, &result);
    struct buf bytes = {.arena = slot->arena};
    result_pack(&bytes, &result);
    int sent = 0;
    if (bytes.len > FRAME_MOST)
        sent = judge_fail(slot->work, slot->serial, "its report is too large to be handed over", err);
    else
        sent = channel_send(slot->work->channel, FRAME_REPORT, slot->serial, buf_span(&bytes), -1, err);
    slot_leave(judge, slot);
    return sent;
}

/* ---- names */
int slot_ask(struct judge *judge, struct slot *slot, struct err *err)
{
    const struct dns_ask *asks;
    size_t count = dns_wanted(slot->walk.answers, &asks);
    struct buf bytes = {.arena = judge->scratch};
    slot->unasked = !judge_may_ask(judge, judge->names);
    judge->unasked |= slot->unasked;
    if (slot->unasked)
        return 0; /* all that is wanted is asked for when there is room, or another resolver */
    asks_pack(&bytes, &slot->walk.arrival.client_ip, asks, count);
    return channel_send(judge->names, FRAME_ASK, slot->number, buf_span(&bytes), -1, err);
}

static void slot_time_out(struct judge *judge, struct slot *slot)
{
    const struct dns_ask *asks;
    size_t count = dns_wanted(slot->walk.answers, &asks);
    struct dns_ask *copy = arena_alloc(judge->scratch, count * sizeof *copy); /* answers alter the list */
    memcpy(copy, asks, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        dns_answers_add(slot->walk.answers, &(struct dns_answer){.ask = copy[i], .status = DNS_TIMED_OUT,
                                                                 .why = S("the time for this message's names was over")});
}

/* ---- seals */
int seals_ask(struct judge *judge, struct slot *slot, struct err *err)
{
    struct buf bytes = {.arena = judge->scratch};
    if (!judge->parent)
        return 0; /* of scan: nobody holds keys */
    vec_each(found, &slot->walk.seals.list)
        if (found->state == SEAL_UNCHECKED)
            seal_pack(&bytes, &found->seal);
    if (!bytes.len)
        return 0;
    if (!judge->keys_silent)
        slot->seals_due = slot->seals_due ? slot->seals_due : clock_ms() + SEALS_MS;
    return judge_may_ask(judge, judge->keys) ? channel_send(judge->keys, FRAME_CHECK, slot->number, buf_span(&bytes), -1, err) : 0;
}

static void seals_told(struct slot *slot, struct span answers)
{
    size_t at = 0;
    for (size_t i = 0; i < slot->walk.seals.list.len && at < answers.len; i++)
        if (slot->walk.seals.list.at[i].state != SEAL_MALFORMED) {
            char said = answers.at[at++];
            walk_sealed(&slot->walk, i, said != CHECKED_UNKNOWN, said == CHECKED_HOLDS);
        }
    slot->seals_due = 0;
}

/* ---- the virus scanner */
void slot_scanned(struct slot *slot, enum clamd_word word, struct span why)
{
    slot->scan_due = 0;
    walk_scanned(&slot->walk, &(struct clamd_answer){.word = word, .why = why});
}

/* Asked as soon as the message is read, beside its names; the scanner keeps the deadline, and is not waited for much longer. */
static int scan_ask(struct judge *judge, struct slot *slot, const struct scan_job *job, struct err *err)
{
    struct buf bytes = {.arena = judge->scratch};
    if (!slot->walk.scan_wanted)
        return 0;
    int fd = judge_may_ask(judge, judge->scanner) ? job_file(job) : -1;
    if (fd < 0) {
        slot_scanned(slot, CLAMD_AWAY, judge->scanner ? S("the scanner's process has too much to do") : S("the scanner's process does not run"));
        return 0;
    }
    slot->scan_due = clock_ms() + judge->settings->scan_ms + SCAN_SLACK_MS;
    scan_pack(&bytes, job->offset, job->length);
    return channel_send(judge->scanner, FRAME_SCAN, slot->number, buf_span(&bytes), fd, err);
}

/* ---- parked, or judged: the names first, then what signer and scanner said meanwhile */
static void slot_overdue(struct judge *judge, struct slot *slot)
{
    int64_t now = clock_ms();
    if (slot->seals_due && slot->seals_due <= now) {
        judge->keys_silent = true; /* no second message waits in vain */
        slot->seals_due = 0;
    }
    if (slot->scan_due && slot->scan_due <= now)
        slot_scanned(slot, CLAMD_SILENT, S("the scanner's process did not answer in time"));
}

/* Where few slots of the service are free names are not awaited for long: who waits in vain may not keep others out. */
int64_t names_due(const struct judge *judge, const struct slot *slot)
{
    int64_t early = slot->due - judge->settings->deadline_ms + CROWDED_MS;
    bool crowded = judge->parent && judge->settings->slots - slot->work->taken < judge->settings->slots / 2;
    return crowded && early < slot->due ? early : slot->due;
}

int slot_go_on(struct judge *judge, struct slot *slot, bool ready, struct err *err)
{
    const struct dns_ask *asks;
    while (!ready && dns_wanted(slot->walk.answers, &asks)) {
        int64_t now = clock_ms();
        slot->due = slot->due ? slot->due : now + judge->settings->deadline_ms;
        if (now < names_due(judge, slot))
            return slot_ask(judge, slot, err);
        slot_time_out(judge, slot);
        ready = walk_answered(&slot->walk);
    }
    slot->ready = true;
    slot_overdue(judge, slot);
    if (slot->seals_due || slot->scan_due)
        return 0;
    if (!slot->judged)
        slot_plan(judge, slot);
    if (slot->passes_due > clock_ms())
        return 0;
    if (!slot->handled) {
        slot_handle(judge, slot);
        slot->handled = true;
        chain_begin(judge, slot);
    }
    if (slot->chain_due > clock_ms())
        return 0;
    judge->keys_silent |= slot->chain_due > 0;
    return judge_report(judge, slot, err);
}

/* ---- messages */
static int slot_begin(struct judge *judge, struct slot *slot, const struct frame *frame, struct err *err)
{
    struct scan_job job;
    struct err why;
    const struct judge_settings *settings = judge->settings;
    slot->taken = true;
    slot->work->taken++;
    slot->serial = frame->serial;
    slot->number = ++judge->last_number;
    int read = job_unpack(slot->arena, frame->bytes, &job);
    job.fd = frame->fd;
    slot->seal = job.seal;
    slot->carries = job.carries;
    slot->holds = job.holds;
    slot->drops = job.drops;
    slot->wanted = job.words;
    slot->body_stays = job.body_stays;
    const struct walk_settings *walk = settings->choose && read == 0 ? settings->choose(settings->context, &job.arrival) : settings->walk;
    if (read == 0 && settings->before)
        settings->before(&job);
    if (read < 0)
        err_set(&why, "its envelope could not be read from the channel");
    else if (job.fd < 0 && !job.arrival.raw.len)
        read = err_set(&why, "no descriptor came with it");
    else
        read = job_read(slot->arena, &job, walk->message.message_bytes, &job.arrival.raw, &why);
    if (read < 0) {
        slot_leave(judge, slot);
        return judge_fail(slot->work, frame->serial, why.text, err);
    }
    bool ready = walk_read(&slot->walk, slot->arena, walk, &job.arrival);
    if (seals_ask(judge, slot, err) < 0 || scan_ask(judge, slot, &job, err) < 0)
        return -1;
    return slot_go_on(judge, slot, ready, err);
}

static int on_message(struct judge *judge, struct work *work, const struct frame *frame, struct err *err)
{
    int fd __attribute__((cleanup(fd_close_later), unused)) = frame->fd;
    struct slot *slot = slot_of(judge, false, 0);
    if (!slot || work->taken >= judge->settings->slots)
        return judge_fail(work, frame->serial, "this judge holds too many messages", err);
    slot->work = work;
    marks_begin(work->marks, (size_t)(slot - judge->slots), frame->serial);
    if (!slot->arena)
        slot->arena = arena_new(judge->settings->ceiling);
    return slot_begin(judge, slot, frame, err);
}

static int on_answer(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    if (!slot || slot->ready)
        return 0;
    struct dns_answer answer;
    const struct dns_ask *asks;
    for (struct span rest = frame->bytes; answer_unpack(judge->scratch, &rest, &answer);)
        dns_answers_add(slot->walk.answers, &answer);
    if (dns_wanted(slot->walk.answers, &asks))
        return 0; /* the round is not complete */
    return slot_go_on(judge, slot, walk_answered(&slot->walk), err);
}

static int on_checked(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    judge->keys_silent = false;
    if (!slot || !slot->seals_due)
        return 0;
    seals_told(slot, frame->bytes);
    return slot->ready ? slot_go_on(judge, slot, true, err) : 0;
}

static int on_passed(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    judge->keys_silent = false;
    if (!slot || !slot->passes_due)
        return 0;
    passes_told(judge, slot, frame->bytes);
    return slot_go_on(judge, slot, true, err);
}

static int on_signed(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct slot *slot = slot_of(judge, true, frame->serial);
    judge->keys_silent = false;
    if (!slot || !slot->chain_due)
        return 0;
    chain_signed(judge, slot, frame->bytes);
    return slot_go_on(judge, slot, true, err);
}

static int on_scanned(struct judge *judge, const struct frame *frame, struct err *err)
{
    struct clamd_answer answer;
    struct slot *slot = slot_of(judge, true, frame->serial);
    if (!slot || !slot->scan_due)
        return 0;
    if (scanned_unpack(frame->bytes, &answer) < 0)
        answer = (struct clamd_answer){.word = CLAMD_ERROR, .why = S("the scanner's process spoke nonsense")};
    slot->scan_due = 0;
    walk_scanned(&slot->walk, &answer);
    return slot->ready ? slot_go_on(judge, slot, true, err) : 0;
}

int judge_frame(struct judge *judge, struct work *work, const struct frame *frame, struct err *err)
{
    arena_reset(judge->scratch);
    hang_step();
    int done = 0;
    if (frame->kind == FRAME_MESSAGE && work)
        done = on_message(judge, work, frame, err);
    else if (frame->kind == FRAME_ANSWER)
        done = on_answer(judge, frame, err);
    else if (frame->kind == FRAME_CHECKED)
        done = on_checked(judge, frame, err);
    else if (frame->kind == FRAME_PASSED)
        done = on_passed(judge, frame, err);
    else if (frame->kind == FRAME_SIGNED)
        done = on_signed(judge, frame, err);
    else if (frame->kind == FRAME_SCANNED)
        done = on_scanned(judge, frame, err);
    return done;
}
