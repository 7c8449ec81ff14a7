/* What attachments hold. The facts alone are weak where honest mail has them too: forms, scripts and locked archives are daily
 * bread of banks and offices; pairs with what vouches and what the text asks are worth more. */
#include "verdict/judging.h"

static struct span file_name(const struct file_fact *file)
{
    return span_first(file->name.len ? file->name : file->kind, 120);
}

static bool lure_told(const struct judging *at, const enum lure_id *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (at->content->words.lures[ids[i]].strong)
            return true;
    return false;
}

static bool asks_for_account(const struct judging *at)
{
    static const enum lure_id ids[] = {LURE_SIGN_IN, LURE_ODD_SIGN_IN, LURE_ACCOUNT_ENDS, LURE_PASSWORD, LURE_MAILBOX_FULL, LURE_CARD_DATA};
    return lure_told(at, ids, sizeof ids / sizeof *ids);
}

static bool tells_of_papers(const struct judging *at)
{
    static const enum lure_id ids[] = {LURE_VOICEMAIL, LURE_FAX, LURE_PARCEL, LURE_INVOICE, LURE_SHARED_DOCUMENT, LURE_SIGN_DOCUMENT, LURE_PAYMENT_FAILED,
                                       LURE_RFP, LURE_REFUND, LURE_PRIZE, LURE_TAX, LURE_TOLL, LURE_CRYPTO, LURE_PAY, LURE_OPEN_FILE};
    return lure_told(at, ids, sizeof ids / sizeof *ids);
}

/* A message, a fax or papers that are said to lie in the file. */
static const struct lure_fact *waits_to_be_opened(const struct judging *at)
{
    static const enum lure_id ids[] = {LURE_VOICEMAIL, LURE_FAX, LURE_INVOICE, LURE_SHARED_DOCUMENT, LURE_SIGN_DOCUMENT};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (at->content->words.lures[ids[i]].strong)
            return &at->content->words.lures[ids[i]];
    return NULL;
}

/* Somebody looked, and the author's domain was not proved. */
static bool is_unproved(const struct judging *at)
{
    return at->claim && !at->claim->vouching.unknown && !at->claim->vouching.proved;
}

static bool is_vouched(const struct judging *at, struct span host)
{
    vec_each(organisation, &at->claim->vouching.organisations)
        if (domain_is_or_under(host, *organisation))
            return true;
    return false;
}

static unsigned kinds_of(const struct judging *at, const struct url *url)
{
    return at->tables ? host_kinds(at->tables, url->host, url->path, NULL) : 0;
}

/* Leads to a host of nobody who vouched; pages that every document names do not count. */
static bool is_foreign(const struct judging *at, const struct url *url)
{
    if (!at->claim || !url || !url->host.len || (!span_eq(url->scheme, S("http")) && !span_eq(url->scheme, S("https"))))
        return false;
    return !is_vouched(at, url->host) && !(kinds_of(at, url) & (HOST_COMMON_LIBRARY | HOST_SOCIAL));
}

static const struct url *foreign_link(const struct judging *at, const struct part *part, enum file_link_source source)
{
    vec_each(link, &at->content->files.links)
        if (link->source == source && (!part || link->part == part) && is_foreign(at, link->url))
            return link->url;
    return NULL;
}

/* ---- programs and what hides them */
static void programs(struct judging *at, const struct file_fact *file)
{
    struct span name = file_name(file);
    if (file->traits & FILE_EXECUTABLE)
        evidence_add(at, EVIDENCE_FILE_PROGRAM, S("attachment"), name, file->kind, S(""));
    if (file->traits & FILE_SCRIPT)
        evidence_add(at, EVIDENCE_FILE_SCRIPT, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_DOUBLE_ENDING)
        evidence_add(at, EVIDENCE_FILE_DOUBLE_ENDING, S("attachment"), file->traits & FILE_ARCHIVE && file->inner.len ? file->inner : name, S(""), S(""));
    if (file->traits & FILE_NAME_MISFITS)
        evidence_add(at, EVIDENCE_FILE_NAME_MISFITS, S("attachment"), name, file->kind, S(""));
    if (file->traits & FILE_DISK_IMAGE)
        evidence_add(at, EVIDENCE_FILE_DISK_IMAGE, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_NOT_WHOLLY_READ && !file->shown)
        evidence_add(at, EVIDENCE_FILE_UNREAD, S("attachment"), name, S(""), S(""));
}

/* Of a kind that is opened, and not to be read: what a reader's program makes of it is not known. Lists cut files off. */
static void broken(struct judging *at, const struct file_fact *file)
{
    const unsigned opened = FILE_PDF | FILE_OFFICE | FILE_ARCHIVE;
    if (file->traits & FILE_BROKEN && file->traits & opened && !(at->claim && at->claim->mismatch.list_borne_out))
        evidence_add(at, EVIDENCE_FILE_BROKEN, S("attachment"), file_name(file), S(""), S(""));
}

/* The letter is a picture, and codes were not looked for in it. */
static void pictures(struct judging *at)
{
    if (!at->content->look.picture_mail && !at->content->look.nothing_to_read)
        return;
    vec_each(file, &at->content->files.list)
        if (file->traits & FILE_PARTLY_READ && !(file->traits & (FILE_PDF | FILE_OFFICE | FILE_ARCHIVE)))
            evidence_add(at, EVIDENCE_PICTURE_UNREAD, S("image"), file_name(file), S(""), S(""));
}

static void archives(struct judging *at, const struct file_fact *file)
{
    struct span name = file_name(file);
    bool locked = file->traits & FILE_ARCHIVE_ENCRYPTED, program = file->traits & FILE_ARCHIVE_EXECUTABLE;
    if (program && !(file->traits & FILE_OFFICE))
        evidence_add(at, EVIDENCE_ARCHIVE_PROGRAM, S("attachment"), name, file->inner, S(""));
    if (program && locked)
        evidence_add(at, EVIDENCE_ARCHIVE_LOCKED_PROGRAM, S("attachment"), name, file->inner, S(""));
    if (locked && is_unproved(at))
        evidence_add(at, EVIDENCE_ARCHIVE_LOCKED, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_ARCHIVE_NESTED && file->entries == 1)
        evidence_add(at, EVIDENCE_ARCHIVE_NESTED, S("attachment"), name, S(""), S(""));
}

/* "Password: 1234" beside the locked file, so that the reader opens what no scanner could. */
static bool password_told(struct span text)
{
    enum { TEXT_MOST = 1 << 16, NEAR = 40 };
    static const char *const names[] = {"password", "passcode", "passwort", "kennwort", "senha", "mot de passe", "contrase\303\261a", "wachtwoord",
                                        "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89", "\xe6\x9a\x97\xe8\xa8\xbc\xe7\x95\xaa\xe5\x8f\xb7"};
    text = span_first(text, TEXT_MOST);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct span rest = text;
        const char *found;
        while ((found = span_find_case(rest, span_of(names[i])))) {
            rest = span_from(found + strlen(names[i]), text.at + text.len);
            struct span near = span_first(rest, NEAR);
            bool mark = false, word = false; /* the first word behind the colon has a figure */
            for (size_t k = 0; k < near.len && near.at[k] != '\n'; k++) {
                if (mark && ascii_is_digit(near.at[k]))
                    return true;
                if (mark && word && near.at[k] == ' ')
                    break;
                word |= mark && near.at[k] != ' ';
                mark |= near.at[k] == ':' || near.at[k] == '=' || (k + 2 < near.len && memcmp(near.at + k, "\xef\xbc\x9a", 3) == 0);
            }
        }
    }
    return false;
}

static void passwords(struct judging *at)
{
    bool locked = at->content->files.traits & (FILE_ARCHIVE_ENCRYPTED | FILE_OFFICE_ENCRYPTED);
    vec_each(file, &at->content->files.list) /* most locked PDF files open without a password and only may not be printed */
        locked |= file->traits & FILE_PDF_ENCRYPTED && span_eq(file->inner, S("password"));
    static const enum lure_id rules[] = {LURE_PASSWORD_RULE}; /* banks and clinics: the example beside the rule is no password */
    if (!locked || lure_told(at, rules, 1))
        return;
    vec_each(text, &at->content->words.texts)
        if (text->place & (PLACE_TEXT | PLACE_TOP) && password_told(text->raw))
            evidence_add(at, EVIDENCE_FILE_PASSWORD_TOLD, S("text"), S(""), S(""), S(""));
}

/* ---- pages */

/* Envelopes of services for encrypted mail send their form home. */
static bool posts_home(const struct judging *at, const struct part *part)
{
    bool posts = false;
    vec_each(link, &at->message->links) {
        if (link->part != part || link->kind != LINK_FORM || !link->url || !link->url->host.len)
            continue;
        if (!envelope_host(at->tables, link->url->host) && is_foreign(at, link->url))
            return false;
        posts = true;
    }
    return posts;
}

static const struct url *foreign_form(const struct judging *at, const struct part *part)
{
    vec_each(link, &at->message->links)
        if (link->part == part && link->kind == LINK_FORM && link->url && is_foreign(at, link->url) && !envelope_host(at->tables, link->url->host))
            return link->url;
    return NULL;
}

static bool holds_recipient(const struct judging *at, struct span text)
{
    enum { TEXT_MOST = 1 << 18 };
    vec_each(recipient, &at->arrival->rcpt_to)
        if (recipient->address.len > 5 && span_find_case(span_first(text, TEXT_MOST), recipient->address))
            return true;
    return false;
}

static void pages(struct judging *at, const struct file_fact *file)
{
    struct span name = file_name(file);
    if (!(file->traits & FILE_HTML))
        return;
    bool home = posts_home(at, file->part), acts = file->traits & (FILE_HTML_SCRIPT | FILE_HTML_FORM | FILE_HTML_PASSWORD);
    const struct url *form = foreign_form(at, file->part);
    if (file->traits & FILE_HTML_SMUGGLING && !home)
        evidence_add(at, EVIDENCE_PAGE_SMUGGLING, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_HTML_PASSWORD && !home)
        evidence_add(at, EVIDENCE_PAGE_PASSWORD, S("attachment"), name, S(""), S(""));
    if (form && !(file->traits & FILE_HTML_PASSWORD))
        evidence_add(at, EVIDENCE_PAGE_FORM, S("attachment"), name, form->host, S(""));
    if (file->traits & FILE_HTML_REDIRECT)
        evidence_add(at, EVIDENCE_PAGE_REDIRECT, S("attachment"), name, S(""), S(""));
    if (acts && !home && holds_recipient(at, file->part->text))
        evidence_add(at, EVIDENCE_PAGE_RECIPIENT, S("attachment"), name, S(""), S(""));
    if (acts && !home && (at->content->look.nothing_to_read || tells_of_papers(at)))
        evidence_add(at, EVIDENCE_PAGE_LURE, S("attachment"), name, S(""), S(""));
    if (acts && !home && waits_to_be_opened(at))
        evidence_add(at, EVIDENCE_PAGE_MESSAGE, S("attachment"), waits_to_be_opened(at)->phrase, name, S(""));
    if (file->traits & FILE_SVG_SCRIPT && !file->shown)
        evidence_add(at, EVIDENCE_SVG_SCRIPT, S("attachment"), name, S(""), S(""));
    const struct url *link = span_eq(file->kind, S("svg")) && !file->shown ? foreign_link(at, file->part, FILE_LINK_HTML) : NULL;
    if (link)
        evidence_add(at, EVIDENCE_SVG_LINK, S("attachment"), name, link->host, S(""));
}

/* ---- documents */
static void office(struct judging *at, const struct file_fact *file)
{
    struct span name = file_name(file);
    if (!(file->traits & FILE_OFFICE))
        return;
    if (file->traits & FILE_OFFICE_AUTORUN)
        evidence_add(at, EVIDENCE_OFFICE_AUTORUN, S("attachment"), name, file->inner, S(""));
    else if (file->traits & FILE_OFFICE_MACRO)
        evidence_add(at, EVIDENCE_OFFICE_MACRO, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_OFFICE_REMOTE)
        evidence_add(at, EVIDENCE_OFFICE_REMOTE, S("attachment"), name, file->inner, S(""));
    if (file->traits & FILE_OFFICE_DDE)
        evidence_add(at, EVIDENCE_OFFICE_DDE, S("attachment"), name, S(""), S(""));
    if (file->traits & FILE_ARCHIVE_EXECUTABLE)
        evidence_add(at, EVIDENCE_OFFICE_PROGRAM, S("attachment"), name, file->inner, S(""));
    if (file->traits & FILE_OFFICE_ENCRYPTED && is_unproved(at))
        evidence_add(at, EVIDENCE_OFFICE_LOCKED, S("attachment"), name, S(""), S(""));
}

static void pdf(struct judging *at, const struct file_fact *file)
{
    struct span name = file_name(file);
    if (!(file->traits & FILE_PDF))
        return;
    if (file->traits & FILE_PDF_ACTION && span_eq(file->inner, S("Launch")))
        evidence_add(at, EVIDENCE_PDF_LAUNCH, S("attachment"), name, S(""), S(""));
    else if (file->traits & FILE_PDF_ACTION)
        evidence_add(at, EVIDENCE_PDF_ACTION, S("attachment"), name, file->inner, S(""));
    const struct url *link = foreign_link(at, file->part, FILE_LINK_PDF);
    if (link && !at->content->links.clickable)
        evidence_add(at, EVIDENCE_PDF_ONLY_LINK, S("attachment"), name, link->host, S(""));
    if (link && (tells_of_papers(at) || asks_for_account(at)))
        evidence_add(at, EVIDENCE_PDF_LURE, S("attachment"), name, link->host, S(""));
}

/* ---- codes, invitations, and links in files of any kind */
static void codes(struct judging *at)
{
    const struct url *link = foreign_link(at, NULL, FILE_LINK_QR);
    if (!link)
        return;
    if (!at->content->links.clickable)
        evidence_add(at, EVIDENCE_QR_ONLY_LINK, S("image"), link->host, S(""), S(""));
    if (asks_for_account(at) || tells_of_papers(at))
        evidence_add(at, EVIDENCE_QR_LURE, S("image"), link->host, S(""), S(""));
}

static void invitations(struct judging *at)
{
    const struct url *link = foreign_link(at, NULL, FILE_LINK_CALENDAR);
    if (!link || kinds_of(at, link) & HOST_REPUTABLE)
        return;
    if (asks_for_account(at) || tells_of_papers(at))
        evidence_add(at, EVIDENCE_CALENDAR_LURE, S("attachment"), link->host, S(""), S(""));
    if (asks_for_account(at))
        evidence_add(at, EVIDENCE_CALENDAR_ACCOUNT, S("attachment"), link->host, S(""), S(""));
}

static bool bears_recipient(const struct judging *at, struct span address)
{
    vec_each(recipient, &at->arrival->rcpt_to) {
        const char *sign = span_find_byte(recipient->address, '@');
        if (!sign || recipient->address.len <= 5)
            continue;
        struct span local = span_from(recipient->address.at, sign), domain = span_skip(recipient->address, local.len + 1);
        struct span coded = arena_print(at->arena, "%.*s%%40%.*s", SPAN_FMT(local), SPAN_FMT(domain));
        if (span_find_case(address, recipient->address) || span_find_case(address, coded))
            return true;
    }
    return false;
}

/* A single word of it will do: where the letter is in a file, the words beside it are few. */
static bool speaks_of_gain(const struct judging *at)
{
    static const enum lure_id ids[] = {LURE_CRYPTO, LURE_ADVANCE_FEE, LURE_PRIZE, LURE_EXTORTION, LURE_LOAN};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (at->content->words.lures[ids[i]].count)
            return true;
    return false;
}

/* A letter of few words from free mail, whose only way on is a place of anybody that a file leads to. */
static void stranger_file(struct judging *at)
{
    enum { BORROWED = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_TUNNEL | HOST_GATEWAY | HOST_SHARE, LOOKED_AT = 50, FEW_LETTERS = 400 };
    const struct content *content = at->content;
    const struct url *only = NULL;
    if (!at->claim || !at->claim->mismatch.from_free_mail || content->links.clickable || content->words.quoted || content->words.letters > FEW_LETTERS ||
        content->files.links.len > LOOKED_AT)
        return;
    vec_each(link, &content->files.links) {
        if (!link->url || !link->url->host.len || link->source == FILE_LINK_HTML || link->source == FILE_LINK_CALENDAR)
            continue;
        if (only && !span_eq_case(only->host, link->url->host))
            return;
        only = link->url;
    }
    if (only && is_foreign(at, only) && (kinds_of(at, only) & BORROWED || speaks_of_gain(at)))
        evidence_add(at, EVIDENCE_STRANGER_FILE, S("attachment"), only->host, at->from_domain, S(""));
}

static void inner_links(struct judging *at)
{
    enum { BORROWED = HOST_SHORTENER | HOST_FREE_PAGES | HOST_FORM | HOST_BUCKET | HOST_TUNNEL | HOST_GATEWAY, LOOKED_AT = 50 };
    size_t looked = 0;
    vec_each(link, &at->content->files.links) {
        if (++looked > LOOKED_AT)
            return;
        if (!at->content->files.files || !link->url || !is_foreign(at, link->url))
            continue;
        if (kinds_of(at, link->url) & BORROWED && link->source != FILE_LINK_HTML)
            evidence_add(at, EVIDENCE_FILE_LINK_BORROWED, S("attachment"), link->url->host, S(""), S(""));
        if (bears_recipient(at, link->raw))
            evidence_add(at, EVIDENCE_FILE_LINK_RECIPIENT, S("attachment"), link->url->host, S(""), S(""));
    }
}

void evidence_of_files(struct judging *at)
{
    if (!at->content || !(at->content->files.list.len || at->content->files.links.len))
        return;
    vec_each(file, &at->content->files.list) {
        programs(at, file);
        archives(at, file);
        pages(at, file);
        office(at, file);
        pdf(at, file);
        broken(at, file);
    }
    pictures(at);
    passwords(at);
    codes(at);
    invitations(at);
    inner_links(at);
    stranger_file(at);
}
