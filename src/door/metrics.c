#include "door/metrics.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_print(out, "# HELP sekimori_%s %s\n# TYPE sekimori_%s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    buf_print(out, "sekimori_%s %llu\n", name, (unsigned long long)value);
}

/* A family's lines stand together, whatever listener they are of. */
static void verdicts(struct buf *out, const struct flow_counts *counts)
{
    const char *door = counts->name;
    static const char *const ends[] = {"unjudged", "unread", "repeated", "not_kept"};
    const uint64_t numbers[] = {counts->unjudged, counts->unread, counts->repeated, counts->not_kept};
    for (enum verdict at = VERDICT_CLEAN; at <= VERDICT_MALICIOUS; at++)
        buf_print(out, "sekimori_messages_total{door=\"%s\",verdict=\"%s\"} %llu\n", door, verdict_name(at), (unsigned long long)counts->verdicts[at]);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        buf_print(out, "sekimori_messages_total{door=\"%s\",verdict=\"%s\"} %llu\n", door, ends[i], (unsigned long long)numbers[i]);
}

static void stage(struct buf *out, const char *door, const char *name, const struct histogram *histogram)
{
    uint64_t below = 0;
    for (size_t i = 0; i <= FLOW_BUCKETS; i++) {
        below += histogram->buckets[i];
        buf_print(out, "sekimori_stage_seconds_bucket{door=\"%s\",stage=\"%s\",le=\"", door, name);
        if (i < FLOW_BUCKETS)
            buf_print(out, "%g", flow_bounds[i] / 1000.0);
        else
            buf_print(out, "+Inf");
        buf_print(out, "\"} %llu\n", (unsigned long long)below);
    }
    buf_print(out, "sekimori_stage_seconds_sum{door=\"%s\",stage=\"%s\"} %.3f\n", door, name, (double)histogram->sum_ms / 1000);
    buf_print(out, "sekimori_stage_seconds_count{door=\"%s\",stage=\"%s\"} %llu\n", door, name, (unsigned long long)histogram->count);
}

static void stages(struct buf *out, const struct flow_counts *counts)
{
    const char *door = counts->name;
    stage(out, door, "wait", &counts->wait);
    stage(out, door, "judge", &counts->judge);
    stage(out, door, "keep", &counts->keep);
    stage(out, door, "seal", &counts->seal);
    stage(out, door, "whole", &counts->whole);
}

static void answers(struct buf *out, const struct flow_counts *counts)
{
    const char *door = counts->name;
    for (size_t status = 0; status < sizeof counts->answers / sizeof *counts->answers; status++)
        if (counts->answers[status])
            buf_print(out, "sekimori_http_answers_total{door=\"%s\",status=\"%zu\"} %llu\n", door, status, (unsigned long long)counts->answers[status]);
}

static void seals(struct buf *out, const struct flow_counts *counts)
{
    static const char *const names[] = {"no_key", "no_signer", "not_whole", "refused"};
    buf_print(out, "sekimori_seals_total{door=\"%s\",seal=\"added\"} %llu\n", counts->name, (unsigned long long)counts->sealed);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        buf_print(out, "sekimori_seals_total{door=\"%s\",seal=\"%s\"} %llu\n", counts->name, names[i], (unsigned long long)counts->unsealed[i]);
}

static void connections(struct buf *out, const struct flow_counts *counts)
{
    const char *door = counts->name;
    buf_print(out, "sekimori_connections{door=\"%s\"} %llu\n", door, (unsigned long long)counts->connections);
}

static void each_listener(struct flow *flow, struct buf *out, void (*write)(struct buf *, const struct flow_counts *))
{
    for (const struct flow_counts *counts = flow_counts_first(flow); counts; counts = counts->next)
        write(out, counts);
}

static void witnesses(struct buf *out, const struct witness_tally *tally)
{
    if (!tally->count)
        return;
    head(out, "witness_total", "counter", "What witnesses were asked about, and how often they answered, listed or found something, were silent, failed, or were at fault");
    for (const struct witness_row *row = tally->rows; row < tally->rows + tally->count; row++)
        for (size_t i = 0; i < WITNESS_NUMBERS; i++)
            buf_print(out, "sekimori_witness_total{witness=\"%s\",about=\"%s\",what=\"%s\"} %llu\n", row->name, row->about,
                      witness_number_name(i), (unsigned long long)row->numbers[i]);
}

static void deaths(struct buf *out, const uint64_t *numbers)
{
    head(out, "deaths_total", "counter", "Processes that died and were started again, by role, since the service began");
    for (enum role role = ROLE_TEMPLATE; role < ROLE_COUNT; role++)
        buf_print(out, "sekimori_deaths_total{role=\"%s\"} %llu\n", role_name(role), (unsigned long long)numbers[role]);
}

static void rows(struct buf *out, const uint64_t *tally)
{
    static const char *const tables[] = {"record", "unjudged", "entry", "correction", "hold"};
    head(out, "store_rows", "gauge", "Rows of the store, as the keeper said last");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        buf_print(out, "sekimori_store_rows{table=\"%s\"} %llu\n", tables[i],
                  (unsigned long long)(tally[TALLY_RECORDS + i] - (i == TALLY_RECORDS ? tally[TALLY_UNJUDGED] : 0)));
}

static void kept(struct buf *out, const uint64_t *tally)
{
    static const struct {
        const char *part;
        enum tally at;
    } sizes[] = {{"file", TALLY_STORE_BYTES}, {"free", TALLY_STORE_FREE}, {"log", TALLY_STORE_LOG}};
    number(out, "records", "gauge", "Records kept, as the keeper said last", tally[TALLY_RECORDS]);
    rows(out, tally);
    head(out, "store_bytes", "gauge", "The store on disk: its file, what of it is unused, and what waits in its log");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        buf_print(out, "sekimori_store_bytes{part=\"%s\"} %llu\n", sizes[i].part, (unsigned long long)tally[sizes[i].at]);
    number(out, "held_messages", "gauge", "Messages in the hold spool", tally[TALLY_HELD]);
    number(out, "held_bytes", "gauge", "Bytes of them, compressed", tally[TALLY_HELD_BYTES]);
    number(out, "held_refused", "gauge", "Copies that the mail server refused for good, and that nobody released again or deleted", tally[TALLY_REFUSED]);
    number(out, "pruned_total", "counter", "Rows that had had their time, since the keeper began", tally[TALLY_PRUNED]);
}

static void jobs(struct buf *out, const uint64_t *tally)
{
    head(out, "outbox_jobs", "gauge", "Jobs in the outbox, as the keeper said last, by state; at most 100000");
    buf_print(out, "sekimori_outbox_jobs{state=\"waiting\"} %llu\n", (unsigned long long)tally[TALLY_JOBS_WAITING]);
    buf_print(out, "sekimori_outbox_jobs{state=\"failed\"} %llu\n", (unsigned long long)tally[TALLY_JOBS_FAILED]);
    number(out, "outbox_done_total", "counter", "Jobs that were done since the keeper began", tally[TALLY_JOBS_DONE]);
    number(out, "outbox_oldest_seconds", "gauge", "Age of the oldest job that waits", tally[TALLY_JOBS_OLDEST]);
}

void metrics_write(struct flow *flow, struct buf *out)
{
    const struct flow_totals *totals = flow_totals(flow);
    head(out, "messages_total", "counter", "Messages answered, by listener and what became of them");
    each_listener(flow, out, verdicts);
    head(out, "stage_seconds", "histogram", "Time of a message by stage: waiting for a judge, being judged, being kept, being sealed, and the whole");
    each_listener(flow, out, stages);
    head(out, "http_answers_total", "counter", "Answers by HTTP status");
    each_listener(flow, out, answers);
    head(out, "seals_total", "counter", "Messages that stay with us, by whether they got a seal, and why not");
    each_listener(flow, out, seals);
    head(out, "connections", "gauge", "Open connections");
    each_listener(flow, out, connections);
    witnesses(out, &totals->witnesses);
    number(out, "messages_held", "gauge", "Messages in work", flow_holds(flow));
    number(out, "bytes_held", "gauge", "Bytes of them", flow_held_bytes(flow));
    number(out, "messages_parked", "gauge", "Messages that judges hold while they wait for the world, as they said last", flow_parked(flow));
    number(out, "judges", "gauge", "Judges that take messages", flow_judges(flow));
    number(out, "judge_deaths_total", "counter", "Judges that died at their work", totals->judge_deaths);
    deaths(out, totals->deaths);
    number(out, "keeper_up", "gauge", "Whether the keeper can be reached", flow_has_keeper(flow));
    number(out, "keeper_starts_total", "counter", "How often a keeper was handed over", totals->keeper_links);
    number(out, "signer_up", "gauge", "Whether the signer can be reached", flow_has_signer(flow));
    kept(out, flow_tally(flow));
    jobs(out, flow_tally(flow));
    number(out, "reloads_total", "counter", "Generations that were loaded after the first", totals->settings ? totals->settings - 1 : 0);
    head(out, "generation_info", "gauge", "The generation in force");
    buf_print(out, "sekimori_generation_info{generation=\"%s\"} 1\n", flow_settings(flow)->generation);
}
