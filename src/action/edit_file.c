/* edit_file: files taken off, with a text in their place, or given another name. */
#include "action/edit_inner.h"

/* ---- the files that evidence names */
static bool links_to(const struct report *report, const struct part *part, struct span host)
{
    vec_each(link, &report->content->files.links)
        if (link->part == part && link->url && host.len && span_eq_case(link->url->host, host))
            return true;
    return false;
}

static bool evidence_names(const struct report *report, const struct evidence *evidence, const struct file_fact *file)
{
    bool of_files = span_eq(evidence->where, S("attachment")), of_pictures = span_eq(evidence->where, S("image"));
    if (evidence->weight <= 0 || (!of_files && !of_pictures))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (links_to(report, file->part, evidence->words[i]) || (of_files && file->name.len && span_eq(evidence->words[i], file->name)))
            return true;
    return false;
}

void files_named(struct arena *arena, const struct report *report, file_edits_t *out)
{
    if (!report->content)
        return;
    vec_each(file, &report->content->files.list) {
        const struct evidence *why = NULL;
        vec_each(evidence, &report->evidence)
            why = !why && evidence_names(report, evidence, file) ? evidence : why;
        struct span path = part_path(arena, file->part);
        if (!why || file->shown)
            continue;
        *vec_push(arena, out) = (struct file_edit){
            .path = path, .reasons = {evidence_text(arena, why, LANGUAGE_EN), evidence_text(arena, why, LANGUAGE_JA)}, .record = report->id};
    }
}

/* ---- one of them */
static const struct part *part_at(struct editing *at, struct span path)
{
    const struct part *root = at->message->root, *part = root;
    struct span number;
    uint64_t n;
    if (!root->first_child)
        return span_eq(path, S("1")) ? root : NULL;
    while (part && span_cut(&path, '.', &number)) {
        if (!span_number(number, UINT32_MAX, &n) || !n)
            return NULL;
        part = part->first_child;
        while (part && (part->reading || --n))
            part = part->next;
    }
    return part == root ? NULL : part;
}

bool file_is_gone(struct editing *at, const struct part *part)
{
    vec_each(file, &at->wishes->files)
        for (const struct part *outer = part; !file->name.len && outer; outer = outer->parent)
            if (part_at(at, file->path) == outer)
                return true;
    return false;
}

/* A name as it may stand in a text: control characters and marks that turn the direction of writing are left out, and what a mail
 * program would make a link of is written otherwise. */
static struct span name_shown(struct arena *arena, const struct part *part)
{
    enum { NAME_MOST = 200 };
    struct buf out = {.arena = arena};
    struct span name = part->names.len ? span_first(part->names.at[0], NAME_MOST) : (struct span){0};
    for (size_t i = 0; i < name.len; i++) {
        struct span rest = span_skip(name, i);
        bool turns = span_starts(rest, S("\xe2\x80\xaa")) || span_starts(rest, S("\xe2\x80\xab")) || span_starts(rest, S("\xe2\x80\xac")) ||
                     span_starts(rest, S("\xe2\x80\xad")) || span_starts(rest, S("\xe2\x80\xae"));
        i += turns ? 2 : 0;
        if (!turns && (unsigned char)name.at[i] >= ' ' && name.at[i] != 127)
            buf_byte(&out, name.at[i]);
    }
    while (out.len && !span_is_utf8(buf_span(&out)))
        out.len--;
    name = buf_span(&out);
    bool link = span_find_byte(name, '/') || span_find_byte(name, '@') || span_find_case(name, S("www."));
    return link ? words_harmless(arena, name) : name;
}

static struct span text_instead(struct editing *at, const struct part *part, const struct file_edit *file)
{
    struct buf out = {.arena = at->arena};
    struct span name = name_shown(at->arena, part);
    for (enum language language = LANGUAGE_EN; language <= LANGUAGE_JA; language++) {
        buf_add(&out, banner_filled(at->arena, name.len ? FILE_GONE : FILE_GONE_NAMELESS, language, name));
        buf_add(&out, S("\r\n"));
        if (file->reasons[language].len)
            buf_print(&out, "%s %.*s\r\n", banner_word(BANNER_WHY, language), SPAN_FMT(words_harmless(at->arena, file->reasons[language])));
        buf_print(&out, "%s\r\n", banner_word(FILE_ASK, language));
        if (file->record.len)
            buf_print(&out, "%.*s\r\n", SPAN_FMT(banner_filled(at->arena, BANNER_RECORD, language, file->record)));
        buf_add(&out, language == LANGUAGE_EN ? S("\r\n") : S(""));
    }
    return buf_span(&out);
}

static void file_take_off(struct editing *at, const struct part *part, const struct file_edit *file)
{
    struct span text = text_instead(at, part, file), body = base64_write(at->arena, text, at->line_end);
    if (!part->parent)
        body = arena_print(at->arena, "%.*s%s", SPAN_FMT(body), at->line_end);
    struct header_line about[] = {
        {S("Content-Type"), S("text/plain; charset=utf-8")}, {S("Content-Transfer-Encoding"), S("base64")}, {S("Content-Disposition"), S("inline")},
        {S("Content-ID"), {0}},  {S("Content-Description"), {0}}, {S("Content-Location"), {0}}, {S("Content-MD5"), {0}},
    };
    part_replace(at, part, about, sizeof about / sizeof *about, &body);
}

static void file_rename(struct editing *at, const struct part *part, const struct file_edit *file)
{
    struct buf disposition = {.arena = at->arena};
    buf_add(&disposition, S("attachment"));
    parameter_write(&disposition, S("filename"), file->name);
    struct header_line about[] = {
        {S("Content-Type"), content_type_with(at->arena, part, "name", file->name)}, {S("Content-Disposition"), buf_span(&disposition)},
        {S("Content-Description"), {0}}, {S("Content-Location"), {0}},
    };
    part_replace(at, part, about, sizeof about / sizeof *about, NULL);
    at->out->body_changed |= part->parent != NULL;
}

void files_edit(struct editing *at)
{
    const struct span raw = at->message->raw;
    vec_each(file, &at->wishes->files) {
        const struct part *part = part_at(at, file->path);
        bool inside = part && part->head.at >= raw.at && part->body.at + part->body.len <= raw.at + raw.len;
        if (!inside || part_is_protected(part) || part->body.at == part->head.at + part->head.len || part->kind == PART_MULTIPART) {
            note_add(at, NOTE_FILE_LEFT, file->path);
            continue;
        }
        if (file->name.len)
            file_rename(at, part, file);
        else
            file_take_off(at, part, file);
        at->out->files++;
    }
}
