/* Everything that may be edited at once, over any bytes: the plan can be carried out, what was not asked for stays, and doing it
 * again finds something to do or says why not. */
#include "action/edit.h"
#include "fuzz.h"

static void parse(struct arena *arena, struct message_limits *limits, struct span raw, struct message *out)
{
    struct arrival arrival = {.raw = raw, .received_at = TIME_UNKNOWN};
    message_limits_default(limits);
    message_parse(arena, limits, NULL, &arrival, out);
}

static void wishes_make(struct arena *arena, const struct message *message, const struct banner *banner, struct edit_wishes *out)
{
    static struct span removed[] = {{"x-spam-flag", 11}};
    *out = (struct edit_wishes){.headers = {.authserv_id = S("mx.example"), .subject_tag = S("[\xe6\xb3\xa8\xe6\x84\x8f]"), .removed = {removed, 1, 1}}, .banner = banner};
    *vec_push(arena, &out->headers.added) = (struct header_line){S("X-Added"), S("yes")};
    *vec_push(arena, &out->headers.tops) = (struct header_line){S("X-Top"), S("yes")};
    *vec_push(arena, &out->files) = (struct file_edit){.path = S("2")};
    *vec_push(arena, &out->files) = (struct file_edit){.path = S("1.2"), .name = S("a \xe3\x81\x82.txt")};
    for (size_t i = 0; i < message->links.len && i < 40; i += 2)
        *vec_push(arena, &out->locks) = (struct lock){(uint32_t)i, S("https://g.example/?l=1&t=2")};
}

static struct span edited(struct arena *arena, struct span raw, struct edits *edits)
{
    static const struct banner banner = {.verdict = VERDICT_SUSPICIOUS, .en = true, .ja = true};
    struct message_limits limits;
    struct message message;
    struct edit_wishes wishes;
    parse(arena, &limits, raw, &message);
    struct edits none;
    edits_plan(arena, &limits, &message, DIRECTION_INBOUND, &(struct edit_wishes){0}, &none);
    struct span same = edits_apply(arena, &message, &none);
    promise(same.len == raw.len && (!raw.len || memcmp(same.at, raw.at, raw.len) == 0));
    wishes_make(arena, &message, &banner, &wishes);
    edits_plan(arena, &limits, &message, DIRECTION_INBOUND, &wishes, edits);
    promise(edits->locked <= wishes.locks.len && edits->files <= wishes.files.len);
    uint32_t last = UINT32_MAX;
    vec_each(edit, &edits->headers) {
        bool counted = edit->act == HEADER_CHANGE || edit->act == HEADER_REMOVE;
        promise(!counted || (edit->index > 0 && edit->index <= last));
        last = counted ? edit->index : 0;
        promise(!span_find_byte(edit->value, '\r'));
    }
    return edits_apply(arena, &message, edits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct edits first, second;
    struct span once = edited(arena, (struct span){(const char *)data, size}, &first);
    struct span twice = edited(arena, once, &second);
    promise(!first.bannered || second.bannered || second.notes.len);
    struct edits third;
    struct span thrice = edited(arena, twice, &third);
    size_t banners = twice.len > 4096 ? twice.len : 4096; /* a banner that is set again each time grows the message by more */
    promise(thrice.len < twice.len + banners);
    return 0;
}
