#include "verdict/report_json.h"

/* Names of bits, in the order of their enums. */
static const char *const link_traits[] = {
    "text-differs", "image-only", "unwrapped", "opaque", "address-host", "odd-number", "userinfo", "userinfo-host", "port", "recipient",
    "recipient-fragment", "data", "blob", "script", "kit-path", "page-file", "download", "punycode", "deep-host", "private-suffix",
    "wordpress", "redirect-open", "token-empty", "backslash", "address-inside", "machine-name", "link-inside",
};
static const char *const file_traits[] = {
    "executable", "script", "double-ending", "name-misfits", "html", "html-script", "html-form", "html-password", "html-smuggling",
    "html-redirect", "svg-script", "archive", "archive-encrypted", "archive-executable", "archive-nested", "disk-image", "office",
    "office-macro", "office-autorun", "office-remote", "office-embedded", "office-encrypted", "office-dde", "pdf", "pdf-action",
    "pdf-encrypted", "qr", "calendar", "message", "not-wholly-read", "broken",
    "partly-read",
};
static const char *const disguises[] = {"mixed-script", "styled", "invisible", "combining", "figures", "apart", "turned"};
static const char *const places[] = {"name", "subject", "top", "text", "link", "image", "file-name", "title", "file-text", "forwarded-name", "forwarded-subject"};
static const char *const lookalike_places[] = {"from", "reply-to", "link", "local-part", "sender"};
static const char *const file_links[] = {"html", "pdf", "office", "calendar", "qr", "shortcut"};
#define NAMES(list) list, sizeof(list) / sizeof *(list)

static void bits_write(struct json *json, const char *key, unsigned bits, const char *const *names, size_t count)
{
    json_array(json, key);
    for (size_t i = 0; i < count; i++)
        if (bits >> i & 1)
            json_text(json, NULL, span_of(names[i]));
    json_array_end(json);
}

static void host_kinds_write(struct json *json, unsigned kinds)
{
    json_array(json, "kinds");
    for (unsigned bit = 1; bit && bit <= kinds; bit <<= 1)
        if (kinds & bit)
            json_text(json, NULL, span_of(host_kind_name(bit)));
    json_array_end(json);
}

static void word_if(struct json *json, bool is, const char *word)
{
    if (is)
        json_text(json, NULL, span_of(word));
}

/* ---- claim */

static void brands_write(struct json *json, const struct claim *claim)
{
    enum { MOST = 20 };
    json_array(json, "brands");
    for (size_t i = 0; i < claim->brands.len && i < MOST; i++) {
        const struct brand_claim *one = &claim->brands.at[i];
        json_object(json, NULL);
        json_text(json, "id", one->brand->id);
        json_text(json, "name", one->brand->name);
        json_bool(json, "sure", one->brand->sure);
        bits_write(json, "places", one->places, NAMES(places));
        json_bool(json, "speaks_as", one->as);
        json_bool(json, "disguised", one->disguised);
        json_bool(json, "from_own", one->from_own);
        json_bool(json, "proved", one->proved);
        json_bool(json, "signer_own", one->signer_own);
        json_bool(json, "links_own", one->links_own);
        json_object_end(json);
    }
    json_array_end(json);
}

static void lookalikes_write(struct json *json, const struct claim *claim)
{
    json_array(json, "lookalikes");
    vec_each(one, &claim->lookalikes) {
        json_object(json, NULL);
        json_text(json, "kind", span_of(lookalike_kind_name(one->kind)));
        json_text(json, "place", span_of(lookalike_places[one->place]));
        json_text(json, "seen", one->seen);
        json_text(json, "of", one->of);
        json_text_or_null(json, "brand", one->brand ? one->brand->id : S(""));
        json_bool(json, "own", one->own);
        json_bool(json, "partner", one->partner);
        json_object_end(json);
    }
    json_array_end(json);
}

static void people_write(struct json *json, const struct claim *claim)
{
    json_array(json, "people");
    vec_each(one, &claim->people) {
        json_object(json, NULL);
        json_text(json, "name", one->person->name);
        json_bool(json, "exact", one->exact);
        json_bool(json, "own_address", one->address_of_person);
        json_bool(json, "from_inside", one->from_inside);
        json_bool(json, "free_mail", one->free_mail);
        json_object_end(json);
    }
    json_array_end(json);
}

static void vouching_write(struct json *json, const struct vouching *vouching)
{
    json_object(json, "vouching");
    json_array(json, "organisations");
    vec_each(one, &vouching->organisations)
        json_text(json, NULL, *one);
    json_array_end(json);
    json_bool(json, "proved", vouching->proved);
    json_bool(json, "unknown", vouching->unknown);
    json_number(json, "links_vouched", (int64_t)vouching->clickable_in);
    json_number(json, "links_strange", (int64_t)vouching->clickable_out);
    json_number(json, "images_vouched", (int64_t)vouching->images_in);
    json_number(json, "images_strange", (int64_t)vouching->images_out);
    json_bool(json, "main_link_strange", vouching->main_out);
    json_real(json, "from_share", vouching->from_share);
    json_bool(json, "unsubscribe", vouching->unsubscribe);
    json_bool(json, "one_click", vouching->one_click);
    json_object_end(json);
}

static void shape_write(struct json *json, const struct name_shape *shape)
{
    json_array(json, "name_shape");
    word_if(json, shape->present && !shape->shares_word, "shares-no-word");
    word_if(json, shape->address_of_other, "address-of-other");
    word_if(json, shape->domain_of_other, "domain-of-other");
    word_if(json, shape->ornament, "ornament");
    word_if(json, shape->figures, "figures");
    word_if(json, shape->role, "role");
    word_if(json, shape->like_subject, "like-subject");
    word_if(json, shape->recipient, "recipient");
    word_if(json, shape->local_random, "local-random");
    word_if(json, shape->domain_random, "domain-random");
    word_if(json, shape->local_is_recipient, "local-is-recipient");
    json_array_end(json);
}

static void mismatch_write(struct json *json, const struct mismatch *mismatch)
{
    json_array(json, "mismatches");
    word_if(json, mismatch->reply_to_differs, "reply-to-differs");
    word_if(json, mismatch->reply_to_free_mail, "reply-to-free-mail");
    word_if(json, mismatch->sender_differs, "sender-differs");
    word_if(json, mismatch->return_path_differs, "return-path-differs");
    word_if(json, mismatch->signer_foreign, "signer-foreign");
    word_if(json, mismatch->signer_service, "signer-service");
    word_if(json, mismatch->from_free_mail, "from-free-mail");
    word_if(json, mismatch->from_disposable, "from-disposable");
    word_if(json, mismatch->from_free_pages, "from-free-pages");
    word_if(json, mismatch->from_onmicrosoft, "from-onmicrosoft");
    word_if(json, mismatch->corporate_claim, "corporate-claim");
    word_if(json, mismatch->own_unproved, "own-unproved");
    word_if(json, mismatch->own_name_claimed, "own-name-claimed");
    word_if(json, mismatch->to_self, "to-self");
    word_if(json, mismatch->to_desk, "to-desk");
    word_if(json, mismatch->hidden_recipients, "hidden-recipients");
    word_if(json, mismatch->feeding_machine, "feeding-machine");
    word_if(json, mismatch->php_mailer, "php-mailer");
    word_if(json, mismatch->helo_hosting, "helo-hosting");
    word_if(json, mismatch->well_known, "well-known");
    json_array_end(json);
}

void json_claim(struct json *json, const struct claim *claim)
{
    if (!claim) {
        json_null(json, "claim");
        return;
    }
    json_object(json, "claim");
    json_text_or_null(json, "speaks_as", claim->main ? claim->main->brand->id : S(""));
    json_text_or_null(json, "from_brand", claim->from_brand ? claim->from_brand->id : S(""));
    brands_write(json, claim);
    lookalikes_write(json, claim);
    people_write(json, claim);
    shape_write(json, &claim->shape);
    vouching_write(json, &claim->vouching);
    mismatch_write(json, &claim->mismatch);
    json_object_end(json);
}

/* ---- content */

static void link_write(struct json *json, const struct link_fact *fact, const struct content_links *links)
{
    json_object(json, NULL);
    json_text(json, "kind", span_of(link_kind_name(fact->link->kind)));
    json_text(json, "target", span_first(fact->target.href, 500));
    json_text_or_null(json, "host", fact->host);
    json_text_or_null(json, "organisation", fact->organisation);
    json_text_or_null(json, "shown_host", fact->shown_host);
    json_text_or_null(json, "through", fact->through ? fact->through->id : S(""));
    json_text_or_null(json, "owner", fact->owner);
    bits_write(json, "traits", fact->traits, NAMES(link_traits));
    host_kinds_write(json, fact->kinds);
    json_bool(json, "main", fact == links->main);
    json_object_end(json);
}

static void links_write(struct json *json, const struct content_links *links)
{
    enum { MOST = 50 };
    size_t written = 0;
    json_array(json, "links");
    vec_each(fact, &links->list)
        if (fact->clickable && written++ < MOST)
            link_write(json, fact, links);
    json_array_end(json);
}

static void files_write(struct json *json, const struct content_files *files)
{
    enum { MOST = 50 };
    json_array(json, "files");
    for (size_t i = 0; i < files->list.len && i < MOST; i++) {
        const struct file_fact *fact = &files->list.at[i];
        json_object(json, NULL);
        json_text_or_null(json, "name", fact->name);
        json_text_or_null(json, "kind", fact->kind);
        bits_write(json, "traits", fact->traits, NAMES(file_traits));
        json_text_or_null(json, "inner", fact->inner);
        json_number(json, "entries", (int64_t)fact->entries);
        json_bool(json, "shown", fact->shown);
        json_object_end(json);
    }
    json_array_end(json);
    json_array(json, "file_links");
    for (size_t i = 0; i < files->links.len && i < MOST; i++) {
        json_object(json, NULL);
        json_text(json, "source", span_of(file_links[files->links.at[i].source]));
        json_text(json, "link", span_first(files->links.at[i].raw, 500));
        json_object_end(json);
    }
    json_array_end(json);
}

static void lures_write(struct json *json, const struct content_words *words)
{
    json_array(json, "lures");
    for (int id = 0; id < LURE_COUNT; id++) {
        const struct lure_fact *lure = &words->lures[id];
        if (!lure->count)
            continue;
        json_object(json, NULL);
        json_text(json, "id", span_of(lure_name((enum lure_id)id)));
        json_number(json, "phrases", lure->count);
        json_bool(json, "strong", lure->strong);
        json_bool(json, "disguised", lure->disguised);
        json_text(json, "phrase", lure->phrase);
        json_text_or_null(json, "language", lure->language);
        bits_write(json, "places", lure->places, NAMES(places));
        json_object_end(json);
    }
    json_array_end(json);
}

static void looks_write(struct json *json, const struct content *content)
{
    const struct content_words *words = &content->words;
    const struct content_look *look = &content->look;
    json_array(json, "looks");
    word_if(json, look->picture_mail, "picture-mail");
    word_if(json, look->one_image_linked, "one-image-linked");
    word_if(json, look->html_only, "html-only");
    word_if(json, look->html_base64, "html-base64");
    word_if(json, look->html_no_root, "html-no-root");
    word_if(json, look->hidden_much, "hidden-much");
    word_if(json, look->text_differs, "text-differs");
    word_if(json, look->blank_run, "blank-run");
    word_if(json, look->form, "form");
    word_if(json, look->password_input, "password-input");
    word_if(json, look->nothing_to_read, "nothing-to-read");
    word_if(json, look->priority_high, "priority-high");
    word_if(json, look->image_foreign, "image-foreign");
    word_if(json, words->telephone, "telephone");
    word_if(json, words->money_amount, "money-amount");
    word_if(json, words->coin_address, "coin-address");
    word_if(json, words->free_mail_address, "free-mail-address");
    word_if(json, words->quoted, "quoted");
    word_if(json, words->code_or_diff, "code-or-diff");
    word_if(json, words->postal_address, "postal-address");
    word_if(json, words->reply_faked, "reply-faked");
    word_if(json, words->template_empty, "template-empty");
    word_if(json, words->address_in_subject, "address-in-subject");
    word_if(json, words->code_in_subject, "code-in-subject");
    word_if(json, words->pgp_or_smime, "pgp-or-smime");
    word_if(json, words->cut, "text-cut");
    json_array_end(json);
}

static void forwarded_write(struct json *json, const struct forwarded *forwarded)
{
    if (!forwarded->present) {
        json_null(json, "forwarded");
        return;
    }
    json_object(json, "forwarded");
    json_text_or_null(json, "name", forwarded->from.name);
    json_text_or_null(json, "address", forwarded->from.address);
    json_text_or_null(json, "subject", forwarded->subject);
    json_bool(json, "bare", forwarded->bare);
    json_object_end(json);
}

void json_content(struct json *json, const struct content *content)
{
    if (!content) {
        json_null(json, "content");
        return;
    }
    json_object(json, "content");
    links_write(json, &content->links);
    files_write(json, &content->files);
    lures_write(json, &content->words);
    bits_write(json, "disguises", content->words.disguises, NAMES(disguises));
    json_text_or_null(json, "language", content->words.language);
    json_number(json, "letters", (int64_t)content->words.letters);
    looks_write(json, content);
    forwarded_write(json, &content->words.forwarded);
    json_object_end(json);
}
