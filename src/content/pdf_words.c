/* The words that the pages of a PDF file show: strings of their content streams, ISO 32000-1 9.4. Where letters stand on the page is
 * not worked out: moves down begin a line, wide moves across and wide gaps within a run part words. */
#include "content/pdf_inner.h"

enum { CONTENT_MOST = 256 << 10, MAP_MOST = 64 << 10, FONTS_MOST = 16, RUN_MOST = 4000, GAP = -180, CONTENTS_READ = 40, CHOICES_MOST = 1500, NAMESAKES_MOST = 3 };

struct pdf_font {
    uint32_t object;
    struct pdf_map map;
};
struct pdf_words {
    struct file_reading *reading;
    struct pdf_notes *notes;
    struct buf out, run;       /* run: the string last read, not shown yet */
    struct pdf_font fonts[FONTS_MOST];
    size_t font_count;
    const struct pdf_map *map; /* of the font in use; NULL: none known */
    char name[16], font[16];   /* the name last read, and that of the font in use */
    size_t choices;            /* how often another font was chosen: each is a look through all names */
    double numbers[6], line;   /* operands before the operator; the height of the line */
    unsigned number_count;
    bool listed;               /* within [ ] of TJ */
    unsigned letters;          /* of the run last shown */
    bool apart;                /* a blank or line feed is owed */
    char apart_by;
};

/* ---- codes to letters */
static uint32_t code_single(unsigned char c)
{
    static const uint16_t upper[32] = {0x20ac, 0x2022, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x2022, 0x17d, 0x2022,
                                       0x2022, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x2022, 0x17e, 0x178};
    return c < 0x20 ? 0 : c >= 0x80 && c < 0xa0 ? upper[c - 0x80] : c; /* WinAnsi, D.2 */
}

static const struct pdf_range *range_find(const struct pdf_map *map, uint32_t code)
{
    size_t low = 0, high = map->ranges.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (map->ranges.at[middle].low <= code)
            low = middle + 1;
        else
            high = middle;
    }
    const struct pdf_range *found = low ? &map->ranges.at[low - 1] : NULL;
    return found && code <= found->high ? found : NULL;
}

static void letter_put(struct pdf_words *w, uint32_t letter)
{
    if (letter < 0x20)
        return;
    if (w->apart && w->out.len)
        buf_byte(&w->out, w->apart_by);
    w->apart = false;
    buf_utf8(&w->out, letter);
    w->letters++;
}

static void code_put(struct pdf_words *w, uint32_t code)
{
    const struct pdf_range *range = range_find(w->map, code);
    if (!range) {
        if (w->map->bytes == 1)
            letter_put(w, code_single((unsigned char)code));
        return;
    }
    letter_put(w, range->to + (code - range->low));
    for (size_t i = 0; i < 2 && range->more[i]; i++)
        letter_put(w, range->more[i]);
}

/* Codes of two bytes without a map are numbers of shapes: what they show is not known. */
static bool is_shapes(struct span run)
{
    size_t noughts = 0;
    for (size_t i = 0; i < run.len; i += 2)
        noughts += !run.at[i];
    return run.len >= 2 && noughts * 4 >= run.len;
}

static void run_show(struct pdf_words *w)
{
    struct span run = buf_span(&w->run);
    w->run.len = 0;
    w->letters = run.len ? 0 : w->letters;
    if (w->map && w->map->ranges.len) {
        size_t bytes = w->map->bytes == 1 ? 1 : 2;
        for (size_t i = 0; i + bytes <= run.len; i += bytes)
            code_put(w, bytes == 1 ? (unsigned char)run.at[i] : (uint32_t)(unsigned char)run.at[i] << 8 | (unsigned char)run.at[i + 1]);
    } else if (span_starts(run, S("\xfe\xff")) || is_shapes(run)) {
        for (size_t i = 0; run.at[0] && i + 1 < run.len; i += 2)
            letter_put(w, (uint32_t)(unsigned char)run.at[i] << 8 | (unsigned char)run.at[i + 1]);
    } else {
        for (size_t i = 0; i < run.len; i++)
            letter_put(w, code_single((unsigned char)run.at[i]));
    }
}

/* ---- fonts */
static const struct pdf_map *map_of(struct pdf_words *w, uint32_t font)
{
    for (size_t i = 0; i < w->font_count; i++)
        if (w->fonts[i].object == font)
            return &w->fonts[i].map;
    vec_each (pair, &w->notes->maps) {
        const struct pdf_stream *stream = pair->object == font && w->font_count < FONTS_MOST ? pdf_stream_find(w->notes, pair->to) : NULL;
        if (!stream)
            continue;
        SCRATCH bytes = {0};
        struct pdf_font *known = &w->fonts[w->font_count++];
        known->object = font;
        pdf_stream_open(w->reading, w->notes, stream, MAP_MOST, &bytes);
        pdf_map_read(w->reading->arena, scratch_span(&bytes), &known->map);
        return &known->map;
    }
    return NULL;
}

/* The name may be given anew on every page; the first that has a map is taken. */
static void font_choose(struct pdf_words *w)
{
    size_t namesakes = 0;
    if (memcmp(w->font, w->name, sizeof w->name) == 0 || w->choices++ >= CHOICES_MOST)
        return;
    memcpy(w->font, w->name, sizeof w->name);
    w->map = NULL;
    vec_each (name, &w->notes->names) {
        if (memcmp(name->name, w->name, sizeof w->name) != 0)
            continue;
        w->map = map_of(w, name->object);
        if (w->map || ++namesakes == NAMESAKES_MOST)
            return;
    }
}

/* ---- what stands in a content stream */
static void part_words(struct pdf_words *w, char by)
{
    if (!w->apart || by == '\n')
        w->apart_by = by;
    w->apart = true;
}

/* Of glyphs set one by one nothing tells where a word ends; blanks stand among them. */
static void move_across(struct pdf_words *w)
{
    if (w->letters > 1)
        part_words(w, ' ');
}

static void operator_heed(struct pdf_words *w, struct span word)
{
    const double *n = w->numbers;
    const char first = word.at[0], second = word.len == 2 ? word.at[1] : 0;
    if (word.len == 1 && (first == '\'' || first == '"')) /* down a line, then shown */
        part_words(w, '\n');
    run_show(w);
    if ((first == 'T' && second == '*') || (first == 'B' && second == 'T')) {
        part_words(w, '\n');
    } else if (first == 'T' && second == 'f') {
        font_choose(w);
    } else if (first == 'T' && (second | 32) == 'd' && w->number_count >= 2) {
        if (n[1] != 0)
            part_words(w, '\n');
        else
            move_across(w);
    } else if (first == 'T' && second == 'm' && w->number_count >= 6) {
        if (n[5] != w->line)
            part_words(w, '\n');
        else
            move_across(w);
        w->line = n[5];
    }
    w->number_count = 0;
}

static bool number_read(struct span word, double *out)
{
    enum { FIGURES_MOST = 18 };
    static const double powers[FIGURES_MOST + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    uint64_t value = 0;
    size_t places = 0;
    bool minus = word.len && word.at[0] == '-', point = false;
    for (size_t i = minus; i < word.len && i <= FIGURES_MOST; i++) {
        if (word.at[i] == '.' && !point)
            point = true;
        else if (!ascii_is_digit(word.at[i]))
            return false;
        else
            value = value * 10 + (uint64_t)(word.at[i] - '0');
        places += point && word.at[i] != '.';
    }
    *out = (minus ? -1 : 1) * ((double)value / powers[places]);
    return word.len > minus;
}

static void number_heed(struct pdf_words *w, double number)
{
    if (w->listed) {
        run_show(w);
        if (number < GAP)
            part_words(w, ' ');
        return;
    }
    if (w->number_count == 6) {
        memmove(w->numbers, w->numbers + 1, 5 * sizeof *w->numbers);
        w->number_count = 5;
    }
    w->numbers[w->number_count++] = number;
}

/* The bytes of a picture among the operators: up to EI between blanks. */
static const char *picture_pass(const char *at, const char *end)
{
    for (const char *found; (found = span_find(span_from(at, end), S("EI"))); at = found + 2)
        if (ascii_is_space(found[-1]) && (found + 2 == end || ascii_is_space(found[2])))
            return found + 2;
    return end;
}

static const char *word_heed(struct pdf_words *w, const char *at, const char *end)
{
    const char *start = at;
    double number;
    while (at < end && !pdf_is_delimiter(*at))
        at++;
    struct span word = span_from(start, at);
    if (number_read(word, &number))
        number_heed(w, number);
    else if (span_eq(word, S("ID")))
        at = picture_pass(at, end);
    else
        operator_heed(w, word);
    return at;
}

static const char *name_heed(struct pdf_words *w, const char *at, const char *end)
{
    const char *start = at;
    while (at < end && !pdf_is_delimiter(*at))
        at++;
    memset(w->name, 0, sizeof w->name);
    if ((size_t)(at - start) < sizeof w->name)
        memcpy(w->name, start, (size_t)(at - start));
    return at;
}

static const char *string_heed(struct pdf_words *w, const char *at, const char *end, bool hex)
{
    run_show(w); /* the one before, in a list */
    return hex ? pdf_hex_read(at, end, &w->run) : pdf_text_read(at, end, &w->run);
}

static void content_read(struct pdf_words *w, struct span content)
{
    const char *at = content.at, *end = at + content.len;
    w->map = NULL;
    memset(w->font, 0, sizeof w->font);
    part_words(w, '\n');
    while (at < end && !w->out.cut) {
        char c = *at++;
        bool twice = at < end && *at == c;
        if (c == '(')
            at = string_heed(w, at, end, false);
        else if (c == '<' && !twice)
            at = string_heed(w, at, end, true);
        else if (c == '<' || (c == '>' && twice))
            at++;
        else if (c == '/')
            at = name_heed(w, at, end);
        else if (c == '[' || c == ']')
            w->listed = c == '[';
        else if (c == '%')
            while (at < end && *at != '\n' && *at != '\r')
                at++;
        else if (!pdf_is_delimiter(c))
            at = word_heed(w, at - 1, end);
    }
    run_show(w);
}

static void stream_read(struct pdf_words *w, const struct file_piece *piece, const struct pdf_stream *stream)
{
    SCRATCH bytes = {0};
    if (!pdf_stream_open(w->reading, w->notes, stream, CONTENT_MOST, &bytes) && stream->filters & PDF_ODD)
        piece->fact->traits |= FILE_NOT_WHOLLY_READ; /* what a page shows, packed as nobody does today */
    content_read(w, scratch_span(&bytes));
}

void pdf_words_read(struct file_reading *reading, const struct file_piece *piece, struct pdf_notes *notes)
{
    struct pdf_words w = {.reading = reading, .notes = notes, .out = {.arena = reading->arena, .max = FILE_TEXT_MOST},
                          .run = {.arena = reading->arena, .max = RUN_MOST}};
    size_t read = 0;
    if (piece->fact->text.len)
        return;
    vec_each (object, &notes->contents) {
        const struct pdf_stream *stream = pdf_stream_find(notes, *object);
        if (w.out.cut || (stream && read++ == CONTENTS_READ))
            break;
        if (stream)
            stream_read(&w, piece, stream);
    }
    vec_each (stream, &notes->streams) /* pages draw these by name */
        if (stream->form && !w.out.cut && read++ < CONTENTS_READ)
            stream_read(&w, piece, stream);
    size_t len = w.out.len; /* cut within a letter */
    while (w.out.cut && len && ((unsigned char)w.out.at[len - 1] & 0xc0) == 0x80)
        len--;
    piece->fact->text = (struct span){w.out.at, w.out.cut && len ? len - 1 : len};
}
