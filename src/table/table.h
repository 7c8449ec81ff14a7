/* table: the files under data/ and what the operator has: public suffixes, networks, sending services, AS and country
 * databases. Loaded and checked once, then read-only and shared between processes (one thread each: answers of the suffix
 * list are remembered).
 *
 * Files in, look-ups out. A file that does not fit its schema is an error that names file, line and remedy.
 * Rows marked `sure: no` are loaded, told apart, and must carry no evidence. */
#pragma once
#include "base/base.h"

enum network_kind { NETWORK_UNKNOWN, NETWORK_HOSTING, NETWORK_VPN, NETWORK_MOBILE, NETWORK_ACCESS, NETWORK_MAIL_SERVICE, NETWORK_RELAY_POOL };
struct network {
    uint32_t asn;      /* 0: unknown */
    struct span name;  /* of the AS or the pool */
    struct span country; /* ISO 3166 alpha-2, empty: unknown */
    enum network_kind kind;
    struct span service; /* mail service that owns it, by its id in services.yaml; empty where none */
    bool sure;           /* kind comes from a row with a checkable source */
};
const char *network_kind_name(enum network_kind kind); /* "hosting", ...; "unknown" */

/* How a mail service shows itself in a message; data/services.yaml */
enum account_form { ACCOUNT_WHOLE, ACCOUNT_BEFORE_DOT, ACCOUNT_COLON_FIELD, ACCOUNT_VERP_NUMBER, ACCOUNT_BASE64_JSON_THIRD, ACCOUNT_BEFORE_UNDERSCORE };
struct service_account {
    struct span field; /* header field that bears it; "MAIL FROM" for the envelope sender */
    enum account_form form;
    unsigned index;    /* for ACCOUNT_COLON_FIELD: 1 is the first */
    bool sure;
};
struct service {
    struct span id, name;         /* "mailgun", "Mailgun" */
    VEC(struct span) hosts;       /* domains whose hosts are the service's */
    VEC(struct span) fields;      /* header fields that only it writes */
    VEC(struct service_account) accounts;
    VEC(uint32_t) asns;
    struct span source, date;
    bool sure;
    bool carrier;                 /* a mailbox provider or filtering relay: what it carries is its users' own mail */
};

struct tables;
struct table_options {
    const char *data_dir;     /* NULL: $SEKIMORI_DATA, else data/ beside the sources for a program in its build folder, else the installed one */
    const char *suffix_file;  /* NULL: the system's public_suffix_list.dafsa, then .dat, then libpsl's built-in */
    const char *country_file; /* MaxMind DB with country.iso_code or country_code; NULL: none */
    bool partial;             /* files may lack in data_dir, as tests make it; else each lacking one is an error */
    const char *own_dir;      /* the operator's lists, added to data/: NULL: $SEKIMORI_LISTS, else none */
    const char *weights_file; /* NULL: weights.tsv of the data folder, where there is one */
    const char *as_file;      /* MaxMind DB with autonomous_system_number, the file of table_compile_as, or a CSV under 8 MB; NULL: none */
};
int tables_open(const struct table_options *options, struct tables **out, struct err *err);
void tables_close(struct tables **tables); /* accepts NULL inside; sets it NULL */

/* The lists whose rows are looked for in mail, by their files: "hosts.yaml"; NULL: no more. Weights are none of them. */
const char *tables_list(size_t i);
/* What such a file holds now, ours and the operator's one behind the other. */
int tables_list_read(struct arena *arena, const struct tables *tables, const char *list, struct span *out, struct err *err);
/* The databases beside them: "countries", "AS numbers", "public suffixes"; NULL: no more. Their editions are told apart by 32 bytes,
 * made with the first asking from what was opened; empty: there is none. */
const char *tables_database(size_t i);
struct span tables_database_edition(const struct tables *tables, size_t i);
const char *tables_data_dir(const struct tables *tables); /* the folders they came from */
const char *tables_own_dir(const struct tables *tables);  /* NULL: none */

/* Public suffix list (https://publicsuffix.org, algorithm there). Names are A-labels in lower case. */
struct span suffix_of(const struct tables *tables, struct span domain);       /* "co.uk" of www.example.co.uk; empty where domain is none */
struct span organisation_of(const struct tables *tables, struct span domain); /* "example.co.uk"; the domain itself where it has no suffix above */
bool same_organisation(const struct tables *tables, struct span a, struct span b);

bool network_of(const struct tables *tables, const struct ip *ip, struct network *out); /* false: nothing known; *out zero */
size_t service_count(const struct tables *tables);
const struct service *service_at(const struct tables *tables, size_t index);
const struct service *service_by_host(const struct tables *tables, struct span host); /* host is the service's or under it */
const struct service *service_by_id(const struct tables *tables, struct span id);

/* `sekimori table as CSV... -o OUT`: CSV files `start,end,asn,name` (both ends belong to a range; IPv4 and IPv6, written out
 * or as decimal numbers; in any order) into the sorted table that as_file maps at start. Written beside OUT, then renamed. */
int table_compile_as(const char *const *csv_paths, size_t count, const char *out_path, struct err *err);
