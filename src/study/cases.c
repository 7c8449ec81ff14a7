#include "study/study.h"

#include <stdlib.h>

struct study *study_new(void)
{
    struct arena *arena = arena_new((size_t)8 << 30);
    struct study *study = arena_one(arena, struct study);
    study->arena = arena;
    return study;
}

void study_free(struct study **study)
{
    if (!*study)
        return;
    struct arena *arena = (*study)->arena;
    *study = NULL;
    arena_free(&arena);
}

/* ---- what a message is kin by */

static uint64_t hash_add(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3U;
}
#define HASH_START 0xcbf29ce484222325U

/* The letters of the text, without figures and blanks: what a kit changes from one message to the next is left out. */
static uint64_t key_text(const struct walk *walk)
{
    enum { LEAST = 60, MOST = 2000 };
    uint64_t hash = HASH_START;
    size_t letters = 0;
    vec_each(text, &walk->content.words.texts)
        if (text->place == PLACE_TEXT || text->place == PLACE_TOP)
            for (size_t i = 0; i < text->folded.text.len && letters < MOST; i++) {
                char c = text->folded.text.at[i];
                if (ascii_is_alpha(c) || (unsigned char)c > 127) {
                    hash = hash_add(hash, (unsigned char)c);
                    letters++;
                }
            }
    return letters < LEAST ? 0 : hash;
}

static uint64_t key_author(const struct walk *walk)
{
    const struct claim *claim = &walk->claim;
    const mailboxes_t *from = &walk->message.from;
    if (!from->len || !from->at[0].domain_ascii.len || claim->mismatch.from_free_mail || claim->from_brand || claim->mismatch.well_known)
        return 0;
    struct span organisation = organisation_of(walk->settings->tables, from->at[0].domain_ascii);
    uint64_t hash = HASH_START + 1;
    for (size_t i = 0; i < organisation.len; i++)
        hash = hash_add(hash, (unsigned char)organisation.at[i]);
    return hash;
}

/* Host and path with every run of letters or figures as one mark. */
static uint64_t key_link(const struct walk *walk)
{
    const struct link_fact *main = walk->content.links.main;
    if (!main || !main->host.len || (main->kinds & HOST_REPUTABLE) || brand_by_domain(walk->settings->tables, main->host))
        return 0;
    uint64_t hash = HASH_START + 2;
    for (size_t i = 0; i < main->organisation.len; i++)
        hash = hash_add(hash, (unsigned char)main->organisation.at[i]);
    char last = 0;
    for (size_t i = 0; i < main->target.path.len; i++) {
        char c = main->target.path.at[i];
        char mark = ascii_is_alpha(c) ? 'a' : ascii_is_digit(c) ? '0' : c;
        if (mark != last)
            hash = hash_add(hash, (unsigned char)mark);
        last = mark;
    }
    return hash;
}

static bool everything_passed(const struct proof *proof)
{
    bool dkim = false;
    vec_each(one, &proof->dkim)
        dkim |= one->result == PROOF_PASS;
    return dkim && proof->spf.result == PROOF_PASS && proof->dmarc.result == PROOF_PASS;
}

static size_t folder_of(struct study *study, bool bad, struct span name)
{
    for (size_t i = study->folders.len; i-- > 0;)
        if (study->folders.at[i].bad == bad && span_eq(span_of(study->folders.at[i].name), name))
            return i;
    *vec_push(study->arena, &study->folders) = (struct study_folder){.name = arena_copy(study->arena, name).at, .bad = bad};
    return study->folders.len - 1;
}

void study_take(struct study *study, bool bad, struct span folder, struct span name, const struct walk *walk)
{
    struct study_case one = {.bad = bad, .could = walk->report.could, .time = walk->arrival.received_at,
                             .all_passed = everything_passed(&walk->proof), .folder = folder_of(study, bad, folder),
                             .name = arena_copy(study->arena, name).at, .keys = {key_text(walk), key_author(walk), key_link(walk)}};
    vec_each(evidence, &walk->report.evidence)
        *vec_push(study->arena, &one.fired) = (struct study_fired){(uint16_t)evidence->id, evidence->half};
    study->folders.at[one.folder].count++;
    *vec_push(study->arena, &study->cases) = one;
}

/* ---- campaigns: union of all that share a key */

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

struct keyed {
    uint64_t key;
    size_t at;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key ? 1 : x->at < y->at ? -1 : x->at > y->at;
}

void study_group(struct study *study)
{
    size_t n = study->cases.len;
    size_t *parent = arena_alloc(study->arena, (n + 1) * sizeof *parent);
    struct keyed *keyed = arena_alloc(study->arena, (n + 1) * sizeof *keyed);
    for (size_t i = 0; i < n; i++)
        parent[i] = i;
    for (size_t which = 0; which < STUDY_KEYS; which++) {
        for (size_t i = 0; i < n; i++)
            keyed[i] = (struct keyed){study->cases.at[i].keys[which], i};
        qsort(keyed, n, sizeof *keyed, by_key);
        for (size_t i = 1; i < n; i++)
            if (keyed[i].key && keyed[i].key == keyed[i - 1].key && study->cases.at[keyed[i].at].bad == study->cases.at[keyed[i - 1].at].bad)
                parent[root_of(parent, keyed[i].at)] = root_of(parent, keyed[i - 1].at);
    }
    study->campaigns = 0;
    for (size_t i = 0; i < n; i++) {
        study->cases.at[i].campaign = root_of(parent, i);
        study->campaigns += study->cases.at[i].campaign == i;
    }
}
