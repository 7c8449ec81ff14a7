#include "message/html_reader.h"

enum { ZERO_FONT_TENTHS = 5, TINY_FONT_TENTHS = 30, SAME_COLOUR_STEPS = 12 };

const struct looks looks_start = {.font = 160, .colour = 0x000000, .background = 0xffffff, .background_known = true};

/* No part of the two differs by more than a person could see on a screen. */
static bool colours_same(int32_t a, int32_t b)
{
    for (int shift = 0; shift <= 16; shift += 8) {
        int difference = (a >> shift & 255) - (b >> shift & 255);
        if (difference > SAME_COLOUR_STEPS || difference < -SAME_COLOUR_STEPS)
            return false;
    }
    return true;
}

static bool holds(const struct css *css, enum css_property property)
{
    return (css->set >> property & 1) && css->value[property];
}

static void hide_whole(const struct css *css, struct looks *out)
{
    bool shown = (css->set >> CSS_DISPLAY_NONE & 1) && !css->value[CSS_DISPLAY_NONE];
    if (holds(css, CSS_DISPLAY_NONE) || holds(css, CSS_MSO_HIDE))
        out->hidden |= HTML_HIDDEN_DISPLAY;
    if (holds(css, CSS_ATTRIBUTE) && !shown)
        out->hidden |= HTML_HIDDEN_ATTRIBUTE;
    if (holds(css, CSS_TRANSPARENT))
        out->hidden |= HTML_HIDDEN_OPACITY;
    if ((holds(css, CSS_POSITIONED) && holds(css, CSS_FAR)) || holds(css, CSS_INDENTED_FAR) || holds(css, CSS_MOVED))
        out->hidden |= HTML_HIDDEN_OFF_SCREEN;
    bool low = holds(css, CSS_LOW) || holds(css, CSS_MAX_LOW), narrow = holds(css, CSS_NARROW) || holds(css, CSS_MAX_NARROW);
    if ((holds(css, CSS_CUTS) && (low || narrow)) || holds(css, CSS_CLIPPED))
        out->hidden |= HTML_HIDDEN_CLIPPED;
}

static void font_of(const struct css *css, struct looks *out)
{
    int32_t size = css->value[CSS_FONT];
    out->font = size >= 0 ? size : (int32_t)((int64_t)out->font * (-1 - size) / 1000);
    if (out->font > 100000)
        out->font = 100000;
}

void looks_of(const struct looks *parent, const struct css *css, struct looks *out)
{
    *out = *parent;
    if (!css->set)
        return;
    hide_whole(css, out);
    if (css->set >> CSS_INVISIBLE & 1)
        out->invisible = css->value[CSS_INVISIBLE];
    if (css->set >> CSS_PRE & 1)
        out->pre = css->value[CSS_PRE];
    if (css->set >> CSS_FONT & 1)
        font_of(css, out);
    if (css->set >> CSS_COLOUR & 1)
        out->colour = css->value[CSS_COLOUR];
    if ((css->set >> CSS_BACKGROUND & 1) && css->value[CSS_BACKGROUND] != COLOUR_NONE) {
        out->background = css->value[CSS_BACKGROUND];
        out->background_known = true;
    }
    if (holds(css, CSS_IMAGE))
        out->background_known = false;
    out->bits = out->hidden;
    out->bits |= out->invisible ? HTML_HIDDEN_VISIBILITY : 0;
    out->bits |= out->font < ZERO_FONT_TENTHS ? HTML_HIDDEN_ZERO_FONT : out->font <= TINY_FONT_TENTHS ? HTML_HIDDEN_TINY : 0;
    if (out->colour == COLOUR_NONE || (out->background_known && colours_same(out->colour, out->background)))
        out->bits |= HTML_HIDDEN_SAME_COLOUR;
}
