#include "world.h"

static void helo_of_a_service(struct world *w)
{
    w->hops[0].helo = S("mx0a-00000001.pphosted.com");
    w->hops[0].oddities = HOP_NAME_MISFITS_NETWORK;
}
static void helo_of_a_claimed_hop(struct world *w)
{
    w->hops[1].helo = S("mx0a-00000001.pphosted.com");
    w->hops[1].oddities = HOP_NAME_MISFITS_NETWORK;
}
static void many_hops(struct world *w)
{
    w->hops[1].oddities = HOP_GAP | HOP_TIME_JUMP | HOP_PRIVATE_ADDRESS | HOP_NO_TIME;
    w->path.received_fields = 30;
}
static void marks(struct world *w)
{
    dmarc_fails(w, "none");
    w->path.carrier.service = service_by_id(w->tables, S("mailgun"));
    assert_non_null(w->path.carrier.service);
    w->fields[6].name = w->path.carrier.service->fields.at[0];
    w->path.client.network = (struct network){.asn = 64500, .name = S("Example Hosting"), .kind = NETWORK_HOSTING, .sure = true};
}
static void marks_of_a_hop(struct world *w)
{
    marks(w);
    w->hops[1].by = S("mxa.mailgun.org");
}
static void marks_on_an_unknown_network(struct world *w)
{
    marks(w);
    w->path.client.network = (struct network){0};
}
static void marks_in_a_mail_service(struct world *w)
{
    marks(w);
    w->path.client.network.kind = NETWORK_MAIL_SERVICE;
}
static void marks_and_proved(struct world *w)
{
    marks(w);
    w->proof.dmarc.result = PROOF_PASS;
}
static void later_than_the_edge(struct world *w)
{
    w->hops[1].time = w->hops[0].time + 3 * 86400;
}
static void wrong_zone(struct world *w)
{
    w->hops[1].time = w->hops[0].time + 12 * 3600;
}
static void been_here(struct world *w)
{
    w->hops[1].by = S("mx.here.example");
    w->hops[1].oddities = HOP_LOOP;
}
static void loop_elsewhere(struct world *w)
{
    w->hops[1].oddities = HOP_LOOP;
}
static void pool(struct world *w)
{
    dmarc_fails(w, "none");
    w->path.client.network = (struct network){.asn = 8075, .kind = NETWORK_RELAY_POOL, .sure = true};
}
static void pool_with_a_whole_signature(struct world *w)
{
    pool(w);
    w->proof.dmarc.result = PROOF_PASS;
}
static void pool_guessed(struct world *w)
{
    pool(w);
    w->path.client.network.sure = false;
}
static void rented(struct world *w)
{
    dmarc_fails(w, "none");
    w->path.client.network = (struct network){.asn = 64500, .name = S("Example Hosting"), .kind = NETWORK_HOSTING, .sure = true};
}
static void rented_and_proved(struct world *w)
{
    rented(w);
    w->proof.dmarc.result = PROOF_PASS;
}

const struct evidence_case path_cases[] = {
    {"name-misfits-network", "claimed hop", helo_of_a_service, helo_of_a_claimed_hop},
    {"claimed-hop-misfits", "many hops", helo_of_a_claimed_hop, many_hops},
    {"service-not-borne-out", "a hop of it", marks, marks_of_a_hop},
    {"service-not-borne-out", "network unknown", marks, marks_on_an_unknown_network},
    {"service-not-borne-out", "mail service", marks, marks_in_a_mail_service},
    {"service-not-borne-out", "proved", marks, marks_and_proved},
    {"claimed-time-forged", "zone", later_than_the_edge, wrong_zone},
    {"claimed-loop", "elsewhere", been_here, loop_elsewhere},
    {"relay-pool", "forwarded whole", pool, pool_with_a_whole_signature},
    {"relay-pool", "a guess", pool, pool_guessed},
    {"hosting-client", "proved", rented, rented_and_proved},
    {0},
};
