#include "content/words_inner.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- numbers: telephone and money */
struct number {
    size_t from, to;       /* figures with what stands between them */
    unsigned figures;
    unsigned groups, group[8];
    bool plus, bracket;
};

static size_t blank_back(struct span text, size_t at)
{
    if (at && text.at[at - 1] == ' ')
        return at - 1;
    return at >= 2 && text.at[at - 2] == '\xc2' && text.at[at - 1] == '\xa0' ? at - 2 : at;
}

static size_t blank_on(struct span text, size_t at)
{
    if (at < text.len && text.at[at] == ' ')
        return at + 1;
    return at + 1 < text.len && text.at[at] == '\xc2' && text.at[at + 1] == '\xa0' ? at + 2 : at;
}

/* The figures from `at` on, parted by at most two signs that telephone numbers have. */
static size_t number_take(struct span text, size_t at, struct number *out)
{
    *out = (struct number){.from = at};
    unsigned between = 0;
    for (; at < text.len && out->figures < 20; at++) {
        char c = text.at[at];
        if (ascii_is_digit(c)) {
            if (between || !out->groups)
                out->groups += out->groups < 8;
            out->group[out->groups - 1]++;
            out->figures++;
            out->to = at + 1;
            between = 0;
        } else if (c && strchr(" -.()", c) && between < 2) {
            out->bracket |= c == '(' || c == ')';
            between++;
        } else {
            break;
        }
    }
    size_t before = out->from;
    while (before && strchr("(", text.at[before - 1]))
        before--, out->bracket = true;
    out->plus = before && text.at[before - 1] == '+';
    return out->to;
}

/* Service lines that no area code precedes: 800 555 014, 900 555 014; in Brazil 4003-0142. Round thousands are sums. */
static bool is_short_line(struct span text, const struct number *number)
{
    const unsigned *group = number->group;
    struct span figures = {text.at + number->from, number->to - number->from};
    if (number->groups == 2 && group[0] == 4 && group[1] == 4)
        return span_starts(figures, S("400")) || span_starts(figures, S("300"));
    bool threes = number->groups == 3 && group[0] == 3 && group[1] == 3 && group[2] == 3;
    return threes && (figures.at[0] == '8' || figures.at[0] == '9') && !span_ends_case(figures, S("000"));
}

static bool is_telephone(struct span text, const struct number *number)
{
    char before = number->from ? text.at[number->from - 1] : ' ', after = number->to < text.len ? text.at[number->to] : ' ';
    if (ascii_is_alpha(before) || strchr("/=_#.-,$", before) || ascii_is_alpha(after) || strchr("/=_@%", after) || number->figures < 8)
        return false;
    if (is_short_line(text, number))
        return true;
    if (number->figures < 9)
        return false;
    if (number->plus)
        return number->figures <= 15;
    const unsigned *group = number->group;
    if (text.at[number->from] == '0')
        return number->figures >= 9 && number->figures <= 11 && number->groups >= 2 && number->groups <= 5 && group[0] <= 5;
    bool american = number->groups == 3 && group[0] == 3 && group[1] == 3 && group[2] == 4;
    bool far = number->groups == 4 && group[0] == 1 && text.at[number->from] == '1' && group[1] == 3 && group[2] == 3 && group[3] == 4;
    return american || far;
}

static bool starts_any(struct span text, const char *const *words)
{
    const char first = text.len ? ascii_lower(text.at[0]) : 0;
    for (; first && *words; words++)
        if ((**words | 32) == (first | 32) && span_starts_case(text, span_of(*words)))
            return true;
    return false;
}

/* The words are in lower case. */
static bool ends_any(struct span text, const struct span *words, size_t count)
{
    const char last = text.len ? ascii_lower(text.at[text.len - 1]) : 0;
    for (size_t i = 0; last && i < count; i++)
        if (words[i].at[words[i].len - 1] == last && span_ends_case(text, words[i]))
            return true;
    return false;
}

/* A sum: its currency stands before it or behind. */
static bool is_money(struct span text, size_t from, size_t to)
{
    static const struct span before[] = {{"$", 1}, {"€", 3}, {"£", 2}, {"¥", 2}, {"￥", 3}, {"₹", 3}, {"₩", 3}, {"₽", 3}, {"₺", 3}, {"฿", 3}, {"₿", 3},
                                         {"usd", 3}, {"eur", 3}, {"gbp", 3}, {"jpy", 3}, {"chf", 3}, {"r$", 2}, {"rs.", 3}, {"inr", 3}, {"aud", 3}, {"cad", 3}, {"kr", 2}};
    static const char *const behind[] = {"円", "万円", "億円", "€", "$", "£", "usd", "eur", "euro", "dollar", "pounds", "gbp", "jpy", "chf", "btc", "usdt", "eth ", "yen", "元",
                                         "million dollar", "million usd", "million euro", "million united", "million pounds", "₽", "руб", "zł", "kč", "reais", "pesos", "sek", "nok", "dkk", NULL};
    while (to < text.len && (ascii_is_digit(text.at[to]) || ((text.at[to] == ',' || text.at[to] == '.') && to + 1 < text.len && ascii_is_digit(text.at[to + 1]))))
        to++;
    struct span head = span_first(text, blank_back(text, from)), tail = span_skip(text, blank_on(text, to));
    if (head.len > 8)
        head = span_skip(head, head.len - 8);
    return ends_any(head, before, sizeof before / sizeof *before) || starts_any(span_first(tail, 20), behind);
}

static size_t number_read(struct marks_view *view, struct span text, size_t at)
{
    struct number number;
    struct content_words *out = view->out;
    size_t to = number_take(text, at, &number);
    if (!out->telephone && is_telephone(text, &number)) {
        out->telephone = true;
        size_t from = number.from - (number.plus && number.from && text.at[number.from - 1] == '+' ? 1 : 0);
        out->telephone_number = (struct span){text.at + from, to - from};
    }
    size_t first = at;
    while (first < to && ascii_is_digit(text.at[first]))
        first++;
    if (!out->money_amount)
        out->money_amount = is_money(text, at, first);
    return to;
}

bool text_has_sum(struct span text)
{
    for (size_t at = 0; at < text.len; at++) {
        size_t first = at;
        while (at < text.len && ascii_is_digit(text.at[at]))
            at++;
        if (at > first && is_money(text, first, at))
            return true;
    }
    return false;
}

/* ---- addresses to write to */
static bool is_address_byte(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || (c && strchr(".-_+", c));
}

static void address_read(struct marks_view *view, struct span text, size_t at)
{
    enum { SEEN_MOST = 50, LABELS_MOST = 253 };
    struct content_words *out = view->out;
    size_t from = at, to = at + 1;
    if (view->addresses_seen++ == SEEN_MOST || out->free_mail_address)
        return;
    while (from && at - from < 64 && is_address_byte(text.at[from - 1]))
        from--;
    while (to < text.len && to - at < LABELS_MOST && is_address_byte(text.at[to]))
        to++;
    while (to > at + 1 && !ascii_is_alpha(text.at[to - 1]))
        to--;
    struct span domain = {text.at + at + 1, to - at - 1}, own = view->message->from.len ? view->message->from.at[0].domain_ascii : (struct span){0};
    if (from == at || !span_find_byte(domain, '.') || (view->tables && same_organisation(view->tables, domain, own)))
        return;
    if (out->forwarded.bare && view->tables && same_organisation(view->tables, domain, out->forwarded.from.domain_ascii))
        return;
    vec_each (recipient, &view->arrival->rcpt_to) {
        const char *sign = span_find_byte(recipient->address, '@');
        if (sign && view->tables && same_organisation(view->tables, domain, span_from(sign + 1, recipient->address.at + recipient->address.len)))
            return;
    }
    bool free_mail = view->tables && host_kinds(view->tables, domain, (struct span){0}, NULL) & (HOST_FREE_MAIL | HOST_DISPOSABLE);
    if (!out->mail_address || free_mail)
        out->mail_address_other = (struct span){text.at + from, to - from};
    out->mail_address = true;
    out->free_mail_address |= free_mail;
}

enum { COIN_LEAST = 26, COIN_MOST = 74 };

/* A run of letters and figures as long as a coin's address. */
static void coin_read(struct marks_view *view, struct span word)
{
    enum { COINS_MOST = 200 };
    if (!view->out->coin_address && view->coins_tried < COINS_MOST && word.len >= COIN_LEAST && word.len <= COIN_MOST) {
        view->coins_tried++;
        view->out->coin_address = coin_address_is(word);
    }
}

enum { BLOCK = 16 };
struct block_kinds {
    unsigned letters, digits, signs; /* a bit a byte; signs: @ */
};
static struct block_kinds block_look(const char *at)
{
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)at), lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)), _mm_cmpgt_epi8(_mm_set1_epi8('z' + 1), lower));
    __m128i digits = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)), _mm_cmpgt_epi8(_mm_set1_epi8('9' + 1), bytes));
    __m128i signs = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('@'));
    return (struct block_kinds){(unsigned)_mm_movemask_epi8(letters), (unsigned)_mm_movemask_epi8(digits), (unsigned)_mm_movemask_epi8(signs)};
#else
    struct block_kinds kinds = {0};
    for (unsigned i = 0; i < BLOCK; i++) {
        kinds.letters |= (unsigned)ascii_is_alpha(at[i]) << i;
        kinds.digits |= (unsigned)ascii_is_digit(at[i]) << i;
        kinds.signs |= (unsigned)(at[i] == '@') << i;
    }
    return kinds;
#endif
}

static void block_read(struct marks_view *view, struct span text, size_t at, struct block_kinds kinds, bool goes_on)
{
    unsigned within = kinds.letters | kinds.digits;
    unsigned begins = kinds.digits & ~(within << 1 | goes_on); /* figures that begin a word */
    for (unsigned places = begins | kinds.signs; places; places &= places - 1) {
        unsigned place = (unsigned)__builtin_ctz(places);
        if (kinds.signs >> place & 1)
            address_read(view, text, at + place);
        else
            number_read(view, text, at + place);
    }
}

void marks_read(struct marks_view *view, struct span text)
{
    size_t run = 0; /* letters and figures that the blocks before ended in */
    for (size_t at = 0; at < text.len; at += BLOCK) {
        char rest[BLOCK] = {0};
        if (text.len - at < BLOCK)
            memcpy(rest, text.at + at, text.len - at);
        struct block_kinds kinds = block_look(text.len - at < BLOCK ? rest : text.at + at);
        unsigned gaps = ~(kinds.letters | kinds.digits) & ((1u << BLOCK) - 1);
        block_read(view, text, at, kinds, run > 0);
        if (!gaps) {
            run += BLOCK;
            continue;
        }
        size_t end = at + (unsigned)__builtin_ctz(gaps);
        if (end + run - at >= COIN_LEAST)
            coin_read(view, (struct span){text.at + at - run, end + run - at});
        run = (unsigned)__builtin_clz(gaps) - (32 - BLOCK);
    }
    coin_read(view, span_skip(text, text.len - run));
}

/* ---- a field of a template that was to be filled in */
static bool is_field_name(struct span name)
{
    size_t letters = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (!(ascii_is_alpha(name.at[i]) || ascii_is_digit(name.at[i]) || strchr("_-. :|#", name.at[i])))
            return false;
        letters += ascii_is_alpha(name.at[i]);
    }
    return letters >= 2;
}

static bool is_capitals(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!((name.at[i] >= 'A' && name.at[i] <= 'Z') || name.at[i] == '_' || ascii_is_digit(name.at[i])))
            return false;
    return name.len >= 3;
}

bool text_has_template(struct span text)
{
    static const struct {
        struct span open, close;
        bool capitals;
    } forms[] = {
        {{"{{", 2}, {"}}", 2}, false}, {{"[[", 2}, {"]]", 2}, false}, {{"*|", 2}, {"|*", 2}, false},
        {{"${", 2}, {"}", 1}, false},  {{"%%", 2}, {"%%", 2}, false}, {{"##", 2}, {"##", 2}, true},
        {{"%", 1}, {"%", 1}, true},    {{"{%", 2}, {"%}", 2}, false},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct span rest = text;
        for (unsigned tried = span_find_byte(text, forms[i].open.at[0]) ? 0 : 20; tried < 20; tried++) {
            const char *at = span_find(rest, forms[i].open);
            if (!at)
                break;
            rest = span_skip(rest, (size_t)(at - rest.at) + forms[i].open.len);
            const char *end = span_find(span_first(rest, 40), forms[i].close);
            struct span name = end ? span_from(rest.at, end) : (struct span){0};
            if (end && is_field_name(name) && (!forms[i].capitals || is_capitals(name)))
                return true;
        }
    }
    return false;
}

/* ---- program text */
bool text_is_code(struct span text)
{
    static const char *const sure[] = {"diff --git ", "@@ -", "--- a/", "+++ b/", "#include <", "Signed-off-by: ", "#!/", "-----BEGIN PGP", "Traceback (most", "Index: ", NULL};
    struct span rest = text, line;
    unsigned ends = 0, lines = 0;
    while (span_cut(&rest, '\n', &line) && lines++ < 2000) {
        line = span_trim(line);
        while (line.len && line.at[0] == '>')
            line = span_trim(span_skip(line, 1));
        if (line.len && strchr("d@-+#STI", line.at[0]) && starts_any(line, sure))
            return true;
        if (line.len > 1) {
            char last = line.at[line.len - 1];
            ends += last == ';' || last == '{' || last == '}';
        }
    }
    return ends >= 4;
}

/* ---- a postal address near the end */
/* Two capitals stand at `at`. */
static bool is_zip(struct span text, size_t at)
{
    const char *c = text.at + at; /* "CA 94043" */
    return at + 8 <= text.len && (c[2] == ' ' || c[2] == ',') && ascii_is_digit(c[3]) &&
           ascii_is_digit(c[4]) && ascii_is_digit(c[5]) && ascii_is_digit(c[6]) && ascii_is_digit(c[7]) && (at == 0 || !ascii_is_alpha(c[-1]));
}

/* A word of streets behind a blank. */
static bool is_street(struct span text)
{
    static const char *const words[] = {"Street,", "St,", "St.,", "Ave,", "Ave.", "Avenue,", "Road,", "Suite ", "P.O. Box", "PO Box ", "Blvd", "Drive,", "Parkway",
                                        "Floor,", "rue ", "Way,", "Court,", NULL};
    return starts_any(text, words) && !span_starts(text, S("Rue"));
}

/* Signs of an address that are no ASCII. */
static bool has_address_sign(struct span text)
{
    static const struct span signs[] = {{"\xe3\x80\x92", 3}, {"丁目", 6}, {"番地", 6}, {"traße ", 7}, {"都千代田区", 15}, {"都港区", 9}, {"都渋谷区", 12}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (span_find(text, signs[i]))
            return true;
    return false;
}

/* A bit for each place of a block where an address may begin: a capital or a blank before a capital or an r. */
static unsigned address_places(const char *at)
{
#ifdef __SSE2__
    const __m128i below = _mm_set1_epi8('A' - 1), above = _mm_set1_epi8('Z' + 1), blank = _mm_set1_epi8(' ');
    __m128i c = _mm_loadu_si128((const __m128i *)at), next = _mm_loadu_si128((const __m128i *)(at + 1));
    __m128i behind = _mm_or_si128(_mm_and_si128(_mm_cmpgt_epi8(next, below), _mm_cmpgt_epi8(above, next)), _mm_cmpeq_epi8(next, _mm_set1_epi8('r')));
    __m128i before = _mm_or_si128(_mm_and_si128(_mm_cmpgt_epi8(c, below), _mm_cmpgt_epi8(above, c)), _mm_cmpeq_epi8(c, blank));
    return (unsigned)_mm_movemask_epi8(_mm_and_si128(before, behind));
#else
    unsigned places = 0;
    for (unsigned i = 0; i < BLOCK; i++)
        places |= (unsigned)((at[i] == ' ' || (at[i] >= 'A' && at[i] <= 'Z')) && (at[i + 1] == 'r' || (at[i + 1] >= 'A' && at[i + 1] <= 'Z'))) << i;
    return places;
#endif
}

static bool is_address_at(struct span text, size_t at)
{
    static const bool streets[256] = {['S'] = true, ['A'] = true, ['P'] = true, ['R'] = true, ['B'] = true, ['D'] = true, ['F'] = true, ['r'] = true, ['W'] = true, ['C'] = true};
    const char next = text.at[at + 1];
    return text.at[at] == ' ' ? streets[(unsigned char)next] && is_street(span_skip(text, at + 1)) : next != 'r' && is_zip(text, at);
}

bool text_ends_in_address(struct span text)
{
    enum { END = 1500, LEAST = 8 };
    if (text.len > END)
        text = span_skip(text, text.len - END);
    if (span_find(text, S("strasse ")) || (!span_is_ascii(text) && has_address_sign(text)))
        return true;
    for (size_t at = 0; at + LEAST <= text.len; at += BLOCK) {
        char rest[BLOCK + 1] = {0};
        const char *block = text.at + at;
        if (text.len - at < sizeof rest)
            block = memcpy(rest, block, text.len - at);
        for (unsigned places = address_places(block); places; places &= places - 1) {
            size_t place = at + (unsigned)__builtin_ctz(places);
            if (place + LEAST <= text.len && is_address_at(text, place))
                return true;
        }
    }
    return false;
}

/* ---- subjects */
bool subject_has_code(struct span subject)
{
    struct span rest = subject, word;
    while (span_word(&rest, &word)) {
        size_t figures = 0, letters = 0, row = 0, longest = 0;
        for (size_t i = 0; i < word.len; i++) {
            bool figure = ascii_is_digit(word.at[i]);
            figures += figure;
            letters += ascii_is_alpha(word.at[i]);
            row = figure ? row + 1 : 0;
            longest = row > longest ? row : longest;
        }
        bool sum = span_find_byte(word, ',') || span_find_byte(word, '.') || span_find_byte(word, '/') || span_find_byte(word, '$');
        if ((longest >= 5 && !sum) || (figures >= 3 && letters >= 3 && figures + letters >= 7 && !sum))
            return true;
    }
    return false;
}

/* "[list] Re: ...": lists put their name before. */
static struct span without_list_name(struct span subject)
{
    enum { NAME_MOST = 40 };
    const char *close = subject.len && subject.at[0] == '[' ? span_find_byte(span_first(subject, NAME_MOST), ']') : NULL;
    return close ? span_trim(span_skip(subject, (size_t)(close - subject.at) + 1)) : subject;
}

bool subject_is_reply(struct span subject)
{
    static const char *const heads[] = {"re:", "re :", "fw:", "fwd:", "fwd :", "aw:", "wg:", "tr:", "rv:", "res:", "enc:", "sv:", "antw:", "r:", "i:", "rif:", "返信:", "返信：", "転送:", "转发:", "回复:", "回复：", "re：", NULL};
    return starts_any(without_list_name(span_trim(subject)), heads);
}
