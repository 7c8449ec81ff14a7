/* sqlite_text: statements from the shape of what is asked. One shape gives one text, by which it is kept prepared. */
#include "store/sqlite.h"

struct sql sql_new(struct arena *arena)
{
    return (struct sql){.text = {.arena = arena}};
}

static void words(struct sql *sql, const char *text)
{
    buf_add(&sql->text, span_of(text));
}

static void name(struct sql *sql, const char *text)
{
    buf_byte(&sql->text, '"');
    words(sql, text);
    buf_byte(&sql->text, '"');
}

static void column(struct sql *sql, const struct table *table, size_t at)
{
    name(sql, table->columns[at].name);
}

static void columns(struct sql *sql, const struct table *table, const size_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        words(sql, i ? ", " : "");
        column(sql, table, at[i]);
    }
}

static void value(struct sql *sql, const struct store_value *bound)
{
    buf_byte(&sql->text, '?');
    *vec_push(sql->text.arena, &sql->values) = bound;
}

static void made(struct sql *sql, struct store_value bound)
{
    struct store_value *kept = arena_one(sql->text.arena, struct store_value);
    *kept = bound;
    value(sql, kept);
}

/* ---- conditions */

static void compare(struct sql *sql, const struct wanted *wanted, const struct condition *condition, const char *how)
{
    column(sql, wanted->table, condition->column);
    words(sql, how);
    value(sql, condition->values);
}

static void prefix(struct sql *sql, const struct wanted *wanted, size_t at, enum store_type type, struct span head)
{
    struct span end;
    column(sql, wanted->table, at);
    words(sql, " >= ");
    made(sql, (struct store_value){.type = type, .span = head});
    if (!prefix_end(sql->text.arena, head, &end))
        return;
    words(sql, " AND ");
    column(sql, wanted->table, at);
    words(sql, " < ");
    made(sql, (struct store_value){.type = type, .span = end});
}

/* What stands before the first wildcard lets an index be used. */
static void pattern(struct sql *sql, const struct wanted *wanted, const struct condition *condition)
{
    struct span whole = condition->values->span, head = condition->is == STORE_GLOB ? glob_head(whole) : (struct span){0};
    if (head.len)
        prefix(sql, wanted, condition->column, STORE_TEXT, head);
    if (head.len && span_eq(span_skip(whole, head.len), S("*")))
        return;
    words(sql, head.len ? " AND " : "");
    words(sql, condition->is == STORE_GLOB ? "sekimori_glob(" : "sekimori_glob_any(");
    value(sql, condition->values);
    words(sql, ", ");
    column(sql, wanted->table, condition->column);
    words(sql, ")");
}

/* The last one again up to a power of two, so that few shapes come of many counts. */
static void choice(struct sql *sql, const struct wanted *wanted, const struct condition *condition)
{
    size_t places = 1;
    while (places < condition->count)
        places *= 2;
    if (!condition->count) {
        words(sql, "0");
        return;
    }
    column(sql, wanted->table, condition->column);
    words(sql, " IN (");
    for (size_t i = 0; i < places; i++) {
        words(sql, i ? ", " : "");
        value(sql, &condition->values[i < condition->count ? i : condition->count - 1]);
    }
    words(sql, ")");
}

static void among(struct sql *sql, const struct wanted *wanted, const struct condition *condition)
{
    column(sql, wanted->table, condition->column);
    words(sql, " IN (");
    sql_find(sql, condition->among);
    words(sql, ")");
}

static void condition_write(struct sql *sql, const struct wanted *wanted, const struct condition *condition)
{
    static const char *const how[] = {[STORE_EQ] = " = ", [STORE_NE] = " <> ", [STORE_LT] = " < ", [STORE_LE] = " <= ", [STORE_GT] = " > ", [STORE_GE] = " >= "};
    switch (condition->is) {
    case STORE_EQ: case STORE_NE: case STORE_LT: case STORE_LE: case STORE_GT: case STORE_GE:
        compare(sql, wanted, condition, how[condition->is]);
        return;
    case STORE_PREFIX:
        prefix(sql, wanted, condition->column, condition->values->type, condition->values->span);
        return;
    case STORE_GLOB:
    case STORE_GLOB_ANY:
        pattern(sql, wanted, condition);
        return;
    case STORE_IN:
        choice(sql, wanted, condition);
        return;
    case STORE_AMONG:
        among(sql, wanted, condition);
        return;
    case STORE_NULL:
    case STORE_NOT_NULL:
        column(sql, wanted->table, condition->column);
        words(sql, condition->is == STORE_NULL ? " IS NULL" : " IS NOT NULL");
    }
}

static void beyond(struct sql *sql, const struct wanted *wanted)
{
    words(sql, "(");
    columns(sql, wanted->table, wanted->order, wanted->ordered);
    words(sql, wanted->descending ? ") < (" : ") > (");
    for (size_t i = 0; i < wanted->ordered; i++) {
        words(sql, i ? ", " : "");
        value(sql, &wanted->after[i]);
    }
    words(sql, ")");
}

static void conditions(struct sql *sql, const struct wanted *wanted)
{
    const char *before = " WHERE ";
    for (size_t i = 0; i < wanted->len; i++, before = " AND ") {
        words(sql, before);
        condition_write(sql, wanted, &wanted->conditions[i]);
    }
    if (!wanted->after)
        return;
    words(sql, before);
    beyond(sql, wanted);
}

static bool has_pattern(const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->len; i++)
        if (wanted->conditions[i].is == STORE_GLOB || wanted->conditions[i].is == STORE_GLOB_ANY)
            return true;
    return false;
}

/* Where every row must be looked at, for a pattern and without a limit, SQLite would walk an index for its order and jump to
 * each row; reading the table as it lies and sorting the few that match is several times faster. */
static void order_and_limit(struct sql *sql, const struct wanted *wanted)
{
    const char *first = wanted->limit == UINT64_MAX && has_pattern(wanted) ? " ORDER BY +" : " ORDER BY ";
    for (size_t i = 0; i < wanted->ordered; i++) {
        words(sql, i ? ", " : first);
        column(sql, wanted->table, wanted->order[i]);
        words(sql, wanted->descending ? " DESC" : "");
    }
    if (wanted->limit == UINT64_MAX)
        return;
    words(sql, " LIMIT ");
    made(sql, STORE_INT((int64_t)wanted->limit));
}

static void from(struct sql *sql, const struct wanted *wanted)
{
    words(sql, " FROM ");
    name(sql, wanted->table->name);
    conditions(sql, wanted);
}

/* ---- statements. Each ends with a NUL that its length does not count. */

static void end(struct sql *sql)
{
    buf_byte(&sql->text, '\0');
    sql->text.len--;
}

void sql_find(struct sql *sql, const struct wanted *wanted)
{
    words(sql, "SELECT ");
    columns(sql, wanted->table, wanted->columns, wanted->width);
    from(sql, wanted);
    order_and_limit(sql, wanted);
    end(sql);
}

void sql_count(struct sql *sql, const struct wanted *wanted)
{
    bool whole = wanted->limit == UINT64_MAX;
    struct wanted unordered = *wanted;
    unordered.ordered = wanted->after ? wanted->ordered : 0;
    words(sql, whole ? "SELECT count(*)" : "SELECT count(*) FROM (SELECT 1");
    from(sql, &unordered);
    unordered.ordered = 0;
    order_and_limit(sql, &unordered);
    words(sql, whole ? "" : ")");
    end(sql);
}

static bool in_key(const struct table *table, size_t at)
{
    for (size_t i = 0; i < table->key_len; i++)
        if (table->key[i] == at)
            return true;
    return false;
}

static void on_key(struct sql *sql, const struct table *table, const char *then)
{
    words(sql, " ON CONFLICT (");
    columns(sql, table, table->key, table->key_len);
    words(sql, then);
}

static void replacement(struct sql *sql, const struct table *table)
{
    on_key(sql, table, ") DO UPDATE SET ");
    const char *between = "";
    for (size_t i = 0; i < table->len; i++) {
        if (in_key(table, i) && table->key_len < table->len)
            continue;
        words(sql, between);
        column(sql, table, i);
        words(sql, " = excluded.");
        column(sql, table, i);
        between = ", ";
    }
}

void sql_insert(struct sql *sql, const struct table *table, const struct store_value *values, enum store_conflict conflict)
{
    words(sql, "INSERT INTO ");
    name(sql, table->name);
    for (size_t i = 0; i < table->len; i++) {
        words(sql, i ? ", " : " (");
        column(sql, table, i);
    }
    for (size_t i = 0; i < table->len; i++) {
        words(sql, i ? ", " : ") VALUES (");
        value(sql, &values[i]);
    }
    words(sql, ")");
    if (conflict == STORE_KEEP)
        words(sql, " ON CONFLICT DO NOTHING");
    if (conflict == STORE_REPLACE)
        replacement(sql, table);
    end(sql);
}

/* `given`: the new value, as text; written once or twice. */
static void changed(struct sql *sql, const struct table *table, const struct change *change, bool bound)
{
    static const char *const open[] = {[STORE_SET] = "", [STORE_PLUS] = "coalesce(", [STORE_LEAST] = "coalesce(min(", [STORE_GREATEST] = "coalesce(max("};
    column(sql, table, change->column);
    words(sql, " = ");
    words(sql, open[change->how]);
    for (int again = change->how == STORE_SET ? 1 : 0; again < 2; again++) {
        if (!again) {
            column(sql, table, change->column);
            words(sql, change->how == STORE_PLUS ? ", 0) + " : ", ");
        }
        if (bound)
            value(sql, &change->value);
        else
            words(sql, "excluded."), column(sql, table, change->column);
        if (change->how == STORE_PLUS)
            return;
        words(sql, change->how == STORE_SET ? "" : again ? ")" : "), ");
    }
}

void sql_add(struct sql *sql, const struct table *table, const struct store_value *key, const struct changes *changes)
{
    words(sql, "INSERT INTO ");
    name(sql, table->name);
    words(sql, " (");
    columns(sql, table, table->key, table->key_len);
    for (size_t i = 0; i < changes->len; i++) {
        words(sql, ", ");
        column(sql, table, changes->at[i].column);
    }
    words(sql, ") VALUES (");
    for (size_t i = 0; i < table->key_len + changes->len; i++) {
        words(sql, i ? ", " : "");
        value(sql, i < table->key_len ? &key[i] : &changes->at[i - table->key_len].value);
    }
    words(sql, ")");
    on_key(sql, table, ") DO UPDATE SET ");
    for (size_t i = 0; i < changes->len; i++) {
        words(sql, i ? ", " : "");
        changed(sql, table, &changes->at[i], false);
    }
    end(sql);
}

/* The rows themselves, or those whose keys a bounded query finds. */
static void rows(struct sql *sql, const struct wanted *wanted)
{
    const struct table *table = wanted->table;
    if (wanted->limit == UINT64_MAX) {
        conditions(sql, wanted);
        return;
    }
    struct wanted keys = *wanted;
    memcpy(keys.columns, table->key, sizeof table->key);
    keys.width = table->key_len;
    words(sql, table->key_len > 1 ? " WHERE (" : " WHERE ");
    columns(sql, table, table->key, table->key_len);
    words(sql, table->key_len > 1 ? ") IN (" : " IN (");
    sql_find(sql, &keys);
    words(sql, ")");
}

void sql_update(struct sql *sql, const struct wanted *wanted, const struct changes *changes)
{
    words(sql, "UPDATE ");
    name(sql, wanted->table->name);
    words(sql, " SET ");
    for (size_t i = 0; i < changes->len; i++) {
        words(sql, i ? ", " : "");
        changed(sql, wanted->table, &changes->at[i], true);
    }
    rows(sql, wanted);
    end(sql);
}

void sql_delete(struct sql *sql, const struct wanted *wanted)
{
    words(sql, "DELETE FROM ");
    name(sql, wanted->table->name);
    rows(sql, wanted);
    end(sql);
}

/* ---- steps of a migration */

static void column_make(struct sql *sql, const struct store_column *made_of)
{
    static const char *const types[] = {[STORE_INTEGER] = " INTEGER", [STORE_REAL] = " REAL", [STORE_TEXT] = " TEXT", [STORE_BYTES] = " BLOB"};
    name(sql, made_of->name);
    words(sql, types[made_of->type]);
    words(sql, made_of->null ? "" : " NOT NULL");
}

/* STRICT: a column takes its type and no other, as PostgreSQL has it. */
static void table_make(struct sql *sql, const struct table *table)
{
    words(sql, "CREATE TABLE ");
    name(sql, table->name);
    words(sql, " (");
    for (size_t i = 0; i < table->len; i++) {
        column_make(sql, &table->columns[i]);
        words(sql, ", ");
    }
    words(sql, "PRIMARY KEY (");
    columns(sql, table, table->key, table->key_len);
    words(sql, table->small ? ")) STRICT, WITHOUT ROWID" : ")) STRICT");
}

static void index_make(struct sql *sql, const struct table *table, const struct index *index)
{
    words(sql, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    name(sql, index->name);
    words(sql, " ON ");
    name(sql, table->name);
    words(sql, " (");
    columns(sql, table, index->columns, index->len);
    words(sql, ")");
}

void sql_step(struct sql *sql, const struct table *table, const struct store_step *step, const struct store_column *added)
{
    switch (step->kind) {
    case STORE_TABLE_MAKE:
        table_make(sql, table);
        break;
    case STORE_COLUMN_ADD:
        words(sql, "ALTER TABLE ");
        name(sql, step->table);
        words(sql, " ADD COLUMN ");
        column_make(sql, added);
        break;
    case STORE_INDEX_MAKE:
    case STORE_UNIQUE_MAKE:
        index_make(sql, table, &table->indexes[table->indexed - 1]);
        break;
    case STORE_INDEX_DROP:
    case STORE_TABLE_DROP:
        words(sql, step->kind == STORE_INDEX_DROP ? "DROP INDEX " : "DROP TABLE ");
        name(sql, step->kind == STORE_INDEX_DROP ? step->index : step->table);
        break;
    }
    end(sql);
}
