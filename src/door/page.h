/* door/page: what readers see behind locked links: pages of HTML that need no JavaScript, no cookie, and fetch nothing.
 *
 * In: what is known of a pass. Out: a page. Its words stand in door/page.def, in English and Japanese; every word of a stranger is
 * escaped. Never: makes the target a link, fetches it, or names it anywhere but as text.
 */
#pragma once
#include "base/base.h"
#include "message/url.h"
#include "record/click.h"

enum page_text {
#define TEXT(id, en, ja) id,
#include "door/page.def"
#undef TEXT
    PAGE_TEXT_COUNT
};
const char *reader_text(enum page_text id, enum language language);

struct page_view {
    enum language language;
    enum page_text problem;       /* where `visited` is NULL: the sentence that says what, and what to do */
    const struct pass *pass;      /* NULL: not known */
    const struct visited *visited; /* end GOOD */
    const struct url *target;     /* http or https; NULL: none that can be opened */
};
void reader_page_write(struct arena *arena, const struct page_view *view, struct buf *out);
/* Content-Security-Policy: nothing but its own style. Forms lead to places elsewhere, by our answer. */
const char *reader_page_policy(void);
/* asked: "ja" or "en" of the page's own switch, may be empty; accept: Accept-Language (RFC 9110 12.5.4). English where neither says. */
enum language reader_page_language(struct span asked, struct span accept);
