#!/usr/bin/env python3
"""Held mail from the hold to its recipients: a real Postfix on both sides, and a sink where parameters and refusals are looked at.

usage: tests/doors/held.py SEKIMORI FAULTY SIGN_MESSAGE [TEST]...    wants root and the package postfix for the tests with Postfix
"""
import glob, http.client, json, os, random, re, shutil, signal, smtplib, socket, sqlite3, subprocess, sys, textwrap, threading, time, unittest
from email import message_from_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import mta, postfix, service
from mta import DoorCase, plain
from service import free_port, wait_for

PROGRAM = FAULTY = SIGN = ''
# Everything for harbour is held; quay is another organisation, whose mail passes.
CONFIG = service.CONFIG.replace('    name: Harbour\n', '    name: Harbour\n    mode: active\n    suspicious: 0.00001\n    malicious: 0.00002\n').replace(
    'listeners:', '  - id: quay\n    name: Quay\n    domains: [quay.example]\nlisteners:')
RELEASE = '127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters= -o receive_override_options=no_milters -o local_header_rewrite_clients=\nrelease unix n - n - - smtpd -o receive_override_options=no_milters -o local_header_rewrite_clients=\n'


class HeldCase(DoorCase):
    outbox = 'outbox:\n  wait: 1 s\n  wait_most: 2 s\n  deadline: 10 s\n'

    def setUp(self):
        super().setUp()
        service.CONFIG, self.saved = CONFIG, service.CONFIG
        self.addCleanup(lambda: setattr(service, 'CONFIG', self.saved))

    def hold(self, release_to, more='', **settings):
        to = f'  release_to: {release_to}\n' if release_to else ''
        self.one = self.serve(more=f'hold:\n  folder: {self.folder}/hold\n{to}{self.outbox}{more}', **settings)
        return self.one

    def sink(self, mood=lambda verb, line: None):
        sink = postfix.Sink(mood)
        self.addCleanup(sink.close)
        return sink

    def verb(self, *words, status=0):
        done = subprocess.run([PROGRAM, *words, '--config', self.one.config], capture_output=True, check=False)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return (done.stdout if status == 0 else done.stderr).decode('utf-8', 'surrogateescape')

    def held(self, *words):
        return [json.loads(line) for line in self.verb('held', 'list', '--json', *words).splitlines()]

    def shown(self, id):
        return json.loads(self.verb('held', 'show', '--json', id))

    def states(self, id):
        return {to['address']: to['state'] for to in self.shown(id)['recipients']}

    def files(self):
        return glob.glob(self.folder + '/hold/*')

    def handed_in(self, text, queue_id='AB12', sender='a@shop.example', recipients=('b@harbour.example',), params=(), rcpt=None):
        """By the milter door; it is held, and its id is given."""
        door = self.connected()
        self.assertEqual(door.mail(text, sender=sender, recipients=recipients, params=params, queue_id=queue_id)[1], ('d', b''))
        door.close()
        return self.decision(self.one, queue_id)['id']


class Verbs(HeldCase):
    def test_each_recipient_is_released_once_and_by_itself(self):
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1), recipients=('b@harbour.example', 'c@harbour.example'))
        self.assertEqual([(row['id'], row['recipients'][0]['address'], row['recipients'][0]['state'], row['subject']) for row in self.held()],
                         [(id, 'b@harbour.example', 'held', '1'), (id, 'c@harbour.example', 'held', '1')])
        self.assertEqual((self.held('--recipient', 'x@harbour.example'), self.held('--org', 'quay'), len(self.held('--since', '1h')), self.held('--until', '1h')), ([], [], 2, []))
        self.assertIn('no such message', self.verb('held', 'release', '--org', 'quay', id, status=2))
        self.assertIn('no such message', self.verb('held', 'show', '--org', 'quay', id, status=2))
        self.assertIn('no such message', self.verb('held', 'export', '--org', 'quay', id, status=2))
        self.assertIn('no such message', self.verb('held', 'release', '0' * 28, status=2))
        said = self.verb('held', 'release', '--recipient', 'B@harbour.example', '--by', 'anna', '--reason', 'it is the bank', id)
        self.assertTrue('released to 1 recipient' in said and 'nothing leaves' not in said, said)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered', 'c@harbour.example': 'held'})
        self.assertIn('released already, and delivered', self.verb('held', 'release', '--recipient', 'b@harbour.example', id, status=2))
        self.assertEqual(sink.mails, [('a@shop.example', ['b@harbour.example'], plain(1))]) # to the last byte
        page = self.verb('held', 'show', id)
        for words in ('by anna: it is the bank', 'delivered since', 'held      since', 'MAIL FROM:<a@shop.example>', 'malicious, score', 'until 20'):
            self.assertIn(words, page)
        page = service.japanese(self.one.config, 'held', 'show', id)
        self.assertEqual((service.english(page, 'it is the bank'), [word for word in ('保留', '期限', '実行者', '差出人', 'スコア') if word not in page]), ([], []), page)
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            self.assertEqual(store.execute("select done from outcome where recipient = 'b@harbour.example'").fetchall(), [('delivered, released by anna',)])
        self.assertEqual(len(self.files()), 1)
        self.assertIn('deleted for 1', self.verb('held', 'delete', '--by', 'berta', id))
        wait_for(lambda: not self.files(), 10) # nobody's any more
        self.assertEqual(self.states(id), {'b@harbour.example': 'delivered', 'c@harbour.example': 'deleted'})
        self.assertIn('was deleted', self.verb('held', 'release', '--recipient', 'c@harbour.example', id, status=2))
        self.assertIn('bytes are gone', self.verb('held', 'export', id, status=2))
        self.assertEqual((self.held(), len(sink.mails)), ([], 1))

    def test_export_gives_the_bytes_as_they_came(self):
        self.hold('')
        text = plain(1) + b'\r\n.\r\n..x\r\n\xff\xfe\r\n'
        id = self.handed_in(text)
        self.assertEqual(subprocess.run([PROGRAM, 'held', 'export', '--config', self.one.config, id], capture_output=True, check=True).stdout, text)
        out = os.path.join(self.folder, 'out.eml')
        self.verb('held', 'export', '--output', out, '--recipient', 'b@harbour.example', id)
        with open(out, 'rb') as f:
            self.assertEqual(f.read(), text)
        self.assertIn('File exists', self.verb('held', 'export', '--output', out, id, status=2))

    def test_what_a_sender_wrote_into_our_fields_stays_behind(self):
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        forged = b'X-Sekimori: clean; score=0.0\r\nx-sekimori-seal : v=1;\r\n\tr=x\r\nX-Sekimori-Junk: no\r\n'
        stays = b'X-Sekimori-Other: a\r\nX-Folded: b\r\n X-Sekimori: c\r\n' + plain(1) + b'X-Sekimori: in the body\r\n'
        id = self.handed_in(forged + stays)
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'})
        self.assertEqual(sink.mails[0][2], stays)
        id = self.handed_in(forged + stays + b'.', 'SECOND')
        self.assertEqual(subprocess.run([PROGRAM, 'held', 'export', '--config', self.one.config, id], capture_output=True, check=True).stdout, forged + stays + b'.')

    def test_without_an_address_what_is_released_waits_until_there_is_one(self):
        self.hold('')
        id = self.handed_in(plain(1))
        self.assertIn('nothing leaves until hold.release_to is set', self.verb('held', 'release', id))
        wait_for(lambda: 'hold.release_to is not set' in (self.shown(id)['recipients'][0]['fault'] or ''))
        self.assertNotIn('tried 1 times', self.verb('held', 'show', id))
        sink = self.sink()
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{sink.port}\n{self.outbox}')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'})
        self.assertEqual(len(sink.mails), 1)
        said = self.verb('explain', id)
        self.assertTrue('Its bytes are ended' not in said and ('Its bytes' not in said or 'they are removed' in said), said)

    def test_a_retry_of_what_is_held_released_or_deleted(self):
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1), recipients=('b@harbour.example', 'c@harbour.example'))
        self.assertEqual(self.handed_in(plain(1), 'AGAIN', recipients=('b@harbour.example', 'c@harbour.example')), id)
        self.verb('held', 'release', '--recipient', 'b@harbour.example', id)
        wait_for(lambda: self.states(id)['b@harbour.example'] == 'delivered')
        self.handed_in(plain(1), 'THIRD', recipients=('b@harbour.example', 'c@harbour.example')) # its other copy is held still
        self.verb('held', 'delete', id)
        self.handed_in(plain(1), 'FOURTH', recipients=('b@harbour.example', 'c@harbour.example')) # a person said no
        self.assertEqual((len(sink.mails), len(self.held())), (1, 0))

    def test_what_passed_before_is_held_once_policies_hold(self):
        """An administrator tries a file, switches holding on, and tries the same file again."""
        sink = self.sink()
        service.CONFIG = CONFIG.replace('    mode: active\n', '')
        self.hold(f'127.0.0.1:{sink.port}')
        self.assertEqual(self.connected().mail(plain(1), recipients=('b@harbour.example',), queue_id='FIRST')[1], ('c', b''))
        id = self.decision(self.one, 'FIRST')['id']
        service.CONFIG = CONFIG
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{sink.port}\n{self.outbox}')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.one.events('reloaded'))
        for name in ('SECOND', 'THIRD'): # its sender had no answer
            self.assertEqual(self.handed_in(plain(1), name), id)
            self.assertEqual((self.states(id), len(self.held()), len(self.files())), ({'b@harbour.example': 'held'}, 1, 1))
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'})
        self.assertEqual(sink.mails, [('a@shop.example', ['b@harbour.example'], plain(1))])
        self.assertEqual(self.connected().mail(plain(1), recipients=('b@harbour.example',), queue_id='LAST')[1], ('c', b'')) # it may be the release
        self.assertEqual(self.states(id), {'b@harbour.example': 'delivered'})

    def test_who_was_forgotten_gets_nothing_of_it_because_another_was_not(self):
        sink, both = self.sink(), ('b@harbour.example', 'c@harbour.example')
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1), recipients=both)
        self.verb('forget', '--person', 'b@harbour.example', '--yes')
        self.assertEqual(self.states(id), {'c@harbour.example': 'held'})
        for name in ('SECOND', 'THIRD'):
            self.assertEqual(self.handed_in(plain(1), name, recipients=both), id)
            self.assertEqual((self.states(id), len(self.files())), ({to: 'held' for to in both}, 1))
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {to: 'delivered' for to in both})
        self.assertEqual(sorted(sink.mails), [('a@shop.example', [to], plain(1)) for to in both])

    def test_what_had_its_time_goes_and_the_log_says_so(self):
        self.hold('', more='keep:\n  hold: 1 h\n')
        ids = [self.handed_in(plain(i), f'Q{i}') for i in range(3)]
        self.verb('held', 'release', ids[2]) # on its way, if to nowhere yet
        self.one.stop()
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            store.execute('update hold set until = until - 3599 where id in (?, ?)', (ids[0], ids[2]))
        self.one.__init__(self.one.folder, **{name: value for name, value in self.one.settings.items() if name != 'address'})
        wait_for(lambda: self.states(ids[0])['b@harbour.example'] == 'expired', 90)
        gone, = self.one.events('held-expired')
        self.assertEqual((gone['id'], gone['recipients']), (ids[0], 1))
        self.assertEqual((self.states(ids[1])['b@harbour.example'], self.states(ids[2])['b@harbour.example'], len(self.files())), ('held', 'leaving', 2))
        self.handed_in(plain(0), 'LATER') # who comes with it again does not get it through
        self.assertEqual((self.states(ids[0])['b@harbour.example'], len(self.files())), ('held', 3))


    def test_a_policy_says_how_long_what_it_holds_is_kept(self):
        service.CONFIG = CONFIG.replace('    mode: active\n', '') # whose own mode holds for keep.hold
        policy = 'policies:\n  - name: %s\n    do: [hold]\n    keep_held: %s\n    mode: active\n    when:\n      people: [%s@harbour.example]\n'
        self.hold('', more=policy % ('short', '2 h', 'b') + (policy % ('long', '3 d', 'c')).split('\n', 1)[1])
        ids = [self.handed_in(plain(i), f'Q{i}', recipients=to) for i, to in enumerate([('b@harbour.example',), ('b@harbour.example', 'c@harbour.example')])]
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            self.assertEqual([store.execute('select until - at from hold where id = ?', (id,)).fetchone()[0] for id in ids], [2 * 3600, 3 * 86400])


    def test_what_the_hold_has_no_room_for_comes_again_whatever_the_mode(self):
        service.CONFIG = CONFIG.replace('    mode: active\n', '')
        policy = 'policies:\n  - name: keep\n    do: [hold]\n    mode: active\n    when:\n      people: [b@harbour.example]\n'
        self.hold('127.0.0.1:9\n  bytes: 1 MiB', more=policy)
        text = plain(1) + b''.join(b'%s\r\n' % line.encode() for line in textwrap.wrap(random.Random(2).randbytes(3 << 19).hex(), 70))
        door = self.connected()
        self.assertEqual(door.mail(text, recipients=('b@harbour.example',), queue_id='FULL')[1][0], 'y')
        self.assertIn('is deferred', [line['text'] for line in self.one.events('unjudged')][-1])
        self.assertEqual(door.mail(text, recipients=('c@harbour.example',), queue_id='OTHER')[1][0], 'c')
        door.close()


class Refusals(HeldCase):
    def test_a_4xx_is_tried_again_and_a_5xx_is_told(self):
        answers = {b'MAIL': [b'451 4.3.0 not now', b'421 closing'], b'RCPT': [b'450 4.2.0 busy'], b'DATA': [b'452 full'], b'.': [b'451 disk', b''], b'EHLO': [b'454 later']}

        def mood(verb, line):
            return b'550 5.1.1 no \x1bsuch user' if verb == b'RCPT' and b'gone@' in line else answers[verb].pop() if answers.get(verb) else None
        sink = self.sink(mood)
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1))
        gone = self.handed_in(plain(2), 'GONE', recipients=('gone@harbour.example',))
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 60)
        self.assertEqual(sink.mails, [('a@shop.example', ['b@harbour.example'], plain(1))])
        self.verb('held', 'release', '--by', 'anna', gone)
        wait_for(lambda: self.states(gone) == {'gone@harbour.example': 'refused'})
        said, = self.one.events('job-failed')
        self.assertIn('550 5.1.1 no ?such user', said['text'])
        self.assertIn('550 5.1.1 no ?such user', self.verb('held', 'show', gone))
        self.assertEqual([row['id'] for row in self.held('--state', 'refused')], [gone])
        wait_for(lambda: self.one.metric('sekimori_held_refused') == 1, 10) # for whoever watches
        self.assertIn('bytes of the hold spool', self.verb('held', 'show', gone)) # it lies there still
        self.verb('outbox', 'retry', gone + '.release.0')
        wait_for(lambda: len(self.one.events('job-failed')) == 2)
        sink.mood = lambda verb, line: None
        self.verb('held', 'release', gone)
        wait_for(lambda: self.states(gone) == {'gone@harbour.example': 'delivered'})
        self.assertEqual(len(sink.mails), 2)
        wait_for(lambda: self.one.metric('sekimori_held_refused') == 0, 10)

    def test_who_is_slow_to_take_a_message_has_it_once(self):
        """The end of the message is waited for, RFC 5321 4.5.3.2.6; an answer before it is not."""
        self.outbox = 'outbox:\n  wait: 1 s\n  wait_most: 1 s\n  deadline: 1 s\n'
        slow, talks = [b'RCPT'], []

        def mood(verb, line):
            talks.extend([verb] if verb == b'EHLO' else [])
            if verb == b'.' or verb in slow and not slow.remove(verb):
                time.sleep(3)
        sink = self.sink(mood)
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 20)
        self.assertEqual(([text for _, _, text in sink.mails], len(talks)), ([plain(1)], 2))

    def test_a_long_message_has_its_time_while_it_goes_on(self):
        self.outbox = 'outbox:\n  wait: 1 s\n  wait_most: 1 s\n  deadline: 1 s\n'
        sink = self.sink()
        sink.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sink.pause = 0.0004 # after each line
        self.hold(f'127.0.0.1:{sink.port}')
        text = plain(1) + (b'x' * 998 + b'\r\n') * 12000
        id = self.handed_in(text)
        began = time.monotonic()
        self.verb('held', 'release', id)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 60)
        self.assertEqual(len(sink.mails), 1)
        self.assertTrue(sink.mails[0][2] == text)
        self.assertGreater(time.monotonic() - began, 3)

    def ending(self, verb, drain='30 s', slow=20):
        """One is on its way, the mail server is slow at that verb, and the service is told to end: how long it took, and what lets the server go on."""
        came, go = threading.Event(), threading.Event()
        self.addCleanup(go.set)

        def mood(said, line):
            if said == verb and not came.is_set():
                came.set()
                go.wait(slow)
        self.out = self.sink(mood)
        self.hold(f'127.0.0.1:{self.out.port}', more=f'door:\n  drain: {drain}\n')
        self.id = self.handed_in(plain(len(verb)), verb.decode())
        self.verb('held', 'release', self.id)
        self.assertTrue(came.wait(20))
        self.keeper, = self.one.pids('keeper')
        self.began = time.monotonic()
        self.one.process.send_signal(signal.SIGTERM)
        wait_for(lambda: self.one.events('stopping'))
        return go

    def begins_again(self):
        self.one.process.wait(60)
        took = time.monotonic() - self.began
        self.one.__init__(self.one.folder, **{name: value for name, value in self.one.settings.items() if name != 'address'})
        wait_for(lambda: self.states(self.id) == {'b@harbour.example': 'delivered'}, 30)
        return took

    def test_the_service_ends_when_the_mail_server_has_said_that_it_has_a_message(self):
        go = self.ending(b'.')
        time.sleep(3) # longer than what has not come so far is given
        os.kill(self.keeper, signal.SIGSTOP) # it is at a slow disk while the courier tells it, and ends
        go.set()
        wait_for(lambda: not self.one.pids('courier'))
        time.sleep(1)
        os.kill(self.keeper, signal.SIGCONT)
        self.assertLess(self.begins_again(), 20)
        time.sleep(3)
        self.assertEqual(len(self.out.mails), 1)

    def test_a_mail_server_that_says_nothing_holds_up_no_end(self):
        self.ending(b'.', drain='4 s')
        self.assertLess(self.begins_again(), 15)
        self.assertIn('may have it twice', self.one.events('not-drained')[0]['text'])

    def test_what_the_mail_server_has_not_yet_is_broken_off_at_the_end(self):
        self.ending(b'RCPT')
        self.assertLess(self.begins_again(), 8)
        self.assertEqual((len(self.out.mails), self.one.events('not-drained')), (1, []))

    def test_a_reload_sends_nothing_twice(self):
        """Another keeper asks for what the courier is at."""
        self.outbox += '  at_once: 2\n'
        came = threading.Event()

        def mood(verb, line):
            if verb == b'.':
                came.set()
                time.sleep(6)
        sink = self.sink(mood)
        self.hold(f'127.0.0.1:{sink.port}')
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        self.assertTrue(came.wait(20))
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{sink.port}\n{self.outbox}keep:\n  hold: 40 d\n')
        keepers = self.one.pids('keeper')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.one.pids('keeper') not in (keepers, []))
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 30)
        time.sleep(3)
        self.assertEqual(len(sink.mails), 1)

    def test_dropping_its_job_puts_it_back(self):
        self.hold('127.0.0.1:9') # nobody is there
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        wait_for(lambda: 'no connection' in (self.shown(id)['recipients'][0]['fault'] or ''))
        self.verb('outbox', 'drop', id + '.release.0')
        self.assertEqual(self.states(id), {'b@harbour.example': 'held'})

    def test_parameters_arrive_and_nothing_else_does(self):
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        door = self.connected()
        params = ('SIZE=100', 'BODY=8BITMIME', 'SMTPUTF8', 'RET=HDRS', 'ENVID=q+2Ba', 'AUTH=<>', 'X-ODD=1')
        frames = list(door.frames(plain(1), sender='anna@shop.example', recipients=('花@harbour.example',), params=params, queue_id='P'))
        for letter, said in frames:
            if letter == 'R':
                said = mta.macros('R', i='P') + mta.frame('R', '<花@harbour.example>\0NOTIFY=SUCCESS,DELAY\0ORCPT=rfc822;b@harbour.example\0X=y\0'.encode())
            door.send(said) if said else None
        wait_for(lambda: self.one.events('decided'))
        self.verb('held', 'release', self.one.events('decided')[0]['id'])
        wait_for(lambda: sink.mails)
        self.assertEqual(sink.envelopes, [['MAIL FROM:<anna@shop.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q+2Ba',
                                           'RCPT TO:<花@harbour.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@harbour.example']])

    def test_what_stands_in_an_address_is_no_parameter(self):
        """Some servers tell a local part without its quotes."""
        told = {'c NOTIFY=NEVER': '"c NOTIFY=NEVER"', '"d \\" e"': '"d \\" e"', 'f\\g "h': '"f\\\\g \\"h"', 'i"j': 'i"j'}
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        self.verb('held', 'release', self.handed_in(plain(1), sender='a b@shop.example', recipients=[f'{local}@harbour.example' for local in told]))
        wait_for(lambda: len(sink.envelopes) == len(told))
        self.assertEqual(sorted(sink.envelopes), sorted(['MAIL FROM:<"a b"@shop.example>', f'RCPT TO:<{local}@harbour.example>'] for local in told.values()))

    def test_what_the_next_hop_does_not_offer(self):
        sink = self.sink(lambda verb, line: b'250 sink' if verb == b'EHLO' else None)
        self.hold(f'127.0.0.1:{sink.port}')
        plainly = self.handed_in(plain(1), 'ONE', params=('BODY=7BIT', 'RET=HDRS', 'ENVID=x'))
        wide = self.handed_in(plain(2), 'TWO', params=('BODY=8BITMIME',))
        self.verb('held', 'release', plainly, wide)
        wait_for(lambda: self.states(plainly) == {'b@harbour.example': 'delivered'} and self.states(wide) == {'b@harbour.example': 'refused'})
        self.assertEqual(sink.envelopes, [['MAIL FROM:<a@shop.example>', 'RCPT TO:<b@harbour.example>']])
        self.assertIn('does not offer BODY', self.verb('held', 'show', wide))

    def test_what_is_no_mail_server_costs_no_other_and_loses_nothing(self):
        """Endless answers, none at all, nonsense, a connection that ends: tried again, and delivered when a mail server is there."""
        def endless(s):
            while True:
                s.send(b'2' * 10000)

        def lines(s):
            while True:
                s.send(b'250-x\r\n' * 1000)
        moods = [endless, lines, lambda s: time.sleep(30), lambda s: s.send(b'HTTP/1.1 400 Bad\r\n\r\n'), lambda s: None, lambda s: s.send(b'\0\xff\r\n'),
                 lambda s: s.send(b'999 what\r\n'), lambda s: s.send(b'220 a\r\n250 b\r\n250 c\r\n250 d\r\n354 e\r\n')]
        server, seen = socket.create_server(('127.0.0.1', 0)), []
        self.addCleanup(server.close)

        def serve():
            for mood in moods:
                s, _ = server.accept()
                seen.append(mood)
                try:
                    mood(s)
                except OSError:
                    pass
                s.close()
        threading.Thread(target=serve, daemon=True).start()
        self.outbox = 'outbox:\n  wait: 1 s\n  wait_most: 1 s\n  deadline: 2 s\n'
        self.hold('127.0.0.1:%d' % server.getsockname()[1])
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        wait_for(lambda: len(seen) == len(moods), 60)
        self.assertEqual(self.states(id), {'b@harbour.example': 'leaving'})
        self.assertEqual((self.one.metric('sekimori_deaths_total{role="courier"}') or 0, len(self.files())), (0, 1))
        sink = self.sink()
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{sink.port}\n{self.outbox}')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 60)
        self.assertEqual(sink.mails[0][2], plain(1))

    def test_nothing_ends_the_message_but_its_end(self):
        """Bare CR and LF become line ends, dots are doubled, and what looks like the end of a message is none."""
        texts = {b'a\rb\nc\r\r\nd': b'a\r\nb\r\nc\r\n\r\nd\r\n', b'.\r\n': b'.\r\n', b'x\n.\ny': b'x\r\n.\r\ny\r\n', b'x\r\n.\r\nMAIL FROM:<evil@x>\r\n': b'x\r\n.\r\nMAIL FROM:<evil@x>\r\n',
                 b'x\r.\r\ny\r\n': b'x\r\n.\r\ny\r\n', b'': b'', b'..\r\n...\r': b'..\r\n...\r\n', b'n\0ul\r\n': b'n\0ul\r\n', b'y' * 200000 + b'\r\n' + b'.\r\n' * 40000: None}
        sink = self.sink()
        self.hold(f'127.0.0.1:{sink.port}')
        head = b'From: a@shop.example\r\nMessage-ID: <%d@shop.example>\r\n\r\n'
        ids = [self.handed_in(head % i + text, f'Q{i}') for i, text in enumerate(texts)]
        self.verb('held', 'release', *ids)
        wait_for(lambda: len(sink.mails) == len(texts), 60)
        got = {message_from_bytes(text)['Message-ID']: text for _, _, text in sink.mails}
        for i, (sent, arrives) in enumerate(texts.items()):
            self.assertEqual(got[f'<{i}@shop.example>'], head % i + (sent if arrives is None else arrives))

    def test_killed_again_and_again_each_arrives_and_none_is_lost(self):
        count, sink, over = 60, self.sink(), threading.Event()
        sink.mood = lambda verb, line: time.sleep(0.05) if verb == b'.' else None
        self.hold(f'127.0.0.1:{sink.port}')
        ids = [self.handed_in(plain(i), f'Q{i}', recipients=('b@harbour.example', 'c@harbour.example')) for i in range(count)]

        def kill():
            chance = random.Random(3)
            for _ in range(10):
                over.wait(chance.uniform(0.3, 1.5))
                for pid in self.one.pids(chance.choice(('courier', 'keeper'))):
                    os.kill(pid, signal.SIGKILL)
        killer = threading.Thread(target=kill)
        killer.start()
        for k in range(0, count, 10):
            self.verb('held', 'release', *ids[k:k + 10])
        arrived = lambda: {(message_from_bytes(text)['Message-ID'], to[0]) for _, to, text in sink.mails}
        wait_for(lambda: len(arrived()) == 2 * count, 120)
        over.set()
        killer.join()
        wait_for(lambda: not self.held(), 60)
        wait_for(lambda: not self.files(), 90)
        for id in ids:
            self.assertEqual(set(self.states(id).values()), {'delivered'})
        print(f'{2 * count} copies released, {len(self.one.events("died"))} processes killed: {len(sink.mails)} deliveries, each at least once', file=sys.stderr)


class Reinject(HeldCase):
    """A door of ours for released mail: only what the keeper has let go passes it unlooked at."""

    def setUp(self):
        super().setUp()
        self.sink_port, self.again = self.sink(), free_port()
        self.hold(f'127.0.0.1:{self.sink_port.port}', listener=self.listener() + self.listener('again', f'127.0.0.1:{self.again}', 'reinject'))

    def door(self):
        one = self.client(('127.0.0.1', self.again))
        one.connect()
        return one

    def leaving(self):
        """The bytes of one that is on its way, its door not yet passed."""
        seen, go = [], threading.Event()

        def mood(verb, line):
            if verb == b'.':
                go.wait(30)
        self.sink_port.mood = mood
        self.addCleanup(go.set)
        self.id = self.handed_in(plain(1))
        self.verb('held', 'release', self.id)
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            letters = wait_for(lambda: store.execute('select pass from held where pass is not null').fetchone())[0]
        return go, b'X-Sekimori-Release: ' + letters.encode() + b'\r\n' + plain(1)

    def test_a_pass_is_good_once(self):
        go, mail = self.leaving()
        edits, end = self.door().mail(mail, queue_id='IN')
        self.assertEqual((edits, end), ([('m', b'\0\0\0\1X-Sekimori-Release\0\0')], ('c', b'')))
        self.assertEqual(len(self.one.events('released')), 1)
        self.assertEqual(len(self.one.events('decided')), 1) # one record
        self.assertEqual(self.door().mail(mail.replace(b'Hello', b'Other'), queue_id='TWICE')[1], ('d', b'')) # judged, and held
        self.assertEqual(self.door().mail(b'X-Sekimori-Release: ' + b'a' * 32 + b'\r\n' + plain(3), queue_id='MADE UP')[1], ('d', b''))
        go.set()
        wait_for(lambda: self.states(self.id) == {'b@harbour.example': 'delivered'})
        self.assertEqual(self.sink_port.mails[0][2], mail)

    def test_a_pass_has_no_force_at_other_doors_or_late(self):
        go, mail = self.leaving()
        self.assertEqual(self.connected().mail(mail.replace(b'Hello', b'Other'), queue_id='FRONT')[1], ('d', b''))
        go.set()
        wait_for(lambda: self.states(self.id) == {'b@harbour.example': 'delivered'})
        self.assertEqual(self.door().mail(mail.replace(b'Hello', b'Other'), queue_id='LATE')[1], ('d', b''))
        self.assertEqual(self.one.events('released'), [])

    def test_who_goes_round_and_round_is_stopped(self):
        hop = b'Received: from a by b; Sat, 31 Jan 2026 11:00:00 +0000\r\n'
        letter, body = self.door().mail(hop * 51 + plain(1), queue_id='LOOP')[1]
        self.assertEqual((letter, body[:10]), ('y', b'554 5.4.6 '))
        self.assertEqual(self.door().mail(hop * 50 + plain(1), queue_id='LONG')[1], ('d', b''))
        self.assertEqual(len(self.one.events('mail-loop')), 1)


class Digest(HeldCase):
    """Once a day, to each recipient what is held for him, with links that are his alone."""

    def links(self):
        self.pages = free_port()
        return f'  - name: pages\n    kind: links\n    address: 127.0.0.1:{self.pages}\n'

    def wanted(self, digest, language='both', key=True):
        """Mail is held first, and then a digest is wanted: it is sent at once, for its hour has come."""
        keys = os.path.join(self.folder, 'keys')
        purpose = 'token' if key else 'seal'
        self.assertEqual(subprocess.run([PROGRAM, 'key', 'make', purpose, '--keys', keys], capture_output=True, check=False).returncode, 0)
        self.out = self.sink()
        more = f'  digest_sender: sekimori@harbour.example\nlinks:\n  base_url: https://mail.harbour.example/links\nkeys:\n  folder: {keys}\n'
        self.hold(f'127.0.0.1:{self.out.port}', listener=self.listener() + self.links(), more='')
        self.ids = [self.handed_in(plain(1), 'Q1', recipients=('anna@harbour.example', 'berta@harbour.example')),
                    self.handed_in(plain(2), 'Q2', recipients=('Anna@harbour.example',))]
        wanted = f'    name: Harbour\n    digest: {digest}\n    digest_hour: 0\n    digest_language: {language}\n'
        service.CONFIG = CONFIG.replace('    name: Harbour\n', wanted)
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{self.out.port}\n{more}{self.outbox}')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.one.events('reloaded'))

    def told(self, digest):
        self.wanted(digest)
        wait_for(lambda: len(self.out.mails) == 2, 60)
        mails = {to[0]: message_from_bytes(text) for sender, to, text in self.out.mails}
        self.assertEqual({sender for sender, _, _ in self.out.mails}, {''}) # whatever becomes of it, nothing comes back
        return {to: mail.get_payload(decode=True).decode() for to, mail in mails.items()}, mails

    def addresses(self, text):
        return sorted(set(re.findall(r'https://mail\.harbour\.example/links/([a-z-]+)/(\S+)', text)))

    def test_each_is_told_of_his_own_and_once(self):
        texts, mails = self.told('release')
        anna, berta = texts['anna@harbour.example'], texts['berta@harbour.example']
        self.assertEqual([(len(self.addresses(text)), {kind for kind, _ in self.addresses(text)}) for text in (anna, berta)], [(2, {'release'}), (1, {'release'})])
        self.assertEqual(set(self.addresses(anna)) & set(self.addresses(berta)), set())
        self.assertEqual((anna.count('Subject: 1'), anna.count('Subject: 2'), berta.count('Subject: 1'), berta.count('Subject: 2')), (1, 1, 1, 0))
        for words in ('Harbour', '件名: 1', 'Judged malicious', 'Kept until: 20', '転送しないでください'):
            self.assertIn(words, anna)
        self.assertEqual((mails['anna@harbour.example']['From'], mails['anna@harbour.example']['Subject']), ('Sekimori <sekimori@harbour.example>', 'Mail held back for you: 2'))
        self.handed_in(plain(3), 'Q3', recipients=('anna@harbour.example',))
        for pid in self.one.pids('keeper'):
            os.kill(pid, signal.SIGKILL)
        wait_for(self.one.ready)
        time.sleep(2)
        self.assertEqual(len(self.out.mails), 2) # tomorrow
        self.assertEqual([line['text'] for line in self.one.events('digest')], ['harbour: 2 recipients are told what is held for them; the next are tomorrow, from 00:00 on'])
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            store.execute('update digest set at = at - 86400') # a day later
            store.execute("delete from outbox where kind = 'digest'")
        for pid in self.one.pids('keeper'):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: len(self.out.mails) == 4, 60)

    def ask(self, method, link, body=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.pages, timeout=30)
        connection.request(method, '/%s/%s' % link, body=body, headers={'Content-Type': 'application/x-www-form-urlencoded'} if body else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def test_the_links_of_a_digest_release_or_ask(self):
        texts, _ = self.told('release')
        berta, = self.addresses(texts['berta@harbour.example'])
        for method in ('HEAD', 'GET', 'GET'):
            self.assertEqual(self.ask(method, berta)[0], 200)
        self.assertEqual(self.states(self.ids[0]), {'anna@harbour.example': 'held', 'berta@harbour.example': 'held'})
        self.assertEqual(self.ask('POST', ('release', berta[1][:-2] + 'AA'), 'do=go')[0], 404)
        self.assertEqual(self.ask('POST', ('ask', berta[1]), 'do=go')[0], 404) # a token of one purpose is none of another
        self.assertEqual(self.ask('POST', berta, 'do=go')[0], 200)
        wait_for(lambda: self.states(self.ids[0]) == {'anna@harbour.example': 'held', 'berta@harbour.example': 'delivered'}) # nobody releases another's
        self.ask('POST', berta, 'do=go')
        time.sleep(1)
        self.assertEqual([to for _, to, text in self.out.mails if b'Hello 1' in text], [['berta@harbour.example']]) # once
        self.assertEqual(self.shown(self.ids[0])['recipients'][1]['by'], 'the recipient')

    def test_without_a_key_of_tokens_nothing_is_sent_and_it_is_said(self):
        self.wanted('ask', key=False)
        self.assertIn('key of tokens', wait_for(lambda: self.one.events('no-digest'))[0]['text'])
        self.assertEqual(self.out.mails, [])


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Postfix(HeldCase):
    post = mta.Postfix.post
    smtp = mta.Postfix.smtp

    def begin(self, unix=False):
        door = free_port()
        self.mx = self.post(services=RELEASE.format(port=door))
        return f'unix:{self.mx.folder}/queue/public/release' if unix else f'127.0.0.1:{door}'

    def through(self, unix):
        self.hold(self.begin(unix))
        text = b'From: Anna <a@shop.example>\r\nTo: b@harbour.example\r\nDate: Sat, 31 Jan 2026 11:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\nSubject: x\r\n\r\n' \
               b'.\r\n..dots\r\n' + 'grüße 関守\r\n'.encode() + b'long ' * 180 + b'\r\n' + b'0123456789\r\n' * 20000
        key = f'{TOP}/tests/keys/rsa-one.pem'
        signed = subprocess.run([SIGN, '--key', key, '--domain', 'shop.example', '--selector', 'r', '--canon', 'simple/simple'], input=text, capture_output=True, check=True).stdout
        smtp = self.smtp(self.mx.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234)
        smtp.sendmail('a@shop.example', ['b@harbour.example', 'c@harbour.example'], signed, mail_options=['BODY=8BITMIME', 'RET=HDRS', 'ENVID=q1'],
                      rcpt_options=['NOTIFY=FAILURE', 'ORCPT=rfc822;x@harbour.example'])
        id = wait_for(lambda: self.one.events('decided'))[0]['id']
        time.sleep(0.5)
        self.assertEqual((self.mx.sink.mails, self.mx.queue()), ([], [])) # it lies in the hold, and nowhere else
        self.verb('held', 'release', id)
        wait_for(lambda: len(self.mx.sink.mails) == 2, 30)
        zone, mail = os.path.join(self.folder, 'zone'), os.path.join(self.folder, 'mail.eml')
        record = subprocess.run([SIGN, '--key', key, '--record'], capture_output=True, text=True, check=True).stdout.strip()
        with open(zone, 'w', encoding='utf-8') as f:
            f.write(f'$TTL 300\nr._domainkey.shop.example. TXT {record}\n')
        for (sender, to, arrived), said in zip(self.mx.sink.mails, self.mx.sink.envelopes):
            self.assertEqual(sender, 'a@shop.example')
            self.assertTrue(arrived.endswith(signed)) # Postfix put its own Received before it
            self.assertNotIn(b'X-Sekimori', arrived)
            self.assertTrue({'BODY=8BITMIME', 'RET=HDRS', 'ENVID=q1'} <= set(said[0].split()), said)
            self.assertTrue({'NOTIFY=FAILURE', 'ORCPT=rfc822;x@harbour.example'} <= set(said[1].split()), said)
            with open(mail, 'wb') as f:
                f.write(arrived)
            told = json.loads(subprocess.run([PROGRAM, 'scan', '--json', '--zone', zone, mail], capture_output=True, check=False).stdout)
            self.assertEqual([proof['result'] for proof in told['auth']['dkim']], ['pass'])
        self.assertEqual({to for _, [to], _ in self.mx.sink.mails}, {'b@harbour.example', 'c@harbour.example'})
        wait_for(lambda: set(self.states(id).values()) == {'delivered'})
        self.assertIn('released already', self.verb('held', 'release', id, status=2))
        time.sleep(1)
        self.assertEqual((len(self.mx.sink.mails), len(self.one.events('decided'))), (2, 1))

    def test_held_released_and_delivered_to_the_byte(self):
        self.through(unix=False)

    def test_the_same_by_a_unix_socket(self):
        self.through(unix=True)

    def test_addresses_of_all_the_world(self):
        self.hold(self.begin())
        smtp = self.smtp(self.mx.port)
        smtp.sendmail('花@shop.example', ['関守@harbour.example'], plain(1), mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
        id = wait_for(lambda: self.one.events('decided'))[0]['id']
        self.verb('held', 'release', id)
        wait_for(lambda: self.mx.sink.mails, 30)
        self.assertEqual(self.mx.sink.mails[0][:2], ('花@shop.example', ['関守@harbour.example']))
        self.assertIn('SMTPUTF8', self.mx.sink.envelopes[0][0])

    def test_released_through_a_door_of_ours(self):
        again, port = free_port(), free_port()
        self.mx = self.post(services=f'127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:{again} -o local_header_rewrite_clients=\n')
        self.hold(f'127.0.0.1:{port}', listener=self.listener() + self.listener('again', f'127.0.0.1:{again}', 'reinject'))
        mails = [b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(i) for i in range(5)] # else this Postfix adds one, for a client of its own machine
        for mail in mails:
            self.smtp(self.mx.port).sendmail('a@shop.example', ['b@harbour.example', 'c@harbour.example'], mail)
        ids = [line['id'] for line in wait_for(lambda: self.one.events('decided')[4:] and self.one.events('decided'))]
        self.verb('held', 'release', *ids)
        wait_for(lambda: len(self.mx.sink.mails) == 10, 30)
        for _, _, arrived in self.mx.sink.mails:
            self.assertNotIn(b'X-Sekimori', arrived)
            self.assertIn(arrived[arrived.index(b'Date: Sat'):], mails)
        self.assertEqual((len(self.one.events('released')), len(self.one.events('decided'))), (10, 5))

    def test_a_release_that_comes_in_by_the_front_door_passes(self):
        """Who forgets no_milters has no loop, and loses nothing."""
        self.hold('127.0.0.1:1')
        self.mx = self.post()
        self.one.write(more=f'hold:\n  folder: {self.folder}/hold\n  release_to: 127.0.0.1:{self.mx.port}\n{self.outbox}')
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.one.events('reloaded'))
        self.smtp(self.mx.port).sendmail('a@shop.example', ['b@harbour.example'], plain(1))
        id = wait_for(lambda: self.one.events('decided'))[0]['id']
        self.verb('held', 'release', id)
        wait_for(lambda: self.mx.sink.mails, 30)
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'})


if __name__ == '__main__':
    PROGRAM, FAULTY, SIGN = (os.path.abspath(path) for path in sys.argv[1:4])
    mta.PROGRAM, mta.FAULTY, mta.SIGN = PROGRAM, FAULTY, SIGN
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
