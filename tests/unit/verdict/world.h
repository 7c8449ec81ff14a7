/* An honest message, made by hand, that each case alters: From anna@brand.example, DKIM and SPF pass, DMARC reject. */
#pragma once
#include "exact.h"

#include "verdict/verdict.h"
#include "verdict/witnesses.h"

struct world {
    struct arena *arena;
    struct tables *tables;
    struct arrival arrival;
    struct recipient recipient;
    struct message message;
    struct mailbox from[2];
    struct field fields[12]; /* topmost first; the last is From */
    struct part root, *leaves[1];
    struct path path;
    struct hop hops[4];
    struct service service;
    struct proof proof;
    struct dkim_proof dkim[2];
    struct arc_set sets[1];
    struct method_result result;
    struct result_property property;
    struct relay_use relay;
    struct customer customer;
    struct content content;
    struct claim claim;
    struct testimony testimony, *testified; /* NULL: nobody was asked */
    struct verdict_witnesses witnesses;
    struct seal_found seal;
    struct seals seals;
    struct verdict_settings settings;
    struct report report;
};

/* Row of a table of cases: alters the honest world so that the evidence fires, and so that it nearly does. */
struct evidence_case {
    const char *evidence, *name;
    void (*fires)(struct world *w);
    void (*near_miss)(struct world *w);
};
extern const struct evidence_case defect_cases[], path_cases[], proof_cases[], laundering_cases[], relay_cases[];
extern const struct evidence_case claim_cases[], sender_cases[], vouching_cases[], link_cases[], file_cases[], word_cases[], look_cases[], stranger_cases[], forwarded_cases[], witness_cases[], seal_cases[];

void world_make(struct world *w);
void world_judge(struct world *w);
bool world_has(const struct world *w, const char *evidence);
void world_free(struct world *w);

/* ---- alterations that several files of cases use */
void honest(struct world *w);
void lure_asks(struct world *w, enum lure_id id);         /* strongly, where readers look first */
struct link_fact *main_link_put(struct world *w, bool out); /* to elsewhere.example; out: to a stranger's */
void defect_put(struct world *w, enum defect_id id, size_t offset, const char *detail);
void dmarc_fails(struct world *w, const char *policy);    /* and nothing aligned passes */
void record_put(struct world *w, size_t field, const char *authserv, const char *method, enum proof_result result,
                const char *type, const char *name, const char *value); /* as the one Authentication-Results */
