/* Records made of whole messages: kept once, read back as they were, found, judged again, pruned. */
#include "exact.h"
#include "made.h"
#include "../../work.h"
#include "record/decide.h"
#include "record/hunt.h"
#include "record/inner.h"
#include "record/replay.h"
#include "verdict/witnesses.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char letter[] =
    "Received: from mail.sender.example (mail.sender.example [192.0.2.7])\r\n\tby mx.example.net (Postfix) with ESMTPS id 1; Sat, 31 Jan 2026 12:00:00 +0000\r\n"
    "From: \"Bank Support\" <Info@Sender.example>\r\nFrom: x@other.example\r\nTo: a@example.net\r\nSubject: Your order (1)\r\nMessage-ID: <1@sender.example>\r\n\r\n"
    "Please see https://www.link.example/path\r\n";

static struct span json_of(struct arena *arena, const struct report *report)
{
    struct buf out = {.arena = arena};
    report_json(arena, report, &out);
    return buf_span(&out);
}

static void a_report_is_read_back_byte_for_byte(void **state)
{
    struct world world = world_new();
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct record_told told;
    struct span id;
    struct err err;
    struct buf again = {.arena = world.arena}, page = {.arena = world.arena}, before = {.arena = world.arena};
    struct report_style style = {.language = LANGUAGE_JA};
    assert_int_equal(keep_as(&world, made, 1, &id), RECORD_KEPT);
    assert_true(span_eq(id, made->report.id));
    assert_true(made->report.evidence.len > 0);
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    record_json(world.arena, &told, &again);
    assert_true(span_eq(buf_span(&again), json_of(world.arena, &made->report)));
    assert_null(told.report.arrival);
    assert_true(record_page(world.arena, &told));
    report_text(world.arena, &told.report, &style, &page);
    report_text(world.arena, &made->report, &style, &before);
    assert_true(span_eq(buf_span(&page), buf_span(&before)));
    assert_int_equal(record_read(world.store, world.arena, S("nothing"), &told, &err), 0);
    made_free(made);
    world_free(&world);
}

static void the_same_message_is_kept_once(void **state)
{
    struct world world = world_new();
    struct made *first = made_of(letter, "a@example.net", 1769860800), *retry = made_of(letter, "a@example.net", 1769861800),
                *other = made_of(letter, "b@example.net", 1769860800);
    struct span id, again;
    assert_int_equal(keep_as(&world, first, 1, &id), RECORD_KEPT);
    assert_int_equal(keep_as(&world, retry, 2, &again), RECORD_WAS_THERE);
    assert_true(span_eq(id, again));
    assert_int_equal(keep_as(&world, other, 3, &again), RECORD_KEPT); /* another recipient is another message */
    assert_false(span_eq(id, again));
    assert_int_equal(record_settle(world.store, 0, NULL), 2);
    assert_int_equal(keep_as(&world, retry, 4, &again), RECORD_WAS_THERE); /* wherever it lies */
    assert_true(span_eq(id, again));
    assert_int_equal(store_count(world.store, &(struct store_query){.table = "record"}, NULL), 2);
    made_free(first);
    made_free(retry);
    made_free(other);
    world_free(&world);
}

/* What the edge wrote above differs with each try; what lies below does not. */
static void the_key_is_of_what_lies_below_the_edge(void **state)
{
    struct buf later = {.arena = arena_new(1 << 20)}, changed = {.arena = later.arena};
    const char *id = strstr(letter, "id 1;");
    buf_add(&later, span_from(letter, id));
    buf_add(&later, S("id 2; Sat, 31 Jan 2026 12:05:00 +0000"));
    buf_add(&later, span_of(strstr(letter, "\r\nFrom")));
    buf_add(&changed, span_first(span_of(letter), sizeof letter - 10));
    buf_add(&changed, S("other\r\n\0"));
    buf_byte(&later, 0);
    buf_byte(&changed, 0);
    struct made *one = made_of(letter, "a@example.net", 1769860800), *two = made_of(later.at, "a@example.net", 1769861100), *three = made_of(changed.at, "a@example.net", 1769860800);
    assert_true(one->path.edge_known);
    assert_true(span_eq(one->record.key, two->record.key));
    assert_false(span_eq(one->record.key, three->record.key));
    made_free(one);
    made_free(two);
    made_free(three);
    arena_free(&later.arena);
}

/* Two messages that differ in the middle only would have one id; the second gets its own. */
static void an_id_that_is_taken_is_changed(void **state)
{
    struct world world = world_new();
    struct made *one = made_of(letter, "a@example.net", 1769860800), *two = made_of(letter, "b@example.net", 1769860800);
    struct record_told told;
    struct span first, second;
    two->record.id = one->record.id;
    assert_int_equal(keep_as(&world, one, 1, &first), RECORD_KEPT);
    assert_int_equal(keep_as(&world, two, 1, &second), RECORD_KEPT);
    assert_false(span_eq(first, second));
    assert_true(span_eq(span_first(first, REPORT_ID_TIME), span_first(second, REPORT_ID_TIME)));
    assert_int_equal(record_read(world.store, world.arena, second, &told, NULL), 1);
    made_free(one);
    made_free(two);
    world_free(&world);
}

static void a_parcel_that_is_none_is_refused(void **state)
{
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct buf bytes = {.arena = made->arena};
    struct record out;
    record_pack(&made->record, &bytes);
    assert_int_equal(record_unpack(made->arena, buf_span(&bytes), &out), 0);
    assert_true(span_eq(out.paper, made->record.paper));
    assert_int_equal(out.marks.len, made->record.marks.len);
    for (size_t len = 0; len < bytes.len; len++) {
        struct span cut = exact_bytes(bytes.at, len);
        assert_int_equal(record_unpack(made->arena, cut, &out), -1);
        free((void *)(uintptr_t)cut.at);
    }
    made_free(made);
}

static int unpacked(struct made *made, const struct record *record)
{
    struct buf bytes = {.arena = made->arena};
    struct record out;
    record_pack(record, &bytes);
    return record_unpack(made->arena, buf_span(&bytes), &out);
}

/* Of these the keeper would take mail past all filters, or a notice's failure for a held copy's. */
static void jobs_of_the_keeper_come_from_nobody_else(void **state)
{
    static const struct { const char *lane, *kind; int read; } cases[] = {
        {"desk", "webhook", 0},     {"released", "mail", 0},     {"my.release.0", "program", 0}, {"desk", "digest", -1},
        {"digest", "digest", -1},   {"digest", "webhook", -1},   {"desk", "release", -1},        {"release", "release", -1},
        {"release", "webhook", -1}, {"release.0", "webhook", -1}};
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record record = made->record;
        struct jobs jobs = {0}, read;
        struct buf packed = {.arena = made->arena};
        *vec_push(made->arena, &jobs.list) = (struct job){span_of(cases[i].lane), span_of(cases[i].kind), S("x")};
        record.jobs = jobs;
        record_jobs_pack(&jobs, &packed);
        assert_int_equal(unpacked(made, &record), cases[i].read);
        assert_int_equal(record_jobs_unpack(made->arena, buf_span(&packed), &read), cases[i].read);
    }
    made_free(made);
}

/* The judge that made it may be in a stranger's hands: ids become names of files and header fields, lanes and evidence lines. */
static void what_no_judge_of_ours_would_say_is_refused(void **state)
{
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    const struct record good = made->record;
    const struct span ids[] = {S("../sekimori.db\0aaaaaaaaaaaaa"), S("../../../../../tmp/aaaaaaaaa"), S("aaaaaaaaaaaaaaaaa\r\nEvil: yes"), S("aaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                               S("aaaaaaaaaaaaaaaaaaaaaaaaaaa\x1b")};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct record bad = good;
        bad.id = ids[i];
        assert_int_equal(unpacked(made, &bad), -1);
    }
    const struct {
        struct span lane, kind;
        int unpacked;
    } jobs[] = {{S("team"), S("mail"), 0}, {S("\xe8\xad\xa6\xe5\x82\x99"), S("mail"), 0}, {S("team\nEvil: yes"), S("mail"), -1}, {S("team\xff"), S("mail"), -1},
                {S("team"), S("ma\x1bil"), -1}};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        struct record one = good;
        *vec_push(made->arena, &one.jobs.list) = (struct job){.lane = jobs[i].lane, .kind = jobs[i].kind, .bytes = S("x")};
        assert_int_equal(unpacked(made, &one), jobs[i].unpacked);
    }
    struct record many = good;
    many.evidence = S("from-twice \x1b[2J");
    assert_int_equal(unpacked(made, &many), -1);
    many = good;
    memset(&many.marks, 0, sizeof many.marks);
    for (int i = 0; i < MARKS_MOST; i++)
        *vec_push(made->arena, &many.marks) = (struct record_mark){MARK_HOST, S("h.example")};
    assert_int_equal(unpacked(made, &many), 0);
    *vec_push(made->arena, &many.marks) = (struct record_mark){MARK_HOST, S("h.example")};
    assert_int_equal(unpacked(made, &many), -1);
    many = good;
    memset(&many.outcomes, 0, sizeof many.outcomes);
    for (int i = 0; i <= OUTCOMES_MOST; i++)
        *vec_push(made->arena, &many.outcomes) = (struct record_outcome){S("a@example.net"), S("hold"), S("active")};
    assert_int_equal(unpacked(made, &many), -1);
    made_free(made);
}

static void a_damaged_paper_is_told(void **state)
{
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct paper paper;
    struct err err;
    assert_int_equal(paper_read(made->arena, made->record.paper, &paper, &err), 0);
    for (size_t i = 0; i < made->record.paper.len; i += 7) {
        struct span broken = arena_copy(made->arena, made->record.paper);
        ((char *)(uintptr_t)broken.at)[i] ^= 0x20;
        if (paper_read(made->arena, broken, &paper, &err) == 0)
            assert_true(i < 16); /* bits of the frame's head that say nothing */
    }
    assert_int_equal(paper_read(made->arena, span_first(made->record.paper, 40), &paper, &err), -1);
    assert_int_equal(paper_read(made->arena, S(""), &paper, &err), -1);
    made_free(made);
}

/* Whoever made the bytes: what is accepted can be judged and drawn. Under the sanitizers this is the proof. */
static void pieces_that_lie_are_refused_or_harmless(void **state)
{
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct arena *arena = arena_new((size_t)1 << 30);
    struct paper paper;
    size_t accepted = 0;
    assert_int_equal(paper_read(made->arena, made->record.paper, &paper, NULL), 0);
    for (size_t i = 0; i < paper.judgement.len + paper.page.len; i++)
        for (int change = 0; change < 3; change++) {
            arena_reset(arena);
            bool first = i < paper.judgement.len;
            struct span piece = first ? paper.judgement : paper.page, copy = exact_bytes(piece.at, piece.len), unknown;
            struct report report = made->report;
            struct judgement judgement;
            struct report_style style = {.language = change & 1 ? LANGUAGE_JA : LANGUAGE_EN};
            struct buf out = {.arena = arena};
            ((char *)(uintptr_t)copy.at)[first ? i : i - paper.judgement.len] ^= (char)(change == 0 ? 1 : change == 1 ? 0x7f : 0x80);
            if (first && judgement_read(arena, copy, &judgement, &unknown) == 1)
                verdict_again(arena, &made->settings, &judgement, &report);
            else if (!first && report_page_read(arena, copy, &report))
                report_text(arena, &report, &style, &out);
            accepted += out.len > 0;
            free((void *)(uintptr_t)copy.at);
        }
    assert_true(accepted > 0);
    arena_free(&arena);
    made_free(made);
}

/* One person under several names, one of them in quotes, one too short to be hidden wherever it stands. */
static void all_names_of_who_is_forgotten_go(void **state)
{
    static const char text[] = "From: x@sender.example\r\nTo: \"Taro Yamada\" <Taro@example.net>, \"T. \\\"Tiger\\\" Yamada\" <taro@example.net>\r\n"
                               "Cc: Ty <taro@example.net>, \"Hana Suzuki\" <hana@example.net>\r\nCc: Yamada-san <taro@example.net>\r\n\r\nDear Taro Yamada\r\n";
    static const struct span gone[] = {S("Taro"), S("Tiger"), S("\"Ty\""), S("Yamada")};
    struct world world = world_new();
    struct made *made = made_of(text, "taro@example.net", 1769860800);
    struct record_told told;
    struct forgotten counts;
    struct span id;
    struct err err;
    assert_int_equal(keep_as(&world, made, 1, &id), RECORD_KEPT);
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_non_null(span_find(told.facts, gone[i]));
    assert_int_equal(record_forget(world.store, S("taro@example.net"), false, &counts, &err), 0);
    assert_int_equal(counts.received, 1);
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        if (span_find(told.facts, gone[i]))
            fail_msg("%.*s is left: %.*s", SPAN_FMT(gone[i]), SPAN_FMT(told.facts));
    assert_non_null(span_find(told.facts, S("\"Hana Suzuki\"")));
    assert_true(record_page(world.arena, &told));
    made_free(made);
    world_free(&world);
}

/* ---- hunts */
struct found {
    size_t count;
    struct span last;
};

static bool row_count(void *context, const struct hunt_row *row)
{
    struct found *found = context;
    found->count++;
    return true;
}

static int64_t rows_of(const struct world *world, const char *table)
{
    return store_count(world->store, &(struct store_query){.table = table}, NULL);
}

static size_t hunted(struct world *world, struct hunt hunt)
{
    struct found found = {0};
    struct err err;
    if (!hunt.since)
        hunt.since = TIME_UNKNOWN;
    if (!hunt.until)
        hunt.until = TIME_UNKNOWN;
    if (!hunt.verdict)
        hunt.verdict = -1;
    int64_t given = record_hunt(world->store, &hunt, row_count, &found, &err);
    if (given < 0)
        fail_msg("%s", err.text);
    assert_int_equal(given, found.count);
    return found.count;
}

static void hunts_find_and_pass_over(void **state)
{
    struct world world = world_new();
    struct made *made = made_of(letter, "A@example.net", 1769860800);
    struct span id;
    assert_int_equal(keep_as(&world, made, 1, &id), RECORD_KEPT);
    const struct {
        struct hunt hunt;
        size_t count;
    } asked[] = {
        {{.limit = 5}, 1},
        {{.from = S("sender.example")}, 1}, {{.from = S("sender.exampl")}, 0}, {{.from = S("INFO@sender.example")}, 1}, {{.from = S("nfo@sender.example")}, 0},
        {{.from = S("*@sender.*")}, 1}, {{.from = S("sender*")}, 1}, {{.from = S("ender*")}, 0},
        {{.to = S("a@example.net")}, 1}, {{.to = S("b@example.net")}, 0}, {{.to = S("example.net")}, 1}, {{.to = S("xample.net")}, 0}, {{.to = S("a@*")}, 1},
        {{.subject = S("ORDER")}, 1}, {{.subject = S("orders")}, 0}, {{.subject = S("Your*")}, 1}, {{.subject = S("your*")}, 0}, {{.subject = S("*(?)")}, 1},
        {{.link_host = S("www.link.example")}, 1}, {{.link_host = S("link.example")}, 0}, {{.link_host = S("*.link.example")}, 1},
        {{.mail_from = S("bounce@*")}, 1}, {{.mail_from = S("ounce@*")}, 0}, {{.message_id = S("<1@sender.example>")}, 1}, {{.message_id = S("<2@sender.example>")}, 0},
        {{.client = S("192.0.2.7")}, 1}, {{.client = S("192.0.2.8")}, 0}, {{.evidence = S("*from*")}, 1}, {{.evidence = S("qr-*")}, 0},
        {{.verdict = (int)made->report.verdict}, 1}, {{.since = 1769860800}, 1}, {{.since = 1769860801}, 0}, {{.until = 1769860800}, 0}, {{.until = 1769860801}, 1},
        {{.from = S("sender.example"), .to = S("a@example.net"), .link_host = S("www.*"), .subject = S("order")}, 1},
        {{.from = S("sender.example"), .to = S("b@example.net"), .link_host = S("www.*"), .subject = S("order")}, 0},
        {{.after = id}, 0}, {{.org = S("x")}, 0},
    };
    for (int settled = 0; settled < 2; settled++) { /* its marks lie apart first, then in their table */
        struct err err;
        assert_int_equal(rows_of(&world, "fresh"), !settled);
        assert_int_equal(rows_of(&world, "mark") > 0, settled);
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
            if (hunted(&world, asked[i].hunt) != asked[i].count)
                fail_msg("hunt %zu does not find %zu (settled: %d)", i, asked[i].count, settled);
        assert_int_equal(record_settle(world.store, 0, &err), !settled);
    }
    made_free(made);
    world_free(&world);
}

static void pages_follow_each_other(void **state)
{
    struct world world = world_new();
    struct span ids[10];
    for (int i = 0; i < 10; i++) {
        char recipient[32];
        snprintf(recipient, sizeof recipient, "p%d@example.net", i);
        struct made *made = made_of(letter, recipient, 1769860800 + i);
        assert_int_equal(keep_as(&world, made, 1, &ids[i]), RECORD_KEPT);
        made_free(made);
    }
    assert_int_equal(hunted(&world, (struct hunt){.limit = 4}), 4);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 4, .after = ids[6]}), 4);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 4, .after = ids[2]}), 2);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 4, .after = ids[2], .subject = S("order")}), 2);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 3, .link_host = S("www.link.example"), .after = ids[2]}), 2);
    assert_int_equal(record_settle(world.store, 6, NULL), 6); /* four stay fresh: pages go through both */
    assert_int_equal(rows_of(&world, "fresh"), 4);
    assert_int_equal(hunted(&world, (struct hunt){.link_host = S("www.link.example")}), 10);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 7, .link_host = S("www.link.example")}), 7);
    assert_int_equal(hunted(&world, (struct hunt){.limit = 7, .link_host = S("www.link.example"), .after = ids[8]}), 7);
    assert_int_equal(hunted(&world, (struct hunt){.link_host = S("*link*"), .to = S("p8@example.net")}), 1);
    assert_int_equal(hunted(&world, (struct hunt){.link_host = S("*link*"), .to = S("p2@example.net")}), 1);
    assert_int_equal(hunted(&world, (struct hunt){.link_host = S("*link*"), .since = 1769860804, .until = 1769860808}), 4);
    assert_int_equal(record_id_time(ids[3]), 1769860803);
    world_free(&world);
}

static bool id_append(void *context, const struct hunt_row *row)
{
    struct buf *out = context;
    buf_add(out, row->id);
    return true;
}

/* Where what is found comes in another order than by time, as from an index of subjects; half of it is not settled. */
static void the_newest_are_given_whatever_order_they_are_found_in(void **state)
{
    char path[] = "/tmp/sekimori-record-XXXXXX", where[64], command[64];
    struct world world = {.arena = arena_new((size_t)1 << 26)};
    static const char subjects[][2] = {"e", "a", "f", "b", "d", "c"};
    struct span ids[6];
    struct err err;
    assert_non_null(mkdtemp(path));
    snprintf(where, sizeof where, "%s/store.db", path);
    assert_int_equal(store_open(where, record_schema(), NULL, &world.store, &err), 0);
    world.ledger = record_ledger_new(world.store);
    for (int i = 0; i < 6; i++) {
        char recipient[] = "a@example.net";
        recipient[0] = (char)('a' + i);
        struct made *made = made_of(letter, recipient, 1769860800 + i);
        made->record.subject = arena_print(made->arena, "%s order", subjects[i]);
        assert_int_equal(keep_as(&world, made, 1, &ids[i]), RECORD_KEPT);
        made_free(made);
    }
    for (int settled = 0; settled <= 6; settled += 3) {
        struct buf given = {.arena = world.arena}, newest = {.arena = world.arena};
        struct hunt hunt;
        hunt_any(&hunt);
        hunt.subject = S("order");
        hunt.limit = 2;
        buf_add(&newest, ids[5]);
        buf_add(&newest, ids[4]);
        assert_int_equal(record_hunt(world.store, &hunt, id_append, &given, &err), 2);
        assert_true(span_eq(buf_span(&given), buf_span(&newest)));
        assert_int_equal(record_settle(world.store, 3, &err), settled < 6 ? 3 : 0);
    }
    world_free(&world);
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

/* A record is read, counted and forgotten wherever it lies. */
static void what_is_fresh_is_there(void **state)
{
    for (int settled = 0; settled < 2; settled++) {
        struct world world = world_new();
        struct made *made = made_of(letter, "a@example.net", 1769860800);
        struct record_told told;
        struct forgotten counts;
        struct span id;
        struct err err;
        keep_as(&world, made, 1, &id);
        if (settled)
            assert_int_equal(record_settle(world.store, 0, &err), 1);
        assert_int_equal(rows_of(&world, "record"), settled);
        assert_int_equal(rows_of(&world, "paper"), 1);
        assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
        assert_true(told.report.verdict == made->report.verdict && told.report.score == made->report.score);
        assert_int_equal(record_is_of(world.store, world.arena, id, S(""), &err), 1);
        assert_int_equal(record_is_of(world.store, world.arena, id, S("other"), &err), 0);
        assert_int_equal(record_forget(world.store, S("A@example.net"), true, &counts, &err), 0);
        assert_true(counts.received == 1 && counts.written == 0);
        assert_int_equal(record_forget(world.store, S("info@sender.example"), true, &counts, &err), 0);
        assert_true(counts.received == 0 && counts.written == 1);
        assert_int_equal(record_forget(world.store, S("info@sender.example"), false, &counts, &err), 0);
        assert_int_equal(counts.written, 1);
        assert_int_equal(rows_of(&world, "paper") + rows_of(&world, "record") + rows_of(&world, "fresh") + rows_of(&world, "mark"), 0);
        assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 0);
        made_free(made);
        world_free(&world);
    }
}

/* ---- again, and gone */

static void other_settings_give_another_verdict(void **state)
{
    struct world world = world_new();
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct record_told told;
    struct span id, why = {0};
    struct err err;
    double weights[EVIDENCE_COUNT] = {0};
    struct replay same = {.prior = -1, .suspicious = -1, .malicious = -1}, lower = same, mute = same;
    keep_as(&world, made, 1, &id);
    lower.suspicious = lower.malicious = 0;
    mute.weights = weights;
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    assert_int_equal(record_replay(world.arena, &same, &told, &why), REPLAY_EXACT);
    assert_true(told.report.score == made->report.score);
    assert_int_equal(record_replay(world.arena, &lower, &told, &why), REPLAY_EXACT);
    assert_int_equal(told.report.verdict, VERDICT_MALICIOUS);
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    assert_int_equal(record_replay(world.arena, &mute, &told, &why), REPLAY_EXACT);
    assert_int_equal(told.report.verdict, VERDICT_CLEAN);
    assert_true(made->report.verdict != VERDICT_CLEAN);
    made_free(made);
    world_free(&world);
}

/* ---- what else it was judged by */

static void what_was_judged_by_others_needs_the_body(void **state)
{
    static const struct {
        struct ground now, before; /* name empty: not told */
        enum replay_needs needs;
        const char *why;
    } rows[] = {
        {{S("people"), S("Hanako")}, {S(""), S("")}, REPLAY_EXACT, ""},
        {{S("people"), S("Hanako, Taro")}, {S(""), S("")}, REPLAY_BODY, "people: others than it was judged by"},
        {{S("partners"), S("nobody asked then")}, {S(""), S("")}, REPLAY_EXACT, ""},
        {{S("lures.yaml"), S("prize, bill")}, {S("lures.yaml"), S("prize")}, REPLAY_BODY, "lures.yaml: others"},
        {{S("hosts.yaml"), S("other.example")}, {S("hosts.yaml"), S("bit.example")}, REPLAY_BODY, "a list differs"}, /* they are compared */
        {{S("hosts.yaml"), S("other.example")}, {S("hosts.yaml"), S("third.example")}, REPLAY_BODY, "by another hosts.yaml"},
        {{S("hosts.yaml"), S("other.example")}, {S(""), S("")}, REPLAY_BODY, "by another hosts.yaml"},
        {{S("hosts.yaml"), S("bit.example")}, {S("hosts.yaml"), S("third.example")}, REPLAY_EXACT, ""},
    };
    struct world world = world_new();
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct span id;
    struct err err;
    keep_as(&world, made, 1, &id);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record_told told;
        struct span why = S("");
        struct record_grounds now, before;
        struct grounds told_now = {0}, told_before = {0};
        *vec_push(world.arena, &told_now.list) = rows[i].now;
        if (rows[i].before.name.len)
            *vec_push(world.arena, &told_before.list) = rows[i].before;
        record_grounds_make(world.arena, &told_now, &now);
        record_grounds_make(world.arena, &told_before, &before);
        struct replay replay = {.prior = -1, .suspicious = -1, .malicious = -1, .grounds = &now, .grounds_before = &before, .body = "a list differs"};
        assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
        assert_int_equal(told.grounds.list.len, 3);
        if (record_replay(world.arena, &replay, &told, &why) != rows[i].needs || (rows[i].why[0] && !span_find(why, span_of(rows[i].why))))
            fail_msg("row %zu: %.*s", i, SPAN_FMT(why));
    }
    made_free(made);
    world_free(&world);
}

/* ---- what block lists answered is kept, and held against other tables of codes */

static struct verdict_witnesses *lists_of(struct arena *arena, const char *zone, enum list_asks asks, const char *answer, enum evidence_id id)
{
    struct verdict_witnesses *witnesses = arena_one(arena, struct verdict_witnesses);
    struct witness_codes *codes = vec_push(arena, &witnesses->lists);
    codes->zone = span_of(zone);
    codes->asks = asks;
    struct witness_code *code = vec_push(arena, &codes->codes);
    code->id = id;
    assert_true(ip_prefix_parse(span_of(answer), &code->within.network, &code->within.bits));
    return witnesses;
}

static struct made *made_listed(const char *answers, const struct verdict_witnesses *witnesses)
{
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct testimony *testimony = arena_one(made->arena, struct testimony);
    *vec_push(made->arena, &testimony->listings) =
        (struct listing){.zone = S("list.example"), .asks = LIST_CLIENT, .state = LISTING_FOUND, .subject = S("192.0.2.7"), .answers = span_of(answers)};
    made->settings.witnesses = witnesses;
    struct facts facts = {.arrival = &made->arrival, .message = &made->message, .path = &made->path, .proof = &made->proof, .testimony = testimony};
    verdict_reach(made->arena, &made->settings, NULL, &facts, &made->report);
    record_make(made->arena, &made->settings, &made->kept, NULL, &made->report, (struct span){0}, &made->record);
    return made;
}

static bool told_has(const struct record_told *told, enum evidence_id id)
{
    vec_each(evidence, &told->report.evidence)
        if (evidence->id == id)
            return true;
    return false;
}

static void listings_are_judged_again(void **state)
{
    struct world world = world_new();
    const struct verdict_witnesses *spam = lists_of(world.arena, "list.example", LIST_CLIENT, "127.0.0.2", EVIDENCE_CLIENT_LISTED_SPAM);
    const struct verdict_witnesses *poor = lists_of(world.arena, "list.example", LIST_CLIENT, "127.0.0.4", EVIDENCE_CLIENT_LISTED_POOR);
    const struct verdict_witnesses *other = lists_of(world.arena, "other.example", LIST_CLIENT, "127.0.0.2", EVIDENCE_CLIENT_LISTED_SPAM);
    const struct verdict_witnesses *links = lists_of(world.arena, "list.example", LIST_LINKS, "127.0.0.2", EVIDENCE_LINK_LISTED_SPAM), none = {0};
    struct made *made = made_listed("127.0.0.2 127.0.0.4", spam);
    struct record_told told;
    struct span id, why = {0};
    struct err err;
    struct verdict_settings settings = made->settings;
    struct replay own = {.prior = -1, .suspicious = -1, .malicious = -1}, replay = own;
    const struct {
        const struct verdict_witnesses *witnesses;
        enum replay_needs needs;
        bool spam, poor;
    } rows[] = {{spam, REPLAY_EXACT, true, false}, {poor, REPLAY_EXACT, false, true}, {&none, REPLAY_EXACT, false, false},
                {other, REPLAY_NET, false, false}, {links, REPLAY_NET, false, false}};
    keep_as(&world, made, 1, &id);
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    assert_int_equal(record_replay(world.arena, &own, &told, &why), REPLAY_EXACT);
    assert_true(told_has(&told, EVIDENCE_CLIENT_LISTED_SPAM) && told.report.score == made->report.score);
    struct buf before = {.arena = world.arena}, after = {.arena = world.arena};
    report_json(made->arena, &made->report, &before);
    told.report.generation = made->report.generation;
    record_json(world.arena, &told, &after);
    assert_true(span_eq(buf_span(&before), buf_span(&after)) && span_find(buf_span(&after), S("\"state\":\"listed\"")));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        replay.settings = &settings;
        settings.witnesses = rows[i].witnesses;
        assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
        assert_int_equal(record_replay(world.arena, &replay, &told, &why), rows[i].needs);
        assert_true(told_has(&told, EVIDENCE_CLIENT_LISTED_SPAM) == rows[i].spam && told_has(&told, EVIDENCE_CLIENT_LISTED_POOR) == rows[i].poor);
    }
    assert_true(span_eq(why, S("the block list list.example was not asked about its links then")));
    settings.witnesses = &(struct verdict_witnesses){.scanner = true};
    assert_int_equal(record_replay(world.arena, &replay, &told, &why), REPLAY_NET);
    assert_true(span_eq(why, S("no virus scanner was asked then")));
    made_free(made);
    world_free(&world);
}

static uint64_t pruned(struct world *world, int64_t before)
{
    struct err err;
    struct record_pruned gone;
    if (record_prune(world->store, &(struct record_times){before, before, before, before, 0}, &(struct record_pruning){0}, 10, &gone, &err) < 0)
        fail_msg("%s", err.text);
    return gone.records;
}

static void each_table_has_its_time(void **state)
{
    struct world world = world_new();
    struct record_pruning at = {0};
    struct record_pruned gone;
    struct span id;
    struct err err;
    uint64_t number;
    struct made *made[5];
    for (int i = 0; i < 5; i++) {
        char to[] = "a@example.net";
        to[0] = (char)('a' + i);
        made[i] = made_of(letter, to, 1769860800);
        keep_as(&world, made[i], 100 + i / 2, &id); /* two of a second */
    }
    assert_int_equal(record_correct(world.store, id, &(struct correction){true, 50, S("root")}, &err), 1);
    struct entry entry = {.is = {.domain = S("a.example"), .reason = S("x"), .expires = 60}, .by = S("root"), .made = 1};
    assert_int_equal(record_entry_add(world.store, &entry, &number, &err), 0);
    struct record_times before = {.records = 10, .outcomes = 102, .corrections = 50, .entries = 60};
    for (int turn = 0; turn < 3; turn++) { /* two at a time, and the last turn finds that nothing is left */
        assert_int_equal(record_prune(world.store, &before, &at, 2, &gone, &err), 0);
        assert_int_equal(gone.others, turn < 2 ? 2 : 0);
        assert_int_equal(gone.more, turn < 2);
    }
    assert_int_equal(rows_of(&world, "outcome"), 1);
    assert_int_equal(rows_of(&world, "record"), 5);
    assert_int_equal(rows_of(&world, "correction") + rows_of(&world, "entry"), 2); /* in their last second */
    before.corrections++;
    before.entries++;
    before.records = 102;
    assert_int_equal(record_prune(world.store, &before, &at, 2, &gone, &err), 0);
    assert_true(gone.more && gone.records == 2 && gone.others == 2);
    assert_int_equal(rows_of(&world, "correction") + rows_of(&world, "entry"), 0);
    assert_int_equal(record_prune(world.store, &before, &at, 10, &gone, &err), 0);
    assert_int_equal(rows_of(&world, "record"), 1);
    for (int i = 0; i < 5; i++)
        made_free(made[i]);
    world_free(&world);
}

enum { DAY = 86400 };

static int64_t settings_pruned(struct world *world, int64_t records, int64_t now, bool *more)
{
    struct err err;
    struct record_pruning at = {0};
    struct record_pruned gone;
    struct record_times before = {.records = records, .now = now};
    assert_int_equal(record_prune(world->store, &before, &at, 2, &gone, &err), 0);
    *more = gone.more;
    return rows_of(world, "settings");
}

/* Five records by five settings, kept from the first day on, a day between; a correction of the second, by which the record was. */
static void settings_go_with_the_last_that_rests_on_them(void **state)
{
    struct world world = world_new();
    static const char *const recipients[5] = {"a@example.net", "b@example.net", "c@example.net", "d@example.net", "e@example.net"};
    struct made *made[5];
    struct span id;
    struct err err;
    bool more;
    for (int i = 0; i < 5; i++) {
        made[i] = made_of(letter, recipients[i], 1769860800);
        made[i]->settings.prior = 0.01 + 0.01 * i;
        record_settings_make(made[i]->arena, &made[i]->settings, &made_grounds, &made[i]->kept);
        made[i]->record.settings = made[i]->kept.id;
        assert_int_equal(keep_as(&world, made[i], (i + 1) * DAY, &id), RECORD_KEPT);
        if (i == 1)
            assert_int_equal(record_correct(world.store, id, &(struct correction){true, 50, S("root")}, &err), 1);
    }
    assert_int_equal(settings_pruned(&world, 2 * DAY, 10 * DAY, &more), 5);      /* used a day before the end of the record's time */
    assert_int_equal(settings_pruned(&world, 2 * DAY + 1, 10 * DAY, &more), 4);
    assert_int_equal(settings_pruned(&world, 6 * DAY, 10 * DAY, &more), 4);      /* records that are to go come first */
    assert_true(more);
    for (int turn = 0; more && turn < 9; turn++)
        settings_pruned(&world, 6 * DAY, 10 * DAY, &more);
    assert_false(more);
    assert_int_equal(rows_of(&world, "record"), 0);
    assert_int_equal(rows_of(&world, "settings"), 2);                             /* of the correction, and of the last day */
    assert_int_equal(settings_pruned(&world, 9 * DAY, 12 * DAY, &more), 1);
    assert_int_equal(settings_pruned(&world, 9 * DAY, 0, &more), 1);              /* no time, no settings looked at */
    assert_int_equal(keep_as(&world, made[4], 20 * DAY, &id), RECORD_KEPT);       /* the ledger knew them, and they had gone */
    assert_int_equal(rows_of(&world, "settings"), 2);
    struct record_told told;
    assert_int_equal(record_read(world.store, world.arena, id, &told, &err), 1);
    for (int i = 0; i < 5; i++)
        made_free(made[i]);
    world_free(&world);
}

static void settings_of_older_versions_begin_when_they_are_seen(void **state)
{
    struct world world = world_new();
    struct made *made = made_of(letter, "a@example.net", 1769860800);
    struct span id;
    struct err err;
    bool more;
    keep_as(&world, made, DAY, &id);
    struct store_query all = {.table = "settings"};
    assert_int_equal(store_update(world.store, &all, &(struct store_change){"used", STORE_SET, STORE_NONE(STORE_INTEGER)}, 1, &err), 1);
    assert_int_equal(settings_pruned(&world, 5 * DAY, 10 * DAY, &more), 1);
    assert_int_equal(settings_pruned(&world, 11 * DAY, 20 * DAY, &more), 1);
    assert_int_equal(settings_pruned(&world, 11 * DAY + 1, 20 * DAY, &more), 0);
    made_free(made);
    world_free(&world);
}

static void what_is_pruned_leaves_nothing(void **state)
{
    struct world world = world_new();
    struct made *old = made_of(letter, "a@example.net", 1769860800), *young = made_of(letter, "b@example.net", 1769860800);
    struct span id;
    struct err err;
    keep_as(&world, old, 50, &id);
    assert_int_equal(pruned(&world, 51), 1); /* its marks were fresh */
    assert_int_equal(rows_of(&world, "fresh"), 0);
    keep_as(&world, old, 100, &id);
    assert_int_equal(record_settle(world.store, 0, &err), 1);
    int64_t marks = rows_of(&world, "mark");
    keep_as(&world, young, 200, &id);
    assert_int_equal(record_settle(world.store, 0, &err), 1);
    assert_int_equal(pruned(&world, 100), 0);
    assert_int_equal(pruned(&world, 200), 1);
    assert_int_equal(rows_of(&world, "mark"), marks);
    assert_int_equal(store_count(world.store, &(struct store_query){.table = "outcome"}, NULL), 1);
    assert_int_equal(store_count(world.store, &(struct store_query){.table = "paper"}, NULL), 1);
    assert_int_equal(hunted(&world, (struct hunt){.to = S("b@example.net")}), 1);
    assert_int_equal(keep_as(&world, old, 300, &id), RECORD_KEPT); /* forgotten is new again */
    assert_int_equal(record_outcome_set(world.store, id, S("a@example.net"), S("released"), 5, &err), 1);
    assert_int_equal(record_outcome_set(world.store, id, S("nobody@example.net"), S("released"), 5, &err), 0);
    made_free(old);
    made_free(young);
    world_free(&world);
}

static void an_unjudged_message_has_its_first_answer(void **state)
{
    struct world world = world_new();
    struct record_unjudged first = {.id = S("id1"), .key = S("key1"), .report = S("{1}"), .org = S("harbour"), .why = UNJUDGED_LOST}, again = {.id = S("id2"), .key = S("key1"), .report = S("{2}")}, told;
    struct span id;
    *vec_push(world.arena, &first.jobs.list) = (struct job){S("desk"), S("webhook"), S("{\"id\":\"id1\"}")};
    memcpy(&again.jobs, &first.jobs, sizeof again.jobs);
    struct err err;
    assert_int_equal(record_unjudged_keep(world.store, world.arena, &first, 100, &id, &err), RECORD_KEPT);
    assert_span(id, "id1");
    assert_int_equal(record_unjudged_keep(world.store, world.arena, &again, 200, &id, &err), RECORD_WAS_THERE);
    assert_span(id, "id1");
    assert_int_equal(record_unjudged_read(world.store, world.arena, S("id1"), &told, &err), 1);
    assert_span(told.report, "{1}");
    assert_span(told.org, "harbour");
    assert_int_equal(told.why, UNJUDGED_LOST);
    assert_int_equal(record_unjudged_read(world.store, world.arena, S("id2"), &told, &err), 0);
    assert_int_equal(rows_of(&world, "outbox"), 1); /* told of once */
    assert_int_equal(pruned(&world, 100), 0);
    assert_int_equal(pruned(&world, 101), 1);
    assert_int_equal(record_unjudged_read(world.store, world.arena, S("id1"), &told, &err), 0);
    world_free(&world);
}

struct unjudged_found {
    char ids[100];
};

static bool unjudged_note(void *context, const struct record_unjudged *row)
{
    struct unjudged_found *found = context;
    snprintf(found->ids + strlen(found->ids), sizeof found->ids - strlen(found->ids), "%.1s", row->id.at + row->id.len - 1);
    return true;
}

/* Last letters of the ids that are found, in their order. */
static const char *unjudged_hunted(struct world *world, struct hunt hunt)
{
    static struct unjudged_found found;
    struct err err;
    found = (struct unjudged_found){""};
    hunt.since = hunt.since ? hunt.since : TIME_UNKNOWN;
    hunt.until = hunt.until ? hunt.until : TIME_UNKNOWN;
    int64_t given = record_hunt_unjudged(world->store, &hunt, unjudged_note, &found, &err);
    assert_int_equal(given, strlen(found.ids));
    return found.ids;
}

static void unjudged_messages_are_hunted_newest_first(void **state)
{
    struct world world = world_new();
    static const char *const organisations[] = {"harbour", "", "harbour"};
    struct span ids[3], id;
    struct err err;
    for (int i = 0; i < 3; i++) {
        ids[i] = arena_print(world.arena, "%.*s%c", SPAN_FMT(report_id_at(world.arena, 1000000 + 100 * i)), 'a' + i);
        struct record_unjudged row = {.id = ids[i], .key = ids[i], .report = S("{}"), .org = span_of(organisations[i]), .why = UNJUDGED_KILLED};
        assert_int_equal(record_unjudged_keep(world.store, world.arena, &row, 5, &id, &err), RECORD_KEPT);
    }
    assert_string_equal(unjudged_hunted(&world, (struct hunt){0}), "cba");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.org = S("harbour")}), "ca");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.org = S("other")}), "");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.since = 1000100}), "cb");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.until = 1000200}), "ba");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.limit = 2}), "cb");
    assert_string_equal(unjudged_hunted(&world, (struct hunt){.after = ids[1], .limit = 2}), "a");
    world_free(&world);
}

/* Ten thousand may be told of one envelope. */
static uint64_t work_of(size_t count)
{
    char (*addresses)[32] = calloc(count, sizeof *addresses);
    const char **recipients = calloc(count, sizeof *recipients);
    assert_true(addresses && recipients);
    for (size_t i = 0; i < count; i++) {
        snprintf(addresses[i], sizeof addresses[i], "%s%zu@example.net", i % 2 ? "r" : "R", i / 2); /* each twice */
        recipients[i] = addresses[i];
    }
    uint64_t before = work_counted();
    struct made *made = made_for("From: a@b.example\r\n\r\nx\r\n", recipients, count, 1769860800);
    uint64_t work = work_counted() - before;
    assert_int_equal(made->record.outcomes.len, count / 2);
    assert_span(made->record.outcomes.at[1].recipient, "r1@example.net");
    made_free(made);
    free(addresses);
    free(recipients);
    return work;
}

static void work_is_a_multiple_of_the_recipients(void **state)
{
    uint64_t few = work_of(400), many = work_of(6400);
    if (many > 24 * few)
        fail_msg("16 times the recipients took %zu times the work", (size_t)(many / few));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_read_back_byte_for_byte),
        cmocka_unit_test(the_same_message_is_kept_once),
        cmocka_unit_test(settings_go_with_the_last_that_rests_on_them),
        cmocka_unit_test(settings_of_older_versions_begin_when_they_are_seen),
        cmocka_unit_test(unjudged_messages_are_hunted_newest_first),
        cmocka_unit_test(the_key_is_of_what_lies_below_the_edge),
        cmocka_unit_test(an_id_that_is_taken_is_changed),
        cmocka_unit_test(a_parcel_that_is_none_is_refused), cmocka_unit_test(jobs_of_the_keeper_come_from_nobody_else), cmocka_unit_test(what_no_judge_of_ours_would_say_is_refused),
        cmocka_unit_test(a_damaged_paper_is_told),
        cmocka_unit_test(pieces_that_lie_are_refused_or_harmless),
        cmocka_unit_test(all_names_of_who_is_forgotten_go), cmocka_unit_test(hunts_find_and_pass_over),
        cmocka_unit_test(pages_follow_each_other), cmocka_unit_test(work_is_a_multiple_of_the_recipients),
        cmocka_unit_test(the_newest_are_given_whatever_order_they_are_found_in),
        cmocka_unit_test(what_is_fresh_is_there),
        cmocka_unit_test(other_settings_give_another_verdict),
        cmocka_unit_test(what_was_judged_by_others_needs_the_body), cmocka_unit_test(listings_are_judged_again),
        cmocka_unit_test(each_table_has_its_time), cmocka_unit_test(what_is_pruned_leaves_nothing),
        cmocka_unit_test(an_unjudged_message_has_its_first_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
