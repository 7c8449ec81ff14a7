#include "world.h"

static void pictures(struct world *w)
{
    w->content.look.one_image_linked = w->content.look.picture_mail = w->content.look.image_foreign = true;
    w->content.look.html_no_root = w->content.look.html_base64 = w->content.look.html_only = true;
    main_link_put(w, true);
}
static void pictures_vouched(struct world *w)
{
    pictures(w);
    main_link_put(w, false);
}
static void pictures_of_the_site(struct world *w)
{
    pictures(w);
    w->content.look.image_foreign = false;
}
static void pictures_by_service(struct world *w)
{
    pictures(w);
    w->claim.vouching.main_by_service = true;
}
static void with_plain_text(struct world *w)
{
    pictures(w);
    w->content.look.html_only = false;
}
static void password_input(struct world *w)
{
    w->content.look.form = w->content.look.password_input = true;
}
static void form(struct world *w)
{
    w->content.look.form = true;
}
static void form_proved(struct world *w)
{
    form(w);
    w->claim.vouching.proved = true;
}
static void hidden_filler(struct world *w)
{
    w->content.look.hidden_much = true;
}
static void hidden_proved(struct world *w)
{
    hidden_filler(w);
    w->claim.vouching.proved = true;
}
static void texts_differ(struct world *w)
{
    w->content.look.text_differs = true;
}
static void blank_run(struct world *w)
{
    w->content.look.blank_run = true;
}
static void priority(struct world *w)
{
    w->content.look.priority_high = true;
}
static void nothing_to_read(struct world *w)
{
    w->content.look.nothing_to_read = true;
}
static void nothing_known(struct world *w)
{
    nothing_to_read(w);
    w->claim.vouching.unknown = true;
}

const struct evidence_case look_cases[] = {
    {"one-image-unvouched", "vouched", pictures, pictures_vouched},
    {"one-image-unvouched", "the service that sent it", pictures, pictures_by_service},
    {"picture-unvouched", "vouched", pictures, pictures_vouched},
    {"image-foreign", "of the site itself", pictures, pictures_of_the_site},
    {"picture-foreign", "of the site itself", pictures, pictures_of_the_site},
    {"password-input", "a form without it", password_input, form},
    {"form-inside", "proved", form, form_proved},
    {"hidden-filler", "proved and vouched", hidden_filler, hidden_proved},
    {"texts-differ", "honest", texts_differ, honest},
    {"blank-run", "honest", blank_run, honest},
    {"html-no-root", "vouched", pictures, pictures_vouched},
    {"html-base64", "with plain text", pictures, with_plain_text},
    {"priority-high", "honest", priority, honest},
    {"nothing-to-read", "nothing was checked", nothing_to_read, nothing_known},
    {0},
};
