#include "base/base.h"

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

int64_t time_from_civil(int64_t year, unsigned month, unsigned day)
{
    /* Days from civil: the year begins in March, so that the leap day comes last. */
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned of_era = (unsigned)(year - era * 400);
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (era * 146097 + (int64_t)day_of_era - 719468) * 86400;
}

static void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = (int64_t)yoe + era * 400 + (*month <= 2);
}

static void two_digits(char *to, unsigned number)
{
    to[0] = (char)('0' + number / 10);
    to[1] = (char)('0' + number % 10);
}

void time_print(struct buf *out, int64_t time)
{
    if (time == TIME_UNKNOWN) {
        buf_add(out, S("unknown"));
        return;
    }
    int64_t days = time / 86400, left = time % 86400, year;
    unsigned month, day;
    if (left < 0)
        left += 86400, days--;
    civil_from_days(days, &year, &month, &day);
    if (year < 0 || year > 9999) {
        buf_print(out, "%04lld-%02u-%02uT%02d:%02d:%02dZ", (long long)year, month, day, (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
        return;
    }
    char text[] = "yyyy-mm-ddThh:mm:ssZ";
    const unsigned parts[] = {(unsigned)year / 100, (unsigned)year % 100, month, day, (unsigned)(left / 3600), (unsigned)(left / 60 % 60), (unsigned)(left % 60)};
    static const uint8_t places[] = {0, 2, 5, 8, 11, 14, 17};
    for (size_t i = 0; i < sizeof places; i++)
        two_digits(text + places[i], parts[i]);
    buf_add(out, (struct span){text, sizeof text - 1});
}

/* What the words of a date said; -1 where nothing did. */
struct reading {
    int64_t year;
    int month, day, hour, minute, second, zone;
    bool zone_known;
};

static int month_of(struct span word)
{
    if (word.len < 3)
        return -1;
    for (int i = 0; i < 12; i++)
        if (span_eq_case(span_first(word, 3), (struct span){months + 3 * i, 3}))
            return i + 1;
    return -1;
}

static bool digits(struct span *s, unsigned most, int64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < s->len && n < most && ascii_is_digit(s->at[n]))
        *out = *out * 10 + (s->at[n++] - '0');
    *s = span_skip(*s, n);
    return n > 0;
}

static bool separator(struct span *s, char c)
{
    if (!s->len || s->at[0] != c)
        return false;
    *s = span_skip(*s, 1);
    return true;
}

static bool clock_read(struct span word, struct reading *r)
{
    int64_t hour, minute, second = 0;
    if (!digits(&word, 2, &hour) || !(separator(&word, ':') || separator(&word, '.')) || !digits(&word, 2, &minute))
        return false;
    if ((separator(&word, ':') || separator(&word, '.')) && !digits(&word, 2, &second))
        return false;
    if (separator(&word, '.') || separator(&word, ','))
        digits(&word, 9, &(int64_t){0}); /* parts of a second */
    if (word.len || hour > 24 || minute > 59 || second > 60)
        return false;
    r->hour = (int)hour;
    r->minute = (int)minute;
    r->second = (int)second;
    return true;
}

/* RFC 5322 4.3: the North American names; the single letters of RFC 822 were used wrongly and say nothing, but Z. */
static bool zone_named(struct span word, struct reading *r)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"UT", 0},   {"UTC", 0},  {"GMT", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2}, {"MET", 1},  {"MEST", 2},
                 {"WET", 0},  {"WEST", 1}, {"EET", 2},  {"EEST", 3}, {"BST", 1},  {"MSK", 3},  {"JST", 9},  {"KST", 9}};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (span_eq_case(word, span_of(zones[i].name))) {
            r->zone = zones[i].hours * 3600;
            r->zone_known = true;
            return true;
        }
    return false;
}

static bool zone_read(struct span word, struct reading *r)
{
    if (word.len < 3 || (word.at[0] != '+' && word.at[0] != '-'))
        return zone_named(word, r);
    int sign = word.at[0] == '-' ? -1 : 1;
    int64_t hours, minutes = 0;
    word = span_skip(word, 1);
    if (!digits(&word, 2, &hours))
        return false;
    separator(&word, ':');
    digits(&word, 2, &minutes);
    if (word.len || hours > 14 || minutes > 59) {
        r->zone = 0;
        return true; /* a zone in form, impossible in fact: read as unknown */
    }
    r->zone = sign * (int)(hours * 3600 + minutes * 60);
    r->zone_known = true;
    return true;
}

/* 2026-01-31, 2026/01/31, 31-Jan-2026, 2026-01-31T12:00:00+09:00 */
static bool date_joined(struct span word, struct reading *r)
{
    struct span rest = word;
    int64_t first, second;
    if (!digits(&rest, 4, &first) || !(separator(&rest, '-') || separator(&rest, '/')))
        return false;
    size_t letters = 0;
    while (letters < rest.len && ascii_is_alpha(rest.at[letters]))
        letters++;
    if (letters) {
        r->month = month_of(span_first(rest, letters));
        rest = span_skip(rest, letters);
        r->day = (int)first;
        return r->month > 0 && separator(&rest, '-') && digits(&rest, 4, &r->year) && !rest.len;
    }
    if (first < 1000 || !digits(&rest, 2, &second) || !(separator(&rest, '-') || separator(&rest, '/')))
        return false;
    r->year = first;
    r->month = (int)second;
    int64_t day;
    if (!digits(&rest, 2, &day))
        return false;
    r->day = (int)day;
    if (!rest.len)
        return true;
    if (!separator(&rest, 'T') && !separator(&rest, 't'))
        return false;
    size_t end = 0;
    while (end < rest.len && (ascii_is_digit(rest.at[end]) || rest.at[end] == ':' || rest.at[end] == '.'))
        end++;
    return clock_read(span_first(rest, end), r) && (end == rest.len || zone_read(span_skip(rest, end), r));
}

static void number_take(struct span word, struct reading *r)
{
    uint64_t value;
    if (word.len > 4 || !span_number(word, 9999, &value))
        return;
    if (r->day < 0 && word.len <= 2 && value >= 1 && value <= 31)
        r->day = (int)value;
    else if (r->year < 0 && word.len >= 2)
        r->year = (int64_t)value;
}

static void piece_take(struct span word, struct reading *r)
{
    while (word.len && word.at[word.len - 1] == '.')
        word.len--;
    if (!word.len)
        return;
    if (r->hour < 0 && clock_read(word, r))
        return;
    if (r->month < 0 && (date_joined(word, r) || (r->month = month_of(word)) > 0))
        return;
    if (!r->zone_known && r->hour >= 0 && zone_read(word, r))
        return;
    if (span_eq_case(word, S("PM")) && r->hour >= 0 && r->hour < 12)
        r->hour += 12;
    if (span_eq_case(word, S("AM")) && r->hour == 12)
        r->hour = 0;
    number_take(word, r);
}

static void word_take(struct span word, struct reading *r)
{
    struct span piece;
    while (span_cut(&word, ',', &piece)) /* "Mon,31" */
        piece_take(piece, r);
}

bool time_parse(struct span text, int64_t *out, int *zone)
{
    struct reading r = {.year = -1, .month = -1, .day = -1, .hour = -1};
    struct span rest = text, word;
    int depth = 0, words = 0;
    while (words++ < 32 && span_word(&rest, &word)) { /* "(JST)" and other comments are passed over */
        struct span outside = word;
        const char *paren = span_find_byte(word, '(');
        if (depth == 0)
            word_take(paren ? span_from(word.at, paren) : word, &r);
        for (size_t i = 0; i < outside.len; i++)
            depth += outside.at[i] == '(' ? 1 : outside.at[i] == ')' && depth ? -1 : 0;
    }
    if (r.year < 0 || r.month < 1 || r.month > 12 || r.day < 1 || r.day > 31)
        return false;
    if (r.year < 100)
        r.year += r.year < 50 ? 2000 : 1900; /* RFC 5322 4.3 */
    else if (r.year < 1000)
        r.year += 1900;
    *out = time_from_civil(r.year, (unsigned)r.month, (unsigned)r.day);
    if (r.hour >= 0)
        *out += r.hour * 3600 + r.minute * 60 + r.second;
    *out -= r.zone;
    if (zone)
        *zone = r.zone_known ? r.zone : 0;
    return true;
}
