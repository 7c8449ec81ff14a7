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

static void verdicts(struct buf *out, const char *door, const struct flow_counts *counts)
{
    static const char *const ends[] = {"unjudged", "unread", "repeated", "not_kept"};
    const uint64_t numbers[] = {counts->unjudged, counts->unread, counts->repeated, counts->not_kept};
    head(out, "messages_total", "counter", "Messages answered, by what became of them");
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

static void stages(struct buf *out, const char *door, const struct flow_counts *counts)
{
    head(out, "stage_seconds", "histogram", "Time of a message by stage: waiting for a judge, being judged, being kept, and the whole");
    stage(out, door, "wait", &counts->wait);
    stage(out, door, "judge", &counts->judge);
    stage(out, door, "keep", &counts->keep);
    stage(out, door, "whole", &counts->whole);
}

static void answers(struct buf *out, const char *door, const struct flow_counts *counts)
{
    head(out, "http_answers_total", "counter", "Answers by HTTP status");
    for (size_t status = 0; status < sizeof counts->answers / sizeof *counts->answers; status++)
        if (counts->answers[status])
            buf_print(out, "sekimori_http_answers_total{door=\"%s\",status=\"%zu\"} %llu\n", door, status, (unsigned long long)counts->answers[status]);
}

void metrics_write(struct flow *flow, size_t connections, struct buf *out)
{
    const struct flow_counts *counts = flow_counts(flow);
    const struct door_settings *settings = flow_settings(flow);
    verdicts(out, settings->name, counts);
    stages(out, settings->name, counts);
    answers(out, settings->name, counts);
    number(out, "messages_held", "gauge", "Messages in work", flow_holds(flow));
    number(out, "bytes_held", "gauge", "Bytes of them", flow_held_bytes(flow));
    number(out, "connections", "gauge", "Open connections", connections);
    number(out, "judges", "gauge", "Judges that take messages", flow_judges(flow));
    number(out, "judge_deaths_total", "counter", "Judges that died at their work", counts->judge_deaths);
    number(out, "keeper_up", "gauge", "Whether the keeper can be reached", flow_has_keeper(flow));
    number(out, "keeper_starts_total", "counter", "How often a keeper was handed over", counts->keeper_links);
    number(out, "records", "gauge", "Records kept, as the keeper said last", flow_records(flow));
    number(out, "reloads_total", "counter", "Generations that were loaded after the first", counts->generations);
    head(out, "generation_info", "gauge", "The generation in force");
    buf_print(out, "sekimori_generation_info{generation=\"%s\"} 1\n", settings->generation);
}
