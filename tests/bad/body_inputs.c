/* Bad inputs 15 to 24, 27 and 28 of the list: MIME, sizes and containers; and the pieces that all makers share. */
#include "bad.h"

void bad_envelope(struct bad_world *world, const char *client, const char *mail_from)
{
    ip_parse(span_of(client), &world->arrival.client_ip);
    world->arrival.helo = S("attack.example");
    world->arrival.mail_from = span_of(mail_from);
    world->arrival.mail_from_state = SENDER_GIVEN;
    vec_push(world->arena, &world->arrival.rcpt_to)->address = S("reader@example.org");
}

void bad_header(struct bad_world *world)
{
    buf_add(&world->mail, S("From: Someone <someone@example.com>\r\nTo: reader@example.org\r\nSubject: hello\r\n"
                            "Date: Sat, 31 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"));
}

void bad_repeat(struct buf *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_add(out, span_of(text));
}

bool bad_has_defect(const struct walk *walk, const char *name)
{
    vec_each(defect, &walk->message.defects)
        if (strcmp(defect_name(defect->id), name) == 0)
            return true;
    return false;
}

/* EICAR's test file is what every scanner knows; here a mark of our own does. */
static bool mark_is_seen(const struct walk *walk)
{
    vec_each(leaf, &walk->message.leaves)
        if (span_find((*leaf)->decoded, S("THE-MARK-THAT-MUST-BE-SEEN")))
            return true;
    return false;
}

static bool readings_are_bounded(const struct walk *walk)
{
    return walk->message.part_count <= 1000 && walk->message.decoded_bytes <= 4 * walk->message.raw.len + 65536;
}

static bool size_is_told(const struct walk *walk)
{
    return walk->message.defects.len > 0;
}

static void multipart(struct bad_world *world, const char *subtype)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_print(&world->mail, "Content-Type: multipart/%s; boundary=\"b\"\r\n\r\n", subtype);
}

static void make_nul_in_quotes(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("Content-Disposition: attachment; filename=\"a\0b.exe\\\0\"\r\n"));
    buf_add(&world->mail, S("Cc: \"a\0b\\\0c\" <x@y.example>\r\n\r\nbody\r\n"));
}

static void make_many_parts(struct bad_world *world, size_t size)
{
    multipart(world, "mixed");
    bad_repeat(&world->mail, "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", size / 2);
    for (size_t i = 0; i < size / 2; i++)
        buf_print(&world->mail, "--b\r\nContent-Type: multipart/mixed; boundary=b%zu\r\n\r\n--b%zu\r\n", i, i);
}

static void make_deep_parts(struct bad_world *world, size_t size)
{
    multipart(world, "mixed");
    buf_add(&world->mail, S("--b\r\n"));
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "Content-Type: multipart/mixed; boundary=\"b%zu\"\r\n\r\n--b%zu\r\n", i, i);
    buf_add(&world->mail, S("\r\nTHE-MARK-THAT-MUST-BE-SEEN\r\n"));
}

static void make_digest(struct bad_world *world, size_t size)
{
    multipart(world, "digest");
    bad_repeat(&world->mail, "--b\r\n\r\nSubject: inner\r\n\r\nx\r\n", size);
    buf_add(&world->mail, S("--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n"));
}

static void make_nested_messages(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    bad_repeat(&world->mail, "Content-Type: message/rfc822\r\n\r\n", size);
    buf_add(&world->mail, S("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n--b\r\n"));
}

static void make_many_addresses(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Cc: "));
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "<a%zu@example.org>,", i);
    buf_add(&world->mail, S("\r\nReply-To: "));
    bad_repeat(&world->mail, "a:", size);
    buf_add(&world->mail, S("\r\n\r\nbody\r\n"));
}

static void make_large_header(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "X-Field-%zu: value\r\n\tfolded\r\n", i);
    bad_header(world);
    buf_add(&world->mail, S("X-Long: "));
    bad_repeat(&world->mail, "0123456789", size);
    buf_add(&world->mail, S("\r\n\r\nbody\r\n"));
}

static void make_two_boundaries(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Content-Type: multipart/mixed; boundary=one; boundary=two; boundary*=us-ascii''three\r\n\r\n"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("--one\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--two\r\nContent-Type: text/html\r\n\r\n"
                                "<b>second</b>\r\n--three\r\n\r\nthird\r\n"));
    buf_add(&world->mail, S("--two\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                            "VEhFLU1BUktTLVRIQVQ=\r\n\r\n--two\r\n\r\nTHE-MARK-THAT-MUST-BE-SEEN\r\n--two--\r\n--one--\r\n"));
}

static void make_continued_names(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Content-Disposition: attachment"));
    for (size_t i = size; i > 0; i--)
        buf_print(&world->mail, ";\r\n filename*%zu*=%%41", i);
    buf_add(&world->mail, S(";\r\n filename*0*=utf-8''x; filename*99999999999999999999=y; filename*=zz''; filename=\"\r\n\r\nbody\r\n"));
}

static void make_slow_parts(struct bad_world *world, size_t size)
{
    multipart(world, "mixed");
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("--b \t--b--b\r\n-- b\r\n--b-\r\n----b\r\n--bb\r\n--\r\n- -b\r\n"));
    buf_add(&world->mail, S("Content-Type: text/html\r\n\r\n"));
    bad_repeat(&world->mail, "<a <b \"'", size);
}

static void make_containers(struct bad_world *world, size_t size)
{
    static const struct span magics[] = {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\xff\xff\xff\xff"), BYTES("%PDF-1.7\n1 0 obj<</Length 99999999>>"),
                                         BYTES("PK\x03\x04\xff\xff\xff\xff"), BYTES("\x60\xea\xff\xff"), BYTES("EGGA\xff\xff"), BYTES("H+\x00\x04")};
    multipart(world, "mixed");
    for (size_t i = 0; i < size; i++) {
        buf_print(&world->mail, "--b\r\nContent-Type: application/octet-stream; name=a%zu.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n", i);
        buf_add(&world->mail, magics[i % 6]);
        bad_repeat(&world->mail, "\xff\xff\xff\xff\x7f\x00", 8);
    }
}

static void make_over_size(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "someone@example.com");
    bad_header(world);
    buf_add(&world->mail, S("Content-Type: text/plain\r\n\r\n"));
    while (world->mail.len < size * 1024 * 1024)
        buf_add(&world->mail, S("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"));
}

/* The mark behind a boundary at every offset of a vector register. */
static void make_boundary_offsets(struct bad_world *world, size_t size)
{
    multipart(world, "mixed");
    for (size_t i = 0; i < size; i++) {
        buf_add(&world->mail, S("--b\r\n\r\n"));
        bad_repeat(&world->mail, "-", i % 67);
        buf_add(&world->mail, S("\r\n"));
    }
    buf_add(&world->mail, S("--b\r\n\r\nTHE-MARK-THAT-MUST-BE-SEEN\r\n--b--\r\n"));
}

static bool nuls_are_told(const struct walk *walk)
{
    return bad_has_defect(walk, "nul-in-header") && bad_has_defect(walk, "nul-in-body");
}

static bool addresses_are_cut(const struct walk *walk)
{
    return bad_has_defect(walk, "too-many-addresses") && walk->report.verdict != VERDICT_CLEAN;
}

static bool names_are_told(const struct walk *walk)
{
    return bad_has_defect(walk, "bad-continued-parameter") && bad_has_defect(walk, "too-many-parameters");
}

static bool over_size_is_told(const struct walk *walk)
{
    bool over = walk->arrival.raw.len > walk->settings->message.message_bytes;
    return bad_has_defect(walk, "message-too-large") == over && (!over || walk->report.verdict != VERDICT_CLEAN);
}

const struct bad_input bad_body_inputs[] = {
    {15, "NUL inside a quoted string", make_nul_in_quotes, 500, nuls_are_told, "both NULs must be told"},
    {16, "thousands of parts", make_many_parts, 8000, readings_are_bounded, "parts and readings must be bounded"},
    {16, "deep nesting", make_deep_parts, 5000, mark_is_seen, "what lies too deep must still be read as bytes"},
    {17, "digest with ten thousand messages", make_digest, 10000, readings_are_bounded, "parts and readings must be bounded"},
    {18, "messages within messages", make_nested_messages, 5000, readings_are_bounded, "parts and readings must be bounded"},
    {19, "hundred thousand addresses", make_many_addresses, 50000, addresses_are_cut, "the limit must be told and not pass as clean"},
    {20, "very large header block", make_large_header, 20000, size_is_told, "the limit must be told as a defect"},
    {21, "conflicting boundary parameters", make_two_boundaries, 100, mark_is_seen, "the part behind the second boundary must be read"},
    {22, "RFC 2231 names out of order", make_continued_names, 2000, names_are_told, "the odd names must be told"},
    {23, "parts made to be slow", make_slow_parts, 10000, readings_are_bounded, "parts and readings must be bounded"},
    {24, "container bombs", make_containers, 2000, readings_are_bounded, "parts and readings must be bounded"},
    {27, "a message over the size limit", make_over_size, 18, over_size_is_told, "the limit must be told and not pass as clean"},
    {28, "boundaries at every offset", make_boundary_offsets, 200, mark_is_seen, "the last part must be read"},
};
const size_t bad_body_input_count = sizeof bad_body_inputs / sizeof *bad_body_inputs;
