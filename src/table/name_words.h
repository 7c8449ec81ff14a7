/* table/name_words: words that stand in names of senders and hosts and say nothing of who it is: data/name-words.yaml, and the
 * operator's file of that name, whose rows are added. Loaded once, read-only. */
#pragma once
#include "table/lists.h"

enum name_word_use {
    NAME_WORD_ADDED = 1 << 0,  /* put around a name to make a host of it: secure, login, verify */
    NAME_WORD_ROLE = 1 << 1,   /* of an office, not of a person or firm: support, billing, サポート */
    NAME_WORD_TRADE = 1 << 2,  /* what brands of a kind do: bank, card, 銀行 */
    NAME_WORD_TITLE = 1 << 3,  /* before or behind a person's name: mr, dr, ceo, 様, 社長 */
    NAME_WORD_LEGAL = 1 << 4,  /* of a firm's name: inc, gmbh, 株式会社 */
    NAME_WORD_HOSTER = 1 << 5, /* how hosters call their machines: vps, dedi, static */
};
/* The uses of a word in folded text; 0: none. */
unsigned name_word_uses(const struct tables *tables, struct span word);
bool name_word_of_trade(const struct tables *tables, struct span word, enum brand_kind kind);
