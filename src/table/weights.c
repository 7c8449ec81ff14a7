#include "table/inner.h"
#include "table/lists.h"

size_t weight_count(const struct tables *tables)
{
    return tables ? tables->weights.len : 0;
}

const struct weight *weight_at(const struct tables *tables, size_t index)
{
    return &tables->weights.at[index];
}
