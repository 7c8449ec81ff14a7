/* One bad file for every kind of fault, and the sentence that tells it: line, key and remedy. */
#include "world.h"

/* What was said, FOLDER for the test's own; without warnings unless they are what is looked for. */
static struct span told(struct arena *arena, const struct faults *faults, bool warnings)
{
    struct buf out = {.arena = arena};
    vec_each(fault, &faults->list) {
        if (fault->warning != warnings)
            continue;
        fault_tell(&out, fault);
    }
    return buf_span(&out);
}

#define ORGANISATION "organisations:\n  - id: one\n    name: One\n    domains: [one.example]\n"
#define LISTENER "listeners:\n  - name: http\n    address: 127.0.0.1:80\n"
static const struct {
    const char *yaml, *said;
} rows[] = {
    /* the form of the file */
    {"a: [1\n", "2 : is no YAML: did not find expected ',' or ']'"},
    {"dns:\n\toffline: no\n", "2 : is no YAML here or right below: lines are indented by spaces, never by tabs"},
    {"organisations:\n  - id: one\n    domains: [@one.example]\n", "3 : is no YAML: what begins with @ stands in quotes, like \"@name\""},
    {"organisations:\n  - id: one\n    name: \"\xe6\x97\xa5\"\n    domains: [*.one.example]\n", "4 : is no YAML: what begins with * stands in quotes, like \"*name\""},
    {"listeners:\n  - name: http\n    address: inet:127.0.0.1:7780\n", "3 listeners[1].address: \"inet:127.0.0.1:7780\" is how a mail server writes it; write it without inet:, like 127.0.0.1:7780"},
    {"- a\n", "1 : wants keys with values, as in key: value"},
    {"dns: &x\n  offline: no\n", "1 : an anchor (&name) is not taken here; write the value where it is wanted"},
    {"log:\n  level: !secret x\n", "2 : a tag (!name) is not taken here; write the value alone, in quotes if need be"},
    {"log:\n  level: \"!secret\"\n", "2 log.level: \"!secret\" is not one of: error, warning, notice, info, debug"},
    {"log:\n  level: *x\n", "2 : an alias (*name) is not taken here; write the value out"},
    /* keys */
    {"colour: red\n", "1 colour: is no key; sekimori.conf(5) has them all"},
    {"dns:\n  severs: [192.0.2.1]\n", "2 dns.severs: is no key; did you mean \"servers\"?"},
    {"dsn:\n  offline: no\n", "1 dsn: is no key; did you mean \"dns\"?"},
    {"offline: no\n", "1 offline: does not belong here; it stands at dns: offline"},
    {"address: unix:/x\n", "1 address: does not belong here; it stands at listeners: - address"},
    {ORGANISATION "    prior: 1 %\n", "5 organisations[1].prior: does not belong here; it stands at verdict: prior"},
    {ORGANISATION "    people:\n      - {name: A, tittle: B}\n", "6 organisations[1].people[1].tittle: is no key; did you mean \"title\"?"},
    {"limits:\n  part: 3\n", "2 limits.part: is no key; did you mean \"parts\"?"},
    {"log:\n  level: info\n  level: debug\n", "3 log.level: stands twice, in line 2 too; keep one of them"},
    {"log:\n  level: info\ndns:\n  offline: no\nlog:\n  file: x\n", "5 log: stands twice, in line 1 too; keep one of them"},
    {"organisations:\n  - id: one\n    domains: [one.example]\n", "2 organisations[1].name: is missing; write name: and its value"},
    {"listeners:\n  - name: http\n", "2 listeners[1].address: is missing; write address: and its value"},
    /* shapes */
    {"log:\n  level:\n", "2 log.level: has no value; write one, or take the line out"},
    {"log: info\n", "1 log: wants keys below it, as in key: value"},
    {"log:\n  level: [info]\n", "2 log.level: wants a single value"},
    {"trust:\n  hosts: mx.example.com\n", "2 trust.hosts: wants a list: write [value, value]"},
    {"trust:\n  hosts: [[mx.example.com]]\n", "2 trust.hosts[1]: wants a single value"},
    {"listeners:\n  name: http\n", "1 listeners: wants a list, each of it behind a dash: - key: value"},
    {"organisations:\n  - one\n  - id: one\n    name: One\n", "2 organisations[1]: wants keys with values, as in `- name: value`\n"
     "3 organisations[2].domains: is empty: nothing would be this organisation's; name its domains here or in people_file"},
    {"dns:\n  block_lists: [x]\n", "2 dns.block_lists[1]: wants keys with values, as in `- key: value`"},
    {"listeners:\n  - http\n", "2 listeners[1]: wants keys with values, as in `- name: value`"},
    /* values */
    {"dns:\n  deadline: 3\n", "2 dns.deadline: \"3\" has no unit; write it like 30 s (ms, s, min, h, d)"},
    {"dns:\n  deadline: 2 h\n", "2 dns.deadline: \"2 h\" is out of range; it may be from 100 ms to 1 min"},
    {"keep:\n  records: 5400500 ms\n", "2 keep.records: \"5400500 ms\" is counted in whole seconds"},
    {"hold:\n  bytes: 100000000\n", "2 hold.bytes: \"100000000\" has no unit; write it like 64 MiB (B, KiB, MiB, GiB, TiB)"},
    {"hold:\n  bytes: 1 KiB\n", "2 hold.bytes: \"1 KiB\" is out of range; it may be from 1 MiB to 1024 TiB"},
    {"judges:\n  number: 257\n", "2 judges.number: \"257\" is no number from 0 to 256"},
    {"limits:\n  message_bytes: 64\n", "2 limits.message_bytes: \"64\" has no unit; write it like 64 MiB (B, KiB, MiB, GiB, TiB)"},
    {"limits:\n  parts: 2 GiB\n", "2 limits.parts: \"2 GiB\" is no number from 1 to 1073741824"},
    {"verdict:\n  prior: 0.5\n", "2 verdict.prior: \"0.5\" has no unit; write it like 0.5 %"},
    {"verdict:\n  prior: 120 %\n", "2 verdict.prior: \"120 %\" is out of range; a share is more than 0 % and less than 100 %"},
    {ORGANISATION "    malicious: 101\n", "5 organisations[1].malicious: \"101\" is no score; write a number from 0 to 100"},
    {"trust:\n  preset: exchange\n", "2 trust.preset: \"exchange\" is not one of: none, postfix, m365, google"},
    {"dns:\n  offline: perhaps\n", "2 dns.offline: \"perhaps\" is neither yes nor no"},
    {"trust:\n  networks: [192.0.2.0/24, 192.0.2.0/33]\n", "2 trust.networks[2]: \"192.0.2.0/33\" is no network such as 192.0.2.0/24"},
    {"trust:\n  hosts: ['*.example.com']\n", "2 trust.hosts[1]: \"*.example.com\" is no name; x.example stands for what is under it too"},
    {"trust:\n  authserv: [a b]\n", "2 trust.authserv[1]: \"a b\" is no name; write one word, without blanks and *"},
    {"dns:\n  servers: [resolver.example.com]\n",
     "2 dns.servers[1]: \"resolver.example.com\" has no address of a host; write it in figures, like 127.0.0.1, for no name but localhost is asked for here"},
    {"dns:\n  servers: ['unix:/run/dns']\n", "2 dns.servers[1]: \"unix:/run/dns\" is no resolver; write its address, like 192.0.2.53"},
    {"listeners:\n  - {name: http, address: 127.0.0.1}\n",
     "2 listeners[1].address: \"127.0.0.1\" names no port: write it like 127.0.0.1:7780, [::1]:7780 or unix:/run/sekimori/http.sock"},
    {"listeners:\n  - {name: http, address: 'unix:/x', kind: smtp}\n", "2 listeners[1].kind: \"smtp\" is not one of: http, milter, spamc, links"},
    {"organisations:\n  - {id: One, name: One, domains: [one.example]}\n",
     "2 organisations[1].id: \"One\" is no id: write up to 32 of the letters a to z, figures and -"},
    {"organisations:\n  - {id: one, name: One, domains: [one]}\n",
     "2 organisations[1].domains[1]: \"one\" is no domain: write it like example.com; what is under it is meant too"},
    {"organisations:\n  - {id: one, name: '', domains: [one.example]}\n", "2 organisations[1].name: is empty; write something, or take the line out"},
    {ORGANISATION "    people:\n      - {name: A, addresses: [a]}\n",
     "6 organisations[1].people[1].addresses[1]: \"a\" is no address: write it like taro@example.com"},
    /* paths */
    {"dns:\n  zone: none.zone\n", "2 dns.zone: FOLDER/none.zone: No such file or directory; name a file that is there, or take the line out"},
    {"tables:\n  lists: none\n", "2 tables.lists: FOLDER/none: No such file or directory; name a folder that is there, or take the line out"},
    {"dns:\n  zone: data\n", "2 dns.zone: FOLDER/data is a folder where a file is wanted"},
    {"tables:\n  folder: dns.zone\n", "2 tables.folder: FOLDER/dns.zone is a file where a folder is wanted"},
    {"dns:\n  zone: /dev/null\n", "2 dns.zone: /dev/null is no regular file"},
    {"dns:\n  zone: ''\n", "2 dns.zone: is empty; write a path, or take the line out"},
    {"store:\n  path: dns.zone/a/b.db\n", "2 store.path: FOLDER/dns.zone/a/b.db cannot be made, for FOLDER/dns.zone is no folder"},
    {"keys:\n  folder: open\n",
     "2 keys.folder: FOLDER/open holds secrets and others than its owner may look into it: chmod 700 FOLDER/open"},
    {LISTENER "    tokens: open.tokens\n",
     "4 listeners[1].tokens: FOLDER/open.tokens holds secrets and every user of this machine may read it: chmod o= FOLDER/open.tokens"},
    {LISTENER "    tokens: no.tokens\n", "4 listeners[1].tokens: FOLDER/no.tokens holds no token; write one a line, such as `openssl rand -hex 24` prints"},
    {LISTENER "    tokens: short.tokens\n",
     "4 listeners[1].tokens: FOLDER/short.tokens:2: a token of 5 characters is soon guessed; write 16 or more"},
    /* what the files hold */
    {"dns:\n  zone: bad.zone\n", "2 dns.zone: FOLDER/bad.zone:1: no name stands before this line; begin it with one: \"IN\""},
    {"relay:\n  customers: bad.yaml\n", "2 relay.customers: FOLDER/bad.yaml:1: unknown key \"nothing\""},
    {ORGANISATION "    people_file: bad.yaml\n", "5 organisations[1].people_file: FOLDER/bad.yaml:1: unknown key \"nothing\""},
    {"tables:\n  weights: bad.yaml\n",
     "2 tables.weights: FOLDER/bad.yaml:1: is no row of nine columns (evidence, weight, low, high, bad_fired, bad, honest_fired, honest, basis); "
     "write the file with `sekimori fit`"},
    {"tables:\n  lists: lists\n",
     "2 tables.lists: FOLDER/lists/colours.yaml: is the name of no list; they are brands.yaml, hosts.yaml, redirectors.yaml, lures.yaml, "
     "file-kinds.yaml and name-words.yaml"},
    {"tables:\n  folder: lists\n",
     "2 tables.folder: FOLDER/lists/services.yaml: the tables are not there (No such file or directory); name their folder by --data or SEKIMORI_DATA"},
    /* one against another */
    {ORGANISATION "    suspicious: 95\n", "5 organisations[1].suspicious: suspicious (95) must lie below malicious (90); raise malicious or lower suspicious"},
    {ORGANISATION "    malicious: 6\n", "5 organisations[1].malicious: suspicious (6) must lie below malicious (6); raise malicious or lower suspicious"},
    {"arc:\n  domain: one.example\n", "2 arc.domain: an ARC set has both a domain and a selector; write arc.domain and arc.selector"},
    {"trust:\n  own_authserv: mx\narc:\n  domain: one.example\n  selector: a;b\n", "5 arc.selector: a;b of one.example is nothing that a key can be published under; write them as sekimori key list shows them"},
    {"arc:\n  selector: a\n", "2 arc.selector: an ARC set has both a domain and a selector; write arc.domain and arc.selector"},
    {"arc:\n  domain: one.example\n  selector: a\n", "2 arc.domain: an ARC set says who verified the message; write trust.own_authserv"},
    {ORGANISATION "    digest: ask\nhold:\n  release_to: 127.0.0.1:10026\nlinks:\n  base_url: https://mail.example.com/l\nlisteners:\n"
                  "  - name: pages\n    kind: links\n    address: 127.0.0.1:81\n",
     "5 organisations[1].digest: a digest comes from somebody and goes somewhere; write hold.digest_sender and hold.release_to, or digest: no"},
    {ORGANISATION "    digest: release\nhold:\n  release_to: 127.0.0.1:10026\n  digest_sender: a@one.example\nlinks:\n  base_url: https://mail.example.com/l\n" LISTENER,
     "5 organisations[1].digest: a digest's links lead to pages of ours; write links.base_url and a listener of kind: links, or digest: no"},
    {"hold:\n  release_to: \"*:10026\"\n", "2 hold.release_to: *:10026 is every address of the machine; write the one on which the mail server listens"},
    {LISTENER "hold:\n  release_to: 127.0.0.1:80\n", "5 hold.release_to: 127.0.0.1:80 is where \"http\" of ours listens; released mail goes to the mail server"},
    {"hold:\n  release_to: 127.0.0.1:10026\n  release_name: mx.example.com\n", "3 hold.release_name: nobody looks at a certificate but with release_tls: must"},
    {"hold:\n  release_to: 192.0.2.1:26\n  release_tls: no\n  release_ca: dns.zone\n", "4 hold.release_ca: nobody looks at a certificate but with release_tls: must"},
    {"hold:\n  release_to: unix:/release\n  release_tls: must\n", "3 hold.release_tls: unix:/release is a unix socket, where there is no TLS; take the line out"},
    {"notify:\n  - {name: release, webhook: 'http://127.0.0.1/x'}\n", "2 notify[1].name: \"release\" is a name under which mail of ours leaves; take another"},
    {ORGANISATION "    mode: confirm\n", "5 organisations[1].mode: confirm holds messages until somebody agrees, and lets them go by hold.release_to, which is missing; name a listener of the mail server that filters nothing (RELEASE in sekimori(1)), or write passive"},
    {ORGANISATION "    unjudged: hold\n",
     "5 organisations[1].unjudged: hold contradicts mode: passive, which holds nothing; write pass, or change the mode"},
    {ORGANISATION "  - id: one\n    name: Two\n    domains: [two.example]\n", "5 organisations[2].id: \"one\" is the id of two organisations; each has its own"},
    {ORGANISATION "  - id: two\n    name: Two\n    domains: [two.example, One.example]\n",
     "7 organisations[2].domains: \"one.example\" is a domain of organisation \"one\" already; a domain belongs to one"},
    {"organisations:\n  - {id: one, name: One, domains: [one.example, one.example]}\n",
     "2 organisations[1].domains: \"one.example\" stands twice; take one of them out"},
    {"organisations:\n  - {id: one, name: One}\n",
     "2 organisations[1].domains: is empty: nothing would be this organisation's; name its domains here or in people_file"},
    {"organisations:\n  - {id: one, name: One, people_file: nobody.yaml}\n",
     "2 organisations[1].people_file: FOLDER/nobody.yaml names no own_domains, and none stand here: nothing would be this organisation's"},
    {LISTENER "  - name: http\n    address: 127.0.0.1:81\n", "4 listeners[2].name: \"http\" is the name of two listeners; each has its own"},
    {LISTENER "  - name: again\n    address: localhost:80\n", "5 listeners[2].address: localhost:80 is where \"http\" listens already; take another port"},
    {LISTENER "  - name: all\n    address: '*:80'\n    tokens: good.tokens\n", "5 listeners[2].address: *:80 is where \"http\" listens already; take another port"},
    {"listeners:\n  - name: http\n    address: 192.0.2.1:80\n",
     "3 listeners[1].address: 192.0.2.1:80 is reached from other machines, and nobody would be asked for a token; name a file of tokens (tokens:), or "
     "listen on 127.0.0.1, [::1] or unix:/path"},
    {"listeners:\n  - name: milter\n    kind: milter\n    address: 127.0.0.1:80\n    tokens: good.tokens\n",
     "5 listeners[1].tokens: a mail server shows no token; take the line out, and let nobody but mail servers reach 127.0.0.1:80"},
    {"listeners:\n  - name: links\n    kind: links\n    address: 127.0.0.1:80\n    tokens: good.tokens\n",
     "5 listeners[1].tokens: readers show no token; take the line out"},
    {"notify:\n  - name: desk\n    webhook: http://127.0.0.1/x\n    when: {appeals: only, directions: [inbound]}\n",
     "4 notify[1].when.appeals: only contradicts unjudged, tags, evidence and directions, which nobody asks of what readers ask for; take them out, or write also"},
    {LISTENER "    group: root\n", "4 listeners[1].group: is of a socket that is a file (unix:/path); 127.0.0.1:80 has no group"},
    {"listeners:\n  - name: milter\n    address: unix:/run/x.sock\n    group: none-of-that-name\n",
     "4 listeners[1].group: there is no group \"none-of-that-name\"; is the mail server installed?"},
    {LISTENER "    networks: [192.0.2.0/24]\n", "4 listeners[1].networks: are those of clients whose mail leaves or stays; what comes in at \"http\" is inbound, "
     "whoever hands it in: take the line out, or change the direction"},
    {LISTENER "    organisation: two\n", "4 listeners[1].organisation: \"two\" is the id of no organisation of this file"},
    {"dns:\n  deadline: 10 s\njudges:\n  deadline: 5 s\n",
     "2 dns.deadline: one name (dns: deadline) may not take longer than all of a message together (judges: deadline)"},
    {"judges:\n  deadline: 2 s\n", "2 judges.deadline: one name (dns: deadline) may not take longer than all of a message together (judges: deadline)"},
    {"dns:\n  offline: yes\n  zone: dns.zone\n", "2 dns.offline: contradicts zone: give one of them; a zone asks no network either"},
    {"dns:\n  servers: [192.0.2.1]\n  resolv_conf: dns.zone\n", "3 dns.resolv_conf: contradicts servers: give one of them"},
    {"dns:\n  block_lists:\n    - zone: list.example\n",
     "3 dns.block_lists[1].codes: is empty: whatever the list answers would mean nothing; write its codes and their evidence"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: listed, evidence: client-listed-spam}]\n",
     "4 dns.block_lists[1].codes[1].code: \"listed\" is no answer such as 127.0.0.2, nor a network of answers such as 127.0.0.0/24, nor bits of one such as "
     "\"127.0.0.0/24 & 8\""},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.0.0.0/24 & 0, evidence: client-listed-spam}]\n", 
     "4 dns.block_lists[1].codes[1].code: \"127.0.0.0/24 & 0\" is no answer such as 127.0.0.2, nor a network of answers such as 127.0.0.0/24, nor bits of one such as "
     "\"127.0.0.0/24 & 8\""},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 192.0.2.7, evidence: client-listed-spam}]\n",
     "4 dns.block_lists[1].codes[1].code: \"192.0.2.7\" lists nothing: answers that do lie in 127.0.0.0/8 (RFC 5782), and with 127.0.0.1 and 127.255.255.x a "
     "list only refuses to answer"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.255.255.254, evidence: client-listed-spam}]\n",
     "4 dns.block_lists[1].codes[1].code: \"127.255.255.254\" lists nothing: answers that do lie in 127.0.0.0/8 (RFC 5782), and with 127.0.0.1 and 127.255.255.x a "
     "list only refuses to answer"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.0.0.1, evidence: client-listed-spam}]\n",
     "4 dns.block_lists[1].codes[1].code: \"127.0.0.1\" lists nothing: answers that do lie in 127.0.0.0/8 (RFC 5782), and with 127.0.0.1 and 127.255.255.x a "
     "list only refuses to answer"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.0.0.2, evidence: from-twice}]\n",
     "4 dns.block_lists[1].codes[1].evidence: \"from-twice\" is nothing that a list can say which is asked about the client; take one of: client-listed-spam, "
     "client-listed-exploited, client-listed-policy, client-listed-poor, client-welcomed"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      asks: links\n      codes: [{code: 127.0.0.2, evidence: domain-listed-spam}]\n",
     "5 dns.block_lists[1].codes[1].evidence: \"domain-listed-spam\" is nothing that a list can say which is asked about the links; take one of: "
     "link-listed-spam, link-listed-phish, link-listed-malware, link-listed-abused, link-listed-new"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.0.0.2, evidence: client-listed-spam}]\n"
     "    - zone: LIST.example\n      codes: [{code: 127.0.0.3, evidence: client-listed-spam}]\n",
     "5 dns.block_lists[2].zone: \"list.example\" is asked about the client twice; put all its codes into one"},
    {"dns:\n  block_lists:\n    - zone: list.example\n      codes: [{code: 127.0.0.2, evidence: from-thrice}]\n",
     "4 dns.block_lists[1].codes[1].evidence: \"from-thrice\" is no evidence; a list that is asked about the client can say: client-listed-spam, "
     "client-listed-exploited, client-listed-policy, client-listed-poor, client-welcomed"},
    {"keep:\n  records: 1 d\n  outcomes: 1 d\n  outbox: 1 d\n", 
     "2 keep.records: hold may not be longer than records, for nothing is kept longer than the record it belongs to"},
    {"hold:\n  folder: both\nkeys:\n  folder: both\n",
     "2 hold.folder: is the folder of the keys too (keys: folder); they lie by themselves, for nobody but the signer reads them"},
    {"run:\n  user: nobody-of-that-name\n", "2 run.user: there is no user \"nobody-of-that-name\"; make it: adduser --system --group nobody-of-that-name"},
    {"run:\n  group: none-of-that-name\n", "2 run.group: there is no group \"none-of-that-name\"; make it: addgroup --system none-of-that-name"},
};

static void files_put(void)
{
    file_put("dns.zone", "$ORIGIN example.\n@ 3600 IN A 192.0.2.1\n");
    file_put("bad.zone", "   IN A 192.0.2.1\n");
    file_put("bad.yaml", "nothing: [x]\n");
    file_put("nobody.yaml", "partners: [two.example]\n");
    file_put("open.tokens", "0123456789abcdef\n");
    chmod(file_path("open.tokens"), 0644);
    file_put("no.tokens", "# none yet\n\n");
    file_put("short.tokens", "# two\nshort\n0123456789abcdef\n");
    file_put("good.tokens", "0123456789abcdef\n");
    chmod(file_path("no.tokens"), 0640);
    chmod(file_path("short.tokens"), 0640);
    chmod(file_path("good.tokens"), 0640);
    mkdir(file_path("open"), 0755);
    chmod(file_path("open"), 0755);
    mkdir(file_path("lists"), 0755);
    file_put("lists/colours.yaml", "colours: []\n");
}

static void every_fault_has_its_sentence(void **state)
{
    unsigned failed = 0;
    files_put();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct faults faults;
        struct generation *generation = load(rows[i].yaml, &faults);
        struct span said = told(faults.arena, &faults, false);
        if (!span_eq(said, span_of(rows[i].said))) {
            print_message("row %zu:\n got    %.*s\n wanted %s\n", i, SPAN_FMT(said), rows[i].said);
            failed++;
        }
        generation_free(&generation);
        faults_end(&faults);
    }
    if (failed)
        fail_msg("%u of %zu", failed, sizeof rows / sizeof *rows);
}

/* What lies beside a fault and is none. */
static void near_misses_load(void **state)
{
    static const char *const good[] = {
        ORGANISATION "    people:\n      - {name: A, addresses: [a@elsewhere.example]}\n",
        ORGANISATION "  - {id: two, name: Two, domains: [two.one.example, someone.example]}\n",
        ORGANISATION "    digest: ask\nhold: {release_to: '127.0.0.1:10026', digest_sender: a@one.example}\nlinks: {base_url: 'https://mail.example.com/l'}\n"
                     "listeners:\n  - {name: pages, kind: links, address: '127.0.0.1:81'}\n",
        LISTENER "hold: {release_to: '127.0.0.1:81'}\n", "hold: {release_to: 'unix:/release'}\n", "notify:\n  - {name: releases, webhook: 'http://127.0.0.1/x'}\n",
        ORGANISATION "    mode: active\n    unjudged: hold\n", ORGANISATION "    unjudged: pass\n",
        ORGANISATION "    suspicious: 89.9\n", "organisations:\n  - {id: one, name: One, people_file: somebody.yaml}\n",
        LISTENER "  - {name: b, address: 'localhost:81'}\n  - {name: c, address: '127.0.0.2:80'}\n  - {name: d, address: '[::1]:80'}\n",
        LISTENER "  - {name: b, address: 'unix:/a'}\n  - {name: c, address: 'unix:/b'}\n",
        "listeners:\n  - {name: a, address: '*:80', tokens: good.tokens}\n  - {name: b, address: '[::]:80', tokens: good.tokens}\n",
        "dns: {deadline: 10 s}\njudges: {deadline: 10 s}\n", "dns:\n", "dns:\n  servers:\n", "trust: {hosts: []}\n",
        "keep: {records: 30 d, outcomes: 30 d, hold: 30 d}\n", "keys: {folder: closed}\n", "keys: {folder: none/as/yet}\n",
        "store: {path: new/store.db}\n", "limits: {message_bytes: 1 GiB, parts: 1}\n", "run: {user: root, group: root}\n",
        "dns:\n  block_lists: [{zone: a.example, asks: domain, codes: [{code: 127.0.0.2, evidence: domain-listed-spam}]}]\n",
    };
    files_put();
    file_put("somebody.yaml", "own_domains: [one.example]\n");
    mkdir(file_path("closed"), 0700);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct faults faults;
        struct generation *generation = load(good[i], &faults);
        if (!generation)
            fail_msg("row %zu: %.*s", i, SPAN_FMT(told(faults.arena, &faults, false)));
        generation_free(&generation);
        faults_end(&faults);
    }
}

static void all_faults_are_told_in_their_order(void **state)
{
    struct faults faults;
    load("dns:\n  deadline: 3\n  severs: []\nlog:\n  level: loud\ncolour: red\nrelay:\n  customers: bad.yaml\n" LISTENER "  - name: http\n", &faults);
    assert_int_equal(faults.wrong, 7);
    struct buf out = {.arena = faults.arena};
    faults_print(&faults, &out);
    char *said = (char *)arena_copy(faults.arena, buf_span(&out)).at;
    static const char *const lines[] = {":2: dns.deadline: ", ":3: dns.severs: ", ":5: log.level: ", ":6: colour: ", ":8: relay.customers: ",
                                        ":12: listeners[2].name: ", ":12: listeners[2].address: is missing"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *at = strstr(said, lines[i]);
        if (!at)
            fail_msg("%s is not told, or not in its order: %s", lines[i], said);
        if (i + 2 < sizeof lines / sizeof *lines) /* the last two are of one line */
            said = at;
    }
    faults_end(&faults);
}

static void a_flood_of_faults_is_cut_and_counted(void **state)
{
    char text[8192] = "trust:\n  hosts: [";
    for (int i = 0; i < 300; i++)
        strcat(text, "'*', ");
    strcat(text, "a]\n");
    struct faults faults;
    load(text, &faults);
    assert_int_equal(faults.wrong, 300);
    struct buf out = {.arena = faults.arena};
    faults_print(&faults, &out);
    assert_non_null(span_find(buf_span(&out), S("more faults are not shown")));
    faults_end(&faults);
}

static void warnings_keep_nothing_from_loading(void **state)
{
    static const struct {
        const char *yaml, *said;
    } warned[] = {
        {ORGANISATION LISTENER, ""},
        {"", "0 : holds nothing: everything stands at its default\n"
             "0 organisations: is empty: no domain and no name is known as ours, and what imitates them is not seen\n"
             "0 listeners: is empty: the service would have no door"},
        {ORGANISATION LISTENER "dns:\n  offline: yes\n", "9 dns.offline: no proof of origin is checked: every one is unknown"},
        {ORGANISATION LISTENER "dns:\n  zone: dns.zone\n", "9 dns.zone: the world is not asked: a zone file is for tests"},
        {ORGANISATION LISTENER "hold:\n  release_to: 192.0.2.1:26\n",
         "9 hold.release_to: 192.0.2.1:26 is another machine: released mail crosses the network in clear, or by TLS with whoever answers there. Write release_tls: must, "
         "and let nobody else reach that port: whoever does passes mail by us"},
        {ORGANISATION LISTENER "hold:\n  release_to: 192.0.2.1:26\n  release_tls: no\n",
         "9 hold.release_to: 192.0.2.1:26 is another machine: released mail crosses the network in clear. Write release_tls: must, and let nobody else reach that port: "
         "whoever does passes mail by us"},
        {ORGANISATION LISTENER "hold:\n  release_to: 192.0.2.1:26\n  release_tls: must\n  release_name: mx.example.com\n", ""},
        {ORGANISATION LISTENER "hold:\n  release_to: 127.0.0.1:26\n  release_tls: no\n", ""},
        {ORGANISATION LISTENER "store:\n  path: none/a.db\n", "9 store.path: the folder FOLDER/none is not there, and the store cannot be made in it; make it: mkdir -p FOLDER/none, and chown it to run.user"},
        {ORGANISATION LISTENER "store:\n  driver: memory\n", "9 store.driver: memory forgets everything when the service ends"},
    };
    files_put();
    for (size_t i = 0; i < sizeof warned / sizeof *warned; i++) {
        struct faults faults;
        struct generation *generation = load(warned[i].yaml, &faults);
        assert_non_null(generation);
        assert_span(told(faults.arena, &faults, true), warned[i].said);
        generation_free(&generation);
        faults_end(&faults);
    }
}

static void a_file_that_is_not_there_is_a_fault(void **state)
{
    struct faults faults;
    struct generation *generation = NULL;
    faults_begin(&faults, file_path("none.conf"));
    assert_int_equal(generation_load(file_path("none.conf"), &generation, &faults), -1);
    assert_span(told(faults.arena, &faults, false), "0 : is not there; copy the example, conf/sekimori.conf of the sources, share/doc/sekimori/examples of an installation, or name another file");
    faults_end(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_its_sentence), cmocka_unit_test(near_misses_load),
        cmocka_unit_test(all_faults_are_told_in_their_order),
        cmocka_unit_test(a_flood_of_faults_is_cut_and_counted), cmocka_unit_test(warnings_keep_nothing_from_loading),
        cmocka_unit_test(a_file_that_is_not_there_is_a_fault),
    };
    return cmocka_run_group_tests(tests, world_open, world_close);
}
