/* Shapes of the author's display name and address that honest firms seldom have. */
#include "identity/scene.h"

enum { WORD_LEAST = 3, RANDOM_LEAST = 8 };

/* ---- letter pairs */

static const unsigned char letter_pairs[27][26] = {
#include "identity/letter_pairs.inc"
};

double letters_score(struct span letters)
{
    int before = -1, sum = 0, count = 0;
    for (size_t i = 0; i < letters.len; i++) {
        char c = ascii_lower(letters.at[i]);
        if (c < 'a' || c > 'z')
            continue;
        sum += letter_pairs[before + 1][c - 'a'];
        before = c - 'a';
        count++;
    }
    return count ? -0.25 * sum / count : 0;
}

/* Pairs that occur less than once in 128. */
static double rare_pairs(struct span letters)
{
    enum { RARE = 28 };
    double count = 0;
    for (size_t i = 1; i < letters.len; i++)
        count += letter_pairs[ascii_lower(letters.at[i - 1]) - 'a' + 1][ascii_lower(letters.at[i]) - 'a'] >= RARE;
    return count;
}

/* One word in 1,000 of six languages lies below the limit, nine in ten runs of keys struck blindly do. An initial may stand before a
 * name: cjohnson. */
static bool is_blind(struct span run)
{
    static const double limit = -5.6, rare_share = 1.0 / 3;
    return letters_score(run) < limit && letters_score(span_skip(run, 1)) < limit && rare_pairs(run) > rare_share * (double)run.len;
}

static bool cannot_be_spoken(struct span text)
{
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++)
        if (i == text.len || !ascii_is_alpha(text.at[i])) {
            if (i - from >= RANDOM_LEAST && is_blind((struct span){text.at + from, i - from}))
                return true;
            from = i + 1;
        }
    return false;
}

/* Letters and figures by turns: a8f3k2q9. */
static bool is_mixed(struct span text)
{
    enum { TURNS_LEAST = 4, MIXED_LEAST = 10 };
    unsigned turns = 0;
    for (size_t i = 1; i < text.len; i++)
        turns += (ascii_is_digit(text.at[i]) && ascii_is_alpha(text.at[i - 1])) || (ascii_is_alpha(text.at[i]) && ascii_is_digit(text.at[i - 1]));
    return text.len >= MIXED_LEAST && turns >= TURNS_LEAST;
}

/* What services put behind + or = is theirs, not a name. */
static struct span local_stem(struct span local)
{
    for (size_t i = 0; i < local.len; i++)
        if (local.at[i] == '+' || local.at[i] == '=')
            return span_first(local, i);
    return local;
}

/* ---- the name beside the address */

static struct span letters_joined(struct scene *at, struct span text)
{
    struct buf out = {.arena = at->arena, .max = 200};
    for (size_t i = 0; i < text.len; i++)
        if (ascii_is_alpha(text.at[i]) || ascii_is_digit(text.at[i]))
            buf_byte(&out, ascii_lower(text.at[i]));
    return buf_span(&out);
}

static struct span initials_of(struct scene *at, struct span name)
{
    struct buf out = {.arena = at->arena, .max = 20};
    struct span word;
    while (span_word(&name, &word))
        if (ascii_is_alpha(word.at[0]))
            buf_byte(&out, ascii_lower(word.at[0]));
    return buf_span(&out);
}

static bool word_is_in(struct span name, struct span address)
{
    struct span word;
    while (span_word(&name, &word))
        if (word.len >= WORD_LEAST && span_find_case(address, word))
            return true;
    return false;
}

/* What somebody chose of a domain: a name that ends like every other under .org shares nothing with it. */
static struct span chosen_part(const struct scene *at)
{
    struct span suffix = suffix_of(at->tables, at->from_domain);
    return span_first(at->from_domain, at->from_domain.len - suffix.len);
}

static bool fits_domain(struct scene *at, struct span joined)
{
    struct span label = letters_joined(at, first_label_of(at->from_org)), rest = at->from_domain, part;
    struct span initials = initials_of(at, at->name);
    if (label.len >= WORD_LEAST && (span_find(joined, label) || (initials.len >= 2 && span_starts(label, initials))))
        return true;
    if (word_is_in(at->name, chosen_part(at)))
        return true;
    for (int labels = 0; labels < 6 && span_cut(&rest, '.', &part); labels++)
        if (part.len > WORD_LEAST && span_find(joined, letters_joined(at, part)))
            return true;
    return false;
}

static bool fits_local(struct scene *at, struct span joined)
{
    struct span address = letters_joined(at, at->from->local), initials = initials_of(at, at->name);
    if (initials.len >= 2 && span_starts(address, initials))
        return true;
    return word_is_in(at->name, at->from->local) || (address.len > WORD_LEAST && span_find(joined, address));
}

/* Only Latin letters can be found in an address; where a name has none, nothing is said. */
static void name_compare(struct scene *at, struct name_shape *out)
{
    struct span joined = letters_joined(at, at->name);
    bool own_brand = at->out->from_brand && at->out->main && at->out->main->from_own;
    bool other_letters = has_code_points_above(at->name, 0x250); /* beyond Latin letters */
    out->fits_domain = own_brand || (joined.len >= WORD_LEAST && fits_domain(at, joined));
    out->shares_word = out->fits_domain || joined.len < WORD_LEAST || other_letters || fits_local(at, joined);
}

/* ---- addresses and domains told in the name */

static bool is_told_suffix(struct span label)
{
    static const struct span known[] = {{"com", 3}, {"net", 3}, {"org", 3}, {"info", 4}, {"biz", 3}, {"gov", 3}, {"edu", 3}, {"io", 2}, {"jp", 2},
                                        {"uk", 2},  {"de", 2},  {"fr", 2},  {"eu", 2},   {"it", 2},  {"es", 2},  {"nl", 2},  {"br", 2}, {"ca", 2},
                                        {"au", 2},  {"ch", 2},  {"at", 2},  {"be", 2},   {"pl", 2},  {"us", 2},  {"in", 2},  {"cn", 2}, {"online", 6}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_eq_case(label, known[i]))
            return true;
    return false;
}

/* Behind an @ any ending of letters will do; without one "v2.0" and "Inc.Tokyo" must be told from domains. */
static bool is_told_domain(struct span word, bool address)
{
    size_t dot = 0, letters = 0;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        if (c != '.' && c != '-' && !ascii_is_alpha(c) && !ascii_is_digit(c))
            return false;
        dot = c == '.' ? i : dot;
        letters = c == '.' ? 0 : letters + ascii_is_alpha(c);
    }
    struct span suffix = span_skip(word, dot + 1);
    return dot && (address ? suffix.len >= 2 && letters == suffix.len : dot >= 3 && is_told_suffix(suffix));
}

static struct span word_bare(struct span word)
{
    while (word.len && strchr("<>()[]\"',;:.!", word.at[0]))
        word = span_skip(word, 1);
    while (word.len && strchr("<>()[]\"',;:.!", word.at[word.len - 1]))
        word.len--;
    return word;
}

static void domains_told(struct scene *at, struct name_shape *out)
{
    enum { WORDS_MOST = 40 };
    struct span rest = span_first(at->from->name, 1000), word;
    for (int i = 0; i < WORDS_MOST && span_word(&rest, &word); i++) {
        word = word_bare(word);
        const char *sign = word.len ? span_find_byte(word, '@') : NULL;
        struct span domain = sign ? span_from(sign + 1, word.at + word.len) : word;
        if (!is_told_domain(domain, sign) || same_owner_as_from(at, domain))
            continue;
        if (at->out->from_brand && brand_owns(at->out->from_brand, domain))
            continue;
        out->told_domain = domain;
        *(sign ? &out->address_of_other : &out->domain_of_other) = true;
    }
}

/* ---- ornament, figures, offices, sentences */

static bool is_ornament(uint32_t c)
{
    if (c < 0x80)
        return c == '*' || c == '$' || c == '~' || c == '=' || c == '^' || c == '{' || c == '}' || c == '<' || c == '>';
    return (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1f000 && c <= 0x1faff) || (c >= 0x1d400 && c <= 0x1d7ff) || c == 0x203c || c == 0x2049 ||
           c == 0x3013 || c == 0x203b;
}

static bool has_ornament(struct span name)
{
    uint32_t c, before = 0;
    while (code_point_next(&name, &c)) {
        if (is_ornament(c) || (c == before && c < 0x80 && strchr("!|#_.-?+", (int)c)))
            return true;
        before = c;
    }
    return false;
}

/* Four figures or more in a row, but no year. */
static bool has_figures(struct span name)
{
    size_t run = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && ascii_is_digit(name.at[i])) {
            run++;
            continue;
        }
        bool year = run == 4 && (memcmp(name.at + i - 4, "19", 2) == 0 || memcmp(name.at + i - 4, "20", 2) == 0);
        if (run >= 4 && !year)
            return true;
        run = 0;
    }
    return false;
}

/* The name is the address written once more; its figures say nothing new. */
static bool names_own_address(const struct scene *at, struct span name)
{
    return at->from->local.len && span_find_case(name, at->from->local);
}

static bool has_role(const struct scene *at)
{
    struct span rest = at->name, word;
    while (span_word(&rest, &word))
        if (word.len >= 2 && name_word_uses(at->tables, word) & NAME_WORD_ROLE)
            return true;
    return false;
}

/* A list writes its name before what its members write: "[friends] Order". */
static struct span subject_of_author(const struct scene *at)
{
    enum { LIST_NAME_MOST = 40, SUBJECT_MOST = 400, CHARACTERS_MOST = 400 };
    struct span subject = span_trim(at->message->subject);
    const char *close = subject.len && subject.at[0] == '[' ? span_find_byte(span_first(subject, LIST_NAME_MOST), ']') : NULL;
    if (!close)
        return at->subject;
    struct folded folded;
    text_fold(at->arena, span_first(span_from(close + 1, subject.at + subject.len), SUBJECT_MOST), CHARACTERS_MOST, &folded);
    return folded.text;
}

static bool is_like_subject(const struct scene *at)
{
    enum { NAME_LEAST = 10, WORDS_LEAST = 8 };
    struct span rest = at->name, word;
    unsigned words = 0;
    while (span_word(&rest, &word))
        words++;
    return words >= WORDS_LEAST || (at->name.len >= NAME_LEAST && span_eq(at->name, subject_of_author(at)));
}

/* ---- the recipient in it */

static struct span local_of(struct span address)
{
    const char *sign = span_find_byte(address, '@');
    return sign ? span_from(address.at, sign) : address;
}

static struct span domain_of(struct span address)
{
    const char *sign = span_find_byte(address, '@');
    return sign ? span_from(sign + 1, address.at + address.len) : S("");
}

static bool has_word(struct span text, struct span wanted)
{
    struct span word;
    while (span_word(&text, &word))
        if (span_eq_case(word, wanted))
            return true;
    return false;
}

static void recipient_compare(struct scene *at, struct name_shape *out)
{
    enum { RECIPIENTS_MOST = 10, LOCAL_LEAST = 5 };
    for (size_t i = 0; i < at->arrival->rcpt_to.len && i < RECIPIENTS_MOST; i++) {
        struct span address = at->arrival->rcpt_to.at[i].address, local = local_of(address), domain = domain_of(address);
        struct span label = first_label_of(organisation_of(at->tables, domain));
        if (!domain.len || same_owner_as_from(at, domain))
            continue;
        out->recipient |= span_find_case(at->from->name, address) || (local.len >= LOCAL_LEAST && has_word(at->name, local)) ||
                          (label.len >= LOCAL_LEAST && has_word(at->name, label));
        out->local_is_recipient |= (label.len >= LOCAL_LEAST && span_find_case(at->from->local, label)) ||
                                   (local.len > LOCAL_LEAST && span_find_case(at->from->local, local));
    }
}

void shape_find(struct scene *at)
{
    struct name_shape *out = &at->out->shape;
    if (!at->from)
        return;
    struct span stem = local_stem(at->from->local), label = first_label_of(at->from_org), name = span_first(at->from->name, 1000);
    out->present = name.len > 0;
    out->empty_quotes = !name.len && span_find(span_first(at->from->raw, 200), S("\"\""));
    for (size_t i = 0; i < stem.len && i < 200; i++)
        out->local_digits += ascii_is_digit(stem.at[i]);
    stem = span_first(stem, 100);
    out->local_random = (cannot_be_spoken(stem) || is_mixed(stem)) && !word_is_in(at->name, stem) && !has_code_points_above(at->name, 0x250);
    out->domain_random = !span_starts(label, S("xn--")) && (cannot_be_spoken(label) || is_mixed(label));
    recipient_compare(at, out);
    if (!out->present)
        return;
    name_compare(at, out);
    out->ornament = has_ornament(name);
    out->figures = has_figures(name) && !out->recipient && !names_own_address(at, name);
    out->role = has_role(at);
    out->like_subject = is_like_subject(at);
    domains_told(at, out);
}
