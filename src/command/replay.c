#include "command/asking.h"
#include "command/command.h"
#include "command/replay_held.h"
#include "generation/generation.h"
#include "record/decide.h"
#include "record/hunt.h"
#include "record/replay.h"
#include "role/role.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { STATUS_SAME = 0, STATUS_CHANGED = 1, STATUS_FAILED = 2 };

struct replaying {
    const struct asking *asking;
    struct store *store;
    struct arena *arena;
    struct generation *generation; /* of --conf; NULL */
    struct replay replay;
    struct verdict_settings settings; /* weights and absence of --weights */
    struct tables *before, *after;
    struct record_grounds grounds_before, grounds;
    VEC(struct record_grounds) by_organisation; /* of --conf; the first is of nobody's mail */
    struct span sealer;
    struct verdict_entries entries; /* of --entries */
    struct err *err;
    struct resolver *resolver; /* of --conf, for what is held */
    const struct report *anew; /* of the record at hand: judged by its held bytes; NULL */
    struct span editions;      /* of the record at hand: databases of which it has values of another edition */
    uint64_t all, body, net, held, aged, moved[3][3]; /* moved: from, to; only exact ones */
    bool failed;
};

/* ---- what is said of one */

static const struct report *is_now(const struct replaying *at, const struct record_told *told)
{
    return at->anew ? at->anew : &told->report;
}

static void change_json(const struct replaying *at, const struct hunt_row *row, const struct record_told *told, enum replay_needs needs, struct span why,
                        struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "id", row->id);
    json_text(&json, "before", span_of(verdict_name(row->verdict)));
    json_real(&json, "score_before", row->score);
    json_text(&json, "after", span_of(verdict_name(is_now(at, told)->verdict)));
    json_real(&json, "score_after", is_now(at, told)->score);
    json_bool(&json, "judged_anew", at->anew != NULL);
    json_text_or_null(&json, "needs_the_body", needs == REPLAY_BODY ? why : S(""));
    json_text_or_null(&json, "needs_the_net", needs == REPLAY_NET ? why : S(""));
    json_text_or_null(&json, "other_editions", at->editions);
    json_text_or_null(&json, "from", row->from_address);
    json_text_or_null(&json, "subject", row->subject);
    json_object_end(&json);
}

static void change_line(const struct replaying *at, const struct hunt_row *row, const struct record_told *told, enum replay_needs needs, struct span why, struct buf *out)
{
    buf_print(out, "%.*s  %s %.1f -> ", SPAN_FMT(row->id), verdict_name(row->verdict), row->score);
    if (needs != REPLAY_EXACT)
        buf_print(out, "needs the %s: %.*s", needs == REPLAY_BODY ? "body" : "net", SPAN_FMT(why));
    else
        buf_print(out, "%s %.1f%s", verdict_name(is_now(at, told)->verdict), is_now(at, told)->score, at->anew ? " (by its held bytes)" : "");
    if (at->editions.len)
        buf_print(out, " (with values of another edition: %.*s)", SPAN_FMT(at->editions));
    buf_add(out, S("  "));
    plain_add(out, row->from_address);
    buf_add(out, S("  \""));
    plain_add(out, row->subject);
    buf_add(out, S("\""));
}

static void told_print(struct replaying *at, const struct hunt_row *row, const struct record_told *told, enum replay_needs needs, struct span why)
{
    struct buf out = {.arena = at->arena};
    if (needs != REPLAY_EXACT ? !at->asking->all : row->verdict == is_now(at, told)->verdict && !at->asking->all)
        return;
    if (at->asking->json && at->asking->all && at->anew)
        report_json(at->arena, at->anew, &out);
    else if (at->asking->json && at->asking->all && needs == REPLAY_EXACT)
        record_json(at->arena, told, &out);
    else if (at->asking->json)
        change_json(at, row, told, needs, why, &out);
    else
        change_line(at, row, told, needs, why, &out);
    buf_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
}

static const struct organisation *organisation_for(const struct replaying *at, struct span org)
{
    return org.len ? generation_organisation_by_id(at->generation, org) : NULL;
}

/* Where the message is held nothing but the world is another than then. */
static enum replay_needs held_judge(struct replaying *at, const struct hunt_row *row, const struct record_told *told, enum replay_needs needs, struct span *why)
{
    struct err err;
    const struct organisation *organisation = at->generation ? organisation_for(at, row->org) : NULL;
    at->anew = NULL;
    if (needs == REPLAY_EXACT || !at->generation)
        return needs;
    int judged = replay_held(at->arena, at->store, at->generation, organisation ? &organisation->walk : &at->generation->walk, at->resolver, told, row->org,
                             &at->anew, &err);
    if (judged < 0)
        *why = arena_print(at->arena, "%.*s; it is held, but %s", SPAN_FMT(*why), err.text);
    at->held += judged > 0;
    return judged > 0 ? REPLAY_EXACT : needs;
}

static bool replay_one(void *context, const struct hunt_row *row)
{
    struct replaying *at = context;
    struct record_told told;
    struct span why = {0};
    arena_reset(at->arena);
    int read = record_read(at->store, at->arena, row->id, &told, at->err);
    if (read < 0)
        at->failed = true;
    if (read <= 0)
        return read == 0; /* pruned meanwhile */
    if (at->generation) {
        const struct organisation *organisation = organisation_for(at, row->org);
        size_t place = organisation ? (size_t)(organisation - at->generation->organisations.at) + 1 : 0;
        at->replay.settings = organisation ? &organisation->walk.verdict : &at->generation->walk.verdict;
        at->replay.grounds = &at->by_organisation.at[place];
        told.report.generation = at->generation->id;
    }
    enum replay_needs needs = record_replay(at->arena, &at->replay, &told, &why);
    needs = held_judge(at, row, &told, needs, &why);
    at->editions = needs == REPLAY_EXACT && !at->anew ? replay_editions_differ(at->arena, &at->replay, &told) : S("");
    at->aged += at->editions.len != 0;
    at->all++;
    at->moved[row->verdict][is_now(at, &told)->verdict] += needs == REPLAY_EXACT;
    at->body += needs == REPLAY_BODY;
    at->net += needs == REPLAY_NET;
    told_print(at, row, &told, needs, why);
    return !ferror(stdout);
}

/* ---- what it is judged by */

static int weights_of(struct replaying *at, const struct tables *tables, struct err *err)
{
    verdict_settings_default(&at->settings);
    if (verdict_weights_take(&at->settings, tables, err) < 0)
        return -1;
    at->replay.weights = at->settings.weights;
    at->replay.absence = at->settings.absence;
    return 0;
}

static int lists_ground(struct replaying *at, const struct tables *tables, struct record_grounds *out, struct err *err)
{
    struct grounds lists = {0};
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)1 << 30);
    if (walk_lists(arena, tables, &lists, err) < 0)
        return -1;
    record_grounds_make(at->asking->arena, &lists, out);
    return 0;
}

/* Before: those a scan takes by itself. Each record tells whether they are those it was judged by. */
static int lists_take(struct replaying *at, struct err *err)
{
    const struct asking *asking = at->asking;
    struct table_options options = {0}, before = {0};
    bool lists = asking->lists || asking->data;
    if (!lists && !asking->weights && !asking->conf)
        return 0;
    options.own_dir = asking->lists;
    options.data_dir = asking->data;
    options.weights_file = asking->weights;
    if (asking->conf)
        options = generation_tables(at->generation);
    if (tables_open(&before, &at->before, err) < 0 || tables_open(&options, &at->after, err) < 0)
        return -1;
    if (asking->weights && weights_of(at, at->after, err) < 0)
        return -1;
    if (!lists && !asking->conf)
        return 0;
    at->replay.before = at->before;
    at->replay.after = at->after;
    at->replay.body = replay_brands_differ(at->before, at->after);
    at->replay.grounds_before = &at->grounds_before;
    at->replay.grounds = &at->grounds;
    return lists_ground(at, at->before, &at->grounds_before, err) < 0 || lists_ground(at, at->after, &at->grounds, err) < 0 ? -1 : 0;
}

static int grounds_of(struct replaying *at, const struct walk_settings *walk, struct record_grounds *out, struct err *err)
{
    struct grounds grounds = {0};
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)1 << 30); /* lists are large, digests are not */
    if (walk_grounds(arena, walk, &grounds, err) < 0)
        return -1;
    record_grounds_make(at->asking->arena, &grounds, out);
    return 0;
}

/* Of those that belong to nobody, and behind them of each organisation in turn. */
static int conf_grounds(struct replaying *at, struct err *err)
{
    struct resolver_settings world = {0};
    if (!at->generation)
        return 0;
    resolver_settings_take(&world, at->generation);
    at->resolver = resolver_new(&world);
    if (grounds_of(at, &at->generation->walk, vec_push(at->asking->arena, &at->by_organisation), err) < 0)
        return -1;
    vec_each(organisation, &at->generation->organisations)
        if (grounds_of(at, &organisation->walk, vec_push(at->asking->arena, &at->by_organisation), err) < 0)
            return -1;
    return 0;
}

static int conf_take(struct replaying *at, struct err *err)
{
    struct faults faults;
    const char *path = at->asking->conf;
    if (!path)
        return 0;
    faults_begin(&faults, path);
    int loaded = generation_load(path, &at->generation, &faults);
    faults_end(&faults);
    return loaded == 0 ? 0 : err_set(err, "%s is not in order; sekimori check-config %s tells what is wrong", path, path);
}

static int numbers_take(struct replaying *at, struct err *err)
{
    const struct asking *asking = at->asking;
    struct replay *replay = &at->replay;
    replay->prior = replay->suspicious = replay->malicious = -1;
    if (asking->suspicious && asking_number("--suspicious", asking->suspicious, 0, 100, &replay->suspicious, err) < 0)
        return -1;
    if (asking->malicious && asking_number("--malicious", asking->malicious, 0, 100, &replay->malicious, err) < 0)
        return -1;
    if (asking->prior && asking_number("--prior", asking->prior, 0.000001, 99.999999, &replay->prior, err) < 0)
        return -1;
    replay->prior = asking->prior ? replay->prior / 100 : -1;
    replay->mode = span_of(asking->mode);
    if (asking->mode && strcmp(asking->mode, "passive") != 0 && strcmp(asking->mode, "confirm") != 0 && strcmp(asking->mode, "active") != 0)
        return err_set(err, "--mode: \"%s\" is not one of: passive, confirm, active", asking->mode);
    at->sealer = span_of(asking->sealer);
    replay->sealer = asking->sealer ? &at->sealer : NULL;
    return 0;
}

/* ---- the whole */

static void totals_print(const struct replaying *at)
{
    FILE *to = at->asking->json ? stderr : stdout;
    fprintf(to, "%s%" PRIu64 " records judged again; %" PRIu64 " of them need the body", at->asking->json ? "" : "\n", at->all, at->body);
    if (at->net)
        fprintf(to, ", %" PRIu64 " the net", at->net);
    if (at->held)
        fprintf(to, "; %" PRIu64 " were judged anew by their held bytes, as the world is now", at->held);
    if (at->aged)
        fprintf(to, "; %" PRIu64 " were judged with countries, AS numbers or public suffixes of another edition, as they were kept", at->aged);
    fputs("\n\n", to);
    fprintf(to, "%-12s %12s %12s %12s\n", "was \\ is now", "clean", "suspicious", "malicious");
    for (int from = 0; from < 3; from++)
        fprintf(to, "%-12s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", verdict_name((enum verdict)from), at->moved[from][0], at->moved[from][1],
                at->moved[from][2]);
}

static int replay_run(struct replaying *at, struct err *err)
{
    struct hunt hunt;
    hunt_any(&hunt);
    if (hunt_bounds_take(at->asking, &hunt, err) < 0 || numbers_take(at, err) < 0 || conf_take(at, err) < 0 || lists_take(at, err) < 0 || conf_grounds(at, err) < 0 ||
        asking_open(at->asking, false, &at->store, err) < 0)
        return asking_fail(err);
    if (at->asking->entries && record_entries_load(at->store, at->asking->arena, INT64_MIN, &at->entries, err) < 0)
        return asking_fail(err);
    at->replay.entries = at->asking->entries ? &at->entries : NULL;
    int64_t given = record_hunt(at->store, &hunt, replay_one, at, err);
    if (given < 0 || at->failed)
        return asking_fail(err);
    totals_print(at);
    return at->moved[0][1] || at->moved[0][2] || at->moved[1][0] || at->moved[1][2] || at->moved[2][0] || at->moved[2][1] ? STATUS_CHANGED : STATUS_SAME;
}

int command_replay(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    int parsed = asking_parse(argc, argv, ASK_REPLAY, &asking, &err);
    struct replaying replaying = {.asking = &asking, .arena = arena_new((size_t)1 << 30), .err = &err};
    int status = parsed < 0 ? asking_fail(&err) : parsed == 1 ? 0 : replay_run(&replaying, &err);
    resolver_free(&replaying.resolver);
    store_close(&replaying.store);
    tables_close(&replaying.before);
    tables_close(&replaying.after);
    generation_free(&replaying.generation);
    arena_free(&replaying.arena);
    arena_free(&asking.arena);
    return status;
}
