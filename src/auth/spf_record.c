#include "auth/spf.h"

#include <arpa/inet.h>

static const struct {
    const char *name;
    enum spf_kind kind;
    bool takes_domain, needs_domain, takes_length;
} mechanisms[] = {
    {"all", SPF_ALL, false, false, false}, {"include", SPF_INCLUDE, true, true, false},
    {"a", SPF_A, true, false, true},       {"mx", SPF_MX, true, false, true},
    {"ptr", SPF_PTR, true, false, false},  {"exists", SPF_EXISTS, true, true, false},
};

static bool is_visible(char c)
{
    return c > ' ' && c < 127;
}

static bool alphanumeric(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool spf_version_is(struct span text)
{
    return span_starts_case(text, S("v=spf1")) && (text.len == 6 || text.at[6] == ' ');
}

/* ---- macro syntax */
static bool is_delimiter(char c)
{
    return c == '.' || c == '-' || c == '+' || c == ',' || c == '/' || c == '_' || c == '=';
}

/* Bytes of the macro-expand that begins text, 0 where none does. */
static size_t macro_len(struct span text, bool explanation)
{
    if (text.len < 2)
        return 0;
    if (text.at[1] == '%' || text.at[1] == '_' || text.at[1] == '-')
        return 2;
    if (text.at[1] != '{' || text.len < 4)
        return 0;
    char letter = ascii_lower(text.at[2]);
    if (!strchr(explanation ? "slodipvhcrt" : "slodipvh", letter) || letter == '\0')
        return 0;
    size_t i = 3, digits = 0;
    bool nonzero = false;
    for (; i < text.len && ascii_is_digit(text.at[i]); i++, digits++)
        nonzero = nonzero || text.at[i] != '0';
    if (digits && !nonzero)
        return 0;
    if (i < text.len && (text.at[i] == 'r' || text.at[i] == 'R'))
        i++;
    while (i < text.len && is_delimiter(text.at[i]))
        i++;
    return i < text.len && text.at[i] == '}' ? i + 1 : 0;
}

/* *tail: offset behind the last macro-expand. */
static bool macros_check(struct span text, bool explanation, size_t *tail)
{
    *tail = 0;
    for (size_t i = 0; i < text.len;) {
        size_t len = 1;
        if (text.at[i] == '%') {
            len = macro_len(span_skip(text, i), explanation);
            *tail = i + len;
        } else if (!is_visible(text.at[i]) && !(explanation && text.at[i] == ' ')) {
            len = 0;
        }
        if (!len)
            return false;
        i += len;
    }
    return true;
}

bool spf_macro_string_is(struct span text, bool explanation)
{
    size_t tail;
    return macros_check(text, explanation, &tail);
}

static bool is_toplabel(struct span label)
{
    bool all_digits = true;
    if (!label.len || !alphanumeric(label.at[0]) || !alphanumeric(label.at[label.len - 1]))
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!alphanumeric(label.at[i]) && label.at[i] != '-')
            return false;
        all_digits = all_digits && ascii_is_digit(label.at[i]);
    }
    return !all_digits;
}

bool spf_domain_spec_is(struct span text)
{
    size_t tail;
    if (!text.len || text.len > SPF_DOMAIN_SPEC_MOST || !macros_check(text, false, &tail))
        return false;
    if (tail == text.len) /* ends in a macro */
        return true;
    struct span end = span_skip(text, tail);
    if (end.at[end.len - 1] == '.')
        end.len--;
    const char *dot = end.len ? memrchr(end.at, '.', end.len) : NULL;
    return dot && is_toplabel(span_from(dot + 1, end.at + end.len));
}

/* ---- terms */
/* RFC 7208 12: "0", or digits without a leading zero. */
static bool length_read(struct span digits, unsigned most, unsigned *out)
{
    uint64_t value;
    if (!span_number(digits, most, &value) || (digits.len > 1 && digits.at[0] == '0'))
        return false;
    *out = (unsigned)value;
    return true;
}

/* Digits at the end of text behind `mark`; true where there are some, and *head is what stands before the mark. */
static bool length_cut(struct span text, struct span mark, struct span *head, struct span *digits)
{
    size_t i = text.len;
    while (i && ascii_is_digit(text.at[i - 1]))
        i--;
    *head = span_first(text, i);
    *digits = span_skip(text, i);
    if (!digits->len || !span_ends_case(*head, mark))
        return false;
    head->len -= mark.len;
    return true;
}

/* dual-cidr-length off the end of *text. */
static bool lengths_read(struct span *text, struct spf_term *term)
{
    struct span head, digits;
    if (length_cut(*text, S("//"), &head, &digits)) {
        if (!length_read(digits, 128, &term->bits6))
            return false;
        *text = head;
    }
    if (length_cut(*text, S("/"), &head, &digits)) {
        if (!length_read(digits, 32, &term->bits4))
            return false;
        *text = head;
    }
    return true;
}

/* ip4:network[/length], ip6:network[/length]; text is what follows the colon. */
static bool network_read(struct span text, bool six, struct spf_term *term)
{
    char address[INET6_ADDRSTRLEN] = "";
    unsigned most = six ? 128 : 32;
    const char *slash = span_find_byte(text, '/');
    struct span bare = slash ? span_from(text.at, slash) : text;
    term->bits4 = term->bits6 = most;
    if (slash && !length_read(span_skip(text, bare.len + 1), most, six ? &term->bits6 : &term->bits4))
        return false;
    if (bare.len >= sizeof address)
        return false;
    memcpy(address, bare.at, bare.len);
    term->kind = six ? SPF_IP6 : SPF_IP4;
    term->network.family = six ? IP_V6 : IP_V4;
    return inet_pton(six ? AF_INET6 : AF_INET, address, term->network.bytes) == 1;
}

static bool qualifier_read(struct span *text, enum proof_result *out)
{
    static const char signs[] = "+-~?";
    static const enum proof_result results[] = {PROOF_PASS, PROOF_FAIL, PROOF_SOFTFAIL, PROOF_NEUTRAL};
    const char *sign = text->len ? memchr(signs, text->at[0], 4) : NULL;
    *out = sign ? results[sign - signs] : PROOF_PASS;
    if (sign)
        *text = span_skip(*text, 1);
    return text->len > 0;
}

/* What follows the name of a mechanism: [":" domain-spec] [lengths] as far as it takes them. */
static bool argument_read(struct span rest, size_t which, struct spf_term *term)
{
    if (mechanisms[which].takes_length && !lengths_read(&rest, term))
        return false;
    if (!rest.len)
        return !mechanisms[which].needs_domain;
    term->domain = span_skip(rest, 1);
    return mechanisms[which].takes_domain && rest.at[0] == ':' && spf_domain_spec_is(term->domain);
}

static bool mechanism_read(struct span text, struct spf_term *term)
{
    *term = (struct spf_term){.text = text, .bits4 = 32, .bits6 = 128};
    if (!qualifier_read(&text, &term->result))
        return false;
    if (span_starts_case(text, S("ip4:")) || span_starts_case(text, S("ip6:")))
        return network_read(span_skip(text, 4), text.at[2] == '6', term);
    size_t name = 0;
    while (name < text.len && text.at[name] != ':' && text.at[name] != '/')
        name++;
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
        if (!span_eq_case(span_first(text, name), span_of(mechanisms[i].name)))
            continue;
        term->kind = mechanisms[i].kind;
        return argument_read(span_skip(text, name), i, term);
    }
    return false;
}

static bool is_modifier_name(struct span name)
{
    if (!name.len || !ascii_is_alpha(name.at[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!alphanumeric(name.at[i]) && name.at[i] != '-' && name.at[i] != '_' && name.at[i] != '.')
            return false;
    return true;
}

/* name=value; *fault is filled where it is wrong. */
static bool modifier_read(struct arena *arena, struct span name, struct span value, struct spf_record *out,
                          struct span *fault)
{
    struct span *known = span_eq_case(name, S("redirect")) ? &out->redirect
                         : span_eq_case(name, S("exp"))    ? &out->exp
                                                           : NULL;
    if (known && known->len) {
        *fault = arena_print(arena, "\"%.*s=\" stands in it twice", SPAN_FMT(name));
        return false;
    }
    if (known ? spf_domain_spec_is(value) : spf_macro_string_is(value, false)) {
        if (known)
            *known = value;
        return true;
    }
    *fault = arena_print(arena, "\"%.*s=%.*s\" is no modifier", SPAN_FMT(span_first(name, 40)),
                         SPAN_FMT(span_first(value, 80)));
    return false;
}

/* "=" before any ":" or "/" makes a term a modifier. */
static bool modifier_cut(struct span term, struct span *name, struct span *value)
{
    size_t i = 0;
    while (i < term.len && term.at[i] != '=' && term.at[i] != ':' && term.at[i] != '/')
        i++;
    *name = span_first(term, i);
    *value = span_skip(term, i + 1);
    return i < term.len && term.at[i] == '=' && is_modifier_name(*name);
}

static bool term_check(struct arena *arena, struct span text, struct spf_record *out, struct span *fault)
{
    struct span name, value;
    struct spf_term term;
    if (modifier_cut(text, &name, &value))
        return modifier_read(arena, name, value, out, fault);
    if (mechanism_read(text, &term))
        return true;
    *fault = arena_print(arena, "\"%.*s\" is no mechanism", SPAN_FMT(span_first(text, 120)));
    return false;
}

bool spf_record_parse(struct arena *arena, struct span text, struct spf_record *out, struct span *fault)
{
    struct span rest = span_skip(text, 6), term;
    *out = (struct spf_record){.terms = rest};
    if (text.len > SPF_RECORD_MOST) {
        *fault = arena_print(arena, "it is longer than %d bytes", SPF_RECORD_MOST);
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != ' ' && !is_visible(text.at[i])) {
            *fault = arena_print(arena, "it holds the byte %u, which is no visible ASCII", (unsigned char)text.at[i]);
            return false;
        }
    }
    while (span_cut(&rest, ' ', &term))
        if (term.len && !term_check(arena, term, out, fault))
            return false;
    return true;
}

bool spf_term_next(struct span *rest, struct spf_term *out)
{
    struct span text, name, value;
    while (span_cut(rest, ' ', &text))
        if (text.len && !modifier_cut(text, &name, &value))
            return mechanism_read(text, out);
    return false;
}
