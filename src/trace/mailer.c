/* Who wrote a Received field: told from the words in brackets, the protocol and the host's own name. */
#include "trace/inner.h"

const char *mailer_name(enum mailer mailer)
{
    static const char *const names[MAILER_COUNT] = {[MAILER_UNKNOWN] = "unknown",
                                                    [MAILER_POSTFIX] = "Postfix",
                                                    [MAILER_EXIM] = "Exim",
                                                    [MAILER_SENDMAIL] = "Sendmail",
                                                    [MAILER_QMAIL] = "qmail",
                                                    [MAILER_EXCHANGE] = "Exchange",
                                                    [MAILER_EXCHANGE_ONLINE] = "Exchange Online",
                                                    [MAILER_GOOGLE] = "Google",
                                                    [MAILER_YAHOO] = "Yahoo",
                                                    [MAILER_PROOFPOINT] = "Proofpoint",
                                                    [MAILER_MIMECAST] = "Mimecast",
                                                    [MAILER_BARRACUDA] = "Barracuda",
                                                    [MAILER_CISCO] = "Cisco",
                                                    [MAILER_ZIMBRA] = "Zimbra",
                                                    [MAILER_DOVECOT] = "Dovecot",
                                                    [MAILER_POWERMTA] = "PowerMTA",
                                                    [MAILER_AMAZON_SES] = "Amazon SES",
                                                    [MAILER_SENDGRID] = "SendGrid",
                                                    [MAILER_MAILGUN] = "Mailgun",
                                                    [MAILER_MAILCHIMP] = "Mailchimp",
                                                    [MAILER_CONSTANT_CONTACT] = "Constant Contact",
                                                    [MAILER_QPSMTPD] = "qpsmtpd",
                                                    [MAILER_HMAILSERVER] = "hMailServer",
                                                    [MAILER_LIST] = "a list manager",
                                                    [MAILER_FETCHMAIL] = "fetchmail",
                                                    [MAILER_OTHER] = "another mailer"};
    return (unsigned)mailer < MAILER_COUNT ? names[mailer] : "unknown";
}

struct sign {
    const char *text;
    enum mailer mailer;
};

/* First words of comments. */
static const struct sign products[] = {
    {"Postfix", MAILER_POSTFIX},
    {"Exim", MAILER_EXIM},
    {"qmail", MAILER_QMAIL},
    {"PPS", MAILER_PROOFPOINT},
    {"Proofpoint", MAILER_PROOFPOINT},
    {"Dovecot", MAILER_DOVECOT},
    {"PowerMTA", MAILER_POWERMTA},
    {"SG)", MAILER_SENDGRID},
    {"qpsmtpd", MAILER_QPSMTPD},
    {"hMailServer", MAILER_HMAILSERVER},
    {"fetchmail", MAILER_FETCHMAIL},
    {"getmail", MAILER_FETCHMAIL},
    {"mpop", MAILER_FETCHMAIL},
    {"IronPort", MAILER_CISCO},
    {"Spam Firewall", MAILER_BARRACUDA},
    {"Barracuda", MAILER_BARRACUDA},
    {"majordomo@", MAILER_LIST},
    {"Sympa", MAILER_LIST},
    {"mlmmj", MAILER_LIST},
    {"ezmlm", MAILER_LIST},
    {"ecartis", MAILER_LIST},
    {"Mailman", MAILER_LIST},
    {"amavisd", MAILER_OTHER},
    {"MDaemon", MAILER_OTHER},
    {"CommuniGate", MAILER_OTHER},
    {"Lotus", MAILER_OTHER},
    {"IBM Domino", MAILER_OTHER},
    {"HCL Domino", MAILER_OTHER},
    {"OpenSMTPD", MAILER_OTHER},
    {"sSMTP", MAILER_OTHER},
    {"JAMES", MAILER_OTHER},
    {"Cyrus", MAILER_OTHER},
    {"Yahoo", MAILER_YAHOO},
    {"Oracle", MAILER_OTHER},
    {"Sun Java", MAILER_OTHER},
    {"iPlanet", MAILER_OTHER},
    {"Nemesis", MAILER_OTHER},
    {"Haraka", MAILER_OTHER},
    {"Stalwart", MAILER_OTHER},
    {"MailEnable", MAILER_OTHER},
    {"nullmailer", MAILER_OTHER},
    {"cpmta", MAILER_OTHER},
    {"MEProxy", MAILER_OTHER},
    {"Microsoft", MAILER_EXCHANGE},
    {"Mailchimp", MAILER_MAILCHIMP},
    {"Horde", MAILER_OTHER},
    {"Zimbra", MAILER_ZIMBRA},
    {"EGP:", MAILER_LIST},
};

/* Domains of the host after `by` (or, for a filter inside the machine, after `from`). */
static const struct sign hosts[] = {
    {"google.com", MAILER_GOOGLE},
    {"gmail.com", MAILER_GOOGLE},
    {"outlook.com", MAILER_EXCHANGE_ONLINE},
    {"exchangelabs.com", MAILER_EXCHANGE_ONLINE},
    {"office365.com", MAILER_EXCHANGE_ONLINE},
    {"office365.us", MAILER_EXCHANGE_ONLINE},
    {"yahoo.com", MAILER_YAHOO},
    {"yahoo.co.jp", MAILER_YAHOO},
    {"yahoodns.net", MAILER_YAHOO},
    {"pphosted.com", MAILER_PROOFPOINT},
    {"ppops.net", MAILER_PROOFPOINT},
    {"ppe-hosted.com", MAILER_PROOFPOINT},
    {"pps.filterd", MAILER_PROOFPOINT},
    {"mimecast.com", MAILER_MIMECAST},
    {"mimecast.co.za", MAILER_MIMECAST},
    {"barracudanetworks.com", MAILER_BARRACUDA},
    {"cudaops.com", MAILER_BARRACUDA},
    {"iphmx.com", MAILER_CISCO},
    {"amazonses.com", MAILER_AMAZON_SES},
    {"sendgrid.net", MAILER_SENDGRID},
    {"mailgun.org", MAILER_MAILGUN},
    {"mailgun.net", MAILER_MAILGUN},
    {"postgun.com", MAILER_MAILGUN},
    {"mcsv.net", MAILER_MAILCHIMP},
    {"mcdlv.net", MAILER_MAILCHIMP},
    {"rsgsv.net", MAILER_MAILCHIMP},
    {"mandrillapp.com", MAILER_MAILCHIMP},
    {"constantcontact.com", MAILER_CONSTANT_CONTACT},
    {"ccsend.com", MAILER_CONSTANT_CONTACT},
    {"roving.com", MAILER_CONSTANT_CONTACT},
    {"confirmedcc.com", MAILER_CONSTANT_CONTACT},
};

/* Words at the beginning of the protocol. */
static const struct sign protocols[] = {
    {"Microsoft SMTP", MAILER_EXCHANGE},
    {"mapi", MAILER_EXCHANGE},
    {"Internet Mail Service", MAILER_EXCHANGE},
    {"NNFMP", MAILER_YAHOO},
    {"Novell_GroupWise", MAILER_OTHER},
    {"MailEnable", MAILER_OTHER},
    {"[XMail", MAILER_OTHER},
    {"IMAP", MAILER_FETCHMAIL},
    {"POP3", MAILER_FETCHMAIL},
};

static enum mailer sign_find(const struct sign *signs, size_t n, struct span text)
{
    char first = text.len ? ascii_lower(text.at[0]) : '\0';
    for (size_t i = 0; first && i < n; i++)
        if (ascii_lower(signs[i].text[0]) == first && span_starts_case(text, span_of(signs[i].text)))
            return signs[i].mailer;
    return MAILER_UNKNOWN;
}
#define FIND(signs, text) sign_find((signs), sizeof(signs) / sizeof *(signs), (text))

/* "8.17.1.19/8.17.1.19", "8.9.3/8.9.3", "8.15.2/8.15.2/Submit", also with a site's own ending */
static bool is_sendmail_version(struct span comment)
{
    const char *slash = span_find_byte(comment, '/');
    return slash && comment.len > 4 && ascii_is_digit(comment.at[0]) && comment.at[1] == '.' &&
           slash > comment.at + 2 && slash + 1 < comment.at + comment.len &&
           (ascii_is_digit(slash[1]) || slash[1] == 'S');
}

enum mailer mailer_of_product(struct span comment, enum mailer so_far)
{
    if (so_far != MAILER_UNKNOWN)
        return so_far;
    if (span_eq(comment, S("SG")))
        return MAILER_SENDGRID;
    if (comment.len && comment.at[0] == '(')
        comment = span_skip(comment, 1);
    if (is_sendmail_version(comment))
        return MAILER_SENDMAIL;
    return FIND(products, comment);
}

static enum mailer mailer_of_host(struct span host)
{
    for (size_t i = 0; host.len && i < sizeof hosts / sizeof *hosts; i++)
        if (domain_is_or_under(host, span_of(hosts[i].text)))
            return hosts[i].mailer;
    return MAILER_UNKNOWN;
}

static bool starts_any(struct span text, const char *const *heads, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_starts_case(text, span_of(heads[i])))
            return true;
    return false;
}

/* Machines that name themselves by a word without a domain, and Google's inner hops "by 10.1.2.3 with SMTP id
 * a1cs2wfo". */
static enum mailer mailer_of_habit(const struct hop *hop)
{
    static const char *const sendgrid[] = {"geopod-ismtpd-", "filterdrecv-", "recvd-", "ismtpd"};
    static const struct ip google_inner = {.family = IP_V6, .bytes = {0x20, 0x02, 0x0a, 0x05}};
    if (starts_any(hop->by, sendgrid, sizeof sendgrid / sizeof *sendgrid))
        return MAILER_SENDGRID;
    if (!hop->from.len && span_starts_case(hop->with, S("SMTP")) && hop->id.len &&
        (ip_within(&hop->by_address, &google_inner, 32) ||
         (hop->by_address.family == IP_V4 && hop->by_address.bytes[0] == 10)))
        return MAILER_GOOGLE;
    if (ip_within(&hop->by_address, &google_inner, 24))
        return MAILER_GOOGLE;
    if (span_starts_case(hop->with, S("LMTP")) && !hop->mailer)
        return MAILER_DOVECOT;
    return MAILER_UNKNOWN;
}

enum mailer mailer_of_hop(const struct hop *hop)
{
    enum mailer mailer = mailer_of_host(hop->by);
    if (mailer == MAILER_UNKNOWN && span_eq_case(hop->from, S("pps.filterd")))
        mailer = MAILER_PROOFPOINT;
    if (mailer == MAILER_UNKNOWN)
        mailer = FIND(protocols, hop->with);
    if (mailer == MAILER_UNKNOWN)
        mailer = mailer_of_habit(hop);
    return mailer;
}
