#include "content/link_inner.h"

/* The recipient's address in a link, as tools write it: plain, percent-encoded, in base64 or hexadecimal. */
enum { RECIPIENTS_MOST = 3, SHORTEST = 6 };

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The digits that stand for the address alone, when `before` bytes of something else stand before it in its group. */
static struct span base64_form(struct arena *arena, struct span address, size_t before)
{
    size_t bits = (before + address.len) * 8, first = (before * 8 + 5) / 6, last = bits / 6;
    if (last <= first)
        return S("");
    char *to = arena_alloc(arena, last - first + 1);
    for (size_t i = first; i < last; i++) {
        size_t byte = i * 6 / 8 - before, shift = 10 - i * 6 % 8; /* of the byte and the one behind it, where it reaches so far */
        unsigned two = (unsigned)(unsigned char)address.at[byte] << 8 | (shift < 8 ? (unsigned char)address.at[byte + 1] : 0u);
        to[i - first] = base64_digits[two >> shift & 63];
    }
    return (struct span){to, last - first};
}

static struct span hex_form(struct arena *arena, struct span address, const char *figures)
{
    char *hex = arena_alloc(arena, address.len * 2 + 1);
    for (size_t i = 0; i < address.len; i++) {
        hex[i * 2] = figures[(unsigned char)address.at[i] >> 4];
        hex[i * 2 + 1] = figures[(unsigned char)address.at[i] & 15];
    }
    return (struct span){hex, address.len * 2};
}

static void form_add(struct link_reader *reader, struct span text, bool plain)
{
    if (text.len < SHORTEST)
        return;
    vec_each (form, &reader->recipients)
        if (span_eq(form->text, text))
            return;
    *vec_push(reader->arena, &reader->recipients) = (struct recipient_form){text, plain};
    if (!reader->shortest_recipient || text.len < reader->shortest_recipient)
        reader->shortest_recipient = text.len;
}

static void address_add(struct link_reader *reader, struct span address)
{
    struct span lower = arena_lower(reader->arena, address);
    if (address.len < SHORTEST || address.len > 254 || !span_find_byte(address, '@'))
        return;
    form_add(reader, lower, true);
    form_add(reader, hex_form(reader->arena, lower, "0123456789abcdef"), false);
    form_add(reader, hex_form(reader->arena, lower, "0123456789ABCDEF"), false);
    for (size_t before = 0; before < 3; before++) {
        form_add(reader, base64_form(reader->arena, address, before), false);
        if (!span_eq(address, lower))
            form_add(reader, base64_form(reader->arena, lower, before), false);
    }
}

void recipients_make(struct link_reader *reader, const struct arrival *arrival)
{
    size_t envelope = arrival ? arrival->rcpt_to.len : 0;
    for (size_t i = 0; i < envelope && i < RECIPIENTS_MOST; i++)
        address_add(reader, arrival->rcpt_to.at[i].address);
    for (size_t i = 0; !envelope && i < reader->message->to.len && i < RECIPIENTS_MOST; i++)
        address_add(reader, reader->message->to.at[i].address);
}

static bool names_recipient(const struct link_reader *reader, struct span words)
{
    if (!reader->shortest_recipient || words.len < reader->shortest_recipient)
        return false;
    words = percent_undo(reader->arena, words);
    bool at_sign = span_find_byte(words, '@') != NULL;
    vec_each (form, &reader->recipients)
        if (form->plain ? at_sign && span_find_case(words, form->text) : span_find(words, form->text) != NULL)
            return true;
    return false;
}

/* The fragment ends in an address of any domain: pages of kits read whom they show themselves to from there. */
static bool ends_in_address(struct arena *arena, struct span fragment)
{
    fragment = percent_undo(arena, span_first(fragment, 512));
    const char *at = span_find_byte(fragment, '@');
    if (!at || at == fragment.at)
        return false;
    struct span domain = span_from(at + 1, fragment.at + fragment.len);
    const char *dot = span_find_byte(domain, '.');
    bool plain = dot && dot > domain.at && dot + 2 < domain.at + domain.len;
    for (size_t i = 0; i < domain.len; i++)
        plain &= ascii_is_alpha(domain.at[i]) || ascii_is_digit(domain.at[i]) || domain.at[i] == '-' || domain.at[i] == '.';
    return plain && (ascii_is_alpha(at[-1]) || ascii_is_digit(at[-1]));
}

unsigned recipient_traits(const struct link_reader *reader, const struct url *url)
{
    unsigned traits = names_recipient(reader, url->path) || names_recipient(reader, url->query) ? TRAIT_RECIPIENT : 0;
    if (url->fragment.len && (names_recipient(reader, url->fragment) || ends_in_address(reader->arena, url->fragment)))
        traits |= TRAIT_RECIPIENT | TRAIT_RECIPIENT_FRAGMENT;
    return traits;
}
