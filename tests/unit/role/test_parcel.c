#include "exact.h"
#include "role/carried.h"
#include "role/inner.h"
#include "seal/seal.h"

static struct scan_job job_example(struct arena *arena)
{
    struct scan_job job = {.fd = -1, .offset = 17, .length = 1u << 31, .mbox = true};
    job.arrival = (struct arrival){.source = S("box#3"), .client_name = S("mx.example.net"), .helo = S("helo"), .mail_from = S("a@b"),
                                   .mail_from_state = SENDER_GIVEN, .mail_params = S("SIZE=3"), .login = S("l"),
                                   .tls = {S("TLSv1.3"), S("CN=x"), true}, .listener = S("25"), .direction = DIRECTION_OUTBOUND,
                                   .queue_id = S("Q"), .received_at = -5};
    assert_true(ip_parse(S("2001:db8::1"), &job.arrival.client_ip));
    *vec_push(arena, &job.arrival.rcpt_to) = (struct recipient){S("c@d"), S("NOTIFY=NEVER"), S("org")};
    *vec_push(arena, &job.arrival.rcpt_to) = (struct recipient){S("e@f"), {0}, {0}};
    return job;
}

static void a_job_comes_out_as_it_went_in(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct scan_job in = job_example(arena), out;
    struct buf bytes = {.arena = arena}, again = {.arena = arena};
    job_pack(&bytes, &in);
    struct span exact_copy = exact_bytes(bytes.at, bytes.len);
    assert_int_equal(job_unpack(arena, exact_copy, &out), 0);
    job_pack(&again, &out);
    assert_true(span_eq(buf_span(&bytes), buf_span(&again)));
    assert_span(out.arrival.rcpt_to.at[0].params, "NOTIFY=NEVER");
    assert_int_equal(out.arrival.received_at, -5);
    assert_int_equal(out.arrival.mail_from_state, SENDER_GIVEN);
    assert_true(out.arrival.tls.cert_verified && out.mbox && out.length == 1u << 31);
    free((char *)exact_copy.at);
    arena_free(&arena);
}

/* The bytes of a small message follow behind it; not one more, not one less. */
static void raw_lies_behind_its_job(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct scan_job in = job_example(arena), out;
    in.arrival.raw = S("From: a");
    struct buf bytes = {.arena = arena};
    job_pack(&bytes, &in);
    assert_int_equal(job_unpack(arena, buf_span(&bytes), &out), -1);
    buf_add(&bytes, S("From: a"));
    assert_int_equal(job_unpack(arena, buf_span(&bytes), &out), 0);
    assert_span(out.arrival.raw, "From: a");
    buf_byte(&bytes, 'b');
    assert_int_equal(job_unpack(arena, buf_span(&bytes), &out), -1);
    in.fd = 0; /* it travels as a descriptor */
    bytes.len = 0;
    job_pack(&bytes, &in);
    assert_int_equal(job_unpack(arena, buf_span(&bytes), &out), 0);
    assert_int_equal(out.arrival.raw.len, 0);
    arena_free(&arena);
}

/* Every shorter frame and every frame with one byte more is refused; none is read beyond its end. */
static void cut_jobs_are_refused(void **state)
{
    struct arena *arena = arena_new(1 << 24);
    struct scan_job in = job_example(arena), out;
    struct buf bytes = {.arena = arena};
    job_pack(&bytes, &in);
    for (size_t len = 0; len <= bytes.len + 1; len++) {
        if (len == bytes.len)
            continue;
        struct span cut = exact_bytes(len > bytes.len ? "" : bytes.at, len > bytes.len ? 0 : len);
        struct buf longer = {.arena = arena};
        buf_add(&longer, buf_span(&bytes));
        buf_byte(&longer, 0);
        assert_int_equal(job_unpack(arena, len > bytes.len ? buf_span(&longer) : cut, &out), -1);
        free((char *)cut.at);
    }
    arena_free(&arena);
}

static void lengths_are_not_believed(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct scan_job out;
    struct scan_result result;
    struct dns_answer answer;
    uint64_t huge[4] = {UINT64_MAX, UINT64_MAX - 7, 1, UINT64_MAX};
    struct span bytes = {(const char *)huge, sizeof huge}, rest = bytes;
    assert_int_equal(job_unpack(arena, bytes, &out), -1);
    assert_int_equal(result_unpack(bytes, &result), -1);
    assert_false(answer_unpack(arena, &rest, &answer));
    arena_free(&arena);
}

static void answers_come_out_as_they_went_in(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct dns_answer first = {.ask = {S("example.com"), DNS_TXT}, .status = DNS_FOUND, .secure = true, .ttl = 300, .why = S("")};
    struct dns_answer second = {.ask = {S("example.net"), DNS_A}, .status = DNS_TIMED_OUT, .why = S("late")}, out;
    *vec_push(arena, &first.data) = S("v=spf1 -all");
    *vec_push(arena, &first.data) = S("");
    struct buf bytes = {.arena = arena};
    answer_pack(&bytes, &first);
    answer_pack(&bytes, &second);
    struct span rest = buf_span(&bytes);
    assert_true(answer_unpack(arena, &rest, &out));
    assert_span(out.ask.name, "example.com");
    assert_true(out.secure && out.ttl == 300 && out.data.len == 2);
    assert_span(out.data.at[0], "v=spf1 -all");
    assert_true(answer_unpack(arena, &rest, &out));
    assert_int_equal(out.status, DNS_TIMED_OUT);
    assert_span(out.why, "late");
    assert_false(answer_unpack(arena, &rest, &out));
    arena_free(&arena);
}

static void asks_and_results_come_out_as_they_went_in(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct dns_ask asks[] = {{S("a.example"), DNS_MX}, {S("b.example"), DNS_PTR}}, ask;
    struct buf bytes = {.arena = arena};
    struct ip client = {.family = IP_V4, .bytes = {192, 0, 2, 1}}, got;
    asks_pack(&bytes, &client, asks, 2);
    struct span rest = buf_span(&bytes);
    assert_true(asks_unpack(&rest, &got) && ip_eq(&got, &client));
    assert_true(ask_unpack(&rest, &ask) && ask.type == DNS_MX);
    assert_true(ask_unpack(&rest, &ask) && ask.type == DNS_PTR);
    assert_span(ask.name, "b.example");
    assert_false(ask_unpack(&rest, &ask));
    struct scan_result in = {.output = S("out\n"), .verdict = VERDICT_MALICIOUS, .facts = RESULT_LEAVE_UNKNOWN, .borne = 5, .believed = 4, .evidence = S("a b"), .error = S("")}, result;
    struct buf packed = {.arena = arena};
    result_pack(&packed, &in);
    assert_int_equal(result_unpack(buf_span(&packed), &result), 0);
    assert_span(result.output, "out\n");
    assert_span(result.evidence, "a b");
    assert_int_equal(result.verdict, VERDICT_MALICIOUS);
    assert_int_equal(result.facts, RESULT_LEAVE_UNKNOWN);
    assert_true(result.borne == 5 && result.believed == 4);
    arena_free(&arena);
}

static void scans_come_out_as_they_went_in(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct buf bytes = {.arena = arena}, said = {.arena = arena};
    struct clamd_answer answer = {.word = CLAMD_FOUND, .name = S("Test.Virus")}, got;
    uint64_t offset, length;
    scan_pack(&bytes, 7, 1234);
    assert_int_equal(scan_unpack(buf_span(&bytes), &offset, &length), 0);
    assert_true(offset == 7 && length == 1234);
    assert_int_equal(scan_unpack(span_first(buf_span(&bytes), 15), &offset, &length), -1);
    scanned_pack(&said, &answer);
    assert_int_equal(scanned_unpack(buf_span(&said), &got), 0);
    assert_int_equal(got.word, CLAMD_FOUND);
    assert_span(got.name, "Test.Virus");
    memset(said.at, 0xff, 8); /* no such word */
    assert_int_equal(scanned_unpack(buf_span(&said), &got), -1);
    arena_free(&arena);
}

/* ---- what witnesses did, over several messages */
static unsigned complaints;

static void on_complaint(void *context, struct span complaint)
{
    complaints++;
    assert_true(span_find(complaint, S("shut.example")) || span_find(complaint, S("clamd")));
}

static void a_fault_is_told_once(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct testimony testimony = {.scanned = true, .scanner = {.word = CLAMD_AWAY, .why = S("Connection refused")}};
    struct witness_tally *tally = calloc(1, sizeof *tally);
    static const struct listing rows[] = {
        {.zone = S("list.example"), .asks = LIST_LINKS, .state = LISTING_FOUND, .subject = S("a.example"), .answers = S("127.0.0.2")},
        {.zone = S("list.example"), .asks = LIST_LINKS, .state = LISTING_SILENT, .subject = S("b.example")},
        {.zone = S("list.example"), .asks = LIST_CLIENT, .state = LISTING_NOTHING},
        {.zone = S("shut.example"), .asks = LIST_CLIENT, .state = LISTING_REFUSED, .subject = S("192.0.2.1"), .answers = S("127.255.255.254")}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        *vec_push(arena, &testimony.listings) = rows[i];
    struct span heard = heard_of(arena, &testimony);
    complaints = 0;
    for (int i = 0; i < 3; i++)
        witness_tally_add(tally, heard, on_complaint, NULL);
    assert_int_equal(complaints, 2); /* the list's, and the scanner's */
    assert_int_equal(tally->count, 4);
    const uint64_t want[4][WITNESS_NUMBERS] = {{6, 3, 3, 3, 0, 0}, {0}, {3, 0, 0, 0, 0, 3}, {3, 0, 0, 0, 0, 3}};
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(tally->rows[i].numbers, want[i], sizeof want[i]);
    assert_string_equal(tally->rows[3].name, "clamd");
    assert_string_equal(witness_number_name(3), "timed_out");
    free(tally);
    arena_free(&arena);
}

static void what_could_be_no_label_is_not_counted(void **state)
{
    static const struct span names[] = {S("list.example"), S("a\"} 1\nsekimori_records 7\n#"), S("a\\"), S(""), S("1-2_3.example")};
    struct arena *arena = arena_new(1 << 20);
    struct witness_tally *tally = calloc(1, sizeof *tally);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf bytes = {.arena = arena}, other = {.arena = arena};
        heard_pack(&bytes, &(struct heard){.name = names[i], .about = S("client"), .asked = 1});
        heard_pack(&other, &(struct heard){.name = S("list.example"), .about = names[i], .asked = 1});
        witness_tally_add(tally, buf_span(&bytes), on_complaint, NULL);
        if (i == 1)
            witness_tally_add(tally, buf_span(&other), on_complaint, NULL);
    }
    assert_int_equal(tally->count, 2);
    assert_string_equal(tally->rows[1].name, "1-2_3.example");
    free(tally);
    arena_free(&arena);
}

/* A measure is written once for each recipient. */
static void a_measure_is_as_long_as_one_or_empty(void **state)
{
    static const char bytes[SEAL_MEASURE_BYTES + 1];
    static const struct {
        size_t len;
        int read;
    } rows[] = {{0, 0}, {SEAL_MEASURE_BYTES, 0}, {1, -1}, {SEAL_MEASURE_BYTES - 1, -1}, {SEAL_MEASURE_BYTES + 1, -1}};
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keep_copy copy = {0};
        struct carried_copy other = {0};
        struct carried_wait wait = {0};
        struct keep_row row = {.copies = {.at = &copy, .len = 1}}, row_out;
        struct carried carried = {.copies = {.at = &other, .len = 1}, .waits = {.at = &wait, .len = 1}}, carried_out;
        struct span *const in_row[] = {&row.measure, &copy.measure, &copy.agreed_measure};
        struct span *const in_carried[] = {&carried.measure, &other.measure, &wait.declined_measure, &wait.agreed_measure};
        for (size_t j = 0; j < sizeof in_row / sizeof *in_row; j++) {
            struct buf out = {.arena = arena};
            *in_row[j] = (struct span){bytes, rows[i].len};
            keep_row_pack(&out, &row);
            assert_int_equal(keep_row_unpack(arena, buf_span(&out), &row_out), rows[i].read);
            *in_row[j] = S("");
        }
        for (size_t j = 0; j < sizeof in_carried / sizeof *in_carried; j++) {
            struct buf out = {.arena = arena};
            *in_carried[j] = (struct span){bytes, rows[i].len};
            carried_pack(&carried, &out);
            assert_int_equal(carried_unpack(arena, buf_span(&out), &carried_out), rows[i].read);
            *in_carried[j] = S("");
        }
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_comes_out_as_it_went_in),
        cmocka_unit_test(raw_lies_behind_its_job), cmocka_unit_test(cut_jobs_are_refused),
        cmocka_unit_test(lengths_are_not_believed),
        cmocka_unit_test(answers_come_out_as_they_went_in),
        cmocka_unit_test(asks_and_results_come_out_as_they_went_in),
        cmocka_unit_test(scans_come_out_as_they_went_in),
        cmocka_unit_test(a_fault_is_told_once),
        cmocka_unit_test(what_could_be_no_label_is_not_counted),
        cmocka_unit_test(a_measure_is_as_long_as_one_or_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
