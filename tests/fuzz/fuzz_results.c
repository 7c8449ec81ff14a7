/* Authentication-Results: any value is read to an end; what it gives lies in UTF-8 or bytes of the input. */
#include "auth/auth.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct results_field field = {0};
    bool read = results_parse(arena, (struct span){(const char *)data, size}, &field);
    promise(read || field.malformed || field.results.len == 0);
    promise(field.results.len <= size + 1);
    vec_each(result, &field.results) (void)results_property(result, S("smtp"), S("mailfrom"));
    return 0;
}
