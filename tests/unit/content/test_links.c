#include "exact.h"

#include "content/links.h"

#include <stdio.h>

/* Messages of one part, read with the lists that the program ships. */
struct links_reading {
    struct arena *arena;
    struct tables *tables;
    struct message message;
    struct arrival arrival;
    struct recipient recipient;
    struct content_links links;
};

static struct tables *tables;

static int lists_open(void **state)
{
    struct err err;
    if (tables_open(&(struct table_options){0}, &tables, &err) < 0)
        fail_msg("%s", err.text);
    return 0;
}
static int lists_close(void **state)
{
    tables_close(&tables);
    return 0;
}

static void read_links(struct links_reading *r, const char *type, const char *body)
{
    struct message_limits limits;
    *r = (struct links_reading){.arena = arena_new((size_t)1 << 30)};
    message_limits_default(&limits);
    struct span whole = arena_print(r->arena, "From: a@shop.example\nTo: bob@here.example\nContent-Type: %s; charset=utf-8\n\n%s", type, body);
    r->arrival.raw = exact_bytes(whole.at, whole.len);
    r->recipient.address = S("bob@here.example");
    *vec_push(r->arena, &r->arrival.rcpt_to) = r->recipient;
    message_parse(r->arena, &limits, tables, &r->arrival, &r->message);
    content_links_read(r->arena, tables, &r->arrival, &r->message, &r->links);
}

static void read_done(struct links_reading *r)
{
    free((char *)r->arrival.raw.at);
    arena_free(&r->arena);
}

/* ---- redirectors */
static const struct {
    const char *url, *target, *through; /* target NULL: not undone */
    bool opaque;
} redirects[] = {
    {"https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.shop.example%2Fa%3Fb%3Dc&data=05%7C01&reserved=0", "https://www.shop.example/a?b=c", "safe-links", false},
    {"https://eur01.safelinks.protection.outlook.com/?data=05&url=https%3A%2F%2Fshop.example%2F", "https://shop.example/", "safe-links", false},
    {"https://nam02.safelinks.protection.outlook.com/?data=05", NULL, "safe-links", true},
    {"https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fshop.example%2F", NULL, NULL, false},
    {"https://urldefense.proofpoint.com/v1/url?u=http://shop.example/a&k=x", "http://shop.example/a", "url-defense-1", false},
    {"https://urldefense.proofpoint.com/v2/url?u=https-3A__www.shop.example_path-2Dname_-3Fq-3D1&d=DwMF&c=x", "https://www.shop.example/path-name/?q=1", "url-defense-2", false},
    {"https://urldefense.com/v3/__https://shop.example/a/b?c=1__;!!token!rest$", "https://shop.example/a/b?c=1", "url-defense-3", false},
    {"https://urldefense.com/v3/__https://shop.example/a*b__;Kw!!token$", "https://shop.example/a+b", "url-defense-3", false},
    {"https://urldefense.com/v3/__https://shop.example/**Bx*__;77yM4oCmw6kr!!t$", "https://shop.example/%EF%BC%8C%E2%80%A6%C3%A9x+", "url-defense-3", false},
    {"https://urldefense.com/v3/__https://shop.example/a", NULL, "url-defense-3", true},
    {"https://protect-us.mimecast.com/s/AbCdEf12?domain=shop.example", "https://shop.example/", "mimecast", false},
    {"https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fshop.example%2fx&c=E,1,abc", "https://shop.example/x", "barracuda", false},
    {"https://secure-web.cisco.com/1abcDEF-xyz/https%3A%2F%2Fshop.example%2Fp%3Fq", "https://shop.example/p?q", "cisco-secure-web", false},
    {"https://us-west-2.protection.sophos.com/?d=shop.example&u=aHR0cHM6Ly9zaG9wLmV4YW1wbGUvYQ==&i=x", "https://shop.example/a", "sophos", false},
    {"https://us-west-2.protection.sophos.com/?d=shop.example", "https://shop.example/", "sophos", false},
    {"https://protect2.fireeye.com/v1/url?k=1&q=1&e=2&u=https%3A%2F%2Fshop.example%2F", "https://shop.example/", "fireeye", false},
    {"https://clicktime.symantec.com/15t?h=x&u=https://shop.example/b", "https://shop.example/b", "symantec-clicktime", false},
    {"https://url.avanan.click/v2/___https://shop.example/c___.YXAz", "https://shop.example/c", "avanan", false},
    {"https://www.google.com/url?sa=t&q=https://shop.example/&usg=x", "https://shop.example/", "google-url", false},
    {"https://www.google.co.jp/url?rct=j&url=https%3A%2F%2Fshop.example%2F", "https://shop.example/", "google-url", false},
    {"https://www.google.com/search?q=https://shop.example/", NULL, NULL, false},
    {"https://www.google.com/url?sa=t", NULL, NULL, false},
    {"https://www.google.com/amp/s/shop.example/a", "https://shop.example/a", "google-amp", false},
    {"https://shop-example.cdn.ampproject.org/c/s/shop.example/a", "https://shop.example/a", "amp-cache", false},
    {"https://www.bing.com/ck/a?!&&p=abc&u=a1aHR0cHM6Ly9zaG9wLmV4YW1wbGUv&ntb=1", "https://shop.example/", "bing-click", false},
    {"https://r.search.yahoo.com/_ylt=Aw/RV=2/RE=1/RO=10/RU=https%3a%2f%2fshop.example%2fa/RK=2/RS=x", "https://shop.example/a", "yahoo-search", false},
    {"https://www.baidu.com/link?url=AbCdEf", NULL, "baidu", true},
    {"https://duckduckgo.com/l/?uddg=https%3A%2F%2Fshop.example%2F", "https://shop.example/", "duckduckgo", false},
    {"https://adclick.g.doubleclick.net/pcs/click?xai=1&adurl=https://shop.example/", "https://shop.example/", "doubleclick", false},
    {"https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2F&h=AT0", "https://shop.example/", "meta-link-shim", false},
    {"https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fshop.example%2F", NULL, NULL, false},
    {"https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fshop.example%2F", "https://shop.example/", "youtube", false},
    {"https://t.co/AbCdEf", NULL, "t-co", true},
    {"https://shop-example.translate.goog/a?_x_tr_sl=en", "https://shop.example/a", "google-translate-host", false},
    {"https://my--shop-example.translate.goog/", "https://my-shop.example/", "google-translate-host", false},
    {"https://web.archive.org/web/20200101000000/https://shop.example/a", "https://shop.example/a", "web-archive", false},
    {"https://abc123.r.us-east-1.awstrack.me/L0/https:%2F%2Fshop.example%2Fa/1/0100/x=1", "https://shop.example/a", "ses-click", false},
    {"https://mandrillapp.com/track/click/1/shop.example?p=eyJzIjoiYSIsInAiOiJ7XCJ1XCI6MSxcInVybFwiOlwiaHR0cHM6XFxcL1xcXC9zaG9wLmV4YW1wbGVcXFwvYVwifSJ9", "https://shop.example/a", "mandrill-click", false},
    {"https://u1.ct.sendgrid.net/ls/click?upn=abc", NULL, "click-sendgrid", true},
    {"https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fshop.example%252F", "https://shop.example/", "google-url", false},
    {"https://www.google.com/url?q=javascript:alert(1)", NULL, NULL, false},
    {"https://evil.example/url?q=https://www.google.com/", NULL, NULL, false},
};

static void each_redirect(void **state)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    for (size_t i = 0; i < sizeof redirects / sizeof *redirects; i++) {
        struct span href = exact(redirects[i].url);
        struct url url, out;
        const struct redirector *through;
        bool opaque;
        assert_true(url_parse(arena, href, NULL, &url));
        unsigned undone = link_unwrap(arena, tables, &url, &out, &through, &opaque);
        const char *wanted = redirects[i].target ? redirects[i].target : redirects[i].url;
        if (!!undone != !!redirects[i].target || !span_eq(out.href, span_of(wanted)))
            fail_msg("%s: undone %u to %.*s", redirects[i].url, undone, SPAN_FMT(out.href));
        assert_span(through ? through->id : S(""), redirects[i].through ? redirects[i].through : "");
        if (opaque != redirects[i].opaque)
            fail_msg("%s: opaque %d", redirects[i].url, opaque);
        free((char *)href.at);
    }
    arena_free(&arena);
}

/* So many are undone and no more; what is left is not told. */
static void redirects_end(void **state)
{
    struct arena *arena = arena_new((size_t)256 << 20);
    struct buf deep = {.arena = arena};
    for (int i = 0; i < 200; i++)
        buf_add(&deep, S("https://www.google.com/url?q="));
    buf_add(&deep, S("https://shop.example/"));
    struct url url, out;
    const struct redirector *through;
    bool opaque;
    assert_true(url_parse(arena, buf_span(&deep), NULL, &url));
    assert_int_equal(link_unwrap(arena, tables, &url, &out, &through, &opaque), 8);
    assert_true(opaque);
    arena_free(&arena);
}

/* ---- traits of one link in a page */
static const struct {
    const char *name, *html;
    unsigned traits, not_traits;
} traits[] = {
    {"text of another", "<a href='https://evil.example.net/x'>www.shop.com</a>", TRAIT_TEXT_DIFFERS, 0},
    {"text of another in a sentence", "<a href='https://evil.example.net/x'>Log in at https://www.shop.com/login now</a>", TRAIT_TEXT_DIFFERS, 0},
    {"text of the same organisation", "<a href='https://click.shop.com/x'>www.shop.com</a>", 0, TRAIT_TEXT_DIFFERS},
    {"text is a sentence with a dot", "<a href='https://evil.example.net/x'>Read this.It is new</a>", 0, TRAIT_TEXT_DIFFERS},
    {"text is a file", "<a href='https://evil.example.net/x'>report.zip</a>", 0, TRAIT_TEXT_DIFFERS},
    {"text is an address to write to", "<a href='https://evil.example.net/x'>bob@shop.com</a>", 0, TRAIT_TEXT_DIFFERS},
    {"text has a number", "<a href='https://evil.example.net/x'>$12.99</a>", 0, TRAIT_TEXT_DIFFERS},
    {"text and a mail service's counter", "<a href='https://u1.ct.sendgrid.net/ls/click?upn=a'>www.shop.com</a>", TRAIT_OPAQUE, TRAIT_TEXT_DIFFERS},
    {"text and a shortener of anybody", "<a href='https://bit.ly/abc'>www.shop.com</a>", TRAIT_OPAQUE | TRAIT_TEXT_DIFFERS, 0},
    {"text and its own Safe Link", "<a href='https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.shop.com%2F'>www.shop.com</a>", TRAIT_UNWRAPPED, TRAIT_TEXT_DIFFERS | TRAIT_REDIRECT_OPEN},
    {"through a search engine", "<a href='https://www.google.com/url?q=https://evil.example.net/'>here</a>", TRAIT_UNWRAPPED | TRAIT_REDIRECT_OPEN, TRAIT_OPAQUE},
    {"image alone", "<a href='https://shop.com/'><img src='https://shop.com/a.png' alt='Shop'></a>", TRAIT_IMAGE_ONLY, 0},
    {"image and words", "<a href='https://shop.com/'><img src='https://shop.com/a.png'> Shop</a>", 0, TRAIT_IMAGE_ONLY},
    {"address", "<a href='http://203.0.113.9/x'>x</a>", TRAIT_ADDRESS_HOST, TRAIT_ODD_NUMBER},
    {"a machine's default name", "<a href='http://7.111.0.203.host.shop.com/x'>x</a>", TRAIT_MACHINE_NAME, TRAIT_ADDRESS_HOST},
    {"... with hyphens", "<a href='http://ec2-8-8-4-4.shop.com/x'>x</a>", TRAIT_MACHINE_NAME, 0},
    {"... of a network at home", "<a href='http://192-168-1-4.shop.com/x'>x</a>", 0, TRAIT_MACHINE_NAME},
    {"a version in a name", "<a href='http://v1.2.3.shop.com/x'>x</a>", 0, TRAIT_MACHINE_NAME},
    {"a date in a name", "<a href='http://2026-11-22-4.shop.com/x'>x</a>", 0, TRAIT_MACHINE_NAME},
    {"odd number", "<a href='http://0xcb.113.9/x'>x</a>", TRAIT_ADDRESS_HOST | TRAIT_ODD_NUMBER, 0},
    {"one number", "<a href='http://3405803785/'>x</a>", TRAIT_ADDRESS_HOST | TRAIT_ODD_NUMBER, 0},
    {"figures in a name", "<a href='http://203-0-113-9.shop.com/'>x</a>", 0, TRAIT_ADDRESS_HOST | TRAIT_ODD_NUMBER},
    {"user name that is a host", "<a href='https://www.shop.com@evil.example.net/'>x</a>", TRAIT_USERINFO | TRAIT_USERINFO_HOST, 0},
    {"user name", "<a href='https://anna:secret@evil.example.net/'>x</a>", TRAIT_USERINFO, TRAIT_USERINFO_HOST},
    {"at sign in the path", "<a href='https://shop.com/@anna'>x</a>", 0, TRAIT_USERINFO},
    {"port", "<a href='https://shop.com:8443/'>x</a>", TRAIT_PORT, 0},
    {"the scheme's own port", "<a href='https://shop.com:443/'>x</a>", 0, TRAIT_PORT},
    {"recipient in the query", "<a href='https://shop.com/?e=bob%40here.example'>x</a>", TRAIT_RECIPIENT, TRAIT_RECIPIENT_FRAGMENT},
    {"recipient behind #", "<a href='https://shop.com/#bob@here.example'>x</a>", TRAIT_RECIPIENT | TRAIT_RECIPIENT_FRAGMENT, 0},
    {"recipient in base64", "<a href='https://shop.com/#Ym9iQGhlcmUuZXhhbXBsZQ=='>x</a>", TRAIT_RECIPIENT_FRAGMENT, 0},
    {"recipient in base64 after other letters", "<a href='https://shop.com/?d=eHg6Ym9iQGhlcmUuZXhhbXBsZQ=='>x</a>", TRAIT_RECIPIENT, 0},
    {"recipient in hexadecimal", "<a href='https://shop.com/626f6240686572652e6578616d706c65'>x</a>", TRAIT_RECIPIENT, 0},
    {"anybody's address", "<a href='https://shop.com/r/anna.berg%40other.example.net'>x</a>", TRAIT_ADDRESS_INSIDE, TRAIT_RECIPIENT},
    {"anybody's address in base64", "<a href='https://shop.com/?d=YW5uYS5iZXJnQG90aGVyLmV4YW1wbGUubmV0'>x</a>", TRAIT_ADDRESS_INSIDE, 0},
    {"anybody's address in hexadecimal", "<a href='https://shop.com/l?id=322c616e6e61406f746865722e6e65742c31'>x</a>", TRAIT_ADDRESS_INSIDE, 0},
    {"sent on to another's page", "<a href='https://shop.com/out?to=https%3A%2F%2Fevil.example.net%2Fa'>x</a>", TRAIT_LINK_INSIDE, 0},
    {"sent on to its own page", "<a href='https://shop.com/out?to=https%3A%2F%2Fwww.shop.com%2Fa'>x</a>", 0, TRAIT_LINK_INSIDE},
    {"a page of a user", "<a href='https://shop.com/@anna.berg/first.post'>x</a>", 0, TRAIT_ADDRESS_INSIDE},
    {"a version", "<a href='https://shop.com/pkg/react@18.2.0/index.js'>x</a>", 0, TRAIT_ADDRESS_INSIDE},
    {"a token", "<a href='https://shop.com/c?q=aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF'>x</a>", 0, TRAIT_ADDRESS_INSIDE},
    {"an ordinary fragment", "<a href='https://shop.com/#chapter-2.1'>x</a>", 0, TRAIT_RECIPIENT | TRAIT_RECIPIENT_FRAGMENT},
    {"a room behind #", "<a href='https://matrix.to/#/@anna:shop.com'>x</a>", 0, TRAIT_RECIPIENT_FRAGMENT},
    {"data page", "<a href='data:text/html,hello'>x</a>", TRAIT_DATA, 0},
    {"script", "<a href='javascript:go()'>x</a>", TRAIT_SCRIPT, 0},
    {"kit path", "<a href='https://evil.example.net/aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF'>x</a>", TRAIT_KIT_PATH, 0},
    {"kit path of a mail service", "<a href='https://links.mjt.lu/aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF'>x</a>", 0, TRAIT_KIT_PATH},
    {"a title as a path", "<a href='https://shop.com/how-we-made-the-best-cheese-of-2024'>x</a>", 0, TRAIT_KIT_PATH},
    {"a token in the query", "<a href='https://shop.com/c?q=aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF'>x</a>", 0, TRAIT_KIT_PATH},
    {"page in a bucket", "<a href='https://storage.googleapis.com/b/index.html#x'>x</a>", TRAIT_PAGE_FILE, 0},
    {"picture in a bucket", "<a href='https://storage.googleapis.com/b/a.png'>x</a>", 0, TRAIT_PAGE_FILE},
    {"page of a site", "<a href='https://shop.com/index.html'>x</a>", 0, TRAIT_PAGE_FILE},
    {"program", "<a href='https://shop.com/setup.exe?x=1'>x</a>", TRAIT_DOWNLOAD, 0},
    {"host that ends like a program", "<a href='https://shop.com/'>setup.exe</a>", 0, TRAIT_DOWNLOAD},
    {"punycode", "<a href='https://xn--bcher-kva.com/'>x</a>", TRAIT_PUNYCODE, 0},
    {"deep host", "<a href='https://a.b.c.d.e.shop.com/'>x</a>", TRAIT_DEEP_HOST, 0},
    {"host of three labels", "<a href='https://www.shop.co.uk/'>x</a>", 0, TRAIT_DEEP_HOST | TRAIT_PRIVATE_SUFFIX},
    {"customer of a hoster", "<a href='https://anna.github.io/'>x</a>", TRAIT_PRIVATE_SUFFIX, 0},
    {"the hoster", "<a href='https://github.io/'>x</a>", 0, TRAIT_PRIVATE_SUFFIX},
    {"machinery of WordPress", "<a href='https://shop.com/wp-includes/js/login/'>x</a>", TRAIT_WORDPRESS, 0},
    {"a picture among uploads", "<a href='https://shop.com/wp-content/uploads/2024/a.pdf'>x</a>", 0, TRAIT_WORDPRESS},
    {"a page among uploads", "<a href='https://shop.com/wp-content/uploads/2024/a.html'>x</a>", TRAIT_WORDPRESS, 0},
    {"field of a template", "<a href='https://shop.com/?u={{link}}'>x</a>", TRAIT_TOKEN_EMPTY, 0},
    {"braces without a name", "<a href='https://shop.com/?u={{%7B}}'>x</a>", 0, TRAIT_TOKEN_EMPTY},
    {"slashes written backwards", "<a href='https:\\\\shop.com/a'>x</a>", TRAIT_BACKSLASH, 0},
    {"one slash", "<a href='https:/shop.com/a'>x</a>", TRAIT_BACKSLASH, 0},
    {"two slashes", "<a href='HTTPS://shop.com/a'>x</a>", 0, TRAIT_BACKSLASH},
};

static void each_trait(void **state)
{
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
        struct links_reading r;
        read_links(&r, "text/html", traits[i].html);
        unsigned seen = 0;
        vec_each (fact, &r.links.list)
            seen |= fact->clickable ? fact->traits : 0;
        if ((seen & traits[i].traits) != traits[i].traits || (seen & traits[i].not_traits))
            fail_msg("%s: traits %x, wanted %x and not %x", traits[i].name, seen, traits[i].traits, traits[i].not_traits);
        assert_int_equal(seen, r.links.traits);
        read_done(&r);
    }
}

/* ---- kinds and owners */
static const struct {
    const char *url;
    unsigned kinds;
    const char *owner;
} owners[] = {
    {"https://contoso-my.sharepoint.com/:b:/g/personal/anna", HOST_SHARE, "contoso"},
    {"https://contoso.sharepoint.com/sites/a", HOST_SHARE, "contoso"},
    {"https://contoso.app.box.com/s/1", HOST_SHARE, "contoso"},
    {"https://contoso.box.com/s/1", HOST_SHARE, "contoso"},
    {"https://app.box.com/s/1", HOST_SHARE, ""},
    {"https://docs.google.com/a/shop.com/document/d/1", HOST_SHARE, "shop.com"},
    {"https://docs.google.com/document/d/1", HOST_SHARE, ""},
    {"https://docs.google.com/forms/d/e/1/viewform", HOST_FORM, ""},
    {"https://anna.weebly.com/", HOST_FREE_PAGES, "anna"},
    {"https://shop.com/", 0, ""},
};

static void each_owner(void **state)
{
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        struct links_reading r;
        read_links(&r, "text/plain", owners[i].url);
        assert_int_equal(r.links.list.len, 1);
        assert_int_equal(r.links.list.at[0].kinds, owners[i].kinds);
        assert_span(r.links.list.at[0].owner, owners[i].owner);
        read_done(&r);
    }
}

/* ---- which link the mail is for */
static const struct {
    const char *name, *html, *host; /* NULL: none */
} mains[] = {
    {"the button, not the home page", "<a href='https://shop.com/'>Shop</a> <a href='https://pay.example.net/x'>Sign in</a> <a href='https://shop.com/help'>Help</a>", "pay.example.net"},
    {"not the way out", "<a href='https://out.example.net/unsubscribe?e=1'>unsubscribe</a> <a href='https://shop.com/a'>A title</a>", "shop.com"},
    {"not the way out in Japanese", "<a href='https://out.example.net/1'>配信停止はこちら</a> <a href='https://shop.com/a'>詳しく</a>", "shop.com"},
    {"not social networks", "<a href='https://www.facebook.com/shop'>Facebook</a> <a href='https://shop.com/a'>Shop</a>", "shop.com"},
    {"the earliest of equals", "<a href='https://a.example.net/'>One</a> <a href='https://b.example.net/'>Two</a>", "a.example.net"},
    {"most often", "<a href='https://a.example.net/'>One</a> <a href='https://b.example.net/1'>Two</a> <a href='https://b.example.net/2'>Three</a>", "b.example.net"},
    {"a form", "<a href='https://a.example.net/'>One</a><form action='https://b.example.net/go'><input></form>", "b.example.net"},
    {"hidden is no main link", "<div style='display:none'><a href='https://a.example.net/'>One</a></div>", NULL},
    {"only ways out", "<a href='https://out.example.net/unsubscribe'>unsubscribe</a>", "out.example.net"},
    {"pictures are no links", "<img src='https://a.example.net/a.png'>", NULL},
};

static void each_main(void **state)
{
    for (size_t i = 0; i < sizeof mains / sizeof *mains; i++) {
        struct links_reading r;
        read_links(&r, "text/html", mains[i].html);
        if (!!r.links.main != !!mains[i].host || (mains[i].host && !span_eq(r.links.main->host, span_of(mains[i].host))))
            fail_msg("%s: %.*s", mains[i].name, r.links.main ? (int)r.links.main->host.len : 0, r.links.main ? r.links.main->host.at : "");
        read_done(&r);
    }
}

/* ---- all of them together */
static void of_all(void **state)
{
    struct links_reading r;
    read_links(&r, "text/html", "<a href='https://shop.com/a'><img src='https://shop.com/1.png'></a><a href='https://shop.com/a'><img src='https://shop.com/2.png' alt='two'></a>"
                                "<a href='mailto:help@Shop.com?subject=x'>m</a><a href='tel:+15550100'>t</a>");
    assert_true(r.links.all_images && r.links.one_target);
    assert_int_equal(r.links.clickable, 1);
    assert_int_equal(r.links.images, 2);
    assert_int_equal(r.links.telephone, 1);
    assert_int_equal(r.links.mailto, 1);
    assert_span(r.links.mailto_hosts.at[0], "shop.com");
    read_done(&r);
    read_links(&r, "text/html", "<a href='https://shop.com/a'><img src='https://shop.com/1.png'></a><a href='https://shop.org/a'>words</a>");
    assert_false(r.links.all_images || r.links.one_target);
    assert_int_equal(r.links.organisations, 2);
    read_done(&r);
    read_links(&r, "text/plain", "one https://shop.com/a only");
    assert_false(r.links.one_target);
    assert_int_equal(r.links.list.len, 1);
    read_done(&r);
}

static const struct {
    const char *name, *one, *other;
    bool same;
} shapes[] = {
    {"random letters", "https://evil.example.net/a/x1Y2z3A4b5C6d7", "https://evil.example.net/a/p9Q8r7S6t5U4v3", true},
    {"other hosts", "https://evil.example.net/a/x1Y2z3A4b5C6d7", "https://evil.example.org/a/p9Q8r7S6t5U4v3", false},
    {"words", "https://shop.com/spring/collection", "https://shop.com/summer/collection", false},
    {"a mail service's counter", "https://x.mjt.lu/a/x1Y2z3A4b5C6d7", "https://x.mjt.lu/a/p9Q8r7S6t5U4v3", false},
    {"the same link", "https://evil.example.net/a/x1Y2z3A4b5C6d7", "https://evil.example.net/a/x1Y2z3A4b5C6d7", false},
};

static void each_shape(void **state)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct links_reading r;
        char html[400];
        snprintf(html, sizeof html, "<a href='%s'>one</a> <a href='%s'>two</a>", shapes[i].one, shapes[i].other);
        read_links(&r, "text/html", html);
        if (r.links.same_shape_twice != shapes[i].same)
            fail_msg("%s", shapes[i].name);
        read_done(&r);
    }
}

/* Of two alternatives the page is what a person sees. */
static void plain_alternative(void **state)
{
    static const char both[] = "--x\nContent-Type: text/plain\n\nhttps://plain.example.net/ here\n--x\nContent-Type: text/html\n\n"
                               "<a href='https://shop.com/'><img src='https://shop.com/1.png'></a>\n--x--\n";
    struct links_reading r;
    read_links(&r, "multipart/alternative; boundary=x", both);
    assert_true(r.links.all_images);
    assert_int_equal(r.links.clickable, 2);
    assert_span(r.links.main->host, "shop.com");
    read_done(&r);
    read_links(&r, "multipart/mixed; boundary=x", both);
    assert_false(r.links.all_images);
    read_done(&r);
}

/* ---- without lists, and hostile */
static void without_tables(void **state)
{
    struct links_reading r;
    read_links(&r, "text/html", "<a href='https://www.google.com/url?q=https://shop.com/'>www.shop.com</a>");
    content_links_read(r.arena, NULL, NULL, &r.message, &r.links);
    assert_int_equal(r.links.list.len, 1);
    assert_int_equal(r.links.list.at[0].kinds, 0);
    assert_int_equal(r.links.traits, 0);
    read_done(&r);
}

/* Long and many: ends within the arena, and nothing is lost that the limits do not name. */
static void hostile(void **state)
{
    struct arena *arena = arena_new((size_t)64 << 20);
    struct buf html = {.arena = arena};
    buf_add(&html, S("<a href='https://shop.com/"));
    for (int i = 0; i < 20000; i++)
        buf_add(&html, S("aHR0cA%2f**{{"));
    buf_add(&html, S("'>www.other.com</a>"));
    for (int i = 0; i < 1500; i++)
        buf_print(&html, "<a href='https://h%d.example.net/x1Y2z3A4b5C6d7%d#bob@here.example'>t%d</a>", i, i, i);
    struct links_reading r;
    read_links(&r, "text/html", arena_copy(arena, buf_span(&html)).at);
    assert_int_equal(r.links.clickable, 1501);
    assert_true(r.links.list.at[0].traits & TRAIT_TEXT_DIFFERS);
    read_done(&r);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_redirect), cmocka_unit_test(redirects_end), cmocka_unit_test(each_trait), cmocka_unit_test(each_owner),
        cmocka_unit_test(each_main), cmocka_unit_test(of_all), cmocka_unit_test(each_shape), cmocka_unit_test(plain_alternative), cmocka_unit_test(without_tables),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, lists_open, lists_close);
}
