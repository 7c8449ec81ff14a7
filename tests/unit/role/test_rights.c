/* Who may send what to whom, and what becomes of a role that sends something else. */
#include "exact.h"
#include "role/inner.h"

#include <sys/socket.h>

static void rights_are_those_of_the_table(void **state)
{
    static const struct {
        enum role from, to;
        enum frame_kind kind;
        bool may;
    } rows[] = {
        {ROLE_DOOR, ROLE_JUDGE, FRAME_MESSAGE, true},   {ROLE_JUDGE, ROLE_DOOR, FRAME_MESSAGE, false}, {ROLE_JUDGE, ROLE_DOOR, FRAME_REPORT, true},
        {ROLE_JUDGE, ROLE_DOOR, FRAME_ASK, false},      {ROLE_JUDGE, ROLE_RESOLVER, FRAME_ASK, true},  {ROLE_JUDGE, ROLE_KEEPER, FRAME_KEEP, false},
        {ROLE_DOOR, ROLE_KEEPER, FRAME_KEEP, true},     {ROLE_DOOR, ROLE_KEEPER, FRAME_KEPT, false},   {ROLE_JUDGE, ROLE_PARENT, FRAME_LINK, false},
        {ROLE_PARENT, ROLE_JUDGE, FRAME_LINK, true},    {ROLE_DOOR, ROLE_PARENT, FRAME_START, false},  {ROLE_SCAN, ROLE_JUDGE, FRAME_ANSWER, true},
        {ROLE_KEEPER, ROLE_PARENT, FRAME_ENTRIES, true}, {ROLE_PARENT, ROLE_JUDGE, FRAME_ENTRIES, true},  {ROLE_DOOR, ROLE_JUDGE, FRAME_ENTRIES, false},
        {ROLE_KEEPER, ROLE_DOOR, FRAME_KILLERS, true},  {ROLE_PARENT, ROLE_DOOR, FRAME_LISTEN, true},    {ROLE_KEEPER, ROLE_DOOR, FRAME_LISTEN, false},
        {ROLE_JUDGE, ROLE_DOOR, FRAME_PARKED, true},    {ROLE_PARENT, ROLE_DOOR, FRAME_DEATHS, true},    {ROLE_JUDGE, ROLE_DOOR, FRAME_KILLERS, false},
        {ROLE_RESOLVER, ROLE_DOOR, FRAME_ANSWER, false}, {ROLE_PARENT, ROLE_DOOR, FRAME_COUNT, false}, {ROLE_PARENT, ROLE_DOOR, 0, false},
        {ROLE_KEEPER, ROLE_COURIER, FRAME_JOB, true},   {ROLE_COURIER, ROLE_KEEPER, FRAME_DONE, true}, {ROLE_COURIER, ROLE_KEEPER, FRAME_FETCH, false},
        {ROLE_JUDGE, ROLE_SCANNER, FRAME_SCAN, true},   {ROLE_SCANNER, ROLE_JUDGE, FRAME_SCANNED, true}, {ROLE_SCANNER, ROLE_JUDGE, FRAME_ANSWER, false},
        {ROLE_PARENT, ROLE_TEMPLATE, FRAME_END, true},  {ROLE_JUDGE, ROLE_TEMPLATE, FRAME_END, false},  {ROLE_KEEPER, ROLE_CHECKPOINTER, FRAME_CHECKPOINT, true},
        {ROLE_CHECKPOINTER, ROLE_KEEPER, FRAME_KEEP, false}, {ROLE_DOOR, ROLE_CHECKPOINTER, FRAME_CHECKPOINT, false}, {ROLE_JUDGE, ROLE_PARENT, FRAME_PONG, true},
        {ROLE_DOOR, ROLE_SCANNER, FRAME_SCAN, false},   {ROLE_JUDGE, ROLE_COURIER, FRAME_SCAN, false}, {ROLE_SCANNER, ROLE_KEEPER, FRAME_KEEP, false},
        {ROLE_COURIER, ROLE_DOOR, FRAME_DONE, false},   {ROLE_JUDGE, ROLE_COURIER, FRAME_JOB, false},  {ROLE_DOOR, ROLE_COURIER, FRAME_JOB, false},
        {ROLE_JUDGE, ROLE_DOOR, FRAME_MARKS, true},     {ROLE_JUDGE, ROLE_SCAN, FRAME_MARKS, true},    {ROLE_KEEPER, ROLE_DOOR, FRAME_MARKS, false},
        {ROLE_DOOR, ROLE_SIGNER, FRAME_SEAL, true},     {ROLE_DOOR, ROLE_SIGNER, FRAME_SIGN, true},    {ROLE_JUDGE, ROLE_SIGNER, FRAME_CHECK, true},
        {ROLE_JUDGE, ROLE_SIGNER, FRAME_SEAL, false},   {ROLE_JUDGE, ROLE_SIGNER, FRAME_SIGN, true},  {ROLE_JUDGE, ROLE_SIGNER, FRAME_OPEN, false},
        {ROLE_SIGNER, ROLE_DOOR, FRAME_SIGNED, true},   {ROLE_COURIER, ROLE_SIGNER, FRAME_SIGN, false}, {ROLE_KEEPER, ROLE_SIGNER, FRAME_OPEN, false},
        {ROLE_JUDGE, ROLE_SIGNER, FRAME_PASS, true},    {ROLE_SIGNER, ROLE_JUDGE, FRAME_PASSED, true},  {ROLE_JUDGE, ROLE_SIGNER, FRAME_TOKEN, false},
        {ROLE_DOOR, ROLE_SIGNER, FRAME_PASS, false},    {ROLE_SIGNER, ROLE_DOOR, FRAME_PASSED, false},
        {ROLE_MTA, ROLE_JUDGE, FRAME_MESSAGE, true},    {ROLE_JUDGE, ROLE_MTA, FRAME_REPORT, true},     {ROLE_PARENT, ROLE_MTA, FRAME_LISTEN, true},
        {ROLE_MTA, ROLE_PARENT, FRAME_COUNTS, true},    {ROLE_PARENT, ROLE_DOOR, FRAME_COUNTS, true},   {ROLE_MTA, ROLE_DOOR, FRAME_COUNTS, false},
        {ROLE_MTA, ROLE_KEEPER, FRAME_KEEP, true},      {ROLE_MTA, ROLE_RESOLVER, FRAME_ASK, false},    {ROLE_JUDGE, ROLE_MTA, FRAME_LISTEN, false},
        {ROLE_DOOR, ROLE_KEEPER, FRAME_VISIT, true},    {ROLE_KEEPER, ROLE_DOOR, FRAME_VISITED, true},  {ROLE_DOOR, ROLE_KEEPER, FRAME_VISITED, false},
        {ROLE_JUDGE, ROLE_KEEPER, FRAME_VISIT, false},  {ROLE_COURIER, ROLE_KEEPER, FRAME_VISIT, false}, {ROLE_DOOR, ROLE_SIGNER, FRAME_OPEN, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (role_may_send(rows[i].from, rows[i].to, rows[i].kind) != rows[i].may)
            fail_msg("row %zu", i);
}

/* The channel's receiver believes its own idea of who sends, not the sender's. */
static void a_frame_beyond_the_rights_breaks_the_channel(void **state)
{
    int ends[2];
    struct err err;
    struct frame frame;
    for (int kind = FRAME_REPORT; kind <= FRAME_FAILED; kind++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        struct channel *judge = channel_new(ends[0], FRAME_MOST), *other = channel_new(ends[1], FRAME_MOST);
        channel_between(other, ROLE_DOOR, ROLE_JUDGE);
        assert_int_equal(channel_send(judge, kind, 1, S("x"), -1, &err), 0);
        assert_int_equal(channel_receive(other, &frame, &err), CHANNEL_FRAME);
        channel_between(other, ROLE_RESOLVER, ROLE_JUDGE);
        assert_int_equal(channel_send(judge, kind, 1, S("x"), -1, &err), 0);
        assert_int_equal(channel_receive(other, &frame, &err), CHANNEL_BROKEN);
        assert_non_null(strstr(err.text, "the judge sent a frame"));
        channel_free(&judge);
        channel_free(&other);
    }
}

/* Who answers stands higher than who asks, and so no row of processes can wait for itself. */
static void nobody_answers_whom_he_asks(void **state)
{
    static const struct {
        enum role mine, theirs;
        bool answers;
    } rows[] = {
        {ROLE_JUDGE, ROLE_DOOR, true},    {ROLE_JUDGE, ROLE_MTA, true},      {ROLE_JUDGE, ROLE_SCAN, true},      {ROLE_KEEPER, ROLE_DOOR, true},
        {ROLE_KEEPER, ROLE_MTA, true},    {ROLE_SIGNER, ROLE_DOOR, true},    {ROLE_SIGNER, ROLE_KEEPER, true},   {ROLE_SIGNER, ROLE_JUDGE, true},
        {ROLE_RESOLVER, ROLE_JUDGE, true}, {ROLE_SCANNER, ROLE_JUDGE, true}, {ROLE_COURIER, ROLE_KEEPER, true},  {ROLE_CHECKPOINTER, ROLE_KEEPER, true},
        {ROLE_KEEPER, ROLE_PARENT, false}, {ROLE_PARENT, ROLE_KEEPER, false}, {ROLE_JUDGE, ROLE_PARENT, false},  {ROLE_TEMPLATE, ROLE_PARENT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (role_answers(rows[i].mine, rows[i].theirs) != rows[i].answers)
            fail_msg("the %s and the %s", role_name(rows[i].mine), role_name(rows[i].theirs));
    for (enum role a = 0; a < ROLE_COUNT; a++)
        for (enum role b = 0; b < ROLE_COUNT; b++)
            for (enum role c = 0; c < ROLE_COUNT; c++)
                if (role_answers(a, b) && role_answers(b, c))
                    assert_false(role_answers(c, a) || role_answers(c, b) || role_answers(b, a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_are_those_of_the_table),
        cmocka_unit_test(a_frame_beyond_the_rights_breaks_the_channel),
        cmocka_unit_test(nobody_answers_whom_he_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
