#include "door/report.h"
#include "door/fields.h"

#include <jansson.h>

enum { LINKS_MOST = 100, EVIDENCE_MOST = 200, TEXT_MOST = 400 };

static void json_end(json_t **json)
{
    json_decref(*json);
}

static struct span text_of(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    return envelope_spoken(arena, span_first((struct span){json_string_value(text), json_string_length(text)}, TEXT_MOST));
}

static void evidence_read(struct arena *arena, const json_t *list, struct report_read *out)
{
    for (size_t i = 0; i < json_array_size(list) && i < EVIDENCE_MOST; i++) {
        const json_t *one = json_array_get(list, i);
        *vec_push(arena, &out->evidence) = (struct report_evidence){text_of(arena, one, "id"), text_of(arena, one, "text"),
                                                                    json_number_value(json_object_get(one, "weight"))};
    }
}

static void links_read(struct arena *arena, const json_t *list, struct report_read *out)
{
    for (size_t i = 0; i < json_array_size(list) && out->links.len < LINKS_MOST; i++) {
        struct span url = text_of(arena, json_array_get(list, i), "url");
        if (url.len)
            *vec_push(arena, &out->links) = url;
    }
}

static void acts_read(struct arena *arena, const json_t *list, struct report_read *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        *vec_push(arena, &out->acts) = (struct report_act){text_of(arena, one, "action"), span_eq(text_of(arena, one, "mode"), S("active"))};
    }
}

int report_read(struct arena *arena, struct span report, struct report_read *out)
{
    json_t *whole __attribute__((cleanup(json_end))) = report.len ? json_loadb(report.at, report.len, 0, NULL) : NULL;
    const json_t *message = json_object_get(whole, "message");
    *out = (struct report_read){0};
    if (!json_is_object(whole))
        return -1;
    out->verdict = text_of(arena, whole, "verdict");
    out->reason = text_of(arena, whole, "reason");
    out->message_id = text_of(arena, message, "message_id");
    out->score = json_number_value(json_object_get(whole, "score"));
    acts_read(arena, json_object_get(whole, "actions"), out);
    evidence_read(arena, json_object_get(whole, "evidence"), out);
    links_read(arena, json_object_get(message, "links"), out);
    return 0;
}
