#!/usr/bin/env python3
"""The pages behind locked links: through the service as readers, scanners and strangers meet them, and behind a reverse proxy.

usage: tests/doors/clicks.py SEKIMORI FAULTY [TEST]...    wants libsodium; the package chromium for the test with a browser
"""
import base64, ctypes, ctypes.util, email, email.policy, hashlib, html.parser, http.client, http.server, json, os, re, shutil, signal, sqlite3, struct, subprocess, sys, tempfile, threading, time, unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import milter, postfix, service
from service import Service, free_port, wait_for

PROGRAM = FAULTY = ''
SODIUM = ctypes.CDLL(ctypes.util.find_library('sodium') or 'libsodium.so.23')
HOST = 'parcel.bad.example'
TARGET = f'https://{HOST}/track?id=1&to=%3Cb%3E'
LETTER = ('From: "Parcel" <info@shop.example>\r\nTo: b@harbour.example\r\nMessage-ID: <{0}@shop.example>\r\nSubject: {1}\r\n'
          'Content-Type: text/plain; charset=utf-8\r\n\r\nSee https://{2}/track and https://other.example/\r\n')


# ---- passes, as src/seal/pass.c and src/seal/token.c write them
def number(n):
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def word(text):
    return number(len(text)) + text


def pass_text(record, meant, everybody, link=0, until=None, target=TARGET, org='harbour', version=1, key=b'', once=b''):
    names = sorted({name.lower().encode() for name in everybody})
    chosen = [name.lower().encode() in names and name.lower().encode() for name in meant]
    bits = 0
    for name in chosen:
        bits |= 1 << names.index(name)
    digest = hashlib.sha256(b''.join(struct.pack('@Q', len(name)) + name for name in sorted(set(chosen)))).digest()[:16]
    places = bits.to_bytes((bits.bit_length() + 7) // 8, 'little')
    until = int(time.time()) + 3600 if until is None else until
    return (bytes([version]) + word(record.encode()) + word(key) + word(org.encode()) + number(link) + number(until) + word(digest) + word(places) + word(once) +
            word(target.encode()))


def token(key, secret, purpose, text):
    nonce, about = os.urandom(24), f'sekimori token 1 {len(key)} {key} {purpose}'.encode()
    out, size = ctypes.create_string_buffer(len(text) + 16), ctypes.c_ulonglong()
    assert SODIUM.crypto_aead_xchacha20poly1305_ietf_encrypt(out, ctypes.byref(size), text, ctypes.c_ulonglong(len(text)), about, ctypes.c_ulonglong(len(about)), None,
                                                             nonce, secret) == 0
    return f'1{key}.' + base64.urlsafe_b64encode(nonce + out.raw).rstrip(b'=').decode()


class Page(html.parser.HTMLParser):
    """What an independent parser sees: the words, the links, the form and its buttons."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.words, self.links, self.forms, self.buttons, self.tags, self.inside, self.lang = '', [], [], [], set(), [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.inside.append(tag)
        self.lang = attrs.get('lang') if tag == 'html' else self.lang
        if tag == 'a':
            self.links.append(attrs.get('href'))
        if tag == 'form':
            self.forms.append(attrs)
        if tag == 'button':
            self.buttons.append(attrs.get('value'))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if 'style' not in self.inside:
            self.words += data


class ClickCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='sekimori-clicks-')
        self.addCleanup(folder.cleanup)
        self.folder, self.port = folder.name, free_port()
        self.keys = os.path.join(self.folder, 'keys')
        self.people = ['b@harbour.example', 'C@harbour.example']

    def run_program(self, *words, status=0):
        done = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return done.stdout.decode()

    def key(self, *words):
        return self.run_program('key', *words, '--keys', self.keys).split()[0]

    def serve(self, more='', **settings):
        if not os.path.exists(self.keys):
            self.current = self.key('make', 'token')
        one = Service(self.folder, listener=f'  - name: links\n    kind: links\n    address: 127.0.0.1:{self.port}\n', more='keys: {folder: keys}\n' + more, **settings)
        self.addCleanup(lambda: self.end(one))
        return one

    end = service.end

    def record(self, one, name='1', subject='Your parcel', host=HOST, people=None):
        text = LETTER.format(name, subject, host).encode()
        connection = http.client.HTTPConnection('127.0.0.1', one.port, timeout=60)
        connection.putrequest('POST', '/v1/messages')
        for head, value in [('Content-Type', 'message/rfc822'), ('Content-Length', len(text)), ('X-Sekimori-Mail-From', 'info@shop.example')]:
            connection.putheader(head, value)
        for person in people or self.people:
            connection.putheader('X-Sekimori-Rcpt-To', person)
        connection.endheaders(text)
        body = connection.getresponse().read().decode()
        connection.close()
        return json.loads(body)['id']

    def secret(self, key):
        with open(os.path.join(self.keys, key + '.secret'), encoding='ascii') as f:
            return bytes.fromhex(f.read())

    def sealed(self, record, kind='lock', purpose=None, key=None, meant=None, **text):
        key = key or self.current
        return token(key, self.secret(key), f'pass {purpose or kind}', pass_text(record, meant or self.people[:1], self.people, **text))

    def ask(self, method, path, body=None, port=None, **headers):
        connection = http.client.HTTPConnection('127.0.0.1', port or self.port, timeout=60)
        try:
            names = {name.replace('_', '-'): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=names)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer
        finally:
            connection.close()

    def page(self, path, status=200, **headers):
        got, body, answer = self.ask('GET', path, **headers)
        self.assertEqual(got, status, body)
        self.heads_check(answer)
        return Page(body)

    def heads_check(self, answer):
        self.assertEqual(answer.getheader('X-Frame-Options'), 'DENY')
        self.assertEqual(answer.getheader('Referrer-Policy'), 'no-referrer')
        self.assertEqual(answer.getheader('X-Robots-Tag'), 'noindex, nofollow')
        self.assertEqual(answer.getheader('Cache-Control'), 'no-store')
        self.assertIn("default-src 'none'", answer.getheader('Content-Security-Policy'))
        self.assertIn("frame-ancestors 'none'", answer.getheader('Content-Security-Policy'))
        self.assertIsNone(answer.getheader('Set-Cookie'))

    def press(self, path, what, note='', **headers):
        body = urllib.parse.urlencode({'do': what, 'note': note})
        return self.ask('POST', path, body=body, Content_Type='application/x-www-form-urlencoded', **headers)

    def rows(self, query):
        store = sqlite3.connect(os.path.join(self.folder, 'store.db'), timeout=10)
        try:
            return store.execute(query).fetchall()
        finally:
            store.close()

    def store_words(self):
        return ['--store', os.path.join(self.folder, 'store.db')]


class Locked(ClickCase):
    def test_only_the_button_is_a_click(self):
        one = self.serve()
        record = self.record(one)
        path = '/lock/' + self.sealed(record)
        page = self.page(path)
        for words in (HOST, TARGET, 'Your parcel', 'info@shop.example', 'b@harbour.example', record):
            self.assertIn(words, page.words)
        self.assertNotIn('c@harbour.example', page.words) # it is for the other one alone
        self.assertEqual((page.buttons, [form.get('method') for form in page.forms]), (['go'], ['post']))
        self.assertFalse(page.tags & {'script', 'img', 'iframe', 'link', 'object'})
        self.assertTrue(all(link.startswith('?lang=') for link in page.links), page.links) # the target is text
        for _ in range(2):
            self.assertEqual(self.ask('HEAD', path)[0:2], (200, ''))
        self.assertEqual(self.rows('select count(*) from click'), [(0,)])
        self.assertEqual(self.rows('select times from opened'), [(3,)])
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60) # by a proxy that adds a field to the client's own
        connection.putrequest('POST', path)
        for head, value in (('Content-Type', 'application/x-www-form-urlencoded'), ('Content-Length', '5'), ('X-Forwarded-For', '203.0.113.5, 203.0.113.6'),
                            ('X-Forwarded-For', '203.0.113.8, 198.51.100.7')):
            connection.putheader(head, value)
        connection.endheaders(b'do=go')
        answer = connection.getresponse()
        status = answer.status
        connection.close()
        self.assertEqual((status, answer.getheader('Location'), answer.getheader('Referrer-Policy')), (303, TARGET, 'no-referrer'))
        self.assertEqual(self.rows('select id, link, appeal, people, org, host, client from click'), [(record, 0, 0, 'b@harbour.example', 'harbour', HOST, '198.51.100.7')])
        said = self.run_program('explain', *self.store_words(), '--lang', 'en', record)
        self.assertIn('pages fetched 3 times, maybe by scanners', said)
        self.assertRegex(said, r'clicked link 0 \(parcel\.bad\.example\)  for b@harbour\.example  from 198\.51\.100\.7')
        self.assertIn('クリック', self.run_program('explain', *self.store_words(), '--lang', 'ja', record))
        wait_for(lambda: one.events('click'))

    def test_the_page_speaks_two_languages_and_switches_without_a_script(self):
        one = self.serve()
        path = '/lock/' + self.sealed(self.record(one))
        self.assertEqual(self.page(path).lang, 'en')
        japanese = self.page(path, Accept_Language='ja,en-US;q=0.8,en;q=0.6')
        self.assertEqual(japanese.lang, 'ja')
        self.assertIn('リンクの行き先', japanese.words)
        self.assertEqual(self.page(path, Accept_Language='en-GB,ja;q=0.5').lang, 'en')
        self.assertEqual(self.page(path, Accept_Language='ja;q=0, fr').lang, 'en')
        switched = self.page(path + japanese.links[0], Accept_Language='ja')
        self.assertEqual(switched.lang, 'en')
        self.assertEqual(switched.forms[0]['action'], '?lang=en')

    def test_what_strangers_wrote_stays_text(self):
        one = self.serve()
        record = self.record(one, subject='<script>alert(1)</script> &amp; "x" \u202egnp.exe'.encode().decode('latin-1').encode('latin-1').decode())
        page = self.page('/lock/' + self.sealed(record, target='https://a:b@xn--pple-43d.example/<script>"\'&'))
        self.assertNotIn('script', page.tags)
        self.assertIn('<script>alert(1)</script>', page.words)
        self.assertNotIn('\u202e', page.words)
        for words in ('xn--pple-43d.example', '\u0430pple.example', 'look like others', 'It leads to xn--pple-43d.example'):
            self.assertIn(words, page.words)

    def test_only_pages_of_the_web_are_gone_to(self):
        one = self.serve()
        record = self.record(one)
        for target in ('javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'ftp://a.example/', 'https:', 'x' * 3000, ''):
            path = '/lock/' + self.sealed(record, target=target)
            self.assertEqual(self.page(path).buttons, [], target)
            status, _, answer = self.press(path, 'go')
            self.assertEqual((status, answer.getheader('Location')), (200, None), target)
        self.assertEqual(self.rows('select count(*) from click'), [(0,)])
        status, _, answer = self.press('/lock/' + self.sealed(record, target='http://a.example/\r\nX: y\u3042'), 'go')
        self.assertEqual((status, answer.getheader('X')), (303, None))
        self.assertRegex(answer.getheader('Location'), '^http://a.example/[!-~]*$')

    def test_the_verdict_is_the_one_of_now(self):
        one = self.serve()
        record, path = self.record(one), None
        path = '/lock/' + self.sealed(record)
        self.assertIn('No other message', self.page(path).words)
        others = [self.record(one, name=f'n{i}') for i in range(2)]
        self.assertIn('Other messages to your organisation with a link to this place: 2, of them malicious: 0', self.page(path).words)
        self.run_program('correct', *self.store_words(), '--bad', others[0])
        page = self.page(path)
        self.assertIn('of them malicious: 1', page.words)
        self.assertEqual(page.buttons, ['ask']) # half of them: worse than when it was locked
        self.assertEqual(self.press(path, 'go')[0], 200)
        self.assertEqual(self.rows('select count(*) from click'), [(0,)])
        self.run_program('correct', *self.store_words(), '--undo', others[0])
        self.assertEqual(self.page(path).buttons, ['go'])
        self.run_program('deny', 'add', *self.store_words(), '--domain', 'bad.example', '--reason', 'x', '--expires', '7d')
        self.assertEqual(self.page(path).buttons, ['ask'])
        self.assertIn('denied', self.page(path).words)


class Twice(ClickCase):
    def test_a_double_lock_asks_and_is_granted_to_those_who_asked(self):
        told = http.server.HTTPServer(('127.0.0.1', 0), Receiver)
        told.heard = []
        threading.Thread(target=told.serve_forever, daemon=True).start()
        self.addCleanup(told.server_close)
        self.addCleanup(told.shutdown)
        one = self.serve(more=f'notify:\n  - {{name: desk, webhook: "http://127.0.0.1:{told.server_port}/x", addresses: yes, when: {{appeals: only}}}}\n')
        record = self.record(one)
        mine, other, both = ('/double-lock/' + self.sealed(record, 'double-lock', meant=meant, link=1) for meant in (self.people[:1], self.people[1:], self.people))
        self.assertEqual(self.page(mine).buttons, ['ask'])
        self.assertEqual(self.press(mine, 'go')[0], 200) # nobody goes on by himself
        status, body, _ = self.press(mine, 'ask', note='I wait for it <b>')
        self.assertEqual((status, Page(body).buttons), (200, []))
        self.assertIn('request 1', Page(body).words)
        notice = json.loads(wait_for(lambda: told.heard)[0])
        self.assertEqual((notice['id'], notice['appeal']['host'], notice['appeal']['link'], notice['appeal']['note'], notice['rcpt_to']),
                         (record, HOST, 1, 'I wait for it <b>', ['b@harbour.example']))
        schema = subprocess.run([sys.executable, os.path.join(TOP, 'tools', 'check-report'), '--schema', os.path.join(TOP, 'docs', 'notice.schema.json')],
                                input=(json.dumps(notice) + '\n').encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(schema.returncode, 0, schema.stdout)
        self.assertEqual(self.page(mine).buttons, [])
        self.assertEqual(self.page(other).buttons, ['ask']) # they have not
        listed = self.run_program('appeals', 'list', *self.store_words())
        for words in ('1  waiting', record, HOST, 'b@harbour.example', 'I wait for it <b>'):
            self.assertIn(words, listed)
        self.assertEqual(json.loads(self.run_program('appeals', 'list', '--json', *self.store_words()))['number'], 1)
        self.assertIn('granted 1', self.run_program('appeals', 'grant', *self.store_words(), '--by', 'root', '1'))
        self.assertEqual(self.run_program('appeals', 'list', *self.store_words()), '')
        self.assertEqual(self.page(mine).buttons, ['go'])
        self.assertEqual(self.page(other).buttons, ['ask'])
        page = self.page(both)
        self.assertEqual(page.buttons, ['ask'])
        self.assertIn('2 recipients', page.words)
        self.assertNotIn('@harbour.example', page.words) # who the others are is nobody's business
        self.assertEqual(self.press(other, 'go')[0], 200)
        status, _, answer = self.press(mine, 'go')
        self.assertEqual((status, answer.getheader('Location')), (303, TARGET))
        self.press(both, 'ask')
        self.run_program('appeals', 'refuse', *self.store_words(), '2')
        self.assertIn('refused it', self.page(both).words)
        self.assertIn('asked for link 1', self.run_program('explain', *self.store_words(), '--lang', 'en', record))
        self.run_program('appeals', 'grant', *self.store_words(), '9', status=2)

    def test_a_corrected_message_is_free(self):
        one = self.serve()
        record = self.record(one)
        path = '/double-lock/' + self.sealed(record, 'double-lock')
        self.run_program('correct', *self.store_words(), '--honest', record)
        self.assertEqual(self.page(path).buttons, ['go'])


class Held(ClickCase):
    """Held mail by the passes of a digest: on the same pages."""
    LURE = 'From: Microsoft account team <x@bad.example>\r\nTo: b@active.example\r\nMessage-ID: <{0}@bad.example>\r\nSubject: Unusual sign-in {0}\r\n\r\nConfirm it: https://bad.example/{0}\r\n'
    ACTIVE = '  - id: active\n    name: Active\n    domains: [active.example]\n    mode: active\n    suspicious: 0.001\n    malicious: 0.002\n'
    ORG = 'active'

    def setUp(self):
        super().setUp()
        self.people = ['b@active.example', 'c@active.example']
        saved, service.CONFIG = service.CONFIG, service.CONFIG.replace('listeners:', self.ACTIVE + 'listeners:')
        self.addCleanup(lambda: setattr(service, 'CONFIG', saved))

    def hold(self, number):
        global LETTER
        saved, LETTER = LETTER, self.LURE
        try:
            return self.record(self.one, name=number)
        finally:
            LETTER = saved

    def pass_to(self, kind, record, person, ticket=None, meant=None):
        ticket = ticket or self.rows(f"select ticket from hold where id = '{record}'")[0][0]
        text = pass_text(record, meant or [person], self.people, target='', org='active', once=ticket)
        return f'/{kind}/' + token(self.current, self.secret(self.current), f'pass {kind}', text)

    def test_a_recipient_releases_or_asks_for_his_own(self):
        sink = postfix.Sink(lambda verb, line: None)
        self.addCleanup(sink.close)
        self.one = self.serve(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{sink.port}\n')
        record = self.hold('1')
        mine, his = (self.pass_to('release', record, person) for person in self.people)
        ask = self.pass_to('ask', record, self.people[1])
        page = self.page(mine)
        self.assertEqual(page.buttons, ['go'])
        for words in ('A message is held for you', 'Unusual sign-in 1', 'x@bad.example', 'b@active.example'):
            self.assertIn(words, page.words)
        self.assertEqual(self.page(mine, Accept_Language='ja').lang, 'ja')
        self.ask('HEAD', mine)
        self.assertEqual(sink.mails, []) # nothing leaves by being looked at
        status, body, answer = self.press(mine, 'go')
        self.assertEqual((status, answer.getheader('Location'), Page(body).buttons), (200, None, []))
        wait_for(lambda: sink.mails)
        self.assertIn('was released', self.page(mine).words)
        self.press(mine, 'go') # a second time is none
        self.assertEqual(self.page(ask).buttons, ['ask'])
        self.press(ask, 'go')
        self.press(ask, 'ask', note='please')
        self.assertIn('asked for this message', self.page(ask).words)
        states = dict(self.rows('select address, state from held'))
        self.assertEqual(states['c@active.example'], 2, states)
        self.assertEqual(len(sink.mails), 1)
        self.page(self.pass_to('release', record, None, meant=self.people), status=403) # a pass for two is nobody's
        self.page(self.pass_to('release', record, self.people[1], ticket=b'0' * 16), status=403) # of another hold
        self.page('/lock/' + mine.rpartition('/')[2], status=404)
        self.assertEqual(self.page(his).buttons, ['go'])
        self.run_program('held', 'delete', *self.store_words(), record)
        self.assertIn('not here any more', self.page(his).words)


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.heard.append(self.rfile.read(int(self.headers['Content-Length'])))
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *words):
        pass


class Whole(ClickCase):
    """From a message that comes in by milter to the click, with the links that were planted in it."""

    def locked(self, one, act, recipients, number=0):
        """The message's own links, and those that it has when it is delivered."""
        with open(f'{TOP}/tests/cases/ja-bank/message.eml', 'rb') as f:
            text = f.read().replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        text = re.sub(rb'(?mi)^Message-ID:.*', b'Message-ID: <%d@shop.example>' % number, text)
        door = milter.Milter(('127.0.0.1', self.milter_port))
        door.connect()
        edits, end = door.mail(text, recipients=recipients, queue_id=f'Q{number}{act}')
        door.close()
        self.assertEqual(end, ('c', b''))
        head = re.sub(rb'\r\n\r\n.*', b'', text, flags=re.S)
        for letter, data in edits: # fields of the body, which may be another sort of text now
            if letter == 'm':
                name, value = data[4:].split(b'\0')[:2]
                head = re.sub(rb'(?mi)^' + re.escape(name) + rb':.*(\r\n[ \t].*)*\r?\n?', name + b': ' + value.replace(b'\n', b'\r\n') + b'\r\n' if value else b'', head)
        new = b''.join(data for letter, data in edits if letter == 'b')
        whole = lambda message: ' '.join(part.get_content() for part in message.walk() if part.get_content_maintype() == 'text')
        links = lambda message: re.findall(r'https?://[^\s"<>)]*', whole(message))
        parse = lambda data: email.message_from_bytes(data, policy=email.policy.default)
        return links(parse(text)), links(parse(head.rstrip() + b'\r\n\r\n' + new))

    def test_a_planted_link_leads_to_its_page_and_on(self):
        self.milter_port, base = free_port(), 'https://mail.harbour.example/sekimori'
        more = ('policies:\n' + ''.join(f'  - name: {act}\n    do: [{act}]\n    mode: active\n    when: {{verdict: clean, people: [{act}@harbour.example]}}\n'
                                       for act in ('lock', 'double-lock')) + f'links:\n  base_url: {base}\n')
        self.current = self.key('make', 'token')
        one = Service(self.folder, listener=f'  - name: links\n    kind: links\n    address: 127.0.0.1:{self.port}\n'
                                            f'  - name: inbound\n    kind: milter\n    address: 127.0.0.1:{self.milter_port}\n', more='keys: {folder: keys}\n' + more)
        self.addCleanup(lambda: self.end(one))
        before, after = self.locked(one, 'lock', ['lock@harbour.example'])
        ours = [link for link in after if link.startswith(base + '/lock/')]
        self.assertTrue(ours, after)
        path = urllib.parse.urlsplit(ours[0]).path
        page = self.page(path)
        self.assertEqual(page.buttons, ['go'])
        status, _, answer = self.press(path, 'go')
        self.assertEqual(status, 303)
        self.assertIn(answer.getheader('Location').rstrip('/'), [link.rstrip('/') for link in before])
        self.assertIn(answer.getheader('Location'), page.words)
        self.assertEqual(self.rows('select people from click'), [('lock@harbour.example',)])
        _, again = self.locked(one, 'lock', ['lock@harbour.example']) # a second try of one message: its record is the first one's
        self.assertEqual(self.rows('select count(*) from paper'), [(1,)])
        self.assertEqual(self.page(urllib.parse.urlsplit([link for link in again if link.startswith(base)][0]).path).buttons, ['go'])
        _, twice = self.locked(one, 'double-lock', ['double-lock@harbour.example'], 1)
        path = urllib.parse.urlsplit([link for link in twice if link.startswith(base + '/double-lock/')][0]).path
        self.assertEqual(self.page(path).buttons, ['ask'])
        self.assertEqual(self.press(path, 'ask')[0], 200)
        self.run_program('appeals', 'grant', *self.store_words(), '1')
        self.assertEqual(self.press(path, 'go')[0], 303)


class Strangers(ClickCase):
    def test_nothing_leads_anywhere_without_a_pass(self):
        one = self.serve()
        record = self.record(one)
        good = self.sealed(record)
        self.page('/lock/' + good)
        for path in ('/', '/lock', '/lock/', '/favicon.ico', '/v1/messages', '/metrics', '/lock/?url=https://bad.example', '/' + good, '/unlock/' + good):
            self.assertEqual(self.page(path, status=404).forms, [], path)
        for name in ('x', good[:-1], good[:-4] + 'AAAA', good.replace('.', '', 1), good + 'A', '1' + 'a' * 12 + '.' + good.partition('.')[2], 'a' * 9000, '%00', good.swapcase()):
            status, body, answer = self.ask('GET', '/lock/' + name)
            self.assertIn(status, (404, 410), name)
            self.assertEqual(Page(body).forms, [], name)
            status, body, answer = self.press('/lock/' + name, 'go')
            self.assertIn(status, (404, 410), name)
            self.assertIsNone(answer.getheader('Location'), name)
        self.assertIn('ask your administrator', self.page('/double-lock/none', status=410).words)
        self.assertEqual(self.rows('select count(*) from click'), [(0,)])

    def test_a_token_of_another_purpose_is_none(self):
        one = self.serve()
        record = self.record(one)
        for purpose in ('double-lock', 'release', 'ask'):
            self.page('/lock/' + self.sealed(record, purpose=purpose), status=404)
        self.page('/double-lock/' + self.sealed(record, 'lock'), status=404)
        self.page('/lock/' + token(self.current, self.secret(self.current), 'session', pass_text(record, self.people[:1], self.people)), status=404)
        self.page('/lock/' + token(self.current, self.secret(self.current), 'pass lock', b'no pass'), status=404)
        self.page('/lock/' + self.sealed(record, version=9), status=404)

    def test_a_pass_is_for_its_own_record_and_recipients(self):
        one = self.serve()
        record, other = self.record(one), self.record(one, name='other', people=['x@harbour.example'])
        page = self.page('/lock/' + self.sealed(other), status=403) # made for b, and this message never was
        self.assertIn('other recipients', page.words)
        self.assertNotIn('parcel', page.words)
        self.assertEqual(self.press('/lock/' + self.sealed(other), 'go')[0], 403)
        self.page('/lock/' + self.sealed('0' * 28), status=410)
        self.run_program('forget', *self.store_words(), '--person', 'b@harbour.example', '--yes')
        self.page('/lock/' + self.sealed(record), status=403)
        self.page('/lock/' + self.sealed(record, until=int(time.time()) - 1), status=410)

    def test_what_is_over_says_what_to_do(self):
        one = self.serve()
        record, old = self.record(one), self.current
        over = self.page('/lock/' + self.sealed(record, until=int(time.time()) - 1), status=410)
        self.assertIn('time of this link is over', over.words)
        self.assertIn('有効期限', self.page('/lock/' + self.sealed(record, until=1), status=410, Accept_Language='ja').words)
        path = '/lock/' + self.sealed(record)
        self.current = self.run_program('key', 'rotate', 'token', '--keys', self.keys).splitlines()[1].split()[0]
        os.kill(one.process.pid, signal.SIGHUP)
        wait_for(lambda: self.ask('GET', '/lock/' + self.sealed(record))[0] == 200)
        self.page(path) # a key that retires still opens
        self.key('retire', old, '--keep', '0s')
        os.kill(one.process.pid, signal.SIGHUP)
        self.assertIn('no longer in use', wait_for(lambda: self.gone(path)).words)
        self.page('/lock/' + self.sealed(record))

    def gone(self, path):
        status, body, _ = self.ask('GET', path)
        return Page(body) if status == 410 else None

    def test_odd_forms_do_nothing(self):
        one = self.serve()
        path = '/lock/' + self.sealed(self.record(one))
        kind = {'Content_Type': 'application/x-www-form-urlencoded'}
        self.assertEqual(self.ask('POST', path, body='do=go', Content_Type='application/json')[0], 415)
        self.assertEqual(self.ask('POST', path, body='note=' + 'x' * 100000, **kind)[0], 413)
        for body in ('', 'do=', 'do=GO', 'do=go&do=go', 'do=ask', 'DO=go', 'x' * 3000, '%', 'do=%00go', '\0'):
            status, _, answer = self.ask('POST', path, body=body, **kind)
            self.assertEqual((status, answer.getheader('Location')), (200, None), body)
        for method in ('PUT', 'DELETE', 'OPTIONS', 'PATCH'):
            status, _, answer = self.ask(method, path)
            self.assertEqual((status, answer.getheader('Allow')), (405, 'GET, HEAD, POST'))
        self.assertEqual(self.rows('select count(*) from click'), [(0,)])

    def test_without_signer_or_keeper_it_says_so_and_comes_back(self):
        one = self.serve()
        path = '/lock/' + self.sealed(self.record(one))
        for role in ('signer', 'keeper'):
            pid = one.pids(role)[0]
            os.kill(pid, 9)
            self.assertEqual(wait_for(lambda: self.ask('GET', path))[0] in (200, 503), True)
            wait_for(lambda: self.ask('GET', path)[0] == 200)

    def test_the_other_door_has_no_pages(self):
        one = self.serve()
        path = '/lock/' + self.sealed(self.record(one))
        self.assertEqual(one.get(path)[0], 404)
        self.assertEqual(self.ask('GET', '/healthz')[0], 200)
        self.assertEqual(self.ask('POST', '/v1/messages', body='From: a@b.example\r\n\r\n', Content_Type='message/rfc822')[0], 404)


class Proxy(http.server.ThreadingHTTPServer):
    """Passes /sekimori on; strip: without that beginning, as nginx does where proxy_pass has a path."""
    daemon_threads = True

    def __init__(self, to, strip):
        super().__init__(('127.0.0.1', 0), Passing)
        self.to, self.strip = to, strip


class Passing(http.server.BaseHTTPRequestHandler):
    def answer(self):
        if not self.path.startswith('/sekimori/'):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        to = http.client.HTTPConnection('127.0.0.1', self.server.to, timeout=60)
        heads = {name: value for name, value in self.headers.items() if name.lower() not in ('host', 'connection', 'content-length')}
        to.request(self.command, self.path[9:] if self.server.strip else self.path, body=body or None, headers={**heads, 'X-Forwarded-For': self.client_address[0]})
        got = to.getresponse()
        text = got.read()
        self.send_response(got.status)
        for name, value in got.getheaders():
            if name.lower() not in ('connection', 'date'):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        to.close()

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, *words):
        pass


def proxy_begin(case, port, strip):
    proxy = Proxy(port, strip)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    case.addCleanup(proxy.server_close)
    case.addCleanup(proxy.shutdown)
    return proxy.server_port


class Behind(ClickCase):
    def test_a_proxy_with_a_path_before_it(self):
        one = self.serve()
        path = '/sekimori/lock/' + self.sealed(self.record(one))
        for strip in (True, False):
            port = proxy_begin(self, self.port, strip)
            status, body, _ = self.ask('GET', path, port=port)
            page = Page(body)
            self.assertEqual((status, page.buttons), (200, ['go']))
            for where in page.links + [page.forms[0]['action']]: # of the page's own address, wherever that is
                self.assertEqual(urllib.parse.urlsplit(urllib.parse.urljoin('https://mail.example.org' + path, where)).path, path)
            status, _, answer = self.ask('POST', urllib.parse.urljoin(path, page.forms[0]['action']), body='do=go', port=port,
                                         Content_Type='application/x-www-form-urlencoded')
            self.assertEqual((status, answer.getheader('Location')), (303, TARGET))


CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')


class Chromium:
    """A headless browser by its pipe: NUL-ended JSON on descriptors 3 and 4."""

    def __init__(self, folder, language):
        here, there = os.pipe(), os.pipe()
        words = [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
                 '--disable-sync', f'--lang={language}', f'--accept-lang={language}', '--remote-debugging-pipe', f'--user-data-dir={folder}', 'about:blank']
        def ends():
            os.dup2(here[0], 13), os.dup2(there[1], 14)
            os.dup2(13, 3), os.dup2(14, 4)
        self.process = subprocess.Popen(words, preexec_fn=ends, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(here[0]), os.close(there[1])
        self.to, self.by, self.last, self.rest, self.session = here[1], there[0], 0, b'', None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']

    def call(self, method, **params):
        self.last += 1
        said = {'id': self.last, 'method': method, 'params': params, **({'sessionId': self.session} if self.session else {})}
        os.write(self.to, json.dumps(said).encode() + b'\0')
        while True:
            while b'\0' not in self.rest:
                more = os.read(self.by, 1 << 20)
                if not more:
                    raise AssertionError('the browser ended')
                self.rest += more
            one, _, self.rest = self.rest.partition(b'\0')
            answer = json.loads(one)
            if answer.get('id') == self.last:
                return answer.get('result', answer)

    def value(self, expression):
        return self.call('Runtime.evaluate', expression=expression, returnByValue=True)['result'].get('value')

    def go(self, url):
        self.call('Page.navigate', url=url)
        wait_for(lambda: self.value('document.readyState') == 'complete' and self.value('location.href') != 'about:blank')

    def size(self, width):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=False)

    def shot(self, path):
        with open(path, 'wb') as f:
            f.write(base64.b64decode(self.call('Page.captureScreenshot', format='png', captureBeyondViewport=True)['data']))

    def close(self):
        os.close(self.to)
        self.process.kill()
        self.process.wait()


class Landing(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.heard.append((self.path, self.headers.get('Referer')))
        body = b'<title>landed</title>there'
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Content-Type', 'text/html')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@unittest.skipUnless(CHROMIUM, 'the package chromium is not installed')
class Browser(ClickCase):
    """SEKIMORI_SHOTS=FOLDER keeps pictures of the pages there."""

    def test_a_reader_sees_reads_and_goes_on(self):
        landing = http.server.HTTPServer(('127.0.0.1', 0), Landing)
        landing.heard = []
        threading.Thread(target=landing.serve_forever, daemon=True).start()
        self.addCleanup(landing.server_close)
        self.addCleanup(landing.shutdown)
        one = self.serve()
        record = self.record(one, subject='お荷物のお届けについて / Your parcel')
        target = f'http://localhost:{landing.server_port}/landed?a=b'
        base = f'http://127.0.0.1:{proxy_begin(self, self.port, True)}/sekimori'
        shots = os.environ.get('SEKIMORI_SHOTS')
        views = {'lock': f'{base}/lock/' + self.sealed(record, target=target), 'double': f'{base}/double-lock/' + self.sealed(record, 'double-lock'),
                 'idn': f'{base}/lock/' + self.sealed(record, target='https://user:x@xn--pple-43d.example/' + 'long/' * 60), 'over': f'{base}/lock/' + self.sealed(record, until=1)}
        for language in ('en', 'ja'):
            with tempfile.TemporaryDirectory(prefix='sekimori-browser-', ignore_cleanup_errors=True) as folder:
                browser = Chromium(folder, language)
                self.addCleanup(browser.process.kill)
                browser.call('Page.enable')
                browser.call('Emulation.setScriptExecutionDisabled', value=True)
                for name, url in views.items():
                    browser.go(url)
                    self.assertEqual(browser.value('document.documentElement.lang'), language)
                    for width in (360, 1100):
                        browser.size(width)
                        self.assertLessEqual(browser.value('document.documentElement.scrollWidth'), width, (name, width)) # nothing stands beyond the edge
                        self.assertNotEqual(browser.value('getComputedStyle(document.querySelector("main")).maxWidth'), 'none') # its style was let through
                        if shots:
                            browser.shot(os.path.join(shots, f'{name}-{language}-{width}.png'))
                browser.go(views['lock'])
                self.assertEqual(landing.heard, [])
                browser.value('document.querySelector("button").click()')
                wait_for(lambda: landing.heard)
                self.assertEqual(landing.heard.pop(0), ('/landed?a=b', None))
                landing.heard.clear()
                browser.close()
        self.assertEqual(self.rows('select count(*) from click'), [(2,)])


if __name__ == '__main__':
    PROGRAM, FAULTY = map(os.path.abspath, sys.argv[1:3])
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
