#include "verdict/judging.h"

/* Defects become evidence only where they can lead a reader astray; the faults of honest broken mailers stay facts. Of
 * addresses only the author's count: that is the one people go by. */

static struct span defect_words(const struct defect *defect)
{
    return defect->detail.len ? defect->detail : span_of(defect_name(defect->id));
}

static struct span where_offset(struct judging *at, const struct defect *defect)
{
    return defect->offset == SIZE_MAX ? S("message") : arena_print(at->arena, "byte %zu", defect->offset);
}

static bool defect_in_from(const struct judging *at, const struct defect *defect)
{
    for (size_t i = 0; i < at->from_count; i++)
        if (defect->offset >= at->from_at[i].begin && defect->offset < at->from_at[i].end)
            return true;
    return false;
}

static void from_fields_find(struct judging *at)
{
    vec_each(field, &at->message->fields) {
        if (field->id != FIELD_FROM || at->from_count == sizeof at->from_at / sizeof *at->from_at)
            continue;
        size_t begin = (size_t)(field->whole.at - at->message->raw.at);
        at->from_at[at->from_count].begin = begin;
        at->from_at[at->from_count++].end = begin + field->whole.len;
    }
}

/* ---- two From fields: only where they differ; a doubled one misleads nobody */
static void from_twice(struct judging *at, const struct defect *defect)
{
    const struct field *first = message_field(at->message, FIELD_FROM, 0);
    size_t count = 0;
    bool differ = false;
    for (const struct field *field = first; field; field = message_field(at->message, FIELD_FROM, count)) {
        differ |= !span_eq_case(field->value, first->value);
        if (++count == 20)
            break;
    }
    if (!differ)
        return;
    struct buf names = {.arena = at->arena, .max = 200};
    vec_each(mailbox, &at->message->from)
        buf_print(&names, "%s%.*s", names.len ? ", " : "", SPAN_FMT(mailbox->address));
    evidence_add(at, EVIDENCE_FROM_TWICE, S("From"), arena_print(at->arena, "%zu", count), buf_span(&names), S(""));
}

static void name_is_address(struct judging *at)
{
    at->names_read = true;
    vec_each(mailbox, &at->message->from) {
        const char *sign = mailbox->name.len ? memrchr(mailbox->name.at, '@', mailbox->name.len) : NULL;
        if (!sign)
            continue;
        struct span rest = span_from(sign + 1, mailbox->name.at + mailbox->name.len), domain = rest;
        for (domain.len = 0; domain.len < rest.len; domain.len++) {
            char c = rest.at[domain.len];
            if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '.')
                break;
        }
        if (!at->tables || !domain.len || same_organisation(at->tables, arena_lower(at->arena, domain), mailbox->domain_ascii))
            continue;
        evidence_add(at, EVIDENCE_FROM_NAME_ADDRESS, S("From"), mailbox->name, mailbox->address, S(""));
    }
}

/* Lists write their authors' addresses into the name. Where identity has not spoken their own field is believed. */
static bool is_written_by_list(const struct judging *at)
{
    return at->claim ? at->claim->mismatch.list_borne_out : message_field(at->message, FIELD_LIST_ID, 0) != NULL;
}

static void from_defect(struct judging *at, const struct defect *defect)
{
    if (!defect_in_from(at, defect))
        return;
    struct span words = defect_words(defect);
    switch (defect->id) {
    case DEFECT_ADDRESS_ENCODED_WORD:
        evidence_add(at, EVIDENCE_FROM_ENCODED, S("From"), words, S(""), S(""));
        break;
    case DEFECT_ADDRESS_IN_NAME:
        if (!at->names_read && !is_written_by_list(at))
            name_is_address(at);
        break;
    default:
        evidence_add(at, EVIDENCE_FROM_AMBIGUOUS, S("From"), words, S(""), S(""));
    }
}

/* ---- files whose names are of different kinds: "invoice.pdf" for one program, "invoice.exe" for another */
static struct span extension_of(struct span name)
{
    const char *dot = name.len ? memrchr(name.at, '.', name.len) : NULL;
    struct span extension = dot ? span_from(dot + 1, name.at + name.len) : (struct span){0};
    return extension.len && extension.len <= 8 ? extension : (struct span){0};
}

static void names_differ(struct judging *at, const struct defect *defect)
{
    vec_each(leaf, &at->message->leaves) {
        const struct part *part = *leaf;
        if (part->names.len < 2)
            continue;
        struct span first = part->names.at[0], kind = extension_of(first);
        vec_each(name, &part->names) {
            struct span other = extension_of(*name);
            if (kind.len && other.len && !span_eq_case(kind, other)) {
                evidence_add(at, EVIDENCE_NAMES_DIFFER, where_offset(at, defect), first, *name, S(""));
                return;
            }
        }
    }
}

/* ---- an author that nobody can ask about: no domain, one label, an address literal, empty labels */

/* Reports of delivery and what never came by SMTP are written by machines that have no better name. */
static bool is_of_a_machine(const struct judging *at)
{
    struct span sender;
    const struct part *root = at->message->root;
    bool report = root && span_eq(root->type, S("multipart")) && span_eq(root->subtype, S("report"));
    bool null_sender = sender_told(at->arrival, at->message, at->path, &sender) == SENDER_NULL;
    return !at->path->smtp || report || null_sender || at->path->client.scope == IP_PRIVATE ||
           at->path->client.scope == IP_LOOPBACK;
}

static bool domain_is_usable(struct span domain)
{
    return domain.len && span_find_byte(domain, '.');
}

static bool is_rest_of_name(const struct mailbox *first, const struct mailbox *behind)
{
    for (size_t i = 0; i < behind->name.len; i++)
        if (ascii_is_alpha(behind->name.at[i]) || (unsigned char)behind->name.at[i] >= 0x80)
            return !(first->raw.len && first->raw.at[0] == '"');
    return false;
}

/* What programs show first has no domain. "Smith, John <john@example.com>" without quotes is an old slip of honest programs: there the
 * rest of the name stands before the address. */
static void from_malformed(struct judging *at)
{
    const struct mailbox *first = NULL;
    vec_each(mailbox, &at->message->from) {
        bool usable = domain_is_usable(mailbox->domain_ascii);
        if (usable && (!first || is_rest_of_name(first, mailbox)))
            return;
        if (!usable && !first && (mailbox->address.len || at->message->from.len > 1))
            first = mailbox;
    }
    if (first && !judging_is_outbound(at) && !is_of_a_machine(at))
        evidence_add(at, EVIDENCE_FROM_MALFORMED, S("From"), first->address.len ? first->address : first->name, S(""), S(""));
}

static void defect_weigh(struct judging *at, const struct defect *defect)
{
    struct span where = where_offset(at, defect), words = defect_words(defect), none = S("");
    switch (defect->id) {
    case DEFECT_FROM_TWICE:
        from_twice(at, defect);
        break;
    case DEFECT_ADDRESS_ENCODED_WORD: case DEFECT_ADDRESS_IN_NAME: case DEFECT_ADDRESS_MANY_AT:
    case DEFECT_ADDRESS_TWO_ANGLES: case DEFECT_ADDRESS_CONTROL: case DEFECT_ADDRESS_ROUTE:
        from_defect(at, defect);
        break;
    case DEFECT_FROM_EMPTY:
        evidence_add(at, EVIDENCE_FROM_NONE, S("From"), none, none, none);
        break;
    case DEFECT_WORD_CONTROL:
        evidence_add(at, EVIDENCE_WORD_CONTROL, where, words, none, none);
        break;
    case DEFECT_TEXT_BIDI:
        evidence_add(at, EVIDENCE_TEXT_BIDI, where, words, none, none);
        break;
    case DEFECT_HEADER_NUL:
        evidence_add(at, EVIDENCE_HEADER_NUL, where, none, none, none);
        break;
    case DEFECT_HEADER_BARE_CR:
        evidence_add(at, EVIDENCE_HEADER_BARE_CR, where, words, none, none);
        break;
    case DEFECT_BOUNDARY_TWICE:
        evidence_add(at, EVIDENCE_BOUNDARY_TWICE, where, words, none, none);
        break;
    case DEFECT_CONTENT_TYPE_TWICE: case DEFECT_ENCODING_TWICE: case DEFECT_BOUNDARY_AS_OUTER:
        evidence_add(at, EVIDENCE_STRUCTURE_TWICE, where, words, none, none);
        break;
    case DEFECT_PREAMBLE_PART: case DEFECT_EPILOGUE_PART:
        evidence_add(at, EVIDENCE_HIDDEN_PART, where, none, none, none);
        break;
    case DEFECT_NAMES_DIFFER:
        names_differ(at, defect);
        break;
    case DEFECT_MESSAGE_PARTIAL: case DEFECT_MESSAGE_EXTERNAL:
        evidence_add(at, EVIDENCE_BODY_ELSEWHERE, where, words, none, none);
        break;
    case DEFECT_FIELDS_LIMIT: case DEFECT_PARTS_LIMIT: case DEFECT_DEPTH_LIMIT: case DEFECT_READINGS_LIMIT:
    case DEFECT_DECODED_LIMIT: case DEFECT_HEADER_LIMIT: case DEFECT_PARAMETERS_LIMIT: case DEFECT_MESSAGE_LIMIT:
        evidence_add(at, EVIDENCE_NOT_WHOLLY_READ, where, words, none, none);
        break;
    default:
        break;
    }
}

void evidence_of_defects(struct judging *at)
{
    from_fields_find(at);
    vec_each(defect, &at->message->defects)
        defect_weigh(at, defect);
    from_malformed(at);
}
