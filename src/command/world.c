#include "command/scan.h"

/* What stands around the messages: everything that the options name, loaded once. */

static int customers_open(struct scan_options *options, struct customers *out, struct err *err)
{
    if (!options->customers_file)
        return 0;
    if (options->direction != DIRECTION_OUTBOUND && !inputs_hold_story(options->paths.at, options->paths.len))
        return err_set(err, "--customers tells whose outbound mail may leave, and no message is said to be outbound: add "
                            "--direction outbound");
    if (customers_load(options->arena, options->customers_file, out, err) < 0)
        return -1;
    options->walk.customers = out;
    return 0;
}

/* The generation's own, unless an option names others. */
static int tables_take(struct scan_options *options, struct scan_world *out, struct err *err)
{
    struct verdict_settings fresh;
    if (options->generation && !options->tables_told)
        return 0;
    if (tables_open(&options->table, &out->tables, err) < 0)
        return -1;
    options->walk.tables = out->tables;
    verdict_settings_default(&fresh);
    memcpy(options->walk.verdict.weights, fresh.weights, sizeof fresh.weights);
    memcpy(options->walk.verdict.absence, fresh.absence, sizeof fresh.absence);
    return verdict_weights_take(&options->walk.verdict, out->tables, err);
}

int scan_world_open(struct scan_options *options, struct scan_world *out, struct err *err)
{
    *out = (struct scan_world){.envelopes = envelopes_new()};
    if (tables_take(options, out, err) < 0)
        return -1;
    if (options->people_file && identity_load(options->arena, options->people_file, &options->walk.identity, err) < 0)
        return -1;
    if (options->zone_file && dns_zone_load(options->arena, options->zone_file, &out->zone, err) < 0)
        return -1;
    if (out->zone)
        options->resolver.zone = out->zone;
    if (customers_open(options, &out->customers, err) < 0)
        return -1;
    vec_each(path, &options->envelopes)
        if (envelopes_load(out->envelopes, *path, err) < 0)
            return -1;
    return 0;
}

void scan_world_close(struct scan_world *world)
{
    envelopes_free(&world->envelopes);
    tables_close(&world->tables);
}
