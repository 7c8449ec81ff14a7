/* The tests of https://publicsuffix.org: `input registrable-domain`, null for none. */
#include "suite.h"
#include "base/config.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/uidna.h>

/* The table speaks A-labels; the tests speak both. Empty where it is no domain. */
static struct span a_labels(struct arena *arena, UIDNA *idna, struct span text)
{
    char out[256];
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t n = uidna_nameToASCII_UTF8(idna, text.at, (int32_t)text.len, out, sizeof out, &info, &status);
    if (U_FAILURE(status))
        return (struct span){0};
    return arena_copy(arena, (struct span){out, (size_t)n});
}

static struct span registrable(const struct tables *tables, struct span domain)
{
    struct span suffix = suffix_of(tables, domain);
    if (!suffix.len || suffix.len == domain.len)
        return (struct span){0};
    return organisation_of(tables, domain);
}

/* One line; returns -1 where it is no test. */
static int line_test(struct arena *arena, UIDNA *idna, const struct tables *tables, struct span line)
{
    struct span input, expected;
    if (span_starts(line, S("//")) || !span_word(&line, &input) || !span_word(&line, &expected))
        return -1;
    bool none = span_eq(expected, S("null"));
    struct span domain = span_eq(input, S("null")) ? (struct span){0} : a_labels(arena, idna, input);
    struct span wanted = none ? (struct span){0} : a_labels(arena, idna, expected);
    struct span got = registrable(tables, domain);
    if (span_eq(got, wanted))
        return 1;
    printf("miss: %.*s: wanted %.*s, got %.*s\n", SPAN_FMT(input), SPAN_FMT(expected), SPAN_FMT(got.len ? got : S("null")));
    return 0;
}

int main(void)
{
    const char *data = shared_data();
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new((size_t)64 << 20);
    struct tables *tables __attribute__((cleanup(tables_close))) = NULL;
    struct err err = {""};
    struct span text, line;
    unsigned passed = 0, all = 0;
    UErrorCode status = U_ZERO_ERROR;
    const char *path = arena_print(arena, "%s/suites/psl/tests.txt", data).at;
    if (file_read(arena, path, 1 << 20, &text, NULL) < 0) {
        printf("skipped: the public suffix tests (%s) are not there\n", path);
        return 77;
    }
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
    if (U_FAILURE(status) || tables_open(&(struct table_options){0}, &tables, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    while (span_cut(&text, '\n', &line)) {
        int result = line_test(arena, idna, tables, span_trim(line));
        all += result >= 0;
        passed += result > 0;
    }
    uidna_close(idna);
    printf("public suffixes: %u of %u\n", passed, all);
    return all && passed == all ? 0 : 1;
}
