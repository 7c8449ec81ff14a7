#include "record/record.h"

/* What was released is never changed: further tables and columns are further migrations. */

#define TEXT(name)     {name, STORE_TEXT, false}
#define TEXT_OR(name)  {name, STORE_TEXT, true}
#define WHOLE(name)    {name, STORE_INTEGER, false}
#define WHOLE_OR(name) {name, STORE_INTEGER, true}
#define BYTES(name)    {name, STORE_BYTES, false}
#define BYTES_OR(name) {name, STORE_BYTES, true}
#define COLUMNS(...)   (const struct store_column[]){__VA_ARGS__, {0}}

/* The rows of `record` are narrow, for hunts walk many of them; the reports lie in `paper`. */
static const struct store_step records[] = {
    {.kind = STORE_TABLE_MAKE, .table = "record", .on = "id",
     .columns = COLUMNS(TEXT("id"), TEXT("org"), BYTES("key"), WHOLE("kept"), TEXT_OR("generation"), WHOLE("verdict"), {"score", STORE_REAL, false},
                        WHOLE("direction"), TEXT_OR("listener"), TEXT_OR("mail_from"), TEXT_OR("from_domain"), TEXT_OR("from_address"),
                        TEXT_OR("subject"), TEXT_OR("client"), TEXT_OR("service"), TEXT_OR("account"), TEXT_OR("language"), WHOLE("size"),
                        TEXT("evidence"))},
    {.kind = STORE_UNIQUE_MAKE, .table = "record", .index = "record_key", .on = "key"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_kept", .on = "kept"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_from", .on = "from_domain from_address id"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_subject", .on = "subject id"},
    {.kind = STORE_INDEX_MAKE, .table = "record", .index = "record_verdict", .on = "verdict id"},
    {.kind = STORE_TABLE_MAKE, .table = "paper", .on = "id", .columns = COLUMNS(TEXT("id"), BYTES("settings"), BYTES("bytes"))},
    {.kind = STORE_TABLE_MAKE, .table = "settings", .on = "id", .columns = COLUMNS(BYTES("id"), BYTES("bytes"))},
    /* What a record is found by that it has many of, or seldom: hosts, digests, evidence, Message-ID, client, account, tenant. */
    {.kind = STORE_TABLE_MAKE, .table = "mark", .on = "kind value id", .small = true, .columns = COLUMNS(WHOLE("kind"), TEXT("value"), TEXT("id"))},
    {.kind = STORE_TABLE_MAKE, .table = "outcome", .on = "recipient id", .small = true,
     .columns = COLUMNS(TEXT("recipient"), TEXT("id"), TEXT("action"), TEXT("mode"), TEXT_OR("done"), WHOLE_OR("at"))},
    {0}};

static const struct store_step decisions[] = {
    {.kind = STORE_TABLE_MAKE, .table = "correction", .on = "id",
     .columns = COLUMNS(TEXT("id"), WHOLE("honest"), WHOLE("at"), TEXT("by"), BYTES("settings"), BYTES("bytes"))},
    {.kind = STORE_INDEX_MAKE, .table = "correction", .index = "correction_at", .on = "at"},
    {.kind = STORE_TABLE_MAKE, .table = "entry", .on = "number",
     .columns = COLUMNS(WHOLE("number"), WHOLE("allow"), TEXT_OR("org"), TEXT_OR("domain"), TEXT_OR("service"), TEXT_OR("account"), TEXT_OR("stream"),
                        TEXT_OR("person"), TEXT("reason"), TEXT("by"), WHOLE("made"), WHOLE("expires"), WHOLE("hits"), WHOLE_OR("last_hit"))},
    {0}};

static const struct store_step consequences[] = {
    {.kind = STORE_TABLE_MAKE, .table = "hold", .on = "id",
     .columns = COLUMNS(TEXT("id"), BYTES("ticket"), WHOLE("at"), WHOLE("until"), WHOLE("size"), TEXT("state"), TEXT("file"))},
    {.kind = STORE_UNIQUE_MAKE, .table = "hold", .index = "hold_ticket", .on = "ticket"},
    {.kind = STORE_INDEX_MAKE, .table = "hold", .index = "hold_until", .on = "until"},
    {.kind = STORE_TABLE_MAKE, .table = "outbox", .on = "job",
     .columns = COLUMNS(TEXT("job"), TEXT("id"), TEXT("kind"), WHOLE("made"), WHOLE_OR("due"), WHOLE("tries"), TEXT_OR("fault"), BYTES("bytes"))},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_due", .on = "due"},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_made", .on = "made"},
    {0}};

static const struct store_step unjudged[] = {
    {.kind = STORE_TABLE_MAKE, .table = "unjudged", .on = "id", .columns = COLUMNS(TEXT("id"), BYTES("key"), WHOLE("kept"), BYTES("report"))},
    {.kind = STORE_UNIQUE_MAKE, .table = "unjudged", .index = "unjudged_key", .on = "key"},
    {.kind = STORE_INDEX_MAKE, .table = "unjudged", .index = "unjudged_kept", .on = "kept"},
    {0}};

/* Jobs by who they are for, so that one who is slow keeps nobody else's waiting. Nothing was written into the table before. */
static const struct store_step jobs[] = {
    {.kind = STORE_TABLE_DROP, .table = "outbox"},
    {.kind = STORE_TABLE_MAKE, .table = "outbox", .on = "job",
     .columns = COLUMNS(TEXT("job"), TEXT("id"), TEXT("lane"), TEXT("kind"), WHOLE("state"), WHOLE("made"), WHOLE("due"), WHOLE("tries"),
                        TEXT_OR("fault"), WHOLE_OR("ended"), BYTES("bytes"))},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_due", .on = "state lane due"},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_made", .on = "state made"},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_ended", .on = "ended"},
    {.kind = STORE_INDEX_MAKE, .table = "outbox", .index = "outbox_id", .on = "id"},
    {0}};

/* Marks are looked for here too until record_settle has sorted them into their table: packed, a row for each record. */
static const struct store_step fresh[] = {
    {.kind = STORE_TABLE_MAKE, .table = "fresh", .on = "id", .small = true, .columns = COLUMNS(TEXT("id"), BYTES("bytes"))},
    {0}};

static const struct store_step unjudged_found[] = {
    {.kind = STORE_COLUMN_ADD, .table = "unjudged", .columns = COLUMNS(TEXT_OR("org"))},
    {.kind = STORE_COLUMN_ADD, .table = "unjudged", .columns = COLUMNS(WHOLE_OR("why"))},
    {0}};

/* When records were kept by them last, to the day: what no record and no correction rests on any more goes. */
static const struct store_step settings_used[] = {
    {.kind = STORE_COLUMN_ADD, .table = "settings", .columns = COLUMNS(WHOLE_OR("used"))},
    {.kind = STORE_INDEX_MAKE, .table = "settings", .index = "settings_used", .on = "used"},
    {0}};

/* Whole records as marks: where their rows and what finds them belong is anywhere too. `fresh` of step 6 was in no release. */
static const struct store_step whole[] = {
    {.kind = STORE_TABLE_DROP, .table = "fresh"},
    {.kind = STORE_TABLE_MAKE, .table = "fresh", .on = "id", .columns = COLUMNS(TEXT("id"), BYTES("key"), WHOLE("kept"), BYTES("bytes"))},
    {.kind = STORE_UNIQUE_MAKE, .table = "fresh", .index = "fresh_key", .on = "key"},
    {0}};

/* Readers at locked links: what they clicked, how often pages were fetched by whatever it was, and what they ask for. */
static const struct store_step clicks[] = {
    {.kind = STORE_TABLE_MAKE, .table = "click", .on = "id number",
     .columns = COLUMNS(TEXT("id"), WHOLE("number"), WHOLE("at"), WHOLE("link"), WHOLE("appeal"), BYTES("whom"), TEXT_OR("people"), TEXT_OR("org"), TEXT_OR("host"),
                        TEXT_OR("client"), WHOLE("verdict"))},
    {.kind = STORE_INDEX_MAKE, .table = "click", .index = "click_at", .on = "at"},
    {.kind = STORE_TABLE_MAKE, .table = "opened", .on = "id link whom", .small = true,
     .columns = COLUMNS(TEXT("id"), WHOLE("link"), BYTES("whom"), WHOLE_OR("times"), WHOLE_OR("first"), WHOLE_OR("last"))},
    {.kind = STORE_INDEX_MAKE, .table = "opened", .index = "opened_last", .on = "last"},
    {.kind = STORE_TABLE_MAKE, .table = "appeal", .on = "number",
     .columns = COLUMNS(WHOLE("number"), TEXT("id"), WHOLE("link"), BYTES("whom"), TEXT("kind"), TEXT_OR("people"), TEXT_OR("org"), TEXT_OR("host"), TEXT_OR("note"),
                        TEXT_OR("client"), WHOLE("asked"), WHOLE("state"), TEXT_OR("by"), WHOLE_OR("answered"))},
    {.kind = STORE_INDEX_MAKE, .table = "appeal", .index = "appeal_id", .on = "id"},
    {.kind = STORE_INDEX_MAKE, .table = "appeal", .index = "appeal_asked", .on = "asked"},
    {0}};

/* For whom it is held, with what the mail server told of each, and what became of it: this outlives the bytes. */
static const struct store_step held_for[] = {
    {.kind = STORE_COLUMN_ADD, .table = "hold", .columns = COLUMNS(TEXT_OR("mail_from"))},
    {.kind = STORE_COLUMN_ADD, .table = "hold", .columns = COLUMNS(TEXT_OR("mail_params"))},
    {.kind = STORE_TABLE_MAKE, .table = "held", .on = "id number",
     .columns = COLUMNS(TEXT("id"), WHOLE("number"), TEXT("address"), TEXT("recipient"), TEXT("params"), TEXT("org"), WHOLE("start"), WHOLE("length"),
                        WHOLE("state"), WHOLE("at"), TEXT_OR("by"), TEXT_OR("why"), TEXT_OR("fault"), TEXT_OR("pass"))},
    {.kind = STORE_INDEX_MAKE, .table = "held", .index = "held_recipient", .on = "recipient id"},
    {.kind = STORE_INDEX_MAKE, .table = "held", .index = "held_state", .on = "state id number"},
    {.kind = STORE_INDEX_MAKE, .table = "held", .index = "held_at", .on = "at"},
    {.kind = STORE_INDEX_MAKE, .table = "held", .index = "held_pass", .on = "pass"},
    {0}};

/* When each organisation's recipients were told last what is held for them; passes of mail that is ours and no record's. */
static const struct store_step digests[] = {
    {.kind = STORE_TABLE_MAKE, .table = "digest", .on = "org", .columns = COLUMNS(TEXT("org"), WHOLE("at"))},
    {.kind = STORE_TABLE_MAKE, .table = "mail_pass", .on = "job", .columns = COLUMNS(TEXT("job"), TEXT("pass"))},
    {.kind = STORE_INDEX_MAKE, .table = "mail_pass", .index = "mail_pass_pass", .on = "pass"},
    {0}};

/* Copies that wait until a person agrees to what a policy proposes: what they become then, what is asked for, and until when. Of all copies
 * whether we changed them; of those that wait how long the message is that lies in front, and who decides that it is kept beside. */
static const struct store_step asked[] = {
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("edited"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("asked"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("agreed_start"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("agreed_length"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(TEXT_OR("acts"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("waits"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("original"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(WHOLE_OR("came"))},
    {.kind = STORE_INDEX_MAKE, .table = "held", .index = "held_waits", .on = "waits"},
    {0}};

/* Passes that were used, and by whom. */
static const struct store_step passes_used[] = {
    {.kind = STORE_TABLE_MAKE, .table = "used_pass", .on = "pass asker", .small = true, .columns = COLUMNS(TEXT("pass"), TEXT("asker"), TEXT("id"), WHOLE("at"))},
    {.kind = STORE_INDEX_MAKE, .table = "used_pass", .index = "used_pass_at", .on = "at"},
    {0}};

/* Of what a copy's seal is made when it comes in again; of one that waits also of what it becomes, and of the message as it came. */
static const struct store_step measured[] = {
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(BYTES_OR("measure"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(BYTES_OR("agreed_measure"))},
    {.kind = STORE_COLUMN_ADD, .table = "held", .columns = COLUMNS(BYTES_OR("came_measure"))},
    {.kind = STORE_COLUMN_ADD, .table = "used_pass", .columns = COLUMNS(BYTES_OR("measure"))},
    {.kind = STORE_COLUMN_ADD, .table = "used_pass", .columns = COLUMNS(WHOLE_OR("edited"))},
    {0}};

/* The clock as it was believed last, and for how many seconds the service ran by one that is far ahead of it, or far behind. One row. */
static const struct store_step clocks[] = {
    {.kind = STORE_TABLE_MAKE, .table = "clock", .on = "number", .columns = COLUMNS(WHOLE("number"), WHOLE("believed"), WHOLE("doubted"), WHOLE("behind"))},
    {0}};

static const struct store_migration migrations[] = {
    {1, "keep records, how they were judged, and what becomes of them", records},
    {2, "keep corrections, and what is allowed and denied", decisions},
    {3, "keep held mail and jobs", consequences},
    {4, "keep what was answered for messages that could not be judged", unjudged},
    {5, "keep jobs by who they are for, and what came of them", jobs},
    {6, "sort the marks of many records into their table at once", fresh},
    {7, "tell whose the messages were that could not be judged, and why they could not", unjudged_found},
    {8, "tell when settings were used last, so that they can go", settings_used},
    {9, "sort many records into their tables at once", whole},
    {10, "keep what readers do at locked links, and what they ask for", clicks},
    {11, "tell for whom messages are held, and what became of each", held_for},
    {12, "tell recipients what is held for them, once a day", digests},
    {13, "hold messages until a person agrees to what a policy proposes", asked},
    {14, "know who used a pass", passes_used},
    {15, "seal held mail when it comes in again", measured},
    {16, "lose nothing by a clock that is wrong", clocks},
};

const struct store_schema *record_schema(void)
{
    static const struct store_schema schema = {migrations, sizeof migrations / sizeof *migrations};
    return &schema;
}
