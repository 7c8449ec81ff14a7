#include "identity/identity.h"

void identity_settings_default(struct identity_settings *settings)
{
    *settings = (struct identity_settings){0};
}

void identity_claim(struct arena *arena, const struct identity_settings *settings, const struct tables *tables,
                    const struct arrival *arrival, const struct message *message, const struct path *path,
                    const struct proof *proof, const struct told *told, struct claim *out)
{
    *out = (struct claim){.own_configured = settings->own_domains.len || settings->people.len};
}
