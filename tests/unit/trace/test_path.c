/* The trust edge under every preset, the door's own connection, the client, and what does not fit on the road. */
#include "road.h"

#define AT(clock) "; Sat, 31 Jan 2026 " clock " +0000\n"

/* One machine of ours with a filter inside: LMTP, amavis, then the connection from outside. */
#define OURS_LMTP "Received: from mx.example.net ([127.0.0.1]) by mx.example.net with LMTP id 1" AT("12:00:04")
/* As Dovecot writes it on a socket: no address */
#define OURS_STORE "Received: from mx.example.net by store.example.net with LMTP id 0" AT("12:00:05")
#define OURS_AMAVIS                                                                                                    \
    "Received: from localhost (localhost [127.0.0.1]) by mx.example.net (Postfix) with ESMTP id 2" AT(                 \
        "12:00:03") "Received: from mx.example.net ([127.0.0.1]) by localhost (mx.example.net [127.0.0.1]) "           \
                    "(amavisd-new, port 10024)"                                                                        \
                    " with ESMTP id 3" AT("12:00:02")
#define OURS_MX                                                                                                        \
    "Received: from out.example.org (out.example.org [198.51.100.7]) by mx.example.net (Postfix) with ESMTPS id 4" AT( \
        "12:00:01")
#define THEIRS "Received: from pc (unknown [192.168.1.9]) by out.example.org (Postfix) with ESMTPSA id 5" AT("12:00:00")
#define FORGED                                                                                                         \
    "Received: from mx.bank.example (mx.bank.example [203.0.113.5]) by mx.example.net (Postfix) with ESMTPS id 6" AT(  \
        "11:59:00")

/* Microsoft's own mailbox, and a tenant's message below */
#define M365_STORE                                                                                                     \
    "Received: from MN2PR19MB1.namprd19.prod.outlook.com (::1) by MN0PR19MB2.namprd19.prod.outlook.com with HTTPS" AT( \
        "12:00:04")
#define M365_INNER                                                                                                     \
    "Received: from CO1PEPF01.namprd05.prod.outlook.com (2603:10b6:302:1:cafe::d0) by MW2PR21.outlook.office365.com"   \
    " (2603:10b6:302:1::47) with Microsoft SMTP Server (version=TLS1_3, cipher=X) id 15.20.1 via Frontend "            \
    "Transport" AT("12:00:03")
#define M365_FRONT(helo, ip)                                                                                           \
    "Received: from " helo " (" ip                                                                                     \
    ") by CO1PEPF01.mail.protection.outlook.com (10.167.1.2) with Microsoft SMTP Server"                               \
    " (version=TLS1_3, cipher=X) id 15.20.1 via Frontend Transport" AT("12:00:02")
#define M365_TENANT                                                                                                    \
    "Received: from A.namprd03.prod.outlook.com ([fe80::1]) by A.namprd03.prod.outlook.com ([fe80::1%3]) with mapi "   \
    "id 15.20.1" AT("12:00:00")

#define GOOGLE_INNER "Received: by 2002:a05:6402:1a4a:b0:5b4:cafe:1 with SMTP id a1csp2" AT("12:00:03")
#define GOOGLE_MX                                                                                                      \
    "Received: from out.example.org (out.example.org. [198.51.100.7]) by mx.google.com with ESMTPS id 7 for"           \
    " <anna@example.net>" AT("12:00:02")

struct row {
    const char *what, *header;
    enum trace_preset preset;
    const char *host, *network;       /* trusted */
    const char *client, *name, *helo; /* of the door */
    const char *listener;             /* the door is open: no field of ours yet */
    const char *trusts;               /* expected: one letter a hop */
    int edge;                         /* -1: unknown */
    const char *ip, *client_name;
    bool confirmed, no_smtp;
};

static const struct row rows[] = {
    /* ---- none */
    {"nothing is trusted without settings", OURS_MX THEIRS, .trusts = "CC", .edge = -1},
    {"only the door's connection is", THEIRS, .client = "198.51.100.7", .name = "out.example.org",
     .helo = "out.example.org", .trusts = "DC", .edge = 0, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"the door's own line is not counted twice", OURS_MX THEIRS, .client = "198.51.100.7", .helo = "out.example.org",
     .trusts = "DC", .edge = 0, .ip = "198.51.100.7", .client_name = "out.example.org"},
    {"nor where it tells no address but the HELO",
     "Received: from out.example.org (unknown) by mx.example.net with ESMTP for <a@example.net>" AT("12:00:01") THEIRS,
     .client = "198.51.100.7", .helo = "out.example.org", .trusts = "DC", .edge = 0, .ip = "198.51.100.7"},
    {"another address is another connection", OURS_MX THEIRS, .client = "198.51.100.8", .helo = "out.example.org",
     .trusts = "DCC", .edge = 0, .ip = "198.51.100.8"},
    {"another HELO without an address too",
     "Received: from else.example.org (unknown) by mx.example.net with ESMTP" AT("12:00:01") THEIRS,
     .client = "198.51.100.7", .helo = "out.example.org", .trusts = "DCC", .edge = 0, .ip = "198.51.100.7"},
    {"a loopback client opens nothing without settings", OURS_MX, .client = "127.0.0.1", .trusts = "DC", .edge = 0,
     .ip = "127.0.0.1"},
    {"a line that sends the door's address into its HELO is not the door's",
     "Received: from [198.51.100.7] (evil.example.org [203.0.113.9]) by x.example.org (Postfix) with SMTP id 1" AT(
         "12:00:00"),
     .client = "198.51.100.7", .trusts = "DC", .edge = 0, .ip = "198.51.100.7"},
    {"no field at all: nothing shows transport", "Subject: x\n", .trusts = "", .edge = -1, .no_smtp = true},
    {"no field, but a door", "Subject: x\n", .client = "198.51.100.7", .trusts = "D", .edge = 0, .ip = "198.51.100.7"},
    {"only handed over inside a machine",
     "Received: (from www@localhost) by web.example.net (8.17.1/8.17.1/Submit) id 1" AT("12:00:00"), .trusts = "C",
     .edge = -1, .no_smtp = true},
    {"fetched from another mailbox",
     "Received: from imap.example.org [198.51.100.3] by localhost with IMAP (fetchmail-6.4.37) for <a@localhost> "
     "(single-drop)" AT("12:00:05") OURS_MX,
     .trusts = "CC", .edge = -1, .no_smtp = true},
    {"stored mail: a delivery and a filter stand over the door's line", OURS_STORE OURS_AMAVIS OURS_MX FORGED,
     .client = "198.51.100.7", .helo = "out.example.org", .trusts = "TTTDC", .edge = 3, .ip = "198.51.100.7",
     .client_name = "out.example.org"},
    {"at an open door they are the client's own writing", OURS_STORE OURS_AMAVIS OURS_MX FORGED,
     .client = "198.51.100.7", .helo = "out.example.org", .listener = "25", .trusts = "DCCCCC", .edge = 0,
     .ip = "198.51.100.7"},
    {"stored mail: a private address is not passed over without settings",
     "Received: from mx1 (mx1.example.net [10.0.0.1]) by mx2.example.net (Postfix) with ESMTP id 1" AT("12:00:05")
         OURS_MX,
     .client = "198.51.100.7", .helo = "out.example.org", .trusts = "DCC", .edge = 0, .ip = "198.51.100.7"},
    /* ---- postfix */
    {"the first hop from outside is the edge", OURS_LMTP OURS_AMAVIS OURS_MX THEIRS, .preset = PRESET_POSTFIX,
     .trusts = "TTTTC", .edge = 3, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a forged line below it stays a claim", OURS_LMTP OURS_MX FORGED, .preset = PRESET_POSTFIX, .trusts = "TTC",
     .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"the door's line lies below what the filter wrote", OURS_AMAVIS OURS_MX FORGED, .preset = PRESET_POSTFIX,
     .client = "198.51.100.7", .name = "out.example.org", .trusts = "TTDC", .edge = 2, .ip = "198.51.100.7",
     .client_name = "out.example.org", .confirmed = true},
    {"but not below a hop from outside", OURS_MX FORGED, .preset = PRESET_POSTFIX, .client = "203.0.113.5",
     .trusts = "DCC", .edge = 0, .ip = "203.0.113.5"},
    {"submitted by a program here", "Received: by mx.example.net (Postfix, from userid 33) id 9" AT("12:00:00"),
     .preset = PRESET_POSTFIX, .trusts = "T", .edge = -1, .no_smtp = true},
    {"submitted from a network of ours",
     "Received: from pc (unknown [192.168.1.9]) by mx.example.net (Postfix) with ESMTPSA id 9" AT("12:00:00"),
     .preset = PRESET_POSTFIX, .trusts = "T", .edge = 0, .ip = "192.168.1.9"},
    {"what was fetched is not ours",
     "Received: from imap.example.org [198.51.100.3] by localhost with POP3 (fetchmail-6.4.37)" AT("12:00:05") OURS_MX,
     .preset = PRESET_POSTFIX, .trusts = "CC", .edge = -1, .no_smtp = true},
    {"fetched, then handed on here",
     OURS_LMTP "Received: from imap.example.org [198.51.100.3] by localhost with POP3 (fetchmail-6.4.37)" AT("12:00:03")
         OURS_MX,
     .preset = PRESET_POSTFIX, .trusts = "TTC", .edge = -1, .no_smtp = true},
    {"a top that cannot be read is nobody's", "Received: garbage\n" OURS_MX, .preset = PRESET_POSTFIX, .trusts = "CC",
     .edge = -1},
    {"re-injection at the door", OURS_MX THEIRS, .preset = PRESET_POSTFIX, .client = "127.0.0.1", .trusts = "DTC",
     .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"re-injection of what was written here",
     "Received: by mx.example.net (Postfix, from userid 33) id 9" AT("12:00:00"), .preset = PRESET_POSTFIX,
     .client = "127.0.0.1", .trusts = "DT", .edge = -1, .no_smtp = true},
    /* ---- handed over without an address */
    {"a delivery on a socket is passed over", OURS_STORE OURS_MX FORGED, .preset = PRESET_POSTFIX, .trusts = "TTC",
     .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"and a filter below it", OURS_STORE OURS_AMAVIS OURS_MX THEIRS, .preset = PRESET_POSTFIX, .trusts = "TTTTC",
     .edge = 3, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a delivery that the sender wrote below does not move the edge", OURS_STORE OURS_MX OURS_STORE FORGED,
     .preset = PRESET_POSTFIX, .trusts = "TTCC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"a delivery from an address outside is the edge",
     "Received: from mx.example.net (mx.example.net [203.0.113.66]) by store.example.net with LMTP id 0" AT("12:00:05")
         FORGED,
     .preset = PRESET_POSTFIX, .trusts = "TC", .edge = 0, .ip = "203.0.113.66", .client_name = "mx.example.net"},
    {"a socket told in brackets",
     "Received: from mx.example.net ([unix socket]) by mx.example.net (Cyrus v2.4.17) with LMTPA" AT("12:00:05")
         OURS_MX THEIRS,
     .preset = PRESET_POSTFIX, .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"a socket of Postfix",
     "Received: from localhost (unix socket) by mx.example.net (Postfix) with ESMTP id 2" AT("12:00:05") OURS_MX THEIRS,
     .preset = PRESET_POSTFIX, .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"localhost as Postfix says it",
     "Received: from localhost by mx.example.net (Postfix) with ESMTP id 2" AT("12:00:05") OURS_MX THEIRS,
     .preset = PRESET_POSTFIX, .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"a HELO localhost at a mailer that tells no address is no socket",
     "Received: from localhost by mx.example.net with ESMTP id 2" AT("12:00:05") FORGED, .preset = PRESET_POSTFIX,
     .trusts = "TC", .edge = 0},
    {"nor is one from an address outside",
     "Received: from localhost (unix socket) (pc.example.org [203.0.113.9]) by mx.example.net (Postfix) with ESMTP id "
     "2" AT("12:00:05") FORGED,
     .preset = PRESET_POSTFIX, .trusts = "TC", .edge = 0, .ip = "203.0.113.9", .client_name = "pc.example.org",
     .confirmed = true},
    {"a client that Postfix hides is one all the same",
     "Received: by mx.example.net (Postfix) with ESMTPSA id 2" AT("12:00:05") FORGED, .preset = PRESET_POSTFIX,
     .trusts = "TC", .edge = 0},
    {"an alias that Postfix follows is none",
     "Received: by mx.example.net (Postfix) id 2" AT("12:00:05") OURS_MX FORGED, .preset = PRESET_POSTFIX,
     .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a delivery by a named host from the machine that wrote the next",
     "Received: from mx.example.net by store with LMTP id 0" AT("12:00:05") OURS_MX FORGED, .host = "store",
     .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"both machines named", OURS_STORE OURS_MX FORGED, .host = "example.net", .trusts = "TTC", .edge = 1,
     .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a delivery by a named host does not join another's line",
     "Received: from mx.example.net by store with LMTP id 0" AT("12:00:05") THEIRS, .host = "store", .trusts = "TC",
     .edge = -1},
    {"a delivery by a host that is not named", OURS_STORE OURS_MX, .host = "mx.example.net", .trusts = "CC",
     .edge = -1},
    {"the door's line lies below the delivery", OURS_STORE OURS_MX FORGED, .preset = PRESET_POSTFIX,
     .client = "198.51.100.7", .name = "out.example.org", .helo = "out.example.org", .trusts = "TDC", .edge = 1,
     .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"also with hosts by name", OURS_STORE OURS_MX FORGED, .host = "example.net", .client = "198.51.100.7",
     .name = "out.example.org", .helo = "out.example.org", .trusts = "TDC", .edge = 1, .ip = "198.51.100.7",
     .client_name = "out.example.org", .confirmed = true},
    {"a delivery is not the door's connection, whatever its client calls itself",
     "Received: from out.example.org by store.example.net with LMTP id 0" AT("12:00:05") OURS_MX FORGED,
     .preset = PRESET_POSTFIX, .client = "198.51.100.7", .helo = "out.example.org", .trusts = "TDC", .edge = 1,
     .ip = "198.51.100.7", .client_name = "out.example.org"},
    {"a delivery that the sender wrote below the door's line", OURS_MX OURS_STORE FORGED, .preset = PRESET_POSTFIX,
     .client = "198.51.100.7", .helo = "out.example.org", .trusts = "DCC", .edge = 0, .ip = "198.51.100.7",
     .client_name = "out.example.org"},
    {"a delivery over another client's line is no way to the door's", OURS_STORE OURS_MX, .preset = PRESET_POSTFIX,
     .client = "203.0.113.5", .helo = "other.example.org", .trusts = "DCC", .edge = 0, .ip = "203.0.113.5"},
    {"a delivery shows no lack of SMTP where nothing is trusted", OURS_STORE OURS_MX, .trusts = "CC", .edge = -1},
    {"a delivery alone was handed in here", OURS_STORE, .preset = PRESET_POSTFIX, .trusts = "T", .edge = -1,
     .no_smtp = true},
    /* ---- no field of a Postfix site on top */
    {"Microsoft's line is no Postfix site's", M365_INNER M365_FRONT("out.example.org", "198.51.100.7") THEIRS,
     .preset = PRESET_POSTFIX, .trusts = "CCC", .edge = -1},
    {"nor is a mailbox' of Microsoft's", M365_TENANT, .preset = PRESET_POSTFIX, .trusts = "C", .edge = -1,
     .no_smtp = true},
    {"nor Google's", GOOGLE_INNER GOOGLE_MX THEIRS, .preset = PRESET_POSTFIX, .trusts = "CCC", .edge = -1},
    {"nor a filtering relay's",
     "Received: from pps.filterd (m01.ppops.net [127.0.0.1]) by mx0a.pphosted.com (8.18.1/8.18.1) with ESMTP id 1" AT(
         "12:00:05") "Received: from out.example.org (out.example.org [198.51.100.7]) by mx0a.pphosted.com (PPS) with "
                     "ESMTPS id 2" AT("12:00:04"),
     .preset = PRESET_POSTFIX, .trusts = "CC", .edge = -1},
    {"nor Exim's that came over the network",
     "Received: from out.example.org ([198.51.100.7] helo=x) by mx.example.net with esmtps (Exim 4.96) id 1" AT(
         "12:00:05"),
     .preset = PRESET_POSTFIX, .trusts = "C", .edge = -1},
    {"Exim may deliver",
     "Received: from mx.example.net by store.example.net with lmtp (Exim 4.96) id 1" AT("12:00:05") OURS_MX,
     .preset = PRESET_POSTFIX, .trusts = "TT", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"Postfix under a name of the site's own choice",
     "Received: from out.example.org (out.example.org [198.51.100.7]) by mx.example.net (Harbour Mail) with ESMTPS id "
     "4" AT("12:00:01"),
     .preset = PRESET_POSTFIX, .trusts = "T", .edge = 0, .ip = "198.51.100.7", .client_name = "out.example.org"},
    {"Microsoft's line below a name of ours", M365_FRONT("out.example.org", "198.51.100.7"), .preset = PRESET_POSTFIX,
     .host = "mail.protection.outlook.com", .trusts = "T", .edge = 0, .ip = "198.51.100.7"},
    /* ---- whether it came by SMTP */
    {"a program's submission over a line of SMTP leaves it open",
     "Received: by mx.example.net (Postfix, from userid 33) id 9" AT("12:00:02") OURS_MX, .trusts = "CC", .edge = -1},
    {"written in a mailbox and handed on inside",
     M365_TENANT
     "Received: from A.namprd03.prod.outlook.com ([fe80::2]) by A.namprd03.prod.outlook.com with mapi id 1" AT(
         "12:00:00"),
     .trusts = "CC", .edge = -1, .no_smtp = true},
    /* ---- hosts and networks by name */
    {"a named host is trusted at the top", OURS_MX THEIRS, .host = "example.net", .trusts = "TC", .edge = 0,
     .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a forged `by` of ours does not move the edge", OURS_MX FORGED, .host = "example.net", .trusts = "TC", .edge = 0,
     .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"nor does a HELO of ours",
     "Received: from mx2.example.net (unknown [203.0.113.66]) by mx.example.net (Postfix) with SMTP id 1" AT("12:00:02")
         FORGED,
     .host = "example.net", .trusts = "TC", .edge = 0, .ip = "203.0.113.66"},
    {"a reverse name of ours does",
     "Received: from mx2 (mx2.example.net [203.0.113.20]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
         OURS_MX THEIRS,
     .host = "example.net", .trusts = "TTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org",
     .confirmed = true},
    {"but not one that may be forged",
     "Received: from mx2 (mx2.example.net [203.0.113.66] (may be forged)) by mx.example.net (8.17.1/8.17.1) with "
     "ESMTPS "
     "id 1" AT("12:00:02") OURS_MX THEIRS,
     .host = "example.net", .trusts = "TCC", .edge = 0, .ip = "203.0.113.66", .client_name = "mx2.example.net"},
    {"nor one of a mailer that confirms none",
     "Received: from mx2.example.net (HELO x) (203.0.113.66) by mx.example.net with SMTP" AT("12:00:02") OURS_MX THEIRS,
     .host = "example.net", .trusts = "TCC", .edge = 0, .ip = "203.0.113.66", .client_name = "mx2.example.net"},
    {"nor one that the client itself wrote at the door",
     "Received: from mx2 (mx2.example.net [203.0.113.66]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
         OURS_MX THEIRS,
     .host = "example.net", .client = "203.0.113.66", .trusts = "DCC", .edge = 0, .ip = "203.0.113.66",
     .client_name = "mx2.example.net"},
    {"one that the door was told does",
     "Received: from mx2 (mx2.example.net [203.0.113.20]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
         OURS_MX THEIRS,
     .host = "example.net", .client = "203.0.113.20", .name = "mx2.example.net", .trusts = "DTC", .edge = 1,
     .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"a named network does",
     "Received: from mx2 (unknown [203.0.113.20]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
         OURS_MX THEIRS,
     .host = "example.net", .network = "203.0.113.16/28", .trusts = "TTC", .edge = 1, .ip = "198.51.100.7",
     .client_name = "out.example.org", .confirmed = true},
    {"its neighbour does not",
     "Received: from mx2 (unknown [203.0.113.33]) by mx.example.net (Postfix) with ESMTPS id 1" AT("12:00:02")
         OURS_MX THEIRS,
     .host = "example.net", .network = "203.0.113.16/28", .trusts = "TCC", .edge = 0, .ip = "203.0.113.33"},
    {"a gateway of ours before the door", OURS_MX THEIRS, .network = "203.0.113.0/24", .client = "203.0.113.20",
     .trusts = "DTC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org", .confirmed = true},
    {"another host's line at the top is a claim", THEIRS, .host = "example.net", .trusts = "C", .edge = -1},
    /* ---- m365 */
    {"Microsoft's mailbox: down to the frontend",
     M365_STORE M365_INNER M365_FRONT("out.example.org", "198.51.100.7") THEIRS, .preset = PRESET_M365,
     .trusts = "TTTC", .edge = 2, .ip = "198.51.100.7"},
    {"a foreign tenant is outside",
     M365_STORE M365_FRONT("NAM12-BN8-obe.outbound.protection.outlook.com", "40.107.237.87") M365_TENANT,
     .preset = PRESET_M365, .trusts = "TTC", .edge = 1, .ip = "40.107.237.87"},
    {"a HELO of Microsoft's from elsewhere is outside",
     M365_STORE M365_FRONT("X.namprd19.prod.outlook.com", "198.51.100.66") M365_TENANT, .preset = PRESET_M365,
     .trusts = "TTC", .edge = 1, .ip = "198.51.100.66"},
    {"a private address without Microsoft's name is outside",
     M365_STORE M365_FRONT("mail.example.org", "10.1.1.1") M365_TENANT, .preset = PRESET_M365, .trusts = "TTC",
     .edge = 1, .ip = "10.1.1.1"},
    {"an inner server on Microsoft's outer address is Microsoft's",
     M365_STORE M365_FRONT("HE1EUR04FT035.eop-eur04.prod.protection.outlook.com", "2a01:111:f400:7e0d::200")
         M365_FRONT("out.example.org", "198.51.100.7") THEIRS,
     .preset = PRESET_M365, .trusts = "TTTC", .edge = 2, .ip = "198.51.100.7"},
    {"another machine's top is no mailbox of Microsoft's", OURS_MX M365_STORE, .preset = PRESET_M365, .trusts = "CC",
     .edge = -1},
    {"between two mailboxes of one tenant", M365_STORE M365_TENANT, .preset = PRESET_M365, .trusts = "TT", .edge = -1,
     .no_smtp = true},
    /* ---- google */
    {"Google's mailbox: down to mx.google.com", GOOGLE_INNER GOOGLE_MX THEIRS, .preset = PRESET_GOOGLE, .trusts = "TTC",
     .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org"},
    {"a forged inner line below stays a claim", GOOGLE_INNER GOOGLE_MX GOOGLE_INNER GOOGLE_MX, .preset = PRESET_GOOGLE,
     .trusts = "TTCC", .edge = 1, .ip = "198.51.100.7", .client_name = "out.example.org"},
    {"not Google's", OURS_MX THEIRS, .preset = PRESET_GOOGLE, .trusts = "CC", .edge = -1},
};

static size_t wrong;
static void expect(const char *what, const char *which, struct span seen, const char *wanted)
{
    if (span_eq(seen, span_of(wanted ? wanted : "")))
        return;
    print_error("%s: %s is \"%.*s\", wanted \"%s\"\n", what, which, SPAN_FMT(seen), wanted ? wanted : "");
    wrong++;
}

static struct span yes(bool value)
{
    return value ? S("yes") : S("no");
}

static void row_check(const struct row *row)
{
    struct road road;
    road_open(&road, row->header);
    road_door(&road, row->client, row->name, row->helo);
    road.arrival.listener = span_of(row->listener);
    road_trust(&road, row->preset, row->host, row->network);
    road_walk(&road, NULL);
    const struct path *path = &road.path;
    expect(row->what, "trust", road_trusts(&road), row->trusts);
    expect(row->what, "edge", arena_print(road.arena, "%d", path->edge_known ? (int)path->edge : -1),
           arena_print(road.arena, "%d", row->edge).at);
    if (!path->edge_known)
        assert_int_equal(path->edge, path->hops.len);
    expect(row->what, "client", ip_text(road.arena, &path->client.ip), row->ip);
    expect(row->what, "client name", path->client.name, row->client_name);
    expect(row->what, "confirmed", yes(path->client.name_confirmed), row->confirmed ? "yes" : "no");
    expect(row->what, "smtp", yes(path->smtp), row->no_smtp ? "no" : "yes");
    road_close(&road);
}

static void trust_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        row_check(&rows[i]);
    assert_int_equal(wrong, 0);
}

/* ---- oddities: each with its near miss */
struct odd_row {
    const char *what, *header;
    unsigned wanted; /* bits of the topmost hop */
};

#define HOP(from, by, clock) "Received: from " from " by " by " (Postfix) with ESMTP id 1" AT(clock)

static const struct odd_row odd_rows[] = {
    {"nothing odd",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:00:00"),
     0},
    {"backwards",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:00")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:05:01"),
     HOP_TIME_BACKWARDS},
    {"within the tolerance",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:00")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:05:00"),
     0},
    {"a jump",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net",
         "12:00:01") "Received: from c (c.example.com [198.51.100.3]) by b.example.org with ESMTP; Fri, 30 Jan 2026 "
                     "12:00:00 +0000\n",
     HOP_TIME_JUMP},
    {"a day exactly",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net",
         "12:00:00") "Received: from c (c.example.com [198.51.100.3]) by b.example.org with ESMTP; Fri, 30 Jan 2026 "
                     "12:00:00 +0000\n",
     0},
    {"in the future", HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:20:01"),
     HOP_TIME_FUTURE},
    {"not yet the future", HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:20:00"), 0},
    {"a gap",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "relay.example.com", "12:00:00"),
     HOP_GAP},
    {"two machines of one owner",
     HOP("out7.example.com (unknown [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("c (c.example.org [198.51.100.3])", "in3.example.com", "12:00:00"),
     0},
    {"the reverse name tells",
     HOP("helo.invalid.example (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:00:00"),
     0},
    {"a writer without a public name tells nothing",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "filter.internal", "12:00:00"),
     0},
    {"handed over inside",
     HOP("localhost (localhost [127.0.0.1])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:00:00"),
     0},
    {"handed over inside under a name of one's own choice",
     HOP("mx.example.com ([127.0.0.1])", "mx.example.net", "12:00:05")
         HOP("c (c.example.com [198.51.100.3])", "b.example.org", "12:00:00"),
     0},
    {"a loop",
     HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("mx.example.net (mx.example.net [198.51.100.3])", "b.example.org", "12:00:01")
             HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:00"),
     HOP_LOOP},
    {"re-injection is none",
     HOP("localhost (localhost [127.0.0.1])", "mx.example.net", "12:00:05")
         HOP("mx.example.net (localhost [127.0.0.1])", "localhost", "12:00:01")
             HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:00"),
     0},
    {"nor are two machines of one owner",
     HOP("mx2.example.net (mx2.example.net [198.51.100.2])", "mx.example.net", "12:00:05")
         HOP("mx.example.net (mx.example.net [198.51.100.3])", "mx2.example.net", "12:00:01")
             HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:00"),
     0},
    {"a private address under a foreign name",
     HOP("out.example.org (out.example.org [10.1.2.3])", "mx.example.net", "12:00:00"), HOP_PRIVATE_ADDRESS},
    {"a private address of one's own",
     HOP("ws7.example.net (ws7.example.net [10.1.2.3])", "mx.example.net", "12:00:00"), 0},
    {"loopback under a foreign name", HOP("lists.example.org ([127.0.0.1])", "mx.example.net", "12:00:00"), 0},
    {"a reserved address", HOP("out.example.org (out.example.org [240.1.2.3])", "mx.example.net", "12:00:00"),
     HOP_RESERVED_ADDRESS},
    {"without a time", "Received: from out.example.org (out.example.org [198.51.100.2]) by mx.example.net with SMTP\n",
     HOP_NO_TIME},
    {"unreadable", "Received: x\n", HOP_NO_BY | HOP_NO_TIME | HOP_UNREADABLE},
};

static void oddities(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof odd_rows / sizeof *odd_rows; i++) {
        struct road road;
        road_open(&road, odd_rows[i].header);
        road.arrival.received_at = 1769860800 + 900; /* 12:15:00 */
        road_walk(&road, NULL);
        unsigned seen = road.path.hops.at[0].oddities &
                        ~((unsigned)HOP_RESERVED_ADDRESS * (odd_rows[i].wanted != HOP_RESERVED_ADDRESS));
        if (seen != odd_rows[i].wanted)
            print_error("%s: %u, wanted %u\n", odd_rows[i].what, seen, odd_rows[i].wanted);
        wrong += seen != odd_rows[i].wanted;
        assert_int_equal(road.path.oddities & odd_rows[i].wanted, odd_rows[i].wanted);
        road_close(&road);
    }
    assert_int_equal(wrong, 0);
}

static void delays(void **state)
{
    (void)state;
    struct road road;
    road_open(&road,
              HOP("b (b.example.org [198.51.100.2])", "mx.example.net",
                  "12:00:05") "Received: (qmail 1 invoked from network)\n" HOP("c (c.example.com [198.51.100.3])",
                                                                               "b.example.org", "12:00:00"));
    road_walk(&road, NULL);
    assert_int_equal(road.path.hops.at[0].delay, 5); /* past the hop that has no time */
    assert_true(road.path.hops.at[1].delay == TIME_UNKNOWN);
    assert_true(road.path.hops.at[2].delay == TIME_UNKNOWN);
    assert_int_equal(road.path.received_fields, 3);
    assert_true(road.path.hops.at[1].oddities & HOP_UNREADABLE);
    assert_int_equal(trace_arrival_time(road.arena, &road.message), 1769860805);
    road_close(&road);
}

/* A thousand fields: those past the limit are counted and not read; nothing grows with their square. */
static void many_hops(void **state)
{
    (void)state;
    static const char line[] = HOP("b.example.org (b.example.org [198.51.100.2])", "mx.example.net", "12:00:05");
    enum { TIMES = 20000 };
    char *text = malloc(TIMES * (sizeof line - 1) + 1);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line);
    struct road road;
    road_open(&road, text);
    size_t before = arena_used(road.arena);
    road_walk(&road, NULL);
    assert_int_equal(road.path.received_fields, TIMES);
    assert_int_equal(road.path.hops.len, road.settings.most_hops);
    assert_true(arena_used(road.arena) - before < 256 * 1024);
    road_close(&road);
    free(text);
}

static void presets_by_name(void **state)
{
    (void)state;
    enum trace_preset preset;
    assert_true(trace_preset_parse(S("m365"), &preset) && preset == PRESET_M365);
    assert_true(trace_preset_parse(S("none"), &preset) && preset == PRESET_NONE);
    assert_true(trace_preset_parse(S("Postfix"), &preset) && preset == PRESET_POSTFIX);
    assert_true(trace_preset_parse(S("google"), &preset) && preset == PRESET_GOOGLE);
    assert_false(trace_preset_parse(S("exchange"), &preset));
    assert_false(trace_preset_parse(S(""), &preset));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trust_edges), cmocka_unit_test(oddities),
                                       cmocka_unit_test(delays), cmocka_unit_test(many_hops),
                                       cmocka_unit_test(presets_by_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
