/* grounds: what a walk's facts rest on, so that a replay knows what has changed since. */
#include "walk/walk.h"

#include "base/shape.h"

#define SPANS(type, name) SHAPED_SPANS(struct type, name)
static const struct shape person_shape = SHAPE_OF(struct person, SHAPED_SPAN(struct person, name), SPANS(person, names), SPANS(person, addresses), SHAPED_SPAN(struct person, title));
static const struct shape people = SHAPE_OF(struct identity_settings, SHAPED_LIST(struct identity_settings, people, &person_shape, 0));
static const struct shape own_domains = SHAPE_OF(struct identity_settings, SPANS(identity_settings, own_domains));
static const struct shape own_names = SHAPE_OF(struct identity_settings, SPANS(identity_settings, own_names));
static const struct shape partners = SHAPE_OF(struct identity_settings, SPANS(identity_settings, partners));
static const struct shape ip_shape = SHAPE_OF(struct ip, SHAPED_NUMBER(struct ip, family), SHAPED_RAW(struct ip, bytes));
static const struct shape prefix_shape = SHAPE_OF(struct prefix, SHAPED_INSIDE(struct prefix, network, &ip_shape), SHAPED_NUMBER(struct prefix, bits));
static const struct shape trace_shape =
    SHAPE_OF(struct trace_settings, SHAPED_NUMBER(struct trace_settings, preset), SPANS(trace_settings, trusted_hosts),
             SHAPED_LIST(struct trace_settings, trusted_networks, &prefix_shape, 0), SHAPED_NUMBER(struct trace_settings, clock_tolerance),
             SHAPED_NUMBER(struct trace_settings, most_hops));
static const struct shape auth_shape =
    SHAPE_OF(struct auth_settings, SPANS(auth_settings, trusted_authserv), SHAPED_NUMBER(struct auth_settings, authserv_below),
             SHAPED_NUMBER(struct auth_settings, admit_sha1), SHAPED_NUMBER(struct auth_settings, admit_short_keys), SHAPED_SPAN(struct auth_settings, authserv_id));
static const struct shape customer_shape =
    SHAPE_OF(struct customer, SHAPED_SPAN(struct customer, name), SPANS(customer, tenants), SPANS(customer, domains), SPANS(customer, organisations),
             SHAPED_LIST(struct customer, on_premises, &prefix_shape, 0), SHAPED_NUMBER(struct customer, relay_pool));
static const struct shape customers_shape = SHAPE_OF(struct customers, SHAPED_LIST(struct customers, list, &customer_shape, 0));

static struct span shaped(struct arena *arena, const struct shape *shape, const void *from)
{
    struct buf bytes = {.arena = arena};
    shape_write(shape, from, &bytes);
    return buf_span(&bytes);
}

static void ground_add(struct arena *arena, struct grounds *out, const char *name, struct span bytes)
{
    *vec_push(arena, &out->list) = (struct ground){span_of(name), bytes};
}

int walk_lists(struct arena *arena, const struct tables *tables, struct grounds *out, struct err *err)
{
    const char *list;
    struct span bytes;
    for (size_t i = 0; (list = tables_list(i)); i++) {
        if (tables_list_read(arena, tables, list, &bytes, err) < 0)
            return -1;
        ground_add(arena, out, list, bytes);
    }
    return 0;
}

int walk_grounds(struct arena *arena, const struct walk_settings *settings, struct grounds *out, struct err *err)
{
    static const struct customers none;
    ground_add(arena, out, "own domains", shaped(arena, &own_domains, &settings->identity));
    ground_add(arena, out, "own names", shaped(arena, &own_names, &settings->identity));
    ground_add(arena, out, "partners", shaped(arena, &partners, &settings->identity));
    ground_add(arena, out, "people", shaped(arena, &people, &settings->identity));
    ground_add(arena, out, "trusted machines", shaped(arena, &trace_shape, &settings->trace));
    ground_add(arena, out, "trusted results", shaped(arena, &auth_shape, &settings->auth));
    ground_add(arena, out, "customers", shaped(arena, &customers_shape, settings->customers ? settings->customers : &none));
    ground_add(arena, out, "limits", (struct span){(const char *)&settings->message, sizeof settings->message});
    ground_add(arena, out, "limits of files", (struct span){(const char *)&settings->files, sizeof settings->files});
    const char *database;
    for (size_t i = 0; settings->tables && (database = tables_database(i)); i++)
        ground_add(arena, out, database, tables_database_edition(settings->tables, i));
    return settings->tables ? walk_lists(arena, settings->tables, out, err) : 0;
}
