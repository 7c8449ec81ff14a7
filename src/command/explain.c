#include "command/asking.h"
#include "command/command.h"
#include "record/click.h"
#include "record/decide.h"
#include "record/held.h"
#include "role/role.h"

#include <stdio.h>

static int held_print(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct buf *out, struct err *err)
{
    struct record_held held;
    int found = record_held(store, arena, id, &held, err);
    if (found <= 0)
        return found;
    struct buf since = {.arena = arena}, until = {.arena = arena};
    bool ja = asking->language == LANGUAGE_JA, lies = span_eq(held.state, S("held"));
    time_print(&since, held.at);
    time_print(&until, held.until);
    if (ja)
        buf_print(out, "\nメールの原本: 保留領域の %.*s(%llu バイト)。%.*s に保留、期限 %.*s。%s\n", SPAN_FMT(held.file), (unsigned long long)held.size,
                  SPAN_FMT(buf_span(&since)), SPAN_FMT(buf_span(&until)), lies ? "" : "すでに不要となり、まもなく消去されます。");
    else if (!lies)
        buf_print(out, "\nIts bytes were held from %.*s on, as %.*s (%llu bytes) of the hold spool; nobody's copy is wanted any more, and they are removed.\n",
                  SPAN_FMT(buf_span(&since)), SPAN_FMT(held.file), (unsigned long long)held.size);
    else
        buf_print(out, "\nIts bytes are %.*s since %.*s, until %.*s, as %.*s (%llu bytes) of the hold spool.\n", SPAN_FMT(held.state),
                  SPAN_FMT(buf_span(&since)), SPAN_FMT(buf_span(&until)), SPAN_FMT(held.file), (unsigned long long)held.size);
    return 0;
}

/* Of copies about which somebody is asked, or was: what, and who answered. */
static void answer_print(const struct asking *asking, const struct held_copy *copy, struct buf *out)
{
    bool ja = asking->language == LANGUAGE_JA, agreed = copy->asked == HELD_AGREED;
    struct span acts = copy->acts;
    buf_byte(out, '\n');
    plain_add(out, copy->address);
    if (copy->state == HELD_WAITING) {
        buf_print(out, ja ? ": %.*s への同意を待っています(期限 " : ": waits for somebody to agree to %.*s, until ", SPAN_FMT(acts));
        time_print(out, copy->waits);
        buf_print(out, ja ? ")。sekimori held agree %.*s または held release %.*s\n" : "; sekimori held agree %.*s, or held release %.*s\n", SPAN_FMT(copy->id), SPAN_FMT(copy->id));
        return;
    }
    if (copy->asked != HELD_AGREED && copy->asked != HELD_DECLINED) {
        buf_print(out, ja ? ": %.*s は行わずに終了しました\n" : ": nobody answered about %.*s before it ended\n", SPAN_FMT(acts));
        return;
    }
    buf_print(out, ja ? (agreed ? ": %.*s に同意しました(" : ": %.*s を行わずに配送しました(") : agreed ? ": %.*s was agreed to by " : ": let go without %.*s by ", SPAN_FMT(acts));
    plain_add(out, copy->by);
    buf_add(out, ja ? S("、") : S(", "));
    time_print(out, copy->at);
    if (copy->why.len) {
        buf_add(out, S(": "));
        plain_add(out, copy->why);
    }
    buf_add(out, ja ? S(")\n") : S("\n"));
}

static int answers_print(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct buf *out, struct err *err)
{
    struct held_copies copies;
    if (held_copies(store, arena, id, &copies, err) < 0)
        return -1;
    vec_each(copy, &copies.list)
        if (copy->asked != HELD_UNASKED)
            answer_print(asking, copy, out);
    return 0;
}

static int correction_print(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct buf *out, struct err *err)
{
    struct correction correction;
    int found = record_corrected(store, arena, id, &correction, err);
    if (found <= 0)
        return found;
    struct buf at = {.arena = arena};
    time_print(&at, correction.at);
    bool ja = asking->language == LANGUAGE_JA;
    buf_print(out, ja ? "\nその後の訂正(%.*s、" : "\nCorrected since, at %.*s by ", SPAN_FMT(buf_span(&at)));
    plain_add(out, correction.by);
    buf_print(out, ja ? "): %s\n" : ": it was %s.\n", ja ? (correction.honest ? "正当なメール" : "悪質なメール") : correction.honest ? "honest" : "bad");
    return 0;
}

/* ---- what readers did at its locked links */
struct clicks_told {
    const struct asking *asking;
    struct buf *out;
};

static bool click_print(void *context, const struct click_row *row)
{
    struct clicks_told *told = context;
    bool ja = told->asking->language == LANGUAGE_JA;
    buf_add(told->out, S("  "));
    time_print(told->out, row->at);
    buf_print(told->out, ja ? "  リンク %u%s" : row->appeal ? "  asked for link %u%s" : "  clicked link %u%s", row->link, !ja ? "" : row->appeal ? "の解除を申請" : "をクリック");
    if (row->host.len) {
        buf_add(told->out, S(" ("));
        plain_add(told->out, row->host);
        buf_byte(told->out, ')');
    }
    buf_add(told->out, ja ? S("  宛先 ") : S("  for "));
    plain_add(told->out, row->people.len ? row->people : S("-"));
    if (row->client.len)
        buf_print(told->out, ja ? "  接続元 %.*s" : "  from %.*s", SPAN_FMT(row->client));
    buf_byte(told->out, '\n');
    return true;
}

static int clicks_print(const struct asking *asking, struct store *store, struct arena *arena, struct span id, struct buf *out, struct err *err)
{
    struct opened_sum opened;
    struct buf rows = {.arena = arena}, times = {.arena = arena};
    struct clicks_told told = {asking, &rows};
    bool ja = asking->language == LANGUAGE_JA;
    if (record_opened(store, id, &opened, err) < 0 || record_clicks(store, id, click_print, &told, err) < 0)
        return -1;
    if (!opened.times && !rows.len)
        return 0;
    buf_add(out, ja ? S("\n差し替えたリンクのページ:\n") : S("\nAt its locked links:\n"));
    time_print(&times, opened.first);
    buf_add(&times, ja ? S(" から ") : S(" to "));
    time_print(&times, opened.last);
    if (opened.times)
        buf_print(out, ja ? "  ページの表示 %llu 回(自動検査によるものを含むことがあります)、%.*s\n" : "  pages fetched %llu times, maybe by scanners, %.*s\n",
                  (unsigned long long)opened.times, SPAN_FMT(buf_span(&times)));
    buf_add(out, buf_span(&rows));
    return 0;
}

/* No judge could finish it: there is why, the answer that was given, and nothing to explain. */
static int unjudged_print(const struct asking *asking, struct store *store, struct arena *arena, const char *id, struct buf *out, struct err *err)
{
    struct record_unjudged unjudged;
    int found = record_unjudged_read(store, arena, span_of(id), &unjudged, err);
    if (found <= 0)
        return found;
    if (asking->json) {
        buf_print(out, "%.*s\n", SPAN_FMT(unjudged.report));
        return 1;
    }
    bool ja = asking->language == LANGUAGE_JA;
    buf_print(out, ja ? "%.*s  判定不能" : "%.*s  unjudged", SPAN_FMT(unjudged.id));
    if (unjudged.org.len)
        buf_print(out, "  %.*s", SPAN_FMT(unjudged.org));
    buf_print(out, "\n\n%s\n", unjudged_text(unjudged.why, asking->language));
    buf_print(out, ja ? "\n返した応答: %.*s\n" : "\nWhat was answered: %.*s\n", SPAN_FMT(unjudged.report));
    return held_print(asking, store, arena, unjudged.id, out, err) < 0 ? -1 : 1;
}

static int explain_one(const struct asking *asking, struct store *store, struct arena *arena, const char *id, struct err *err)
{
    struct record_told told;
    struct buf out = {.arena = arena};
    int found = record_read(store, arena, span_of(id), &told, err);
    if (found == 0 && (found = unjudged_print(asking, store, arena, id, &out, err)) > 0) {
        fwrite(out.at, 1, out.len, stdout);
        return 0;
    }
    if (found <= 0)
        return found < 0 ? -1 : err_set(err, "%s: there is no such record; it may have been pruned, or is of another store", id);
    if (!told.whole)
        fprintf(stderr, "sekimori: %s: was judged by another version, whose evidence \"%.*s\" this one does not know; verdict and score are as they were, the evidence cannot be told\n",
                id, SPAN_FMT(told.unknown));
    if (asking->json) {
        record_json(arena, &told, &out);
        buf_byte(&out, '\n');
    } else if (!told.whole || !record_page(arena, &told)) {
        return err_set(err, "%s: was kept by another version of sekimori, whose page this one cannot draw; --json shows its facts", id);
    } else {
        struct report_style style = {asking->language, asking->coloured, asking->width};
        report_text(arena, &told.report, &style, &out);
        if (held_print(asking, store, arena, told.report.id, &out, err) < 0 || answers_print(asking, store, arena, told.report.id, &out, err) < 0 ||
            correction_print(asking, store, arena, told.report.id, &out, err) < 0 ||
            clicks_print(asking, store, arena, told.report.id, &out, err) < 0)
            return -1;
    }
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

static int explain_all(const struct asking *asking, struct store *store, struct err *err)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    int status = 0;
    for (size_t i = 0; i < asking->words.len; i++) {
        if (i && !asking->json)
            putchar('\n');
        arena_reset(arena);
        if (explain_one(asking, store, arena, asking->words.at[i], err) < 0)
            status = asking_fail(err);
    }
    arena_free(&arena);
    return status;
}

int command_explain(int argc, char **argv)
{
    struct err err;
    struct asking asking;
    struct store *store = NULL;
    int status = 2, parsed = asking_parse(argc, argv, ASK_EXPLAIN, &asking, &err);
    if (parsed == 1)
        status = 0;
    else if (parsed < 0 || (!asking.words.len && err_set(&err, "explain wants the id of a record; sekimori hunt finds them")) || asking_open(&asking, false, &store, &err) < 0)
        asking_fail(&err);
    else
        status = explain_all(&asking, store, &err);
    store_close(&store);
    arena_free(&asking.arena);
    return status;
}
