/* The web platform's URL tests (urltestdata.json, toascii.json, IdnaTestV2.json) against message/url.h. */
#include "suite.h"
#include "message/url.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;

static unsigned escape_at(const char *at)
{
    char digits[5] = {0};
    if (at[0] != '\\' || at[1] != 'u')
        return 0;
    memcpy(digits, at + 2, 4);
    return (unsigned)strtoul(digits, NULL, 16);
}

/* A browser's URL takes strings without lone surrogates: each becomes U+FFFD. jansson would refuse the file. */
static void lone_surrogates_replace(char *text)
{
    for (char *at = text; (at = strchr(at, '\\'));) {
        unsigned first = escape_at(at), second = first ? escape_at(at + 6) : 0;
        bool high = first >= 0xd800 && first < 0xdc00, low = second >= 0xdc00 && second < 0xe000;
        if ((first >= 0xdc00 && first < 0xe000) || (high && !low))
            memcpy(at + 2, "fffd", 4);
        at += high && low ? 12 : first ? 6 : 2;
    }
}

static json_t *file_read(const char *name)
{
    const char *root = shared_data();
    char path[4096], *text = NULL;
    size_t size = 0;
    json_error_t error;
    snprintf(path, sizeof path, "%s/suites/url/%s", root, name);
    FILE *file = fopen(path, "r");
    if (!file || getdelim(&text, &size, '\0', file) < 0) {
        printf("skipped: %s is not there\n", name);
        return NULL;
    }
    fclose(file);
    lone_surrogates_replace(text);
    json_t *json = json_loads(text, JSON_ALLOW_NUL, &error);
    if (!json) {
        printf("%s does not read: %s\n", name, error.text);
        exit(1);
    }
    free(text);
    return json;
}

static struct span member(const json_t *test, const char *name)
{
    const json_t *value = json_object_get(test, name);
    return json_is_string(value) ? (struct span){json_string_value(value), json_string_length(value)} : (struct span){0};
}

static struct span joined(const char *before, struct span s, const char *after)
{
    return arena_print(arena, "%s%.*s%s", before, SPAN_FMT(s), after);
}

/* The API's names for the parts, as the tests write them. */
static bool part_is(const json_t *test, const struct url *url, const char *name)
{
    if (!json_object_get(test, name))
        return true;
    bool v6 = url->host_kind == URL_HOST_IPV6;
    struct span host = joined(v6 ? "[" : "", url->host, v6 ? "]" : "");
    struct span port = url->port >= 0 ? arena_print(arena, "%d", url->port) : (struct span){0};
    struct span got = strcmp(name, "href") == 0       ? url->href
                      : strcmp(name, "protocol") == 0 ? joined("", url->scheme, ":")
                      : strcmp(name, "username") == 0 ? url->username
                      : strcmp(name, "password") == 0 ? url->password
                      : strcmp(name, "hostname") == 0 ? host
                      : strcmp(name, "port") == 0     ? port
                      : strcmp(name, "pathname") == 0 ? url->path
                      : strcmp(name, "search") == 0   ? (url->query.len ? joined("?", url->query, "") : (struct span){0})
                      : strcmp(name, "hash") == 0 ? (url->fragment.len ? joined("#", url->fragment, "") : (struct span){0})
                      : port.len                  ? arena_print(arena, "%.*s:%.*s", SPAN_FMT(host), SPAN_FMT(port))
                                                  : host;
    return span_eq(got, member(test, name));
}

static const char *difference(const json_t *test, const struct url *url)
{
    static const char *const names[] = {"href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!part_is(test, url, names[i]))
            return names[i];
    return NULL;
}

static bool url_test(const json_t *test)
{
    struct url base, url;
    struct span input = member(test, "input"), base_text = member(test, "base");
    bool has_base = json_is_string(json_object_get(test, "base")), failure = json_is_true(json_object_get(test, "failure"));
    bool good = !has_base || url_parse(arena, base_text, NULL, &base);
    good = good && url_parse(arena, input, has_base ? &base : NULL, &url);
    const char *wrong = good ? difference(test, &url) : NULL;
    if (good == !failure && !wrong)
        return true;
    printf("miss: <%.*s> base <%.*s>: ", SPAN_FMT(input), SPAN_FMT(base_text));
    if (!good || failure)
        printf("%s, wanted %s\n", good ? "parses" : "fails", failure ? "failure" : "a URL");
    else
        printf("%s differs: got <%.*s>, wanted <%.*s>\n", wrong, SPAN_FMT(url.href), SPAN_FMT(member(test, "href")));
    return false;
}

/* The domain as a host of an https URL, as the suite's own harness does it. */
static bool ascii_test(const json_t *test)
{
    struct url url;
    struct span input = member(test, "input"), output = member(test, "output");
    bool failure = json_is_null(json_object_get(test, "output"));
    bool good = url_parse(arena, joined("https://", input, "/x"), NULL, &url);
    if (good ? !failure && span_eq(url.host, output) : failure)
        return true;
    struct span got = good ? url.host : S("failure"), wanted = failure ? S("failure") : output;
    printf("miss: host <%.*s>: got %.*s, wanted %.*s\n", SPAN_FMT(input), SPAN_FMT(got), SPAN_FMT(wanted));
    return false;
}

static const struct row {
    const char *file, *what;
    bool (*test)(const json_t *);
    int base;      /* 0: tests without a base, 1: with one, -1: any */
    unsigned need; /* passes of a thousand */
} rows[] = {
    {"urltestdata.json", "URLs without a base", url_test, 0, 990},
    {"urltestdata.json", "URLs with a base", url_test, 1, 990},
    {"ada_extra_urltestdata.json", "more URLs", url_test, -1, 990},
    {"ada_long_urltestdata.json", "long URLs", url_test, -1, 990},
    {"urltestdata-javascript-only.json", "lone surrogates", url_test, -1, 990},
    {"toascii.json", "domains to ASCII", ascii_test, -1, 990},
    {"IdnaTestV2.json", "IDNA tests of Unicode", ascii_test, -1, 990},
};

/* False: the file is there and too few pass. */
static bool row_run(const struct row *row, bool *there)
{
    unsigned count = 0, good = 0;
    json_t *tests = file_read(row->file), *test;
    size_t i;
    *there = tests != NULL;
    json_array_foreach(tests, i, test) {
        bool has_base = json_is_string(json_object_get(test, "base"));
        bool empty = row->test == ascii_test && member(test, "input").len == 0; /* the suite's harness leaves it out too */
        if (!json_is_object(test) || empty || (row->base >= 0 && row->base != has_base))
            continue;
        count++;
        good += row->test(test);
        arena_reset(arena);
    }
    if (tests)
        printf("%s (%s): %u of %u\n", row->what, row->file, good, count);
    json_decref(tests);
    return good * 1000 >= count * row->need;
}

int main(void)
{
    bool all = true, any = false;
    arena = arena_new(16 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool there;
        if (!row_run(&rows[i], &there))
            all = false;
        any = any || there;
    }
    arena_free(&arena);
    return !any ? 77 : all ? 0 : 1;
}
