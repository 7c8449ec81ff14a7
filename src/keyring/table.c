/* The table: a row a key, its words parted by blanks, "-" for none. */
#include "keyring/inner.h"

static const char *const purposes[PURPOSE_COUNT] = {"seal", "token", "dkim", "arc"};
static const char *const states[] = {"next", "current", "retiring"};
enum { STATES = 3, COLUMNS = 9 };
static const char head[] = "# Keys of Sekimori: purpose id state made since expires domain selector algorithm. Written by `sekimori key`.\n";

const char *purpose_name(enum key_purpose purpose)
{
    return purposes[purpose];
}

bool purpose_by_name(struct span name, enum key_purpose *out)
{
    for (int i = 0; i < PURPOSE_COUNT; i++)
        if (span_eq(name, span_of(purposes[i]))) {
            *out = (enum key_purpose)i;
            return true;
        }
    return false;
}

bool purpose_is_published(enum key_purpose purpose)
{
    return purpose == PURPOSE_DKIM || purpose == PURPOSE_ARC;
}

const char *key_state_name(enum key_state state)
{
    return states[state];
}

static void word_write(struct buf *out, struct span word)
{
    buf_print(out, " %.*s", SPAN_FMT(word.len ? word : S("-")));
}

void table_write(const struct keyring *ring, struct buf *out)
{
    buf_add(out, S(head));
    vec_each(key, &ring->keys) {
        buf_print(out, "%s %.*s %s %lld %lld", purposes[key->purpose], SPAN_FMT(key->id), states[key->state], (long long)key->made, (long long)key->since);
        word_write(out, key->expires == TIME_UNKNOWN ? S("") : arena_print(ring->arena, "%lld", (long long)key->expires));
        word_write(out, key->domain);
        word_write(out, key->selector);
        word_write(out, key->algorithm);
        buf_byte(out, '\n');
    }
}

static bool time_take(struct span word, int64_t *out)
{
    uint64_t seconds;
    *out = TIME_UNKNOWN;
    if (span_eq(word, S("-")))
        return true;
    if (!span_number(word, INT64_MAX, &seconds))
        return false;
    *out = (int64_t)seconds;
    return true;
}

static struct span word_take(struct span word)
{
    return span_eq(word, S("-")) ? (struct span){0} : word;
}

static bool id_is_good(struct span id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!ascii_is_digit(id.at[i]) && !(id.at[i] >= 'a' && id.at[i] <= 'z'))
            return false;
    return id.len == KEY_ID_LETTERS;
}

static bool row_read(struct span line, struct ring_key *out)
{
    struct span words[COLUMNS], more;
    size_t count = 0;
    while (count < COLUMNS && span_word(&line, &words[count]))
        count++;
    *out = (struct ring_key){0};
    if (count < COLUMNS || span_word(&line, &more) || !purpose_by_name(words[0], &out->purpose) || !id_is_good(words[1]))
        return false;
    int state = 0;
    while (state < STATES && !span_eq(words[2], span_of(states[state])))
        state++;
    out->id = words[1];
    out->state = (enum key_state)state;
    out->domain = word_take(words[6]);
    out->selector = word_take(words[7]);
    out->algorithm = word_take(words[8]);
    return state < STATES && time_take(words[3], &out->made) && time_take(words[4], &out->since) && time_take(words[5], &out->expires) &&
           purpose_is_published(out->purpose) == (out->domain.len && out->selector.len && out->algorithm.len);
}

int table_read(struct keyring *ring, struct span text, struct err *err)
{
    struct span line;
    unsigned number = 0;
    while (span_cut(&text, '\n', &line)) {
        struct ring_key key;
        number++;
        if (!span_trim(line).len || line.at[0] == '#')
            continue;
        if (!row_read(line, &key))
            return err_set(err, "keys:%u: this is no row of the table of keys; put back a copy, or take the line out", number);
        *vec_push(ring->arena, &ring->keys) = key;
    }
    return 0;
}
