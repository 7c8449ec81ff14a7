/* Replays seeds as an ordinary test: each as it is, cut at many places, and with bytes changed by a fixed rule. Inputs
 * lie on heap of their exact size. usage: replay FILE|FOLDER... */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CUTS = 64, FLIPS = 400, LARGEST = 1 << 20 };

static size_t inputs, seeds;

static void run(const char *bytes, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    if (!exact)
        abort();
    memcpy(exact, bytes, len);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    inputs++;
}

static uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

static void flips(char *bytes, size_t len)
{
    static const char odd[] = {'\0', '\r', '\n', ' ', '"', '(', '<', ';', ':', '=', '@', '-', '\\', '\xff', '\x80', '%'};
    uint32_t state = 2463534242u;
    for (int i = 0; i < FLIPS && len; i++) {
        size_t at = random_next(&state) % len;
        char was = bytes[at];
        bytes[at] = i % 2 ? odd[random_next(&state) % sizeof odd] : (char)random_next(&state);
        run(bytes, len);
        if (i % 3)
            bytes[at] = was; /* every third change stays, so that faults can meet */
    }
}

static void seed_run(const char *path)
{
    static char bytes[LARGEST];
    FILE *file = fopen(path, "rb");
    if (!file) {
        printf("%s: cannot be opened\n", path);
        exit(1);
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    run(bytes, len);
    for (size_t i = 0; i < CUTS; i++)
        run(bytes, len * i / CUTS);
    flips(bytes, len);
    seeds++;
}

static int entry_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void path_run(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode)) {
        seed_run(path);
        return;
    }
    struct dirent **names;
    int n = scandir(path, &names, entry_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
        path_run(inner);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        path_run(argv[i]);
    printf("%zu seeds, %zu inputs\n", seeds, inputs);
    return seeds ? 0 : 1;
}
