/* identity: who a message claims to be, against what was proved.
 *
 * In: the message, its path, its proofs, the organisation it came to, and what `content` read (the walk hands it over: texts with the
 * names found in them, hosts that links lead to). Out: claims and comparisons, never scores. No I/O, no clock.
 * Sources: UTS 39 (confusable skeletons), UTS 46, RFC 5322 3.6.2, RFC 8058 (one-click unsubscribe), RFC 2369. */
#pragma once
#include "auth/auth.h"
#include "identity/protected.h"
#include "identity/told.h"
#include "message/message.h"
#include "table/lists.h"
#include "trace/trace.h"

struct brand_claim {
    const struct brand *brand;
    unsigned places;           /* bits of enum told_place */
    bool by_word;              /* found only by a name that is an ordinary word too, but standing alone or beside its trade */
    bool disguised;            /* written with look-alikes or letters set apart */
    bool as;                   /* the mail speaks as the brand (name, or subject and text, or image and link); else it speaks about it */
    bool from_own;             /* the brand owns the From domain, or is known to write under it */
    bool proved;               /* ... and that domain is proved */
    bool signer_own;           /* a signature of a domain of the brand passes */
    bool links_own;            /* the main link, or at least half the clickable hosts, are the brand's */
    bool any_link_own;
    bool service_own;          /* sent through a service the brand is known to use, borne out by the path */
    unsigned times;
};
enum lookalike_kind { /* how `seen` resembles `of` */
    LOOKALIKE_SKELETON,        /* the same to the eye (UTS 39), by other letters */
    LOOKALIKE_TYPING,          /* one or two keys beside, left out, doubled or changed over; only for names of 6 letters or more */
    LOOKALIKE_ADDED_WORD,      /* paypal-security, secure-paypal-login */
    LOOKALIKE_SUFFIX,          /* the same name under another public suffix */
    LOOKALIKE_SUBDOMAIN,       /* paypal.com.example.net */
    LOOKALIKE_INSIDE           /* the name within a longer label: mypaypalaccount */
};
enum lookalike_place { LOOKALIKE_FROM, LOOKALIKE_REPLY_TO, LOOKALIKE_LINK, LOOKALIKE_LOCAL_PART, LOOKALIKE_SENDER };
struct lookalike {
    enum lookalike_kind kind;
    enum lookalike_place place;
    struct span seen, of;      /* domains (or the local part), as people read them */
    const struct brand *brand; /* NULL: of is an own domain or a partner's */
    bool own, partner;
    bool punycode;             /* seen is written in A-labels and shows other letters */
};
struct person_claim {
    const struct person *person;
    bool exact;                /* the whole name; else family and given name beside other words, or one of them with the title */
    bool address_of_person;    /* From is one of the person's own addresses */
    bool from_inside;          /* From is in an own domain */
    bool free_mail;
};
struct name_shape { /* of the author's display name and address: only shapes that honest firms seldom have */
    bool present;              /* there is a display name */
    bool shares_word;          /* it shares a word of three letters or more with domain or local part, or its initials */
    bool fits_domain;          /* ... with the domain: what stands before the @ anybody writes */
    bool address_of_other;     /* it holds an address of another organisation than From's */
    bool domain_of_other;      /* ... or a domain */
    struct span told_domain;
    bool ornament;             /* stars, arrows, emoji, brackets, bars: punctuation no name has */
    bool figures;              /* four or more figures in a row */
    bool role;                 /* support, security, billing, team, お客様サポート ... */
    bool like_subject;         /* name repeats the subject or is a sentence */
    bool recipient;            /* name is the recipient's address, local part or organisation */
    bool empty_quotes;
    unsigned local_digits;     /* figures in the local part */
    bool local_random;         /* cannot be spoken, by letter pairs, 8 letters or more */
    bool domain_random;        /* the same for the registrable label */
    bool local_is_recipient;   /* the local part holds the recipient's or the recipient's domain */
};
struct vouching { /* who vouched for the hosts: From, MAIL FROM, d= that passed, List-Unsubscribe of them; HELO and client where borne out */
    VEC(struct span) organisations; /* vouched: those of From, Return-Path, passing signatures, confirmed client */
    bool proved;               /* From's domain is proved (DMARC, or an aligned signature or SPF that passes) */
    bool unknown;              /* nothing was or could be checked: proofs are neither there nor missing */
    size_t clickable_in, clickable_out, images_in, images_out; /* distinct hosts; libraries every page uses are not counted */
    bool main_out;             /* the main link's host is none of them */
    bool all_out;              /* at least one clickable host and none is of them */
    double from_share;         /* of clickable links that lead to From's organisation, 0 to 1 */
    bool from_link, from_image; /* at least one leads to, is taken from, From's organisation */
    bool main_told;            /* ... but of who a letter that is passed on is said to be of, which nothing proves: main_out is false */
    bool main_brand;           /* the main link leads to a listed brand's own domain */
    bool main_by_service;      /* ... to the click host of the service that sent it, borne out by the path */
    bool unsubscribe, one_click; /* List-Unsubscribe; List-Unsubscribe-Post (RFC 8058) */
    bool unsubscribe_from;     /* its host is From's organisation */
    bool unsubscribe_vouched;  /* ... or another vouched one, or of the service borne out */
    bool images_elsewhere;     /* images from one organisation, links to another, neither vouched */
};
struct mismatch {
    bool reply_to_differs;     /* Reply-To of another organisation than From */
    bool reply_to_free_mail;   /* ... at a free-mail provider while From is not */
    bool reply_to_lookalike;   /* see lookalikes */
    struct span reply_to;
    bool sender_differs, return_path_differs; /* another organisation, and no service borne out */
    bool signer_foreign;       /* signatures pass, none of From's organisation */
    bool signer_service;       /* ... and it is of the sending service, borne out */
    struct span signer;
    bool from_free_mail, from_disposable, from_free_pages; /* From at a free-mail provider, ..., under a private suffix or free host */
    bool from_signs_all;       /* From at a provider whose every letter leaves with its signature */
    bool from_cheap;           /* under a public suffix whose names cost next to nothing */
    bool from_onmicrosoft;     /* under onmicrosoft.com */
    bool corporate_claim;      /* name or text claims a brand, an office or the own organisation, and From is free mail */
    bool from_own, from_partner; /* From is in an own domain, a partner's */
    bool own_unproved;         /* From in an own domain, from outside, not proved */
    bool own_name_claimed;     /* display name or subject names the own organisation or its help desk; From outside */
    bool to_self;              /* From is the recipient's own address */
    bool to_desk;              /* every recipient is a mailbox that takes reports of bad mail: abuse, phishing, security */
    bool several_from;
    bool hidden_recipients;    /* To empty or undisclosed, and not a list */
    bool feeding_machine;      /* Message-ID or the lowest hop names WIN-, DESKTOP-, vps, localhost as the author's machine */
    struct span feeding_name;
    bool php_mailer;           /* X-PHP-Script, X-PHP-Originating-Script, PHPMailer's mark */
    bool helo_hosting;         /* HELO or reverse name is a hoster's default machine name */
    struct span helo_name;
    bool service_claimed;      /* marks of a sending service that the path bears out: path.carrier */
    bool list_borne_out;       /* a mailing list's message: List-Post at an organisation that vouched for it */
    bool well_known;           /* From's organisation is a listed brand's own domain or HOST_REPUTABLE, and no free mail */
};
/* The letter that is passed on without a word, by what the head above it tells: nothing of it can be proved. */
struct forwarded_claim {
    bool is;
    const struct mailbox *from;
    struct brand_claim brand;  /* that the letter speaks as; brand.brand NULL: none */
    bool names_brand;          /* ... in its author's name */
    const struct brand *from_brand; /* that owns the domain it is said to come from; NULL */
    bool free_mail;            /* said to come from free mail, or a disposable address */
    bool well_known;           /* ... from a brand's own domain or a well-known one */
    struct name_shape shape;
    struct lookalike lookalike; /* the domain it is said to come from resembles another; seen empty: none */
};
struct claim {
    struct forwarded_claim forwarded;
    VEC(struct brand_claim) brands;      /* those that the mail speaks as come first, the most prominent first */
    const struct brand_claim *main;      /* the brand it speaks as; NULL: none */
    const struct brand *from_brand;      /* that owns the From domain; NULL */
    VEC(struct lookalike) lookalikes;    /* at most 20 */
    VEC(struct person_claim) people;
    struct name_shape shape;
    struct vouching vouching;
    struct mismatch mismatch;
    bool own_configured;                 /* own domains or people are known: claims on them can be seen at all */
};
void identity_claim(struct arena *arena, const struct identity_settings *settings, const struct tables *tables,
                    const struct arrival *arrival, const struct message *message, const struct path *path,
                    const struct proof *proof, const struct told *told, struct claim *out);
const char *lookalike_kind_name(enum lookalike_kind kind); /* "skeleton" */
