#include "command/perturbed.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SHOWN_MOST = 200 };

void perturbed_begin(struct perturbed *perturbed, const struct labelled *labelled)
{
    *perturbed = (struct perturbed){.labelled = labelled, .arena = arena_new(labelled->judge.ceiling)};
}

static bool has_fired(const struct report *report, enum evidence_id id)
{
    vec_each(evidence, &report->evidence)
        if (evidence->id == id)
            return true;
    return false;
}

static void difference_print(const char *sign, const struct report *of, const struct report *against)
{
    vec_each(evidence, &of->evidence)
        if (!has_fired(against, evidence->id))
            printf(" %s%s(%+.2f)", sign, evidence_kind(evidence->id)->name, evidence->weight);
}

static void change_print(struct perturbed *perturbed, enum perturbation kind, struct span name, const struct report *before,
                         const struct report *after)
{
    if (perturbed->shown++ >= SHOWN_MOST)
        return;
    printf("%s: %.*s: %s %.2f became %s %.2f:", perturbation_name(kind), SPAN_FMT(name), verdict_name(before->verdict), before->score,
           verdict_name(after->verdict), after->score);
    difference_print("+", after, before);
    difference_print("-", before, after);
    putchar('\n');
}

/* In a file without a name, as every message comes to a judge. */
static struct walk *copy_walk(struct perturbed *perturbed, const struct arrival *arrival, struct err *err)
{
    int fd = memfd_create("copy", MFD_CLOEXEC);
    if (fd < 0 || write(fd, arrival->raw.at, arrival->raw.len) != (ssize_t)arrival->raw.len) {
        err_set(err, "a copy cannot be kept in memory: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    struct scan_job job = {.arrival = *arrival, .fd = fd, .length = arrival->raw.len};
    job.arrival.raw = (struct span){0};
    struct walk *walk = walk_here(perturbed->arena, &perturbed->labelled->judge, perturbed->labelled->resolver, &job, err);
    close(fd);
    return walk;
}

void perturbed_take(struct perturbed *perturbed, struct span name, const struct walk *walk)
{
    for (int kind = 0; kind < PERTURBATION_COUNT; kind++) {
        struct err err;
        struct arrival arrival;
        arena_reset(perturbed->arena);
        if (!study_perturb(perturbed->arena, (enum perturbation)kind, walk, &arrival))
            continue;
        struct walk *copy = copy_walk(perturbed, &arrival, &err);
        if (!copy) {
            fprintf(stderr, "sekimori: %s\n", err.text);
            continue;
        }
        bool changed = copy->report.verdict != walk->report.verdict;
        perturbed->counts[kind].copies++;
        perturbed->counts[kind].changed += changed;
        if (changed)
            change_print(perturbed, (enum perturbation)kind, name, &walk->report, &copy->report);
    }
}

bool perturbed_end(struct perturbed *perturbed)
{
    size_t changed = 0;
    if (perturbed->shown > SHOWN_MOST)
        printf("... and %zu more\n", perturbed->shown - SHOWN_MOST);
    printf("%scopies in which was changed what must not matter\n", perturbed->shown ? "\n" : "");
    for (int kind = 0; kind < PERTURBATION_COUNT; kind++) {
        printf("%-13s %7zu copies, %5zu verdicts changed   %s\n", perturbation_name((enum perturbation)kind), perturbed->counts[kind].copies,
               perturbed->counts[kind].changed, perturbation_text((enum perturbation)kind));
        changed += perturbed->counts[kind].changed;
    }
    putchar('\n');
    arena_free(&perturbed->arena);
    return !changed;
}
