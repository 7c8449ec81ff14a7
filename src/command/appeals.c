/* appeals: readers who ask for the release of locked links, and what is answered. */
#include "command/asking.h"
#include "command/command.h"
#include "record/click.h"
#include "role/role.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static void appeal_json(const struct appeal_row *row, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_number(&json, "number", (int64_t)row->number);
    json_text(&json, "state", span_of(appeal_state_name(row->state)));
    json_text(&json, "id", row->id);
    json_text_or_null(&json, "org", row->org);
    json_text(&json, "kind", row->kind);
    json_number(&json, "link", row->link);
    json_text_or_null(&json, "host", row->host);
    json_text_or_null(&json, "recipients", row->people);
    json_text_or_null(&json, "note", row->note);
    json_text_or_null(&json, "client", row->client);
    json_time(&json, "asked", row->asked);
    json_text_or_null(&json, "by", row->by);
    json_time(&json, "answered", row->answered);
    json_object_end(&json);
    buf_byte(out, '\n');
}

static void word_line(struct buf *out, const char *name, struct span words)
{
    if (!words.len)
        return;
    buf_print(out, "    %s: ", name);
    plain_add(out, words);
    buf_byte(out, '\n');
}

static void appeal_lines(const struct appeal_row *row, struct buf *out)
{
    buf_print(out, "%" PRIu64 "  %s  ", row->number, appeal_state_name(row->state));
    time_print(out, row->asked);
    buf_print(out, "  %.*s, link %u (%.*s)\n", SPAN_FMT(row->id), row->link, SPAN_FMT(row->kind));
    word_line(out, "leads to", row->host);
    word_line(out, "for", row->people);
    word_line(out, "the reader writes", row->note);
    word_line(out, "from", row->client);
    if (row->state == APPEAL_WAITING)
        return;
    buf_print(out, "    %s ", appeal_state_name(row->state));
    time_print(out, row->answered);
    buf_add(out, S(" by "));
    plain_add(out, row->by);
    buf_byte(out, '\n');
}

static bool appeal_print(void *context, const struct appeal_row *row)
{
    const struct asking *asking = context;
    struct buf out = {.arena = asking->arena};
    if (asking->json)
        appeal_json(row, &out);
    else
        appeal_lines(row, &out);
    fwrite(out.at, 1, out.len, stdout);
    return true;
}

static int appeals_list(struct asking *asking, struct store *store, struct err *err)
{
    int64_t told = record_appeals(store, asking->all ? 0 : APPEAL_WAITING, span_of(asking->org), appeal_print, asking, err);
    if (told == 0 && !asking->json)
        fprintf(stderr, "sekimori: %s\n", asking->all ? "nobody has asked for anything" : "nobody waits for an answer; --all shows those that were answered");
    return told < 0 ? -1 : 0;
}

static int appeals_answer(struct asking *asking, struct store *store, bool granted, struct err *err)
{
    uint64_t number;
    if (asking->words.len < 2)
        return err_set(err, "%s wants the number of an appeal; list shows them", granted ? "grant" : "refuse");
    for (size_t i = 1; i < asking->words.len; i++) {
        if (!span_number(span_of(asking->words.at[i]), INT64_MAX, &number))
            return err_set(err, "\"%s\" is no number of an appeal; list shows them", asking->words.at[i]);
        int done = record_appeal_answer(store, number, granted, asking_by(asking), time(NULL), err);
        if (done <= 0)
            return done < 0 ? -1 : err_set(err, "there is no such appeal: %s", asking->words.at[i]);
        printf("%s %s\n", granted ? "granted" : "refused", asking->words.at[i]);
    }
    return 0;
}

static int appeals_do(struct asking *asking, struct store *store, const char *what, struct err *err)
{
    if (strcmp(what, "list") == 0)
        return appeals_list(asking, store, err);
    return appeals_answer(asking, store, strcmp(what, "grant") == 0, err);
}

int command_appeals(int argc, char **argv)
{
    static const struct asking_acts acts = {"list grant refuse", "list, grant or refuse", appeals_do};
    return asking_run(argc, argv, ASK_APPEALS, &acts);
}
