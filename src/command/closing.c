/* What a run as a whole has to tell: where its verdicts rest on nothing, and which option was given in vain. */
#include "command/scan.h"

void closing_count(struct closing *closing, const struct scan_result *result, bool story)
{
    closing->relayed += (result->facts & RESULT_RELAYED) != 0;
    closing->leave_unknown += (result->facts & RESULT_LEAVE_UNKNOWN) != 0;
    closing->peer_unknown += (result->facts & RESULT_LEAVE_UNKNOWN) && (result->facts & RESULT_PEER_UNKNOWN);
    if (story)
        return; /* it has a world of its own, which no option fills */
    closing->judged++;
    closing->unverified += (result->facts & RESULT_NOTHING_VERIFIED) != 0;
    closing->edge_unknown += (result->facts & RESULT_EDGE_UNKNOWN) != 0;
    for (unsigned i = 0; i < 64; i++) {
        closing->borne[i] += result->borne >> i & 1;
        closing->believed[i] += result->believed >> i & 1;
        closing->homeless[i] += (result->borne >> i & 1) && (result->facts & RESULT_EDGE_UNKNOWN);
    }
}

static void envelopes_tell(const struct closing *closing, const struct scan_options *options, FILE *to)
{
    if (options->envelopes.len && closing->judged && !closing->enveloped)
        fprintf(to, "sekimori: no row of the tables given by --envelopes names a message that was scanned; X.envelopes.tsv speaks "
                    "of the files in X/, any other table of the files beside it\n");
}

static void authserv_tell(const struct closing *closing, const struct scan_options *options, FILE *to)
{
    for (size_t i = 0; closing->judged && i < options->walk.auth.trusted_authserv.len && i < 64; i++) {
        struct span id = options->walk.auth.trusted_authserv.at[i];
        if (closing->believed[i])
            continue;
        if (closing->borne[i] && closing->homeless[i])
            fprintf(to, "sekimori: --trust-authserv %.*s was never believed: it is not known which machine is ours; name it by "
                        "--preset or --trusted-host\n", SPAN_FMT(id));
        else if (closing->borne[i])
            fprintf(to, "sekimori: --trust-authserv %.*s was never believed: every field that bears it stands below the trust edge, "
                        "where anybody could have written it (see --trust-authserv-below)\n", SPAN_FMT(id));
        else
            fprintf(to, "sekimori: --trust-authserv %.*s: no Authentication-Results field bears this id%s\n", SPAN_FMT(id),
                    closing->edge_unknown ? "; for fields without an id (Microsoft's) --preset or --trusted-host is needed too" : "");
    }
}

static void relay_tell(const struct closing *closing, const struct scan_options *options, FILE *to)
{
    size_t senderless = closing->leave_unknown - closing->peer_unknown;
    if (options->direction == DIRECTION_OUTBOUND && !options->walk.customers && closing->judged)
        fprintf(to, "sekimori: --direction outbound without --customers: whether a message may leave was not examined\n");
    if (options->customers_file && !closing->relayed && closing->judged)
        fprintf(to, "sekimori: --customers: no message was outbound, and none was judged by the list; --direction outbound says "
                    "that they are\n");
    if (closing->peer_unknown)
        fprintf(to, "sekimori: for %zu of %zu outbound messages nothing could be examined, for no hop shows which machine handed "
                    "them over; give --envelopes, or --preset or --trusted-host where the relay's Received field stands on top\n",
                closing->peer_unknown, closing->relayed);
    if (senderless)
        fprintf(to, "sekimori: for %zu of %zu outbound messages it stays unknown whether they may leave, for their MAIL FROM is not "
                    "known; give --envelopes\n", senderless, closing->relayed);
}

static void proof_tell(const struct closing *closing, const struct scan_options *options, FILE *to)
{
    bool told = options->style.form == RESULT_TEXT && !options->quiet && closing->judged == 1; /* by the report itself */
    if (closing->unverified * 2 <= closing->judged || told)
        return;
    fprintf(to, "sekimori: for %zu of %zu messages nothing could be verified, and clean says little of them; give --envelopes, or "
                "--preset with --trust-authserv%s\n", closing->unverified, closing->judged,
            options->resolver.offline ? ", or let DNS be asked (without --offline)" : "");
}

void closing_print(const struct closing *closing, const struct scan_options *options, FILE *to)
{
    envelopes_tell(closing, options, to);
    authserv_tell(closing, options, to);
    relay_tell(closing, options, to);
    proof_tell(closing, options, to);
}
