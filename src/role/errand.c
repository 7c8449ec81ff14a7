#include "role/errand.h"

#include "base/shape.h"
#include "role/service.h"

static const struct shape errand_shape =
    SHAPE_OF(struct errand, SHAPED_SPAN(struct errand, job), SHAPED_SPAN(struct errand, lane), SHAPED_SPAN(struct errand, kind),
             SHAPED_SPAN(struct errand, bytes), SHAPED_NUMBER(struct errand, tries));
static const struct shape end_shape =
    SHAPE_OF(struct errand_end, SHAPED_UP_TO(struct errand_end, how, ERRAND_FAILED), SHAPED_NUMBER(struct errand_end, lane),
             SHAPED_NUMBER(struct errand_end, after), SHAPED_SPAN(struct errand_end, fault));

void errand_pack(struct buf *out, const struct errand *errand)
{
    shape_write(&errand_shape, errand, out);
}

int errand_unpack(struct arena *arena, struct span bytes, struct errand *out)
{
    *out = (struct errand){0};
    return shape_read(arena, &errand_shape, &bytes, out) && !bytes.len && out->job.len && out->lane.len ? 0 : -1;
}

void errand_end_pack(struct buf *out, const struct errand_end *end)
{
    shape_write(&end_shape, end, out);
}

int errand_end_unpack(struct arena *arena, struct span bytes, struct errand_end *out)
{
    *out = (struct errand_end){0};
    return shape_read(arena, &end_shape, &bytes, out) && !bytes.len ? 0 : -1;
}

/* ---- mail that is released */
static const struct shape letter_shape =
    SHAPE_OF(struct letter, SHAPED_SPAN(struct letter, mail_from), SHAPED_SPAN(struct letter, mail_params), SHAPED_SPAN(struct letter, recipient),
             SHAPED_SPAN(struct letter, params), SHAPED_NUMBER(struct letter, start), SHAPED_NUMBER(struct letter, length), SHAPED_SPAN(struct letter, pass),
             SHAPED_NUMBER(struct letter, raw), SHAPED_SPAN(struct letter, text));

void letter_pack(struct buf *out, const struct letter *letter)
{
    shape_write(&letter_shape, letter, out);
}

int letter_unpack(struct arena *arena, struct span bytes, struct letter *out)
{
    *out = (struct letter){0};
    return shape_read(arena, &letter_shape, &bytes, out) && !bytes.len && out->recipient.len ? 0 : -1;
}

/* ---- digests */
static const struct shape digest_organisation_shape =
    SHAPE_OF(struct digest_organisation, SHAPED_SPAN(struct digest_organisation, id), SHAPED_SPAN(struct digest_organisation, name),
             SHAPED_NUMBER(struct digest_organisation, hour), SHAPED_NUMBER(struct digest_organisation, releases),
             SHAPED_NUMBER(struct digest_organisation, en), SHAPED_NUMBER(struct digest_organisation, ja));
static const struct shape digest_settings_shape =
    SHAPE_OF(struct digest_settings, SHAPED_SPAN(struct digest_settings, base_url), SHAPED_SPAN(struct digest_settings, sender),
             SHAPED_LIST(struct digest_settings, list, &digest_organisation_shape, 0));

void digest_settings_pack(struct buf *out, const struct digest_settings *settings)
{
    shape_write(&digest_settings_shape, settings, out);
}

int digest_settings_unpack(struct arena *arena, struct span bytes, struct digest_settings *out)
{
    *out = (struct digest_settings){0};
    return shape_read(arena, &digest_settings_shape, &bytes, out) && !bytes.len ? 0 : -1;
}

/* ---- settings on their way from the parent */
static const struct shape destination_shape =
    SHAPE_OF(struct destination, SHAPED_SPAN(struct destination, name), SHAPED_SPAN(struct destination, kind), SHAPED_SPAN(struct destination, url),
             SHAPED_SPAN(struct destination, secret), SHAPED_SPANS(struct destination, program), SHAPED_SPAN(struct destination, server),
             SHAPED_SPAN(struct destination, sender), SHAPED_SPAN(struct destination, mail), SHAPED_SPAN(struct destination, certificate),
             SHAPED_SPAN(struct destination, ca),
             SHAPED_NUMBER(struct destination, marks), SHAPED_UP_TO(struct destination, tls, DESTINATION_TLS_MUST));
static const struct shape settings_shape =
    SHAPE_OF(struct courier_settings, SHAPED_LIST(struct courier_settings, destinations, &destination_shape, 0), SHAPED_NUMBER(struct courier_settings, deadline_ms));

void courier_settings_pack(struct buf *out, const struct courier_settings *settings)
{
    shape_write(&settings_shape, settings, out);
}

int courier_settings_unpack(struct arena *arena, struct span bytes, struct courier_settings *out)
{
    *out = (struct courier_settings){0};
    if (!shape_read(arena, &settings_shape, &bytes, out) || bytes.len)
        return -1;
    vec_each(destination, &out->destinations) {
        struct span *const texts[] = {&destination->name, &destination->kind, &destination->url, &destination->secret, &destination->server,
                                      &destination->sender, &destination->mail, &destination->certificate, &destination->ca};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            *texts[i] = arena_copy(arena, *texts[i]);
        vec_each(word, &destination->program)
            *word = arena_copy(arena, *word);
    }
    return 0;
}
