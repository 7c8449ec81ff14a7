/* Released mail without what its sender wrote into fields of ours: every other byte stays, however the pieces are cut. */
#include "exact.h"
#include "role/cleaned.h"

#include <stdlib.h>

static void check(struct span text, struct span wanted, size_t step)
{
    struct cleaned cleaned = {0};
    char *got = malloc(text.len + CLEANED_HELD_MOST + 1);
    size_t have = 0;
    for (size_t at = 0; at < text.len; at += step) {
        size_t len = text.len - at < step ? text.len - at : step;
        struct span piece = exact_bytes(text.at + at, len);
        char *out = malloc(len + CLEANED_HELD_MOST);
        size_t made = cleaned_take(&cleaned, piece, at + len == text.len, out);
        assert_true(have + made <= text.len);
        memcpy(got + have, out, made);
        have += made;
        free(out);
        free((char *)piece.at);
    }
    if (!span_eq((struct span){got, have}, wanted))
        fail_msg("%.*s: in pieces of %zu: %.*s", SPAN_FMT(text), step, (int)have, got);
    free(got);
}

static void fields_of_ours_go_and_nothing_else(void **state)
{
    static const struct {
        struct span text, wanted;
    } rows[] = {
        {S("A: b\r\n\r\nX-Sekimori: body\r\n"), S("A: b\r\n\r\nX-Sekimori: body\r\n")},
        {S("X-Sekimori: clean\r\nA: b\r\n\r\nbody"), S("A: b\r\n\r\nbody")},
        {S("A: b\r\nx-sekimori-JUNK : no\r\n folded: x\r\n\tX-More: x\r\nC: d\r\n"), S("A: b\r\nC: d\r\n")},
        {S("A: b\nX-Sekimori-Seal:\n\nbody\n"), S("A: b\n\nbody\n")}, {S("X-Sekimori-Release: a\nX-Sekimori: b\n\n"), S("\n")},
        {S("A: b\rX-Sekimori: x\rC: d\r\rX-Sekimori: body"), S("A: b\rC: d\r\rX-Sekimori: body")}, /* on the wire these are lines */
        {S("A: b\rX-Sekimori: x\r\nC: d\r\n"), S("A: b\rC: d\r\n")},
        {S("A: b\r\n X-Sekimori: folded\r\nX-Sekimori-Other: c\r\nX-Sekimoris: d\r\n\r\n"), S("A: b\r\n X-Sekimori: folded\r\nX-Sekimori-Other: c\r\nX-Sekimoris: d\r\n\r\n")},
        {S("no field\r\nX-Sekimori: x\r\n\r\n"), S("no field\r\n\r\n")}, {S("\r\nX-Sekimori: body"), S("\r\nX-Sekimori: body")},
        {S("A: b\r\nX-Sekimori"), S("A: b\r\nX-Sekimori")}, {S("A: b\r\nX-Sekimori: cut"), S("A: b\r\n")}, {S(""), S("")}, {S("\r"), S("\r")},
        {S("X-A-Name-Of-Far-More-Than-Thirty-Two-Bytes: x\r\n\tX-Sekimori: x\r\n"), S("X-A-Name-Of-Far-More-Than-Thirty-Two-Bytes: x\r\n\tX-Sekimori: x\r\n")},
        {S("X-Sekimori: x\r\n\r\n\r\n x: y"), S("\r\n\r\n x: y")}, {{"A: \0\r\nX-Sekimori: \0\r\n\0: b\r\n", 27}, {"A: \0\r\n\0: b\r\n", 12}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step <= 40; step++)
            check(rows[i].text, rows[i].wanted, step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields_of_ours_go_and_nothing_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
