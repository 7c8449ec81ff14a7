/* All development mail, read by us and by GMime: the same fields, the same tree, the same bytes.
 *
 * Messages in which we found a defect of structure are left out and counted: there programs differ, and that is what the
 * defect says. GMime runs in a child process, because it can crash on odd mail. */
#include <dirent.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"
#include "message/message.h"

static struct arena *arena;
static struct message_limits limits;

/* ---- what counts as a defect of structure: a field, a part or its bytes can be read in more than one way */
static bool is_structural(enum defect_id id)
{
    switch (id) {
    case DEFECT_FROM_MISSING: case DEFECT_FROM_TWICE: case DEFECT_FROM_SEVERAL: case DEFECT_FROM_EMPTY: case DEFECT_SENDER_TWICE:
    case DEFECT_REPLY_TO_TWICE: case DEFECT_TO_TWICE: case DEFECT_CC_TWICE: case DEFECT_SUBJECT_TWICE: case DEFECT_DATE_TWICE:
    case DEFECT_DATE_MISSING: case DEFECT_DATE_BAD: case DEFECT_MESSAGE_ID_MISSING: case DEFECT_MESSAGE_ID_TWICE:
    case DEFECT_HEADER_8BIT: case DEFECT_HEADER_CONTROL: case DEFECT_BODY_NUL: case DEFECT_LINES_MIXED:
    case DEFECT_ADDRESS_SYNTAX: case DEFECT_ADDRESS_ENCODED_WORD: case DEFECT_ADDRESS_MANY_AT: case DEFECT_ADDRESS_NO_DOMAIN:
    case DEFECT_ADDRESS_DOMAIN_BAD: case DEFECT_ADDRESS_ROUTE: case DEFECT_ADDRESS_IN_NAME: case DEFECT_ADDRESS_TWO_ANGLES:
    case DEFECT_ADDRESS_CONTROL: case DEFECT_ADDRESS_GROUP: case DEFECT_ADDRESSES_LIMIT: case DEFECT_WORD_BAD: case DEFECT_WORD_CONTROL:
    case DEFECT_TEXT_BIDI: case DEFECT_MIME_VERSION_MISSING: case DEFECT_NAMES_DIFFER: case DEFECT_PARAMETER_ENCODED_WORD:
    case DEFECT_CHARSET_UNKNOWN: case DEFECT_CHARSET_WRONG: case DEFECT_TYPE_DIFFERS: case DEFECT_TNEF: case DEFECT_MESSAGE_EXTERNAL:
    case DEFECT_MESSAGE_PARTIAL: case DEFECT_QUOTED_PRINTABLE_BLANK: case DEFECT_LINKS_LIMIT: case DEFECT_HTML_DEPTH_LIMIT: case DEFECT_UUENCODE:
        return false;
    default:
        return true;
    }
}

static bool has_structural(const struct message *message)
{
    for (size_t i = 0; i < message->defects.len; i++)
        if (is_structural(message->defects.at[i].id))
            return true;
    return false;
}

/* ---- the comparison; the first difference is described in `why` */
static char why[400];

static bool __attribute__((format(printf, 1, 2))) differs(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    return false;
}

static struct span plain(struct span raw)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] != '\r' && raw.at[i] != '\n')
            buf_byte(&out, raw.at[i]);
    return span_trim(buf_span(&out));
}

static bool is_content_field(struct span name)
{
    return span_starts_case(name, S("Content-"));
}

/* The fields of `list` against ours, of which only those that are content fields, or only those that are none. */
static bool fields_same(const fields_t *ours, GMimeHeaderList *list, bool top, bool content)
{
    int n = g_mime_header_list_get_count(list), k = 0;
    for (size_t i = 0; i < ours->len; i++) {
        const struct field *field = &ours->at[i];
        if (top && is_content_field(field->name) != content)
            continue;
        if (k >= n)
            return differs("fields: ours has \"%.*s\" more", SPAN_FMT(field->name));
        GMimeHeader *header = g_mime_header_list_get_header_at(list, k++);
        const char *name = g_mime_header_get_name(header), *raw = g_mime_header_get_raw_value(header);
        if (!span_eq(span_of(name), field->name))
            return differs("field name: \"%.*s\", GMime \"%s\"", SPAN_FMT(field->name), name);
        if (!span_eq(plain(span_of(raw)), plain(field->raw)))
            return differs("field value of %s", name);
    }
    return k == n || differs("fields: GMime has %d, we %d", n, k);
}

static const struct part *first_reading(const struct part *part)
{
    while (part && part->reading)
        part = part->next;
    return part;
}

static bool object_same(const struct part *ours, GMimeObject *theirs);

static bool children_same(const struct part *ours, GMimeMultipart *theirs)
{
    const struct part *child = first_reading(ours->first_child);
    int n = g_mime_multipart_get_count(theirs);
    for (int i = 0; i < n; i++, child = first_reading(child->next)) {
        if (!child)
            return differs("parts: GMime has %d, we %d", n, i);
        if (!fields_same(&child->fields, g_mime_object_get_header_list(g_mime_multipart_get_part(theirs, i)), false, false))
            return false;
        if (!object_same(child, g_mime_multipart_get_part(theirs, i)))
            return false;
    }
    return !child || differs("parts: we have more than GMime's %d", n);
}

static bool message_same(const struct part *root, GMimeMessage *theirs)
{
    GMimeObject *body = g_mime_message_get_mime_part(theirs);
    if (!fields_same(&root->fields, g_mime_object_get_header_list(GMIME_OBJECT(theirs)), true, false))
        return false;
    if (!body)
        return differs("GMime has no body");
    return fields_same(&root->fields, g_mime_object_get_header_list(body), true, true) && object_same(root, body);
}

static bool bytes_same(struct span ours, GMimePart *theirs)
{
    GMimeDataWrapper *content = g_mime_part_get_content(theirs);
    GMimeStream *stream = g_mime_stream_mem_new();
    if (content)
        g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    struct span other = {(const char *)bytes->data, bytes->len};
    bool same = span_eq(ours, other);
    size_t i = 0;
    while (i < ours.len && i < other.len && ours.at[i] == other.at[i])
        i++;
    if (!same)
        differs("bytes: %zu, GMime %zu, the same up to %zu", ours.len, other.len, i);
    g_object_unref(stream);
    return same;
}

static bool object_same(const struct part *ours, GMimeObject *theirs)
{
    GMimeContentType *type = g_mime_object_get_content_type(theirs);
    struct span top = span_of(g_mime_content_type_get_media_type(type)), sub = span_of(g_mime_content_type_get_media_subtype(type));
    if (!span_eq_case(top, ours->type) || !span_eq_case(sub, ours->subtype))
        return differs("type: %.*s/%.*s, GMime %.*s/%.*s", SPAN_FMT(ours->type), SPAN_FMT(ours->subtype), SPAN_FMT(top), SPAN_FMT(sub));
    if (GMIME_IS_MULTIPART(theirs))
        return children_same(ours, GMIME_MULTIPART(theirs));
    if (GMIME_IS_MESSAGE_PART(theirs)) {
        GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(theirs));
        if (!inner || !ours->first_child)
            return (!inner && !ours->first_child) || differs("an attached message is read by one of us only");
        return message_same(ours->first_child, inner);
    }
    return GMIME_IS_PART(theirs) ? bytes_same(ours->decoded, GMIME_PART(theirs)) : differs("GMime has an object of a kind of its own");
}

/* ---- one message: 'l' left out, 's' same, 'd' different */
static char compare(struct span raw)
{
    struct message ours;
    struct arrival arrival = {.raw = raw};
    arena_reset(arena);
    message_parse(arena, &limits, NULL, &arrival, &ours);
    if (has_structural(&ours))
        return 'l';
    if (span_starts(raw, S("From "))) { /* a line of the folder it lay in; to GMime it is one only in a whole mbox */
        const char *end = span_find_byte(raw, '\n');
        raw = end ? span_from(end + 1, raw.at + raw.len) : raw;
    }
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw.at, raw.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *theirs = g_mime_parser_construct_message(parser, NULL);
    bool same = theirs ? message_same(ours.root, theirs) : differs("GMime reads no message");
    g_clear_object(&theirs);
    g_object_unref(parser);
    g_object_unref(stream);
    return same ? 's' : 'd';
}

struct folder {
    char path[1000];
    struct dirent **files;
    int count, at;
    unsigned same, different, left_out, crashed;
};

/* The child: one letter a file; what differs goes to standard output. */
static void __attribute__((noreturn)) child(const struct folder *folder, int out)
{
    char path[2000];
    g_mime_init();
    arena = arena_new((size_t)1 << 30);
    for (int i = folder->at; i < folder->count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, folder->files[i]->d_name);
        struct span raw = suite_read(path);
        char outcome = compare(raw);
        if (outcome == 'd')
            printf("  %s/%s: %s\n", strrchr(folder->path, '/') + 1, folder->files[i]->d_name, why);
        fflush(stdout);
        if (write(out, &outcome, 1) != 1)
            _exit(1);
        free((void *)raw.at);
    }
    _exit(0);
}

static void outcome_take(struct folder *folder, char outcome)
{
    folder->same += outcome == 's';
    folder->different += outcome == 'd';
    folder->left_out += outcome == 'l';
    folder->at++;
}

static void folder_read(struct folder *folder)
{
    while (folder->at < folder->count) {
        int pipes[2];
        if (pipe(pipes) < 0)
            exit(1);
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0)
            child(folder, pipes[1]);
        close(pipes[1]);
        char outcome;
        while (read(pipes[0], &outcome, 1) == 1)
            outcome_take(folder, outcome);
        close(pipes[0]);
        int status;
        waitpid(pid, &status, 0);
        if (folder->at < folder->count) {
            printf("  %s: the child ended here\n", folder->files[folder->at]->d_name);
            folder->crashed++;
            folder->at++;
        }
    }
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_REG;
}

int main(void)
{
    static const char *const folders[] = {"phish/phishing_pot", "ham/foff", "ham/list-linux-i2c", "ham/list-openbmc", "ham/list-usrp",
                                          "ham/spamassassin-easy", "ham/spamassassin-hard", "ham/csdmc", "ham/bounces", "spam/foff",
                                          "spam/list-scam", "spam/spamassassin"};
    const char *shared = shared_data();
    unsigned same = 0, different = 0, left_out = 0, crashed = 0;
    message_limits_default(&limits);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct folder folder = {0};
        snprintf(folder.path, sizeof folder.path, "%s/mail/%s", shared, folders[i]);
        folder.count = scandir(folder.path, &folder.files, is_file, alphasort);
        if (folder.count < 0) {
            printf("skipped: %s is not there\n", folder.path);
            continue;
        }
        folder_read(&folder);
        printf("%-24s %5d messages, %4u left out for defects, %5u the same, %3u different, %u crashed\n", folders[i], folder.count,
               folder.left_out, folder.same, folder.different, folder.crashed);
        same += folder.same;
        different += folder.different;
        left_out += folder.left_out;
        crashed += folder.crashed;
        for (int k = 0; k < folder.count; k++)
            free(folder.files[k]);
        free(folder.files);
    }
    unsigned compared = same + different + crashed;
    if (!compared)
        return 77;
    printf("in all: %u of %u the same (%.2f %%), %u left out, %u crashed\n", same, compared, 100.0 * same / compared, left_out, crashed);
    return same * 1000.0 < compared * 995.0;
}
