/* Bad inputs 1 to 14 and 25 to 30 of the list: senders, proofs, names and line ends. */
#include "bad.h"

static bool dmarc_never_passes(const struct walk *walk)
{
    return walk->proof.dmarc.result != PROOF_PASS;
}

static bool dkim_never_passes(const struct walk *walk)
{
    vec_each(dkim, &walk->proof.dkim)
        if (dkim->result == PROOF_PASS)
            return false;
    return true;
}

static bool spf_is_permerror(const struct walk *walk)
{
    return walk->proof.spf.result == PROOF_PERMERROR;
}

static bool spf_is_never_pass(const struct walk *walk)
{
    return walk->proof.spf.result != PROOF_PASS;
}

static bool spf_fails(const struct walk *walk)
{
    return walk->proof.spf.result == PROOF_FAIL && walk->proof.spf.explanation.len <= 2000;
}

static bool arc_fails(const struct walk *walk)
{
    return walk->proof.arc.result == PROOF_FAIL;
}

static bool two_froms_are_told(const struct walk *walk)
{
    return bad_has_defect(walk, "two-from-fields") && dmarc_never_passes(walk);
}

static bool results_count_for_nothing(const struct walk *walk)
{
    return walk->proof.basis != BASIS_TRUSTED_HEADER && dmarc_never_passes(walk);
}

static bool spf_is_of_the_envelope(const struct walk *walk)
{
    return span_eq(walk->proof.spf.domain, S("attack.example")) && walk->proof.dmarc.spf_aligned == false;
}

static void make_two_froms(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    buf_add(&world->zone, S("attack.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.attack.example. TXT \"v=DMARC1; p=reject\"\n"
                            "_dmarc.victim.example. TXT \"v=DMARC1; p=reject\"\n"));
    buf_add(&world->mail, S("From: a@attack.example\r\nFrom: boss@victim.example, "));
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "a%zu@victim.example,\r\n ", i);
    buf_add(&world->mail, S("z@victim.example\r\nSubject: two\r\n\r\nbody\r\n"));
}

static void make_odd_dkim_domain(struct bad_world *world, size_t size)
{
    static const struct span odd[] = {BYTES("legitimate.example(.attack.example"), BYTES("legitimate.example'"),
                                      BYTES("legitimate .example"), BYTES("legitimate.example\0.attack.example"),
                                      BYTES("legitimate.example\r\n .attack.example")};
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    for (size_t i = 0; i < size; i++) {
        struct span d = odd[i % 5];
        buf_add(&world->mail, S("DKIM-Signature: v=1; a=rsa-sha256; d="));
        buf_add(&world->mail, d);
        buf_add(&world->mail, S("; s=a; h=from; bh=AAAA; b=AAAA\r\n"));
    }
    bad_header(world);
    buf_add(&world->mail, S("\r\nbody\r\n"));
}

static void make_other_identity(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    buf_add(&world->zone, S("attack.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.victim.example. TXT \"v=DMARC1; p=reject\"\n"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("Authentication-Results: other.example; spf=pass smtp.mailfrom=victim.example\r\n"));
    buf_add(&world->mail, S("From: boss@victim.example\r\nSubject: x\r\n\r\nbody\r\n"));
}

static void make_repeated_field(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "Message-ID: <%zu@x.example>, <%zu@y.example>\r\nDate: Sat, 31 Jan 2026 00:00:0%zu +0000\r\n", i, i, i % 10);
    bad_header(world);
    buf_add(&world->mail, S("\r\nbody\r\n"));
}

static void make_report_xml(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    bad_header(world);
    buf_add(&world->mail, S("Content-Type: application/xml; name=report.xml\r\n\r\n<?xml version=\"1.0\"?><feedback>"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("<record><row>\0</row>\r\n"));
}

static void make_policy_edges(struct bad_world *world, size_t size)
{
    static const char *const records[] = {"v=DMARC1", "v=DMARC1;", "v=DMARC1; p", "v=DMARC1; p=", "v=DMARC1;;;;p=reject",
                                          "v=DMARC1; p=reject; p=none", "v=DMARC1; rua=", "v=DMARC1; p=\xff", "v=DMARC1; =; =="};
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    buf_print(&world->zone, "_dmarc.example.com. TXT \"%s\"\n_dmarc.com. TXT \"v=DMARC1; psd=y; ", records[size % 9]);
    bad_repeat(&world->zone, "x=y; ", 40);
    buf_add(&world->zone, S("\"\n"));
    bad_header(world);
    buf_add(&world->mail, S("\r\n"));
    bad_repeat(&world->mail, "body\r\n", size);
}

static void make_broken_seals(struct bad_world *world, size_t size)
{
    static const char *const seals[] = {
        "i=1; a=rsa-sha256; cv=none; d=x.example; s=s; b=AAAA", "i=; cv=pass", "i=0; b=", "i=51; cv=pass; d=a; s=b; b=c",
        "i=1; i=1; cv=none", "i=99999999999999999999; cv=none", "cv=none; d=;s=;b=;;;;", "i=1; a=; b==; d=.; s=."};
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    for (size_t i = 0; i < size; i++) {
        buf_print(&world->mail, "ARC-Seal: %s\r\n", seals[i % 8]);
        buf_print(&world->mail, "ARC-Message-Signature: %s; h=from; bh=\r\n", seals[(i + 3) % 8]);
        buf_print(&world->mail, "ARC-Authentication-Results: i=%zu; ((((; spf=\"pass; dkim=\r\n", i % 60);
    }
    bad_header(world);
    buf_add(&world->mail, S("\r\nbody\r\n"));
}

static void make_forged_results(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    buf_add(&world->mail, S("Received: from attack.example ([192.0.2.1]) by mx.example.net with ESMTP id 1; Sat, 31 Jan 2026 00:00:00 +0000\r\n"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("Authentication-Results: mx.example.net; dmarc=pass header.from=example.com; spf=pass; dkim=pass\r\n"));
    bad_header(world);
    buf_add(&world->mail, S("\r\nbody\r\n"));
}

static void make_empty_signed_body(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=a; l=%s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n",
                  i % 2 ? "0" : "18446744073709551616");
    bad_header(world);
    buf_add(&world->mail, S("\r\n"));
}

static void spf_only(struct bad_world *world, const char *record)
{
    bad_envelope(world, "192.0.2.9", "\"a b%{s}\"@attack.example");
    buf_print(&world->zone, "attack.example. TXT %s\n", record);
}

static void mail_of(struct bad_world *world, size_t size)
{
    bad_header(world);
    buf_add(&world->mail, S("\r\n"));
    bad_repeat(&world->mail, "body\r\n", size);
}

static void make_macro_digits(struct bad_world *world, size_t size)
{
    spf_only(world, "\"v=spf1 exists:%{l99999999999999999999r-+,/_=}.%{d0}.%{i128r}.x.example -all\"");
    mail_of(world, size);
}

static void make_long_explanation(struct bad_world *world, size_t size)
{
    spf_only(world, "\"v=spf1 exp=exp.attack.example -all\"");
    buf_add(&world->zone, S("exp.attack.example. TXT"));
    for (size_t i = 0; i < 100; i++)
        buf_add(&world->zone, S(" \"%{s}%{l}%{o}%{d}%{i}%{h}%{c}%{r}%{t}%{S}%{L}%{O}%{D}\""));
    buf_add(&world->zone, S("\n"));
    mail_of(world, size);
}

static void make_macro_underflow(struct bad_world *world, size_t size)
{
    spf_only(world, "\"v=spf1 include:%{d9}%{o-}%{} include:%{ -all\"");
    mail_of(world, size);
}

static void make_include_loop(struct bad_world *world, size_t size)
{
    spf_only(world, "\"v=spf1 include:attack.example include:b.attack.example redirect=attack.example\"");
    buf_add(&world->zone, S("b.attack.example. TXT \"v=spf1 include:attack.example"));
    for (int i = 0; i < 20; i++)
        buf_print(&world->zone, "\" \" a:none%d.attack.example", i);
    buf_add(&world->zone, S(" -all\"\n"));
    mail_of(world, size);
}

static void make_many_names(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.9", "a@attack.example");
    buf_add(&world->zone, S("attack.example. TXT \"v=spf1 mx ptr -all\"\n"));
    for (int i = 0; i < 200; i++)
        buf_print(&world->zone, "attack.example. MX 10 m%d.attack.example.\nm%d.attack.example. A 10.0.0.1\n", i, i);
    for (size_t i = 0; i < size; i++)
        buf_print(&world->mail, "DKIM-Signature: v=1; a=rsa-sha256; d=d%zu.example; s=s%zu; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n", i, i);
    mail_of(world, 1);
}

static void make_odd_line_ends(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    bad_header(world);
    buf_add(&world->mail, S("\r\nbody\r\n"));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("\n.\n\r.\r\r\n.\n\n.\r\nMAIL FROM:<x@y>\0\r\n"));
}

static void make_empty(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    bad_repeat(&world->mail, "Subject:\r\n", size - 1);
}

static void make_display_names(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    buf_add(&world->mail, S("From: "));
    bad_repeat(&world->mail, "(boss@victim.example (", size);
    buf_add(&world->mail, S("\"boss@victim.example\" <a@attack.example>(\\\r\n <x@y> , \"unclosed <boss@victim.example>\r\n\r\nbody\r\n"));
}

static void make_odd_words(struct bad_world *world, size_t size)
{
    bad_envelope(world, "192.0.2.1", "a@attack.example");
    bad_header(world);
    buf_add(&world->mail, S("To: "));
    for (size_t i = 0; i < size; i++)
        buf_add(&world->mail, S("=?x-unknown?B?/////w==?= =?utf-7?Q?+AGE-+ADw-?= =?utf-8?Q?=E2=80=AE=C0=AF=ED=A0=80?= xn--e1a@xn--\xe2\x80\x8b\xe2\x80\x8b.example,\r\n "));
    buf_add(&world->mail, S("a@b.example\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+AGEAYQBh-+\r\n"));
}

static bool repetition_is_told(const struct walk *walk)
{
    return bad_has_defect(walk, "two-date-fields") && bad_has_defect(walk, "two-message-ids") && bad_has_defect(walk, "too-many-fields") &&
           walk->report.verdict != VERDICT_CLEAN;
}

static bool nul_is_told(const struct walk *walk)
{
    return bad_has_defect(walk, "nul-in-body");
}

static bool line_ends_are_told(const struct walk *walk)
{
    return bad_has_defect(walk, "mixed-line-ends") && bad_has_defect(walk, "bare-carriage-return") && nul_is_told(walk);
}

static bool emptiness_is_told(const struct walk *walk)
{
    return bad_has_defect(walk, "no-from-field") && (bad_has_defect(walk, "empty-message") || bad_has_defect(walk, "header-without-end"));
}

static bool odd_words_are_told(const struct walk *walk)
{
    return bad_has_defect(walk, "wrong-charset") && bad_has_defect(walk, "encoded-word-in-address") && bad_has_defect(walk, "bad-domain-in-address");
}

const struct bad_input bad_header_inputs[] = {
    {1, "two From fields, many addresses", make_two_froms, 2000, two_froms_are_told, "two From fields must be told and DMARC must not pass"},
    {2, "odd bytes in d=", make_odd_dkim_domain, 300, dkim_never_passes, "no such signature may pass"},
    {3, "SPF identity other than the recorded one", make_other_identity, 300, spf_is_of_the_envelope, "SPF must be of the envelope and not aligned"},
    {4, "repeated fields where one is expected", make_repeated_field, 2000, repetition_is_told, "the repeated fields must be told and not pass as clean"},
    {5, "aggregate report with NUL", make_report_xml, 20000, nul_is_told, "the NUL must be told"},
    {6, "DMARC policy edges", make_policy_edges, 1000, dmarc_never_passes, "DMARC must not pass"},
    {7, "malformed ARC sets", make_broken_seals, 300, arc_fails, "the chain must fail"},
    {8, "forged results of our own authserv-id", make_forged_results, 300, results_count_for_nothing, "forged results must count for nothing"},
    {9, "empty body under l=", make_empty_signed_body, 300, dkim_never_passes, "no such signature may pass"},
    {10, "SPF macro with digits, reverse, delimiters", make_macro_digits, 1000, spf_is_never_pass, "SPF must not pass"},
    {11, "SPF explanation that expands", make_long_explanation, 1000, spf_fails, "SPF fails, its explanation is bounded"},
    {12, "SPF macro underflow", make_macro_underflow, 1000, spf_is_permerror, "SPF must be permerror"},
    {13, "SPF loops, lookups and void lookups", make_include_loop, 1000, spf_is_permerror, "SPF must be permerror"},
    {14, "names that cost the resolver", make_many_names, 500, spf_is_never_pass, "SPF must not pass"},
    {25, "bare LF, CR and NUL at the end of data", make_odd_line_ends, 5000, line_ends_are_told, "each kind of odd line end must be told"},
    {26, "empty message and empty Subject", make_empty, 1, emptiness_is_told, "what is missing must be told"},
    {29, "display names and comments", make_display_names, 3000, dmarc_never_passes, "DMARC must not pass"},
    {30, "encoded-words, bidi, overlong UTF-8, UTF-7", make_odd_words, 500, odd_words_are_told, "charset, address and domain must each be told"},
};
const size_t bad_header_input_count = sizeof bad_header_inputs / sizeof *bad_header_inputs;
