#include "command/scan.h"

#include <stdlib.h>

enum { TOP = 12, VERDICTS = VERDICT_MALICIOUS + 1 };

struct row {
    char *folder;
    size_t verdicts[VERDICTS], unread, unverified, leave_unknown;
    size_t fired[EVIDENCE_COUNT];
};

struct summary {
    struct row *rows;
    size_t count, room, last;
};

static void *memory(void *at, size_t size)
{
    void *got = realloc(at, size);
    if (!got)
        abort();
    return got;
}

struct summary *summary_new(void)
{
    struct summary *summary = memory(NULL, sizeof *summary);
    *summary = (struct summary){0};
    return summary;
}

void summary_free(struct summary **summary)
{
    if (!*summary)
        return;
    for (size_t i = 0; i < (*summary)->count; i++)
        free((*summary)->rows[i].folder);
    free((*summary)->rows);
    free(*summary);
    *summary = NULL;
}

static struct row *row_of(struct summary *summary, struct span folder)
{
    if (summary->count && span_eq(span_of(summary->rows[summary->last].folder), folder))
        return &summary->rows[summary->last]; /* inputs come folder by folder */
    for (size_t i = 0; i < summary->count; i++)
        if (span_eq(span_of(summary->rows[i].folder), folder))
            return &summary->rows[summary->last = i];
    if (summary->count == summary->room) {
        summary->room = summary->room ? summary->room * 2 : 16;
        summary->rows = memory(summary->rows, summary->room * sizeof *summary->rows);
    }
    struct row *row = &summary->rows[summary->last = summary->count++];
    *row = (struct row){.folder = strndup(folder.at ? folder.at : "", folder.len)};
    return row;
}

void summary_count(struct summary *summary, struct span folder, const struct scan_result *result)
{
    struct row *row = row_of(summary, folder);
    if (result->error.len) {
        row->unread++;
        return;
    }
    row->verdicts[result->verdict]++;
    row->unverified += (result->facts & RESULT_NOTHING_VERIFIED) != 0;
    row->leave_unknown += (result->facts & RESULT_LEAVE_UNKNOWN) != 0;
    bool seen[EVIDENCE_COUNT] = {false};
    enum evidence_id id;
    struct span word;
    for (struct span rest = result->evidence; span_word(&rest, &word);)
        if (evidence_by_name(word, &id) && !seen[id]) {
            seen[id] = true;
            row->fired[id]++;
        }
}

static bool is_heavier(const struct row *row, int id, int than)
{
    double one = evidence_kind((enum evidence_id)id)->prior, other = evidence_kind((enum evidence_id)than)->prior;
    return one > other || (one >= other && row->fired[id] > row->fired[than]);
}

/* What speaks most against a message stands first, however rare it is: one attack among thousands is what is looked for. */
static void fired_print(const struct row *row, FILE *to, enum language language)
{
    bool printed[EVIDENCE_COUNT] = {false};
    size_t more = 0;
    for (int id = 0; id < EVIDENCE_COUNT; id++)
        more += row->fired[id] != 0;
    for (int n = 0; n < TOP && more; n++, more--) {
        int best = -1;
        for (int id = 0; id < EVIDENCE_COUNT; id++)
            if (!printed[id] && row->fired[id] && (best < 0 || is_heavier(row, id, best)))
                best = id;
        printed[best] = true;
        fprintf(to, "%42s %6zu  %s\n", "", row->fired[best], evidence_kind((enum evidence_id)best)->name);
    }
    if (more)
        fprintf(to, language == LANGUAGE_JA ? "%42s %6s  ほか %zu 種類\n" : "%42s %6s  and %zu more\n", "", "", more);
}

/* Unknown is never clean: what the verdicts do not rest on is counted beside them. */
static void unknown_print(const struct row *row, FILE *to, enum language language)
{
    static const char *const unverified[] = {"of these with nothing verified", "通は何も検証できなかったもの"};
    static const char *const leave[] = {"of these outbound, and whether they may leave is not known",
                                        "通は送信してよいか分からない外向きのメール"};
    if (row->unverified)
        fprintf(to, "%8zu %s\n", row->unverified, unverified[language]);
    if (row->leave_unknown)
        fprintf(to, "%8zu %s\n", row->leave_unknown, leave[language]);
}

static void row_print(const struct row *row, FILE *to, enum language language)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf folder = {.arena = arena};
    plain_add(&folder, span_of(row->folder));
    fprintf(to, "%8zu %8zu %10zu %9zu    %.*s\n", row->verdicts[VERDICT_CLEAN], row->verdicts[VERDICT_SUSPICIOUS],
            row->verdicts[VERDICT_MALICIOUS], row->unread, SPAN_FMT(buf_span(&folder)));
    arena_free(&arena);
    unknown_print(row, to, language);
    fired_print(row, to, language);
}

static void row_sum(struct row *sum, const struct row *row)
{
    for (int i = 0; i < VERDICTS; i++)
        sum->verdicts[i] += row->verdicts[i];
    for (int i = 0; i < EVIDENCE_COUNT; i++)
        sum->fired[i] += row->fired[i];
    sum->unread += row->unread;
    sum->unverified += row->unverified;
    sum->leave_unknown += row->leave_unknown;
}

void summary_print(const struct summary *summary, FILE *to, enum language language)
{
    static const char *const heads[] = {"   clean  suspect  malicious    unread    folder",
                                        "問題なし     不審       悪質  読込不可    フォルダー"};
    struct row sum = {.folder = language == LANGUAGE_JA ? "合計" : "total"};
    fprintf(to, "%s\n", heads[language]);
    for (size_t i = 0; i < summary->count; i++) {
        row_print(&summary->rows[i], to, language);
        row_sum(&sum, &summary->rows[i]);
    }
    if (summary->count > 1)
        row_print(&sum, to, language);
}
