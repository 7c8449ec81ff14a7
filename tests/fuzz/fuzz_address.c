/* Addresses, encoded-words, comments, charsets and base64. */
#include "fuzz.h"
#include "message/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = fuzz_arena();
    struct span rest = {(const char *)data, size}, head = fuzz_cut(&rest);
    mailboxes_t list = {0};
    bool sure, strict;
    addresses_parse(arena, head, 50, &list);
    promise(list.len <= 50);
    vec_each(mailbox, &list) {
        promise(span_is_utf8(mailbox->name));
        promise(span_is_ascii(mailbox->domain_ascii));
    }
    promise(span_is_utf8(words_decode(arena, head)));
    promise(comments_strip(arena, head).len <= head.len);
    promise(span_is_utf8(charset_decode(arena, head, rest, &sure)));
    promise(base64_decode(arena, head, &strict).len <= head.len);
    promise(span_is_ascii(domain_to_ascii(arena, head)));
    return 0;
}
