/* Folding: whatever the bytes, what comes out is UTF-8 and folding it again changes nothing but what was disguised. */
#include "fuzz.h"
#include "table/phrases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct folded once, twice;
    if (size > 100000)
        return 0;
    text_fold(arena, (struct span){(const char *)data, size}, 65536, &once);
    promise(span_is_utf8(once.text));
    promise(span_is_utf8(once.undone));
    promise(once.letters <= once.text.len);
    promise(!once.disguised == !once.disguises);
    text_fold(arena, once.text, once.text.len, &twice);
    promise(span_eq(once.text, twice.text));
    return 0;
}
