/* The keys of a folder: read, found, changed. */
#include "keyring/inner.h"

#include <stdlib.h>
#include <unistd.h>

enum { RING_CEILING = 64 << 20, READS = 3 };

/* ---- reading */
static struct keyring *ring_new(int folder, int lock)
{
    struct arena *arena = arena_new(RING_CEILING);
    struct keyring *ring = arena_one(arena, struct keyring);
    *ring = (struct keyring){.arena = arena, .folder = folder, .lock = lock};
    return ring;
}

void keyring_free(struct keyring **pointer)
{
    struct keyring *ring = *pointer;
    *pointer = NULL;
    if (!ring)
        return;
    vec_each(key, &ring->keys)
        wipe(key->secret);
    if (ring->folder >= 0)
        close(ring->folder);
    if (ring->lock >= 0)
        close(ring->lock);
    struct arena *arena = ring->arena;
    arena_free(&arena);
}

static void expired_drop(struct keyring *ring, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < ring->keys.len; i++)
        if (ring->keys.at[i].state != KEY_RETIRING || ring->keys.at[i].expires > now)
            ring->keys.at[kept++] = ring->keys.at[i];
    ring->keys.len = kept;
}

/* A key without its secret is no key; the others are not its fault. */
static void secrets_take(struct keyring *ring)
{
    vec_each(key, &ring->keys) {
        struct span text;
        struct err *err = ring->lacking.text[0] ? NULL : &ring->lacking;
        int taken = file_take(ring->folder, secret_name(ring->arena, key->id).at, ring->arena, &text, err);
        if (taken == 0)
            err_set(err, "the secret of %.*s is not there; put back a copy, or retire the key: sekimori key retire %.*s", SPAN_FMT(key->id),
                    SPAN_FMT(key->id));
        else if (taken == 1 && secret_read(ring->arena, key, text, &key->secret, err) == 0 && key->secret.at != text.at)
            wipe(text);
    }
}

static int folder_say(const char *folder, struct err *err)
{
    struct err why = *err;
    return err_set(err, "%.200s: %s", folder, why.text);
}

static int ring_take(struct keyring *ring, const char *folder, int64_t now, struct err *err)
{
    struct span text;
    int taken = file_take(ring->folder, "keys", ring->arena, &text, err);
    if (taken < 0 || (taken == 1 && table_read(ring, text, err) < 0))
        return folder_say(folder, err);
    expired_drop(ring, now);
    secrets_take(ring);
    if (ring->lacking.text[0])
        folder_say(folder, &ring->lacking);
    return 0;
}

/* Without a lock: a table that was changed under our eyes may name secrets that are gone, so it is looked at once more. */
int keyring_read(const char *folder, int64_t now, struct keyring **out, struct err *err)
{
    for (int i = 0; i < READS; i++) {
        int fd = folder_open(folder, err);
        if (fd == -1)
            return -1;
        struct keyring *ring = ring_new(fd == -2 ? -1 : fd, -1);
        if (fd >= 0 && ring_take(ring, folder, now, err) < 0) {
            keyring_free(&ring);
            return -1;
        }
        if (fd >= 0)
            close(fd); /* who only reads holds nothing open */
        ring->folder = -1;
        *out = ring;
        if (!ring->lacking.text[0] || i + 1 == READS)
            break;
        keyring_free(out);
    }
    return 0;
}

int keyring_edit(const char *folder, uid_t owner, int64_t now, struct keyring **out, struct err *err)
{
    int fd = folder_open(folder, err);
    if (fd == -2)
        fd = folder_make(folder, owner, err);
    if (fd < 0)
        return -1;
    struct keyring *ring = ring_new(fd, folder_lock(fd, err));
    if (ring->lock < 0 || ring_take(ring, folder, now, err) < 0) {
        keyring_free(&ring);
        return -1;
    }
    *out = ring;
    return 0;
}

/* ---- finding */
static struct ring_key *find(const struct keyring *ring, enum key_purpose purpose, enum key_state state, struct span domain, struct span algorithm)
{
    vec_each(key, &ring->keys)
        if (key->purpose == purpose && key->state == state && (!domain.len || span_eq_case(key->domain, domain)) &&
            (!algorithm.len || span_eq(key->algorithm, algorithm)))
            return key;
    return NULL;
}

const struct ring_key *keyring_find(const struct keyring *ring, enum key_purpose purpose, enum key_state state, struct span domain, struct span algorithm)
{
    return find(ring, purpose, state, domain, algorithm);
}

const struct ring_key *keyring_by_id(const struct keyring *ring, struct span id)
{
    vec_each(key, &ring->keys)
        if (span_eq(key->id, id))
            return key;
    return NULL;
}

const struct ring_key *keyring_by_selector(const struct keyring *ring, enum key_purpose purpose, struct span domain, struct span selector)
{
    vec_each(key, &ring->keys)
        if (key->purpose == purpose && key->state != KEY_NEXT && span_eq_case(key->domain, domain) && span_eq_case(key->selector, selector))
            return key;
    return NULL;
}

/* ---- changing */
static bool label_is_plain(struct span label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alpha(label.at[i]) && !ascii_is_digit(label.at[i]) && !(label.at[i] == '-' && i && i + 1 < label.len))
            return false;
    return label.len && label.len <= 63;
}

static bool name_is_plain(struct span name)
{
    struct span label;
    size_t labels = 0;
    for (struct span rest = name; span_cut(&rest, '.', &label); labels++)
        if (!label_is_plain(label))
            return false;
    return labels && name.len <= 200 && name.at[name.len - 1] != '.';
}

static int request_check(const struct key_request *request, struct err *err)
{
    const char *purpose = purpose_name(request->purpose);
    if (!purpose_is_published(request->purpose))
        return request->domain.len || request->selector.len || request->algorithm.len
                   ? err_set(err, "a key for %s belongs to no domain, selector or algorithm; leave them out", purpose)
                   : 0;
    if (!name_is_plain(request->domain) || !span_find_byte(request->domain, '.'))
        return err_set(err, "\"%.*s\" is no domain; a key for %s wants one, like example.com", SPAN_FMT(request->domain), purpose);
    if (request->selector.len && !name_is_plain(request->selector))
        return err_set(err, "\"%.*s\" is no selector; write letters, digits and hyphens", SPAN_FMT(request->selector));
    if (request->algorithm.len && !span_eq(request->algorithm, S("rsa-sha256")) && !span_eq(request->algorithm, S("ed25519-sha256")))
        return err_set(err, "\"%.*s\" is no algorithm; rsa-sha256 and ed25519-sha256 are", SPAN_FMT(request->algorithm));
    return 0;
}

/* DKIM and ARC share the names under _domainkey. */
static bool selector_is_taken(const struct keyring *ring, struct span domain, struct span selector)
{
    vec_each(key, &ring->keys)
        if (purpose_is_published(key->purpose) && span_eq_case(key->domain, domain) && span_eq_case(key->selector, selector))
            return true;
    return false;
}

static int key_write(struct keyring *ring, struct ring_key *key, struct err *err)
{
    struct arena *arena = ring->arena;
    key->id = id_make(arena);
    if (!key->selector.len && purpose_is_published(key->purpose))
        key->selector = arena_print(arena, "sekimori-%.*s", SPAN_FMT(key->id));
    if (secret_make(arena, key, err) < 0)
        return -1;
    struct span text = secret_text(arena, key);
    int put = file_put(ring->folder, secret_name(arena, key->id).at, text, err);
    if (text.at != key->secret.at)
        wipe(text);
    return put;
}

int keyring_make(struct keyring *ring, const struct key_request *request, int64_t now, const struct ring_key **out, struct err *err)
{
    bool published = purpose_is_published(request->purpose);
    if (request_check(request, err) < 0)
        return -1;
    struct ring_key key = {.purpose = request->purpose, .made = now, .since = now, .expires = TIME_UNKNOWN,
                           .domain = arena_lower(ring->arena, request->domain), .selector = arena_lower(ring->arena, request->selector),
                           .algorithm = published && !request->algorithm.len ? S("rsa-sha256") : request->algorithm};
    const struct ring_key *waits = find(ring, key.purpose, KEY_NEXT, key.domain, key.algorithm);
    if (waits)
        return err_set(err, "%.*s waits already as the next key for %s; rotate makes it current, retire takes it away", SPAN_FMT(waits->id),
                       purpose_name(key.purpose));
    if (key.selector.len && selector_is_taken(ring, key.domain, key.selector))
        return err_set(err, "the selector %.*s of %.*s has a key already; take another", SPAN_FMT(key.selector), SPAN_FMT(key.domain));
    key.state = published || find(ring, key.purpose, KEY_CURRENT, key.domain, key.algorithm) ? KEY_NEXT : KEY_CURRENT;
    if (key_write(ring, &key, err) < 0)
        return -1;
    struct ring_key *made = vec_push(ring->arena, &ring->keys);
    *made = key;
    *out = made;
    return 0;
}

int keyring_rotate(struct keyring *ring, const struct key_request *request, int64_t now, int64_t keep, const struct ring_key **out, struct err *err)
{
    const struct ring_key *made;
    struct span algorithm = purpose_is_published(request->purpose) && !request->algorithm.len ? S("rsa-sha256") : request->algorithm;
    if (request_check(request, err) < 0)
        return -1;
    if (!find(ring, request->purpose, KEY_NEXT, request->domain, algorithm)) {
        if (purpose_is_published(request->purpose))
            return err_set(err, "no next key of %.*s for %s and %.*s: make one (sekimori key make %s --domain %.*s), publish its record, then rotate",
                           SPAN_FMT(request->domain), purpose_name(request->purpose), SPAN_FMT(algorithm), purpose_name(request->purpose),
                           SPAN_FMT(request->domain));
        if (keyring_make(ring, request, now, &made, err) < 0)
            return -1;
    }
    struct ring_key *next = find(ring, request->purpose, KEY_NEXT, request->domain, algorithm);
    struct ring_key *current = find(ring, request->purpose, KEY_CURRENT, request->domain, algorithm);
    if (next && current) {
        current->state = KEY_RETIRING;
        current->since = now;
        current->expires = now + keep;
    }
    if (next) {
        next->state = KEY_CURRENT;
        next->since = now;
    }
    expired_drop(ring, now);
    *out = find(ring, request->purpose, KEY_CURRENT, request->domain, algorithm); /* the first of all was current as it was made */
    return 0;
}

int keyring_retire(struct keyring *ring, struct span id, int64_t now, int64_t keep, struct err *err)
{
    vec_each(key, &ring->keys) {
        if (!span_eq(key->id, id))
            continue;
        key->expires = key->state == KEY_NEXT ? now : now + keep;
        key->since = now;
        key->state = KEY_RETIRING;
        if (key->expires <= now)
            wipe(key->secret);
        expired_drop(ring, now);
        return 0;
    }
    return err_set(err, "there is no key %.*s; sekimori key list shows those that are", SPAN_FMT(id));
}

int keyring_commit(struct keyring *ring, struct err *err)
{
    struct buf text = {.arena = ring->arena};
    table_write(ring, &text);
    if (file_put(ring->folder, "keys", buf_span(&text), err) < 0)
        return -1;
    files_sweep(ring);
    return 0;
}
