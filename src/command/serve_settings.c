#include "base/config.h"
#include "base/digest.h"
#include "command/keeping.h"
#include "command/serve.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_FILE_MOST = 1 << 20 };

struct loaded { /* one load: the generation, and what its records say of its settings and who is told of them */
    struct arena *arena;
    struct generation *generation;
    struct verdict_entries entries; /* what is allowed and denied: the keeper knows it, and tells the judges by the parent */
    struct record_settings all;
    VEC(struct record_settings) of_organisations; /* in their order */
    struct handling_settings handling;
    struct notices all_notices;
    VEC(struct notices) notices_of_organisations;
};

static const char *text_or_null(struct span s)
{
    return s.len ? s.at : NULL;
}

/* ---- whose mail it is */
static const struct walk_settings *walk_choose(const void *context, const struct arrival *arrival)
{
    const struct loaded *loaded = context;
    const struct organisation *found = generation_organisation_by_id(loaded->generation, arrival->org);
    return found ? &found->walk : &loaded->generation->walk;
}

/* ---- who is told */
static struct span kind_of(const struct notification *notification)
{
    return notification->mail.len ? S("mail") : notification->program.len ? S("program") : S("webhook");
}

static void notices_fill(const struct loaded *loaded, const struct organisation *organisation, struct notices *out)
{
    *out = (struct notices){.language = organisation ? organisation->language : LANGUAGE_EN, .organisation = organisation ? organisation->id : S(""),
                            .name = organisation ? organisation->name : S(""), .confirm_seconds = loaded->generation->hold.confirm_wait,
                            .confirm_agrees = loaded->generation->hold.confirm_then == CONFIRM_AGREE};
    vec_each(told, &loaded->generation->notifications)
        *vec_push(loaded->arena, &out->list) = (struct notice){.name = told->name, .when = told->when, .kind = kind_of(told), .mail = told->mail.len,
                                                               .addresses = told->addresses, .from = told->sender, .to = told->mail};
}

/* Only those by which doors tell of what no judge could finish, and of what readers ask for. */
static void door_notices_fill(const struct loaded *loaded, const struct organisation *organisation, struct notices *out)
{
    struct notices all;
    notices_fill(loaded, organisation, &all);
    *out = all;
    memset(&out->list, 0, sizeof out->list);
    vec_each(notice, &all.list)
        if (notice->when.unjudged != NOTICE_UNJUDGED_NO || notice->when.appeals != NOTICE_APPEALS_NO)
            *vec_push(loaded->arena, &out->list) = *notice;
}

/* ---- what doors know of organisations */
static struct span organisations_pack(struct loaded *loaded)
{
    struct whose whose = {0};
    struct buf out = {.arena = loaded->arena};
    door_notices_fill(loaded, NULL, &whose.notices);
    vec_each(organisation, &loaded->generation->organisations) {
        struct whose_organisation *one = vec_push(loaded->arena, &whose.list);
        *one = (struct whose_organisation){.id = organisation->id, .unjudged_hold = organisation->unjudged == UNJUDGED_HOLD};
        vec_each(domain, &organisation->walk.identity.own_domains)
            *vec_push(loaded->arena, &one->domains) = *domain;
        door_notices_fill(loaded, organisation, &one->notices);
    }
    whose_pack(&whose, &out);
    return buf_span(&out);
}

/* ---- what is kept, and what is allowed and denied there */
static const struct record_settings *keep_choose(const void *context, const struct walk_settings *walk)
{
    const struct loaded *loaded = context;
    for (size_t i = 0; i < loaded->of_organisations.len; i++)
        if (walk == &loaded->generation->organisations.at[i].walk)
            return &loaded->of_organisations.at[i];
    return &loaded->all;
}

static const struct notices *notices_choose(const void *context, const struct walk_settings *walk)
{
    const struct loaded *loaded = context;
    for (size_t i = 0; i < loaded->notices_of_organisations.len; i++)
        if (walk == &loaded->generation->organisations.at[i].walk)
            return &loaded->notices_of_organisations.at[i];
    return &loaded->all_notices;
}

static void notices_take(struct loaded *loaded)
{
    notices_fill(loaded, NULL, &loaded->all_notices);
    vec_each(organisation, &loaded->generation->organisations)
        notices_fill(loaded, organisation, vec_push(loaded->arena, &loaded->notices_of_organisations));
}

static void courier_take(const struct loaded *loaded, struct courier_settings *courier)
{
    static const int tls[] = {[TLS_NO] = DESTINATION_TLS_NO, [TLS_MAY] = DESTINATION_TLS_MAY, [TLS_MUST] = DESTINATION_TLS_MUST};
    courier->deadline_ms = loaded->generation->outbox.deadline_ms;
    vec_each(told, &loaded->generation->notifications) {
        struct destination *destination = vec_push(loaded->arena, &courier->destinations);
        *destination = (struct destination){.name = told->name, .kind = kind_of(told), .url = told->webhook, .secret = told->secret, .server = told->server,
                                            .sender = told->sender, .mail = told->mail, .tls = tls[told->tls]};
        vec_each(word, &told->program)
            *vec_push(loaded->arena, &destination->program) = *word;
    }
}

/* Nobody stands between two programs of one machine. */
static int release_tls(const struct generation *generation)
{
    static const int tls[] = {[RELEASE_TLS_NO] = DESTINATION_TLS_NO, [RELEASE_TLS_MAY] = DESTINATION_TLS_MAY, [RELEASE_TLS_MUST] = DESTINATION_TLS_MUST};
    bool needless = generation->hold.release_tls == RELEASE_TLS_MAY && address_is_local(&generation->hold.release_to);
    return needless ? DESTINATION_TLS_NO : tls[generation->hold.release_tls];
}

/* Without it what is released waits until it is said. A door of ours on the way takes the mark off again; without one it would stay. */
static void release_take(const struct loaded *loaded, struct courier_settings *courier)
{
    const struct generation *generation = loaded->generation;
    struct span to = generation->hold.release_to.text;
    bool door = false;
    vec_each(listener, &generation->listeners)
        door |= listener->kind == LISTENER_MILTER && listener->direction == DIRECTION_REINJECT;
    static const struct span kinds[] = {S("release"), S("digest")};
    for (size_t i = 0; to.len && i < 2; i++)
        *vec_push(loaded->arena, &courier->destinations) =
            (struct destination){.name = kinds[i], .kind = kinds[i], .server = to, .marks = door, .tls = release_tls(generation),
                                 .certificate = generation->hold.release_name, .ca = generation->hold.release_ca};
}

static struct span digests_pack(const struct loaded *loaded)
{
    const struct generation *generation = loaded->generation;
    struct digest_settings settings = {.base_url = generation->links.base_url, .sender = generation->hold.digest_sender};
    struct buf out = {.arena = loaded->arena};
    vec_each(organisation, &generation->organisations) {
        bool own = organisation->digest_language == DIGEST_BY_ORGANISATION, both = organisation->digest_language == DIGEST_BOTH;
        bool ja = both || organisation->digest_language == DIGEST_JA || (own && organisation->language == LANGUAGE_JA);
        if (organisation->digest != DIGEST_NO)
            *vec_push(loaded->arena, &settings.list) = (struct digest_organisation){organisation->id, organisation->name, organisation->digest_hour,
                                                                                    organisation->digest == DIGEST_RELEASE, !ja || both, ja};
    }
    if (settings.list.len)
        digest_settings_pack(&out, &settings);
    return buf_span(&out);
}

/* ---- the records */
static void records_take(struct loaded *loaded)
{
    struct generation *generation = loaded->generation;
    generation->walk.verdict.entries = &loaded->entries;
    keeping_settings(loaded->arena, &generation->walk, &loaded->all);
    vec_each(organisation, &generation->organisations) {
        organisation->walk.verdict.entries = &loaded->entries;
        keeping_settings(loaded->arena, &organisation->walk, vec_push(loaded->arena, &loaded->of_organisations));
    }
}

/* ---- what becomes of messages */
static void handling_take(struct loaded *loaded)
{
    const struct generation *generation = loaded->generation;
    struct handling_settings *out = &loaded->handling;
    *out = (struct handling_settings){.policies = generation->policies, .authserv_id = generation->walk.auth.authserv_id,
                                      .base_url = generation->links.base_url, .hold_seconds = generation->keep.hold, .links_seconds = generation->links.seconds,
                                      .sends = generation->hold.release_to.text.len > 0, .arc_domain = generation->arc.domain, .arc_selector = generation->arc.selector,
                                      .tags = {[VERDICT_SUSPICIOUS] = generation->tags.suspicious, [VERDICT_MALICIOUS] = generation->tags.malicious}};
    vec_each(organisation, &generation->organisations)
        *vec_push(loaded->arena, &out->houses) = (struct handling_house){organisation->id, organisation->language};
    vec_each(policy, &out->policies.list)
        out->writes_results |= policy->mode == POLICY_ACTIVE && policy->acts & ACT_HEADERS && out->authserv_id.len;
}

/* ---- what stays with us, and is sealed */
/* Never what leaves: not mail on its way out, and not mail that comes in for somebody who is not of any organisation here. */
static bool seals_choose(const void *context, const struct arrival *arrival, bool *all)
{
    const struct generation *generation = ((const struct loaded *)context)->generation;
    if (!generation->seal.add || (arrival->direction != DIRECTION_INBOUND && arrival->direction != DIRECTION_INTERNAL))
        return false;
    *all = true;
    vec_each(recipient, &arrival->rcpt_to)
        *all &= !generation->organisations.len || recipient->org.len;
    return true;
}

/* ---- the listeners */
static int tokens_take(struct listener_settings *settings, const struct listener *listener, struct err *err)
{
    struct arena *arena __attribute__((cleanup(arena_free))) = arena_new(2 * TOKEN_FILE_MOST); /* tokens are not kept */
    struct span text, line;
    if (!listener->tokens.len)
        return 0;
    if (file_read(arena, listener->tokens.at, TOKEN_FILE_MOST, &text, err) < 0)
        return -1;
    while (span_cut(&text, '\n', &line)) {
        struct span token = span_trim(line);
        if (!token.len || token.at[0] == '#')
            continue;
        if (settings->token_count == TOKENS_MOST)
            return err_set(err, "%s: holds more than %d tokens", listener->tokens.at, TOKENS_MOST);
        sha256_of(token, settings->tokens[settings->token_count++]);
    }
    return 0;
}

static int networks_take(struct listener_settings *settings, const struct listener *listener, struct err *err)
{
    if (listener->networks.len > NETWORKS_MOST)
        return err_set(err, "%.*s: has more than %d networks; write larger ones", SPAN_FMT(listener->name), NETWORKS_MOST);
    vec_each(prefix, &listener->networks)
        settings->networks[settings->network_count++] = (struct listener_network){prefix->network, prefix->bits};
    return 0;
}

static int listeners_take(const struct loaded *loaded, struct service_generation *out, struct err *err)
{
    const struct generation *generation = loaded->generation;
    if (!generation->listeners.len)
        return err_set(err, "%.*s: has no listeners, and nothing could be handed in; write one (sekimori.conf(5))", SPAN_FMT(generation->path));
    vec_each(listener, &generation->listeners) {
        struct service_listener *one = vec_push(loaded->arena, &out->listeners);
        *one = (struct service_listener){listener->address, text_or_null(listener->group), {.direction = listener->direction, .metrics = listener->metrics}};
        one->settings.protocol = (enum listener_protocol)listener->kind; /* in the same order */
        snprintf(one->settings.name, sizeof one->settings.name, "%.*s", SPAN_FMT(listener->name));
        snprintf(one->settings.organisation, sizeof one->settings.organisation, "%.*s", SPAN_FMT(listener->organisation));
        if (networks_take(&one->settings, listener, err) < 0 || tokens_take(&one->settings, listener, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the door */
/* Large messages wait in files: in the folder that is named for them, else beside the store; else in memory. */
static void spool_choose(const struct generation *generation, struct door_settings *door)
{
    struct stat found;
    char folder[SPOOL_PATH_MOST];
    const char *path = generation->store.path.at, *slash = path ? strrchr(path, '/') : NULL;
    struct span spool = generation->door.spool;
    if (!spool.len && slash && generation->store.driver != STORE_MEMORY)
        spool = span_from(path, slash);
    if (!spool.len || spool.len >= sizeof folder)
        return;
    snprintf(folder, sizeof folder, "%.*s", SPAN_FMT(spool));
    if (stat(folder, &found) == 0 && S_ISDIR(found.st_mode))
        memcpy(door->spool, folder, sizeof folder);
    else
        log_event(LEVEL_WARNING, "no-spool", "%s is no folder; large messages wait in memory", folder);
}

static void door_take(const struct loaded *loaded, struct door_settings *door)
{
    const struct generation *generation = loaded->generation;
    door_settings_default(door);
    snprintf(door->generation, sizeof door->generation, "%.*s", SPAN_FMT(generation->id));
    door->most_bytes = generation->walk.message.message_bytes;
    door->header_bytes = generation->walk.message.header_bytes;
    door->log_addresses = generation->log.addresses;
    door->connections = (uint32_t)generation->door.connections;
    door->connections_of_client = (uint32_t)generation->door.per_client;
    door->idle_seconds = (uint32_t)generation->door.idle_seconds;
    door->request_seconds = (uint32_t)generation->door.request_seconds;
    door->session_seconds = (uint32_t)generation->door.session_seconds;
    door->drain_seconds = (uint32_t)generation->door.drain_seconds;
    door->memory_bytes = generation->door.memory_bytes;
    door->most_held = (uint32_t)generation->judges.parked;
    door->most_held_bytes = generation->judges.parked_bytes;
    door->seals = generation->seal.add;
    if (loaded->handling.writes_results)
        snprintf(door->authserv_id, sizeof door->authserv_id, "%.*s", SPAN_FMT(loaded->handling.authserv_id));
    door->seal_wait_ms = (uint32_t)generation->seal.wait_ms;
    door->judge_slots = generation->judges.slots;
    door->judge_bytes = generation->judges.most_bytes;
    spool_choose(generation, door);
}

/* ---- the whole */
static void judges_take(const struct loaded *loaded, struct service_generation *out)
{
    const struct generation *generation = loaded->generation;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    judge_settings_default(&out->judge);
    judge_settings_take(&out->judge, generation);
    out->judge.walk = &generation->walk;
    out->judge.style.form = RESULT_JSON;
    out->judge.choose = walk_choose;
    out->judge.keep = keep_choose;
    out->judge.seals = seals_choose;
    out->judge.notices = notices_choose;
    out->judge.handling = &loaded->handling;
    out->judge.context = loaded;
    out->judge.before = serve_before;
    out->judges = generation->judges.number ? (unsigned)generation->judges.number : processors > 0 ? (unsigned)processors : 1;
}

static int generation_take(struct loaded *loaded, struct service_generation *out, struct err *err)
{
    struct generation *generation = loaded->generation;
    *out = (struct service_generation){.id = generation->id, .inside = loaded, .tables = generation->tables,
                                       .organisations = organisations_pack(loaded),
                                       .log_level = (enum log_level)generation->log.level, .log_file = text_or_null(generation->log.file),
                                       .user = text_or_null(generation->run.user), .group = text_or_null(generation->run.group)};
    judges_take(loaded, out);
    resolver_settings_take(&out->resolver, generation);
    clamd_options_take(&out->clamd, generation);
    out->scans = generation->walk.witness.scanner;
    out->caps = (struct names_caps){.domain = (unsigned)generation->judges.per_domain, .client = (unsigned)generation->judges.per_client,
                                    .all = (unsigned)generation->judges.names};
    out->keeper = (struct keeper_settings){.commit_ms = (unsigned)generation->store.commit_ms, .full_sync = generation->store.sync == SYNC_FULL,
                                           .log_bytes = generation->store.log_bytes};
    out->keeper.keep = (struct keep_times){generation->keep.records, generation->keep.outcomes, generation->keep.hold, generation->keep.corrections};
    out->keeper.hold_folder = generation->hold.folder.at;
    out->keeper.hold_bytes = generation->hold.most_bytes;
    out->keeper.confirm_wait = generation->hold.confirm_wait;
    out->keeper.confirm_agrees = generation->hold.confirm_then == CONFIRM_AGREE;
    out->keeper.outbox = (struct outbox_settings){.wait_seconds = generation->outbox.wait_seconds, .wait_most_seconds = generation->outbox.wait_most_seconds,
                                                  .keep_seconds = generation->keep.outbox, .at_once = generation->outbox.at_once};
    out->keeper.digests = digests_pack(loaded);
    courier_take(loaded, &out->courier);
    release_take(loaded, &out->courier);
    notices_take(loaded);
    handling_take(loaded);
    out->keeper.path = generation->store.driver == STORE_SQLITE ? generation->store.path.at : NULL;
    if (generation->keys_folder.len >= sizeof out->signer.folder)
        return err_set(err, "keys.folder: the path has more than %zu letters", sizeof out->signer.folder - 1);
    snprintf(out->signer.folder, sizeof out->signer.folder, "%.*s", SPAN_FMT(generation->keys_folder));
    snprintf(out->signer.arc_domain, sizeof out->signer.arc_domain, "%.*s", SPAN_FMT(generation->arc.domain)); /* as long as names in DNS may be */
    snprintf(out->signer.arc_selector, sizeof out->signer.arc_selector, "%.*s", SPAN_FMT(generation->arc.selector));
    door_take(loaded, &out->door);
    records_take(loaded);
    out->judge.entries = &loaded->entries;
    return listeners_take(loaded, out, err);
}

static int inside_take(struct generation *generation, struct service_generation *out, struct err *err)
{
    struct arena *arena = arena_new((size_t)1 << 28);
    struct loaded *loaded = arena_one(arena, struct loaded);
    *loaded = (struct loaded){.arena = arena, .generation = generation};
    if (generation_take(loaded, out, err) == 0)
        return 0;
    generation_free(&generation);
    arena_free(&arena);
    return -1;
}

int serve_load(void *context, struct service_generation *out, struct err *err)
{
    struct faults faults;
    struct generation *generation = NULL;
    faults_begin(&faults, context);
    int loaded = generation_load(context, &generation, &faults);
    struct buf text = {.arena = faults.arena};
    faults_print(&faults, &text);
    if (loaded < 0)
        err_set(err, "%.*s", SPAN_FMT(span_trim(buf_span(&text))));
    else if (text.len)
        log_event(LEVEL_WARNING, "configuration", "%.*s", SPAN_FMT(span_trim(buf_span(&text))));
    faults_end(&faults);
    return loaded < 0 ? -1 : inside_take(generation, out, err);
}

void serve_unload(void *context, struct service_generation *generation)
{
    struct loaded *loaded = generation->inside;
    struct arena *arena = loaded->arena;
    generation_free(&loaded->generation);
    arena_free(&arena);
}
