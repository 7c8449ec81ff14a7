#include "verdict/judging.h"

/* How the letter looks. Honest shops send pictures too: what tells is a picture that leads where nobody vouches. */

static bool main_is_out(const struct judging *at)
{
    const struct vouching *vouching = &at->claim->vouching;
    return at->content->links.main && vouching->main_out && !vouching->main_by_service && !(vouching->main_brand && vouching->proved);
}

static void say(struct judging *at, enum evidence_id id, struct span word)
{
    evidence_add(at, id, S("text"), word, S(""), S(""));
}

static void pictures_weigh(struct judging *at, const struct content_look *look)
{
    if (!main_is_out(at))
        return;
    struct span host = at->content->links.main->host;
    if (look->one_image_linked)
        say(at, EVIDENCE_ONE_IMAGE_UNVOUCHED, host);
    if (look->picture_mail)
        say(at, EVIDENCE_PICTURE_UNVOUCHED, host);
    if (look->image_foreign)
        say(at, EVIDENCE_IMAGE_FOREIGN, host);
    if (look->picture_mail && look->image_foreign)
        say(at, EVIDENCE_PICTURE_FOREIGN, host);
}

static void page_weigh(struct judging *at, const struct content_look *look)
{
    bool out = main_is_out(at);
    if (look->password_input)
        say(at, EVIDENCE_PASSWORD_INPUT, S(""));
    else if (look->form && !at->claim->vouching.proved)
        say(at, EVIDENCE_FORM_INSIDE, S(""));
    if (look->hidden_much && (out || !at->claim->vouching.proved))
        say(at, EVIDENCE_HIDDEN_FILLER, S(""));
    if (look->text_differs)
        say(at, EVIDENCE_TEXTS_DIFFER, S(""));
    if (look->blank_run)
        say(at, EVIDENCE_BLANK_RUN, S(""));
    if (look->html_no_root && out)
        say(at, EVIDENCE_HTML_NO_ROOT, at->content->links.main->host);
    if (look->html_base64 && look->html_only && out)
        say(at, EVIDENCE_HTML_BASE64, at->content->links.main->host);
}

void evidence_of_looks(struct judging *at)
{
    if (!at->content || !at->claim)
        return;
    const struct content_look *look = &at->content->look;
    pictures_weigh(at, look);
    page_weigh(at, look);
    if (look->priority_high)
        say(at, EVIDENCE_PRIORITY_HIGH, S(""));
    if (look->nothing_to_read && !at->claim->vouching.proved && !at->claim->vouching.unknown)
        say(at, EVIDENCE_NOTHING_TO_READ, S(""));
}
