/* identity/told: what room `content` read of a message, as the walk hands it over: texts with the names found in them, and the hosts that
 * links lead to. Spans and what is folded are content's, and outlive the claim. */
#pragma once
#include "base/base.h"
#include "message/message.h"
#include "table/phrases.h"

enum told_place { TOLD_NAME = 1, TOLD_SUBJECT = 2, TOLD_TOP = 4, TOLD_TEXT = 8, TOLD_LINK = 16, TOLD_IMAGE = 32, TOLD_FILE_NAME = 64, TOLD_TITLE = 128, TOLD_FILE_TEXT = 256 };
struct told_text { /* the places are those of content's enum text_place */
    enum told_place place;
    struct span raw;
    const struct folded *folded;
    const struct phrase_hit *hits;
    size_t hit_count;
    struct span link_host;     /* for link and image texts: where it leads; may be empty */
};
struct told_host {
    struct span host, organisation;
    unsigned kinds;            /* bits of enum host_kind */
    bool clickable, image, main; /* main: most of the mail leads there */
    unsigned times;
};
struct told {
    VEC(struct told_text) texts;
    VEC(struct told_host) hosts; /* one each distinct host and use */
    const struct mailbox *forwarded; /* who a letter is said to be of that is passed on without a word; NULL: it is none */
    struct span forwarded_subject;
    VEC(struct told_text) forwarded_texts; /* ... as name and subject */
    bool history;              /* an earlier letter stands quoted below the author's own words */
    bool calls;                /* asks to be called, and tells a number */
};
