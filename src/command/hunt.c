#include "command/asking.h"
#include "command/command.h"
#include "record/hunt.h"
#include "role/role.h"

#include <stdio.h>
#include <unistd.h>

enum { STATUS_FOUND = 0, STATUS_NONE = 1, STATUS_FAILED = 2, LIMIT = 100 };

struct printing {
    struct arena *arena;
    bool json;
    char last[64];
};

static void row_json(const struct hunt_row *row, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_text(&json, "id", row->id);
    json_time(&json, "received_at", row->at ? row->at : TIME_UNKNOWN);
    json_time(&json, "kept_at", row->kept);
    json_text(&json, "verdict", span_of(verdict_name(row->verdict)));
    json_real(&json, "score", row->score);
    json_text_or_null(&json, "from", row->from_address);
    json_text_or_null(&json, "mail_from", row->mail_from);
    json_text_or_null(&json, "subject", row->subject);
    json_text_or_null(&json, "client_ip", row->client);
    json_text_or_null(&json, "service", row->service);
    json_text_or_null(&json, "account", row->account);
    json_text(&json, "direction", span_of(direction_name(row->direction)));
    json_text_or_null(&json, "listener", row->listener);
    json_text_or_null(&json, "org", row->org);
    json_text_or_null(&json, "generation", row->generation);
    json_number(&json, "size", (int64_t)row->size);
    json_array(&json, "evidence");
    for (struct span rest = row->evidence, name; span_word(&rest, &name);)
        json_text(&json, NULL, name);
    json_array_end(&json);
    json_object_end(&json);
}

static void row_line(const struct hunt_row *row, struct buf *out)
{
    struct span strongest = {0}, rest = row->evidence;
    span_word(&rest, &strongest);
    buf_print(out, "%.*s  ", SPAN_FMT(row->id));
    if (row->at)
        time_print(out, row->at);
    else
        buf_add(out, S("-                   "));
    buf_print(out, "  %-10s %5.1f  ", verdict_name(row->verdict), row->score);
    plain_add(out, row->from_address.len ? row->from_address : S("-"));
    buf_add(out, S("  \""));
    plain_add(out, row->subject);
    buf_print(out, "\"  %.*s", SPAN_FMT(strongest));
}

static bool row_print(void *context, const struct hunt_row *row)
{
    struct printing *at = context;
    struct buf out = {.arena = at->arena};
    arena_reset(at->arena);
    if (at->json)
        row_json(row, &out);
    else
        row_line(row, &out);
    buf_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
    snprintf(at->last, sizeof at->last, "%.*s", SPAN_FMT(row->id));
    return !ferror(stdout);
}

/* ---- what could not be judged */
static bool unjudged_print(void *context, const struct record_unjudged *row)
{
    struct printing *at = context;
    struct buf out = {.arena = at->arena};
    arena_reset(at->arena);
    if (at->json) {
        buf_add(&out, row->report);
    } else {
        buf_print(&out, "%.*s  ", SPAN_FMT(row->id));
        time_print(&out, row->kept);
        buf_print(&out, "  unjudged  %.*s  %s", SPAN_FMT(row->org.len ? row->org : S("-")), unjudged_text(row->why, LANGUAGE_EN));
    }
    buf_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
    snprintf(at->last, sizeof at->last, "%.*s", SPAN_FMT(row->id));
    return !ferror(stdout);
}

/* Nothing of such a message was read, and there is nothing in it to look for. */
static int unjudged_check(const struct asking *asking, struct err *err)
{
    const char *const others[] = {asking->from, asking->to, asking->mail_from, asking->message_id, asking->link_host, asking->client, asking->account,
                                  asking->tenant, asking->evidence, asking->digest, asking->subject, asking->service, asking->verdict};
    for (size_t i = 0; asking->unjudged && i < sizeof others / sizeof *others; i++)
        if (others[i])
            return err_set(err, "--unjudged goes with --org, --since, --until, --limit and --after alone: nothing else is known of what no judge could finish");
    return 0;
}

static int verdict_take(const struct asking *asking, struct hunt *out, struct err *err)
{
    for (int verdict = VERDICT_CLEAN; asking->verdict && verdict <= VERDICT_MALICIOUS; verdict++)
        if (strcmp(asking->verdict, verdict_name((enum verdict)verdict)) == 0)
            out->verdict = verdict;
    return asking->verdict && out->verdict < 0 ? err_set(err, "--verdict: \"%s\" is not one of: clean, suspicious, malicious", asking->verdict) : 0;
}

int hunt_bounds_take(const struct asking *asking, struct hunt *out, struct err *err)
{
    double limit = 0;
    out->org = span_of(asking->org);
    if (asking->since && asking_time("--since", asking->since, false, &out->since, err) < 0)
        return -1;
    if (asking->until && asking_time("--until", asking->until, false, &out->until, err) < 0)
        return -1;
    if (asking->limit && asking_number("--limit", asking->limit, 1, 1e9, &limit, err) < 0)
        return -1;
    out->limit = (uint64_t)limit;
    return 0;
}

static int hunt_take(const struct asking *asking, struct hunt *out, struct err *err)
{
    hunt_any(out);
    struct {
        struct span *to;
        const char *value;
    } texts[] = {{&out->from, asking->from}, {&out->to, asking->to}, {&out->mail_from, asking->mail_from}, {&out->message_id, asking->message_id},
                 {&out->link_host, asking->link_host}, {&out->client, asking->client}, {&out->account, asking->account}, {&out->tenant, asking->tenant},
                 {&out->evidence, asking->evidence}, {&out->digest, asking->digest}, {&out->subject, asking->subject}, {&out->service, asking->service},
                 {&out->after, asking->after}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i].to = span_of(texts[i].value);
    if (asking->words.len)
        return err_set(err, "\"%s\": hunt takes options only, such as --subject or --from; sekimori hunt --help tells them", asking->words.at[0]);
    if (asking->evidence && !span_find_byte(out->evidence, '*') && !span_find_byte(out->evidence, '?')) {
        enum evidence_id id;
        if (!evidence_by_name(out->evidence, &id))
            return err_set(err, "--evidence: \"%s\" is no evidence of this program; docs/EVIDENCE.md lists them", asking->evidence);
    }
    if (unjudged_check(asking, err) < 0 || hunt_bounds_take(asking, out, err) < 0)
        return -1;
    return verdict_take(asking, out, err);
}

static int hunt_run(const struct asking *asking, struct err *err)
{
    struct hunt hunt;
    struct store *store = NULL;
    struct printing printing = {.arena = arena_new((size_t)1 << 26), .json = asking->json};
    int64_t found = -1;
    if (hunt_take(asking, &hunt, err) == 0 && asking_open(asking, false, &store, err) == 0) {
        hunt.limit = hunt.limit ? hunt.limit : LIMIT;
        found = asking->unjudged ? record_hunt_unjudged(store, &hunt, unjudged_print, &printing, err) : record_hunt(store, &hunt, row_print, &printing, err);
    }
    if (found < 0)
        asking_fail(err);
    if (found == 0 && !asking->json)
        fprintf(stderr, "sekimori: nothing was found; a name is meant whole, * stands for what may differ: --from '*.example.com'\n");
    if (found > 0 && (uint64_t)found == hunt.limit && fflush(stdout) == 0)
        fprintf(stderr, "sekimori: there may be more: --after %s gives the next ones, --limit more at a time\n", printing.last);
    store_close(&store);
    arena_free(&printing.arena);
    return found < 0 ? STATUS_FAILED : found ? STATUS_FOUND : STATUS_NONE;
}

int command_hunt(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    int parsed = asking_parse(argc, argv, ASK_HUNT, &asking, &err);
    int status = parsed < 0 ? asking_fail(&err) : parsed == 1 ? 0 : hunt_run(&asking, &err);
    arena_free(&asking.arena);
    return status;
}
