/* carry_envelope: MAIL and RCPT as a released message came with them, with what the mail server offers (RFC 5321, 1870, 3461, 6152, 6531, 8689). */
#include "role/carry.h"

enum { PARAM_MOST = 1024 };

static const struct carried {
    struct span name;
    enum offer offer;
    bool of_recipient;
    bool wanted; /* without it the message would be harmed, or exposed; else it is left out where it is not offered */
} parameters[] = {
    {S("BODY"), OFFER_8BITMIME, false, true},    {S("SMTPUTF8"), OFFER_SMTPUTF8, false, true}, {S("REQUIRETLS"), OFFER_REQUIRETLS, false, true},
    {S("RET"), OFFER_DSN, false, false},         {S("ENVID"), OFFER_DSN, false, false},        {S("NOTIFY"), OFFER_DSN, true, false},
    {S("ORCPT"), OFFER_DSN, true, false},
};
static const struct {
    struct span name;
    enum offer offer;
} offers[] = {{S("8BITMIME"), OFFER_8BITMIME}, {S("SMTPUTF8"), OFFER_SMTPUTF8}, {S("DSN"), OFFER_DSN}, {S("REQUIRETLS"), OFFER_REQUIRETLS}, {S("SIZE"), OFFER_SIZE},
              {S("STARTTLS"), OFFER_STARTTLS}};

static const struct carried *parameter_of(struct span word, bool of_recipient, struct span *value)
{
    const char *sign = span_find_byte(word, '=');
    struct span name = sign ? span_from(word.at, sign) : word;
    *value = sign ? span_from(sign + 1, word.at + word.len) : (struct span){0};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (parameters[i].of_recipient == of_recipient && span_eq_case(parameters[i].name, name))
            return &parameters[i];
    return NULL;
}

/* SIZE and AUTH are of the connection that it came by. */
static int parameters_add(struct buf *out, unsigned offered, struct span params, bool of_recipient, struct err *err)
{
    struct span word, value;
    while (span_word(&params, &word)) {
        const struct carried *parameter = parameter_of(word, of_recipient, &value);
        if (!parameter || word.len > PARAM_MOST)
            continue;
        if (parameter->offer == OFFER_8BITMIME && span_eq_case(value, S("BINARYMIME")))
            return err_set(err, "it came with BODY=BINARYMIME, which only a server with CHUNKING takes; sekimori held export gives its bytes");
        if (offered & parameter->offer)
            buf_print(out, " %.*s", SPAN_FMT(word));
        else if (parameter->wanted && !span_eq_case(value, S("7BIT")))
            return err_set(err, "the mail server does not offer %.*s, which this message needs", SPAN_FMT(parameter->name));
    }
    return 0;
}

/* What a stranger said at a door is no command here. */
static bool is_plain(struct span words)
{
    for (size_t i = 0; i < words.len; i++)
        if ((unsigned char)words.at[i] < 32 || words.at[i] == 127)
            return false;
    return true;
}

static bool ends_an_address(struct span words)
{
    return span_find_byte(words, ' ') || span_find_byte(words, '<') || span_find_byte(words, '>');
}

static bool is_quoted(struct span local)
{
    for (size_t i = 1; local.len > 1 && local.at[0] == '"' && i < local.len; i++)
        if (local.at[i] == '"')
            return i + 1 == local.len;
        else
            i += local.at[i] == '\\';
    return false;
}

/* Doors hear local parts with their quotes and without; without, what stands behind a blank would be a parameter: RFC 5321 4.1.2. */
static int address_add(struct buf *out, struct span address, struct err *err)
{
    const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
    struct span local = at ? span_from(address.at, at) : address, domain = at ? span_from(at, address.at + address.len) : (struct span){0};
    if (ends_an_address(domain))
        return err_set(err, "its envelope holds an address that no mail server takes; sekimori held show tells it");
    if (!ends_an_address(local) || is_quoted(local)) {
        buf_add(out, address);
        return 0;
    }
    buf_byte(out, '"');
    for (size_t i = 0; i < local.len; i++) {
        if (local.at[i] == '"' || local.at[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, local.at[i]);
    }
    buf_byte(out, '"');
    buf_add(out, domain);
    return 0;
}

static bool may_be_said(const struct buf *command, struct err *err)
{
    if (!command->cut && is_plain(buf_span(command)))
        return true;
    err_set(err, "its envelope holds what no mail server takes; sekimori held show tells it");
    return false;
}

int mail_command(struct buf *out, const struct letter *letter, unsigned offered, struct err *err)
{
    bool wide = !span_is_ascii(letter->mail_from) || !span_is_ascii(letter->recipient);
    buf_add(out, S("MAIL FROM:<"));
    if (address_add(out, letter->mail_from, err) < 0)
        return -1;
    buf_byte(out, '>');
    if (offered & OFFER_SIZE)
        buf_print(out, " SIZE=%llu", (unsigned long long)letter->length);
    if (wide && !span_find_case(letter->mail_params, S("SMTPUTF8")) && offered & OFFER_SMTPUTF8)
        buf_add(out, S(" SMTPUTF8"));
    return parameters_add(out, offered, letter->mail_params, false, err) == 0 && may_be_said(out, err) ? 0 : -1;
}

int rcpt_command(struct buf *out, const struct letter *letter, unsigned offered, struct err *err)
{
    buf_add(out, S("RCPT TO:<"));
    if (address_add(out, letter->recipient, err) < 0)
        return -1;
    buf_byte(out, '>');
    return parameters_add(out, offered, letter->params, true, err) == 0 && may_be_said(out, err) ? 0 : -1;
}

unsigned offers_of(struct span answer)
{
    unsigned found = 0;
    struct span line, word;
    while (span_cut(&answer, '\n', &line)) {
        line = span_skip(line, strlen("250-"));
        if (!span_word(&line, &word))
            continue;
        for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
            if (span_eq_case(word, offers[i].name))
                found |= offers[i].offer;
    }
    return found;
}
