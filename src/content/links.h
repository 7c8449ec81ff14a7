/* content/links: what each link leads to, as far as its own letters tell.
 *
 * The links that message/message.h found in; facts out, no score. Nothing is fetched: a redirector is unwrapped only where it
 * carries its target. Sources: WHATWG URL; the forms of the rewriters as their makers publish them (data/redirectors.yaml). */
#pragma once
#include "message/message.h"
#include "message/url.h"
#include "table/lists.h"

enum link_trait {
    TRAIT_TEXT_DIFFERS = 1 << 0,   /* its text names a host of another organisation than it leads to */
    TRAIT_IMAGE_ONLY = 1 << 1,     /* an anchor around an image, without words */
    TRAIT_UNWRAPPED = 1 << 2,      /* went through redirectors that carry their target */
    TRAIT_OPAQUE = 1 << 3,         /* ends at a redirector that does not tell */
    TRAIT_ADDRESS_HOST = 1 << 4,   /* an IP address */
    TRAIT_ODD_NUMBER = 1 << 5,     /* ... written as one number, octal or hexadecimal */
    TRAIT_USERINFO = 1 << 6,       /* a name before @ */
    TRAIT_USERINFO_HOST = 1 << 7,  /* ... that looks like a host */
    TRAIT_PORT = 1 << 8,           /* other than the scheme's */
    TRAIT_RECIPIENT = 1 << 9,      /* the recipient's address in it: plain, percent, base64 or hex */
    TRAIT_RECIPIENT_FRAGMENT = 1 << 10, /* ... in the fragment, which no server sees: for a page's script */
    TRAIT_DATA = 1 << 11, TRAIT_BLOB = 1 << 12, TRAIT_SCRIPT = 1 << 13, /* data:, blob:, javascript: */
    TRAIT_KIT_PATH = 1 << 14,      /* one unbroken segment of mixed letters and figures, 30 or more, as bulk kits make them */
    TRAIT_PAGE_FILE = 1 << 15,     /* an .html file in a bucket or share */
    TRAIT_DOWNLOAD = 1 << 16,      /* leads to a program, archive or disk image by its name */
    TRAIT_PUNYCODE = 1 << 17,
    TRAIT_DEEP_HOST = 1 << 18,     /* five or more labels before the public suffix */
    TRAIT_PRIVATE_SUFFIX = 1 << 19, /* under a private suffix of the public suffix list: a customer of a hoster */
    TRAIT_WORDPRESS = 1 << 20,     /* wp-content, wp-includes and the like: a page put into somebody's site */
    TRAIT_REDIRECT_OPEN = 1 << 21, /* unwrapped through a search engine, advertising or other redirector that is no mail tool */
    TRAIT_TOKEN_EMPTY = 1 << 22,   /* a template's field that was not filled in */
    TRAIT_ADDRESS_INSIDE = 1 << 24, /* anybody's mail address in it, plain, base64 or hex; asked for the main link only */
    TRAIT_LINK_INSIDE = 1 << 26,   /* its query names a page of another organisation; asked for the main link only */
    TRAIT_MACHINE_NAME = 1 << 25,  /* named after its IP address, as hosters and providers call what they rent out */
    TRAIT_BACKSLASH = 1 << 23      /* slashes written backwards, control characters, or a scheme that browsers mend */
};
struct link_fact {
    const struct link *link;
    struct url target;             /* after unwrapping; the link's own URL where nothing was */
    struct span host, organisation; /* of the target; empty where it has no host name */
    struct span shown_host;        /* that the text names, where TRAIT_TEXT_DIFFERS */
    unsigned traits;               /* bits of enum link_trait */
    unsigned kinds;                /* bits of enum host_kind of the target */
    struct span listed;            /* the list's entry that gave the kinds */
    struct span owner;             /* of a file share or form: tenant or account as the URL names it ("contoso" of contoso-my.sharepoint.com) */
    const struct redirector *through; /* the outermost redirector, or NULL */
    unsigned hops;                 /* redirectors undone */
    bool clickable;                /* anchor, area, form, text or refresh: a person can follow it */
    bool seen;                     /* ... and it is not hidden */
};
struct content_links {
    VEC(struct link_fact) list;    /* one each distinct (kind, target, text); http(s) and what browsers take; mailto and tel apart */
    size_t clickable, images;      /* distinct targets */
    size_t telephone, mailto;
    VEC(struct span) mailto_hosts;
    unsigned traits, kinds;        /* union over seen clickable links */
    const struct link_fact *main;  /* the link most of the mail leads to: most often, then the earliest button; NULL: none */
    bool all_images;               /* every seen clickable link is an image without words (at least one) */
    bool one_target;               /* two or more links, all of one and the same URL */
    size_t organisations;          /* distinct among clickable links */
    bool same_shape_twice;         /* two links of one host whose paths differ only in random letters: offer and unsubscribe of a kit */
};
void content_links_read(struct arena *arena, const struct tables *tables, const struct arrival *arrival,
                        const struct message *message, struct content_links *out);
/* One URL undone through redirectors that carry their target, at most 8 times. Returns how many; *out is url itself where 0. */
unsigned link_unwrap(struct arena *arena, const struct tables *tables, const struct url *url, struct url *out,
                     const struct redirector **outermost, bool *opaque);
