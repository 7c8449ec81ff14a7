"""What the stories of lure_stories.py are made of: messages, files, pages, and the roads of services with the marks these leave."""
import base64, json, zlib

READER = 'reader@harbour.example'


class Road:
    """The client at our door, what it wrote above the author's fields, and what stands below in the message."""
    def __init__(self, host, ip, hops='', fields=''):
        self.host, self.ip, self.hops, self.fields = host, ip, hops, fields


class File:
    def __init__(self, kind, name, data, cid=None):
        self.kind, self.name, self.data, self.cid = kind, name, data if isinstance(data, bytes) else data.encode(), cid


class Story:
    """`name` and `address` make From; `road` is None where the author's own server wrote."""
    def __init__(self, folder, why, verdict, name, address, subject, text=None, html=None, files=(), fires=(), silent=(), road=None,
                 sender=None, signers=None, more='', policy='reject', people='', proved=True, own_ip=None, to=f'Reader <{READER}>'):
        self.__dict__.update(locals())
        self.domain = address.rsplit('@', 1)[1]
        self.road = road or Road('mail.' + self.domain, '192.0.2.66' if verdict != 'clean' else '198.51.100.25')
        self.own_ip = own_ip or self.road.ip
        self.sender = sender or address
        self.signers = signers if signers is not None else ((self.domain, 's1', 'rsa-three.pem' if verdict != 'clean' else 'rsa-one.pem'),)
        self.more = self.road.fields + more
        self.message_id = f'20260131115850.5e1b@{self.domain}'


def page(inner, colour='#ffffff'):
    return (f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body bgcolor="{colour}">\n'
            f'<table width="600" align="center" cellpadding="16"><tr><td style="font-family:Arial,sans-serif;font-size:15px">\n'
            f'{inner.strip()}\n</td></tr></table></body></html>')


def button(url, words, colour='#0067b8'):
    return (f'<p align="center"><a href="{url}" style="background:{colour};color:#ffffff;padding:12px 30px;text-decoration:none;'
            f'border-radius:3px">{words}</a></p>')


# ---- roads of services, with the marks that these leave
def mailgun(domain):
    sid = base64.b64encode(json.dumps(['8dc44', READER, '4b5d1']).encode()).decode()
    return Road('m69-134.mailgun.net', '166.78.69.134', fields=(
        f'X-Mailgun-Sending-Ip: 166.78.69.134\nX-Mailgun-Sending-Ip-Pool-Name: \nX-Mailgun-Sid: {sid}\n'
        f'Sender: postmaster@{domain}\nX-Mailgun-Variables: {{"list": "guests"}}\n'))


def mailgun_click(domain, number):
    """A click address of the service: where it leads is known to the service alone."""
    blob = base64.urlsafe_b64encode(zlib.compress(f'{number}:casa-verano:{READER}'.encode() * 2)).decode().rstrip('=')
    return f'http://email.{domain}/c/{blob}'


def microsoft365(tenant, organisation):
    return Road('PA4PR04CU001.outbound.protection.outlook.com', '40.107.162.84', hops=(
        'Received: from VI1PR04MB5136.eurprd04.prod.outlook.com (2603:10a6:803:55::19)\n by AM9PR04MB8211.eurprd04.prod.outlook.com '
        '(2603:10a6:20b:3ea::13) with Microsoft SMTP\n Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\n '
        '15.20.9564.11; Sat, 31 Jan 2026 11:59:10 +0000\n'), fields=(
        f'X-OriginatorOrg: {organisation}\nX-MS-Exchange-CrossTenant-Id: {tenant}\nX-MS-Exchange-CrossTenant-AuthAs: Internal\n'
        'X-MS-Exchange-CrossTenant-AuthSource: VI1PR04MB5136.eurprd04.prod.outlook.com\nX-MS-Exchange-CrossTenant-FromEntityHeader: Hosted\n'))


GMAIL = Road('mail-wm1-f54.google.com', '209.85.128.54', hops=(
    'Received: by mail-wm1-f54.google.com with SMTP id 5b1f17b1804b1-4803e8c91b9so31.1\n        for <reader@harbour.example>; '
    'Sat, 31 Jan 2026 03:59:20 -0800 (PST)\n'))
GMAIL_SIGNER = (('gmail.com', '20230601', 'rsa-two.pem'),)
GOOGLE_SHARES = Road('mail-oa1-f73.google.com', '209.85.160.73')
SENDGRID = Road('o23.e.notification.intuit.com', '167.89.66.23', fields='X-SG-EID: u001.q1fT8hZ0mCw2bVYhQ4Ld==\nX-SG-ID: u001.SdBcvi9cbU1s\n')
