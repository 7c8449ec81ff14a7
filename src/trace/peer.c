/* What mailers put in brackets: about the machine that sent, about themselves, about the session. */
#include "trace/inner.h"

enum { MOST_WORDS = 24 };

bool host_word_ip(struct span word, struct ip *out)
{
    if (!word.len)
        return false;
    if (word.at[0] == '[') {
        const char *close = span_find_byte(word, ']');
        return ip_parse(span_from(word.at + 1, close ? close : word.at + word.len), out);
    }
    bool hex = ascii_is_digit(word.at[0]) || (ascii_is_alpha(word.at[0]) && span_find_byte(span_first(word, 6), ':')) ||
               word.at[0] == ':';
    if (!hex || word.len > 60)
        return false;
    if (ip_parse(word, out))
        return true;
    const char *colon = memrchr(word.at, ':', word.len); /* 1.2.3.4:25 */
    return colon && span_find_byte(span_from(word.at, colon), '.') && ip_parse(span_from(word.at, colon), out) &&
           out->family == IP_V4;
}

static struct span without(struct span word, const char *ends)
{
    while (word.len && strchr(ends, word.at[word.len - 1]))
        word.len--;
    while (word.len && strchr(ends, word.at[0]))
        word = span_skip(word, 1);
    return word;
}

/* ---- the session: TLS, login */
static bool value_after(struct span word, struct span key, struct span *out)
{
    if (!span_starts_case(word, key))
        return false;
    *out = without(span_skip(word, key.len), ",;");
    return true;
}

static bool is_tls_version(struct span word)
{
    return (span_starts_case(word, S("TLS")) || span_starts_case(word, S("SSL"))) &&
           (word.len == 3 || word.at[3] == 'v' || word.at[3] == '1' || word.at[3] == '_' || word.at[3] == ':');
}

/* "TLSv1.3:TLS_AES_256_GCM_SHA384:256", "TLS1.2", "TLSv1/SSLv3,256bits,AES256-SHA" */
static void tls_joined(struct span word, struct hop *out)
{
    struct span rest = word, piece;
    char by = span_find_byte(word, ':') ? ':' : ',';
    for (int i = 0; i < 3 && span_cut(&rest, by, &piece); i++) {
        if (!out->tls.version.len)
            out->tls.version = piece;
        else if (!out->tls.cipher.len && piece.len > 6 && !span_ends_case(piece, S("bits")))
            out->tls.cipher = piece;
    }
}

/* "using TLSv1.2 with cipher X (256/256 bits)", "version=TLS1_2, cipher=X", "TLS: TLSv1.2,256bits,X" */
static void tls_read(struct span comment, struct hop *out)
{
    struct span rest = comment, word, value;
    bool cipher_next = false;
    for (int i = 0; i < MOST_WORDS && span_word(&rest, &word); i++) {
        if (cipher_next && !out->tls.cipher.len)
            out->tls.cipher = without(word, ",;");
        cipher_next = span_eq_case(word, S("cipher"));
        if (value_after(word, S("version="), &value)) {
            out->tls.version = value;
        } else if (value_after(word, S("cipher="), &value)) {
            out->tls.cipher = value;
        } else if (is_tls_version(word) && !span_eq_case(word, S("TLS:")) && !out->tls.version.len) {
            tls_joined(without(word, ",;"), out);
        } else if (span_starts_case(word, S("X=TLS"))) {
            tls_joined(span_skip(word, 2), out);
        }
    }
}

static bool tells_session(struct span first)
{
    static const struct span words[] = {{"using", 5},  {"version=", 8}, {"authenticated", 13}, {"auth:", 5},
                                        {"no", 2},     {"client", 6},   {"envelope-from", 13}, {"envelope-sender", 15},
                                        {"sender", 6}, {"user", 4},     {"encrypted", 9},      {"cipher=", 7},
                                        {"x=tls", 5},  {"smtp-auth", 9}};
    if (is_tls_version(first))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ascii_lower(first.at[0]) == words[i].at[0] && span_starts_case(first, words[i]))
            return words[i].len > 6 || words[i].at[words[i].len - 1] == '=' || without(first, ":,").len == words[i].len;
    return false;
}

/* ---- the machine that sent */
enum expects { EXPECT_HOST, EXPECT_HELO, EXPECT_NOTHING };

static struct span after_last_at(struct span word)
{
    const char *at = word.len ? memrchr(word.at, '@', word.len) : NULL;
    return at ? span_from(at + 1, word.at + word.len) : word;
}

static bool is_remark(struct span word)
{
    static const struct span words[] = {
        {"may", 3},     {"be", 2},        {"forged)", 7},        {"forged", 6}, {"unknown", 7},  {"unverified", 10},
        {"with", 4},    {"login", 5},     {"misconfigured", 13}, {"sender", 6}, {"verified", 8}, {"claimed", 7},
        {"dynamic", 7}, {"untrusted", 9}, {"host", 4},           {"hidden", 6}, {"plain", 5},    {"not", 3}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_eq_case(word, words[i]))
            return true;
    return false;
}

static void named_value(struct span word, struct hop *out)
{
    struct span value;
    if (value_after(word, S("helo="), &value) || value_after(word, S("ehlo="), &value))
        out->helo = value;
    else if (value_after(word, S("rdns="), &value) || value_after(word, S("rhost="), &value))
        out->reverse = value;
}

static struct span plain_name(struct span word)
{
    word = without(after_last_at(word), ",\"");
    return word.len > 1 && word.at[word.len - 1] == '.' ? span_first(word, word.len - 1) : word;
}

static bool could_be_host(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alpha(name.at[i]) && !ascii_is_digit(name.at[i]) && !memchr("-._", name.at[i], 3) &&
            (unsigned char)name.at[i] < 128)
            return false;
    return name.len > 0;
}

/* One word about the peer. Returns what the next word will be. */
static enum expects peer_word(struct span word, struct span *name, struct hop *out)
{
    struct ip ip;
    struct span bare = without(word, "\"(/");
    if (!bare.len)
        return EXPECT_HOST;
    const char *bracket = span_find_byte(bare, '=') ? NULL : span_find_byte(bare, '[');
    if (bracket && bracket > bare.at &&
        host_word_ip(span_from(bracket, bare.at + bare.len), &ip)) { /* "host[192.0.2.1]" */
        out->address = ip;
        bare = span_from(bare.at, bracket);
    }
    if (span_eq_case(bare, S("HELO")) || span_eq_case(bare, S("EHLO")) || span_eq_case(bare, S("LHLO")))
        return EXPECT_HELO;
    if (span_eq_case(bare, S("account")) || span_eq_case(bare, S("as")) || span_eq_case(bare, S("from")))
        return EXPECT_NOTHING;
    if (span_find_byte(bare, '=') && !span_find_byte(bare, '@') && bare.at[0] != '[') {
        named_value(bare, out);
    } else if (is_remark(bare)) {
        return EXPECT_HOST;
    } else if (host_word_ip(after_last_at(bare), &ip)) {
        out->address = ip;
    } else if (!name->len && !out->helo.len && could_be_host(plain_name(bare))) {
        *name = plain_name(bare);
    }
    return EXPECT_HOST;
}

static void helo_take(struct span word, struct span *rest, struct hop *out)
{
    const char *quote = span_find_byte(word, '"');
    out->helo = quote ? span_from(word.at, quote) : word;
    const char *close =
        quote ? quote : span_find_byte(*rest, '"'); /* the rest of what the client said in quotes is its word too */
    if (!quote && close)
        *rest = span_from(close + 1, rest->at + rest->len);
}

/* The address the mailer saw stands in a comment after the name; of several comments the last one that has an address
 * counts, because a client can write brackets into its HELO but nothing after them. */
void peer_read(struct span comment, struct hop *out)
{
    struct span rest = comment, word, name = {0};
    enum expects next = EXPECT_HOST;
    bool first = true;
    size_t before = out->helo.len;
    for (int i = 0; i < MOST_WORDS && span_word(&rest, &word); i++, first = false) {
        if (first && tells_session(word)) {
            tls_read(comment, out);
            return;
        }
        if (next == EXPECT_HELO) {
            helo_take(word, &rest, out);
            next = EXPECT_HOST;
        } else if (next == EXPECT_NOTHING) {
            next = EXPECT_HOST;
        } else {
            next = peer_word(word, &name, out);
        }
    }
    bool alone = !before && out->address.family == IP_NONE && !span_find_byte(name, '.');
    if (name.len && !out->reverse.len && !alone)
        out->reverse = name;
}

/* ---- the machine that wrote the field */
void own_read(struct span comment, struct hop *out)
{
    struct span rest = comment, word;
    struct ip ip;
    for (int i = 0; i < 3 && span_word(&rest, &word); i++)
        if (host_word_ip(word, &ip) && (word.at[0] == '[' || i == 0)) {
            out->by_address = ip;
            return;
        }
    remark_read(comment, out);
}

/* "qmail 123 invoked from network[192.0.2.1/host.example]", "invoked by uid 500" */
static void invoked_read(struct span comment, struct hop *out)
{
    static const struct span network = {"network[", 8};
    const char *at = span_find(comment, network);
    out->local = true;
    if (!at)
        return;
    struct span rest = span_skip(comment, (size_t)(at - comment.at) + network.len), ip;
    out->local = !(span_cut(&rest, '/', &ip) && ip_parse(ip, &out->address));
    const char *close = span_find_byte(rest, ']');
    if (close && close > rest.at)
        out->reverse = span_from(rest.at, close);
}

/* "(from user@localhost)" of Sendmail's submission, "(from localhost [127.0.0.1])" */
static void wrote_from(struct span rest, struct hop *out)
{
    struct span word;
    struct ip ip;
    for (int i = 0; i < 3 && span_word(&rest, &word); i++) {
        if (i == 0)
            out->from = word;
        else if (host_word_ip(word, &ip))
            out->address = ip;
    }
    out->local = out->address.family == IP_NONE;
}

void remark_read(struct span comment, struct hop *out)
{
    comment = span_trim(comment);
    struct span rest = comment, first;
    if (!span_word(&rest, &first))
        return;
    if (tells_session(first)) {
        tls_read(comment, out);
        return;
    }
    if (!out->by.len && span_find(comment, S(" invoked ")))
        invoked_read(comment, out);
    else if (!out->by.len && span_eq_case(first, S("from")))
        wrote_from(rest, out);
    else if (span_find(comment, S("from userid ")) || span_ends_case(first, S("/Submit")))
        out->local = true;
    out->mailer = mailer_of_product(comment, out->mailer);
}
