/* Charsets to UTF-8. ASCII, UTF-8 and Windows-1252 are read here, all others by ICU converters that are opened once a
 * process. Labels are those that mail really bears; the WHATWG encoding standard's reading of them is followed where it
 * is wider than the letter (iso-8859-1 is read as windows-1252, gb2312 as GBK, ks_c_5601 as its Microsoft superset). */
#include <unicode/ucnv.h>

#include "message/reader.h"

enum { CONVERTERS = 64 };
enum shape { SHAPE_ICU, SHAPE_UTF8, SHAPE_ASCII, SHAPE_LATIN1, SHAPE_STATEFUL };

static const struct label {
    const char *label, *icu;
    enum shape shape; /* stateful: pure ASCII bytes may mean something else */
} labels[] = {
    {"utf-8", "utf-8", SHAPE_UTF8}, {"utf8", "utf-8", SHAPE_UTF8}, {"unicode-1-1-utf-8", "utf-8", SHAPE_UTF8}, {"utf-8mb4", "utf-8", SHAPE_UTF8},
    {"cp65001", "utf-8", SHAPE_UTF8}, {"us-ascii", "us-ascii", SHAPE_ASCII}, {"ascii", "us-ascii", SHAPE_ASCII},
    {"ansi_x3.4-1968", "us-ascii", SHAPE_ASCII}, {"iso646-us", "us-ascii", SHAPE_ASCII}, {"iso-646-us", "us-ascii", SHAPE_ASCII},
    {"usascii", "us-ascii", SHAPE_ASCII}, {"us", "us-ascii", SHAPE_ASCII}, {"7bit", "us-ascii", SHAPE_ASCII},
    {"iso-8859-1", "windows-1252", SHAPE_LATIN1}, {"iso8859-1", "windows-1252", SHAPE_LATIN1}, {"iso_8859-1", "windows-1252", SHAPE_LATIN1},
    {"latin1", "windows-1252", SHAPE_LATIN1}, {"latin-1", "windows-1252", SHAPE_LATIN1}, {"l1", "windows-1252", SHAPE_LATIN1},
    {"windows-1252", "windows-1252", SHAPE_LATIN1}, {"cp1252", "windows-1252", SHAPE_LATIN1}, {"cp-1252", "windows-1252", SHAPE_LATIN1},
    {"x-cp1252", "windows-1252", SHAPE_LATIN1}, {"ansi", "windows-1252", SHAPE_LATIN1},
    {"iso-8859-2", "iso-8859-2", 0}, {"latin2", "iso-8859-2", 0}, {"iso-8859-3", "iso-8859-3", 0}, {"iso-8859-4", "iso-8859-4", 0},
    {"iso-8859-5", "iso-8859-5", 0}, {"iso-8859-6", "iso-8859-6", 0}, {"iso-8859-7", "iso-8859-7", 0}, {"iso-8859-8", "iso-8859-8", 0},
    {"iso-8859-8-i", "iso-8859-8", 0}, {"iso-8859-9", "windows-1254", 0}, {"latin5", "windows-1254", 0}, {"iso-8859-10", "iso-8859-10", 0},
    {"iso-8859-11", "windows-874", 0}, {"iso-8859-13", "iso-8859-13", 0}, {"iso-8859-14", "iso-8859-14", 0},
    {"iso-8859-15", "iso-8859-15", 0}, {"latin-9", "iso-8859-15", 0}, {"latin9", "iso-8859-15", 0},
    {"iso8859-2", "iso-8859-2", 0}, {"iso8859-5", "iso-8859-5", 0}, {"iso8859-7", "iso-8859-7", 0}, {"iso8859-9", "windows-1254", 0},
    {"iso8859-15", "iso-8859-15", 0}, {"windows-874", "windows-874", 0}, {"tis-620", "windows-874", 0},
    {"windows-1250", "windows-1250", 0}, {"cp1250", "windows-1250", 0}, {"windows-1251", "windows-1251", 0}, {"cp1251", "windows-1251", 0},
    {"cp-1251", "windows-1251", 0}, {"windows-1253", "windows-1253", 0}, {"cp1253", "windows-1253", 0}, {"windows-1254", "windows-1254", 0},
    {"cp1254", "windows-1254", 0}, {"windows-1255", "windows-1255", 0}, {"windows-1256", "windows-1256", 0}, {"windows-1257", "windows-1257", 0},
    {"windows-1258", "windows-1258", 0}, {"koi8-r", "koi8-r", 0}, {"koi8r", "koi8-r", 0}, {"koi8-u", "koi8-u", 0},
    {"ibm850", "ibm-850", 0}, {"cp850", "ibm-850", 0}, {"ibm437", "ibm-437", 0}, {"cp437", "ibm-437", 0}, {"ibm852", "ibm-852", 0},
    {"ibm866", "ibm-866", 0}, {"cp866", "ibm-866", 0}, {"macintosh", "macintosh", 0}, {"x-mac-roman", "macintosh", 0},
    {"x-mac-cyrillic", "x-mac-cyrillic", 0},
    {"gb2312", "gb18030", 0}, {"gbk", "gb18030", 0}, {"gb18030", "gb18030", 0}, {"cp936", "gb18030", 0}, {"x-gbk", "gb18030", 0},
    {"gb_2312-80", "gb18030", 0}, {"euc-cn", "gb18030", 0}, {"hz-gb-2312", "HZ", SHAPE_STATEFUL},
    {"big5", "windows-950-2000", 0}, {"big-5", "windows-950-2000", 0}, {"cn-big5", "windows-950-2000", 0}, {"cp950", "windows-950-2000", 0},
    {"big5-hkscs", "Big5-HKSCS", 0}, {"euc-tw", "EUC-TW", 0},
    {"iso-2022-jp", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"iso-2022-jp-1", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"iso-2022-jp-2", "ISO-2022-JP-2", SHAPE_STATEFUL},
    {"iso-2022-jp-ms", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"cp50220", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"cp50221", "ISO-2022-JP-2", SHAPE_STATEFUL},
    {"x-iso-2022-jp", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"jis", "ISO-2022-JP-2", SHAPE_STATEFUL}, {"csiso2022jp", "ISO-2022-JP-2", SHAPE_STATEFUL},
    {"shift_jis", "ibm-943_P15A-2003", 0}, {"shift-jis", "ibm-943_P15A-2003", 0}, {"sjis", "ibm-943_P15A-2003", 0}, {"x-sjis", "ibm-943_P15A-2003", 0},
    {"ms_kanji", "ibm-943_P15A-2003", 0}, {"windows-31j", "ibm-943_P15A-2003", 0}, {"cp932", "ibm-943_P15A-2003", 0}, {"csshiftjis", "ibm-943_P15A-2003", 0},
    {"euc-jp", "EUC-JP", 0}, {"eucjp", "EUC-JP", 0}, {"x-euc-jp", "EUC-JP", 0}, {"cp51932", "EUC-JP", 0},
    {"euc-kr", "windows-949-2000", 0}, {"euckr", "windows-949-2000", 0}, {"ks_c_5601-1987", "windows-949-2000", 0}, {"ks_c_5601", "windows-949-2000", 0},
    {"ksc5601", "windows-949-2000", 0}, {"ks-c-5601-1987", "windows-949-2000", 0}, {"cp949", "windows-949-2000", 0}, {"uhc", "windows-949-2000", 0},
    {"iso-2022-kr", "ISO-2022-KR", SHAPE_STATEFUL}, {"iso-2022-cn", "ISO-2022-CN", SHAPE_STATEFUL},
    {"utf-7", "UTF-7", SHAPE_STATEFUL}, {"unicode-1-1-utf-7", "UTF-7", SHAPE_STATEFUL}, {"utf-16", "UTF-16", SHAPE_STATEFUL},
    {"utf-16le", "UTF-16LE", SHAPE_STATEFUL}, {"utf-16be", "UTF-16BE", SHAPE_STATEFUL}, {"ucs-2", "UTF-16", SHAPE_STATEFUL},
    {"utf-32", "UTF-32", SHAPE_STATEFUL}, {"utf-32le", "UTF-32LE", SHAPE_STATEFUL}, {"utf-32be", "UTF-32BE", SHAPE_STATEFUL},
};

static const struct label *label_of(struct span charset)
{
    charset = span_trim(charset);
    if (charset.len > 2 && (charset.at[0] == '"' || charset.at[0] == '\''))
        charset = span_first(span_skip(charset, 1), charset.len - 2);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t len = strlen(labels[i].label);
        if (len == charset.len && span_eq_case(charset, (struct span){labels[i].label, len}))
            return &labels[i];
    }
    return NULL;
}

bool charset_is_known(struct span charset)
{
    return label_of(charset) != NULL;
}

static size_t ascii_run(const char *at, size_t len)
{
    size_t i = 0;
    for (uint64_t eight; i + 8 <= len; i += 8) {
        memcpy(&eight, at + i, 8);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (i < len && (unsigned char)at[i] < 128)
        i++;
    return i;
}

/* Bytes of the character above ASCII that starts at p, 0 where none does (RFC 3629). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    unsigned char second = left > 1 ? p[1] : 0;
    size_t n = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (!n || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (p[0] == 0xe0 && second < 0xa0) || (p[0] == 0xed && second > 0x9f) || (p[0] == 0xf0 && second < 0x90) || (p[0] == 0xf4 && second > 0x8f);
    return bad ? 0 : n;
}

bool utf8_is_valid(struct span text)
{
    for (size_t i = 0; i < text.len;) {
        i += ascii_run(text.at + i, text.len - i);
        if (i == text.len)
            break;
        size_t n = utf8_length((const unsigned char *)text.at + i, text.len - i);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

/* Broken UTF-8 with U+FFFD for what cannot be read. */
static struct span utf8_mend(struct arena *arena, struct span bytes)
{
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < bytes.len;) {
        size_t n = ascii_run(bytes.at + i, bytes.len - i);
        buf_add(&out, (struct span){bytes.at + i, n});
        i += n;
        if (i == bytes.len)
            break;
        n = utf8_length((const unsigned char *)bytes.at + i, bytes.len - i);
        buf_add(&out, n ? (struct span){bytes.at + i, n} : S("\xef\xbf\xbd"));
        i += n ? n : 1;
    }
    return buf_span(&out);
}

static struct span latin1_decode(struct arena *arena, struct span bytes)
{
    static const uint16_t high[32] = {0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
                                      0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178};
    struct buf out = {.arena = arena};
    for (size_t i = 0; i < bytes.len;) {
        size_t n = ascii_run(bytes.at + i, bytes.len - i);
        buf_add(&out, (struct span){bytes.at + i, n});
        i += n;
        for (; i < bytes.len && (unsigned char)bytes.at[i] > 127; i++) {
            unsigned char c = (unsigned char)bytes.at[i];
            buf_utf8(&out, c < 160 ? high[c - 128] : c);
        }
    }
    return buf_span(&out);
}

/* Converters are kept for the life of the process; a judge makes its own after the fork. */
static UConverter *converter_of(const char *icu)
{
    static __thread struct {
        const char *name;
        UConverter *converter;
    } kept[CONVERTERS];
    for (size_t i = 0; i < CONVERTERS; i++) {
        if (kept[i].name && strcmp(kept[i].name, icu) == 0)
            return kept[i].converter;
        if (kept[i].name)
            continue;
        UErrorCode status = U_ZERO_ERROR;
        kept[i].name = icu;
        kept[i].converter = ucnv_open(icu, &status);
        return U_SUCCESS(status) ? kept[i].converter : NULL;
    }
    return NULL;
}

static struct span icu_decode(struct arena *arena, UConverter *converter, struct span bytes, bool *broken)
{
    struct buf out = {.arena = arena};
    const char *at = bytes.at, *end = bytes.at + bytes.len;
    UChar units[2048];
    uint32_t high = 0;
    ucnv_resetToUnicode(converter);
    for (bool more = true; more;) {
        UErrorCode status = U_ZERO_ERROR;
        UChar *to = units;
        ucnv_toUnicode(converter, &to, units + 2048, &at, end, NULL, true, &status);
        for (UChar *p = units; p < to; p++) {
            uint32_t unit = *p;
            *broken |= unit == 0xfffd;
            if (high && unit >= 0xdc00 && unit <= 0xdfff) {
                buf_utf8(&out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
                high = 0;
                continue;
            }
            high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
            if (!high)
                buf_utf8(&out, unit);
        }
        more = status == U_BUFFER_OVERFLOW_ERROR;
        if (!more && U_FAILURE(status))
            *broken = true;
    }
    return buf_span(&out);
}

struct span text_decode(struct arena *arena, struct span bytes, bool *guess)
{
    *guess = false;
    if (ascii_run(bytes.at, bytes.len) == bytes.len)
        return bytes;
    *guess = true;
    return utf8_is_valid(bytes) ? bytes : latin1_decode(arena, bytes);
}

static struct span ascii_labelled(struct arena *arena, struct span bytes, bool *sure)
{
    if (span_find(bytes, S("\033$")) || span_find(bytes, S("\033("))) { /* Japanese mail under no label, or a false one */
        UConverter *jis = converter_of("ISO-2022-JP-2");
        bool broken = false;
        struct span text = jis ? icu_decode(arena, jis, bytes, &broken) : bytes;
        *sure = false;
        if (jis && !broken)
            return text;
    }
    bool guess;
    struct span text = text_decode(arena, bytes, &guess);
    *sure = *sure && !guess;
    return text;
}

static struct span utf8_labelled(struct arena *arena, struct span bytes, bool *sure)
{
    if (utf8_is_valid(bytes))
        return bytes;
    *sure = false;
    /* A few broken characters in what is UTF-8 otherwise are mended; else it is no UTF-8 at all. */
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < bytes.len;) {
        i += ascii_run(bytes.at + i, bytes.len - i);
        if (i == bytes.len)
            break;
        size_t n = utf8_length((const unsigned char *)bytes.at + i, bytes.len - i);
        good += n > 0;
        bad += n == 0;
        i += n ? n : 1;
    }
    return good * 2 >= bad && good ? utf8_mend(arena, bytes) : latin1_decode(arena, bytes);
}

/* A mark of byte order in front: browsers take it before any label. */
static bool is_marked_utf16(struct span bytes)
{
    return span_starts(bytes, S("\xff\xfe")) || span_starts(bytes, S("\xfe\xff"));
}

struct span charset_decode(struct arena *arena, struct span bytes, struct span charset, bool *sure)
{
    const struct label *label = label_of(charset);
    *sure = label || span_trim(charset).len == 0;
    if (!bytes.len)
        return bytes;
    UConverter *marked = is_marked_utf16(bytes) ? converter_of("UTF-16") : NULL;
    if (marked) {
        bool broken = false;
        *sure = label && label->icu && strncmp(label->icu, "UTF-16", 6) == 0;
        struct span text = icu_decode(arena, marked, bytes, &broken);
        *sure = *sure && !broken;
        return text;
    }
    if (!label || label->shape == SHAPE_ASCII)
        return ascii_labelled(arena, bytes, sure);
    if (label->shape != SHAPE_STATEFUL && ascii_run(bytes.at, bytes.len) == bytes.len)
        return bytes; /* every one of these is ASCII below 128, as mail uses it */
    if (label->shape == SHAPE_UTF8)
        return utf8_labelled(arena, bytes, sure);
    if (label->shape == SHAPE_LATIN1)
        return latin1_decode(arena, bytes);
    UConverter *converter = converter_of(label->icu);
    bool broken = converter == NULL;
    struct span text = converter ? icu_decode(arena, converter, bytes, &broken) : bytes;
    if (!broken)
        return text;
    *sure = false;
    bool other = ascii_run(bytes.at, bytes.len) < bytes.len && utf8_is_valid(bytes);
    return other || !converter ? text_decode(arena, bytes, &other) : text;
}
