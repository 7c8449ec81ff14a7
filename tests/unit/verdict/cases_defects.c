#include "world.h"

enum { IN_FROM = 8, IN_BODY = 50 };

static void from_twice(struct world *w)
{
    w->fields[10] = w->fields[11];
    w->fields[10].value = S("Eve <eve@evil.example>");
    w->from[1] = (struct mailbox){.address = S("eve@evil.example"), .domain_ascii = S("evil.example")};
    w->message.from.len = 2;
    defect_put(w, DEFECT_FROM_TWICE, IN_FROM, "");
}
static void from_doubled_by_a_broken_program(struct world *w)
{
    w->fields[10] = w->fields[11];
    defect_put(w, DEFECT_FROM_TWICE, IN_FROM, "");
}
static void two_at_in_from(struct world *w)
{
    defect_put(w, DEFECT_ADDRESS_MANY_AT, IN_FROM, "anna@brand.example@evil.example");
}
static void two_at_elsewhere(struct world *w)
{
    defect_put(w, DEFECT_ADDRESS_MANY_AT, IN_BODY, "anna@brand.example@evil.example");
}
static void encoded_from(struct world *w)
{
    defect_put(w, DEFECT_ADDRESS_ENCODED_WORD, IN_FROM, "=?utf-8?q?anna=40brand.example?=");
}
static void encoded_elsewhere(struct world *w)
{
    defect_put(w, DEFECT_ADDRESS_ENCODED_WORD, IN_BODY, "=?utf-8?q?anna=40brand.example?=");
}
static void name_of_another(struct world *w)
{
    w->from[0].name = S("service@bank.example.com");
    defect_put(w, DEFECT_ADDRESS_IN_NAME, IN_FROM, "service@bank.example.com");
}
static void name_of_a_colleague(struct world *w)
{
    w->from[0].name = S("service@mail.brand.example");
    defect_put(w, DEFECT_ADDRESS_IN_NAME, IN_FROM, "service@mail.brand.example");
}
static void name_on_a_list(struct world *w)
{
    name_of_another(w);
    w->fields[10].id = FIELD_LIST_ID;
    w->claim.mismatch.list_borne_out = true;
}
/* Its field alone is what anybody writes. */
static void name_on_a_list_told(struct world *w)
{
    name_on_a_list(w);
    w->claim.mismatch.list_borne_out = false;
}
static void from_empty(struct world *w)
{
    w->message.from.len = 0;
    defect_put(w, DEFECT_FROM_EMPTY, IN_FROM, "");
}
static void date_missing(struct world *w)
{
    defect_put(w, DEFECT_DATE_MISSING, SIZE_MAX, "");
    defect_put(w, DEFECT_MESSAGE_ID_MISSING, SIZE_MAX, "");
    defect_put(w, DEFECT_TO_TWICE, IN_BODY, "");
}
static void word_control(struct world *w)
{
    defect_put(w, DEFECT_WORD_CONTROL, IN_FROM, "line end");
}
static void word_bad(struct world *w)
{
    defect_put(w, DEFECT_WORD_BAD, IN_FROM, "=?x?");
}
static void bidi(struct world *w)
{
    defect_put(w, DEFECT_TEXT_BIDI, IN_FROM, "U+202E");
}
static void eight_bit(struct world *w)
{
    defect_put(w, DEFECT_HEADER_8BIT, IN_FROM, "");
}
static void header_nul(struct world *w)
{
    defect_put(w, DEFECT_HEADER_NUL, IN_FROM, "");
}
static void body_nul(struct world *w)
{
    defect_put(w, DEFECT_BODY_NUL, IN_BODY, "");
}
static void boundary_twice(struct world *w)
{
    defect_put(w, DEFECT_BOUNDARY_TWICE, IN_FROM, "a, b");
}
static void boundary_faults(struct world *w)
{
    defect_put(w, DEFECT_BOUNDARY_UNCLOSED, IN_BODY, "");
    defect_put(w, DEFECT_BOUNDARY_ABSENT, IN_BODY, "");
    defect_put(w, DEFECT_BOUNDARY_PREFIX, IN_BODY, "");
}
static void encoding_twice(struct world *w)
{
    defect_put(w, DEFECT_ENCODING_TWICE, IN_FROM, "base64, 8bit");
}
static void encoding_faults(struct world *w)
{
    defect_put(w, DEFECT_ENCODING_CONTAINER, IN_FROM, "");
    defect_put(w, DEFECT_BASE64_PADDING, IN_BODY, "");
    defect_put(w, DEFECT_QUOTED_PRINTABLE_BAD, IN_BODY, "");
}
static void epilogue_part(struct world *w)
{
    defect_put(w, DEFECT_EPILOGUE_PART, IN_BODY, "");
}
static void attachment(struct world *w, const char *second)
{
    w->root.attachment = true;
    w->leaves[0] = &w->root;
    w->message.leaves.at = w->leaves;
    w->message.leaves.len = 1;
    *vec_push(w->arena, &w->root.names) = S("invoice.pdf");
    *vec_push(w->arena, &w->root.names) = span_of(second);
    defect_put(w, DEFECT_NAMES_DIFFER, IN_BODY, "");
}
static void names_of_two_kinds(struct world *w)
{
    attachment(w, "invoice.exe");
}
static void names_of_one_kind(struct world *w)
{
    attachment(w, "Rechnung.PDF");
}
static void external_body(struct world *w)
{
    defect_put(w, DEFECT_MESSAGE_EXTERNAL, IN_FROM, "access-type=url");
}
static void winmail(struct world *w)
{
    defect_put(w, DEFECT_TNEF, IN_BODY, "");
}
static void cut_at_the_size_limit(struct world *w)
{
    defect_put(w, DEFECT_MESSAGE_LIMIT, IN_BODY, "");
}
static void nested_too_deep(struct world *w)
{
    defect_put(w, DEFECT_DEPTH_LIMIT, IN_BODY, "");
}
static void many_links(struct world *w)
{
    defect_put(w, DEFECT_LINKS_LIMIT, IN_BODY, "");
    defect_put(w, DEFECT_ADDRESSES_LIMIT, IN_BODY, "");
}

/* ---- authors without a domain that can be asked about */
static void author(struct world *w, const char *address, const char *ascii)
{
    w->from[0].address = span_of(address);
    w->from[0].domain_ascii = span_of(ascii);
}
static void author_without_dot(struct world *w)
{
    author(w, "support@paypal", "paypal");
}
static void author_at_two_dots(struct world *w)
{
    author(w, "support@paypal..com", "");
}
static void author_at_a_literal(struct world *w)
{
    author(w, "support@[192.0.2.1]", "");
}
static void author_without_domain(struct world *w)
{
    author(w, "support", "");
}
static void one_author_of_two(struct world *w) /* a comma in a name that nobody quoted */
{
    author_without_domain(w);
    w->from[1] = (struct mailbox){.name = S("Anna"), .address = S("anna@brand.example"), .domain_ascii = S("brand.example")};
    w->message.from.len = 2;
}
static void bare_address_behind(struct world *w) /* programs show the first, which nobody can ask about */
{
    one_author_of_two(w);
    w->from[1].name = S("");
}
static void quoted_name_and_address(struct world *w) /* no slip: the comma stands behind the quotes */
{
    one_author_of_two(w);
    w->from[0].raw = S("\"Account team\"");
}
static void report_of_a_server(struct world *w)
{
    author_without_dot(w);
    w->root.type = S("multipart");
    w->root.subtype = S("report");
    w->message.root = &w->root;
}
static void null_sender(struct world *w)
{
    author_without_dot(w);
    w->arrival.mail_from_state = SENDER_NULL;
}
static void return_path(struct world *w, size_t field)
{
    author_without_dot(w);
    w->arrival.mail_from_state = SENDER_UNKNOWN;
    w->fields[field].id = FIELD_RETURN_PATH;
    w->fields[field].value = S("<>");
}
static void null_return_path(struct world *w) /* above the edge's Received */
{
    return_path(w, 0);
}
static void null_return_path_of_the_sender(struct world *w) /* below it */
{
    return_path(w, 10);
    w->fields[10].whole.at++;
}
static void author_leaving(struct world *w)
{
    author_without_dot(w);
    w->arrival.direction = DIRECTION_OUTBOUND;
}
static void not_by_smtp(struct world *w)
{
    author_without_dot(w);
    w->path.smtp = false;
}
static void device_in_the_house(struct world *w)
{
    author_at_a_literal(w);
    w->path.client.scope = IP_PRIVATE;
}
static void author_nowhere(struct world *w)
{
    author(w, "", "");
}

static void field_behind_cr(struct world *w)
{
    defect_put(w, DEFECT_HEADER_BARE_CR, IN_FROM, "From: ceo@bank.example");
}
static void stray_cr(struct world *w) /* and no field behind it */
{
    defect_put(w, DEFECT_LINES_CR, IN_FROM, "");
    defect_put(w, DEFECT_LINES_MIXED, SIZE_MAX, "");
}

const struct evidence_case defect_cases[] = {
    {"from-malformed", "one of two", author_without_dot, one_author_of_two},
    {"from-malformed", "a quoted first", quoted_name_and_address, one_author_of_two},
    {"from-malformed", "the first of two", bare_address_behind, one_author_of_two},
    {"from-malformed", "report", author_at_two_dots, report_of_a_server},
    {"from-malformed", "null sender", author_at_a_literal, null_sender},
    {"from-malformed", "null Return-Path", null_return_path_of_the_sender, null_return_path},
    {"from-malformed", "not by SMTP", author_without_dot, not_by_smtp},
    {"from-malformed", "in the house", author_at_a_literal, device_in_the_house},
    {"from-malformed", "leaving", author_without_dot, author_leaving},
    {"from-malformed", "nothing written", author_without_domain, author_nowhere},
    {"from-malformed", "honest", author_without_dot, honest},
    {"bare-cr-field", "other stray ones", field_behind_cr, stray_cr},
    {"from-twice", "doubled", from_twice, from_doubled_by_a_broken_program},
    {"from-ambiguous", "elsewhere", two_at_in_from, two_at_elsewhere},
    {"from-encoded-address", "elsewhere", encoded_from, encoded_elsewhere},
    {"from-name-is-address", "own organisation", name_of_another, name_of_a_colleague},
    {"from-name-is-address", "list", name_of_another, name_on_a_list},
    {"from-name-is-address", "list by its own word", name_on_a_list_told, name_on_a_list},
    {"from-unreadable", "cut down", from_empty, date_missing},
    {"hidden-line-end", "broken word", word_control, word_bad},
    {"turned-text", "8-bit", bidi, eight_bit},
    {"nul-in-header", "nul in the body", header_nul, body_nul},
    {"boundary-twice", "faults", boundary_twice, boundary_faults},
    {"structure-twice", "faults", encoding_twice, encoding_faults},
    {"hidden-part", "not closed", epilogue_part, boundary_faults},
    {"attachment-two-kinds", "same kind", names_of_two_kinds, names_of_one_kind},
    {"body-elsewhere", "winmail", external_body, winmail},
    {"not-wholly-read", "many links", nested_too_deep, many_links},
    {"not-wholly-read", "many links", cut_at_the_size_limit, many_links},
    {0},
};
