/* apply: one message with the edits that a policy would make, before any policy is switched on. Nothing is asked of the world. */
#include "action/edit.h"
#include "base/config.h"
#include "command/command.h"
#include "command/scan.h"

#include <errno.h>
#include <getopt.h>

enum { STATUS_DONE = 0, STATUS_LEFT = 1, STATUS_FAILED = 2, FILES_MOST = 64 };
static const size_t ceiling = (size_t)4 << 30;

static int usage(FILE *to, int status)
{
    fprintf(to, "usage: sekimori apply [OPTION]... FILE...\n\n"
                "Prints a message, - is standard input, with edits as a policy would make them, so that one can look at it in a mail program\n"
                "before a policy is switched on. It is judged offline for what the banner says and for which links evidence names.\n"
                "What could not be done is told on standard error.\n\n"
                "    --banner                  a banner with the reasons in its text and HTML parts\n"
                "    --lang en|ja|both         language of the banner (default: both)\n"
                "    --verdict WORD            let the banner say suspicious or malicious, whatever the verdict is\n"
                "    --lock URL                links that evidence names lead to URL/NUMBER instead\n"
                "    --links N,N,... | all     lock these links instead; --list shows their numbers\n"
                "    --tag TEXT                a tag before the subject\n"
                "    --spam-headers            X-Spam-Flag, -Status, -Score and -Level\n"
                "    --authserv-id NAME        take off results that claim this id\n"
                "    --take-off PATH | named   a text in the place of this part, such as 2 or 1.3, or of the files that evidence names\n"
                "    --rename PATH=NAME        another name for the file of this part\n"
                "    --direction WORD          inbound (the default), outbound, submission, internal or reinject\n"
                "    --list                    print parts, links and the edits instead of the message\n"
                "    --output DIR              write each message under its name into this folder, which must be there\n"
                "    -h, --help                this text\n\n"
                "Exit status: 0 all was done, 1 something was left as it is, 2 a message could not be read.\n");
    return status;
}

struct applying {
    struct arena *arena, *own; /* of one message; of the command line */
    struct walk_settings settings;
    struct walk walk;
    struct edit_wishes asked, wishes; /* on the command line; for the message at hand */
    struct banner banner;
    const char *lock, *links, *output;
    FILE *to;
    enum direction direction;
    bool banner_wanted, spam, list, files_named;
    int verdict; /* -1: the message's own */
};

/* ---- the command line */
static int direction_take(struct applying *at, const char *word, struct err *err)
{
    for (at->direction = DIRECTION_INBOUND; at->direction <= DIRECTION_REINJECT; at->direction++)
        if (strcmp(direction_name(at->direction), word) == 0)
            return 0;
    return err_set(err, "--direction: \"%s\" is not one of: inbound, outbound, submission, internal, reinject", word);
}

static int language_take(struct applying *at, const char *word, struct err *err)
{
    at->banner.en = strcmp(word, "ja") != 0;
    at->banner.ja = strcmp(word, "en") != 0;
    if (at->banner.en && at->banner.ja && strcmp(word, "both") != 0)
        return err_set(err, "--lang: \"%s\" is not one of: en, ja, both", word);
    return 0;
}

static int verdict_take(struct applying *at, const char *word, struct err *err)
{
    for (at->verdict = VERDICT_CLEAN; at->verdict <= VERDICT_MALICIOUS; at->verdict++)
        if (strcmp(verdict_name((enum verdict)at->verdict), word) == 0)
            return 0;
    return err_set(err, "--verdict: \"%s\" is not one of: clean, suspicious, malicious", word);
}

static int file_take(struct applying *at, const char *word, bool rename, struct err *err)
{
    const char *sign = strchr(word, '=');
    if (!rename && strcmp(word, "named") == 0) {
        at->files_named = true;
        return 0;
    }
    if (rename && (!sign || !sign[1]))
        return err_set(err, "--rename: \"%s\": a path, = and a name are wanted, such as 2=letter.txt", word);
    if (at->asked.files.len == FILES_MOST)
        return err_set(err, "at most %d files can be named", FILES_MOST);
    struct file_edit *file = vec_push(at->own, &at->asked.files);
    file->path = rename ? span_from(word, sign) : span_of(word);
    file->name = rename ? span_of(sign + 1) : (struct span){0};
    return 0;
}

static int option_take(struct applying *at, int option, const char *word, struct err *err)
{
    switch (option) {
    case 'b':
        at->banner_wanted = true;
        return 0;
    case 'l':
        return language_take(at, word, err);
    case 'v':
        return verdict_take(at, word, err);
    case 'k':
        at->lock = word;
        return 0;
    case 'n':
        at->links = word;
        return 0;
    case 't':
        at->asked.headers.subject_tag = span_of(word);
        return span_is_utf8(span_of(word)) ? 0 : err_set(err, "--tag: is no UTF-8");
    case 's':
        at->spam = true;
        return 0;
    case 'a':
        at->asked.headers.authserv_id = span_of(word);
        return 0;
    case 'o': case 'r':
        return file_take(at, word, option == 'r', err);
    case 'd':
        return direction_take(at, word, err);
    case 'O':
        at->output = word;
        return 0;
    default:
        at->list = true;
        return 0;
    }
}

/* ---- what is wished */
static void lock_add(struct applying *at, size_t number)
{
    struct lock *lock = vec_push(at->arena, &at->wishes.locks);
    lock->link = (uint32_t)number;
    lock->address = arena_print(at->arena, "%s/%zu", at->lock, number);
}

static int numbers_take(struct applying *at, struct err *err)
{
    const struct message *message = &at->walk.message;
    struct span rest = span_of(at->links), word;
    uint64_t number;
    bool all = strcmp(at->links, "all") == 0;
    for (size_t i = 0; all && i < message->links.len; i++) {
        enum link_kind kind = message->links.at[i].kind;
        if (kind == LINK_ANCHOR || kind == LINK_AREA || kind == LINK_TEXT || kind == LINK_FORM || kind == LINK_REFRESH)
            lock_add(at, i);
    }
    while (!all && span_cut(&rest, ',', &word)) {
        if (!span_number(word, UINT32_MAX, &number))
            return err_set(err, "--links: \"%.*s\" is no number of a link; --list shows them", SPAN_FMT(word));
        lock_add(at, (size_t)number);
    }
    return 0;
}

static int locks_wish(struct applying *at, struct err *err)
{
    link_numbers_t named = {0};
    if (!at->lock)
        return 0;
    if (at->links)
        return numbers_take(at, err);
    links_named(at->arena, &at->walk.report, &named);
    vec_each(number, &named)
        lock_add(at, *number);
    return 0;
}

static struct span tests_of(const struct applying *at)
{
    struct buf out = {.arena = at->arena};
    vec_each(evidence, &at->walk.report.evidence) {
        buf_add(&out, out.len ? S(",") : S(""));
        buf_add(&out, span_of(evidence_kind(evidence->id)->name));
    }
    return buf_span(&out);
}

static int wishes_make(struct applying *at, struct err *err)
{
    const struct report *report = &at->walk.report;
    at->wishes = at->asked;
    at->wishes.files.at = arena_alloc(at->arena, at->asked.files.len * sizeof *at->asked.files.at + 1);
    at->wishes.files.len = at->wishes.files.cap = at->asked.files.len;
    for (size_t i = 0; i < at->asked.files.len; i++)
        at->wishes.files.at[i] = at->asked.files.at[i];
    if (at->files_named)
        files_named(at->arena, report, &at->wishes.files);
    if (locks_wish(at, err) < 0)
        return -1;
    if (at->spam)
        spam_marks_wish(at->arena, &(struct spam_marks){report->verdict != VERDICT_CLEAN, report->score, report->suspicious, tests_of(at)}, &at->wishes.headers);
    banner_of_report(at->arena, report, &at->banner);
    at->banner.verdict = at->verdict < 0 ? report->verdict : (enum verdict)at->verdict;
    at->banner.locked = at->wishes.locks.len > 0;
    at->wishes.banner = at->banner_wanted ? &at->banner : NULL;
    vec_each(file, &at->wishes.files)
        file->record = report->id;
    return 0;
}

/* ---- what is printed */
static void parts_print(struct applying *at, const struct message *message)
{
    vec_each(leaf, &message->leaves) {
        struct buf line = {.arena = at->arena};
        struct span path = part_path(at->arena, *leaf), name = (*leaf)->names.len ? (*leaf)->names.at[0] : (struct span){0};
        buf_print(&line, "%.*s/%.*s %.*s", SPAN_FMT((*leaf)->type), SPAN_FMT((*leaf)->subtype), SPAN_FMT(name));
        struct buf plain = {.arena = at->arena};
        plain_add(&plain, buf_span(&line));
        if (path.len)
            fprintf(at->to, "part %.*s: %.*s\n", SPAN_FMT(path), SPAN_FMT(buf_span(&plain)));
    }
}

static void links_print(struct applying *at, const struct message *message)
{
    for (size_t i = 0; i < message->links.len; i++) {
        const struct link *link = &message->links.at[i];
        struct buf plain = {.arena = at->arena};
        plain_add(&plain, link->raw);
        fprintf(at->to, "link %zu: %s in part %.*s: %.*s\n", i, link_kind_name(link->kind), SPAN_FMT(part_path(at->arena, link->part)), SPAN_FMT(buf_span(&plain)));
    }
}

static struct span on_one_line(struct arena *arena, struct span value)
{
    struct buf line = {.arena = arena}, plain = {.arena = arena};
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != '\n')
            buf_byte(&line, value.at[i] == '\t' ? ' ' : value.at[i]);
    plain_add(&plain, buf_span(&line));
    return buf_span(&plain);
}

static void headers_print(struct applying *at, const struct edits *edits)
{
    static const char *const words[] = {[HEADER_CHANGE] = "change", [HEADER_REMOVE] = "remove", [HEADER_ADD] = "add", [HEADER_INSERT] = "insert"};
    vec_each(edit, &edits->headers) {
        fprintf(at->to, "%s %.*s", words[edit->act], SPAN_FMT(edit->name));
        if (edit->act <= HEADER_REMOVE)
            fprintf(at->to, " number %u", edit->index);
        if (edit->value.len)
            fprintf(at->to, ": %.*s", SPAN_FMT(on_one_line(at->arena, edit->value)));
        fputc('\n', at->to);
    }
}

static void body_print(struct applying *at, const struct edits *edits)
{
    if (edits->body_changed)
        fprintf(at->to, "body: %s, %zu links locked, %zu files changed\n", edits->bannered ? "a banner" : "no banner", edits->locked, edits->files);
}

static void notes_print(struct applying *at, const struct edits *edits)
{
    vec_each(note, &edits->notes) {
        struct buf plain = {.arena = at->arena};
        plain_add(&plain, note->about);
        fprintf(stderr, "sekimori: %.*s%s%s\n", SPAN_FMT(buf_span(&plain)), note->about.len ? ": " : "", edit_note_text(note->id, LANGUAGE_EN));
    }
}

static int result_print(struct applying *at, const struct edits *edits)
{
    const struct message *message = &at->walk.message;
    if (at->list) {
        parts_print(at, message);
        links_print(at, message);
        headers_print(at, edits);
        body_print(at, edits);
    } else {
        struct span whole = edits_apply(at->arena, message, edits);
        fwrite(whole.len ? whole.at : "", 1, whole.len, at->to);
    }
    notes_print(at, edits);
    return edits->notes.len ? STATUS_LEFT : STATUS_DONE;
}

static int output_open(struct applying *at, const char *file, struct err *err)
{
    const char *slash = strrchr(file, '/');
    if (!at->output)
        return 0;
    const char *path = arena_print(at->arena, "%s/%s", at->output, slash ? slash + 1 : file).at;
    at->to = fopen(path, "wb");
    return at->to ? 0 : err_set(err, "%s: cannot be written: %s", path, strerror(errno));
}

static int message_apply(struct applying *at, const char *file, struct err *err)
{
    struct arrival arrival = {.source = span_of(file), .received_at = TIME_UNKNOWN, .direction = at->direction};
    struct edits edits;
    at->walk = (struct walk){0};
    if (file_read(at->arena, file, at->settings.message.message_bytes, &arrival.raw, err) < 0 || output_open(at, file, err) < 0)
        return -1;
    walk_read(&at->walk, at->arena, &at->settings, &arrival);
    walk_judge(&at->walk);
    if (wishes_make(at, err) < 0)
        return -1;
    edits_plan(at->arena, &at->settings.message, &at->walk.message, at->direction, &at->wishes, &edits);
    return result_print(at, &edits);
}

static int messages_apply(struct applying *at, char *const *files)
{
    struct err err;
    int worst = STATUS_DONE;
    for (; *files; files++) {
        arena_reset(at->arena);
        at->to = stdout;
        int status = message_apply(at, *files, &err);
        if (at->to && fflush(at->to) != 0 && status >= 0)
            status = err_set(&err, "%s: cannot be written: %s", at->output ? at->output : "the output", strerror(errno));
        if (at->to && at->to != stdout)
            fclose(at->to);
        if (status < 0)
            fprintf(stderr, "sekimori: %s\n", err.text);
        status = status < 0 ? STATUS_FAILED : status;
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int apply(struct applying *at, char *const *files, struct err *err)
{
    struct tables *tables __attribute__((cleanup(tables_close))) = NULL;
    walk_settings_default(&at->settings);
    if (tables_open(&(struct table_options){0}, &tables, err) < 0)
        return -1;
    at->settings.tables = tables;
    if (verdict_weights_take(&at->settings.verdict, tables, err) < 0)
        return -1;
    return messages_apply(at, files);
}

int command_apply(int argc, char **argv)
{
    static const struct option longs[] = {
        {"banner", no_argument, NULL, 'b'}, {"lang", required_argument, NULL, 'l'}, {"verdict", required_argument, NULL, 'v'},
        {"lock", required_argument, NULL, 'k'}, {"links", required_argument, NULL, 'n'}, {"tag", required_argument, NULL, 't'},
        {"spam-headers", no_argument, NULL, 's'}, {"authserv-id", required_argument, NULL, 'a'}, {"take-off", required_argument, NULL, 'o'},
        {"rename", required_argument, NULL, 'r'}, {"direction", required_argument, NULL, 'd'}, {"list", no_argument, NULL, 'i'},
        {"output", required_argument, NULL, 'O'},
        {"help", no_argument, NULL, 'h'}, {0}};
    static struct applying at;
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(ceiling), *own __attribute__((cleanup(arena_free))) = arena_new(ceiling);
    struct err err;
    at = (struct applying){.arena = arena, .own = own, .banner = {.en = true, .ja = true}, .direction = DIRECTION_INBOUND, .verdict = -1};
    optind = 0;
    for (int got; (got = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (got == 'h' || got == '?')
            return usage(got == 'h' ? stdout : stderr, got == 'h' ? STATUS_DONE : STATUS_FAILED);
        if (option_take(&at, got, optarg, &err) < 0) {
            fprintf(stderr, "sekimori: %s\n", err.text);
            return STATUS_FAILED;
        }
    }
    if (optind == argc || (at.links && !at.lock))
        return usage(stderr, STATUS_FAILED);
    int status = apply(&at, argv + optind, &err);
    if (status < 0)
        fprintf(stderr, "sekimori: %s\n", err.text);
    return status < 0 ? STATUS_FAILED : status;
}
