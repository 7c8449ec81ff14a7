#include "verdict/text.h"

/* What a proof showed, said in Japanese from its facts: the rooms that found it tell their reasons in English only. */

#define SAID(page, text, ...)                                                                                          \
    text_filled((page)->arena, span_of(text), (const struct span[]){__VA_ARGS__},                                      \
                sizeof(const struct span[]){__VA_ARGS__} / sizeof(struct span))

/* Who recorded it stands in the heading. */
static struct span recorded_said(const struct page *page, struct span domain)
{
    return domain.len ? SAID(page, "%s(受信時の記録)", page_clean(page, domain)) : S("受信時の記録");
}

/* ---- SPF */

static struct span spf_decided(const struct page *page, const struct spf_proof *spf, struct span domain, struct span client)
{
    struct span mechanism = page_clean(page, spf->mechanism);
    bool last = span_ends_case(mechanism, S("all"));
    if (!mechanism.len)
        return SAID(page, "%s の SPF レコードは %s について何も定めていません", domain, client);
    if (spf->result == PROOF_PASS)
        return last ? SAID(page, "%s の SPF レコードはあらゆるアドレスに送信を許しています", domain)
                    : SAID(page, "%s の SPF レコードが %s からの送信を許可しています(%s)", domain, client, mechanism);
    return last ? SAID(page, "%s の SPF レコードに %s はなく、末尾は %s です", domain, client, mechanism)
                : SAID(page, "%s の SPF レコードの %s が %s に当てはまります", domain, mechanism, client);
}

struct span reason_spf(const struct page *page, const struct spf_proof *spf)
{
    const struct ip *ip = &page->report->path->client.ip;
    struct span domain = page_clean(page, spf->domain), client = ip_text(page->arena, ip);
    if (spf->recorded)
        return recorded_said(page, spf->domain);
    if (!client.len)
        client = S("送信元サーバー");
    switch (spf->result) {
    case PROOF_NONE:
        return domain.len ? SAID(page, "%s に使える SPF レコードはありません", domain) : S("SPF を調べるドメインがありません");
    case PROOF_TEMPERROR: return SAID(page, "DNS の応答が得られず、%s の SPF を確認できませんでした", domain);
    case PROOF_PERMERROR: return SAID(page, "%s の SPF レコードに誤りがあり、判定できません", domain);
    case PROOF_NOT_APPLICABLE: return S("SMTP で届いたものではありません");
    case PROOF_UNKNOWN:
        if (ip->family == IP_NONE)
            return S("送信元サーバーのアドレスが不明です");
        return domain.len ? SAID(page, "%s の SPF を DNS で確認していません", domain) : S("MAIL FROM が不明です");
    default: return spf_decided(page, spf, domain, client);
    }
}

/* ---- DKIM */

static struct span dkim_holds(const struct page *page, const struct dkim_proof *dkim, struct span domain)
{
    if (dkim->key_bits)
        return SAID(page, "%s の署名は有効です(セレクター %s、%s、%s ビット)", domain, page_clean(page, dkim->selector),
                    page_clean(page, dkim->algorithm), arena_print(page->arena, "%u", dkim->key_bits));
    return SAID(page, "%s の署名は有効です(セレクター %s、%s)", domain, page_clean(page, dkim->selector),
                page_clean(page, dkim->algorithm));
}

static struct span dkim_unread(const struct page *page, const struct dkim_proof *dkim, struct span domain)
{
    struct span key = arena_print(page->arena, "%.*s._domainkey.%.*s", SPAN_FMT(page_clean(page, dkim->selector)), SPAN_FMT(domain));
    if (dkim->result == PROOF_TEMPERROR)
        return SAID(page, "DNS の応答が得られず、鍵 %s を読めませんでした", key);
    if (dkim->result == PROOF_UNKNOWN)
        return SAID(page, dkim->body_matches ? "鍵 %s を DNS で確認していません(本文は署名時のままです)"
                                             : "鍵 %s を DNS で確認していません", key);
    return domain.len ? SAID(page, "署名または鍵 %s に不備があり、検証できません", key) : S("署名の形式に誤りがあり、検証できません");
}

struct span reason_dkim(const struct page *page, const struct dkim_proof *dkim)
{
    struct span domain = page_clean(page, dkim->domain);
    if (dkim->recorded && dkim->mathematics == DKIM_BODY_DIFFERS)
        return SAID(page, "%s。本文はその後変わっています", recorded_said(page, dkim->domain));
    if (dkim->recorded)
        return recorded_said(page, dkim->domain);
    if (dkim->mathematics == DKIM_BODY_DIFFERS)
        return SAID(page, "%s の署名後に本文が変わっています", domain);
    if (dkim->mathematics == DKIM_HEADER_DIFFERS)
        return SAID(page, "%s の署名後にヘッダーが変わったか、鍵が異なります", domain);
    if (dkim->mathematics == DKIM_NOT_CHECKED)
        return dkim_unread(page, dkim, domain);
    return dkim->admitted ? dkim_holds(page, dkim, domain)
                          : SAID(page, "%s の署名は計算上正しいものの、強度不足・期限切れなどのため数えません", domain);
}

/* ---- DMARC */

static struct span dmarc_said(const struct page *page, const struct dmarc_proof *dmarc)
{
    struct span domain = page_clean(page, dmarc->from_domain);
    struct span by = dmarc->spf_aligned && dmarc->dkim_aligned ? S("SPF と DKIM") : dmarc->spf_aligned ? S("SPF") : S("DKIM");
    switch (dmarc->result) {
    case PROOF_PASS: return SAID(page, "%s は %s によって証明されています", domain, by);
    case PROOF_FAIL: return SAID(page, "%s を証明するものがありません", domain);
    case PROOF_NONE: return SAID(page, "%s に DMARC ポリシーはありません", domain);
    case PROOF_TEMPERROR: return SAID(page, "DNS の応答が得られず、%s が証明されているか判断できません", domain);
    case PROOF_PERMERROR: return SAID(page, "%s の DMARC レコードに誤りがあるため数えません", domain);
    default:
        return SAID(page, dmarc->policy.len ? "%s が証明されているか判断できません" : "%s の DMARC を DNS で確認していません", domain);
    }
}

struct span reason_dmarc(const struct page *page, const struct dmarc_proof *dmarc)
{
    struct buf out = {.arena = page->arena};
    if (dmarc->recorded)
        buf_add(&out, recorded_said(page, dmarc->from_domain));
    else if (!dmarc->from_domain.len)
        buf_add(&out, S("From に調べられるドメインがありません"));
    else
        buf_add(&out, dmarc_said(page, dmarc));
    if (dmarc->policy.len)
        buf_add(&out, SAID(page, "(ポリシー %s)", page_clean(page, dmarc->policy)));
    if (dmarc->suffix_differs)
        buf_add(&out, SAID(page, "。公開サフィックス一覧を使う旧規格 RFC 7489 では組織が %s となり、結果が異なります",
                           page_clean(page, dmarc->suffix_organisation)));
    return buf_span(&out);
}

/* ---- ARC */

struct span reason_arc(const struct page *page, const struct arc_proof *arc)
{
    if (!arc->sets.len)
        return arc->result == PROOF_NONE   ? S("ARC の記録なし")
               : arc->result == PROOF_FAIL ? S("ARC の記録の形式に誤りがあります")
                                           : S("ARC の記録を読めていません");
    struct span count = arena_print(page->arena, "%zu", arc->sets.len);
    struct span domain = page_clean(page, arc->sets.at[arc->sets.len - 1].seal_domain);
    if (arc->recorded)
        return recorded_said(page, arc->sets.at[arc->sets.len - 1].seal_domain);
    switch (arc->result) {
    case PROOF_PASS: return SAID(page, "封印 %s 個、最後は %s。連鎖は有効です", count, domain);
    case PROOF_FAIL: return SAID(page, "封印 %s 個、最後は %s。連鎖は有効ではありません", count, domain);
    default: return SAID(page, "封印 %s 個、最後は %s。鍵を DNS で確認できていません", count, domain);
    }
}
