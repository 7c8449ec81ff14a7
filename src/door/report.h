/* door/report: a report read again, for what servers are told of it that know no reports. */
#pragma once
#include "message/message.h"

struct report_evidence {
    struct span id, text;
    double weight;
};
struct report_act { /* of a policy or a mode */
    struct span name; /* "hold" */
    bool active;      /* in force; else passive, or a person is asked first */
};
struct report_read {
    struct span verdict, message_id;
    struct span reason; /* of a message that was not judged */
    double score;
    VEC(struct report_act) acts;
    VEC(struct report_evidence) evidence;
    VEC(struct span) links;
};
/* Texts are cut, and hold no control characters; they live in the arena. -1: it is no JSON object; *out holds nothing then. */
int report_read(struct arena *arena, struct span report, struct report_read *out);
