#include "command/keys.h"

#include <pwd.h>
#include <unistd.h>

static int generation_open(struct keys_place *place, struct err *err)
{
    struct faults faults;
    const char *path = place->config ? place->config : SEKIMORI_CONFIG_FILE;
    if (!place->config && access(path, R_OK) != 0)
        return place->folder ? 0 : err_set(err, "which keys? name the configuration by --config FILE, or their folder by --keys DIR");
    faults_begin(&faults, path);
    int loaded = generation_load(path, &place->generation, &faults);
    faults_end(&faults);
    if (loaded == 0 || (place->keys_alone && generation_load_keys(path, &place->generation) == 0))
        return 0;
    return err_set(err, "%s is not in order; sekimori check-config %s tells what is wrong, or name the folder of the keys by --keys DIR", path, path);
}

int keys_place_open(struct keys_place *place, struct err *err)
{
    bool configured = place->config || !place->folder;
    place->owner = (uid_t)-1;
    if (configured && generation_open(place, err) < 0)
        return -1;
    place->path = place->folder ? place->folder : place->generation->keys_folder.at;
    const struct passwd *user = place->generation && place->generation->run.user.len ? getpwnam(place->generation->run.user.at) : NULL;
    if (user)
        place->owner = user->pw_uid;
    return 0;
}

void keys_place_close(struct keys_place *place)
{
    generation_free(&place->generation);
}
