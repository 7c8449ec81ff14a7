/* The is_email suite: what it calls an error must be told by us, what it calls valid must be read without a word.
 * Its two categories between (deprecated, and valid by RFC 5322 alone) are read either way and only must not crash. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "suite.h"
#include "message/message.h"
#include "message/reader.h"

#define HYPHEN "names with a hyphen at an end of a label do resolve, and what resolves is checked"
#define FOLDED "line ends belong to the header and were judged there"

/* By number: where a reader of mail has another task than a checker of addresses. */
static const struct {
    unsigned test;
    const char *reason;
} tastes[] = {
    {30, HYPHEN}, {31, HYPHEN}, {102, HYPHEN},
    {35, "a final dot is taken off"},
    {148, FOLDED}, {150, FOLDED}, {152, FOLDED}, {153, FOLDED}, {155, FOLDED}, {156, FOLDED},
    {160, "UTF-8 in an address is RFC 6532's"},
};

/* What stands between <name> and </name> first; *rest goes on behind it. Empty where the element is empty or absent. */
static struct span element(struct span text, const char *name, struct arena *arena)
{
    struct span open = arena_print(arena, "<%s>", name), close = arena_print(arena, "</%s>", name);
    const char *start = span_find(text, open);
    const char *stop = start ? span_find(span_from(start, text.at + text.len), close) : NULL;
    return stop ? span_from(start + open.len, stop) : (struct span){0};
}

/* XML references undone; U+2400 and up stand for the control characters that XML cannot bear. */
static struct span plain(struct arena *arena, struct span text)
{
    static const struct {
        const char *name, *value;
    } names[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
    struct buf out = {.arena = arena};
    while (text.len) {
        size_t used = 1, i = 0;
        while (i < 5 && !span_starts(text, span_of(names[i].name)))
            i++;
        if (i < 5) {
            buf_add(&out, span_of(names[i].value));
            used = strlen(names[i].name);
        } else if (span_starts(text, S("&#x"))) {
            unsigned long code = strtoul(arena_copy(arena, span_first(span_skip(text, 3), 8)).at, NULL, 16);
            used = (size_t)(span_find_byte(text, ';') - text.at) + 1;
            buf_utf8(&out, code >= 0x2400 && code < 0x2480 ? (uint32_t)code - 0x2400 : (uint32_t)code);
        } else if (span_starts(text, S("\xe2\x90"))) { /* U+2400 to U+243F written out */
            buf_byte(&out, (char)(text.at[2] & 0x3f));
            used = 3;
        } else {
            buf_byte(&out, text.at[0]);
        }
        text = span_skip(text, used);
    }
    return buf_span(&out);
}

static const char *taste_of(unsigned test)
{
    for (size_t i = 0; i < sizeof tastes / sizeof *tastes; i++)
        if (tastes[i].test == test && test)
            return tastes[i].reason;
    return NULL;
}

static bool is_sound(struct arena *arena, struct span address)
{
    struct message message;
    struct message_limits limits;
    struct arrival arrival = {0};
    struct buf text = {.arena = arena};
    buf_add(&text, S("From: "));
    buf_add(&text, address);
    buf_add(&text, S("\r\n\r\n"));
    arrival.raw = buf_span(&text);
    message_limits_default(&limits);
    message_parse(arena, &limits, NULL, &arrival, &message);
    for (size_t i = 0; i < message.defects.len; i++) {
        enum defect_id id = message.defects.at[i].id;
        if (id != DEFECT_DATE_MISSING && id != DEFECT_MESSAGE_ID_MISSING)
            return false;
    }
    return message.from.len == 1;
}

int main(void)
{
    const char *shared = shared_data();
    struct arena *arena = arena_new(64u << 20);
    struct span path = arena_print(arena, "%s/suites/address/tests.xml", shared), text = suite_read(path.at), rest = text;
    if (!text.len) {
        printf("skipped: %s is not there\n", path.at);
        arena_free(&arena);
        return 77;
    }
    unsigned judged = 0, agreed = 0, either = 0, missed = 0;
    for (const char *at; (at = span_find(rest, S("<test id=\"")));) {
        struct span one = span_from(at, text.at + text.len);
        const char *stop = span_find(one, S("</test>"));
        one = stop ? span_from(at, stop) : one;
        rest = span_skip(span_from(at, text.at + text.len), one.len);
        unsigned number = (unsigned)strtoul(at + 10, NULL, 10);
        struct span address = plain(arena, element(one, "address", arena)), category = element(one, "category", arena);
        bool sound = is_sound(arena, address), error = span_eq(category, S("ISEMAIL_ERR"));
        if (span_eq(category, S("ISEMAIL_DEPREC")) || span_eq(category, S("ISEMAIL_RFC5322"))) {
            either++;
            continue;
        }
        judged++;
        const char *taste = taste_of(number);
        agreed += sound != error;
        if ((sound == error) != (taste != NULL)) {
            printf("MISS %u \"%.*s\" (%.*s) is %s%s\n", number, SPAN_FMT(address), SPAN_FMT(category), sound ? "read without a word" : "told",
                   taste ? "; take it off the table" : "");
            missed++;
        } else if (taste) {
            printf("taste %u \"%.*s\" -- %s\n", number, SPAN_FMT(address), taste);
        }
    }
    printf("is_email: %u of %u agree, %u may be read either way, %u miss\n", agreed, judged, either, missed);
    arena_free(&arena);
    free((void *)text.at);
    return missed || !judged;
}
