/* content: what links, files, looks and words of a message mean. Facts, never scores; no I/O, no clock.
 *
 * In: the message as room `message` read it. Out: links.h, files.h, and here: what the words ask and how the page looks. */
#pragma once
#include "content/files.h"
#include "content/links.h"
#include "message/message.h"
#include "table/phrases.h"

/* ---- words */
enum text_place { PLACE_NAME = 1, PLACE_SUBJECT = 2, PLACE_TOP = 4, PLACE_TEXT = 8, PLACE_LINK = 16, PLACE_IMAGE = 32, PLACE_FILE_NAME = 64, PLACE_TITLE = 128, PLACE_FILE_TEXT = 256, PLACE_FORWARDED_NAME = 512, PLACE_FORWARDED_SUBJECT = 1024 };
struct lure_fact {
    unsigned count;        /* distinct phrases */
    unsigned places;       /* bits of enum text_place; PLACE_TOP: within the first 400 letters */
    bool strong;           /* a phrase that says it all alone, or two distinct ones, or one in the subject */
    bool disguised;        /* one was found only with look-alikes undone */
    struct span phrase;    /* the first, as the list writes it */
    struct span language;
};
/* One piece of text a person reads, folded once, for words here and for claims in room identity. */
struct shown_text {
    enum text_place place;
    struct span raw;
    struct folded folded;
    phrase_hits_t hits;
    const struct link_fact *link; /* for PLACE_LINK and PLACE_IMAGE: the link it stands under; may be NULL */
};
/* A web address where a name belongs: the value of "User name:", whom a greeting greets, a name in the header, a quotation in the subject. */
struct slot_fact {
    struct span text, host;  /* the value as written; the host it names */
    bool address;
    bool plainly;            /* ... with www., https:// or a path; else it may be a firm's name ("example.com") */
    bool sum;                /* ... and a sum of money beside it */
};
/* A letter that is passed on, as the head tells that mail programs write above it. Anybody can write one: nothing of it is proved. */
struct forwarded {
    bool present;
    bool bare;                    /* next to nothing stands above: what the letter says, the message says. Then it is the innermost */
    struct mailbox from;          /* name or address may be empty */
    struct span subject;
};
struct content_words {
    struct forwarded forwarded;
    VEC(struct shown_text) texts; /* name of the author, subject, text (the richest alternative), link texts, image alternatives, file names */
    struct lure_fact lures[LURE_COUNT];
    size_t letters;               /* of the text a person sees */
    unsigned disguises;           /* bits of enum disguise over name, subject and text */
    struct span disguise_example;
    struct span language;         /* that most phrases are of; empty */
    bool telephone;               /* a telephone number in the text */
    struct span telephone_number; /* as written */
    bool money_amount;            /* a sum with its currency */
    bool coin_address;            /* a Bitcoin or other coin's address (base58 or bech32 with right check sum) */
    bool mail_address;            /* an address to write to, of another organisation than From's */
    struct span mail_address_other;
    bool free_mail_address;       /* ... at a free-mail provider */
    bool quoted;                  /* an answer with the quoted letter below */
    bool code_or_diff;            /* program text or a patch */
    bool postal_address;          /* at the end, as senders of newsletters must write */
    bool recipient_named;         /* greets by a name or address of the recipient */
    bool address_in_subject;      /* the subject holds an address */
    bool code_in_subject;         /* case, order or random number in the subject */
    bool reply_faked;             /* subject says Re: or Fwd: and there is no In-Reply-To, References or quoted letter */
    unsigned accented;            /* distinct plain English words written with accents that no language sets there */
    struct span accented_example;
    struct slot_fact slot;        /* text zero: none */
    bool template_empty;          /* a template's field left unfilled in subject, name or text */
    bool cut;                     /* longer than is read: the middle was left out */
    bool pgp_or_smime;            /* a signature part or encrypted part */
};

/* ---- looks */
struct content_look {
    unsigned images;              /* shown, of a size to be seen (trackers of one pixel left out) */
    bool picture_mail;            /* one to four images, under 200 letters */
    bool one_image_linked;        /* the only thing to see is an image under a link */
    bool html, html_only;
    bool html_base64;
    bool html_no_root;            /* HTML without an html tag */
    bool hidden_much;             /* more hidden text than seen, at least 300 letters of it: filler against filters */
    bool text_differs;            /* plain and HTML alternatives have next to no word in common */
    bool blank_run;               /* twelve or more empty lines in a row, then more text */
    bool form, password_input;    /* in the body itself */
    bool nothing_to_read;         /* under 40 letters and an attachment or image */
    bool priority_high;
    bool image_foreign;           /* an image hot-linked from a public image host or another organisation than the links' */
};

struct content {
    struct content_links links;
    struct content_files files;
    struct content_words words;
    struct content_look look;
};
void content_words_read(struct arena *arena, const struct tables *tables, const struct arrival *arrival, const struct message *message,
                        const struct content_links *links, const struct content_files *files, struct content_words *out);
void content_look_read(struct arena *arena, const struct tables *tables, const struct message *message,
                       const struct content_links *links, const struct content_words *words, struct content_look *out);
/* All of it, in that order. tables may be NULL: then no list is known. */
void content_read(struct arena *arena, const struct file_limits *limits, const struct tables *tables, const struct arrival *arrival,
                  const struct message *message, struct content *out);
