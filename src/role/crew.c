/* crew: the parent's side of the judges of `sekimori scan`: deals messages out, answers names, starts judges anew. Parses no mail. */
#include "role/inner.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IDLE_DEATHS = 8 };

struct crew {
    struct template template;
    struct deal *deal;
    struct names *names;
    struct asker **askers; /* one a judge, by its id */
    struct scan_asker **scan_askers; /* likewise */
    struct clamd *scanner; /* the caller's; NULL: there is none */
    struct pollfd *wait;   /* one a judge, and the resolver's */
    unsigned number, idle_deaths;
    bool broken;
    struct err why;
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

static int judge_start(struct crew *crew, uint32_t id, struct err *err)
{
    struct channel *channel;
    if (template_judge(&crew->template, &channel, err) < 0)
        return -1;
    channel_between(channel, ROLE_SCAN, ROLE_JUDGE);
    deal_seat(crew->deal, id, channel);
    if (crew->names)
        crew->askers[id] = names_asker(crew->names, channel);
    crew->scan_askers[id] = scans_asker(channel);
    return 0;
}

static void on_done(void *context, uint32_t serial, const struct scan_result *result)
{
    struct crew *crew = context;
    crew->idle_deaths = 0;
    crew->done(crew->context, serial, result);
}

static void on_died(void *context, uint32_t id, size_t held, size_t begun, const char *why)
{
    struct crew *crew = context;
    asker_free(&crew->askers[id]);
    scan_asker_free(&crew->scan_askers[id]);
    crew->idle_deaths = begun ? 0 : crew->idle_deaths + 1;
    if (crew->idle_deaths > IDLE_DEATHS)
        crew->broken = err_set(&crew->why, "judges end as soon as they are started") < 0;
    else if (judge_start(crew, id, &crew->why) < 0)
        crew->broken = true;
}

static void on_other(void *context, uint32_t id, const struct frame *frame)
{
    struct crew *crew = context;
    crew->idle_deaths = 0;
    if (frame->kind == FRAME_ASK)
        names_ask(crew->askers[id], frame);
    else if (frame->kind == FRAME_SCAN)
        scans_ask(crew->scan_askers[id], crew->scanner, &(struct frame){frame->kind, frame->serial, frame->bytes, fcntl(frame->fd, F_DUPFD_CLOEXEC, 0)});
}

/* The resolver comes with the first turn, after the forks; the same one in every turn. */
static void names_begin(struct crew *crew, struct resolver *resolver)
{
    if (crew->names)
        return;
    crew->names = names_new(resolver, &(struct names_caps){0}, NULL); /* no caps: whoever scans waits for himself */
    struct seat *seat = NULL;
    for (unsigned i = 0; i < crew->number; i++)
        if ((seat = deal_seat_of(crew->deal, i)))
            crew->askers[i] = names_asker(crew->names, seat_channel(seat));
}

static void crew_wait(struct crew *crew, struct resolver *resolver, int wait_ms)
{
    size_t seats = deal_wait(crew->deal, crew->wait, crew->number), count = seats;
    crew->wait[count++] = (struct pollfd){resolver_fd(resolver), POLLIN, 0};
    crew->wait[count++] = (struct pollfd){crew->scanner ? clamd_fd(crew->scanner) : -1, POLLIN, 0};
    const int dues[] = {resolver_wait_ms(resolver), crew->scanner ? clamd_wait_ms(crew->scanner) : -1};
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++)
        wait_ms = dues[i] >= 0 && dues[i] < wait_ms ? dues[i] : wait_ms;
    if (poll(crew->wait, count, wait_ms) >= 0)
        deal_waited(crew->deal, crew->wait, seats);
}

int crew_turn(struct crew *crew, struct resolver *resolver, int wait_ms, crew_done done, void *context, struct err *err)
{
    crew->done = done;
    crew->context = context;
    names_begin(crew, resolver);
    if (deal_holds(crew->deal))
        crew_wait(crew, resolver, wait_ms);
    deal_turn(crew->deal);
    resolver_run(resolver);
    if (crew->scanner)
        clamd_run(crew->scanner);
    return crew->broken ? err_set(err, "%s", crew->why.text) : 0;
}

/* ---- the whole */
void files_allow(size_t want)
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
    *crew = (struct crew){.number = judges, .scanner = settings->scanner};
    crew->deal = deal_new(settings, &(struct deal_calls){.done = on_done, .died = on_died, .other = on_other, .context = crew});
    crew->askers = memory(judges * sizeof *crew->askers);
    crew->scan_askers = memory(judges * sizeof *crew->scan_askers);
    crew->wait = memory((judges + 2) * sizeof *crew->wait);
    *out = crew;
    files_allow(judges * (settings->slots * 2 + 2) + 64);
    int started = template_start(settings, &crew->template, err);
    for (unsigned i = 0; i < judges && started == 0; i++)
        started = judge_start(crew, i, err);
    if (started < 0)
        crew_stop(out);
    return started;
}

void crew_stop(struct crew **pointer)
{
    struct crew *crew = *pointer;
    if (!crew)
        return;
    for (unsigned i = 0; i < crew->number; i++)
        asker_free(&crew->askers[i]);
    for (unsigned i = 0; i < crew->number; i++)
        scan_asker_free(&crew->scan_askers[i]);
    names_free(&crew->names);
    deal_free(&crew->deal);
    template_stop(&crew->template);
    free(crew->askers);
    free(crew->scan_askers);
    free(crew->wait);
    free(crew);
    *pointer = NULL;
}

bool crew_has_room(const struct crew *crew)
{
    return deal_has_room(crew->deal);
}

size_t crew_holds(const struct crew *crew)
{
    return deal_holds(crew->deal);
}

void crew_give(struct crew *crew, uint32_t serial, const struct scan_job *job)
{
    deal_give(crew->deal, serial, job);
}
