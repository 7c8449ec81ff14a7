/* sqlite_pages: SQLite's own cache of pages, but for one thing. When it shares rows out among pages it borrows a number far above all
 * others for a moment, and then each commit looks through the whole cache for pages above the file's end. Here it is known whether
 * there can be any. */
#include "store/sqlite.h"

#include <stdlib.h>

static sqlite3_pcache_methods2 own;

struct pages {
    sqlite3_pcache *own;
    unsigned highest;  /* no page that was ever asked for has a higher number, but for: */
    unsigned borrowed; /* 0: none is */
};

static struct pages *of(sqlite3_pcache *cache)
{
    return (struct pages *)(void *)cache;
}

static sqlite3_pcache *pages_create(int page, int extra, int purgeable)
{
    struct pages *pages = calloc(1, sizeof *pages);
    if (pages && !(pages->own = own.xCreate(page, extra, purgeable))) {
        free(pages);
        pages = NULL;
    }
    return (sqlite3_pcache *)(void *)pages;
}

static void pages_destroy(sqlite3_pcache *cache)
{
    own.xDestroy(of(cache)->own);
    free(cache);
}

static sqlite3_pcache_page *pages_fetch(sqlite3_pcache *cache, unsigned number, int create)
{
    struct pages *pages = of(cache);
    if (create && number > pages->highest)
        pages->highest = number;
    return own.xFetch(pages->own, number, create);
}

static void pages_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned before, unsigned number)
{
    struct pages *pages = of(cache);
    if (before == pages->borrowed)
        pages->borrowed = 0;
    if (number > pages->highest && !pages->borrowed)
        pages->borrowed = number;
    else if (number > pages->highest)
        pages->highest = number;
    own.xRekey(pages->own, page, before, number);
}

static void pages_truncate(sqlite3_pcache *cache, unsigned from)
{
    struct pages *pages = of(cache);
    if (pages->highest < from && pages->borrowed < from)
        return;
    own.xTruncate(pages->own, from);
    pages->highest = pages->highest < from ? pages->highest : from - 1;
    pages->borrowed = 0;
}

static void pages_size(sqlite3_pcache *cache, int most)
{
    own.xCachesize(of(cache)->own, most);
}

static int pages_count(sqlite3_pcache *cache)
{
    return own.xPagecount(of(cache)->own);
}

static void pages_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
    own.xUnpin(of(cache)->own, page, discard);
}

static void pages_shrink(sqlite3_pcache *cache)
{
    own.xShrink(of(cache)->own);
}

void sqlite_pages_ready(void)
{
    if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &own) != SQLITE_OK)
        return;
    sqlite3_pcache_methods2 ours = {own.iVersion, own.pArg, own.xInit, own.xShutdown, pages_create, pages_size, pages_count, pages_fetch, pages_unpin,
                                    pages_rekey, pages_truncate, pages_destroy, pages_shrink};
    sqlite3_config(SQLITE_CONFIG_PCACHE2, &ours);
}
