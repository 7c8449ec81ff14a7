/* Tag lists of DKIM and ARC, RFC 6376 3.2, read to the letter. */
#pragma once
#include "base/base.h"

struct tag {
    struct span name;  /* case matters */
    struct span value; /* without the white space around it; folds inside are kept */
    struct span whole; /* all that stands between "=" and ";": what is emptied where b= is left out */
};
struct tag_list {
    VEC(struct tag) tags;
};

enum { TAGS_MOST = 100 };

/* False: the list is not one; *why says in words what is wrong. Spans point into text. */
bool tag_list_parse(struct arena *arena, struct span text, struct tag_list *out, struct span *why);
const struct tag *tag_find(const struct tag_list *list, const char *name); /* NULL: absent */
struct span tag_value(const struct tag_list *list, const char *name);      /* empty: absent */

/* Next item of a colon-separated list (h=, q=, s=, t=), trimmed. */
bool tag_item(struct span *rest, struct span *item);
bool tag_items_have(struct span list, const char *item); /* ASCII case ignored */

/* Labels of letters, digits, hyphens and underscores: what may be asked of DNS. With `dotted` at least two labels. */
bool domain_is_plain(struct span domain, bool dotted);

/* RFC 4648 4 with white space anywhere; false where it is not base64. */
bool tag_base64_read(struct arena *arena, struct span text, struct span *out);
struct span tag_base64_write(struct arena *arena, const void *at, size_t len);
