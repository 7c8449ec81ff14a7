/* DMARC, RFC 9989, with a look at what RFC 7489's suffix list would have said. Inside the room. */
#pragma once
#include "auth/auth.h"

enum { DMARC_RECORD_MOST = 8192, DMARC_AUTHORS_MOST = 10 };

enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };
struct dmarc_record {
    struct span p, sp, np; /* lower case: "none", "quarantine", "reject"; empty: not said, or no policy known */
    bool has_rua;          /* with at least one mailto: or https: address */
    bool strict_dkim, strict_spf, testing;
    enum dmarc_psd psd;
};
/* RFC 9989 4.7. False: this TXT record is no DMARC record at all. */
bool dmarc_record_parse(struct arena *arena, struct span text, struct dmarc_record *out);

/* False: names are lacking. All names of the walks for From, SPF and DKIM are asked for at once. */
bool dmarc_check(struct arena *arena, const struct tables *tables, struct dns_answers *answers, const struct message *message,
                 const struct spf_proof *spf, const struct dkim_proof *dkim, size_t n_dkim, struct dmarc_proof *out);
