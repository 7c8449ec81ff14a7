#include "verdict/report_json.h"

static void listing_write(struct json *json, const struct listing *listing)
{
    struct span rest = listing->answers, answer;
    json_object(json, NULL);
    json_text(json, "zone", listing->zone);
    json_text(json, "asks", span_of(list_asks_name(listing->asks)));
    json_text_or_null(json, "about", listing->subject);
    json_text(json, "state", span_of(listing_state_name(listing->state)));
    json_array(json, "answers");
    while (span_cut(&rest, ' ', &answer))
        json_text(json, NULL, answer);
    json_array_end(json);
    json_object_end(json);
}

static void scanner_write(struct json *json, const struct testimony *testimony)
{
    const struct clamd_answer *said = &testimony->scanner;
    if (!testimony->scanned) {
        json_null(json, "scanner");
        return;
    }
    json_object(json, "scanner");
    json_text(json, "state", span_of(clamd_word_name(said->word)));
    json_text_or_null(json, "name", said->name);
    json_text_or_null(json, "reason", said->why);
    json_object_end(json);
}

void json_witnesses(struct json *json, const struct testimony *testimony)
{
    if (!testimony) {
        json_null(json, "witnesses");
        return;
    }
    json_object(json, "witnesses");
    json_array(json, "lists");
    vec_each(listing, &testimony->listings)
        listing_write(json, listing);
    json_array_end(json);
    json_number(json, "links_left", (int64_t)testimony->links_left);
    scanner_write(json, testimony);
    json_object_end(json);
}
