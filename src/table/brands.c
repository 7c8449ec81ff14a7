#include "table/inner.h"
#include "table/lists.h"

const char *brand_kind_name(enum brand_kind kind)
{
    static const char *const names[] = {
#define BRAND_KIND(id, name) [id] = name,
#include "table/brand_kind.def"
#undef BRAND_KIND
    };
    return names[kind];
}

size_t brand_count(const struct tables *tables)
{
    return tables->brands.len;
}

const struct brand *brand_at(const struct tables *tables, size_t index)
{
    return &tables->brands.at[index];
}

const struct brand *brand_by_domain(const struct tables *tables, struct span host)
{
    return NULL;
}

bool brand_owns(const struct brand *brand, struct span host)
{
    vec_each(domain, &brand->domains)
        if (domain_is_or_under(host, *domain))
            return true;
    return false;
}

bool brand_sends(const struct brand *brand, struct span host)
{
    vec_each(sender, &brand->senders)
        if (domain_is_or_under(host, *sender))
            return true;
    return brand_owns(brand, host);
}
