#include "verdict/judging.h"
#include "verdict/text.h"

static enum colour result_colour(enum proof_result result)
{
    return result == PROOF_PASS ? COLOUR_GREEN : result == PROOF_FAIL || result == PROOF_SOFTFAIL ? COLOUR_YELLOW : COLOUR_PLAIN;
}

static void proof_line(const struct page *page, const char *name, enum proof_result result, struct span words)
{
    struct span lead = arena_print(page->arena, "  %-6s", name);
    page_row(page, lead, result_colour(result), span_of(text_result(page, result)), 11, words);
}

/* An English reason that names the domain says what the facts would say again. */
static bool is_said(struct span reason, struct span domain)
{
    return domain.len && span_find_case(reason, domain);
}

/* "first; second", where both are there. */
static void words_join(struct buf *out, struct span words)
{
    if (words.len && out->len)
        buf_add(out, S("; "));
    buf_add(out, words);
}

/* A reason that names the domain says the detail too. */
static struct span words_of(const struct page *page, struct span reason, struct span domain, struct span detail)
{
    struct buf words = {.arena = page->arena};
    if (!is_said(reason, domain)) {
        words_join(&words, page_clean(page, domain));
        words_join(&words, page_clean(page, detail));
    }
    words_join(&words, page_clean(page, reason));
    return buf_span(&words);
}

static struct span dmarc_words(const struct page *page, const struct dmarc_proof *dmarc)
{
    struct buf words = {.arena = page->arena};
    if (dmarc->policy.len && is_said(dmarc->reason, dmarc->from_domain))
        words_join(&words, FILLED(page, TEXT_POLICY, page_clean(page, dmarc->policy)));
    words_join(&words, words_of(page, dmarc->reason, dmarc->from_domain,
                                dmarc->policy.len ? FILLED(page, TEXT_POLICY, dmarc->policy) : S("")));
    if (dmarc->suffix_differs)
        words_join(&words, page_clean(page, dmarc->suffix_note));
    return buf_span(&words);
}

static struct span arc_words(const struct page *page, const struct arc_proof *arc)
{
    struct buf words = {.arena = page->arena};
    if (arc->sets.len && !is_said(arc->reason, arc->sets.at[arc->sets.len - 1].seal_domain))
        words_join(&words, FILLED(page, TEXT_ARC_SETS, arena_print(page->arena, "%zu", arc->sets.len),
                                  page_clean(page, arc->sets.at[arc->sets.len - 1].seal_domain)));
    words_join(&words, page_clean(page, arc->reason));
    return buf_span(&words);
}

static void spf_draw(const struct page *page, const struct spf_proof *spf)
{
    struct buf words = {.arena = page->arena};
    words_join(&words, page->language == LANGUAGE_JA ? reason_spf(page, spf) : words_of(page, spf->reason, spf->domain, spf->mechanism));
    words_join(&words, page_clean(page, spf->explanation));
    proof_line(page, "SPF", spf->result, buf_span(&words));
}

static void proofs_draw(const struct page *page, const struct proof *proof)
{
    bool ja = page->language == LANGUAGE_JA;
    vec_each(dkim, &proof->dkim)
        proof_line(page, "DKIM", dkim->result, ja ? reason_dkim(page, dkim) : words_of(page, dkim->reason, dkim->domain, dkim->algorithm));
    if (!proof->dkim.len)
        proof_line(page, "DKIM", PROOF_NONE, span_of(page_text(page, TEXT_NO_SIGNATURE)));
    const struct dmarc_proof *dmarc = &proof->dmarc;
    proof_line(page, "DMARC", dmarc->result, ja ? reason_dmarc(page, dmarc) : dmarc_words(page, dmarc));
    proof_line(page, "ARC", proof->arc.result, ja ? reason_arc(page, &proof->arc) : arc_words(page, &proof->arc));
}

/* ---- what others wrote down on the way */

static void recorded_draw(const struct page *page, const struct results_field *recorded, struct span standing)
{
    struct buf words = {.arena = page->arena};
    for (size_t i = 0; i < recorded->results.len && i < 12; i++) {
        const struct method_result *result = &recorded->results.at[i];
        buf_print(&words, "%s%.*s %s", words.len ? ", " : "", SPAN_FMT(page_clean(page, result->method)),
                  text_result(page, result->result));
    }
    if (!words.len)
        buf_add(&words, span_of(text_result(page, PROOF_NONE)));
    struct span who = recorded->authserv_id.len ? page_clean(page, recorded->authserv_id)
                                                : span_of(page_text(page, TEXT_RECORDED_NAMELESS));
    page_item(page, S("    "), COLOUR_DIM,
              arena_print(page->arena, "%.*s (%.*s): %.*s", SPAN_FMT(who), SPAN_FMT(standing), SPAN_FMT(buf_span(&words))));
}

static void records_draw(const struct page *page, const struct proof *proof)
{
    enum { MOST = 10 };
    size_t left = 0;
    if (!proof->recorded.len && !proof->arc.sets.len)
        return;
    page_item(page, S("  "), COLOUR_PLAIN, span_of(page_text(page, TEXT_RECORDED)));
    for (size_t i = 0; i < proof->recorded.len && i < MOST; i++)
        recorded_draw(page, &proof->recorded.at[i],
                      span_of(page_text(page, TEXT_DOUBT_NONE + (enum text_id)proof->recorded.at[i].doubt)));
    for (size_t i = 0; i < proof->arc.sets.len && i < MOST; i++)
        recorded_draw(page, &proof->arc.sets.at[i].recorded,
                      FILLED(page, TEXT_RECORDED_SEALED, page_clean(page, proof->arc.sets.at[i].seal_domain)));
    left += proof->recorded.len > MOST ? proof->recorded.len - MOST : 0;
    left += proof->arc.sets.len > MOST ? proof->arc.sets.len - MOST : 0;
    if (left)
        page_item(page, S("    "), COLOUR_DIM, FILLED(page, TEXT_RECORDED_MORE, arena_print(page->arena, "%zu", left)));
}

static bool is_settled(enum proof_result result)
{
    return result != PROOF_NONE && result != PROOF_TEMPERROR && result != PROOF_UNKNOWN && result != PROOF_NOT_APPLICABLE;
}

bool proof_is_checked(const struct proof *proof)
{
    vec_each(dkim, &proof->dkim)
        if (is_settled(dkim->result))
            return true;
    return is_settled(proof->spf.result) || is_settled(proof->dmarc.result) || is_settled(proof->arc.result);
}

void page_proofs(const struct page *page)
{
    const struct proof *proof = page->report->proof;
    bool nothing = proof->basis == BASIS_NONE || (origin_is_unknown(proof) && !proof_is_checked(proof));
    struct span basis = nothing                          ? span_of(page_text(page, TEXT_BASIS_NONE))
                        : proof->basis == BASIS_VERIFIED ? span_of(page_text(page, TEXT_BASIS_VERIFIED))
                                                         : FILLED(page, TEXT_BASIS_HEADER, page_clean(page, proof->trusted_by));
    page_heading(page, arena_print(page->arena, "%s (%.*s)", page_text(page, TEXT_PROOFS), SPAN_FMT(basis)));
    spf_draw(page, &proof->spf);
    proofs_draw(page, proof);
    records_draw(page, proof);
}

/* ---- the relay's guard; its reasons in Japanese by name and answer */

static const struct {
    const char *name;
    enum relay_answer answer;
    const char *ja, *nameless; /* nameless: where the proof names no value and that alters the sentence */
} relay_reasons[] = {
    {"source", RELAY_ALLOW, "接続元は Microsoft 365 のサーバーです。", NULL},
    {"source", RELAY_DENY, "接続元は Microsoft 365 のサーバーではないため、Microsoft のヘッダーは無視します。", NULL},
    {"source", RELAY_UNKNOWN, "どこから渡されたのか分かりません。", NULL},
    {"null-sender", RELAY_NOT_APPLICABLE, "エンベロープに差出人があります。", NULL},
    {"null-sender", RELAY_ALLOW, "空の差出人が許される配送通知または自動応答です。", NULL},
    {"null-sender", RELAY_DENY, "空の差出人は通知と自動応答のためのものですが、このメールはどちらでもありません。", NULL},
    {"null-sender", RELAY_UNKNOWN, "エンベロープの差出人が不明です。", NULL},
    {"pool", RELAY_ALLOW, "利用が認められた送信元プールです。", NULL},
    {"pool", RELAY_DENY, "中継メール用プールから届きました。テナントは自組織のメールと示せていません。", NULL},
    {"pool", RELAY_UNKNOWN, "接続元がどのプールに属するか分かりません。", NULL},
    {"tenant", RELAY_ALLOW, "顧客のテナントです。", NULL},
    {"tenant", RELAY_DENY, "顧客のテナントではありません。", "テナントの記載がありません。"},
    {"originator-org", RELAY_ALLOW, "送信組織は顧客のものです。", NULL},
    {"originator-org", RELAY_DENY, "顧客の組織ではありません。", "送信組織の記載がありません。"},
    {"connecting-tenant", RELAY_NOT_APPLICABLE, "外部からテナントに投入されたものではありません。", NULL},
    {"connecting-tenant", RELAY_ALLOW, "投入先のテナントと送信テナントは同じです。", NULL},
    {"connecting-tenant", RELAY_DENY, "送信テナントとは別のテナントに投入されています。", NULL},
    {"connecting-address", RELAY_NOT_APPLICABLE, "外部からテナントに投入されたものではありません。", NULL},
    {"connecting-address", RELAY_ALLOW, "投入したのは顧客のサーバーです。", NULL},
    {"connecting-address", RELAY_DENY, "投入したサーバーは顧客のものではありません。", 
     "投入したサーバーのアドレスの記載がありません。"},
    {"inner-signature", RELAY_NOT_APPLICABLE, "onmicrosoft.com の署名はありません。", NULL},
    {"inner-signature", RELAY_ALLOW, "テナント自身の署名が有効です。", NULL},
    {"inner-signature", RELAY_DENY, "顧客のものではないテナントの署名が付いています。", NULL},
    {"inner-signature", RELAY_UNKNOWN, "テナントの署名は検証または照合できないため数えません。", NULL},
    {"agreement", RELAY_ALLOW, "テナントを示す情報は互いに一致しています。", NULL},
    {"agreement", RELAY_DENY, "テナントを示す情報が互いに食い違っています。", NULL},
    {"from", RELAY_ALLOW, "From は顧客のドメインです。", NULL},
    {"from", RELAY_DENY, "From は別の顧客のドメインです。", "From も MAIL FROM もどの顧客のものでもありません。"},
    {"from", RELAY_UNKNOWN, "From はどの顧客のものでもないため、署名しません。", NULL},
    {"mail-from", RELAY_NOT_APPLICABLE, "空の差出人はどのドメインにも属しません。", NULL},
    {"mail-from", RELAY_ALLOW, "MAIL FROM は顧客のドメインです。", NULL},
    {"mail-from", RELAY_DENY, "MAIL FROM は顧客のドメインではありません。", NULL},
    {"mail-from", RELAY_UNKNOWN, "エンベロープの差出人が不明です。", NULL},
};
static const char ignored_ja[] = "照合の前提がないため、この項目は数えません。";

/* What Microsoft's fields say is not looked at where the peer is not shown to be Microsoft's, or nobody is claimed. */
static bool is_ignored(const struct relay_use *relay, const struct relay_proof *proof)
{
    static const char *const always[] = {"source", "null-sender", "from", "mail-from"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (span_eq(proof->name, span_of(always[i])))
            return false;
    bool looked = relay->customer && relay->proofs.at[0].answer == RELAY_ALLOW; /* the source stands first */
    return proof->answer == RELAY_UNKNOWN && !looked;
}

static struct span relay_reason(const struct page *page, const struct relay_proof *proof)
{
    if (page->language == LANGUAGE_EN)
        return page_clean(page, proof->reason);
    for (size_t i = 0; i < sizeof relay_reasons / sizeof *relay_reasons && !is_ignored(page->report->relay, proof); i++)
        if (proof->answer == relay_reasons[i].answer && span_eq(proof->name, span_of(relay_reasons[i].name)))
            return span_of(relay_reasons[i].nameless && !proof->value.len ? relay_reasons[i].nameless : relay_reasons[i].ja);
    return span_of(ignored_ja);
}

static struct span relay_name(const struct page *page, struct span name)
{
    static const char *const names[][2] = {
        {"source", "接続元"}, {"null-sender", "空の差出人"}, {"pool", "送信元プール"}, {"tenant", "テナント"},
        {"originator-org", "送信組織"}, {"connecting-tenant", "投入先テナント"}, {"connecting-address", "投入元サーバー"},
        {"inner-signature", "内側の署名"}, {"agreement", "情報の一致"}, {"from", "From"}, {"mail-from", "MAIL FROM"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (page->language == LANGUAGE_JA && span_eq(name, span_of(names[i][0])))
            return span_of(names[i][1]);
    return name;
}

static const char *answer_text(const struct page *page, enum relay_answer answer)
{
    return page_text(page, TEXT_ANSWER_NOT_APPLICABLE + (enum text_id)answer);
}

static void relay_proof_draw(const struct page *page, const struct relay_proof *proof)
{
    struct span lead = arena_print(page->arena, "  %.*s", SPAN_FMT(text_padded(page->arena, relay_name(page, proof->name), 19)));
    struct span reason = relay_reason(page, proof), value = page_clean(page, proof->value);
    if (value.len && !span_find(reason, value))
        reason = arena_print(page->arena, "%.*s; %.*s", SPAN_FMT(value), SPAN_FMT(reason));
    page_row(page, lead, proof->answer == RELAY_DENY ? COLOUR_RED : proof->answer == RELAY_ALLOW ? COLOUR_GREEN : COLOUR_DIM,
             span_of(answer_text(page, proof->answer)), 8, reason);
}

void page_relay(const struct page *page)
{
    const struct relay_use *relay = page->report->relay;
    if (!relay || !relay->applies)
        return;
    struct span whose = relay->customer ? FILLED(page, TEXT_RELAY_CUSTOMER, relay->customer->name)
                                        : span_of(page_text(page, TEXT_RELAY_NOBODY));
    page_heading(page, arena_print(page->arena, "%s (%.*s)", page_text(page, TEXT_RELAY), SPAN_FMT(whose)));
    vec_each(proof, &relay->proofs)
        relay_proof_draw(page, proof);
    page_item(page, S("  "), COLOUR_BOLD,
              FILLED(page, TEXT_RELAY_LEAVE, span_of(answer_text(page, relay->leave)), span_of(answer_text(page, relay->sign))));
}
