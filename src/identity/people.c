/* Protected people: names in any order and script, written from elsewhere. */
#include "identity/scene.h"

enum { WORDS_MOST = 12, WORD_LEAST = 2 };

struct words {
    struct span at[WORDS_MOST];
    size_t len;
    bool title;         /* a title stood among them */
    struct span joined; /* all of it without blanks: Japanese names are written with one or none */
};

static struct words words_read(const struct scene *at, struct span folded)
{
    struct words out = {0};
    struct span word;
    while (out.len < WORDS_MOST && span_word(&folded, &word)) {
        bool title = name_word_uses(at->tables, word) & NAME_WORD_TITLE;
        out.title |= title;
        if (!title)
            out.at[out.len++] = word;
    }
    return out;
}

static bool has_word(const struct words *words, struct span wanted)
{
    for (size_t i = 0; i < words->len; i++)
        if (span_eq(words->at[i], wanted))
            return true;
    return false;
}

static bool has_initial(const struct words *words, char initial)
{
    for (size_t i = 0; i < words->len; i++)
        if (words->at[i].len == 1 && words->at[i].at[0] == initial)
            return true;
    return false;
}

enum likeness { LIKE_NONE, LIKE_PARTLY, LIKE_EXACT };

static struct span joined(struct scene *at, struct span text)
{
    struct buf out = {.arena = at->arena, .max = 300};
    struct span word;
    while (span_word(&text, &word))
        buf_add(&out, word);
    return buf_span(&out);
}

static bool all_title(const struct scene *at, struct span text)
{
    return !text.len || name_word_uses(at->tables, text) & (NAME_WORD_TITLE | NAME_WORD_ROLE);
}

static enum likeness japanese_likeness(struct scene *at, struct span name, struct span form)
{
    struct span wanted = joined(at, form);
    const char *found = wanted.len >= 6 ? span_find(name, wanted) : NULL; /* two characters or more */
    if (!found)
        return LIKE_NONE;
    bool alone = all_title(at, span_from(name.at, found)) && all_title(at, span_skip(name, (size_t)(found - name.at) + wanted.len));
    return alone ? LIKE_EXACT : wanted.len >= 9 ? LIKE_PARTLY : LIKE_NONE;
}

/* Every word of the person's name stands in the author's, in any order; or all but one, which stands as its initial. */
static enum likeness latin_likeness(const struct words *author, const struct words *person)
{
    size_t whole = 0, initials = 0, longest = 0;
    for (size_t i = 0; i < person->len; i++) {
        bool stands = has_word(author, person->at[i]);
        whole += stands;
        initials += !stands && has_initial(author, person->at[i].at[0]);
        longest = stands && person->at[i].len > longest ? person->at[i].len : longest;
    }
    if (!person->len || whole + initials < person->len || longest < WORD_LEAST || (person->len == 1 && author->len > 1))
        return LIKE_NONE;
    if (whole < person->len)
        return initials == 1 && longest > 3 && author->len == person->len ? LIKE_PARTLY : LIKE_NONE;
    return author->len == person->len ? LIKE_EXACT : LIKE_PARTLY;
}

/* The family name or the given name alone, beside this person's own title. */
static bool is_titled(const struct scene *at, const struct person *person, const struct words *author, const struct words *words)
{
    bool named = false;
    for (size_t i = 0; i < words->len; i++)
        named |= words->at[i].len > 2 && has_word(author, words->at[i]);
    return named && person->title_folded.len && span_find(at->name, person->title_folded);
}

static enum likeness likeness_of(struct scene *at, const struct person *person, const struct words *author)
{
    enum likeness best = LIKE_NONE;
    vec_each(form, &person->forms) {
        enum likeness like;
        if (has_code_points_above(*form, 0x2e80)) {
            like = japanese_likeness(at, author->joined, *form);
        } else {
            struct words words = words_read(at, *form);
            like = latin_likeness(author, &words);
            if (like == LIKE_NONE && is_titled(at, person, author, &words))
                like = LIKE_PARTLY;
        }
        best = like > best ? like : best;
    }
    return best;
}

static bool is_address_of(const struct person *person, struct span address)
{
    vec_each(own, &person->addresses)
        if (span_eq_case(*own, address))
            return true;
    return false;
}

void people_find(struct scene *at)
{
    enum { CLAIMS_MOST = 5 };
    if (!at->from || !at->name.len)
        return;
    struct words author = words_read(at, at->name);
    author.joined = joined(at, at->name);
    vec_each(person, &at->settings->people) {
        enum likeness like = at->out->people.len < CLAIMS_MOST ? likeness_of(at, person, &author) : LIKE_NONE;
        if (like == LIKE_NONE)
            continue;
        *vec_push(at->arena, &at->out->people) =
            (struct person_claim){.person = person, .exact = like == LIKE_EXACT, .address_of_person = is_address_of(person, at->from->address),
                                  .from_inside = is_own_domain(at, at->from_domain), .free_mail = at->from_kinds & HOST_FREE_MAIL};
    }
}
