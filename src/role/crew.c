/* crew: the parent's side of its judges: hands messages over, answers their names, starts them anew. Parses no mail. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IDLE_DEATHS = 8, MOST_DEATHS = 2 };

struct errand { /* a message on its way */
    struct errand *next;
    uint32_t serial;
    int fd;
    size_t length;
    unsigned deaths; /* of judges that held it */
    int64_t due;     /* of its names; 0: none was asked yet */
    struct span packed;
};

struct member { /* one judge */
    struct channel *channel;
    struct errand *held;
    size_t count, bytes;
    unsigned epoch; /* how often it was started */
    bool alone;     /* holds a message that another judge died of */
};

struct asking { /* a name under way for a message */
    struct asking *next, **link;
    struct crew *crew;
    struct member *member;
    unsigned epoch;
    uint32_t serial;
};

struct crew {
    const struct judge_settings *settings;
    struct template template;
    struct member *members;
    unsigned number, idle_deaths;
    struct errand *again; /* to be sent once more, alone */
    struct asking *askings;
    struct arena *scratch, *batch_scratch;
    struct { /* answers that come at once are sent in one frame */
        struct buf bytes;
        struct member *member; /* NULL: none is being filled */
        uint32_t serial;
    } batch;
    struct pollfd *wait; /* one a member, and the resolver's */
    size_t holds;
    crew_done done;
    void *context;
};

static void *memory(size_t size)
{
    void *got = calloc(1, size);
    if (!got)
        abort();
    return got;
}

/* ---- errands */
static struct errand *errand_new(struct crew *crew, uint32_t serial, const struct scan_job *job)
{
    arena_reset(crew->scratch);
    struct buf bytes = {.arena = crew->scratch};
    job_pack(&bytes, job);
    struct errand *errand = memory(sizeof *errand + bytes.len);
    *errand = (struct errand){.serial = serial, .fd = job->fd, .length = job->length};
    errand->packed = (struct span){memcpy(errand + 1, bytes.at, bytes.len), bytes.len};
    return errand;
}

static void errand_free(struct errand *errand)
{
    fd_close_later(&errand->fd);
    free(errand);
}

static void errand_end(struct crew *crew, struct errand *errand, const struct scan_result *result)
{
    crew->holds--;
    crew->done(crew->context, errand->serial, result);
    errand_free(errand);
}

static struct errand **errand_find(struct member *member, uint32_t serial)
{
    struct errand **at = &member->held;
    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    return at;
}

static struct errand *errand_take(struct member *member, uint32_t serial)
{
    struct errand **at = errand_find(member, serial), *errand = *at;
    if (!errand)
        return NULL;
    *at = errand->next;
    member->count--;
    member->bytes -= errand->length;
    member->alone = false;
    return errand;
}

/* ---- members */
static int member_start(struct crew *crew, struct member *member, struct err *err)
{
    member->epoch++;
    member->alone = false;
    return template_judge(&crew->template, &member->channel, err);
}

static void member_hand(struct member *member, struct errand *errand)
{
    struct err err;
    errand->next = member->held;
    errand->due = 0;
    member->held = errand;
    member->count++;
    member->bytes += errand->length;
    /* A judge that is gone shows itself when the channel is read next; the errand waits in `held`. */
    channel_send(member->channel, FRAME_MESSAGE, errand->serial, errand->packed, fcntl(errand->fd, F_DUPFD_CLOEXEC, 3), &err);
}

static void errand_give_up(struct crew *crew, struct errand *errand)
{
    struct scan_result result = {.error = S("two judges died over it, one after the other; it is unjudged")};
    errand_end(crew, errand, &result);
}

static int member_died(struct crew *crew, struct member *member, struct err *err)
{
    channel_free(&member->channel);
    crew->idle_deaths = member->held ? 0 : crew->idle_deaths + 1;
    while (member->held) {
        struct errand *errand = errand_take(member, member->held->serial);
        errand->next = crew->again;
        if (++errand->deaths >= MOST_DEATHS)
            errand_give_up(crew, errand);
        else
            crew->again = errand;
    }
    if (crew->idle_deaths > IDLE_DEATHS)
        return err_set(err, "judges end as soon as they are started");
    return member_start(crew, member, err);
}

/* ---- names */
static void asking_free(struct asking *asking)
{
    *asking->link = asking->next;
    if (asking->next)
        asking->next->link = asking->link;
    free(asking);
}

static void answer_send(struct crew *crew, struct member *member, uint32_t serial, const struct dns_answer *answer)
{
    struct err err;
    if (crew->batch.member == member && crew->batch.serial == serial) {
        answer_pack(&crew->batch.bytes, answer);
        return;
    }
    arena_reset(crew->scratch);
    struct buf bytes = {.arena = crew->scratch};
    answer_pack(&bytes, answer);
    channel_send(member->channel, FRAME_ANSWER, serial, buf_span(&bytes), -1, &err); /* a death shows itself on reading */
}

static void on_answer(void *context, const struct dns_answer *answer)
{
    struct asking *asking = context;
    if (asking->member->epoch == asking->epoch && asking->member->channel)
        answer_send(asking->crew, asking->member, asking->serial, answer);
    asking_free(asking);
}

static struct asking *asking_new(struct crew *crew, struct member *member, uint32_t serial)
{
    struct asking *asking = memory(sizeof *asking);
    *asking = (struct asking){crew->askings, &crew->askings, crew, member, member->epoch, serial};
    if (asking->next)
        asking->next->link = &asking->next;
    return crew->askings = asking;
}

static void member_asks(struct crew *crew, struct member *member, const struct frame *frame, struct resolver *resolver)
{
    struct err err;
    struct dns_ask ask;
    struct errand *errand = *errand_find(member, frame->serial);
    if (!errand)
        return;
    int64_t now = clock_ms();
    errand->due = errand->due ? errand->due : now + crew->settings->deadline_ms;
    arena_reset(crew->batch_scratch);
    crew->batch.bytes = (struct buf){.arena = crew->batch_scratch};
    crew->batch.member = member;
    crew->batch.serial = frame->serial;
    for (struct span rest = frame->bytes; ask_unpack(&rest, &ask);) {
        struct dns_answer late = {.ask = ask, .status = DNS_TIMED_OUT, .why = S("the time for this message's names was over")};
        if (now < errand->due)
            resolver_ask(resolver, &ask, on_answer, asking_new(crew, member, frame->serial));
        else
            answer_pack(&crew->batch.bytes, &late);
    }
    crew->batch.member = NULL;
    if (crew->batch.bytes.len)
        channel_send(member->channel, FRAME_ANSWER, frame->serial, buf_span(&crew->batch.bytes), -1, &err);
}

/* ---- what judges say */
static void member_says(struct crew *crew, struct member *member, const struct frame *frame, struct resolver *resolver)
{
    struct scan_result result = {0};
    if (frame->kind == FRAME_ASK) {
        member_asks(crew, member, frame, resolver);
        return;
    }
    struct errand *errand = errand_take(member, frame->serial);
    if (!errand)
        return;
    if (frame->kind == FRAME_FAILED)
        result.error = frame->bytes;
    else if (result_unpack(frame->bytes, &result) < 0)
        result = (struct scan_result){.error = S("its judge answered something that cannot be read")};
    errand_end(crew, errand, &result);
}

static int member_turn(struct crew *crew, struct member *member, struct resolver *resolver, struct err *err)
{
    struct frame frame;
    enum channel_state state;
    while ((state = channel_receive(member->channel, &frame, err)) == CHANNEL_FRAME) {
        crew->idle_deaths = 0;
        member_says(crew, member, &frame, resolver);
        fd_close_later(&frame.fd);
    }
    if (state == CHANNEL_LATER && channel_flush(member->channel, err) >= 0)
        return 0;
    return member_died(crew, member, err);
}

static void send_again(struct crew *crew)
{
    for (struct member *member = crew->members; crew->again && member < crew->members + crew->number; member++) {
        if (member->count)
            continue;
        struct errand *errand = crew->again;
        crew->again = errand->next;
        member_hand(member, errand);
        member->alone = true;
    }
}

static void crew_wait(struct crew *crew, struct resolver *resolver, int wait_ms)
{
    struct pollfd *wait = crew->wait;
    struct err err;
    for (unsigned i = 0; i < crew->number; i++) {
        bool waits = channel_flush(crew->members[i].channel, &err) == 0;
        wait[i] = (struct pollfd){channel_fd(crew->members[i].channel), (short)(POLLIN | (waits ? POLLOUT : 0)), 0};
    }
    wait[crew->number] = (struct pollfd){resolver_fd(resolver), POLLIN, 0};
    int due = resolver_wait_ms(resolver);
    poll(wait, crew->number + 1, due >= 0 && due < wait_ms ? due : wait_ms);
}

int crew_turn(struct crew *crew, struct resolver *resolver, int wait_ms, crew_done done, void *context, struct err *err)
{
    crew->done = done;
    crew->context = context;
    send_again(crew);
    if (crew->holds)
        crew_wait(crew, resolver, wait_ms);
    for (unsigned i = 0; i < crew->number; i++)
        if (member_turn(crew, &crew->members[i], resolver, err) < 0)
            return -1;
    resolver_run(resolver);
    return 0;
}

/* ---- the whole */
static void files_allow(size_t want)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < want) {
        limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int crew_start(const struct judge_settings *settings, unsigned judges, struct crew **out, struct err *err)
{
    struct crew *crew = memory(sizeof *crew);
    *crew = (struct crew){.settings = settings, .number = judges, .scratch = arena_new(settings->ceiling)};
    crew->batch_scratch = arena_new(settings->ceiling);
    crew->members = memory(judges * sizeof *crew->members);
    crew->wait = memory((judges + 1) * sizeof *crew->wait);
    *out = crew;
    files_allow(judges * (settings->slots * 2 + 2) + 64);
    int started = template_start(settings, &crew->template, err);
    for (unsigned i = 0; i < judges && started == 0; i++)
        started = member_start(crew, &crew->members[i], err);
    if (started < 0)
        crew_stop(out);
    return started;
}

void crew_stop(struct crew **pointer)
{
    struct crew *crew = *pointer;
    if (!crew)
        return;
    for (unsigned i = 0; i < crew->number; i++) {
        channel_free(&crew->members[i].channel);
        while (crew->members[i].held)
            errand_free(errand_take(&crew->members[i], crew->members[i].held->serial));
    }
    for (struct errand *errand = crew->again, *next; errand; errand = next) {
        next = errand->next;
        errand_free(errand);
    }
    while (crew->askings)
        asking_free(crew->askings);
    template_stop(&crew->template);
    arena_free(&crew->scratch);
    arena_free(&crew->batch_scratch);
    free(crew->wait);
    free(crew->members);
    free(crew);
    *pointer = NULL;
}

static bool member_has_room(const struct crew *crew, const struct member *member)
{
    return !member->alone && (!member->count || (member->count < crew->settings->slots && member->bytes < crew->settings->most_bytes));
}

static struct member *member_free(const struct crew *crew)
{
    struct member *best = NULL;
    for (struct member *member = crew->members; member < crew->members + crew->number; member++)
        if (member_has_room(crew, member) && (!best || member->count < best->count))
            best = member;
    return crew->again ? NULL : best; /* who waits to be alone needs a judge that runs empty */
}

bool crew_has_room(const struct crew *crew)
{
    return member_free(crew) != NULL;
}

size_t crew_holds(const struct crew *crew)
{
    return crew->holds;
}

void crew_give(struct crew *crew, uint32_t serial, const struct scan_job *job)
{
    struct errand *errand = errand_new(crew, serial, job);
    crew->holds++;
    struct member *member = member_free(crew);
    if (member) {
        member_hand(member, errand);
        return;
    }
    errand->next = crew->again;
    crew->again = errand;
}
