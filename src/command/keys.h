/* command/keys: what the verbs share that read the keys. */
#pragma once
#include "generation/generation.h"
#include "keyring/keyring.h"

struct keys_place { /* where the keys lie, and what the configuration says beside */
    const char *config, *folder; /* as they were written: --config, --keys; NULL: not given */
    bool keys_alone;               /* a configuration that has faults elsewhere will do: of it only keys_folder and run are looked at */
    struct generation *generation; /* NULL: --keys alone was given */
    const char *path;              /* of the folder */
    uid_t owner;                   /* of a folder that has to be made; -1: as the folder above */
};
int keys_place_open(struct keys_place *place, struct err *err);
void keys_place_close(struct keys_place *place);
