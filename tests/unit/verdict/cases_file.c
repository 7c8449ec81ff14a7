#include "world.h"

static struct part page_part;

/* One attachment with these traits. */
static struct file_fact *attach(struct world *w, const char *name, const char *kind, unsigned traits)
{
    page_part = (struct part){.attachment = true};
    struct file_fact *file = vec_push(w->arena, &w->content.files.list);
    *file = (struct file_fact){.part = &page_part, .name = span_of(name), .kind = span_of(kind), .traits = traits};
    w->content.files.files++;
    w->content.files.traits |= traits;
    if (!w->claim.vouching.organisations.len)
        *vec_push(w->arena, &w->claim.vouching.organisations) = S("brand.example");
    w->claim.vouching.proved = true;
    return file;
}

static const struct url *url_made(struct world *w, const char *address)
{
    struct url *url = arena_one(w->arena, struct url);
    assert_true(url_parse_text(w->arena, span_of(address), url));
    return url;
}

static void file_leads(struct world *w, enum file_link_source source, const char *address)
{
    *vec_push(w->arena, &w->content.files.links) =
        (struct file_link){.source = source, .raw = span_of(address), .url = url_made(w, address), .part = &page_part};
}

static void page_posts(struct world *w, const char *address)
{
    *vec_push(w->arena, &w->message.links) = (struct link){.kind = LINK_FORM, .raw = span_of(address), .url = url_made(w, address), .part = &page_part};
}

static void lure(struct world *w, enum lure_id id)
{
    w->content.words.lures[id] = (struct lure_fact){.count = 2, .strong = true};
}

/* ---- programs */
static void program(struct world *w) { attach(w, "setup.exe", "pe", FILE_EXECUTABLE); }
static void document(struct world *w) { attach(w, "letter.pdf", "pdf", FILE_PDF); }
static void script(struct world *w) { attach(w, "open.lnk", "lnk", FILE_SCRIPT); }
static void doubled(struct world *w) { attach(w, "invoice.pdf.exe", "pe", FILE_EXECUTABLE | FILE_DOUBLE_ENDING); }
static void misfit(struct world *w) { attach(w, "photo.jpg", "pe", FILE_NAME_MISFITS); }
static void disk(struct world *w) { attach(w, "order.iso", "iso", FILE_DISK_IMAGE | FILE_ARCHIVE); }
static void archive(struct world *w) { attach(w, "files.zip", "zip", FILE_ARCHIVE)->entries = 3; }
static void unread(struct world *w) { attach(w, "large.zip", "zip", FILE_ARCHIVE | FILE_NOT_WHOLLY_READ); }
static void picture_unread(struct world *w) { attach(w, "large.png", "png", FILE_NOT_WHOLLY_READ)->shown = true; }

static void broken_pdf(struct world *w) { attach(w, "letter.pdf", "pdf", FILE_PDF | FILE_BROKEN); }
static void broken_picture(struct world *w) { attach(w, "photo.jpg", "jpeg", FILE_BROKEN); }
static void broken_on_list(struct world *w)
{
    broken_pdf(w);
    w->claim.mismatch.list_borne_out = true;
}
static void picture_alone(struct world *w)
{
    attach(w, "IMG_1.heic", "heic", FILE_PARTLY_READ);
    w->content.files.images = 1;
    w->content.look.nothing_to_read = true;
}
static void picture_beside_words(struct world *w)
{
    picture_alone(w);
    w->content.look.nothing_to_read = false;
}
static void picture_searched(struct world *w)
{
    picture_alone(w);
    w->content.files.list.at[0].traits = 0;
}

/* ---- archives */
static void archive_program(struct world *w) { attach(w, "files.zip", "zip", FILE_ARCHIVE | FILE_ARCHIVE_EXECUTABLE)->inner = S("a.exe"); }
static void locked_program(struct world *w)
{
    attach(w, "files.zip", "zip", FILE_ARCHIVE | FILE_ARCHIVE_EXECUTABLE | FILE_ARCHIVE_ENCRYPTED)->inner = S("a.exe");
}
static void locked_proved(struct world *w) { attach(w, "files.zip", "zip", FILE_ARCHIVE | FILE_ARCHIVE_ENCRYPTED); }
static void locked_unproved(struct world *w)
{
    locked_proved(w);
    w->claim.vouching.proved = false;
}
static void nested(struct world *w) { attach(w, "a.zip", "zip", FILE_ARCHIVE | FILE_ARCHIVE_NESTED)->entries = 1; }
static void nested_beside(struct world *w) { attach(w, "a.zip", "zip", FILE_ARCHIVE | FILE_ARCHIVE_NESTED)->entries = 5; }

static void text_shown(struct world *w, const char *text)
{
    *vec_push(w->arena, &w->content.words.texts) = (struct shown_text){.place = PLACE_TEXT, .raw = span_of(text)};
}
static void password_beside(struct world *w)
{
    locked_proved(w);
    text_shown(w, "The file is attached.\nPassword: abc123\n");
}
static void password_later(struct world *w)
{
    locked_proved(w);
    text_shown(w, "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89\xe3\x81\xaf\xe5\x88\xa5\xe9\x80\x94\nTel: 03\n");
}
static void password_by_rule(struct world *w) /* "Password: your date of birth and name. Example: 03311988smith" */
{
    password_beside(w);
    w->content.words.lures[LURE_PASSWORD_RULE] = (struct lure_fact){.count = 1, .strong = true, .phrase = S("is your date of birth")};
}

/* ---- pages */
static void smuggling(struct world *w) { attach(w, "v.html", "html", FILE_HTML | FILE_HTML_SCRIPT | FILE_HTML_SMUGGLING); }
static void page_with_script(struct world *w) { attach(w, "report.html", "html", FILE_HTML | FILE_HTML_SCRIPT); }
static void password(struct world *w)
{
    attach(w, "v.html", "html", FILE_HTML | FILE_HTML_FORM | FILE_HTML_PASSWORD);
    page_posts(w, "https://collect.foreign.example/x");
}
static void password_envelope(struct world *w)
{
    attach(w, "securedoc.html", "html", FILE_HTML | FILE_HTML_FORM | FILE_HTML_PASSWORD);
    page_posts(w, "https://res.cisco.com/envelopeopener/pf");
}
static void form_foreign(struct world *w)
{
    attach(w, "v.html", "html", FILE_HTML | FILE_HTML_FORM);
    page_posts(w, "https://collect.foreign.example/x");
}
static void form_home(struct world *w)
{
    attach(w, "v.html", "html", FILE_HTML | FILE_HTML_FORM);
    page_posts(w, "https://forms.brand.example/x");
}
static void redirect(struct world *w) { attach(w, "v.html", "html", FILE_HTML | FILE_HTML_REDIRECT); }
static void page_recipient(struct world *w)
{
    page_with_script(w);
    page_part.text = S("<script>var to='Bob@here.example'</script>");
}
static void page_recipient_read(struct world *w)
{
    attach(w, "invoice.html", "html", FILE_HTML);
    page_part.text = S("<p>For bob@here.example</p>");
}
static void page_lure(struct world *w)
{
    page_with_script(w);
    lure(w, LURE_VOICEMAIL);
}
static void page_plain_lure(struct world *w)
{
    attach(w, "invoice.html", "html", FILE_HTML);
    lure(w, LURE_INVOICE);
}
static void svg(struct world *w) { attach(w, "a.svg", "svg", FILE_HTML | FILE_HTML_SCRIPT | FILE_SVG_SCRIPT); }
static void svg_plain(struct world *w) { attach(w, "a.svg", "svg", FILE_HTML); }
static void svg_link(struct world *w)
{
    svg_plain(w);
    file_leads(w, FILE_LINK_HTML, "https://www.foreign.example/");
}
static void svg_own_link(struct world *w)
{
    svg_plain(w);
    file_leads(w, FILE_LINK_HTML, "https://www.brand.example/");
}

/* ---- documents */
static void autorun(struct world *w) { attach(w, "a.doc", "ole", FILE_OFFICE | FILE_OFFICE_MACRO | FILE_OFFICE_AUTORUN)->inner = S("autoopen"); }
static void macro(struct world *w) { attach(w, "a.xlsm", "xlsx", FILE_OFFICE | FILE_OFFICE_MACRO); }
static void office_plain(struct world *w) { attach(w, "a.docx", "docx", FILE_OFFICE | FILE_OFFICE_EMBEDDED); }
static void office_remote(struct world *w) { attach(w, "a.docx", "docx", FILE_OFFICE | FILE_OFFICE_REMOTE)->inner = S("https://example.net/t.dotm"); }
static void dde(struct world *w) { attach(w, "a.docx", "docx", FILE_OFFICE | FILE_OFFICE_DDE); }
static void office_program(struct world *w) { attach(w, "a.docx", "docx", FILE_OFFICE | FILE_OFFICE_EMBEDDED | FILE_ARCHIVE_EXECUTABLE); }
static void office_locked(struct world *w) { attach(w, "a.xlsx", "ole", FILE_OFFICE | FILE_OFFICE_ENCRYPTED); }
static void office_locked_unproved(struct world *w)
{
    office_locked(w);
    w->claim.vouching.proved = false;
}
static void pdf_launch(struct world *w) { attach(w, "a.pdf", "pdf", FILE_PDF | FILE_PDF_ACTION)->inner = S("Launch"); }
static void pdf_script(struct world *w) { attach(w, "form.pdf", "pdf", FILE_PDF | FILE_PDF_ACTION)->inner = S("JavaScript"); }
static void pdf_leads(struct world *w)
{
    document(w);
    file_leads(w, FILE_LINK_PDF, "https://www.foreign.example/pay");
}
static void pdf_leads_beside(struct world *w)
{
    pdf_leads(w);
    w->content.links.clickable = 3;
}
static void pdf_leads_home(struct world *w)
{
    document(w);
    file_leads(w, FILE_LINK_PDF, "https://pay.brand.example/pay");
}
static void pdf_lure(struct world *w)
{
    pdf_leads_beside(w);
    lure(w, LURE_INVOICE);
}
static void pdf_lure_home(struct world *w)
{
    pdf_leads_home(w);
    lure(w, LURE_INVOICE);
}

/* ---- codes, invitations, links */
static void image_leads(struct world *w, const char *address)
{
    attach(w, "code.png", "png", FILE_QR)->shown = true;
    w->content.files.images = 1;
    file_leads(w, FILE_LINK_QR, address);
}
static void qr_foreign(struct world *w) { image_leads(w, "https://www.foreign.example/q"); }
static void qr_home(struct world *w) { image_leads(w, "https://brand.example/q"); }
static void qr_lure(struct world *w)
{
    qr_foreign(w);
    w->content.links.clickable = 1;
    lure(w, LURE_SIGN_IN);
}
static void qr_poster(struct world *w)
{
    qr_foreign(w);
    w->content.links.clickable = 1;
}
static void invitation(struct world *w)
{
    attach(w, "invite.ics", "ics", FILE_CALENDAR);
    file_leads(w, FILE_LINK_CALENDAR, "https://www.foreign.example/meet");
}
static void invitation_lure(struct world *w)
{
    invitation(w);
    lure(w, LURE_ACCOUNT_ENDS);
}
static void invitation_papers(struct world *w)
{
    invitation(w);
    lure(w, LURE_INVOICE);
}
static void invitation_meeting(struct world *w) /* at a service that is known */
{
    attach(w, "invite.ics", "ics", FILE_CALENDAR);
    file_leads(w, FILE_LINK_CALENDAR, "https://us02web.zoom.us/j/84155501170");
    lure(w, LURE_ACCOUNT_ENDS);
}
static void borrowed(struct world *w)
{
    document(w);
    file_leads(w, FILE_LINK_PDF, "https://bit.ly/abc");
}
static void bears_recipient(struct world *w)
{
    document(w);
    file_leads(w, FILE_LINK_PDF, "https://www.foreign.example/?e=bob%40here.example");
}
static void bears_nobody(struct world *w)
{
    pdf_leads(w);
}

/* ---- what is said to lie in a file, and strangers' files */
static void page_message(struct world *w)
{
    attach(w, "voice.html", "html", FILE_HTML | FILE_HTML_SCRIPT);
    lure(w, LURE_VOICEMAIL);
}
static void page_no_message(struct world *w)
{
    attach(w, "voice.html", "html", FILE_HTML | FILE_HTML_SCRIPT);
    lure(w, LURE_PRIZE);
}
static void stranger_file(struct world *w)
{
    attach(w, "letter.pdf", "pdf", FILE_PDF);
    file_leads(w, FILE_LINK_PDF, "https://docs.google.com/forms/d/e/1/viewform");
    w->claim.mismatch.from_free_mail = true;
    w->content.words.letters = 60;
}
static void stranger_ticket(struct world *w) /* a shop's page beside */
{
    stranger_file(w);
    file_leads(w, FILE_LINK_PDF, "https://tickets.example/42");
}
static void stranger_gain(struct world *w) /* a host of its own, and a word of coins */
{
    attach(w, "letter.pdf", "pdf", FILE_PDF);
    file_leads(w, FILE_LINK_PDF, "https://coins.example/42");
    w->content.words.lures[LURE_CRYPTO].count = 1;
    w->claim.mismatch.from_free_mail = true;
}
static void stranger_bill(struct world *w)
{
    stranger_gain(w);
    w->content.words.lures[LURE_CRYPTO].count = 0;
    lure(w, LURE_INVOICE);
}
static void stranger_letter_long(struct world *w)
{
    stranger_file(w);
    w->content.words.letters = 900;
}
static void firm_file(struct world *w)
{
    stranger_file(w);
    w->claim.mismatch.from_free_mail = false;
}

const struct evidence_case file_cases[] = {
    {"file-program", "a program against a document", program, document},
    {"file-script", "a shortcut against a document", script, document},
    {"file-double-ending", "two endings against one", doubled, program},
    {"file-name-misfits", "a program named as a picture", misfit, document},
    {"file-disk-image", "an image of a disk against an archive", disk, archive},
    {"file-broken", "a letter and a picture", broken_pdf, broken_picture},
    {"file-broken", "a list", broken_pdf, broken_on_list},
    {"picture-unread", "words beside it", picture_alone, picture_beside_words},
    {"picture-unread", "searched", picture_alone, picture_searched},
    {"file-unread", "an attachment against a picture that is shown", unread, picture_unread},
    {"archive-program", "a program in an archive", archive_program, archive},
    {"archive-locked-program", "locked with a program against locked", locked_program, locked_proved},
    {"archive-locked", "locked by nobody proved, and by somebody proved", locked_unproved, locked_proved},
    {"file-password-told", "the password beside the file, and one that comes by another mail", password_beside, password_later},
    {"file-password-told", "made of what only the reader knows", password_beside, password_by_rule},
    {"archive-in-archive", "an archive alone in an archive, and among files", nested, nested_beside},
    {"page-smuggling", "a page that unpacks a file, and one with a script", smuggling, page_with_script},
    {"page-password", "a form of nobody known, and the envelope of a mail service", password, password_envelope},
    {"page-form", "a form that posts elsewhere, and one that posts home", form_foreign, form_home},
    {"page-redirect", "a page that only leads on", redirect, page_with_script},
    {"page-recipient", "the address in a script, and in an invoice to be read", page_recipient, page_recipient_read},
    {"page-message", "a page beside another lure", page_message, page_no_message},
    {"stranger-file", "more than one place", stranger_file, stranger_ticket},
    {"stranger-file", "a letter to be read", stranger_file, stranger_letter_long},
    {"stranger-file", "a tradesman's bill", stranger_gain, stranger_bill},
    {"stranger-file", "from a firm", stranger_file, firm_file},
    {"page-lure", "a page with a script, and one to be read", page_lure, page_plain_lure},
    {"svg-script", "a picture with a script", svg, svg_plain},
    {"svg-link", "a picture that leads elsewhere, and home", svg_link, svg_own_link},
    {"office-autorun", "macros that start by themselves", autorun, macro},
    {"office-macro", "macros", macro, office_plain},
    {"office-remote", "a template from elsewhere", office_remote, office_plain},
    {"office-dde", "a field that starts a program", dde, office_plain},
    {"office-program", "a program in a document, and a table in one", office_program, office_plain},
    {"office-locked", "locked by nobody proved, and by somebody proved", office_locked_unproved, office_locked},
    {"pdf-launch", "starts a program, and computes a form", pdf_launch, pdf_script},
    {"pdf-action", "computes a form", pdf_script, document},
    {"pdf-only-link", "the only way on is in the file", pdf_leads, pdf_leads_beside},
    {"pdf-only-link", "a link home", pdf_leads, pdf_leads_home},
    {"pdf-lure", "an invoice that leads elsewhere, and home", pdf_lure, pdf_lure_home},
    {"qr-only-link", "a code that leads elsewhere, and home", qr_foreign, qr_home},
    {"qr-lure", "a code to sign in by, and one on a poster", qr_lure, qr_poster},
    {"calendar-account", "an account against papers", invitation_lure, invitation_papers},
    {"calendar-account", "a meeting at a known service", invitation_lure, invitation_meeting},
    {"calendar-lure", "an invitation with a threat, and without", invitation_lure, invitation},
    {"file-link-borrowed", "a short address in a file, and a whole one", borrowed, pdf_leads},
    {"file-link-recipient", "the recipient in the address", bears_recipient, bears_nobody},
    {0},
};
