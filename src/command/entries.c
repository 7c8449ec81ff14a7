/* allow and deny: two verbs of one kind. */
#include "command/asking.h"
#include "command/command.h"
#include "record/decide.h"
#include "role/role.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static int entry_take(const struct asking *asking, struct entry *out, struct err *err)
{
    *out = (struct entry){.is = {.allow = asking->verb == ASK_ALLOW, .org = span_of(asking->org), .person = arena_lower(asking->arena, span_of(asking->person)),
                                 .service = span_of(asking->service), .account = span_of(asking->account), .stream = span_of(asking->stream),
                                 .reason = span_of(asking->reason)},
                          .by = asking_by(asking), .made = time(NULL)};
    if (asking->domain && !identity_domain_read(asking->arena, span_of(asking->domain), &out->is.domain))
        return err_set(err, "--domain: \"%s\" is no domain such as example.com", asking->domain);
    if (!asking->expires)
        return err_set(err, "--expires is wanted: 2026-12-31 or 30d; what is entered for ever is forgotten and stays");
    return asking_time("--expires", asking->expires, true, &out->is.expires, err);
}

static int entry_add(const struct asking *asking, struct store *store, struct err *err)
{
    struct entry entry;
    uint64_t number;
    if (entry_take(asking, &entry, err) < 0 || record_entry_add(store, &entry, &number, err) < 0)
        return -1;
    printf("%s entry %" PRIu64 "\n", entry.is.allow ? "allow" : "deny", number);
    return 0;
}

static int entry_remove(const struct asking *asking, struct store *store, struct err *err)
{
    uint64_t number;
    if (asking->words.len < 2)
        return err_set(err, "remove wants the number of an entry; list shows them");
    for (size_t i = 1; i < asking->words.len; i++) {
        if (!span_number(span_of(asking->words.at[i]), INT64_MAX, &number))
            return err_set(err, "\"%s\" is no number of an entry; list shows them", asking->words.at[i]);
        int removed = record_entry_remove(store, number, asking->verb == ASK_ALLOW, err);
        if (removed <= 0)
            return removed < 0 ? -1 : err_set(err, "there is no such entry: %s", asking->words.at[i]);
        printf("removed %s\n", asking->words.at[i]);
    }
    return 0;
}

static void entry_json(const struct entry *entry, struct buf *out)
{
    struct json json = {.out = out};
    json_object(&json, NULL);
    json_number(&json, "number", (int64_t)entry->is.number);
    json_bool(&json, "allow", entry->is.allow);
    json_text_or_null(&json, "org", entry->is.org);
    json_text_or_null(&json, "domain", entry->is.domain);
    json_text_or_null(&json, "person", entry->is.person);
    json_text_or_null(&json, "service", entry->is.service);
    json_text_or_null(&json, "account", entry->is.account);
    json_text_or_null(&json, "stream", entry->is.stream);
    json_text(&json, "reason", entry->is.reason);
    json_text(&json, "by", entry->by);
    json_time(&json, "made", entry->made);
    json_time(&json, "expires", entry->is.expires);
    json_number(&json, "hits", (int64_t)entry->hits);
    json_time(&json, "last_hit", entry->last_hit);
    json_object_end(&json);
}

static void entry_line(const struct entry *entry, struct buf *out)
{
    const struct {
        const char *name;
        struct span value;
    } parts[] = {{"org", entry->is.org}, {"domain", entry->is.domain}, {"person", entry->is.person}, {"service", entry->is.service},
                 {"account", entry->is.account}, {"stream", entry->is.stream}};
    buf_print(out, "%" PRIu64, entry->is.number);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value.len) {
            buf_print(out, "  %s ", parts[i].name);
            plain_add(out, parts[i].value);
        }
    buf_print(out, "  %s ", entry->is.expires > time(NULL) ? "until" : "OVER since");
    time_print(out, entry->is.expires);
    buf_print(out, "  %" PRIu64 " hits  by %.*s: ", entry->hits, SPAN_FMT(entry->by));
    plain_add(out, entry->is.reason);
}

struct entries_told {
    const struct asking *asking;
    size_t printed;
};

static bool entry_print(void *context, const struct entry *entry)
{
    struct entries_told *told = context;
    const struct asking *asking = told->asking;
    struct buf out = {.arena = asking->arena};
    if (entry->is.allow != (asking->verb == ASK_ALLOW))
        return true;
    if (asking->json)
        entry_json(entry, &out);
    else
        entry_line(entry, &out);
    buf_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
    told->printed++;
    return true;
}

static int entries_list(struct asking *asking, struct store *store, struct err *err)
{
    struct entries_told told = {.asking = asking};
    if (record_entries(store, entry_print, &told, err) < 0)
        return -1;
    if (!told.printed && !asking->json)
        fprintf(stderr, "sekimori: there are no %s entries\n", asking->verb == ASK_ALLOW ? "allow" : "deny");
    return 0;
}

static int entries_do(struct asking *asking, struct store *store, const char *what, struct err *err)
{
    if (strcmp(what, "add") == 0)
        return entry_add(asking, store, err);
    if (strcmp(what, "remove") == 0)
        return entry_remove(asking, store, err);
    return entries_list(asking, store, err);
}

static const struct asking_acts acts = {"list add remove", "add, list or remove", entries_do};

int command_allow(int argc, char **argv)
{
    return asking_run(argc, argv, ASK_ALLOW, &acts);
}

int command_deny(int argc, char **argv)
{
    return asking_run(argc, argv, ASK_DENY, &acts);
}
