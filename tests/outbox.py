#!/usr/bin/env python3
"""Notices as receivers meet them: real HTTP and SMTP servers and programs, in every mood; processes killed at random.

usage: tests/outbox.py SEKIMORI FAULTY [TEST]...
"""
import http.server, json, os, random, signal, socket, socketserver, sqlite3, ssl, subprocess, sys, threading, time, unittest

import service
from service import PLAIN, ServiceCase, free_port, wait_for

MAIL = {'Mail_From': 'a@shop.example', 'Rcpt_To': 'b@harbour.example'}


class Web:
    """An HTTP server that keeps what it was sent; mood(request number) gives a status, or does something else and gives None."""

    def __init__(self, mood=lambda n: 204, port=0):
        web = self
        self.got, self.mood, self.lock, self.open, self.most = [], mood, threading.Lock(), 0, 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                with web.lock:
                    web.got.append((dict(self.headers), body))
                    number = len(web.got)
                    web.open += 1
                    web.most = max(web.most, web.open)
                try:
                    status = web.mood(number)
                    if callable(status):
                        status(self)
                    else:
                        self.send_response(status)
                        self.end_headers()
                except OSError:
                    pass
                finally:
                    with web.lock:
                        web.open -= 1

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass
        self.server = Server(('127.0.0.1', port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def jobs(self):
        return [headers['X-Sekimori-Job'] for headers, _ in list(self.got)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Post(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps sessions: (MAIL, RCPT, bytes as they came). replies: by verb, a list used up from its beginning."""
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, replies=None):
        self.got, self.replies, self.tls, self.secured, self.offers = [], replies or {}, None, 0, b'250-mx.example\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n'
        super().__init__(('127.0.0.1', 0), Session)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reply(self, verb, good):
        waiting = self.replies.get(verb) or []
        return waiting.pop(0) if waiting else good

    def handle_error(self, request, client_address):
        pass


class Session(socketserver.StreamRequestHandler):
    def say(self, verb, good):
        text = self.server.reply(verb, good)
        if callable(text):
            text(self)
            return False
        self.wfile.write(text)
        return text[:1] in b'23'

    def handle(self):
        sender = recipient = None
        if not self.say('GREETING', b'220 mx.example\r\n'):
            return
        for line in iter(lambda: self.rfile.readline(), b''):  # which TLS replaces
            verb = line[:4].upper().decode()
            if verb == 'EHLO':
                self.say(verb, self.server.offers)
            elif verb == 'STAR':
                self.wfile.write(b'220 go on\r\n')
                self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile('rb'), self.connection.makefile('wb', buffering=0)
                self.server.secured += 1
            elif verb == 'MAIL':
                sender = line
                self.say(verb, b'250 ok\r\n')
            elif verb == 'RCPT':
                recipient = line
                self.say(verb, b'250 ok\r\n')
            elif verb == 'DATA':
                if self.say(verb, b'354 go on\r\n'):
                    raw = b''
                    while not raw.endswith(b'\r\n.\r\n'):
                        raw += self.rfile.readline()
                    if self.say('END', b'250 taken\r\n'):
                        self.server.got.append((sender, recipient, raw[:-3]))
            else:
                self.say(verb, b'221 bye\r\n')
                return


class OutboxCase(ServiceCase):
    def notified(self, *notices, outbox='wait: 1 s\n  wait_most: 2 s\n  deadline: 5 s', more='', **settings):
        rows = ''.join(f'  - {notice}\n' for notice in notices)
        return self.serve(more=f'notify:\n{rows}outbox:\n  {outbox}\n{more}', **settings)

    def web(self, *words, **named):
        web = Web(*words, **named)
        self.addCleanup(web.close)
        return web

    def post_office(self, **replies):
        post = Post(replies)
        self.addCleanup(post.server_close)
        self.addCleanup(post.shutdown)
        return post

    def program(self, text):
        path = os.path.join(self.folder, 'hook')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('#!/bin/sh\n' + text)
        os.chmod(path, 0o700)
        return path

    def hold_to_schema(self, told):
        checked = subprocess.run([sys.executable, os.path.join(service.TOP, 'tools', 'check-report'), '--schema', os.path.join(service.TOP, 'docs', 'notice.schema.json')],
                                 input=told + b'\n', stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout)

    def rows(self):
        store = sqlite3.connect(os.path.join(self.folder, 'store.db'), timeout=10)
        try:
            return {job: (state, tries, fault) for job, state, tries, fault in store.execute('select job, state, tries, fault from outbox')}
        finally:
            store.close()

    def states(self):
        return [state for state, _, _ in self.rows().values()]

    def send(self, running, *names):
        return [json.loads(running.post(PLAIN.format(name), **MAIL)[1])['id'] for name in names]


def hook(port, name='desk', rest='when: {verdict: clean}'):
    return f'{{name: {name}, webhook: "http://127.0.0.1:{port}/x", {rest}}}'


def mail(port, name='post', rest='when: {verdict: clean}'):
    return f'{{name: {name}, mail: soc@harbour.example, sender: seki@harbour.example, server: "127.0.0.1:{port}", {rest}}}'


class Delivery(OutboxCase):
    def test_a_webhook_is_told_once(self):
        web = self.web()
        secret = os.path.join(self.folder, 'secret')
        with open(secret, 'w', encoding='utf-8') as f:
            f.write('# ours\nAuthorization: Bearer 1234\n')
        os.chmod(secret, 0o600)
        running = self.notified(hook(web.port, rest=f'secret: "{secret}", when: {{verdict: clean}}'), hook(web.port, 'bad'))
        first, = self.send(running, '1')
        self.send(running, '1')  # the same message again: no second notice
        wait_for(lambda: self.states() == [2, 2] or None)
        headers, body = next(row for row in web.got if row[0]['X-Sekimori-Job'].endswith('.desk'))
        told = json.loads(body)
        self.assertEqual(sorted(web.jobs()), [first + '.bad', first + '.desk'])
        self.assertEqual((headers['Idempotency-Key'], headers['Authorization'], headers['Content-Type']), (first + '.desk', 'Bearer 1234', 'application/json'))
        self.assertEqual((told['id'], told['verdict'], told['notice'], told['organisation']), (first, 'clean', 'desk', 'harbour'))
        self.assertNotIn('subject', told)
        self.hold_to_schema(body)
        self.assertNotIn('1234', running.said())

    def test_only_what_is_wanted_is_told(self):
        web = self.web()
        running = self.notified(hook(web.port, 'bad', rest='when: {verdict: malicious}'), hook(web.port, 'out', rest='when: {verdict: clean, directions: [outbound]}'),
                                hook(web.port, 'in', rest='addresses: yes, when: {verdict: clean, organisations: [harbour]}'))
        self.send(running, 'Hello')
        wait_for(lambda: self.states() == [2])
        self.assertEqual([json.loads(body)['notice'] for _, body in web.got], ['in'])
        told = json.loads(web.got[0][1])
        self.hold_to_schema(web.got[0][1])
        self.assertEqual((told['subject'], told['from'], told['rcpt_to']), ('Hello', 'a@shop.example', ['b@harbour.example']))

    def test_what_no_judge_could_finish_is_told_of(self):
        web = self.web()
        running = self.notified(hook(web.port, 'none', rest='when: {verdict: clean, directions: [inbound]}'), hook(web.port, 'also', rest='when: {unjudged: also}'),
                                hook(web.port, 'only', rest='addresses: yes, when: {verdict: clean, unjudged: only, organisations: [harbour]}'),
                                hook(web.port, 'out', rest='when: {unjudged: only, directions: [outbound]}'), program=service.FAULTY)
        answer = json.loads(running.post(PLAIN.format('deadly'), Source='deadly', **MAIL)[1])
        wait_for(lambda: self.states() == [2, 2])
        told = {notice['notice']: notice for notice in (json.loads(body) for _, body in web.got)}
        for _, body in web.got:
            self.hold_to_schema(body)
        self.assertEqual({name: (notice['id'], notice['verdict'], notice['reason']) for name, notice in told.items()},
                         {name: (answer['id'], 'unjudged', answer['reason']) for name in ('also', 'only')})
        self.assertEqual((told['only']['rcpt_to'], told['only']['organisation'], told['only']['action']), (['b@harbour.example'], 'harbour', 'deliver'))
        self.assertNotIn('rcpt_to', told['also'])
        running.post(PLAIN.format('deadly'), Source='deadly', **MAIL) # again: no second notice
        self.send(running, 'judged')
        wait_for(lambda: self.states() == [2, 2, 2])
        self.assertEqual([json.loads(body)['notice'] for _, body in web.got if json.loads(body)['verdict'] != 'unjudged'], ['none'])

    def test_a_mail_is_sent(self):
        post = self.post_office()
        running = self.notified(mail(post.port, rest='addresses: yes, when: {verdict: clean}'))
        first, = self.send(running, '. \u65e5\u672c')
        wait_for(lambda: post.got)
        sender, recipient, raw = post.got[0]
        self.assertTrue(sender.startswith(b'MAIL FROM:<seki@harbour.example>') and recipient.startswith(b'RCPT TO:<soc@harbour.example>'))
        self.assertIn(b'X-Sekimori-Job: ' + first.encode() + b'.post\r\n', raw)
        self.assertEqual((raw.replace(b'\r\n', b'').count(b'\n'), raw.replace(b'\r\n', b'').count(b'\r')), (0, 0))
        wait_for(lambda: self.states() == [2])

    def test_a_mail_arrives_as_it_is_and_ends_where_it_ends(self):
        """Bytes that no notice has, but mail that is released will: put into the outbox by hand."""
        post = self.post_office()
        running = self.notified(mail(post.port, rest='when: {verdict: malicious}'))
        hard = b'Subject: x\r\n\r\n.\r\n..\r\n.a\nbare\n.\nQUIT\rcr\r.\r\r\n\n.\r\n.'
        cases = [hard, b'', b'\r', b'.', b'\r\n.\r\n', b'x' * 65530 + b'\r\n.\r\n' + b'y' * 5, (b'.' * 999 + b'\n') * 60]
        with sqlite3.connect(os.path.join(self.folder, 'store.db'), timeout=10) as store:
            for i, case in enumerate(cases):
                store.execute('insert into outbox (job, id, lane, kind, state, made, due, tries, bytes) values (?, ?, ?, ?, 1, 1, 1, 0, ?)',
                              (f'{i}.post', str(i), 'post', 'mail', case))
        wait_for(lambda: self.states() == [2] * len(cases) or (self.states() and not running.ready()))
        got = {raw.split(b'\r\n', 1)[0].split()[1]: raw.split(b'\r\n', 1)[1] for _, _, raw in post.got}
        self.assertEqual(len(got), len(cases))
        for i, case in enumerate(cases):
            wanted = case.replace(b'\r\n', b'\n').replace(b'\r', b'\n').split(b'\n')
            wanted = b''.join(line + b'\r\n' for line in (wanted[:-1] if wanted[-1] == b'' else wanted))
            stuffed = b''.join((b'.' if line.startswith(b'.') else b'') + line + b'\r\n' for line in wanted.split(b'\r\n')[:-1])
            self.assertEqual(got[f'{i}.post'.encode()], stuffed, i)

    def certificate(self):
        made = os.path.join(self.folder, 'cert')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', made, '-out', made + '.pem', '-subj', '/CN=127.0.0.1', '-days', '2'],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made + '.pem', made)
        return context

    def test_tls(self):
        posts, web = [self.post_office(), self.post_office()], self.web()
        for post in posts:
            post.tls = self.certificate()
            post.offers = b'250-mx.example\r\n250 STARTTLS\r\n'
        web.server.socket = posts[0].tls.wrap_socket(web.server.socket, server_side=True)
        https = hook(web.port, 'https').replace('http:', 'https:')
        running = self.notified(mail(posts[0].port, 'may'), mail(posts[1].port, 'must', rest='tls: must, when: {verdict: clean}'), https)
        self.send(running, '1')
        wait_for(lambda: posts[0].got and len([row for row in self.rows().values() if row[1]]) == 3)
        self.assertEqual((posts[0].secured, len(posts[0].got), len(posts[1].got), len(web.got)), (1, 1, 0, 0))
        faults = {name.split('.')[1]: row for name, row in self.rows().items()}
        self.assertEqual([faults[name][0] for name in ('may', 'must', 'https')], [2, 1, 1])  # nobody vouches for these
        self.assertIn('certificate', faults['must'][2])
        self.assertIn('certificate', faults['https'][2])

    def test_the_courier_has_neither_store_nor_door(self):
        web = self.web(lambda n: lambda handler: (time.sleep(2), handler.send_response(200), handler.end_headers()))
        running = self.notified(hook(web.port))
        self.send(running, '1')
        wait_for(lambda: web.got)
        courier, = running.pids('courier')
        held = [os.readlink(f'/proc/{courier}/fd/{fd}') for fd in os.listdir(f'/proc/{courier}/fd')]
        self.assertEqual({name.split(':')[0] for name in held} - {'/dev/null', 'socket', 'pipe', 'anon_inode'}, {self.folder + '/log'})
        with open('/proc/net/tcp', encoding='utf-8') as f:
            listening = {row.split()[9] for row in f.read().splitlines()[1:] if row.split()[3] == '0A'}
        self.assertFalse({name[8:-1] for name in held if name.startswith('socket:[')} & listening)

    def test_a_program_is_started(self):
        web = self.web()
        path = self.program(f'cat > {self.folder}/told; env > {self.folder}/env; ls /proc/self/fd > {self.folder}/fds; echo "$@" > {self.folder}/words\n')
        running = self.notified(f'{{name: run, program: ["{path}", "a b", "$(id)"], when: {{verdict: clean}}}}', hook(web.port))
        first, = self.send(running, '1')
        wait_for(lambda: self.states() == [2, 2])

        def of(name):
            with open(os.path.join(self.folder, name), encoding='utf-8') as f:
                return f.read()
        self.assertEqual(json.loads(of('told'))['id'], first)
        self.assertEqual(of('words'), 'a b $(id)\n')
        self.assertEqual(of('fds').split(), ['0', '1', '2', '3'])  # 3 is how ls reads it
        names = {line.split('=')[0] for line in of('env').splitlines()} - {'PWD', 'SHLVL', '_', 'OLDPWD'}
        self.assertEqual(names, {'PATH', 'LANG', 'SEKIMORI_JOB', 'SEKIMORI_NOTICE'})


class Failure(OutboxCase):
    def end(self, job='desk'):
        return wait_for(lambda: [row for name, row in self.rows().items() if name.endswith('.' + job) and row[0] != 1])[0]

    def test_http_that_fails_for_now_is_tried_again(self):
        for mood in (503, 429, 408, lambda handler: handler.connection.close(), lambda handler: handler.wfile.write(b'SMTP?\r\n')):
            with self.subTest(mood):
                web = self.web(lambda n, mood=mood: mood if n < 3 else 200)
                running = self.notified(hook(web.port))
                self.send(running, '1')
                self.assertEqual(self.end(), (2, 3, None))
                self.assertEqual(len(set(web.jobs())), 1)
                running.stop()
                os.remove(os.path.join(self.folder, 'store.db'))

    def test_http_that_will_never_do_is_not(self):
        for status, words in ((404, 'HTTP 404'), (302, 'points elsewhere'), (401, 'HTTP 401')):
            with self.subTest(status):
                web = self.web(lambda n, status=status: status)
                running = self.notified(hook(web.port))
                self.send(running, '1')
                state, tries, fault = self.end()
                self.assertEqual((state, tries), (3, 1))
                self.assertIn(words, fault)
                self.assertTrue(running.events('job-failed'))
                running.stop()
                os.remove(os.path.join(self.folder, 'store.db'))

    def test_retry_after_is_heeded(self):
        def later(handler):
            handler.send_response(503)
            handler.send_header('Retry-After', '3')
            handler.end_headers()
        web = self.web(lambda n: later if n == 1 else 200)
        running = self.notified(hook(web.port), outbox='wait: 1 s\n  wait_most: 9 s')
        before = time.monotonic()
        self.send(running, '1')
        self.assertEqual(self.end()[:2], (2, 2))
        self.assertGreater(time.monotonic() - before, 2.9)

    def test_smtp_tells_now_from_never(self):
        def cut(session):
            session.connection.shutdown(socket.SHUT_RDWR)
        for stage, reply, wanted in (('RCPT', b'450 busy\r\n', 2), ('RCPT', b'550 nobody\r\n', 3), ('MAIL', b'452 full\r\n', 2), ('DATA', b'554 no\r\n', 3),
                                     ('END', b'451 later\r\n', 2), ('END', b'554 spam\r\n', 3), ('GREETING', b'554 no service\r\n', 2), ('EHLO', cut, 2),
                                     ('GREETING', b'421 closing\r\n', 2), ('END', cut, 2)):
            with self.subTest((stage, reply)):
                post = self.post_office(**{stage: [reply]})
                running = self.notified(mail(post.port))
                self.send(running, '1')
                state, tries, fault = self.end('post')
                self.assertEqual((state, tries), (wanted, 2 if wanted == 2 else 1), fault)
                self.assertEqual(len(post.got), 1 if wanted == 2 else 0)
                if wanted == 3:
                    self.assertIn(reply[:3].decode(), fault)
                running.stop()
                os.remove(os.path.join(self.folder, 'store.db'))

    def test_a_program_tells_by_its_status(self):
        for text, wanted, words in (('exit 75', 2, ''), ('exit 71', 2, ''), ('echo out of luck >&2; exit 65', 3, 'status 65: out of luck'), ('exit 1', 2, ''),
                                    ('kill -9 $$', 2, ''), ('sleep 60', 2, '')):
            with self.subTest(text):
                flag = os.path.join(self.folder, 'flag')
                path = self.program(f'[ -e {flag} ] && exit 0\ntouch {flag}\n{text}\n')
                running = self.notified(f'{{name: desk, program: ["{path}"], when: {{verdict: clean}}}}', outbox='wait: 1 s\n  wait_most: 2 s\n  deadline: 700 ms')
                self.send(running, '1')
                state, tries, fault = self.end()
                self.assertEqual((state, tries), (wanted, 2 if wanted == 2 else 1), fault)
                self.assertIn(words, fault or '')
                running.stop()
                os.remove(os.path.join(self.folder, 'store.db'))
                os.remove(flag)

    def test_a_program_without_a_word_costs_nothing(self):
        path = self.program('exec 2>&-\nsleep 2\n')
        running = self.notified(f'{{name: desk, program: ["{path}"], when: {{verdict: clean}}}}')

        def spent():
            with open(f'/proc/{running.pids("courier")[0]}/stat', encoding='utf-8') as f:
                words = f.read().rpartition(')')[2].split()
            return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')
        before = spent()
        self.send(running, '1')
        self.assertEqual(self.end()[:2], (2, 1))
        self.assertLess(spent() - before, 0.5)

    def test_a_program_that_hangs_is_ended_with_all_it_started(self):
        path = self.program(f'(echo $$ > {self.folder}/pid; sleep 1000) & sleep 1000\n')
        running = self.notified(f'{{name: desk, program: ["{path}"], when: {{verdict: clean}}}}', outbox='wait: 1 h\n  deadline: 700 ms')
        self.send(running, '1')
        wait_for(lambda: [row for row in self.rows().values() if row[1] == 1])
        with open(f'{self.folder}/pid', encoding='utf-8') as f:
            self.assertFalse(service.is_alive(int(f.read())))
        left = subprocess.run(['pgrep', '-f', 'sleep 100[0]'], stdout=subprocess.PIPE, check=False).stdout.split()
        self.assertFalse([pid for pid in left if service.is_alive(int(pid))])

    def test_a_receiver_that_is_away_is_asked_seldom_and_then_gets_all(self):
        port = free_port()
        running = self.notified(hook(port))
        ids = self.send(running, *map(str, range(30)))
        wait_for(lambda: running.events('receiver-away'))
        time.sleep(2)
        tries = sum(tries for _, tries, _ in self.rows().values())
        self.assertLess(tries, 10)
        self.assertEqual(len(running.events('receiver-away')), 1)
        web = self.web(port=port)
        wait_for(lambda: set(self.states()) == {2}, 30)
        self.assertEqual(sorted(web.jobs()), sorted(i + '.desk' for i in ids))
        self.assertTrue(running.events('receiver-back'))


class Others(OutboxCase):
    def test_slow_and_endless_receivers_cost_no_others(self):
        def never(handler):
            time.sleep(20)

        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b'x' * 65536)

        def drip(handler):
            handler.wfile.write(b'HTTP/1.1 200 OK\r\n')
            for _ in range(200):
                handler.wfile.write(b'X-A: b\r\n')
                time.sleep(0.1)

        def banner(session):
            for _ in range(200):
                session.wfile.write(b'220-wait\r\n')
                time.sleep(0.1)
        slow, ends, drips, good = self.web(lambda n: never), self.web(lambda n: endless), self.web(lambda n: drip), self.web()
        post = self.post_office(GREETING=[banner] * 1000)
        path = self.program('sleep 20\n')
        running = self.notified(hook(slow.port, 'a-slow'), hook(ends.port, 'b-endless'), hook(drips.port, 'c-drip'), mail(post.port, 'd-banner'),
                                f'{{name: e-hang, program: ["{path}"], when: {{verdict: clean}}}}', hook(good.port, 'z-good'),
                                outbox='wait: 10 s\n  deadline: 3 s')
        before = time.monotonic()
        ids = self.send(running, *map(str, range(40)))
        wait_for(lambda: len(good.got) == 40, 10)
        took = time.monotonic() - before
        self.assertEqual(sorted(good.jobs()), sorted(i + '.z-good' for i in ids))
        wait_for(lambda: len([1 for name, row in self.rows().items() if name.endswith('.b-endless') and row[0] == 2]) == 40, 20)  # 200 is 200
        print(f'others: 40 notices of the good one after {took:.1f} s; the slow ones had at most {slow.most} at a time', flush=True)
        self.assertLessEqual(slow.most, 4)
        self.assertFalse(running.events('hangs'))


class Lifetime(OutboxCase):
    def test_reload_brings_new_receivers_and_waits_for_those_under_way(self):
        first, second = self.web(lambda n: lambda handler: (time.sleep(1.5), handler.send_response(200), handler.end_headers())), self.web()
        running = self.notified(hook(first.port))
        self.send(running, '1')
        wait_for(lambda: first.got)
        running.write(more=f'notify:\n  - {hook(second.port)}\n  - {hook(second.port, "new")}\noutbox:\n  wait: 1 s\n')
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: running.events('reloaded'))
        self.send(running, '2')
        wait_for(lambda: len(second.got) == 2)
        wait_for(lambda: self.states() == [2, 2, 2])
        self.assertEqual(len(first.got), 1)

    def test_a_receiver_that_was_taken_out_gets_nothing(self):
        running = self.notified(hook(free_port()), outbox='wait: 1 s\n  wait_most: 1 s')
        self.send(running, '1')
        wait_for(lambda: [row for row in self.rows().values() if row[1]])
        running.write(more='')
        running.process.send_signal(signal.SIGHUP)
        state, _, fault = wait_for(lambda: [row for row in self.rows().values() if row[0] != 1])[0]
        self.assertEqual(state, 3)
        self.assertIn('has no "desk" under notify', fault)

    def test_drain_finishes_the_jobs_under_way(self):
        web = self.web(lambda n: lambda handler: (time.sleep(1), handler.send_response(200), handler.end_headers()))
        running = self.notified(hook(web.port))
        self.send(running, '1')
        wait_for(lambda: web.got)
        self.assertEqual(running.stop(), 0)
        self.assertEqual(self.states(), [2])

    def test_jobs_outlive_the_service(self):
        port = free_port()
        running = self.notified(hook(port), outbox='wait: 1 s\n  wait_most: 1 s')
        first, = self.send(running, '1')
        running.stop()
        web = self.web(port=port)
        running = self.notified(hook(port), outbox='wait: 1 s\n  wait_most: 1 s')
        wait_for(lambda: self.states() == [2])
        self.assertEqual(web.jobs(), [first + '.desk'])


class Operator(OutboxCase):
    def verb(self, *words):
        run = subprocess.run([service.PROGRAM, 'outbox', words[0], '--store', os.path.join(self.folder, 'store.db'), *words[1:]], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, check=False, encoding='utf-8')
        return run.returncode, run.stdout, run.stderr

    def test_the_verb_works_beside_the_service(self):
        web, port = self.web(lambda n: 404), free_port()
        running = self.notified(hook(web.port), hook(port, 'away'), outbox='wait: 1 h\n  wait_most: 1 h')
        first, second = self.send(running, '1', '2')
        wait_for(lambda: sorted((state, tries) for state, tries, _ in self.rows().values()) == [(1, 0), (1, 1), (3, 1), (3, 1)])
        rows = [json.loads(line) for line in self.verb('list', '--json')[1].splitlines()]
        self.assertEqual(sorted((row['notice'], row['state']) for row in rows), [('away', 'waiting'), ('away', 'waiting'), ('desk', 'failed'), ('desk', 'failed')])
        self.assertIn('2 waiting, 2 failed, 0 done', self.verb('list')[1])
        self.assertEqual([row['fault'] for row in rows if row['notice'] == 'desk'], ['HTTP 404'] * 2)
        self.assertEqual(len(self.verb('list', '--state', 'failed', '--limit', '1')[1].splitlines()), 2)
        self.assertIn(f'"id":"{first}"', self.verb('show', first + '.desk')[1])
        wait_for(lambda: running.metric('sekimori_outbox_jobs{state="waiting"}') == 2 and running.metric('sekimori_outbox_jobs{state="failed"}') == 2, 12)
        self.assertGreater(running.metric('sekimori_outbox_oldest_seconds'), 0)
        web.mood = lambda n: 200
        self.assertEqual(self.verb('retry', '--all')[:2], (0, '2 are tried at once\n'))
        self.assertEqual(self.verb('drop', '--all')[:2], (0, 'none failed, so none was dropped; those that wait are named one by one (sekimori outbox list)\n'))
        wait_for(lambda: sorted(self.states()) == [1, 1, 2, 2])
        self.assertEqual(self.verb('drop', second + '.away')[:2], (0, f'{second}.away  dropped\n'))
        back = self.web(port=port)
        self.assertEqual(self.verb('retry', first + '.away')[0], 0)  # its receiver rests for an hour; an operator who says so knows better
        wait_for(lambda: running.metric('sekimori_outbox_done_total') == 3, 12)
        self.assertEqual((len(self.rows()), len(back.got)), (3, 1))
        for words, said in ((('show', 'x'), 'no such job'), (('retry', first + '.desk'), 'is done'), (('retry',), 'wants the ids'), (('list', 'x'), 'takes no jobs'),
                            (('show', '--all'), '--all belongs'), (('go',), 'say what to do'), (('list', '--state', 'x'), 'is not one of')):
            status, _, err = self.verb(*words)
            self.assertEqual(status, 2)
            self.assertIn(said, err)


class Killing(OutboxCase):
    COUNT = int(os.environ.get('SEKIMORI_KILL_NOTICES', '300'))

    def test_every_job_is_done_and_none_is_lost(self):
        web = self.web(lambda n: 503 if n % 10 == 0 else 200)
        post = self.post_office(RCPT=[b'450 busy\r\n'] * 20)
        running = self.notified(hook(web.port), mail(post.port))
        self.service, done, killed = running, threading.Event(), {}

        def kill():
            for rounds in range(1, 10000):
                if done.wait(random.uniform(0.2, 0.6)):
                    return
                role = 'parent' if rounds % 8 == 0 else random.choice(('courier', 'courier', 'keeper', 'judge', 'door'))
                service.Killing.kill_one(self, role)
                killed[role] = killed.get(role, 0) + 1
        thread = threading.Thread(target=kill)
        thread.start()
        try:
            ids = [running.post_retrying(PLAIN.format(i), seconds=120, **MAIL)[0]['id'] for i in range(self.COUNT)]
        finally:
            done.set()
            thread.join()
        wait_for(lambda: set(self.states()) == {2}, 120)
        self.assertEqual(len(self.rows()), 2 * self.COUNT)
        self.assertEqual(set(web.jobs()), {i + '.desk' for i in ids})
        mails = [raw.split(b'X-Sekimori-Job: ')[1].split(b'\r\n')[0].decode() for _, _, raw in list(post.got)]
        self.assertEqual(set(mails), {i + '.post' for i in ids})
        print(f'killing: {self.COUNT} messages, {len(web.got)} POSTs and {len(mails)} mails for {2 * self.COUNT} jobs, killed {killed}', flush=True)


if __name__ == '__main__':
    service.PROGRAM, service.FAULTY = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2, warnings='ignore')
