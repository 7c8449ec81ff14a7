#include "door/report.h"
#include "door/fields.h"

#include <jansson.h>

static struct span spoken(struct arena *arena, struct span text)
{
    return envelope_spoken(arena, span_first(text, GIST_TEXT_MOST));
}

int report_gist(struct arena *arena, struct span bytes, struct gist *out)
{
    if (gist_unpack(arena, bytes, out) < 0) {
        *out = (struct gist){0};
        return -1;
    }
    out->verdict = spoken(arena, out->verdict);
    out->message_id = spoken(arena, out->message_id);
    vec_each(act, &out->acts)
        act->name = spoken(arena, act->name);
    vec_each(one, &out->evidence)
        one->id = spoken(arena, one->id), one->text = spoken(arena, one->text);
    vec_each(link, &out->links)
        link->url = spoken(arena, link->url);
    return 0;
}

/* ---- from a report */
static void json_end(json_t **json)
{
    json_decref(*json);
}

static struct span text_of(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    return spoken(arena, (struct span){json_string_value(text), json_string_length(text)});
}

static void evidence_read(struct arena *arena, const json_t *list, struct gist *out)
{
    for (size_t i = 0; i < json_array_size(list) && i < GIST_EVIDENCE_MOST; i++) {
        const json_t *one = json_array_get(list, i);
        *vec_push(arena, &out->evidence) = (struct gist_evidence){text_of(arena, one, "id"), text_of(arena, one, "text"),
                                                                    json_number_value(json_object_get(one, "weight"))};
    }
}

static void links_read(struct arena *arena, const json_t *list, struct gist *out)
{
    for (size_t i = 0; i < json_array_size(list) && out->links.len < GIST_LINKS_MOST; i++) {
        struct span url = text_of(arena, json_array_get(list, i), "url");
        if (url.len)
            vec_push(arena, &out->links)->url = url;
    }
}

static void acts_read(struct arena *arena, const json_t *list, struct gist *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        *vec_push(arena, &out->acts) = (struct gist_act){text_of(arena, one, "action"), span_eq(text_of(arena, one, "mode"), S("active"))};
    }
}

int report_read(struct arena *arena, struct span report, struct gist *out)
{
    json_t *whole __attribute__((cleanup(json_end))) = report.len ? json_loadb(report.at, report.len, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *message = json_object_get(whole, "message");
    *out = (struct gist){0};
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
