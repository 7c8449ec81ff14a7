#!/usr/bin/env python3
"""The service as mail servers and operators meet it: real processes on loopback, ended in every way.

usage: tests/service.py SEKIMORI FAULTY [TEST]...      FAULTY: tests/faulty.c; asks no network but its own name server
"""
import concurrent.futures, glob, http.client, json, os, random, re, resource, shutil, signal, socket, sqlite3, struct, subprocess, sys, tempfile, threading, time, unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = FAULTY = ''
PLAIN = 'From: a@shop.example\r\nTo: b@harbour.example\r\nMessage-ID: <{0}@shop.example>\r\nSubject: {0}\r\n\r\nHello {0}\r\n'
CONFIG = """
organisations:
  - id: harbour
    name: Harbour
    domains: [harbour.example]
listeners:
  - name: http
    address: {address}
{listener}
dns:
  {dns}
judges:
  number: {judges}
  {judging}
store:
  driver: {driver}
  path: {data}/store.db
  log: {log}
{more}
"""
MESSAGE = {'Content-Type': 'message/rfc822'}


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(what, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError(f'nothing came of it in {seconds} s: {what}')


class Service:
    """One running service; its processes by role."""

    def __init__(self, folder, program=None, env=None, start=True, **settings):
        self.folder, self.port = folder, free_port()
        self.config, self.log = os.path.join(folder, 'sekimori.conf'), os.path.join(folder, 'log')
        self.settings = {'address': f'127.0.0.1:{self.port}', 'listener': '', 'dns': 'offline: yes', 'judges': 2, 'judging': 'slots: 32',
                         'driver': 'sqlite', 'data': folder, 'log': '64 MiB', 'more': '', **settings}
        self.write()
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([program or PROGRAM, 'serve', '--config', self.config], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log,
                                            env={**os.environ, **(env or {})})
        self.process.stdin.close() # whoever starts it may be at a terminal, which no process of it is to have
        if start:
            wait_for(self.ready)

    def write(self, **settings):
        self.settings.update(settings)
        with open(self.config, 'w', encoding='utf-8') as f:
            f.write(CONFIG.format(**self.settings))

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f'it ended: {self.said()}')
        try:
            return self.get('/readyz')[0] == 200
        except OSError:
            return False

    def said(self):
        with open(self.log, encoding='utf-8', errors='replace') as f:
            return f.read()

    def events(self, name):
        return [line for line in map(json.loads, filter(lambda l: l.startswith('{'), self.said().rpartition('\n')[0].splitlines())) if line['event'] == name]

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request('GET', path, headers=headers)

    def post(self, text, headers=None, **envelope):
        told = {'X-Sekimori-' + name.replace('_', '-'): value for name, value in envelope.items()}
        return self.request('POST', '/v1/messages', text.encode() if isinstance(text, str) else text, {**MESSAGE, **told, **(headers or {})})

    def post_retrying(self, text, seconds=60, seals=None, **envelope):
        """As a mail server does: again until it is answered. The report, and how often it was sent; its seal into seals."""
        end, times = time.monotonic() + seconds, 0
        while True:
            times += 1
            try:
                status, body, answer = self.post(text, **envelope)
                if status == 200:
                    if seals is not None:
                        seals[json.loads(body)['id']] = answer.getheader('X-Sekimori-Seal')
                    return json.loads(body), times
                if status not in (429, 503):
                    raise AssertionError((status, body))
            except (OSError, http.client.HTTPException):
                pass
            if time.monotonic() > end:
                raise AssertionError('never answered')
            time.sleep(0.1)

    def pids(self, role):
        """Of the processes of that role, by their short name."""
        found, below = [], [self.process.pid]
        children = {}
        for path in glob.glob('/proc/[0-9]*/stat'):
            try:
                with open(path, encoding='utf-8', errors='replace') as f:
                    head, _, rest = f.read().rpartition(')')
            except OSError:
                continue
            pid, name = head.split('(', 1)
            state, parent = rest.split()[:2]
            if state != 'Z':
                children.setdefault(int(parent), []).append((int(pid), name))
        while below:
            for pid, name in children.get(below.pop(), []):
                below.append(pid)
                if name == f'seki-{role}':
                    found.append(pid)
        return sorted(found)

    def kill(self, role):
        """One process of that role, whichever; the parent is started again, as systemd does."""
        if role == 'parent':
            self.process.kill()
            self.process.wait()
            time.sleep(0.1)
            with open(self.log, 'ab') as log:
                self.process = subprocess.Popen([PROGRAM, 'serve', '--config', self.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
            return
        there = self.pids(role)
        for pid in random.sample(there, k=min(1, len(there))):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def metric(self, line):
        for row in self.get('/metrics')[1].splitlines():
            if row.startswith(line + ' '):
                return float(row.split()[-1])
        return None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode


class ClamdStandIn:
    """Speaks clamd's INSTREAM on a unix socket. What is in a message tells it what to say: VIRUS, BROKEN, MUTE (nothing, ever)."""

    def __init__(self, path):
        self.path, self.seen = path, 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection):
        with connection, connection.makefile('rb') as stream:
            if stream.read(10) != b'zINSTREAM\0':
                return
            text = b''
            while True:
                length = struct.unpack('>I', stream.read(4))[0]
                if not length:
                    break
                text += stream.read(length)
            self.seen += 1
            if b'MUTE' in text:
                stream.read(1) # until the other side gives up
                return
            connection.sendall(b'stream: Test.Virus FOUND\0' if b'VIRUS' in text else b'stream: sick ERROR\0' if b'BROKEN' in text else b'stream: OK\0')

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        os.unlink(self.path)


def end(test, one):
    """It ends as it should, and nothing in its log tells of a fault of ours."""
    test.assertEqual(one.stop(), 0, one.said())
    for trace in ('Sanitizer', 'runtime error', 'sent a frame'):
        test.assertNotIn(trace, one.said())


def english(told, *quoted):
    """Lines of a Japanese page that are none: three small words in a row that are no command, outside of what is quoted."""
    for words in quoted:
        told = told.replace(words, '')
    return [line for line in told.splitlines() if re.search(r'(?:\b[a-z]{2,} ){2}[a-z]{2,}', re.sub(r'「.*?」|sekimori held', '', line)) and not re.search('^件名', line)]


def japanese(config, *words):
    """What a verb says to somebody whose language that is."""
    return subprocess.run([PROGRAM, *words, '--config', config], env={**os.environ, 'LC_ALL': 'ja_JP.UTF-8'}, stdout=subprocess.PIPE, check=True).stdout.decode()


class ServiceCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='sekimori-service-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def serve(self, **settings):
        service = Service(self.folder, **settings)
        self.addCleanup(service.stop)
        return service


class Answers(ServiceCase):
    def test_judges_as_scan_does(self):
        service = self.serve()
        story = os.path.join(TOP, 'tests', 'cases', 'm365-echo-recipient', 'message.eml')
        with open(story, 'rb') as f:
            mail = f.read()
        scanned = subprocess.run([PROGRAM, 'scan', '--json', '--config', service.config, '--now', '2026-01-31T12:00:00Z', '--direction', 'inbound', story],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        wanted = json.loads(scanned.stdout)
        status, body, answer = service.post(mail, Received_At='2026-01-31T12:00:00Z', Source=story)
        got = json.loads(body)
        self.assertEqual((status, answer.getheader('Content-Type')), (200, 'application/json'))
        self.assertEqual(got['envelope'].pop('listener'), 'http')
        wanted['envelope'].pop('listener')
        self.assertEqual(got, wanted)
        self.assertEqual(json.loads(service.get('/v1/messages/' + got['id'])[1])['id'], got['id'])

    def test_the_envelope_is_taken_as_told(self):
        service = self.serve()
        headers = {'X-Sekimori-Client-Address': '192.0.2.7', 'X-Sekimori-Helo': 'mx.shop.example', 'X-Sekimori-Client-Name': 'mx.shop.example',
                   'X-Sekimori-Mail-From': '<> SIZE=7', 'X-Sekimori-Login': 'l', 'X-Sekimori-Queue-Id': 'Q1', 'X-Sekimori-Direction': 'outbound',
                   'X-Sekimori-Tls-Version': 'TLSv1.3', 'X-Sekimori-Tls-Verified': 'yes', 'X-Sekimori-Listener': 'smtp'}
        connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=60)
        self.addCleanup(connection.close)
        connection.putrequest('POST', '/v1/messages')
        for name, value in {**MESSAGE, **headers, 'Content-Length': str(len(PLAIN.format(1)))}.items():
            connection.putheader(name, value)
        for address in ('<b@harbour.example> NOTIFY=NEVER', 'c@harbour.example'):
            connection.putheader('X-Sekimori-Rcpt-To', address)
        connection.endheaders(PLAIN.format(1).encode())
        report = json.loads(connection.getresponse().read())
        envelope = report['envelope']
        self.assertEqual((report['source'], envelope['client_ip'], envelope['helo'], envelope['mail_from'], envelope['mail_params']),
                         ('Q1', '192.0.2.7', 'mx.shop.example', '', 'SIZE=7'))
        self.assertEqual([(to['address'], to['params']) for to in envelope['rcpt_to']], [('b@harbour.example', 'NOTIFY=NEVER'), ('c@harbour.example', None)])
        self.assertEqual((envelope['login'], envelope['direction'], envelope['tls'], envelope['listener']),
                         ('l', 'outbound', {'version': 'TLSv1.3', 'cert_subject': None, 'cert_verified': True}, 'smtp'))
        self.assertIsNone(json.loads(service.post(PLAIN.format(2))[1])['envelope']['mail_from'])

    def test_bad_requests_are_told_what_and_where(self):
        service = self.serve(more='limits:\n  message_bytes: 64 KiB')
        for wrong, value, words in (('Client_Address', 'mx.example', 'no address of a host'), ('Rcpt_To', '', 'is empty'), ('Rcpt_To', 'a@b c', 'no address'),
                                    ('Direction', 'sideways', 'inbound, outbound'), ('Received_At', 'soon', 'is no time'), ('Queue_Id', 'a\tb', 'control characters'),
                                    ('Tls_Verified', 'perhaps', 'neither yes nor no'), ('Hello', 'x', 'no field of an envelope')):
            status, body, _ = service.post(PLAIN.format(1), **{wrong: value})
            self.assertEqual((status, json.loads(body)['where']), (400, 'X-Sekimori-' + wrong.replace('_', '-')))
            self.assertIn(words, json.loads(body)['error'])
        for status, method, path, body, headers in (
                (400, 'POST', '/v1/messages', b'', {**MESSAGE, 'Content-Length': '0'}), (415, 'POST', '/v1/messages', b'x', {'Content-Type': 'text/html'}),
                (413, 'POST', '/v1/messages', b'x' * 70000, MESSAGE), (413, 'POST', '/v1/messages', iter([b'x' * 50000, b'y' * 50000]), MESSAGE),
                (405, 'GET', '/v1/messages', None, {}), (405, 'POST', '/metrics', b'', {}), (404, 'GET', '/v1/message', None, {}), (404, 'GET', '/v1/messages/x', None, {}),
                (404, 'GET', '/v1/messages/' + '0' * 28, None, {})):
            got, text, _ = service.request(method, path, body, headers)
            self.assertEqual(got, status, (method, path, text))
            self.assertTrue(json.loads(text)['error'])
        self.assertEqual(service.post(PLAIN.format(2))[0], 200)

    def test_a_request_ends_where_everybody_sees_its_end(self):
        service = self.serve()
        begin, inside = b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\n', b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
        for heads, body in ((b'Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n' % (5 + len(inside)), b'0\r\n\r\n'),
                            (b'Content-Length: 5\r\nContent-Length: %d\r\n\r\n' % (5 + len(inside)), b'A: b\n')):
            with socket.create_connection(('127.0.0.1', service.port), timeout=20) as client:
                client.sendall(begin + heads + body + inside)
                try:
                    said = client.makefile('rb').read()
                except ConnectionResetError: # what it did not read
                    said = b''
                self.assertNotIn(b'200 OK', said)
                self.assertTrue(not said or b'told twice' in said, said)
        self.assertEqual(service.request('POST', '/v1/messages', iter([PLAIN.format(1).encode()]), MESSAGE)[0], 200)

    def form(self, *parts, boundary='x-y-z'):
        """A body as `curl --form` sends it: (name, bytes) ..."""
        body = b''.join(b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (boundary.encode(), name.encode(), more, text)
                        for name, text, *rest in parts for more in (rest or [b'']))
        return body + b'--%s--\r\n' % boundary.encode(), {'Content-Type': f'multipart/form-data; boundary={boundary}'}

    def test_the_envelope_may_stand_in_a_form(self):
        service = self.serve(more='limits:\n  message_bytes: 4 MiB')
        envelope = {'client_ip': '192.0.2.7', 'helo': 'mx.shop.example', 'mail_from': 'a@shop.example', 'rcpt_to': [{'address': 'b@harbour.example', 'params': 'NOTIFY=NEVER'}],
                    'tls': {'version': 'TLSv1.3', 'cert_subject': None, 'cert_verified': True}, 'queue_id': 'Q1', 'received_at': '2026-01-31T12:00:00Z'}
        told, mail = json.dumps(envelope).encode(), PLAIN.format(1).encode() + b'\0\xff--x-y\r\n' * 10
        for parts in ((('envelope', told), ('message', mail, b'; filename="m.eml"\r\nContent-Type: message/rfc822')), (('message', mail), ('envelope', told))):
            status, body, _ = service.request('POST', '/v1/messages', *self.form(*parts))
            self.assertEqual(status, 200, body)
            report = json.loads(body)
            self.assertEqual((report['size'], report['received_at'], report['envelope']['client_ip'], report['envelope']['rcpt_to'][0]['params'], report['envelope']['tls']['version']),
                             (len(mail), '2026-01-31T12:00:00Z', '192.0.2.7', 'NOTIFY=NEVER', 'TLSv1.3'))
        again = {name: value for name, value in report['envelope'].items()} # what a report says of an envelope can be handed in
        self.assertEqual(service.request('POST', '/v1/messages', *self.form(('envelope', json.dumps(again).encode()), ('message', b'x' * 3000000)))[0], 200)
        if shutil.which('curl'):
            with open(os.path.join(self.folder, 'm.eml'), 'wb') as f:
                f.write(mail)
            said = subprocess.run(['curl', '-sS', '-F', 'envelope={"mail_from": "c@shop.example"};type=application/json',
                                   '-F', 'message=@' + f.name + ';type=message/rfc822', f'http://127.0.0.1:{service.port}/v1/messages'], stdout=subprocess.PIPE, check=False)
            self.assertEqual(json.loads(said.stdout)['envelope']['mail_from'], 'c@shop.example')
        for parts, where, words in (((('envelope', b'{"rcpt_to": ["a b"]}'), ('message', mail)), 'part envelope: rcpt_to[1]', 'is no address'),
                                    ((('envelope', b'{'), ('message', mail)), 'part envelope', 'is no JSON: line 1'), ((('envelope', told),), 'part message', 'is missing'),
                                    ((('envelope', told), ('letter', mail)), 'part', '"letter" is no part'), ((('message', mail), ('message', mail)), 'part message', 'twice'),
                                    ((('envelope', told), ('envelope', told), ('message', mail)), 'part envelope', 'twice'),
                                    ((('message', mail, b'\r\nContent-Transfer-Encoding: base64'),), 'part message', 'as it is')):
            status, body, _ = service.request('POST', '/v1/messages', *self.form(*parts))
            self.assertEqual((status, json.loads(body).get('where')), (400, where), body)
            self.assertIn(words, json.loads(body)['error'])
        body, heads = self.form(('envelope', told), ('message', mail))
        self.assertIn('part envelope alone', service.request('POST', '/v1/messages', body, {**heads, 'X-Sekimori-Helo': 'x'})[1])
        self.assertIn('no boundary', service.request('POST', '/v1/messages', body, {'Content-Type': 'multipart/form-data'})[1])
        self.assertEqual(service.request('POST', '/v1/messages', body[:-40], heads)[0], 400)
        self.assertEqual(service.request('POST', '/v1/messages', *self.form(('message', b'x' * 5000000)))[0], 413)
        self.assertEqual(service.post(PLAIN.format(2))[0], 200)

    def test_tokens(self):
        tokens = os.path.join(self.folder, 'tokens')
        with open(tokens, 'w', encoding='utf-8') as f:
            f.write('# ours\nqwertyuiopasdfghjkl\nzxcvbnmasdfghjklqwe\n')
        os.chmod(tokens, 0o600)
        service = self.serve(listener=f'    tokens: {tokens}')
        self.assertEqual(service.post(PLAIN.format(1))[0], 401)
        self.assertEqual(service.post(PLAIN.format(1), headers={'Authorization': 'Bearer qwertyuiopasdfghjkL'})[0], 403)
        self.assertEqual(service.get('/metrics')[0], 401)
        self.assertEqual(service.get('/healthz')[0], 200)
        self.assertEqual(service.post(PLAIN.format(1), headers={'Authorization': 'Bearer zxcvbnmasdfghjklqwe'})[0], 200)

    def test_a_message_sent_again_has_one_record(self):
        service = self.serve()
        first = json.loads(service.post(PLAIN.format(1), Mail_From='a@shop.example', Rcpt_To='b@harbour.example', Received_At='2026-01-31T12:00:00Z')[1])
        status, body, answer = service.post(PLAIN.format(1), Mail_From='a@shop.example', Rcpt_To='b@harbour.example', Received_At='2026-01-31T12:05:00Z')
        self.assertEqual((status, json.loads(body), answer.getheader('X-Sekimori-Repeated')), (200, first, 'yes'))
        other = service.post(PLAIN.format(1), Mail_From='a@shop.example', Rcpt_To='c@harbour.example', Received_At='2026-01-31T12:05:00Z')
        self.assertNotEqual(json.loads(other[1])['id'], first['id'])
        self.assertIsNone(other[2].getheader('X-Sekimori-Repeated'))
        service.stop()
        again = self.serve() # records outlive the service
        self.assertEqual(json.loads(again.get('/v1/messages/' + first['id'])[1]), first)

    def verb(self, name, *words):
        return subprocess.run([PROGRAM, name, '--store', os.path.join(self.folder, 'store.db'), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, encoding='utf-8')

    def test_the_verbs_read_the_file_of_a_running_service(self):
        service = self.serve()
        envelope = {'Mail_From': 'a@shop.example', 'Rcpt_To': 'b@harbour.example', 'Received_At': '2026-01-31T12:00:00Z'}
        answer = service.post(PLAIN.format(1), **envelope)[1]
        first = json.loads(answer)
        self.assertIn(first['id'], self.verb('hunt', '--subject', '1').stdout)
        self.assertNotIn(first['id'], self.verb('hunt', '--subject', '2').stdout)
        self.assertEqual(self.verb('explain', '--json', first['id']).stdout.strip(), answer.strip()) # byte for byte
        again = service.post(PLAIN.format(1), **{**envelope, 'Received_At': '2026-01-31T12:09:00Z'})
        self.assertEqual((again[1], again[2].getheader('X-Sekimori-Repeated')), (answer, 'yes'))
        self.assertEqual(service.get('/v1/messages/' + first['id'])[1], answer)

    def test_entries_hold_within_seconds_and_no_longer_than_said(self):
        service, number = self.serve(), [0]

        def denied(**envelope):
            number[0] += 1
            report = json.loads(service.post(PLAIN.format(number[0]), **envelope)[1])
            return [evidence for evidence in report['evidence'] if evidence['id'] == 'entry-deny'], report['id']
        self.assertEqual(denied()[0], [])
        generation = json.loads(service.post(PLAIN.format('g'))[1])['generation']
        done = self.verb('deny', 'add', '--domain', 'shop.example', '--reason', 'They were taken over', '--expires', '2031-01-01T00:00:00Z')
        self.assertEqual(done.returncode, 0, done.stderr)
        found, one = wait_for(lambda: [got for got in [denied()] if got[0]], 5)[0]
        self.assertIn('They were taken over', found[0]['text'])
        self.assertTrue(service.events('entries'))
        self.assertEqual(len(denied(Received_At='2030-12-31T23:59:59Z')[0]), 1) # to the second, by the message's own time
        self.assertEqual(denied(Received_At='2031-01-01T00:00:00Z')[0], [])
        self.assertGreaterEqual(json.loads(self.verb('deny', 'list', '--json').stdout)['hits'], 2)
        before = set(service.pids('judge'))
        service.process.send_signal(signal.SIGHUP) # judges of another generation know it too

        def others(pids): # looked at once: one may go and another come meanwhile
            now = service.pids('judge')
            return now if len(now) == 2 and not pids & set(now) else None
        gone = wait_for(lambda: service.events('reloaded') and others(before))
        self.assertEqual(len(denied()[0]), 1)
        for pid in gone: # and those that take the place of others
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: len(service.pids('judge')) == 2 and not set(gone) & set(service.pids('judge')) and service.metric('sekimori_judge_deaths_total') >= 2)
        self.assertEqual(len(denied()[0]), 1)
        self.assertEqual(self.verb('deny', 'remove', '1').returncode, 0)
        wait_for(lambda: not denied()[0], 5)
        self.assertEqual(json.loads(service.post(PLAIN.format('g'))[1])['generation'], generation)
        told = {row['id']: row for row in map(json.loads, self.verb('replay', '--all', '--json').stdout.splitlines())}
        self.assertEqual(told[one], json.loads(service.get('/v1/messages/' + one)[1])) # what was found then stands

    def test_block_lists_are_asked_kept_and_judged_again(self):
        zone = os.path.join(self.folder, 'zone')
        with open(zone, 'w', encoding='utf-8') as f:
            f.write('$TTL 300\n2.0.0.127.list.example. A 127.0.0.2\n66.2.0.192.list.example. A 127.0.0.4\n66.2.0.192.list.example. A 127.0.0.2\n'
                    '2.0.0.127.shut.example. A 127.255.255.254\n66.2.0.192.shut.example. A 127.255.255.254\n')
        lists = ('zone: {zone}\n  block_lists:\n    - {{zone: {first}, codes: [{{code: {code}, evidence: {evidence}}}]}}\n'
                 '    - {{zone: shut.example, codes: [{{code: 127.0.0.0/8, evidence: client-listed-poor}}]}}')
        told = {'zone': zone, 'first': 'list.example', 'code': '127.0.0.2', 'evidence': 'client-listed-spam'}
        service = self.serve(dns=lists.format(**told))
        envelope = {'client_address': '192.0.2.66', 'helo': 'host66.example', 'rcpt_to': 'b@harbour.example', 'direction': 'inbound'}
        first = [json.loads(service.post(PLAIN.format(name), **envelope)[1]) for name in ('one', 'two')]
        for report in first:
            self.assertEqual([(row['zone'], row['state']) for row in report['witnesses']['lists']], [('list.example', 'listed'), ('shut.example', 'refused')])
            self.assertIn('client-listed-spam', [evidence['id'] for evidence in report['evidence']])
            self.assertNotIn('client-listed-poor', [evidence['id'] for evidence in report['evidence']])
        rows = 'sekimori_witness_total{witness="%s",about="client",what="%s"}'
        self.assertEqual([service.metric(rows % ('list.example', what)) for what in ('asked', 'answered', 'found', 'timed_out', 'at_fault')], [2, 2, 2, 0, 0])
        self.assertEqual(service.metric(rows % ('shut.example', 'at_fault')), 2)
        complaints = service.events('witness-at-fault')
        self.assertEqual(len(complaints), 1) # not with each message
        self.assertIn('shut.example', complaints[0]['text'])

        def ask(*words):
            return self.verb(*words).stdout
        self.assertEqual(json.loads(ask('explain', '--json', first[0]['id'])), first[0])
        self.assertIn('list.example on the sending server 192.0.2.66: LISTED (127.0.0.4 127.0.0.2)', ' '.join(ask('explain', first[0]['id']).split()))
        again = sorted(json.dumps(json.loads(line)) for line in ask('replay', '--conf', service.config, '--all', '--json').splitlines())
        self.assertEqual(again, sorted(map(json.dumps, first)))
        other = os.path.join(self.folder, 'other.conf')
        for change, spam, poor, needs in (({'code': '127.0.0.4'}, True, False, None), ({'code': '127.0.0.9'}, False, False, None),
                                          ({'evidence': 'client-listed-poor'}, False, True, None), ({'first': 'new.example'}, None, None, 'new.example')):
            with open(other, 'w', encoding='utf-8') as f:
                f.write(CONFIG.format(**{**service.settings, 'dns': lists.format(**{**told, **change})}))
            for line in ask('replay', '--conf', other, '--all', '--json').splitlines():
                row = json.loads(line)
                self.assertEqual(needs is not None, 'needs_the_net' in row)
                if needs:
                    self.assertIn(needs, row['needs_the_net'])
                    continue
                found = [evidence['id'] for evidence in row['evidence']]
                self.assertEqual(('client-listed-spam' in found, 'client-listed-poor' in found), (spam, poor))

    def test_a_virus_scanner_is_asked(self):
        path = os.path.join(self.folder, 'clamd')
        clamd = ClamdStandIn(path)
        self.addCleanup(lambda: clamd.path and clamd.close())
        service = self.serve(judges=1, more=f'clamd:\n  address: unix:{path}\n  deadline: 2 s\n  bytes: 100 KiB\n')
        envelope = {'rcpt_to': 'b@harbour.example', 'direction': 'inbound'}

        def judge(word, more=''):
            return json.loads(service.post(PLAIN.format(word) + more, **envelope)[1])
        found, nothing, broken = judge('VIRUS'), judge('plain'), judge('BROKEN')
        self.assertEqual(found['witnesses']['scanner'], {'state': 'found', 'name': 'Test.Virus', 'reason': None})
        self.assertEqual((found['verdict'], found['evidence'][0]['id']), ('malicious', 'virus-found'))
        self.assertEqual((nothing['witnesses']['scanner']['state'], nothing['verdict']), ('nothing-found', 'clean'))
        self.assertEqual(broken['witnesses']['scanner'], {'state': 'error', 'name': None, 'reason': 'stream: sick ERROR'})
        self.assertEqual(judge('large', 'x' * 200000)['witnesses']['scanner']['state'], 'too-large')
        self.assertEqual(judge('spooled', 'VIRUS' + 'line of text\r\n' * 5000)['witnesses']['scanner']['state'], 'found')
        # one that waits for its word holds up no other, though there is but one judge
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            mute, begin = pool.submit(judge, 'MUTE'), time.monotonic()
            wait_for(lambda: service.metric('sekimori_messages_held') == 1)
            for i in range(5):
                self.assertEqual(judge(f'beside {i}')['witnesses']['scanner']['state'], 'nothing-found')
            self.assertFalse(mute.done())
            self.assertLess(time.monotonic() - begin, 2)
            self.assertEqual(mute.result()['witnesses']['scanner']['state'], 'timed-out')
        # the record has it, byte for byte, and without a scanner it counts no more
        self.assertEqual(json.loads(self.verb('explain', '--json', found['id']).stdout), found)
        other = os.path.join(self.folder, 'other.conf')
        with open(other, 'w', encoding='utf-8') as f:
            f.write(CONFIG.format(**{**service.settings, 'more': ''}))
        again = {report['id']: report for report in map(json.loads, self.verb('replay', '--conf', service.config, '--all', '--json').stdout.splitlines())}
        self.assertEqual(again[found['id']], found)
        without = {report['id']: report for report in map(json.loads, self.verb('replay', '--conf', other, '--all', '--json').stdout.splitlines())}
        self.assertEqual(without[found['id']]['verdict'], 'clean')
        # killed, it comes back; away, it is told once, and nobody waits
        os.kill(service.pids('scanner')[0], signal.SIGKILL)
        wait_for(lambda: judge(f'again {time.monotonic()}')['witnesses']['scanner']['state'] == 'nothing-found')
        clamd.close()
        clamd.path, begin = None, time.monotonic()
        for i in range(5):
            scanner = judge(f'away {i}')['witnesses']['scanner']
            self.assertEqual((scanner['state'], scanner['reason']), ('away', 'No such file or directory'))
        self.assertLess(time.monotonic() - begin, 2)
        self.assertEqual(len([event for event in service.events('witness-at-fault') if 'clamd' in event['text']]), 1)
        row = 'sekimori_witness_total{witness="clamd",about="message",what="%s"}'
        self.assertEqual((service.metric(row % 'found'), service.metric(row % 'timed_out'), service.metric(row % 'failed')), (2, 1, 1))
        self.assertGreaterEqual(service.metric(row % 'at_fault'), 5)
        # switched off by a reload, the process goes; what was never asked needs the net
        service.write(more='')
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: service.events('reloaded') and not service.pids('scanner'))
        plain = judge('without')
        self.assertIsNone(plain['witnesses'])
        with open(other, 'w', encoding='utf-8') as f:
            f.write(CONFIG.format(**{**service.settings, 'more': f'clamd: {{address: "unix:{path}"}}\n'}))
        rows = {row['id']: row for row in map(json.loads, self.verb('replay', '--conf', other, '--all', '--json').stdout.splitlines())}
        self.assertIn('no virus scanner', rows[plain['id']]['needs_the_net'])

    def test_large_messages_go_through_the_spool(self):
        service = self.serve()
        mail = PLAIN.format(1) + 'line of text\r\n' * 400000
        self.assertEqual(json.loads(service.post(mail)[1])['size'], len(mail))
        self.assertFalse([name for name in os.listdir(self.folder) if name not in ('log', 'sekimori.conf', 'store.db', 'store.db-wal', 'store.db-shm')])

    def test_log_and_metrics(self):
        service = self.serve()
        report = json.loads(service.post(PLAIN.format(1), Mail_From='secret@shop.example', Rcpt_To='b@harbour.example', Queue_Id='Q9')[1])
        decision = wait_for(lambda: service.events('decided'))[0]
        self.assertEqual((decision['id'], decision['verdict'], decision['from_domain'], decision['recipients'], decision['queue_id']),
                         (report['id'], report['verdict'], 'shop.example', 1, 'Q9'))
        self.assertEqual(set(decision['ms']), {'wait', 'judge', 'keep', 'seal'})
        self.assertNotIn('secret@', service.said())
        self.assertEqual(service.metric('sekimori_messages_total{door="http",verdict="clean"}'), 1)
        self.assertEqual(service.metric('sekimori_stage_seconds_count{door="http",stage="whole"}'), 1)
        self.assertEqual(service.metric('sekimori_judges'), 2)

    def test_a_line_of_the_log_is_whole_however_many_are_written_to(self):
        service = self.serve(more='log:\n  addresses: yes')
        many = [f'{"x" * 60}{i}@{"y" * 60}.harbour.example' for i in range(3000)]
        body, heads = self.form(('envelope', json.dumps({'mail_from': 'a@shop.example', 'rcpt_to': many}).encode()), ('message', PLAIN.format(1).encode()))
        self.assertEqual(service.request('POST', '/v1/messages', body, heads)[0], 200)
        self.assertEqual(service.post(PLAIN.format(2), Rcpt_To='b@harbour.example')[0], 200)
        first, second = wait_for(lambda: service.events('decided')[1:] and service.events('decided'))
        self.assertEqual((first['recipients'], first['rcpt_to'], second['rcpt_to']), (3000, many[:100], ['b@harbour.example']))


def figures_check(text):
    """What Prometheus would take: families whole and told once, names, labels and numbers in order, histograms that add up. {series: value}"""
    families, series, at = {}, {}, None
    name, label = '[a-zA-Z_:][a-zA-Z0-9_:]*', r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
    for line in text.splitlines():
        if line.startswith('# HELP '):
            _, _, at, told = line.split(' ', 3)
            assert at not in families and told, line
            families[at] = None
        elif line.startswith('# TYPE '):
            _, _, of, kind = line.split(' ')
            assert of == at and families[at] is None and kind in ('counter', 'gauge', 'histogram'), line
            families[at] = kind
        else:
            got = re.fullmatch(rf'({name})(?:\{{({label}(?:,{label})*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)', line)
            assert got, line
            kind, base = families[at], re.sub('_(bucket|sum|count)$', '', got[1]) if families[at] == 'histogram' else got[1]
            assert base == at and (kind != 'counter' or at.endswith('_total')) and line.rsplit(' ', 1)[0] not in series, line
            series[line.rsplit(' ', 1)[0]] = float(got[3])
    assert text.endswith('\n') and None not in families.values()
    for one, value in series.items():
        if '_bucket{' in one and 'le="+Inf"' in one:
            bare = one.replace(',le="+Inf"', '')
            steps = [v for k, v in series.items() if re.sub(',le="[^"]*"', '', k) == bare]
            assert steps == sorted(steps) and value == series[bare.replace('_bucket', '_count')], one
    return series


class Figures(ServiceCase):
    def test_prometheus_can_read_them_and_they_are_true(self):
        service = self.serve(program=FAULTY, listener=f'  - name: second\n    address: 127.0.0.1:{free_port()}\n')
        for i in range(3):
            service.post(PLAIN.format(i))
        service.post(PLAIN.format('x'), Source='deadly')
        subprocess.run([PROGRAM, 'allow', 'add', '--store', self.folder + '/store.db', '--domain', 'a.example', '--reason', 'x', '--expires', '1d'], check=True, stdout=subprocess.DEVNULL)
        for pid in service.pids('resolver'):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: figures_check(service.get('/metrics')[1])['sekimori_store_rows{table="entry"}'] == 1 and service.pids('resolver'), 12)
        told = figures_check(service.get('/metrics')[1])
        for series, value in (('sekimori_messages_total{door="http",verdict="clean"}', 3), ('sekimori_messages_total{door="http",verdict="unjudged"}', 1),
                              ('sekimori_messages_total{door="second",verdict="clean"}', 0), ('sekimori_stage_seconds_count{door="http",stage="whole"}', 4),
                              ('sekimori_deaths_total{role="judge"}', 2), ('sekimori_deaths_total{role="resolver"}', 1), ('sekimori_deaths_total{role="keeper"}', 0),
                              ('sekimori_judges', 2), ('sekimori_store_rows{table="record"}', 3), ('sekimori_store_rows{table="unjudged"}', 1), ('sekimori_records', 4),
                              ('sekimori_messages_parked', 0), ('sekimori_reloads_total', 0), ('sekimori_pruned_total', 0), ('sekimori_held_messages', 0)):
            self.assertEqual(told[series], value, series)
        self.assertGreater(told['sekimori_store_bytes{part="file"}'], 4096)

    def test_what_waits_for_the_world_is_parked(self):
        server = NameServer()
        service = self.serve(dns=f'servers: ["127.0.0.1:{server.port}"]')
        text = 'From: a@{0}\r\nMessage-ID: <{0}>\r\nDKIM-Signature: v=1; a=rsa-sha256; d={0}; s=s; h=from; bh=eA==; b=eA==\r\n\r\nx\r\n'
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            sent = [pool.submit(service.post, text.format(f'x{i}.silent.example')) for i in range(5)]
            wait_for(lambda: service.metric('sekimori_messages_parked') == 5, 4)
            self.assertEqual({job.result()[0] for job in sent}, {200})
        wait_for(lambda: service.metric('sekimori_messages_parked') == 0, 4)

    def test_a_clock_far_ahead_is_told_and_lets_nothing_go(self):
        service = self.serve()
        service.post(PLAIN.format(0))
        service.stop()
        with sqlite3.connect(self.folder + '/store.db') as store: # that was years ago, as the clock says
            store.execute('update record set kept = kept - 100000000')
            store.execute('update clock set believed = believed - 100000000')
        service = self.serve()
        told = wait_for(lambda: service.events('clock-ahead'))[0]
        self.assertEqual((told['level'], told['hours'], told['clock'][:4] > told['believed'][:4]), ('error', 0, True))
        service.post(PLAIN.format(1)) # mail is judged and kept meanwhile
        wait_for(lambda: service.metric('sekimori_records') == 2, 8)
        self.assertEqual(service.metric('sekimori_pruned_total'), 0)
        service.stop()
        with sqlite3.connect(self.folder + '/store.db') as store:
            store.execute('update clock set believed = believed + 99999000') # set right
        service = self.serve()
        wait_for(lambda: service.metric('sekimori_pruned_total') == 1)
        self.assertEqual(len(service.events('clock-ahead')), 1)

    def test_what_has_had_its_time_goes_and_holds_up_nobody(self):
        service = self.serve()
        service.post(PLAIN.format(0))
        service.stop() # which sorts it into its tables
        with sqlite3.connect(self.folder + '/store.db') as store: # some months of records
            for table in ('record', 'paper'):
                columns = [row[1] for row in store.execute(f'pragma table_info({table})')]
                values = ', '.join({'id': "printf('%028d', n)", 'key': "randomblob(16)", 'kept': 'n'}.get(name, name) for name in columns)
                store.execute(f'insert into {table} select {values} from {table}, (with recursive c(n) as (select 1 union all select n + 1 from c where n < 3000) select n from c)')
        service = self.serve() # a sweep a minute; the first at once
        took = []
        while service.metric('sekimori_pruned_total') < 3000:
            before = time.monotonic()
            self.assertEqual(service.post(PLAIN.format(f'{len(took)}-later'))[0], 200)
            took.append(time.monotonic() - before)
            self.assertLess(len(took), 3000)
        print(f'pruning: {len(took)} messages meanwhile, the slowest {1000 * max(took):.0f} ms', flush=True)
        self.assertLess(max(took), 0.5)
        with sqlite3.connect(self.folder + '/store.db') as store:
            self.assertEqual(store.execute('select count(*) from paper').fetchone()[0], 1 + len(took))


class Processes(ServiceCase):
    def test_a_judge_has_nothing_but_channels_and_the_messages_it_holds(self):
        service = self.serve(program=FAULTY, judges=1)
        self.holds(service, PLAIN.format(1), []) # a small one travels in its frame
        self.holds(service, PLAIN.format(2) + 1000 * (70 * 'x' + '\r\n'), ['/memfd'])

    def holds(self, service, text, files):
        poster = threading.Thread(target=service.post, args=(text,), kwargs={'Source': 'slow'})
        poster.start()
        time.sleep(0.6)
        judge, = service.pids('judge')
        kinds = []
        for fd in os.listdir(f'/proc/{judge}/fd'):
            kinds.append((int(fd), os.readlink(f'/proc/{judge}/fd/{fd}').split(':')[0].split(' ')[0]))
        poster.join()
        self.assertEqual([what for fd, what in sorted(kinds) if fd < 3], ['/dev/null', '/dev/null', self.folder + '/log'])
        # files: the message, and always its marks of what it is at; parent, door, resolver, signer
        self.assertEqual(sorted(what for fd, what in kinds if fd >= 3), files + ['/memfd'] + 4 * ['socket'])

    def test_no_process_makes_code_at_run_time(self):
        service = self.serve()
        service.post(PLAIN.format(1))
        pids = [service.process.pid] + [pid for role in ('judge', 'template', 'resolver', 'keeper', 'checkpoint', 'door', 'courier', 'signer') for pid in service.pids(role)]
        for pid in pids: # packaging/sekimori.service.in sets MemoryDenyWriteExecute
            with open(f'/proc/{pid}/maps', encoding='utf-8') as maps:
                self.assertEqual([line for line in maps if line.split()[1].startswith('rwx')], [])

    def test_the_log_is_moved_beside_the_keeper(self):
        service = self.serve(log='1 MiB')
        longest = lambda: os.path.getsize(self.folder + '/store.db-wal') / (1 << 20)
        for i in range(300):
            self.assertEqual(service.post(PLAIN.format(i))[0], 200)
        self.assertTrue(1 <= longest() < 3, longest())
        checkpointer, = service.pids('checkpoint')
        os.kill(checkpointer, signal.SIGSTOP) # a commit moves what has become four times as long
        wait_for(lambda: [service.post(PLAIN.format(f'{time.monotonic()}'))[0] for _ in range(20)] and longest() >= 3.9, 60)
        self.assertLess(longest(), 6)
        os.kill(checkpointer, signal.SIGKILL)
        wait_for(lambda: service.pids('checkpoint') not in ([], [checkpointer]))
        self.assertEqual(service.metric('sekimori_deaths_total{role="checkpointer"}'), 1)

    def test_all_end_with_the_parent(self):
        service = self.serve()
        wait_for(lambda: len(service.pids('judge')) == 2)
        everyone = [pid for role in ('judge', 'template', 'resolver', 'keeper', 'checkpoint', 'door', 'courier', 'signer') for pid in service.pids(role)]
        self.assertEqual(len(everyone), 9)
        service.process.kill()
        service.process.wait()
        wait_for(lambda: not [pid for pid in everyone if is_alive(pid)], 5)

    def test_a_judge_that_is_killed_costs_no_answer(self):
        service = self.serve(program=FAULTY)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(service.post, PLAIN.format(i), Source='once' if i == 20 else 'plain') for i in range(60)]
            self.assertEqual({job.result()[0] for job in sent}, {200})
        self.assertEqual(service.metric('sekimori_judge_deaths_total'), 1)
        self.assertEqual(len(service.events('decided')), 60)

    def test_a_judge_that_answers_nothing_is_ended(self):
        service = self.serve(judging='slots: 32\n  hang: 1 s')
        first, second = wait_for(lambda: len(service.pids('judge')) == 2 and service.pids('judge'))
        os.kill(first, signal.SIGSTOP) # not for long: nothing comes of it
        time.sleep(1.5)
        os.kill(first, signal.SIGCONT)
        time.sleep(0.5)
        os.kill(second, signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            sent = [pool.submit(service.post, PLAIN.format(i)) for i in range(60)]
            self.assertEqual({job.result()[0] for job in sent}, {200})
        wait_for(lambda: service.metric('sekimori_judge_deaths_total') == 1)
        self.assertRegex(service.events('hangs')[0]['text'], '^judge number [0-9]+ does not answer for [3-9] s and is ended$')
        wait_for(lambda: len(service.pids('judge')) == 2)
        self.assertTrue(first in service.pids('judge') and second not in service.pids('judge'))

    def test_a_deadly_message_kills_two_judges_and_no_third(self):
        service = self.serve(program=FAULTY)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(service.post, PLAIN.format(i), Source='deadly' if i == 20 else 'plain') for i in range(60)]
            answers = [json.loads(job.result()[1]) for job in sent]
        self.assertEqual([i for i, answer in enumerate(answers) if answer['verdict'] == 'unjudged'], [20])
        self.assertEqual((answers[20]['action'], service.metric('sekimori_judge_deaths_total')), ('deliver', 2))
        status, body, answer = service.post(PLAIN.format(20), Source='deadly') # its sender tries again
        self.assertEqual((status, json.loads(body)['id'], answer.getheader('X-Sekimori-Repeated')), (200, answers[20]['id'], 'yes'))
        self.assertEqual(service.metric('sekimori_judge_deaths_total'), 2)
        self.assertEqual(json.loads(service.get('/v1/messages/' + answers[20]['id'])[1]), answers[20])
        door, = service.pids('door')
        os.kill(door, signal.SIGKILL) # another door has the keeper's memory of it
        wait_for(lambda: service.pids('door') not in ([], [door]) and service.ready())
        again = service.post_retrying(PLAIN.format(20), Source='deadly')[0]
        self.assertEqual((again['id'], service.metric('sekimori_judge_deaths_total')), (answers[20]['id'], 0))

    def killed_over(self, second_begins):
        """The verdict of a message over which two judges are killed from outside; the second has begun with it, or never read it."""
        service = self.serve(program=FAULTY)
        wait_for(lambda: service.metric('sekimori_judges') == 2 and len(service.pids('judge')) == 2)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            text = PLAIN.format(1) + 1000 * (70 * 'x' + '\r\n') # large: it is seen by its descriptor who has it
            sent = pool.submit(service.post, text, Source='slow')
            first = wait_for(lambda: [pid for pid in service.pids('judge') if '/memfd:message' in self.held_by(pid)])[0]
            second, = set(service.pids('judge')) - {first}
            if not second_begins:
                os.kill(second, signal.SIGSTOP)
            os.kill(first, signal.SIGKILL)
            wait_for(lambda: service.metric('sekimori_judge_deaths_total') == 1)
            if second_begins:
                wait_for(lambda: '/memfd:message' in self.held_by(second))
            os.kill(second, signal.SIGKILL)
            answer = json.loads(sent.result()[1])
        return answer['verdict'], service.metric('sekimori_judge_deaths_total'), [event['text'] for event in service.events('judge-gone')]

    def held_by(self, pid):
        try:
            return ' '.join(os.readlink(f'/proc/{pid}/fd/{fd}') for fd in os.listdir(f'/proc/{pid}/fd'))
        except OSError:
            return ''

    def test_a_judge_that_never_read_a_message_does_not_count_against_it(self):
        verdict, deaths, told = self.killed_over(second_begins=False)
        self.assertEqual((verdict, deaths), ('clean', 2))
        self.assertIn('with 1 of them it had begun', told[0])
        self.assertIn('with 0 of them it had begun', told[1])

    def test_a_judge_that_had_begun_with_it_counts(self):
        self.assertEqual(self.killed_over(second_begins=True)[:2], ('unjudged', 2))

    def test_every_role_may_be_killed(self):
        service = self.serve()
        stop, answered, failed = threading.Event(), [], []

        def client(number):
            i = 0
            while not stop.is_set():
                i += 1
                text = PLAIN.format(f'{number}-{i}')
                try:
                    answered.append((service.post_retrying(text, Mail_From='a@shop.example')[0]['id'], text))
                except AssertionError as error:
                    failed.append(error)
        clients = [threading.Thread(target=client, args=(i,)) for i in range(4)]
        for thread in clients:
            thread.start()
        for role in ('judge', 'resolver', 'keeper', 'template', 'signer', 'door', 'courier', 'checkpoint', 'judge', 'keeper', 'signer'):
            for pid in service.pids(role)[:1]:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda role=role: service.pids(role))
            time.sleep(0.5)
        stop.set()
        for thread in clients:
            thread.join()
        self.assertEqual(failed, [])
        self.assertGreater(len(answered), 40)
        wait_for(service.ready)
        self.assertEqual(len({report for report, _ in answered}), len({text for _, text in answered}))
        for report, _ in answered:
            self.assertEqual(service.get('/v1/messages/' + report)[0], 200) # what was answered is on disk
        wait_for(lambda: service.metric('sekimori_records') == len({report for report, _ in answered}), 12) # and nothing twice
        wait_for(lambda: service.metric('sekimori_judges') == 2) # whose resolver or door ended in the middle of their work, too

    def test_reload_under_load_loses_nothing(self):
        service = self.serve()
        stop, answers = threading.Event(), []

        def client(number):
            connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=60)
            for i in range(100000):
                if stop.is_set():
                    break
                connection.request('POST', '/v1/messages', PLAIN.format(f'{number}-{i}').encode(), MESSAGE)
                answer = connection.getresponse() # the same connection through all reloads: no error is forgiven
                report = json.loads(answer.read())
                answers.append((answer.status, report['generation'], report['id']))
            connection.close()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(client, i) for i in range(4)]
            try:
                time.sleep(0.5)
                service.write(judges='two')
                service.process.send_signal(signal.SIGHUP)
                refused = wait_for(lambda: service.events('not-reloaded'))[0]['text']
                for judges in (1, 3): # with another resolver and another keeper
                    reloads = len(service.events('reloaded'))
                    service.write(judges=judges, dns=f'offline: yes\n  deadline: {judges} s', more=f'keep:\n  records: {100 + judges} d')
                    service.process.send_signal(signal.SIGHUP)
                    wait_for(lambda n=reloads: len(service.events('reloaded')) > n)
                    wait_for(lambda n=judges: len(service.pids('judge')) == n and len(service.pids('template')) == 1)
                    time.sleep(0.3)
            finally:
                stop.set()
            for job in clients:
                job.result()
        self.assertIn('judges.number', refused)
        self.assertIn(service.config, refused)
        self.assertEqual({status for status, _, _ in answers}, {200})
        self.assertEqual(len({generation for _, generation, _ in answers}), 3)
        self.assertEqual(service.stop(), 0)
        with sqlite3.connect(os.path.join(self.folder, 'store.db')) as store: # each has one record, and there is no other
            self.assertEqual(sorted(row[0] for row in store.execute('select id from record')), sorted(report for _, _, report in answers))

    def test_drain_finishes_what_is_held(self):
        service = self.serve(program=FAULTY)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            held = pool.submit(service.post, PLAIN.format(1), Source='slow')
            idle = socket.create_connection(('127.0.0.1', service.port))
            self.addCleanup(idle.close)
            time.sleep(0.5)
            service.process.send_signal(signal.SIGTERM)
            self.assertEqual(held.result()[0], 200)
        self.assertEqual(service.process.wait(30), 0)
        self.assertTrue(service.events('stopped'))

    def test_systemd_is_told(self):
        path = os.path.join(self.folder, 'notify')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(path)
            told.settimeout(20)
            service = self.serve(env={'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '400000'})
            self.assertTrue(wait_for(lambda: told.recv(100) == b'READY=1'))
            self.assertTrue(wait_for(lambda: told.recv(100) == b'WATCHDOG=1'))
            service.process.send_signal(signal.SIGHUP)
            self.assertTrue(wait_for(lambda: told.recv(100).startswith(b'RELOADING=1')))
            self.assertTrue(wait_for(lambda: told.recv(100) == b'READY=1'))
            service.process.send_signal(signal.SIGTERM)
            self.assertTrue(wait_for(lambda: told.recv(100) == b'STOPPING=1'))
            service.process.wait(30)

    def test_what_cannot_begin_says_why(self):
        for settings, words in (({'judges': 'two'}, 'judges.number'), ({'address': '192.0.2.1:7780', 'listener': '    tokens: tokens'}, 'tokens'),
                                ({'driver': 'sqlite', 'data': '/nowhere'}, '/nowhere')):
            service = Service(self.folder, start=False, **settings)
            self.assertIn(service.process.wait(60), (1, 2))
            self.assertIn(words, service.said())
            os.remove(service.log)


class Seals(ServiceCase):
    MAIL = 'From: a@shop.example\r\nTo: b@harbour.example\r\nMessage-ID: <{0}@shop.example>\r\n\r\nHello {0}\r\n'
    IN = {'Mail_From': 'a@shop.example', 'Rcpt_To': 'b@harbour.example'}

    def key(self, *words):
        done = subprocess.run([PROGRAM, 'key', *words, '--keys', os.path.join(self.folder, 'keys')], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().split()[0]

    def serve(self, key=True, wait='5 s', **settings):
        if key:
            self.first = self.key('make', 'seal')
        return super().serve(more='keys: {folder: keys}\nseal: {wait: %s}' % wait, **settings)

    def told(self, text):
        """What `sekimori seal` tells of a file: its status and words."""
        path = os.path.join(self.folder, 'mail.eml')
        with open(path, 'wb') as f:
            f.write(text.encode())
        done = subprocess.run([PROGRAM, 'seal', '--keys', os.path.join(self.folder, 'keys'), path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.stderr, b'')
        return done.returncode, done.stdout.decode().replace(path + ': ', '').strip()

    def sealed(self, service, text, **envelope):
        status, body, answer = service.post(text, **{**self.IN, **envelope})
        self.assertEqual(status, 200)
        return json.loads(body), answer.getheader('X-Sekimori-Seal')

    def test_what_stays_is_sealed_and_a_file_tells_it(self):
        service = self.serve()
        text = self.MAIL.format(1)
        report, seal = self.sealed(service, text)
        self.assertRegex(seal, f'^v=1; k={self.first}; r={report["id"]}; t=[0-9]+; m=[0-9a-f]{{32}}; d=[0-9a-f]{{64}}; h=[0-9a-f]{{64}}$')
        self.assertIsNone(report['seal'])
        field = 'X-Sekimori-Seal: ' + seal.replace('; ', ';\r\n\t') + '\r\n'
        status, words = self.told('Return-Path: <a@shop.example>\n' + (field + text).replace('\r\n', '\n'))
        self.assertEqual((status, words.partition(';')[0]), (0, 'ours, and unchanged since'))
        self.assertIn(f'record {report["id"]}, sealed 20', words)
        for other, said in ((field + text + 'PS\r\n', 'ours, and CHANGED'), (field + self.MAIL.format(2), 'MADE FOR ANOTHER MESSAGE'),
                            (field.replace('t=1', 't=2') + text, 'FORGED'), (field.replace(self.first, 'otherkey1234') + text, 'of a key that is not here'),
                            ('X-Sekimori-Seal: x\r\n' + text, 'no seal of ours'), (text, 'no seal'), (field + field + text, '2 seals')):
            status, words = self.told(other)
            self.assertEqual(status, 1)
            self.assertIn(said, words)
        again, second = self.sealed(service, text) # a mail server that tries again gets a seal of the same record
        self.assertEqual((again, self.told(f'X-Sekimori-Seal: {second}\r\n{text}')[0]), (report, 0))
        self.assertEqual(service.metric('sekimori_seals_total{door="http",seal="added"}'), 2)

    def test_what_leaves_is_not_sealed(self):
        service = self.serve()
        for i, envelope in enumerate(({'Direction': 'outbound'}, {'Direction': 'submission'}, {'Rcpt_To': 'c@elsewhere.example'}, {'Direction': 'reinject'})):
            self.assertIsNone(self.sealed(service, self.MAIL.format(i), **envelope)[1])
        self.assertIsNotNone(self.sealed(service, self.MAIL.format(9), Direction='internal')[1])

    def test_seals_that_come_in_are_checked_and_to_be_removed(self):
        service = self.serve()
        text = self.MAIL.format(1)
        seal = self.sealed(service, text)[1]
        forged = seal[:-1] + ('0' if seal[-1] != '0' else '1')
        for i, (value, other, state) in enumerate(((seal, text, 'good'), (seal, text + 'PS\r\n', 'changed'), (forged, text, 'forged'), ('x', text, 'malformed'),
                                                   (seal, self.MAIL.format(2), 'moved'), (seal.replace(self.first, 'otherkey1234'), text, 'unknown-key'))):
            status, body, answer = service.post(f'X-Sekimori-Seal: {value}\r\n{other}', **{**self.IN, 'Mail_From': f'{i}@shop.example'})
            report = json.loads(body)
            self.assertEqual((report['seal']['state'], report['seal']['fields']), (state, 1))
            self.assertEqual('seal-forged' in [evidence['id'] for evidence in report['evidence']], state == 'forged')
            self.assertEqual(answer.getheader('X-Sekimori-Remove'), 'X-Sekimori-Seal')
            self.assertIsNotNone(answer.getheader('X-Sekimori-Seal')) # its own: what came is not counted among the parts
            explained = subprocess.run([PROGRAM, 'explain', '--json', '--store', os.path.join(self.folder, 'store.db'), report['id']], stdout=subprocess.PIPE, check=True)
            self.assertEqual(explained.stdout.decode().strip(), body.strip())
        self.assertIsNone(service.post(self.MAIL.format(3))[2].getheader('X-Sekimori-Remove'))

    def test_rotated_keys_hold_and_are_taken_by_a_reload(self):
        service = self.serve()
        old = self.sealed(service, self.MAIL.format(1))[1]
        self.key('rotate', 'seal')
        self.assertIn(f'k={self.first};', self.sealed(service, self.MAIL.format(2))[1])
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: f'k={self.first};' not in self.sealed(service, self.MAIL.format(time.monotonic()))[1])
        report = self.sealed(service, f'X-Sekimori-Seal: {old}\r\n' + self.MAIL.format(1), Mail_From='c@shop.example')[0]
        self.assertEqual(report['seal']['state'], 'good')
        self.assertEqual(self.told(f'X-Sekimori-Seal: {old}\r\n' + self.MAIL.format(1))[0], 0)
        os.chmod(os.path.join(self.folder, 'keys', 'keys'), 0o644) # what cannot be believed is not taken, and the old go on
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: service.events('no-keys'))
        self.assertIsNotNone(self.sealed(service, self.MAIL.format(4))[1])

    def test_without_a_key_nothing_is_sealed(self):
        service = self.serve(key=False)
        for i in range(3): # the signer is asked about the first, and spared the others
            self.assertIsNone(self.sealed(service, self.MAIL.format(i))[1])
        self.assertEqual(service.metric('sekimori_seals_total{door="http",seal="no_key"}'), 3)
        self.assertEqual(service.metric('sekimori_stage_seconds_count{door="http",stage="seal"}'), 1)
        self.key('make', 'seal')
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.sealed(service, self.MAIL.format(time.monotonic()))[1])

    def test_a_signer_that_dies_costs_no_seal(self):
        service = self.serve()
        stop = threading.Event()

        def kill():
            for _ in range(3):
                for pid in service.pids('signer'):
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.8)
            stop.set()
        killing, seals = threading.Thread(target=kill), []
        killing.start()
        while not stop.is_set():
            text = self.MAIL.format(len(seals))
            report, seal = self.sealed(service, text)
            self.assertIn(report['id'], seal)
            seals.append((seal, text))
            bearing = self.sealed(service, f'X-Sekimori-Seal: {seal}\r\n{text}', Mail_From='c@shop.example')[0]
            self.assertEqual(bearing['seal']['state'], 'good')
        killing.join()
        self.assertEqual({self.told(f'X-Sekimori-Seal: {seal}\r\n{text}')[0] for seal, text in seals[-3:]}, {0})
        self.assertEqual(service.metric('sekimori_judge_deaths_total'), 0)

    def test_a_signer_that_hangs_costs_the_seal_and_no_message(self):
        service = self.serve(wait='300 ms')
        signer, = service.pids('signer')
        os.kill(signer, signal.SIGSTOP)
        begin = time.monotonic()
        report, seal = self.sealed(service, self.MAIL.format(1))
        self.assertIsNone(seal)
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(service.get('/v1/messages/' + report['id'])[0], 200) # judged and recorded all the same
        bearing = self.sealed(service, 'X-Sekimori-Seal: v=1; k=abcdefgh; r=abcdefgh; t=1; m=%s; d=%s; h=%s\r\n' % ('0' * 32, '0' * 64, '0' * 64) + self.MAIL.format(2))[0]
        self.assertEqual(bearing['seal']['state'], 'unchecked')
        self.assertEqual(service.metric('sekimori_seals_total{door="http",seal="no_signer"}'), 2)
        self.assertEqual(len(service.events('signer-silent')), 1)
        os.kill(signer, signal.SIGCONT)
        wait_for(lambda: self.sealed(service, self.MAIL.format(time.monotonic()))[1])

    def test_the_signer_has_nothing_but_channels(self):
        service = self.serve(judges=1)
        signer, = service.pids('signer')
        self.sealed(service, self.MAIL.format(1))
        kinds = sorted((int(fd), os.readlink(f'/proc/{signer}/fd/{fd}').split(':')[0]) for fd in os.listdir(f'/proc/{signer}/fd'))
        self.assertEqual([what for fd, what in kinds if fd < 3], ['/dev/null', '/dev/null', self.folder + '/log'])
        self.assertEqual([what for fd, what in kinds if fd >= 3], ['socket', 'socket', 'socket', 'socket']) # parent, door, judge, keeper


class Killing(ServiceCase):
    """Everything is killed at random, the disk is full once; SEKIMORI_KILL_MESSAGES for more than a few."""
    COUNT, CLIENTS = int(os.environ.get('SEKIMORI_KILL_MESSAGES', '1500')), 8

    def disk_fill(self):
        """The keeper's files may not grow for a while, nor those of whoever works beside it."""
        for pid in self.service.pids('checkpoint'):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (os.path.getsize(os.path.join(self.folder, 'store.db')), resource.RLIM_INFINITY))
        for pid in self.service.pids('keeper'):
            size = max(os.path.getsize(os.path.join(self.folder, 'store.db')), os.path.getsize(os.path.join(self.folder, 'store.db-wal')))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size // 2, resource.RLIM_INFINITY))
            end = time.monotonic() + 10
            while is_alive(pid) and '"not-kept"' not in self.service.said() and time.monotonic() < end: # a log that is short yet has room
                time.sleep(0.1)
            time.sleep(0.5)
        for pid in filter(is_alive, self.service.pids('keeper') + self.service.pids('checkpoint')):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def killer(self, done):
        rounds = 0
        while not done.is_set():
            time.sleep(random.uniform(0.2, 0.6))
            rounds += 1
            role = 'parent' if rounds % 9 == 0 else random.choice(('judge', 'resolver', 'keeper', 'checkpoint', 'door', 'template', 'courier', 'signer'))
            self.killed[role] = self.killed.get(role, 0) + 1
            if rounds == 3:
                self.disk_fill()
            self.service.kill(role)

    def test_what_was_answered_is_kept_once(self):
        folder = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([PROGRAM, 'key', 'make', 'seal', '--keys', folder], stdout=subprocess.DEVNULL, check=False).returncode, 0)
        self.service, self.killed = self.serve(more='keys: {folder: keys}\nseal: {wait: 300 ms}'), {}
        done, sent, seals = threading.Event(), [], {}

        def send(i):
            report, times = self.service.post_retrying(PLAIN.format(i), seconds=120, seals=seals, Mail_From='a@shop.example')
            return report['id'], report['verdict'], times
        thread = threading.Thread(target=self.killer, args=(done,))
        thread.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(self.CLIENTS) as pool:
                sent = list(pool.map(send, range(self.COUNT)))
        finally:
            done.set()
            thread.join()
        self.service.stop()
        with sqlite3.connect(os.path.join(self.folder, 'store.db')) as store:
            rows = list(store.execute('select id, key from record union all select id, key from fresh union all select id, key from unjudged'))
        kept, keys = [row[0] for row in rows], len({row[1] for row in rows})
        answered = {report for report, _, _ in sent}
        unjudged = sum(verdict == 'unjudged' for _, verdict, _ in sent)
        full = self.service.said().count('"not-kept"')
        print(f'killing: {self.COUNT} messages, handed in {sum(times for _, _, times in sent)} times, {len(kept)} records of {keys} keys, {unjudged} unjudged, '
              f'{full} lines of a full disk, {sum(map(bool, seals.values()))} sealed, killed {self.killed}', flush=True)
        self.assertGreater(full, 0) # the disk was full, and that was met
        self.assertEqual((len(answered), len(answered - set(kept))), (self.COUNT, 0)) # each has its record
        self.assertEqual((len(kept), keys), (len(set(kept)), len(kept)))            # none has two
        self.assertEqual([seal for report, seal in seals.items() if seal and f' r={report};' not in seal], [])
        self.assertGreater(sum(map(bool, seals.values())), self.COUNT / 2)


class Unit(ServiceCase):
    def test_the_unit_is_in_order_and_little_is_exposed(self):
        built = os.path.join(os.path.dirname(PROGRAM), 'sekimori.service')
        if not shutil.which('systemd-analyze') or not os.path.exists(built):
            self.skipTest('no systemd, or no unit beside the program')
        with open(built, encoding='utf-8') as f:
            text = re.sub(r'=\S*/sekimori (?=check-config|serve)', f'={PROGRAM} ', re.sub('Documentation=.*\n', '', f.read()))
        unit = os.path.join(self.folder, 'sekimori.service')
        with open(unit, 'w', encoding='utf-8') as f:
            f.write(text)
        told = subprocess.run(['systemd-analyze', 'verify', '--man=no', unit], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', check=False).stdout
        self.assertEqual([line for line in told.splitlines() if 'sekimori.service' in line], [])
        told = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=20', unit], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', check=False)
        self.assertEqual(told.returncode, 0, told.stdout)
        run = re.findall(r'^Exec(?:Start|StartPre|Reload)=((?!/bin/kill).*)', text, re.M) # as the unit has it, but for the file
        self.assertEqual([words.split()[1] for words in run], ['check-config', 'serve', 'check-config']) # a reload says what is wrong
        with open('packaging/sekimori.sysusers', encoding='utf-8') as f: # systemd-sysusers makes the user that the unit wants
            self.assertIn(f"\nu {re.search('^User=(.*)', text, re.M)[1]} - ", f.read())
        for words in run:
            self.assertEqual(words.split()[0], PROGRAM)
            self.assertIn('usage: sekimori', subprocess.run([*words.split()[:2], '--help'], stdout=subprocess.PIPE, encoding='utf-8', check=False).stdout)

    def test_it_runs_as_a_user_without_rights(self):
        if os.geteuid() != 0 or not shutil.which('setpriv'):
            self.skipTest('not root: it runs as a user without rights anyway')
        inside = os.path.join(self.folder, 'lib')
        os.mkdir(inside, 0o700)
        os.chown(inside, 65534, 65534)
        os.chmod(self.folder, 0o755)
        service = Service(self.folder, start=False, data=inside, more=f'hold:\n  folder: {inside}/hold\nkeys:\n  folder: {inside}/keys')
        service.stop()
        with open(service.log, 'ab') as log:
            service.process = subprocess.Popen(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all',
                                                PROGRAM, 'serve', '--config', service.config], stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(service.stop)
        wait_for(service.ready)
        self.assertEqual(service.post(PLAIN.format(1))[0], 200)
        self.assertEqual({os.stat(os.path.join(inside, name)).st_mode & 0o77 for name in os.listdir(inside)}, {0})
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: service.events('reloaded'))
        self.assertEqual(service.post(PLAIN.format(2))[0], 200)


class Listeners(ServiceCase):
    def post_at(self, port, text, **headers):
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        try:
            connection.request('POST', '/v1/messages', text.encode(), {**MESSAGE, **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def another(self, name, port, more=''):
        return f'  - name: {name}\n    address: 127.0.0.1:{port}\n{more}'

    def test_each_has_direction_tokens_and_figures_of_its_own(self):
        tokens, other, path = os.path.join(self.folder, 'tokens'), free_port(), os.path.join(self.folder, 'local.sock')
        with open(tokens, 'w', encoding='utf-8') as f:
            f.write('qwertyuiopasdfghjkl\n')
        os.chmod(tokens, 0o600)
        service = self.serve(listener=self.another('out', other, f'    direction: outbound\n    metrics: no\n    tokens: {tokens}\n') +
                             f'  - name: local\n    address: unix:{path}\n    direction: internal\n')
        here = json.loads(service.post(PLAIN.format(1))[1])
        self.assertEqual(self.post_at(other, PLAIN.format(2))[0], 401)
        status, there = self.post_at(other, PLAIN.format(2), Authorization='Bearer qwertyuiopasdfghjkl')
        self.assertEqual((here['envelope']['direction'], here['envelope']['listener']), ('inbound', 'http'))
        self.assertEqual((status, there['envelope']['direction'], there['envelope']['listener']), (200, 'outbound', 'out'))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(path)
            client.sendall(b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nConnection: close\r\nContent-Length: 9\r\n\r\nA: b\r\n\r\nc')
            self.assertIn(b'"direction":"internal"', client.makefile('rb').read())
        self.assertEqual([service.metric('sekimori_messages_total{door="%s",verdict="clean"}' % name) for name in ('http', 'out', 'local')], [1, 1, 1])
        connection = http.client.HTTPConnection('127.0.0.1', other, timeout=60)
        self.addCleanup(connection.close)
        connection.request('GET', '/metrics', headers={'Authorization': 'Bearer qwertyuiopasdfghjkl'})
        self.assertEqual(connection.getresponse().status, 404)

    def test_reload_adds_changes_and_removes_them_and_loses_nothing(self):
        ports, path = [free_port() for _ in range(2)], os.path.join(self.folder, 'local.sock')
        service = self.serve(listener=self.another('second', ports[0]))
        stop, answers = threading.Event(), []

        def client(number, port): # each message by a connection of its own, retried where its listener is gone
            for i in range(100000):
                if stop.is_set():
                    return
                try:
                    answers.append((port, self.post_at(port, PLAIN.format(f'{number}-{i}'))[0]))
                except OSError as error:
                    answers.append((port, type(error).__name__))
                    time.sleep(0.05)
        clients = [threading.Thread(target=client, args=(n, port)) for n, port in enumerate((service.port, ports[0], ports[1]))]
        for thread in clients:
            thread.start()
        try:
            for round, listener in enumerate((self.another('second', ports[0]) + self.another('third', ports[1]) + f'  - name: local\n    address: unix:{path}\n',
                                              self.another('third', ports[1], '    direction: outbound\n'))):
                time.sleep(0.3)
                service.write(listener=listener, more=f'door:\n  connections: {3000 + round}')
                service.process.send_signal(signal.SIGHUP)
                wait_for(lambda n=round: len(service.events('reloaded')) > n)
                self.assertEqual(os.path.exists(path), round == 0)
            wait_for(lambda: (ports[0], 'ConnectionRefusedError') in answers)
            self.assertEqual(self.post_at(ports[1], PLAIN.format('changed'))[1]['envelope']['direction'], 'outbound')
            taken = self.another('fourth', free_port()) + self.another('fifth', ports[0])
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(('127.0.0.1', ports[0]))
                other.listen()
                service.write(listener=taken)
                service.process.send_signal(signal.SIGHUP)
                self.assertIn('is another program there', wait_for(lambda: service.events('not-reloaded'))[0]['text'])
        finally:
            stop.set()
            for thread in clients:
                thread.join()
        self.assertEqual({status for port, status in answers if port == service.port}, {200}) # it stood still
        gone = [status for port, status in answers if port == ports[0]] # at most the one that connects in that very moment is turned away
        self.assertLessEqual(gone.count('ConnectionResetError'), 1)
        self.assertEqual(set(gone) - {'ConnectionResetError'}, {200, 'ConnectionRefusedError'})
        self.assertEqual({status for port, status in answers if port == ports[1]}, {200, 'ConnectionRefusedError'})

    def test_what_is_unjudged_goes_by_the_policy_of_its_organisation(self):
        strict = '  - id: strict\n    name: Strict\n    domains: [strict.example]\n    mode: active\nlisteners:'
        port, names = free_port(), {'b@harbour.example': 'deliver', 'c@mx.strict.example': 'hold', 'd@nobody.example': 'deliver'}
        service = Service(self.folder, program=FAULTY, start=False, more=f'hold:\n  folder: {self.folder}/hold')
        service.stop()
        config = CONFIG.replace('listeners:', strict).format(**{**service.settings, 'listener': self.another('strict', port, '    organisation: strict\n')})
        with open(service.config, 'w', encoding='utf-8') as f:
            f.write(config)
        with open(service.log, 'ab') as log:
            service.process = subprocess.Popen([FAULTY, 'serve', '--config', service.config], stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(service.stop)
        wait_for(service.ready)
        for i, (to, action) in enumerate(names.items()):
            answer = json.loads(service.post(PLAIN.format(f'deadly{i}'), Source='deadly', Mail_From='a@shop.example', Rcpt_To=to)[1])
            self.assertEqual((answer['verdict'], answer['action']), ('unjudged', action), to)
            self.assertEqual((answer['envelope']['mail_from'], [r['address'] for r in answer['envelope']['rcpt_to']]), ('a@shop.example', [to]))
        out = json.loads(service.post(PLAIN.format('out'), Source='deadly', Mail_From='a@strict.example', Rcpt_To='d@nobody.example', Direction='outbound')[1])
        self.assertEqual(out['action'], 'hold')
        status, answer = self.post_at(port, PLAIN.format('there'), **{'X-Sekimori-Source': 'deadly', 'X-Sekimori-Rcpt-To': 'd@nobody.example'})
        self.assertEqual((status, answer['action']), (200, 'hold'))
        self.answers_are_each_organisations_own(service, port)
        report = json.loads(service.post(PLAIN.format('plain'), Rcpt_To='c@mx.strict.example')[1])
        self.assertEqual((report['envelope']['rcpt_to'][0]['org'], report['actions'][0]['mode']), ('strict', 'active'))
        found = subprocess.run([PROGRAM, 'hunt', '--org', 'strict', '--store', os.path.join(self.folder, 'store.db')], stdout=subprocess.PIPE, check=False)
        self.assertIn(report['id'].encode(), found.stdout)


    def answers_are_each_organisations_own(self, service, port):
        """Whoever hands in a message for one of them has no answer ready for another, and reads nothing of it."""
        status, again = self.post_at(port, PLAIN.format('deadly0'), **{'X-Sekimori-Source': 'deadly', 'X-Sekimori-Mail-From': 'a@shop.example', 'X-Sekimori-Rcpt-To': 'b@harbour.example'})
        self.assertEqual((status, again['action']), (200, 'hold')) # of which harbour's listener said: deliver
        envelope = {'X-Sekimori-Mail-From': 'a@shop.example', 'X-Sekimori-Rcpt-To': 'b@harbour.example'}
        theirs, ours = (json.loads(service.request('POST', '/v1/messages', PLAIN.format('both'), {**MESSAGE, **envelope})[1])['id'],
                        self.post_at(port, PLAIN.format('both'), **envelope)[1]['id'])
        left = json.loads(service.request('POST', '/v1/messages', PLAIN.format('both'), {**MESSAGE, **envelope, 'X-Sekimori-Direction': 'outbound'})[1])['id']
        self.assertEqual(len({theirs, ours, left}), 3)
        self.assertEqual([self.get_at(port, '/v1/messages/' + one) for one in (again['id'], ours, theirs, service.events('unjudged')[0]['id'])], [200, 200, 404, 404])
        self.assertEqual([service.get('/v1/messages/' + one)[0] for one in (again['id'], ours, theirs)], [200] * 3) # whose listener is nobody's

    def get_at(self, port, path):
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        self.addCleanup(connection.close)
        connection.request('GET', path)
        return connection.getresponse().status


class Locked(ServiceCase):
    """Somebody else holds the store locked, an administrator's shell or a backup: nothing is lost, nothing passes, and nobody is ended for it."""

    def test_a_locked_store_defers_and_comes_back(self):
        service = self.serve()
        self.assertEqual(service.post(PLAIN.format('before'))[0], 200)
        keepers = service.pids('keeper')
        lock = sqlite3.connect(self.folder + '/store.db', isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute('begin immediate')
        answers, began = {}, time.monotonic()

        def post(i):
            try:
                answers[i] = service.post(PLAIN.format(i))[0]
            except OSError as why: # no answer: its client comes again
                answers[i] = why
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            list(pool.map(post, range(200)))
        waited = time.monotonic() - began
        self.assertEqual([answer for answer in answers.values() if answer == 200], [])
        self.assertEqual(service.pids('keeper'), keepers)
        self.assertEqual(set(answers.values()), {503})
        self.assertLess(waited, 15) # who is silent for 20 s is ended
        self.assertIn('another process holds it locked', service.events('not-kept')[0]['text'] + service.said())
        lock.execute('rollback')
        began = time.monotonic()
        for i in range(200):
            self.assertEqual(service.post(PLAIN.format(i))[0], 200)
        print(f'locked: 200 messages deferred within {waited:.1f} s; unlocked: taken again within {time.monotonic() - began:.1f} s', flush=True)
        self.assertEqual((service.metric('sekimori_deaths_total{role="keeper"}') or 0, service.pids('keeper')), (0, keepers))
        service.stop()
        with sqlite3.connect(self.folder + '/store.db') as store:
            self.assertEqual(store.execute('select count(*) from record').fetchone()[0], 201)


class Held(ServiceCase):
    """An organisation whose mode is active: what its policy holds is on disk, raw, before it is answered."""
    LURE = 'From: Microsoft account team <x@bad.example>\r\nTo: b@active.example\r\nMessage-ID: <{0}@bad.example>\r\nSubject: Unusual sign-in {0}\r\n\r\nConfirm it: https://bad.example/{0}\r\n'

    def serve(self, more='', **settings):
        active = '  - id: active\n    name: Active\n    domains: [active.example]\n    mode: active\n    suspicious: 0.001\n    malicious: 0.002\n'
        listener = settings.pop('listener', '')
        service = Service(self.folder, start=False, listener=listener, more=f'hold:\n  folder: {self.folder}/hold\n{more}', **settings)
        service.stop()
        with open(service.config, encoding='utf-8') as f:
            config = f.read().replace('listeners:', active + 'listeners:')
        with open(service.config, 'w', encoding='utf-8') as f:
            f.write(config)
        self.addCleanup(service.stop)
        self.begin(service, settings.get('program'))
        return service

    def begin(self, service, program=None):
        with open(service.log, 'ab') as log:
            service.process = subprocess.Popen([program or PROGRAM, 'serve', '--config', service.config], stdout=subprocess.DEVNULL, stderr=log)
        wait_for(service.ready)

    def held(self):
        try:
            return sorted(os.listdir(self.folder + '/hold'))
        except FileNotFoundError:
            return []

    def explain(self, *words):
        return subprocess.run([PROGRAM, 'explain', '--store', self.folder + '/store.db', *words], stdout=subprocess.PIPE, check=False).stdout.decode()

    def test_what_the_policy_holds_is_on_disk_and_explained(self):
        service = self.serve()
        passed = json.loads(service.post(self.LURE.format(1), Rcpt_To='b@harbour.example')[1]) # whose mode is passive
        self.assertEqual(self.held(), [])
        status, body, _ = service.post(self.LURE.format(2), Rcpt_To='b@active.example')
        report = json.loads(body)
        self.assertEqual((status, report['actions'][0]['action'], report['actions'][0]['mode']), (200, 'hold', 'active'))
        name, = self.held()
        self.assertTrue(name.startswith(report['id']))
        if shutil.which('zstd'):
            raw = subprocess.run(['zstd', '-dc', f'{self.folder}/hold/{name}'], stdout=subprocess.PIPE, check=True).stdout
            self.assertEqual(raw.decode(), self.LURE.format(2))
        self.assertEqual(os.stat(f'{self.folder}/hold/{name}').st_mode & 0o777, 0o600)
        self.assertEqual(service.post(self.LURE.format(2), Rcpt_To='b@active.example')[2].getheader('X-Sekimori-Repeated'), 'yes')
        self.assertEqual(self.held(), [name])
        self.assertIn(name, self.explain(report['id']))
        self.assertNotIn('hold spool', self.explain(passed['id']))
        told = self.explain(report['id'], '--lang', 'ja')
        self.assertEqual((name in told, '期限' in told, english(told)), (True, True, []), told)
        wait_for(lambda: service.metric('sekimori_held_messages') == 1, 10)
        self.assertEqual(service.metric('sekimori_held_bytes'), os.path.getsize(f'{self.folder}/hold/{name}'))
        service.stop()
        self.begin(service)
        self.assertEqual(self.held(), [name])

    def test_replay_shows_held_bytes_to_a_scanner_that_was_not_asked_then(self):
        service, clamd, other = self.serve(), ClamdStandIn(os.path.join(self.folder, 'clamd')), os.path.join(self.folder, 'other.conf')
        self.addCleanup(clamd.close)
        report = json.loads(service.post(self.LURE.format('VIRUS'), Rcpt_To='b@active.example')[1])
        with open(service.config, encoding='utf-8') as f, open(other, 'w', encoding='utf-8') as to:
            to.write(f.read() + f'clamd: {{address: "unix:{clamd.path}"}}\n')
        done = subprocess.run([PROGRAM, 'replay', '--json', '--all', '--store', self.folder + '/store.db', '--conf', other], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding='utf-8', check=False)
        anew, = map(json.loads, done.stdout.splitlines())
        self.assertEqual((anew['id'], anew['witnesses']['scanner']['state'], clamd.seen), (report['id'], 'found', 1), done.stderr)

    def test_replay_judges_what_is_held_by_its_bytes(self):
        service = self.serve()
        report = json.loads(service.post(self.LURE.format(1), Rcpt_To='b@active.example', Client_Address='192.0.2.7', Helo='mx.bad.example', Mail_From='x@bad.example')[1])
        passed = json.loads(service.post(self.LURE.format(2), Rcpt_To='b@harbour.example')[1])
        other = os.path.join(self.folder, 'other.conf')
        with open(service.config, encoding='utf-8') as f, open(other, 'w', encoding='utf-8') as to:
            to.write(f.read().replace('domains: [active.example]', 'domains: [active.example]\n    partners: [bad-partner.example]').replace('malicious: 0.002', 'malicious: 99.9'))
        done = subprocess.run([PROGRAM, 'replay', '--json', '--all', '--store', self.folder + '/store.db', '--conf', other], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding='utf-8', check=False)
        told = {row['id']: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertIn('0 of them need the body; 1 were judged anew by their held bytes', done.stderr)
        anew = told[report['id']]
        self.assertEqual((anew['verdict'], anew['score'], anew['envelope'] | {'rcpt_to': None, 'listener': None}),
                         ('suspicious', report['score'], report['envelope'] | {'rcpt_to': None, 'listener': None}))
        self.assertEqual({e['id'] for e in anew['evidence']}, {e['id'] for e in report['evidence']})
        self.assertNotEqual(anew['generation'], report['generation'])
        self.assertEqual(told[passed['id']]['verdict'], passed['verdict'])
        os.remove(f'{self.folder}/hold/{self.held()[0]}')
        done = subprocess.run([PROGRAM, 'replay', '--store', self.folder + '/store.db', '--conf', other, '--all'], stdout=subprocess.PIPE, encoding='utf-8', check=False)
        self.assertIn('partners: others than it was judged by, and they are looked for in the message; it is held, but', done.stdout)
        self.assertIn('1 of them need the body', done.stdout)

    def test_a_message_that_kills_judges_is_held_too(self):
        service = self.serve(program=FAULTY)
        answer = json.loads(service.post(self.LURE.format(1), Source='deadly', Rcpt_To='b@active.example')[1])
        self.assertEqual((answer['verdict'], answer['action']), ('unjudged', 'hold'))
        name, = self.held()
        self.assertTrue(name.startswith(answer['id']))
        other = json.loads(service.post(self.LURE.format(2), Source='deadly', Rcpt_To='b@harbour.example')[1])
        self.assertEqual((other['action'], self.held()), ('deliver', [name]))
        again = json.loads(service.post(self.LURE.format(1), Source='deadly', Rcpt_To='b@active.example')[1])
        self.assertEqual((again, self.held()), (answer, [name]))
        third = json.loads(service.post(self.LURE.format(1), Source='deadly', Rcpt_To='c@active.example')[1]) # the same to another is held for him too
        self.assertEqual((third['action'], len(self.held()), third['id'] == answer['id']), ('hold', 2, False))
        for one in (answer, other):
            told = self.explain(one['id'])
            self.assertEqual((name in told, one['reason'] in told, 'unjudged' in told), (one is answer, True, True), told)
            self.assertEqual(json.loads(self.explain(one['id'], '--json')), one)
        for one in (answer, other):
            told = self.explain(one['id'], '--lang', 'ja')
            self.assertEqual(('判定不能' in told, '異常終了' in told, '期限' in told, english(told, one['reason'])), (True, True, one is answer, []), told)
        passed = json.loads(service.post(self.LURE.format(3), Rcpt_To='b@harbour.example')[1])

        def hunted(*words):
            done = subprocess.run([PROGRAM, 'hunt', '--store', self.folder + '/store.db', '--json', *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding='utf-8')
            return done.stderr or [json.loads(line)['id'] for line in done.stdout.splitlines()]
        self.assertEqual(hunted('--unjudged'), sorted([answer['id'], other['id'], third['id']], reverse=True))
        self.assertEqual((hunted('--unjudged', '--org', 'active'), hunted('--unjudged', '--until', '1h'), hunted()),
                         (sorted([answer['id'], third['id']], reverse=True), [], [passed['id']]))
        self.assertIn('--unjudged goes with --org', hunted('--unjudged', '--from', 'bad.example'))

    def test_what_a_judge_gives_up_goes_by_policy_too(self):
        service = self.serve(program=FAULTY)
        large = self.LURE.format(1) + 'x' * 76 + '\r\n'
        answer = json.loads(service.post(large + ('y' * 76 + '\r\n') * 40000, Source='unreadable', Rcpt_To='b@active.example')[1])
        self.assertEqual((answer['verdict'], answer['action'], len(self.held())), ('unjudged', 'hold', 1))
        self.assertIn('could not finish', answer['reason'])
        told, = service.events('judge-gave-up')
        self.assertIn(answer['id'] + ': a judge could not finish with it: cannot be read', told['text'])
        self.assertEqual(json.loads(service.post(large, Source='unreadable', Rcpt_To='b@active.example')[1])['verdict'], 'malicious') # small: read as ever

    def test_a_full_spool_defers_and_loses_nothing(self):
        service = self.serve(more='  bytes: 1 MiB\n')
        noise = ''.join(random.choices('abcdefghijklmnopqrstuvwxyz0123456789', k=2000000))
        status, body, answer = service.post(self.LURE.format(9) + noise, Rcpt_To='b@active.example')
        self.assertEqual((status, answer.getheader('Retry-After')), (503, '5'))
        self.assertIn('hold.bytes', json.loads(body)['error'])
        self.assertEqual(self.held(), [])
        self.assertEqual(service.post(self.LURE.format(1), Rcpt_To='b@active.example')[0], 200)
        self.assertEqual(service.post(self.LURE.format(9) + noise, Rcpt_To='b@harbour.example')[0], 200) # what is not held needs no room
        self.assertEqual(len(self.held()), 1)

    def test_a_keeper_that_dies_meanwhile_costs_nothing(self):
        service = self.serve()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(service.post_retrying, self.LURE.format(i), Rcpt_To='b@active.example') for i in range(200)]
            for _ in range(3):
                time.sleep(0.2)
                for pid in service.pids('keeper'):
                    os.kill(pid, signal.SIGKILL)
                wait_for(lambda: service.pids('keeper'))
            ids = {job.result()[0]['id'] for job in sent}
        service.stop()
        self.begin(service) # what was written and never committed is gone now
        with sqlite3.connect(self.folder + '/store.db') as store:
            rows = dict(store.execute('select file, id from hold'))
        self.assertEqual((set(rows.values()), len(rows), self.held()), (ids, len(ids), sorted(rows)))


class Slow(ServiceCase):
    """A process that reads nothing for a while makes no other one large, and costs no answer."""
    LARGE = 'X-MS-Exchange-CrossTenant-Id: ' + '\x01' * 900000 + '\r\n' # and a report several times as large
    MANY, LEVEL = 50, 60 << 20

    def serve(self, **settings):
        return super().serve(env={'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1'}, **settings)

    @staticmethod
    def memory(pid):
        with open(f'/proc/{pid}/status', encoding='ascii') as f:
            return int(re.search(r'VmRSS:\s*([0-9]+)', f.read())[1]) << 10

    def level(self, pid, seconds):
        """The most that it has of memory in this time."""
        most, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            most = max(most, self.memory(pid))
            time.sleep(0.05)
        return most

    def test_a_door_that_reads_no_answers(self):
        service = self.serve()
        report = json.loads(service.post(self.LARGE + PLAIN.format('large'))[1])['id']
        (keeper,), (door,) = service.pids('keeper'), service.pids('door')
        self.assertGreater(len(service.get('/v1/messages/' + report)[1]) * self.MANY, 2 * self.LEVEL)
        with concurrent.futures.ThreadPoolExecutor(self.MANY) as pool:
            os.kill(keeper, signal.SIGSTOP)
            asked = [pool.submit(service.get, '/v1/messages/' + report) for _ in range(self.MANY)]
            time.sleep(1)
            os.kill(door, signal.SIGSTOP)
            before = self.memory(keeper)
            os.kill(keeper, signal.SIGCONT)
            self.assertLess(self.level(keeper, 2) - before, self.LEVEL)
            os.kill(door, signal.SIGCONT)
            self.assertEqual({(job.result()[0], json.loads(job.result()[1])['id']) for job in asked}, {(200, report)})

    def test_a_keeper_that_keeps_nothing(self):
        service = self.serve(judging='slots: 2')
        (keeper,), (door,) = service.pids('keeper'), service.pids('door')
        before = self.memory(door)
        with concurrent.futures.ThreadPoolExecutor(self.MANY) as pool:
            os.kill(keeper, signal.SIGSTOP)
            sent = [pool.submit(service.post, self.LARGE + PLAIN.format(i)) for i in range(self.MANY)]
            most = self.level(door, 6)
            os.kill(keeper, signal.SIGCONT)
            self.assertEqual({job.result()[0] for job in sent}, {200})
        self.assertLess(most - before, self.MANY * len(self.LARGE) + self.LEVEL)
        self.assertEqual(len({json.loads(job.result()[1])['id'] for job in sent}), self.MANY)

    def test_each_role_may_stop_for_a_while(self):
        service = self.serve()
        over, answers = threading.Event(), []

        def client(number):
            for i in range(100000):
                if over.is_set():
                    return
                answers.append(service.post(PLAIN.format(f'{number}-{i}'))[0])
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            clients = [pool.submit(client, i) for i in range(16)]
            for role in ('keeper', 'judge', 'resolver', 'signer', 'courier', 'checkpoint', 'template', 'door'):
                for pid in service.pids(role):
                    os.kill(pid, signal.SIGSTOP)
                time.sleep(1.5)
                for pid in service.pids(role):
                    os.kill(pid, signal.SIGCONT)
                count = len(answers)
                wait_for(lambda count=count: len(answers) > count + 16)
            over.set()
            for job in clients:
                job.result()
        self.assertEqual(set(answers), {200})
        self.assertEqual(service.events('died'), [])


class Limits(ServiceCase):
    def test_a_slow_client_holds_up_nobody_and_is_sent_home(self):
        service = self.serve(more='door:\n  request: 2 s')
        slow = [socket.create_connection(('127.0.0.1', service.port)) for _ in range(20)]
        for i, client in enumerate(slow):
            self.addCleanup(client.close)
            client.sendall(b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: 1000\r\n' + (b'\r\nFrom' if i % 2 else b''))
        slow[1].shutdown(socket.SHUT_WR) # half closed in the middle of its message
        before = time.monotonic()
        for i in range(20):
            self.assertEqual(service.post(PLAIN.format(i))[0], 200)
        self.assertLess(time.monotonic() - before, 10)
        for i, client in enumerate(slow):
            client.settimeout(10)
            try:
                for _ in range(30): # a byte now and then keeps nobody here
                    if i % 2 == 0:
                        client.sendall(b'X')
                    time.sleep(0.01)
                self.assertEqual(client.recv(100), b'')
            except OSError as error:
                self.assertNotIsInstance(error, TimeoutError)
        self.assertEqual(service.post(PLAIN.format('after'))[0], 200)

    def test_more_than_can_be_held_are_told_to_come_again(self):
        service = self.serve(program=FAULTY, judging='parked: 2')
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            held = [pool.submit(service.post, PLAIN.format(i), Source='slow') for i in range(2)]
            time.sleep(0.5)
            status, body, answer = service.post(PLAIN.format(3))
            self.assertEqual((status, answer.getheader('Retry-After')), (429, '5'))
            self.assertIn('come again', json.loads(body)['error'])
            self.assertEqual({job.result()[0] for job in held}, {200})
        self.assertEqual(service.post(PLAIN.format(3))[0], 200)

    def test_who_reads_slowly_is_sent_home_too(self):
        service = self.serve(more='door:\n  request: 2 s')
        large = 'X-MS-Exchange-CrossTenant-Id: ' + '\x01' * 900000 + '\r\n' + PLAIN.format('large')
        client = socket.socket()
        self.addCleanup(client.close)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(('127.0.0.1', service.port))
        client.sendall(b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: %d\r\n\r\n' % len(large) + large.encode())
        self.assertEqual(client.recv(12), b'HTTP/1.1 200')
        wait_for(lambda: client.recv(500) is not None and service.metric('sekimori_connections{door="http"}') == 1) # which is the asker's own
        self.assertLess(len(service.post(PLAIN.format(1))[1]), 10000)

    def test_messages_that_never_become_whole_fill_nothing(self):
        service = self.serve(judging='parked_bytes: 2 MiB', more='door:\n  connections: 100\n  memory: 64 KiB')
        large = PLAIN.format('large') + 'x' * 1500000
        half = []
        for i in range(8): # half a message of each
            client = socket.create_connection(('127.0.0.1', service.port), timeout=20)
            self.addCleanup(client.close)
            half.append(client)
            client.sendall(b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: 2000000\r\n\r\n' + b'x' * 1000000)

        def on_disk(): # files without a name, in memory or in the spool
            door, = service.pids('door')
            return sum(os.stat(path).st_size for path in glob.glob(f'/proc/{door}/fd/*') if '/#' in os.readlink(path) or 'memfd:message' in os.readlink(path))
        time.sleep(0.5)
        self.assertLess(on_disk(), 3 << 20)
        self.assertEqual(service.post(large)[0], 429)
        self.assertEqual(service.post(PLAIN.format(1))[0], 200) # the small come in all the same
        for client in half:
            client.close()
        wait_for(lambda: service.post(large)[0] == 200)
        wait_for(lambda: on_disk() == 0)
        self.assertEqual(service.post(PLAIN.format('larger') + 'x' * 3000000)[0], 200) # alone, and larger than what many may have

    def test_a_unix_socket(self):
        path = os.path.join(self.folder, 'http.sock')
        service = self.serve(start=False, address=f'unix:{path}')
        wait_for(lambda: service.events('ready'))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(path)
            client.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
            self.assertIn(b'200 OK', client.recv(1000))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
        service.stop()
        self.assertFalse(os.path.exists(path))

    def test_a_thousand_connections(self):
        service = self.serve()
        body = PLAIN.format('x').encode()
        waiting = [socket.create_connection(('127.0.0.1', service.port)) for _ in range(1000)]
        for client in waiting:
            self.addCleanup(client.close)
        for i, client in enumerate(waiting):
            text = body.replace(b'x@', b'x%d@' % i)
            client.sendall(b'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: %d\r\n\r\n' % len(text) + text)
        heads = [client.recv(65536).split(b'\r\n', 1)[0] for client in waiting]
        self.assertEqual({head for head in heads if b'429' not in head}, {b'HTTP/1.1 200 OK'})
        self.assertEqual(len([head for head in heads if b'429' in head]), 0)


class NameServer(threading.Thread):
    """Answers nothing where a label begins with "silent", and quickly that there is no such thing for all others."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                asked, who = self.socket.recvfrom(4096)
            except OSError:
                return
            if b'silent' in asked.lower():
                continue
            end = asked.index(b'\0', 12) + 5
            owner = b'\0\0\x06\0\x01\0\0\x0e\x10\0\x16\0\0' + struct.pack('>5I', 1, 3600, 600, 86400, 3600)
            self.socket.sendto(asked[:2] + b'\x81\x83\0\x01\0\0\0\x01\0\0' + asked[12:end] + owner, who)


class Starvation(ServiceCase):
    """Two services side by side get the same mail, but that of one every tenth message has its names at a silent name server. Whatever
    else the machine has to do slows both; what the others' waiting and the work for them cost is told by what each got through, and by its CPU.
    What the one loses while it waits the other gains, which has the processors meanwhile: each one's share is half of both."""
    COUNT, CLIENTS = 1000, 24

    def through(self, service, run, silent, ends):
        """Nine in ten are the rest; when each of them was done goes into ends. silent None: the tenth is as they are."""
        def send(i):
            domain, client, other = f'n{run}x{i}.shop.example', '198.51.100.25', i % 10 == 0
            if silent and other:
                domain, client = silent(run, i)
            text = f'From: a@{domain}\r\nMessage-ID: <{run}-{i}@x>\r\nDKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=s; h=from; bh=eA==; b=eA==\r\n\r\nx\r\n'
            self.assertEqual(service.post(text, Client_Address=client, Mail_From=f'a@{domain}', Helo=f'mx.{domain}')[0], 200)
            if not other:
                ends.append(time.monotonic())
        with concurrent.futures.ThreadPoolExecutor(self.COUNT // 10) as others, concurrent.futures.ThreadPoolExecutor(self.CLIENTS) as rest:
            def in_turn(i): # a mail server that waits for one of the others takes up the rest meanwhile
                beside = others.submit(send, i - 1) if i % 10 == 1 else None
                send(i)
                return beside
            for job in [rest.submit(in_turn, i) for i in range(self.COUNT) if i % 10]:
                beside = job.result()
                if beside:
                    beside.result()

    def cpu(self, service):
        """Seconds of all its processes."""
        ticks = 0
        for pid in [service.process.pid, *(pid for role in ('judge', 'template', 'resolver', 'keeper', 'checkpoint', 'door', 'courier', 'signer') for pid in service.pids(role))]:
            with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as f:
                ticks += sum(map(int, f.read().rpartition(')')[2].split()[11:13]))
        return ticks / os.sysconf('SC_CLK_TCK')

    def starve(self, silent):
        server, services = NameServer(), []
        for name in ('one', 'two'):
            os.mkdir(os.path.join(self.folder, name))
            services.append(Service(os.path.join(self.folder, name), dns=f'servers: ["127.0.0.1:{server.port}"]'))
            self.addCleanup(services[-1].stop)
        for service in services:
            wait_for(lambda service=service: service.metric('sekimori_judges') == 2)
        done, dearer = [0, 0], []
        for run in range(3): # the first one warms up; then each has the strays once, and what is left of them when it is over would show
            ends, before = ([], []), [self.cpu(service) for service in services]
            kinds = (None, silent) if run % 2 else (silent, None)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                jobs = [pool.submit(self.through, *row) for row in zip(services, (f'r{run}', f'r{run}'), kinds, ends)]
                for job in jobs:
                    job.result()
            over = min(map(max, ends))
            cost = {kind: self.cpu(service) - first for service, kind, first in zip(services, kinds, before)}
            for kind, each in zip(kinds, ends):
                done[kind is not None] += sum(end <= over for end in each) if run else 0
            dearer.append(cost[silent] / cost[None])
        share = 2 * done[1] / sum(done)
        print(f'starvation: beside a silent name server the rest gets {100 * share:.0f} % of its share ({done[1]} messages to {done[0]}), '
              f'with {100 * min(dearer):.0f} to {100 * max(dearer):.0f} % of the CPU', flush=True)
        self.assertGreaterEqual(share, 0.85)
        self.assertLess(min(dearer), 1.5) # one in ten may cost six times as much, and no more

    def test_a_silent_name_server_slows_only_its_own(self):
        self.starve(lambda run, i: (f'n{run}x{i}.silent.example', '198.51.100.25'))

    def test_nor_where_each_message_has_a_domain_and_a_client_of_its_own(self):
        self.starve(lambda run, i: (f'n.silent{run}x{i}.example', f'198.51.{i // 250}.{i % 250}'))


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as f:
            return f.read().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


if __name__ == '__main__':
    PROGRAM, FAULTY = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
