#include "action/action.h"

static bool holds_one(const struct span *list, size_t len, struct span what)
{
    for (size_t i = 0; i < len; i++)
        if (span_eq(list[i], what))
            return true;
    return !len;
}

static bool tag_holds(const struct condition *condition, const struct report *report)
{
    vec_each(tag, &report->tags)
        if (holds_one(condition->tags.at, condition->tags.len, *tag))
            return true;
    return !condition->tags.len;
}

static bool evidence_holds(const struct condition *condition, const struct report *report)
{
    vec_each(evidence, &report->evidence)
        if (holds_one(condition->evidence.at, condition->evidence.len, span_of(evidence_kind(evidence->id)->name)))
            return true;
    return !condition->evidence.len;
}

bool condition_holds(const struct condition *condition, struct span organisation, const struct report *report)
{
    return condition->unjudged != NOTICE_UNJUDGED_ONLY && condition->appeals != NOTICE_APPEALS_ONLY && condition->waiting != NOTICE_WAITING_ONLY && report->verdict >= condition->verdict && tag_holds(condition, report) && evidence_holds(condition, report) &&
           holds_one(condition->directions.at, condition->directions.len, span_of(direction_name(report->arrival->direction))) &&
           holds_one(condition->organisations.at, condition->organisations.len, organisation);
}

bool condition_holds_unjudged(const struct condition *condition, struct span organisation, const struct arrival *arrival)
{
    return condition->unjudged != NOTICE_UNJUDGED_NO && condition->appeals != NOTICE_APPEALS_ONLY && condition->waiting != NOTICE_WAITING_ONLY &&
           holds_one(condition->directions.at, condition->directions.len, span_of(direction_name(arrival->direction))) &&
           holds_one(condition->organisations.at, condition->organisations.len, organisation);
}

bool condition_holds_waiting(const struct condition *condition, struct span organisation, const struct report *report)
{
    return condition->waiting != NOTICE_WAITING_NO && holds_one(condition->directions.at, condition->directions.len, span_of(direction_name(report->arrival->direction))) &&
           holds_one(condition->organisations.at, condition->organisations.len, organisation);
}

bool condition_holds_appeal(const struct condition *condition, struct span organisation)
{
    return condition->appeals != NOTICE_APPEALS_NO && condition->waiting != NOTICE_WAITING_ONLY && holds_one(condition->organisations.at, condition->organisations.len, organisation);
}

bool direction_is_name(struct span name)
{
    for (enum direction at = DIRECTION_UNKNOWN; at <= DIRECTION_REINJECT; at++)
        if (span_eq(name, span_of(direction_name(at))))
            return true;
    return false;
}
