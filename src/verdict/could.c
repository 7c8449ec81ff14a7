#include "verdict/judging.h"

/* Which evidence was able to fire at all. A fact about links says nothing of a message without links, neither way. */

static bool has_image(const struct content *content)
{
    return content->look.images || content->files.images;
}

unsigned judging_could(const struct judging *at)
{
    const struct content *content = at->content;
    const struct claim *claim = at->claim;
    const bool has[NEED_COUNT] = {
        [NEED_ANY] = true,
        [NEED_FROM] = at->message->from.len > 0,
        [NEED_NAME] = at->message->from.len > 0 && at->message->from.at[0].name.len,
        [NEED_TEXT] = content && content->words.letters >= 20,
        [NEED_LINKS] = content && content->links.clickable,
        [NEED_HTML] = content && content->look.html,
        [NEED_IMAGES] = content && has_image(content),
        [NEED_FILES] = content && content->files.files,
        [NEED_ROAD] = at->path->smtp && at->path->edge_known,
        [NEED_PROOF] = at->proof->basis != BASIS_NONE,
        [NEED_PROVED] = claim && claim->vouching.proved,
        [NEED_CLAIM] = claim && claim->brands.len,
        [NEED_OWN] = claim && claim->own_configured,
        [NEED_REPLY_TO] = at->message->reply_to.len > 0,
        [NEED_RELAY] = at->relay && at->relay->applies,
        [NEED_FORWARDED] = claim && claim->forwarded.is,
        [NEED_LISTS] = at->testimony && at->testimony->listings.len,
        [NEED_SCANNER] = at->testimony && at->testimony->scanned,
    };
    unsigned could = 0;
    for (int need = 0; need < NEED_COUNT; need++)
        could |= has[need] ? 1U << need : 0;
    return could;
}

const char *need_name(enum need need)
{
    static const char *const names[] = {
        [NEED_ANY] = "any", [NEED_FROM] = "from", [NEED_NAME] = "name", [NEED_TEXT] = "text", [NEED_LINKS] = "links", [NEED_HTML] = "html",
        [NEED_IMAGES] = "images", [NEED_FILES] = "files", [NEED_ROAD] = "road", [NEED_PROOF] = "proof", [NEED_PROVED] = "proved",
        [NEED_CLAIM] = "claim", [NEED_OWN] = "own", [NEED_REPLY_TO] = "reply-to", [NEED_RELAY] = "relay",
        [NEED_FORWARDED] = "forwarded", [NEED_LISTS] = "lists", [NEED_SCANNER] = "scanner",
    };
    return names[need];
}

/* Only what every kind of mail has alike: whether files, proofs or a Reply-To are there differs by where mail was collected. */
bool need_has_absence(enum need need)
{
    return need == NEED_ANY || need == NEED_LINKS || need == NEED_CLAIM;
}
