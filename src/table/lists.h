/* table/lists: what the world's names stand for: kinds of hosts, links that lead elsewhere, endings of files, weights.
 *
 * data/hosts.yaml, data/redirectors.yaml, data/file-kinds.yaml, and files of the same names in the operator's folder
 * (table_options.own_dir), whose rows are added. Loaded and checked once, then read-only. `sure` in hosts and redirectors is for who keeps
 * the lists, and weighs nothing. */
#pragma once
#include "table/brands.h"
#include "table/table.h"

/* ---- kinds of hosts: data/hosts.yaml. One host may be of several. */
enum host_kind {
    HOST_SHORTENER = 1 << 0,
    HOST_FREE_PAGES = 1 << 1,   /* anybody has a page there: site builders, free hosting, code pages */
    HOST_FORM = 1 << 2,         /* anybody makes a form there */
    HOST_BUCKET = 1 << 3,       /* storage and functions of a cloud under its own name */
    HOST_SHARE = 1 << 4,        /* files that people share: the owner may be told in the URL */
    HOST_TUNNEL = 1 << 5,       /* a way to somebody's own machine: ngrok, trycloudflare, dynamic DNS */
    HOST_GATEWAY = 1 << 6,      /* IPFS and translation gateways: shows a page of somebody else */
    HOST_IMAGES = 1 << 7,       /* pictures that anybody uploads */
    HOST_SOCIAL = 1 << 8,
    HOST_MESSENGER = 1 << 9,
    HOST_FREE_MAIL = 1 << 10,   /* mailboxes for anybody */
    HOST_DISPOSABLE = 1 << 11,  /* mailboxes for an hour */
    HOST_CHEAP_SUFFIX = 1 << 12, /* a public suffix whose names cost next to nothing and are abused much */
    HOST_REPUTABLE = 1 << 13,   /* among the world's best known, but anybody can be a customer or user there */
    HOST_TRACKER = 1 << 14,     /* click and open hosts of mail services */
    HOST_COMMON_LIBRARY = 1 << 15, /* fonts, schemas, scripts and pictures that every page uses: w3.org, fonts.googleapis.com */
    HOST_SIGNS_ALL = 1 << 16, /* a provider of mailboxes whose every letter leaves with the signature of From's own domain */
    HOST_NOTICES = 1 << 17    /* a service that sends under its own name what anybody wrote there: comments, invitations, invoices, chats */
};
/* The kinds of a host, or of a host and path ("docs.google.com/forms"); 0: none. *listed, where not NULL, is the entry that matched. */
unsigned host_kinds(const struct tables *tables, struct span host, struct span path, struct span *listed);
const char *host_kind_name(unsigned bit); /* "shortener" */
/* Tenant or account that the URL of a share, form or page names, where the list tells how: "contoso" of
 * contoso-my.sharepoint.com. Empty where it does not. */
struct span host_owner(const struct tables *tables, struct span host, struct span path);
/* Under a private suffix of the public suffix list: the name belongs to a hoster's customer. */
bool host_is_private(const struct tables *tables, struct span host);
/* The words (of a path, or shown as a link's text) hold one by which a link beside the matter is known: unsubscribe, privacy ... */
bool link_is_aside(const struct tables *tables, struct span words);
/* ... or one that calls to follow it: sign in, view, confirm, pay ... */
bool link_is_call(const struct tables *tables, struct span words);

/* ---- links that carry their target: data/redirectors.yaml */
enum redirect_form {
    REDIRECT_QUERY,     /* the target is the value of a query field */
    REDIRECT_PATH,      /* ... what follows a path */
    REDIRECT_BASE64,    /* ... a query field in base64 */
    REDIRECT_SAFELINKS, REDIRECT_URLDEFENSE_1, REDIRECT_URLDEFENSE_2, REDIRECT_URLDEFENSE_3,
    REDIRECT_HOST_ONLY, /* ... only the host is told, in a query field (Mimecast's domain=) */
    REDIRECT_LABEL,     /* ... the host's first label, dots as hyphens (example-com.translate.goog) */
    REDIRECT_OPAQUE     /* leads elsewhere, where to is not in it (a service's click counter) */
};
enum redirect_kind { REDIRECT_SEARCH, REDIRECT_ADVERTISING, REDIRECT_MAIL_TRACKER, REDIRECT_REWRITER, REDIRECT_OTHER };
struct redirector {
    struct span id, name;   /* "safe-links", "Microsoft Safe Links" */
    enum redirect_kind kind;
    enum redirect_form form;
    struct span host, path; /* host or domain, and how the path begins; path may be empty */
    VEC(struct span) fields; /* of the query, in order of trial */
    struct span service;    /* id in services.yaml; may be empty */
    bool sure;
};
const struct redirector *redirector_of(const struct tables *tables, struct span host, struct span path); /* NULL: none */
size_t redirector_count(const struct tables *tables);
const struct redirector *redirector_at(const struct tables *tables, size_t index);

/* ---- what evidence weighs: data/weights.tsv, written by `sekimori fit` */
struct weight {
    struct span name;      /* of the evidence */
    double value;          /* log-likelihood ratio */
    double low, high;      /* its interval of 95 % */
    size_t bad, honest;    /* messages it could have fired on */
    size_t bad_fired, honest_fired;
    bool fitted;           /* false: too few honest messages, the prior stands */
};
size_t weight_count(const struct tables *tables); /* 0 where there is no such file */
const struct weight *weight_at(const struct tables *tables, size_t index);

/* ---- endings of file names: data/file-kinds.yaml */
enum ending_kind {
    ENDING_UNKNOWN, ENDING_PROGRAM, ENDING_SCRIPT, ENDING_ARCHIVE, ENDING_DISK_IMAGE, ENDING_MACRO_DOCUMENT, ENDING_DOCUMENT, ENDING_PAGE,
    ENDING_PICTURE, ENDING_CALENDAR, ENDING_MESSAGE, ENDING_TEXT, ENDING_MEDIA
};
/* Without its dot, in any case. *sure false: the ending is met in honest names of other things too. tables may be NULL. */
enum ending_kind ending_kind_of(const struct tables *tables, struct span ending, bool *sure);
/* A host to which the envelope page of a service for encrypted mail sends its form. tables may be NULL. */
bool envelope_host(const struct tables *tables, struct span host);
