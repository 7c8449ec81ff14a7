/* Received fields as each mailer shapes them: hosts of example domains, addresses for documentation, own wording of
 * ids. */
#include "exact.h"
#include "trace/trace.h"

#include <time.h>

struct row {
    const char *value;
    enum mailer mailer;
    const char *from, *helo, *reverse, *address, *by, *by_address, *with, *version, *cipher, *id, *for_whom;
    const char *time; /* NULL: 2026-01-31T12:00:00Z */
    bool local;
    unsigned oddities;
};

#define DATE "; Sat, 31 Jan 2026 12:00:00 +0000"

static const struct row rows[] = {
    /* ---- Postfix */
    {"from mail.example.org (mail.example.org [192.0.2.7])\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
     "bits)"
     "  key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\t(No client certificate "
     "requested)"
     "\tby mx.example.net (Postfix) with ESMTPS id 4dF0Xy1zZ\tfor <anna@example.net>; Sat, 31 Jan 2026 13:00:00 +0100 "
     "(CET)",
     MAILER_POSTFIX, .from = "mail.example.org", .helo = "mail.example.org", .reverse = "mail.example.org",
     .address = "192.0.2.7", .by = "mx.example.net", .with = "ESMTPS", .version = "TLSv1.3",
     .cipher = "TLS_AES_256_GCM_SHA384", .id = "4dF0Xy1zZ", .for_whom = "anna@example.net"},
    {"from laptop (unknown [IPv6:2001:db8::5]) (Authenticated sender: bob@example.net [198.51.100.9])"
     " by mx.example.net (Postfix) with ESMTPSA id 1" DATE,
     MAILER_POSTFIX, .from = "laptop", .helo = "laptop", .address = "2001:db8::5", .by = "mx.example.net",
     .with = "ESMTPSA", .id = "1"},
    {"by www.example.net (Postfix, from userid 33) id AB12" DATE, MAILER_POSTFIX, .by = "www.example.net", .id = "AB12",
     .local = true},
    {"from [192.168.1.20] (host7.example.org [198.51.100.7]) by mx.example.net (Postfix) with ESMTPSA id 2" DATE,
     MAILER_POSTFIX, .from = "[192.168.1.20]", .helo = "[192.168.1.20]", .reverse = "host7.example.org",
     .address = "198.51.100.7", .by = "mx.example.net", .with = "ESMTPSA", .id = "2"},
    {"from localhost (localhost [127.0.0.1]) by mx.example.net (Postfix) with ESMTP id 3" DATE, MAILER_POSTFIX,
     .from = "localhost", .helo = "localhost", .reverse = "localhost", .address = "127.0.0.1", .by = "mx.example.net",
     .with = "ESMTP", .id = "3"},
    /* a client that says HELO "by": the words after it are not the clause */
    {"from by (client.example.org [198.51.100.8]) by mx.example.net (Postfix) with SMTP id 4" DATE, MAILER_POSTFIX,
     .from = "by", .helo = "by", .reverse = "client.example.org", .address = "198.51.100.8", .by = "mx.example.net",
     .with = "SMTP", .id = "4"},
    {"from  (client.example.org [198.51.100.8]) by mx.example.net (Postfix) with SMTP id 5" DATE, MAILER_POSTFIX,
     .reverse = "client.example.org", .address = "198.51.100.8", .by = "mx.example.net", .with = "SMTP", .id = "5"},
    /* ---- Exim */
    {"from out.example.org ([192.0.2.9]:41108) by mx.example.net with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384"
     " (Exim 4.97) (envelope-from <anna@example.org>) id 1rAbCd-000000001Zx-0AbC for bob@example.net" DATE,
     MAILER_EXIM, .from = "out.example.org", .helo = "out.example.org", .address = "192.0.2.9", .by = "mx.example.net",
     .with = "esmtps", .version = "TLS1.3", .cipher = "TLS_AES_256_GCM_SHA384", .id = "1rAbCd-000000001Zx-0AbC",
     .for_whom = "bob@example.net"},
    {"from [192.0.2.10] (port=49868 helo=pc-7) by mx.example.net with esmtpsa (TLSv1.2:ECDHE-RSA-AES128-GCM-SHA256:128)"
     " (Exim 4.91) (envelope-from <a@example.org>) id 1a-2b-3c" DATE,
     MAILER_EXIM, .from = "[192.0.2.10]", .helo = "pc-7", .address = "192.0.2.10", .by = "mx.example.net",
     .with = "esmtpsa", .version = "TLSv1.2", .cipher = "ECDHE-RSA-AES128-GCM-SHA256", .id = "1a-2b-3c"},
    {"from dsl.example.org ([192.0.2.11] helo=mail.bank.example ident=root) by mx.example.net with smtp (Exim 4.96) id "
     "1-2-3" DATE,
     MAILER_EXIM, .from = "dsl.example.org", .helo = "mail.bank.example", .reverse = "dsl.example.org",
     .address = "192.0.2.11", .by = "mx.example.net", .with = "smtp", .id = "1-2-3"},
    {"from ukyo by shell.example.net with local (Exim 4.94.2) (envelope-from <ukyo@example.net>) id 1oX-0" DATE,
     MAILER_EXIM, .from = "ukyo", .by = "shell.example.net", .with = "local", .id = "1oX-0", .local = true},
    /* a HELO that holds an address cannot displace the one that the mailer saw */
    {"from [192.0.2.12] (port=2500 helo=[198.51.100.1]) by mx.example.net with esmtp (Exim 4.97) id 9" DATE,
     MAILER_EXIM, .from = "[192.0.2.12]", .helo = "[198.51.100.1]", .address = "192.0.2.12", .by = "mx.example.net",
     .with = "esmtp", .id = "9"},
    /* ---- Sendmail */
    {"from relay.example.org (root@relay.example.org [192.0.2.13]) by mx.example.net (8.17.1/8.17.1) with ESMTPS id "
     "60QG"
     "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO)\tfor <bob@example.net>" DATE,
     MAILER_SENDMAIL, .from = "relay.example.org", .helo = "relay.example.org", .reverse = "relay.example.org",
     .address = "192.0.2.13", .by = "mx.example.net", .with = "ESMTPS", .version = "TLSv1.3",
     .cipher = "TLS_AES_256_GCM_SHA384", .id = "60QG", .for_whom = "bob@example.net"},
    {"from pc (IDENT:x9@client.example.org [192.0.2.14] (may be forged)) by mx.example.net (8.9.3/8.9.3) with SMTP id "
     "A1" DATE,
     MAILER_SENDMAIL, .from = "pc", .helo = "pc", .reverse = "client.example.org", .address = "192.0.2.14",
     .by = "mx.example.net", .with = "SMTP", .id = "A1"},
    {"(from www@localhost) by web.example.net (8.15.2/8.15.2/Submit) id 028F; Sat, 31 Jan 2026 21:00:00 +0900 (JST)"
     " (envelope-from www@example.net)",
     MAILER_SENDMAIL, .from = "www@localhost", .by = "web.example.net", .id = "028F", .local = true},
    /* ---- qmail and kin */
    {"(qmail 20707 invoked by uid 1012); 31 Jan 2026 12:00:00 -0000", MAILER_QMAIL, .local = true,
     .oddities = HOP_NO_BY},
    {"(qmail 7382 invoked from network); 31 Jan 2026 12:00:00 -0000", MAILER_QMAIL, .local = true,
     .oddities = HOP_NO_BY},
    {"(qmail 298 messnum 160 invoked from network[192.0.2.15/p96.example.org]); 31 Jan 2026 12:00:00 -0000",
     MAILER_QMAIL, .reverse = "p96.example.org", .address = "192.0.2.15", .oddities = HOP_NO_BY},
    {"from unknown (HELO mail.example.org) (192.0.2.16)  by mx.example.net with SMTP; 31 Jan 2026 12:00:00 -0000",
     MAILER_UNKNOWN, .from = "unknown", .helo = "mail.example.org", .address = "192.0.2.16", .by = "mx.example.net",
     .with = "SMTP"},
    {"from dsl.example.org (HELO pc) (bob@example.org@192.0.2.17) by mx.example.net with ESMTPA; 31 Jan 2026 12:00:00 "
     "-0000",
     MAILER_UNKNOWN, .from = "dsl.example.org", .helo = "pc", .reverse = "dsl.example.org", .address = "192.0.2.17",
     .by = "mx.example.net", .with = "ESMTPA"},
    {"from host.example.org (HELO mx9.example.org) (192.0.2.18) by mx.example.net (qpsmtpd/0.96) with ESMTPS "
     "(TLS)" DATE,
     MAILER_QPSMTPD, .from = "host.example.org", .helo = "mx9.example.org", .reverse = "host.example.org",
     .address = "192.0.2.18", .by = "mx.example.net", .with = "ESMTPS", .version = "TLS"},
    /* ---- Exchange and Exchange Online */
    {"from EX1.corp.example (10.1.2.3) by EX2.corp.example (10.1.2.4) with Microsoft SMTP Server (version=TLS1_2,"
     " cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507.6; Sat, 31 Jan 2026 14:00:00 +0200",
     MAILER_EXCHANGE, .from = "EX1.corp.example", .helo = "EX1.corp.example", .address = "10.1.2.3",
     .by = "EX2.corp.example", .by_address = "10.1.2.4", .with = "Microsoft SMTP Server", .version = "TLS1_2",
     .cipher = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", .id = "15.1.2507.6"},
    {"from EX1.corp.example ([fe80::1:2:3:4]) by EX1.corp.example ([fe80::1:2:3:4%12]) with mapi id "
     "15.01.2507.006" DATE,
     MAILER_EXCHANGE, .from = "EX1.corp.example", .helo = "EX1.corp.example", .address = "fe80::1:2:3:4",
     .by = "EX1.corp.example", .by_address = "fe80::1:2:3:4", .with = "mapi", .id = "15.01.2507.006", .local = true},
    {"from mail.example.org (192.0.2.19) by BN1PEPF0000468B.mail.protection.outlook.com (10.167.243.136) with "
     "Microsoft SMTP"
     " Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9564.3 via Frontend Transport" DATE,
     MAILER_EXCHANGE_ONLINE, .from = "mail.example.org", .helo = "mail.example.org", .address = "192.0.2.19",
     .by = "BN1PEPF0000468B.mail.protection.outlook.com", .by_address = "10.167.243.136",
     .with = "Microsoft SMTP Server", .version = "TLS1_3", .cipher = "TLS_AES_256_GCM_SHA384", .id = "15.20.9564.3"},
    {"from DM6PR01MB1.prod.exchangelabs.com (::1) by DM6PR01MB1.prod.exchangelabs.com with HTTPS via "
     "SN1PR01CA2.PROD.EXCHANGELABS.COM" DATE,
     MAILER_EXCHANGE_ONLINE, .from = "DM6PR01MB1.prod.exchangelabs.com", .helo = "DM6PR01MB1.prod.exchangelabs.com",
     .address = "::1", .by = "DM6PR01MB1.prod.exchangelabs.com", .with = "HTTPS"},
    {"from EX1.corp.example (10.1.2.3) by EX1.corp.example (10.1.2.3) with Microsoft SMTP Server (version=TLS1_2, "
     "cipher=X-Y)"
     " id 15.1.1 via Mailbox Transport" DATE,
     MAILER_EXCHANGE, .from = "EX1.corp.example", .helo = "EX1.corp.example", .address = "10.1.2.3",
     .by = "EX1.corp.example", .by_address = "10.1.2.3", .with = "Microsoft SMTP Server", .version = "TLS1_2",
     .cipher = "X-Y", .id = "15.1.1"},
    {"from mail pickup service by web.example.net with Microsoft SMTPSVC" DATE, MAILER_EXCHANGE, .from = "mail",
     .by = "web.example.net", .with = "Microsoft SMTPSVC", .local = true},
    {"by ex.example.net with Internet Mail Service (5.5.2653.19) id <L6VF7PBX>" DATE, MAILER_EXCHANGE,
     .by = "ex.example.net", .with = "Internet Mail Service", .id = "L6VF7PBX"},
    /* ---- Google */
    {"by 2002:a05:6402:1a4a:b0:5b4:cafe:1 with SMTP id a640c1a4a00b1edcsp123456; Sat, 31 Jan 2026 04:00:00 -0800 (PST)",
     MAILER_GOOGLE, .by = "2002:a05:6402:1a4a:b0:5b4:cafe:1", .by_address = "2002:a05:6402:1a4a:b0:5b4:cafe:1",
     .with = "SMTP", .id = "a640c1a4a00b1edcsp123456"},
    {"from mail-sor-f41.google.com (mail-sor-f41.google.com. [192.0.2.20]) by mx.google.com with SMTPS id"
     " 98e67ed59e1d1-abc.1.2026.01.31.04.00.00 for <bob@example.net> (Google Transport Security);"
     " Sat, 31 Jan 2026 04:00:00 -0800 (PST)",
     MAILER_GOOGLE, .from = "mail-sor-f41.google.com", .helo = "mail-sor-f41.google.com",
     .reverse = "mail-sor-f41.google.com", .address = "192.0.2.20", .by = "mx.google.com", .with = "SMTPS",
     .id = "98e67ed59e1d1-abc.1.2026.01.31.04.00.00", .for_whom = "bob@example.net"},
    {"from [192.168.0.107] ([198.51.100.21]) by smtp.gmail.com with ESMTPSA id w9sm.62 (version=TLS1_3"
     " cipher=TLS_AES_128_GCM_SHA256 bits=128/128); Sat, 31 Jan 2026 04:00:00 -0800 (PST)",
     MAILER_GOOGLE, .from = "[192.168.0.107]", .helo = "[192.168.0.107]", .address = "198.51.100.21",
     .by = "smtp.gmail.com", .with = "ESMTPSA", .version = "TLS1_3", .cipher = "TLS_AES_128_GCM_SHA256",
     .id = "w9sm.62"},
    {"by mail-ed1-f52.google.com with SMTP id b17so1.0 for <bob@example.net>; Sat, 31 Jan 2026 04:00:00 -0800 (PST)",
     MAILER_GOOGLE, .by = "mail-ed1-f52.google.com", .with = "SMTP", .id = "b17so1.0", .for_whom = "bob@example.net"},
    {"by 2002:a05:7010:f104:b0:432:0:1 with HTTP; Sat, 31 Jan 2026 04:00:00 -0800 (PST)", MAILER_GOOGLE,
     .by = "2002:a05:7010:f104:b0:432:0:1", .by_address = "2002:a05:7010:f104:b0:432:0:1", .with = "HTTP",
     .local = true},
    {"by 10.143.160.8 with SMTP id m8cs42833wfo; Sat, 31 Jan 2026 04:00:00 -0800 (PST)", MAILER_GOOGLE,
     .by = "10.143.160.8", .by_address = "10.143.160.8", .with = "SMTP", .id = "m8cs42833wfo"},
    /* ---- Yahoo */
    {"from sonic.gate.mail.ne1.yahoo.com by sonic301.consmr.mail.ne1.yahoo.com with HTTP" DATE, MAILER_YAHOO,
     .from = "sonic.gate.mail.ne1.yahoo.com", .by = "sonic301.consmr.mail.ne1.yahoo.com", .with = "HTTP"},
    {"from [198.51.100.22] by tm7.bullet.mail.ne1.yahoo.com with NNFMP" DATE, MAILER_YAHOO, .from = "[198.51.100.22]",
     .address = "198.51.100.22", .by = "tm7.bullet.mail.ne1.yahoo.com", .with = "NNFMP"},
    {"by hermes--production-ne1-1 (Yahoo Inc. Hermes SMTP Server) with ESMTPA ID 4b5" DATE, MAILER_YAHOO,
     .by = "hermes--production-ne1-1", .with = "ESMTPA", .id = "4b5"},
    {"from 127.0.0.1 (EHLO mail.example.org) (192.0.2.23) by mta1.mail.ne1.yahoo.com with SMTPs (version=TLS1_2"
     " cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)" DATE,
     MAILER_YAHOO, .from = "127.0.0.1", .helo = "mail.example.org", .address = "192.0.2.23",
     .by = "mta1.mail.ne1.yahoo.com", .with = "SMTPs", .version = "TLS1_2",
     .cipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    /* ---- gateways */
    {"from pps.filterd (m0315024.ppops.net [127.0.0.1]) by mx0a-0a1b2c3d.pphosted.com (8.18.1.11/8.18.1.11) with ESMTP "
     "id 5BA1" DATE,
     MAILER_PROOFPOINT, .from = "pps.filterd", .helo = "pps.filterd", .reverse = "m0315024.ppops.net",
     .address = "127.0.0.1", .by = "mx0a-0a1b2c3d.pphosted.com", .with = "ESMTP", .id = "5BA1"},
    {"from out.example.org (out.example.org [192.0.2.24]) by mx0a-0a1b2c3d.pphosted.com (PPS) with ESMTPS id 4axyz-1"
     " (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=OK)" DATE,
     MAILER_PROOFPOINT, .from = "out.example.org", .helo = "out.example.org", .reverse = "out.example.org",
     .address = "192.0.2.24", .by = "mx0a-0a1b2c3d.pphosted.com", .with = "ESMTPS", .version = "TLSv1.3",
     .cipher = "TLS_AES_256_GCM_SHA384", .id = "4axyz-1"},
    {"from ex.example.org (ex.example.org [192.0.2.25]) by relay.mimecast.com with ESMTP with STARTTLS "
     "(version=TLSv1.3,"
     " cipher=TLS_AES_256_GCM_SHA384) id us-mta-601-9Z-1" DATE,
     MAILER_MIMECAST, .from = "ex.example.org", .helo = "ex.example.org", .reverse = "ex.example.org",
     .address = "192.0.2.25", .by = "relay.mimecast.com", .with = "ESMTP", .version = "TLSv1.3",
     .cipher = "TLS_AES_256_GCM_SHA384", .id = "us-mta-601-9Z-1"},
    {"from out.example.org (out.example.org [192.0.2.26]) by mx-inbound1.us-east-2a.ess.aws.cudaops.com "
     "(version=TLSv1.2"
     " cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO)" DATE,
     MAILER_BARRACUDA, .from = "out.example.org", .helo = "out.example.org", .reverse = "out.example.org",
     .address = "192.0.2.26", .by = "mx-inbound1.us-east-2a.ess.aws.cudaops.com", .version = "TLSv1.2",
     .cipher = "ECDHE-RSA-AES256-GCM-SHA384"},
    {"from out.example.org (localhost [127.0.0.1]) by gw.example.net (Spam Firewall) with ESMTP id 77" DATE,
     MAILER_BARRACUDA, .from = "out.example.org", .helo = "out.example.org", .reverse = "localhost",
     .address = "127.0.0.1", .by = "gw.example.net", .with = "ESMTP", .id = "77"},
    {"from ex1.corp.example ([10.9.8.7]) by esa1.example.net with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384; 31 Jan 2026 "
     "04:00:00 -0800",
     MAILER_CISCO, .from = "ex1.corp.example", .helo = "ex1.corp.example", .address = "10.9.8.7",
     .by = "esa1.example.net", .with = "ESMTP", .cipher = "ECDHE-RSA-AES256-GCM-SHA384"},
    {"from out.example.org ([192.0.2.27]) by esa2.hc1-1.iphmx.com with ESMTP; 31 Jan 2026 12:00:00 +0000", MAILER_CISCO,
     .from = "out.example.org", .helo = "out.example.org", .address = "192.0.2.27", .by = "esa2.hc1-1.iphmx.com",
     .with = "ESMTP"},
    {"from dsl.example.org (HELO smtp.example.org) (192.0.2.28) by server-18.tower-244.messagelabs.com with"
     " ECDHE-RSA-AES256-SHA encrypted SMTP; 31 Jan 2026 12:00:00 -0000",
     MAILER_UNKNOWN, .from = "dsl.example.org", .helo = "smtp.example.org", .reverse = "dsl.example.org",
     .address = "192.0.2.28", .by = "server-18.tower-244.messagelabs.com",
     .with = "ECDHE-RSA-AES256-SHA encrypted SMTP"},
    {"from ex.example.net (Not Verified[10.32.16.33]) by seg1.example.net with Trustwave SEG (v8,2,6) id <B64f>" DATE,
     MAILER_UNKNOWN, .from = "ex.example.net", .helo = "ex.example.net", .address = "10.32.16.33",
     .by = "seg1.example.net", .with = "Trustwave SEG", .id = "B64f"},
    /* ---- mailbox side */
    {"from mta1.example.net (LHLO mbox1.example.net) (10.0.0.5) by mbox1.example.net with LMTP" DATE, MAILER_DOVECOT,
     .from = "mta1.example.net", .helo = "mbox1.example.net", .reverse = "mta1.example.net", .address = "10.0.0.5",
     .by = "mbox1.example.net", .with = "LMTP"},
    {"from mail.example.net ([192.0.2.29]) by localhost (zimbra.example.net [127.0.0.1]) (amavisd-new, port 10032) "
     "with ESMTP id 9P3Yx" DATE,
     MAILER_OTHER, .from = "mail.example.net", .helo = "mail.example.net", .address = "192.0.2.29", .by = "localhost",
     .by_address = "127.0.0.1", .with = "ESMTP", .id = "9P3Yx"},
    {"from mx.example.net ([10.0.0.6]) by imap.example.net with LMTP id QKuf/abc (envelope-from <a@example.org>) for "
     "<bob@example.net>" DATE,
     MAILER_DOVECOT, .from = "mx.example.net", .helo = "mx.example.net", .address = "10.0.0.6",
     .by = "imap.example.net", .with = "LMTP", .id = "QKuf/abc", .for_whom = "bob@example.net"},
    {"by imap.example.net (Dovecot) with LMTP id 8a" DATE, MAILER_DOVECOT, .by = "imap.example.net", .with = "LMTP",
     .id = "8a", .local = true},
    {"from mx.example.net ([unix socket]) by imap.example.net (Cyrus v3.4) with LMTPA" DATE, MAILER_OTHER,
     .from = "mx.example.net", .by = "imap.example.net", .with = "LMTPA", .local = true},
    {"from localhost by mx.example.net (Postfix) with ESMTP id 4" DATE, MAILER_POSTFIX, .from = "localhost",
     .by = "mx.example.net", .with = "ESMTP", .id = "4", .local = true},
    {"from localhost by mx.example.net with ESMTP id 4" DATE, MAILER_UNKNOWN, .from = "localhost",
     .by = "mx.example.net", .with = "ESMTP", .id = "4"},
    {"from localhost (unknown [unknown]) by mx.example.net (Postfix) with ESMTP id 4" DATE, MAILER_POSTFIX,
     .from = "localhost", .by = "mx.example.net", .with = "ESMTP", .id = "4"},
    {"from imap.example.org [192.0.2.30] by localhost with IMAP (fetchmail-6.4.37) for <bob@localhost> "
     "(single-drop)" DATE,
     MAILER_FETCHMAIL, .from = "imap.example.org", .helo = "imap.example.org", .address = "192.0.2.30",
     .by = "localhost", .with = "IMAP", .for_whom = "bob@localhost"},
    /* ---- services */
    {"from app (192.0.2.31) by mta7.example.org (PowerMTA(TM) v5.0r7) id h9i6bm; Sat, 31 Jan 2026 09:00:00 -0300"
     " (envelope-from <b@example.org>)",
     MAILER_POWERMTA, .from = "app", .helo = "app", .address = "192.0.2.31", .by = "mta7.example.org", .id = "h9i6bm"},
    {"by mta9.example.org id zc3lbSH for <bob@example.net>; Sat, 31 Jan 2026 13:00:00 +0100 (envelope-from "
     "<b-9_HTML@example.org>)",
     MAILER_UNKNOWN, .by = "mta9.example.org", .id = "zc3lbSH", .for_whom = "bob@example.net"},
    {"from app.example.org (unknown [192.0.2.32]) by email-smtp.eu-west-1.amazonses.com with ESMTPSA id X1" DATE,
     MAILER_AMAZON_SES, .from = "app.example.org", .helo = "app.example.org", .address = "192.0.2.32",
     .by = "email-smtp.eu-west-1.amazonses.com", .with = "ESMTPSA", .id = "X1"},
    {"from MjA5OTM2NjQ (unknown) by geopod-ismtpd-3 (SG) with HTTP id nX2; Sat, 31 Jan 2026 12:00:00.334 +0000 (UTC)",
     MAILER_SENDGRID, .from = "MjA5OTM2NjQ", .by = "geopod-ismtpd-3", .with = "HTTP", .id = "nX2"},
    {"from app.example.org (unknown [192.0.2.33]) by geopod-ismtpd-5 (SG) with ESMTP id q7 for <bob@example.net>"
     "; Sat, 31 Jan 2026 12:00:00.100 +0000 (UTC)",
     MAILER_SENDGRID, .from = "app.example.org", .helo = "app.example.org", .address = "192.0.2.33",
     .by = "geopod-ismtpd-5", .with = "ESMTP", .id = "q7", .for_whom = "bob@example.net"},
    /* no semicolon at all, a date of another kind */
    {"by recvd-7744477dd-597x2 with SMTP id recvd-7744477dd-597x2-1-672283D7-D 2026-01-31 12:00:00.5 +0000 UTC "
     "m=+123.45",
     MAILER_SENDGRID, .by = "recvd-7744477dd-597x2", .with = "SMTP", .id = "recvd-7744477dd-597x2-1-672283D7-D"},
    {"from app.example.org (unknown [192.0.2.34]) by mxa.mailgun.org with ESMTP id 65ba.7f-smtp-out-n01" DATE,
     MAILER_MAILGUN, .from = "app.example.org", .helo = "app.example.org", .address = "192.0.2.34",
     .by = "mxa.mailgun.org", .with = "ESMTP", .id = "65ba.7f-smtp-out-n01"},
    {"by smtp-out-n04.prod.eu-central-1.postgun.com with HTTP id 65bb" DATE, MAILER_MAILGUN,
     .by = "smtp-out-n04.prod.eu-central-1.postgun.com", .with = "HTTP", .id = "65bb", .local = true},
    {"from localhost (localhost [127.0.0.1]) by mail12.atl11.rsgsv.net (Mailchimp) with ESMTP id 4T for "
     "<bob@example.net>" DATE,
     MAILER_MAILCHIMP, .from = "localhost", .helo = "localhost", .reverse = "localhost", .address = "127.0.0.1",
     .by = "mail12.atl11.rsgsv.net", .with = "ESMTP", .id = "4T", .for_whom = "bob@example.net"},
    {"from p2-jbemail.lan ([10.252.0.8]) by ccm20.constantcontact.com with ESMTP id CC1" DATE, MAILER_CONSTANT_CONTACT,
     .from = "p2-jbemail.lan", .helo = "p2-jbemail.lan", .address = "10.252.0.8", .by = "ccm20.constantcontact.com",
     .with = "ESMTP", .id = "CC1"},
    /* ---- list managers */
    {"(majordomo@lists.example.org) by lists.example.org via listexpand id S1730960AbfETJNR (ORCPT"
     " <rfc822;lists+x@example.net>); Sat, 31 Jan 2026 07:00:00 -0500",
     MAILER_LIST, .by = "lists.example.org", .id = "S1730960AbfETJNR"},
    {"from mail.example.org ([192.0.2.35]:38238 \"EHLO        mail.example.org\" rhost-flags-OK-OK-OK-OK) by "
     "lists.example.org"
     " with ESMTP id S1 (ORCPT <rfc822;x@lists.example.org>)" DATE,
     MAILER_UNKNOWN, .from = "mail.example.org", .helo = "mail.example.org", .reverse = "mail.example.org",
     .address = "192.0.2.35", .by = "lists.example.org", .with = "ESMTP", .id = "S1"},
    {"from x.example.org ([192.0.2.36]:38238 \"HELO a [198.51.100.1]\" rhost-flags-OK) by lists.example.org with SMTP "
     "id S2" DATE,
     MAILER_UNKNOWN, .from = "x.example.org", .helo = "a", .reverse = "x.example.org", .address = "192.0.2.36",
     .by = "lists.example.org", .with = "SMTP", .id = "S2"},
    {"by lists.example.org (Sympa 6.2) with ESMTP id L1" DATE, MAILER_LIST, .by = "lists.example.org", .with = "ESMTP",
     .id = "L1"},
    {"(qmail 1 invoked by alias); 31 Jan 2026 12:00:00 -0000", MAILER_QMAIL, .local = true,
     .oddities = HOP_NO_BY}, /* ezmlm */
    {"from mm.example.org (localhost [IPv6:::1]) by mm.example.org (Postfix) with ESMTP id MM" DATE,
     MAILER_POSTFIX, /* Mailman */
     .from = "mm.example.org", .helo = "mm.example.org", .reverse = "localhost", .address = "::1",
     .by = "mm.example.org", .with = "ESMTP", .id = "MM"},
    /* ---- others */
    {"from helo.example.org (rdns.example.org [192.0.2.37]) by mx.example.net (hMailServer 5.6) with ESMTP" DATE,
     MAILER_HMAILSERVER, .from = "helo.example.org", .helo = "helo.example.org", .reverse = "rdns.example.org",
     .address = "192.0.2.37", .by = "mx.example.net", .with = "ESMTP"},
    {"from mail.example.org ([192.0.2.38]) by mx.example.net with MailEnable ESMTPS (version=TLS1_2 "
     "cipher=Aes256)" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .address = "192.0.2.38",
     .by = "mx.example.net", .with = "MailEnable ESMTPS", .version = "TLS1_2", .cipher = "Aes256"},
    {"from mail.example.org (mail.example.org [192.0.2.39]) by mx.example.net (MDaemon PRO v21.0.0) with ESMTPS id "
     "md5001.msg"
     " for <bob@example.net>" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .reverse = "mail.example.org",
     .address = "192.0.2.39", .by = "mx.example.net", .with = "ESMTPS", .id = "md5001.msg",
     .for_whom = "bob@example.net"},
    {"from [192.0.2.40] (account bob@example.net HELO pc.example.net) by cgp.example.net (CommuniGate Pro SMTP 6.3) "
     "with ESMTPSA"
     " id 123 for anna@example.org" DATE,
     MAILER_OTHER, .from = "[192.0.2.40]", .helo = "pc.example.net", .address = "192.0.2.40", .by = "cgp.example.net",
     .with = "ESMTPSA", .id = "123", .for_whom = "anna@example.org"},
    {"from mail.example.org ([192.0.2.41]) by dom1.example.net (Lotus Domino Release 9.0.1) with ESMTP id "
     "2026013112-55" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .address = "192.0.2.41",
     .by = "dom1.example.net", .with = "ESMTP", .id = "2026013112-55"},
    {"from localhost by smtp.notes.example.com with smtp.notes.example.com ESMTP for <x@example.org> from "
     "<y@example.com>" DATE,
     MAILER_UNKNOWN, .from = "localhost", .by = "smtp.notes.example.com", .with = "smtp.notes.example.com ESMTP",
     .for_whom = "x@example.org"},
    {"from GW-MTA by gwia.example.net with Novell_GroupWise" DATE, MAILER_OTHER, .from = "GW-MTA",
     .by = "gwia.example.net", .with = "Novell_GroupWise"},
    {"by host.example.net (sSMTP sendmail emulation)" DATE, MAILER_OTHER, .by = "host.example.net"},
    {"from mail.example.org (mail.example.org [::ffff:192.0.2.42]) (TLS: TLSv1.2,256bits,ECDHE-RSA-AES256-GCM-SHA384) "
     "by"
     " courier.example.net with ESMTPS id 0000000000020.00005" DATE,
     MAILER_UNKNOWN, .from = "mail.example.org", .helo = "mail.example.org", .reverse = "mail.example.org",
     .address = "192.0.2.42", .by = "courier.example.net", .with = "ESMTPS", .version = "TLSv1.2",
     .cipher = "ECDHE-RSA-AES256-GCM-SHA384", .id = "0000000000020.00005"},
    {"from mail.example.org (mail.example.org [192.0.2.43]) by bsd.example.net (OpenSMTPD) with ESMTPS id 1f2e"
     " (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) for <bob@example.net>" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .reverse = "mail.example.org",
     .address = "192.0.2.43", .by = "bsd.example.net", .with = "ESMTPS", .version = "TLSv1.3",
     .cipher = "TLS_AES_256_GCM_SHA384", .id = "1f2e", .for_whom = "bob@example.net"},
    {"from mail.example.org ([192.0.2.44]) by james.example.net (JAMES SMTP Server 2.3.2) with SMTP ID 577 for "
     "<bob@example.net>" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .address = "192.0.2.44",
     .by = "james.example.net", .with = "SMTP", .id = "577", .for_whom = "bob@example.net"},
    {"from mail.example.org (192.0.2.45:3123) by xm.example.net with [XMail 1.27 ESMTP Server] id <S12> for "
     "<bob@example.net>"
     " from <a@example.org>" DATE,
     MAILER_OTHER, .from = "mail.example.org", .helo = "mail.example.org", .address = "192.0.2.45",
     .by = "xm.example.net", .with = "[XMail 1.27 ESMTP Server]", .id = "S12", .for_whom = "bob@example.net"},
    {"from pc ([192.0.2.46]) by mail.example.net (mrgmx005 [198.51.100.190]) with ESMTPSA (Nemesis) id 1ML" DATE,
     MAILER_OTHER, .from = "pc", .helo = "pc", .address = "192.0.2.46", .by = "mail.example.net",
     .by_address = "198.51.100.190", .with = "ESMTPSA", .id = "1ML"},
    {"from imap-04 ([10.202.2.82]) by compute-03.internal (MEProxy)" DATE, MAILER_OTHER, .from = "imap-04",
     .helo = "imap-04", .address = "10.202.2.82", .by = "compute-03.internal"},
    {"(apparently) from host9 ([192.0.2.47]) by mx.example.net with SMTP" DATE, MAILER_UNKNOWN, .from = "host9",
     .helo = "host9", .address = "192.0.2.47", .by = "mx.example.net", .with = "SMTP"},
    {"from 192.0.2.48 [192.0.2.48] by mx.example.net with SMTP" DATE, MAILER_UNKNOWN, .from = "192.0.2.48",
     .helo = "192.0.2.48", .address = "192.0.2.48", .by = "mx.example.net", .with = "SMTP"},
    {"from PC.LOCALDOMAIN (192.0.2.52[192.0.2.52 port:4721]) by gate Mail essentials (server 2.422) with SMTP id: "
     "<7@gate>" DATE,
     MAILER_UNKNOWN, .from = "PC.LOCALDOMAIN", .helo = "PC.LOCALDOMAIN", .address = "192.0.2.52", .by = "gate",
     .with = "SMTP", .id = "7@gate"},
    /* ---- faults */
    {"from  by mx.example.net with ESMTP" DATE, MAILER_UNKNOWN, .by = "mx.example.net", .with = "ESMTP",
     .oddities = HOP_NO_FROM},
    {"from a.example.org by mx.example.net with ESMTP", MAILER_UNKNOWN, .from = "a.example.org", .by = "mx.example.net",
     .with = "ESMTP", .time = "unknown", .oddities = HOP_NO_TIME},
    {"from a.example.org (a.example.org [192.0.2.49])", MAILER_UNKNOWN, .from = "a.example.org",
     .helo = "a.example.org", .reverse = "a.example.org", .address = "192.0.2.49", .time = "unknown",
     .oddities = HOP_NO_TIME | HOP_NO_BY | HOP_UNREADABLE},
    {"Carol", MAILER_UNKNOWN, .time = "unknown", .oddities = HOP_NO_TIME | HOP_NO_BY | HOP_UNREADABLE},
    {"", MAILER_UNKNOWN, .time = "unknown", .oddities = HOP_NO_TIME | HOP_NO_BY | HOP_UNREADABLE},
    {"from a.example.org ([192.0.2.50] by mx.example.net with SMTP" DATE, MAILER_UNKNOWN, .from = "a.example.org",
     .helo = "a.example.org", .address = "192.0.2.50", .by = "mx.example.net", .with = "SMTP"},
    {"from <script> (a;b (c) [192.0.2.51]) by mx.example.net" DATE, MAILER_UNKNOWN, .from = "<script>",
     .helo = "<script>", .address = "192.0.2.51", .by = "mx.example.net"},
};

static struct span ip_words(struct arena *arena, const struct ip *ip)
{
    return ip_text(arena, ip);
}

static struct span time_words(struct arena *arena, int64_t time)
{
    struct buf out = {.arena = arena};
    time_print(&out, time);
    return buf_span(&out);
}

static size_t wrong;
static void check(const struct row *row, const char *what, struct span seen, const char *wanted)
{
    if (span_eq(seen, span_of(wanted ? wanted : "")))
        return;
    print_error("%s\n    %s: got \"%.*s\", wanted \"%s\"\n", row->value, what, SPAN_FMT(seen), wanted ? wanted : "");
    wrong++;
}

static void row_check(struct arena *arena, const struct row *row)
{
    struct span value = exact(row->value);
    struct field field = {.id = FIELD_RECEIVED, .name = S("Received"), .value = value};
    struct hop hop;
    bool readable = received_parse(arena, &field, &hop);
    check(row, "mailer", span_of(mailer_name(hop.mailer)), mailer_name(row->mailer));
    check(row, "from", hop.from, row->from);
    check(row, "helo", hop.helo, row->helo);
    check(row, "reverse", hop.reverse, row->reverse);
    check(row, "address", ip_words(arena, &hop.address), row->address);
    check(row, "by", hop.by, row->by);
    check(row, "by address", ip_words(arena, &hop.by_address), row->by_address);
    check(row, "with", hop.with, row->with);
    check(row, "tls version", hop.tls.version, row->version);
    check(row, "tls cipher", hop.tls.cipher, row->cipher);
    check(row, "id", hop.id, row->id);
    check(row, "for", hop.for_whom, row->for_whom);
    check(row, "time", time_words(arena, hop.time), row->time ? row->time : "2026-01-31T12:00:00Z");
    check(row, "local", span_of(hop.local ? "yes" : "no"), row->local ? "yes" : "no");
    check(row, "readable", span_of(readable ? "yes" : "no"), row->oddities & HOP_UNREADABLE ? "no" : "yes");
    if (hop.oddities != row->oddities)
        check(row, "oddities", arena_print(arena, "%u", hop.oddities),
              (const char *)arena_print(arena, "%u", row->oddities).at);
    free((void *)value.at);
}

static void received_shapes(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        row_check(arena, &rows[i]);
    arena_free(&arena);
    assert_int_equal(wrong, 0);
}

/* Fields of a million bytes made to hurt: the work stays in proportion, and the date at the end is still found where a
 * semicolon stands before it. A quadratic scan would take minutes here. */
static void hostile_fields(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(", "(()",         "< ",  "\"",         "a ", "from by ",
                                         ";", "(a[1.2.3.4]", "\\(", "(HELO x \"", "[",  "id <"};
    enum { SIZE = 1 << 20 };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *at = malloc(SIZE);
        size_t n = strlen(pieces[i]), end = SIZE - 40;
        for (size_t k = 0; k < SIZE; k++)
            at[k] = pieces[i][k % n];
        memcpy(at + end, "; Sat, 31 Jan 2026 12:00:00 +0000       ", 40);
        struct field field = {.value = {at, SIZE}};
        struct hop hop;
        clock_t begun = clock();
        received_parse(arena, &field, &hop);
        assert_true(clock() - begun < CLOCKS_PER_SEC / 2); /* usually a thousandth of it */
        assert_int_equal(hop.time, 1769860800);
        free(at);
    }
    assert_true(arena_used(arena) < 4096);
    arena_free(&arena);
}

/* Every beginning of every shape is read without looking past its end. */
static void truncated_fields(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t n = 0; n < strlen(rows[i].value); n++) {
            struct span value = exact_bytes(rows[i].value, n);
            struct field field = {.value = value};
            struct hop hop;
            received_parse(arena, &field, &hop);
            free((void *)value.at);
        }
    arena_free(&arena);
}

/* A NUL is no byte of a host's name, whichever end of the name looks trustworthy. */
static void nul_is_in_no_name(void **state)
{
    static const char bytes[] =
        "from pc (mail.bank.example\0.evil.example [192.0.2.1]) by mx.example.net; Sat, 31 Jan 2026 12:00:00 +0000";
    struct arena *arena = arena_new(1 << 20);
    struct span value = exact_bytes(bytes, sizeof bytes - 1);
    struct field field = {.value = value};
    struct hop hop;
    assert_true(received_parse(arena, &field, &hop));
    assert_span(hop.reverse, "");
    assert_span(hop.by, "mx.example.net");
    assert_int_equal(hop.address.bytes[3], 1);
    free((void *)value.at);
    arena_free(&arena);
}

static void mailers_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < MAILER_COUNT; i++)
        assert_non_null(mailer_name((enum mailer)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(received_shapes), cmocka_unit_test(hostile_fields),
                                       cmocka_unit_test(truncated_fields), cmocka_unit_test(nul_is_in_no_name),
                                       cmocka_unit_test(mailers_have_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
