#include "spamd/spamd.h"

static const struct {
    const char *name;
    bool message, returns;
} verbs[SPAMD_VERBS] = {
    [SPAMD_CHECK] = {"CHECK", true, false}, [SPAMD_SYMBOLS] = {"SYMBOLS", true, false}, [SPAMD_REPORT] = {"REPORT", true, false},
    [SPAMD_REPORT_IFSPAM] = {"REPORT_IFSPAM", true, false}, [SPAMD_PROCESS] = {"PROCESS", true, true}, [SPAMD_HEADERS] = {"HEADERS", true, true},
    [SPAMD_PING] = {"PING", false, false}, [SPAMD_SKIP] = {"SKIP", false, false}, [SPAMD_TELL] = {"TELL", false, false},
};

const char *spamd_verb_name(enum spamd_verb verb)
{
    return verbs[verb].name;
}

bool spamd_has_message(const struct spamd_asked *asked)
{
    return verbs[asked->verb].message;
}

bool spamd_returns_message(const struct spamd_asked *asked)
{
    return verbs[asked->verb].returns;
}

/* ---- the first line */
static int verb_read(struct span word, enum spamd_verb *out, struct err *err)
{
    for (enum spamd_verb verb = 0; verb < SPAMD_VERBS; verb++)
        if (span_eq(word, span_of(verbs[verb].name))) {
            *out = verb;
            return 0;
        }
    return err_set(err, "it asks for \"%.*s\", which is nothing that is done; is it a client of spamd?", SPAN_FMT(span_first(word, 20)));
}

static int version_read(struct span word, struct spamd_asked *out, struct err *err)
{
    static const struct span names[] = {[SPAMD_SPAMC] = {"SPAMC/", 6}, [SPAMD_RSPAMC] = {"RSPAMC/", 7}};
    uint64_t major = 0, minor = 0;
    for (enum spamd_tongue tongue = SPAMD_SPAMC; tongue <= SPAMD_RSPAMC; tongue++) {
        struct span rest = span_skip(word, names[tongue].len), number;
        if (!span_starts(word, names[tongue]) || !span_cut(&rest, '.', &number) || !span_number(number, 9, &major) || !span_number(rest, 99, &minor))
            continue;
        out->tongue = tongue;
        out->minor = (unsigned)minor;
        return major == 1 ? 0 : err_set(err, "it speaks version %.*s; 1.2 to 1.5 are known", SPAN_FMT(span_first(word, 20)));
    }
    return err_set(err, "\"%.*s\" is no version such as SPAMC/1.5", SPAN_FMT(span_first(word, 20)));
}

static int request_read(struct span line, struct spamd_asked *out, struct err *err)
{
    struct span verb = {0}, version = {0}, more;
    span_word(&line, &verb);
    span_word(&line, &version);
    if (verb_read(verb, &out->verb, err) < 0 || version_read(version, out, err) < 0)
        return -1;
    return span_word(&line, &more) ? err_set(err, "words follow the version of its request") : 0;
}

/* ---- fields */
static int length_take(struct spamd_head *head, struct span value, struct err *err)
{
    uint64_t length;
    if (!span_number(value, UINT64_MAX / 2, &length))
        return err_set(err, "Content-length: \"%.*s\" is no number of bytes", SPAN_FMT(span_first(value, 40)));
    if (head->length_told && head->length != length)
        return err_set(err, "Content-length is told twice, and differs");
    head->length_told = true;
    head->length = length;
    return 0;
}

static int field_read(struct spamd_head *head, struct span line, struct spamd_field *out, struct err *err)
{
    const char *colon = span_find_byte(line, ':');
    if (!colon)
        return err_set(err, "\"%.*s\" is no field of a head", SPAN_FMT(span_first(line, 40)));
    *out = (struct spamd_field){span_trim(span_from(line.at, colon)), span_trim(span_from(colon + 1, line.at + line.len))};
    if (span_eq_case(out->name, S("Content-length")))
        return length_take(head, out->value, err);
    if (!span_eq_case(out->name, S("Compress")))
        return 0;
    head->deflated = span_eq_case(out->value, S("zlib"));
    return head->deflated ? 0 : err_set(err, "Compress: \"%.*s\" is not known; zlib is", SPAN_FMT(span_first(out->value, 20)));
}

static struct span line_of(struct span bytes, const char *end)
{
    struct span line = span_from(bytes.at, end);
    return line.len && line.at[line.len - 1] == '\r' ? span_first(line, line.len - 1) : line;
}

enum spamd_reading spamd_head_read(struct spamd_head *head, struct span bytes, size_t *used, struct spamd_field *out, struct err *err)
{
    const char *end = span_find_byte(span_first(bytes, SPAMD_LINE_MOST), '\n');
    *out = (struct spamd_field){0};
    *used = 0;
    if (!end && bytes.len < SPAMD_LINE_MOST)
        return SPAMD_LATER;
    if (!end)
        return err_set(err, "a line of its head is longer than %d bytes", SPAMD_LINE_MOST), SPAMD_FAULT;
    struct span line = line_of(bytes, end);
    *used = (size_t)(end + 1 - bytes.at);
    head->bytes += *used;
    if (head->bytes > SPAMD_HEAD_MOST)
        return err_set(err, "its head is longer than %d bytes", SPAMD_HEAD_MOST), SPAMD_FAULT;
    if (span_find_byte(line, '\0'))
        return err_set(err, "its head holds NUL"), SPAMD_FAULT;
    int taken = 0;
    if (!head->begun)
        taken = request_read(line, &head->asked, err);
    else if (line.len)
        taken = field_read(head, line, out, err);
    else
        head->ended = true;
    head->begun = true;
    return taken < 0 ? SPAMD_FAULT : SPAMD_LINE;
}
