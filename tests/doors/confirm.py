#!/usr/bin/env python3
"""Confirm mode: what is held until a person agrees to what policies propose, and what becomes of it either way. By a client of our own, and in
what a real Postfix delivered, read by Python's own parser.

usage: tests/doors/confirm.py SEKIMORI FAULTY [TEST]...    wants root and the package postfix for the tests with Postfix
"""
import glob, json, os, random, re, signal, socket, sqlite3, struct, subprocess, sys, threading, time, unittest
from email import message_from_bytes, policy as email_policy

try:
    import dkim # Debian's python3-dkim: what somebody else's verifier says
except ImportError:
    dkim = None

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import actions, mta, postfix, service
from actions import BOTH, POLICY
from mta import plain
from service import free_port, wait_for

SOON = '  confirm_wait: 3 s\n'


def policies(*rows):
    """Rows of (person, acts, mode)."""
    return 'policies:\n' + ''.join(POLICY.format(person, acts, mode).replace(f'name: {person}\n', f'name: p{i}-{person}\n') for i, (person, acts, mode) in enumerate(rows))


class ConfirmCase(mta.DoorCase):
    def begin(self, wanted, hold='', more='', **settings):
        self.sink = postfix.Sink()
        self.addCleanup(self.sink.close)
        self.one = self.serve(more=self.config(wanted, f'127.0.0.1:{self.sink.port}', hold, more), **settings)
        return self.connected()

    def config(self, wanted, to, hold='', more=''):
        return f'{wanted}hold:\n  folder: {self.folder}/hold\n  release_to: {to}\n{hold}outbox:\n  wait: 1 s\n  wait_most: 1 s\n{more}'

    def verb(self, *words, status=0):
        done = subprocess.run([mta.PROGRAM, *words, '--config', self.one.config], capture_output=True, check=False)
        self.assertEqual(done.returncode, status, (words, done.stdout, done.stderr))
        return (done.stdout if status == 0 else done.stderr).decode('utf-8', 'surrogateescape')

    def waiting(self, *words):
        return [json.loads(line) for line in self.verb('held', 'list', '--json', '--state', 'waiting', *words).splitlines()]

    def states(self, id):
        return {to['address'].partition('@')[0]: to['state'] for to in json.loads(self.verb('held', 'show', '--json', id))['recipients'] if not to['original']}

    def id_of(self, queue_id):
        return self.decision(self.one, queue_id)['id']

    def asked(self, queue_id):
        return {a['action']: a['reason'] for a in self.report(self.one, queue_id)['actions'] if a['mode'] == 'confirm'}

    def sent(self, count):
        wait_for(lambda: len(self.sink.mails) >= count, 30)
        self.assertEqual(len(self.sink.mails), count)
        return {to[0].partition('@')[0]: text for _, to, text in self.sink.mails}

    def files(self):
        return [f for f in glob.glob(self.folder + '/hold/**', recursive=True) if os.path.isfile(f)]


def people(*names):
    return tuple(f'{name}@harbour.example' for name in names)


class Client(ConfirmCase):
    def test_what_is_asked_waits_and_is_sent_changed_once_somebody_agrees(self):
        door = self.begin(policies(('anna', 'banner, tag, junk', 'confirm')))
        self.assertEqual(door.mail(BOTH, recipients=people('anna'), queue_id='ONE'), ([], ('d', b'')))
        line, id = self.decision(self.one, 'ONE'), self.id_of('ONE')
        self.assertEqual((line['fate'], line['waiting_for']), ('held', 1))
        row, = self.waiting()
        told = row['recipients'][0]
        self.assertEqual((row['id'], told['state'], told['asked']['acts'], told['asked']['answer']), (id, 'waiting', ['tag', 'banner', 'junk'], None))
        self.assertGreater(told['asked']['until'], row['held_at'])
        self.assertEqual(set(self.asked('ONE')), {'tag', 'banner', 'junk'})
        for reason in self.asked('ONE').values():
            self.assertIn('It waits until somebody agrees.', reason)
        page = self.verb('held', 'show', id)
        for words in (f'sekimori held agree {id}', f'sekimori held release {id}', 'asks for: tag banner junk, by p0-anna', 'waiting   since'):
            self.assertIn(words, page)
        self.assertEqual(service.english(service.japanese(self.one.config, 'held', 'show', id), 'tag banner junk'), [])
        self.assertIn('同意待ちの処理: tag banner junk、求めたのは p0-anna (junk)', service.japanese(self.one.config, 'held', 'show', id))
        self.assertRegex(self.verb('held', 'list'), rf'^waiting +{id} +20.*asks: tag banner junk')
        self.assertFalse(self.sink.mails)
        self.assertIn('agreed to for 1 recipient', self.verb('held', 'agree', '--by', 'otto', '--reason', 'looks bad', id))
        mail = message_from_bytes(self.sent(1)['anna'], policy=email_policy.default)
        self.assertEqual((mail['Subject'], mail['X-Sekimori-Junk']), ('[Suspicious] Hello', 'yes'))
        self.assertIn('signs of fraud', mail.get_body(('plain',)).get_content())
        wait_for(lambda: self.states(id) == {'anna': 'delivered'})
        self.assertEqual([(line['id'], line['answer'], line['by']) for line in self.one.events('answered')], [(id, 'agreed', 'otto')])
        for words in ('somebody agreed to: tag banner junk', 'by otto: looks bad'):
            self.assertIn(words, self.verb('held', 'show', id))
        self.assertEqual(service.english(service.japanese(self.one.config, 'explain', id), 'tag banner junk', 'looks bad'), [])
        self.assertRegex(self.verb('explain', id), r'anna@harbour.example: tag banner junk was agreed to by otto, 20[^ ]+: looks bad\n')
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            self.assertEqual(store.execute('select done from outcome').fetchall(), [('delivered, agreed to by otto',)])
        self.assertIn('was released already, and delivered', self.verb('held', 'agree', id, status=2)) # once
        self.assertEqual(door.mail(BOTH, recipients=people('anna'), queue_id='AGAIN'), ([], ('d', b''))) # nor does a late retry get through as it came
        self.assertFalse(self.waiting())

    def test_who_says_no_has_it_sent_as_it_came(self):
        door = self.begin(policies(('anna', 'banner', 'confirm')))
        text = b'X-Sekimori-Junk: forged\r\n' + plain(1)
        door.mail(text, recipients=people('anna'), queue_id='ONE')
        id = self.id_of('ONE')
        self.assertEqual(subprocess.run([mta.PROGRAM, 'held', 'export', '--config', self.one.config, id], capture_output=True, check=True).stdout, text)
        self.assertIn('without what was proposed', self.verb('held', 'release', '--by', 'otto', id))
        self.assertEqual(self.sent(1)['anna'], plain(1)) # to the last byte, but for what a sender wrote into our fields
        wait_for(lambda: self.states(id) == {'anna': 'delivered'})
        self.assertEqual([(line['answer'], line['by']) for line in self.one.events('answered')], [('declined', 'otto')])
        self.assertIn('nobody agreed to: banner', self.verb('held', 'show', id))
        self.assertIn('was released already', self.verb('held', 'agree', id, status=2))
        self.assertIn('anna@harbour.example: let go without banner by otto, 20', self.verb('explain', id))
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            self.assertEqual(store.execute('select done from outcome').fetchall(), [('delivered without what was proposed, released by otto',)])

    def test_what_was_decided_is_not_sent_again_because_another_rides(self):
        door = self.begin(policies(('anna', 'banner', 'confirm'), ('berta', 'tag', 'active')))
        held, as_it_came = ([], ('d', b'')), ([], ('c', b''))
        for number, (verb, names, again) in enumerate((('release', ('anna', 'berta'), None), ('agree', ('anna', 'berta'), None), ('agree', ('anna',), held),
                                                       ('release', ('anna',), as_it_came)), 1): # near miss: it may be what was released, come in by a door that knows nothing of it
            with self.subTest(verb, names=names):
                first = door.mail(plain(number), recipients=people(*names), queue_id=f'ONE{number}')
                self.assertEqual([letter for letter, _ in first[0]], ['-', 'm'] if len(names) == 2 else [])
                self.verb('held', verb, self.id_of(f'ONE{number}'))
                self.sent(number)
                self.assertEqual(b'signs of fraud' in self.sink.mails[-1][2], verb == 'agree')
                self.assertEqual(door.mail(plain(number), recipients=people(*names), queue_id=f'TWO{number}'), again or first)
                self.assertFalse(self.waiting())
                self.sent(number)

    def test_what_active_policies_do_is_done_either_way(self):
        door = self.begin(policies(('anna', 'tag', 'active'), ('anna', 'banner', 'confirm')))
        for number, verb in ((1, 'release'), (2, 'agree')):
            door.mail(plain(number), recipients=people('anna'), queue_id=verb)
            self.assertEqual(self.waiting()[0]['recipients'][0]['asked']['acts'], ['banner'])
            self.verb('held', verb, self.id_of(verb))
            mail = message_from_bytes(self.sent(number)['anna'])
            self.assertEqual((mail['Subject'], b'signs of fraud' in self.sink.mails[-1][2]), (f'[Suspicious] {number}', verb == 'agree'))

    def test_who_agrees_to_a_hold_or_a_refusal_has_it_held(self):
        door = self.begin(policies(('anna', 'hold', 'confirm'), ('berta', 'reject', 'confirm')))
        self.assertEqual(door.mail(plain(1), recipients=people('anna', 'berta'), queue_id='ONE'), ([], ('d', b'')))
        id = self.id_of('ONE')
        self.assertEqual(self.states(id), {'anna': 'waiting', 'berta': 'waiting'})
        self.assertIn('and is held then: its sender was told that it was taken', self.asked('ONE')['reject'])
        self.assertIn('2 of them held from now on', self.verb('held', 'agree', id))
        self.assertEqual((self.states(id), self.sink.mails), ({'anna': 'held', 'berta': 'held'}, []))
        self.assertIn('does not wait for anybody', self.verb('held', 'agree', id, status=2))
        self.verb('held', 'release', '--recipient', 'anna@harbour.example', id)
        self.assertEqual(self.sent(1), {'anna': plain(1)})
        self.verb('held', 'delete', id)
        wait_for(lambda: self.states(id) == {'anna': 'delivered', 'berta': 'deleted'})

    def test_of_several_recipients_those_are_left_out_who_wait(self):
        door = self.begin(policies(('anna', 'banner', 'confirm'), ('berta', 'hold', 'active'), ('cora', 'tag', 'active'), ('dora', 'hold', 'confirm')))
        edits, end = door.mail(plain(1), recipients=people('anna', 'berta', 'cora', 'dora'), queue_id='ONE')
        self.assertEqual((end, [body for letter, body in edits if letter == '-']), (('c', b''), [f'<{who}>\0'.encode() for who in people('anna', 'berta', 'dora')]))
        self.assertEqual([letter for letter, _ in edits if letter != '-'], ['m'])
        id, line = self.id_of('ONE'), self.decision(self.one, 'ONE')
        self.assertEqual((line['fate'], line['waiting_for'], line['held_for']), ('delivered', 2, 1))
        self.assertEqual(self.states(id), {'anna': 'waiting', 'berta': 'held', 'dora': 'waiting'})
        again = door.mail(plain(1), recipients=people('anna', 'berta', 'cora', 'dora'), queue_id='TWO')
        self.assertEqual(again, (edits, end)) # the retry waits once
        self.assertEqual((self.id_of('TWO'), len(self.waiting()), len(self.files())), (id, 2, 1))
        self.verb('held', 'agree', id)
        self.assertIn(b'signs of fraud', self.sent(1)['anna'])
        wait_for(lambda: self.states(id) == {'anna': 'delivered', 'berta': 'held', 'dora': 'held'})
        self.assertEqual(door.mail(plain(2), recipients=people('anna', 'berta'), queue_id='NOBODY'), ([], ('d', b''))) # nobody rides the answer
        id = self.id_of('NOBODY')
        self.assertEqual(self.states(id), {'anna': 'waiting', 'berta': 'held'})
        self.verb('held', 'release', '--recipient', 'berta@harbour.example', id)
        self.assertEqual(self.sent(2)['berta'], plain(2))
        whole = self.client(actions=0x17) # cannot drop recipients
        whole.connect()
        self.assertEqual(whole.mail(plain(3), recipients=people('anna', 'cora'), queue_id='WHOLE'), ([], ('d', b''))) # waits for all where for one
        self.assertEqual(self.states(self.id_of('WHOLE')), {'anna': 'waiting', 'cora': 'waiting'})
        self.verb('held', 'release', '--recipient', 'cora@harbour.example', self.id_of('WHOLE'))
        self.assertIn(b'Subject: [Suspicious] 3', self.sent(3)['cora'])

    def test_links_are_locked_once_somebody_agrees(self):
        """Passes of both kinds are made before anybody decides: double-lock was asked for, lock is done anyway."""
        pages, keys = free_port(), os.path.join(self.folder, 'keys')
        subprocess.run([mta.PROGRAM, 'key', 'make', 'token', '--keys', keys], capture_output=True, check=True)
        with open(os.path.join(mta.TOP, 'tests/cases/ja-bank/message.eml'), 'rb') as f:
            text = f.read().replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        door = self.begin(policies(('anna', 'lock', 'active'), ('anna', 'double-lock', 'confirm'), ('berta', 'lock', 'confirm')),
                          more=f'keys:\n  folder: {keys}\nlinks:\n  base_url: https://pages.example\n',
                          listener=self.listener() + f'  - name: pages\n    kind: links\n    address: 127.0.0.1:{pages}\n')
        whole = lambda raw: ' '.join(part.get_content() for part in message_from_bytes(raw, policy=email_policy.default).walk() if part.get_content_maintype() == 'text')
        links = lambda raw: set(re.findall(r'https://pages\.example(/[^\s"<>)]*)', whole(raw)))
        for number, verb, kinds in ((1, 'agree', {'anna': '/double-lock/', 'berta': '/lock/'}), (2, 'release', {'anna': '/lock/', 'berta': None})):
            text = re.sub(rb'(?mi)^Message-ID:.*', b'Message-ID: <%d@shop.example>' % number, text)
            self.assertEqual(door.mail(text, recipients=people('anna', 'berta'), queue_id=verb), ([], ('d', b'')))
            self.verb('held', verb, self.id_of(verb))
            wait_for(lambda: len(self.sink.mails) == 2 * number)
            for _, to, raw in self.sink.mails[-2:]:
                kind = kinds[to[0].partition('@')[0]]
                self.assertEqual({path.startswith(kind or '?') for path in links(raw)}, {True} if kind else set(), (verb, to))
                for path in links(raw):
                    with socket.create_connection(('127.0.0.1', pages), 10) as s:
                        s.sendall(f'GET {path} HTTP/1.0\r\nHost: pages.example\r\n\r\n'.encode())
                        page = b''.join(iter(lambda: s.recv(65536), b''))
                    self.assertIn(b' 200 ', page.splitlines()[0])
                    self.assertIn(b'value="ask"' if kind == '/double-lock/' else b'value="go"', page)

    def test_who_wants_it_hears_of_what_waits(self):
        told = os.path.join(self.folder, 'told.json')
        door = self.begin(policies(('anna', 'hold', 'confirm'), ('berta', 'tag', 'active')),
                          more=f'notify:\n  - name: desk\n    program: [/usr/bin/tee, -a, {told}]\n    when:\n      waiting: only\n')
        door.mail(plain(1), recipients=people('berta'), queue_id='ONE') # near miss
        door.mail(plain(2), recipients=people('anna', 'berta'), queue_id='TWO')
        wait_for(lambda: os.path.exists(told) and os.path.getsize(told))
        with open(told, encoding='utf-8') as f:
            notice = json.loads(f.read()) # of one alone
        id = self.id_of('TWO')
        self.assertEqual((notice['id'], notice['waiting']['acts'], notice['waiting']['policies'], notice['waiting']['then']), (id, ['hold'], ['p0-anna'], 'release'))
        self.assertEqual(notice['waiting']['agree'], f'sekimori held agree {id}')
        row, = self.waiting()
        self.assertLessEqual(notice['waiting']['until'], row['recipients'][0]['asked']['until'])

    def test_another_organisations_person_decides_nothing(self):
        door = self.begin(policies(('anna', 'banner', 'confirm')))
        door.mail(plain(1), recipients=people('anna'), queue_id='ONE')
        id = self.id_of('ONE')
        for verb in ('agree', 'release', 'delete'):
            self.assertIn('no such message is held for that organisation', self.verb('held', verb, '--org', 'hama', id, status=2))
        self.assertEqual((self.waiting('--org', 'hama'), len(self.waiting('--org', 'harbour'))), ([], 1))
        self.verb('held', 'agree', '--org', 'harbour', id)
        self.sent(1)

    def test_nobody_answers(self):
        for number, then in ((1, 'release'), (2, 'agree')):
            with self.subTest(then):
                if number == 1:
                    door = self.begin(policies(('anna', 'banner', 'confirm'), ('berta', 'hold', 'confirm')), hold=SOON)
                else:
                    self.one.write(more=self.config(policies(('anna', 'banner', 'confirm'), ('berta', 'hold', 'confirm')), f'127.0.0.1:{self.sink.port}',
                                                    SOON + '  confirm_then: agree\n'))
                    self.one.process.send_signal(signal.SIGHUP)
                    wait_for(lambda: self.one.events('reloaded'))
                door.mail(plain(number), recipients=people('anna', 'berta'), queue_id=then)
                id = self.id_of(then)
                self.assertEqual(self.states(id), {'anna': 'waiting', 'berta': 'waiting'})
                wait_for(lambda: 'waiting' not in self.states(id).values(), 30)
                got = self.sent(2 if number == 1 else 3)
                if number == 1:
                    self.assertEqual(got, {'anna': plain(1), 'berta': plain(1)})
                else:
                    self.assertIn(b'signs of fraud', got['anna'])
                    self.assertEqual(self.states(id)['berta'], 'held')
                lines = [line for line in self.one.events('unanswered') if line['id'] == id]
                self.assertEqual(sorted(line['acts'] for line in lines), ['banner', 'hold'])
                self.assertIn('by the service: nobody answered in time', self.verb('held', 'show', id))
                self.assertIn('on its way' if 'leaving' in self.states(id).values() else 'released already' if number == 1 else 'does not wait',
                              self.verb('held', 'agree', '--recipient', 'berta@harbour.example', id, status=2))

    def test_near_misses_are_delivered_at_once(self):
        door = self.begin(policies(('anna', 'tag, banner', 'active'), ('anna', 'tag', 'confirm'), ('berta', 'hold', 'passive'), ('cora', 'lock, take-off', 'confirm'),
                                   ('dora', 'headers', 'confirm'), ('elsa', 'hold', 'active'), ('elsa', 'banner', 'confirm'))
                          .replace('when:\n      people: [cora', 'when:\n      verdict: malicious\n      people: [cora'),
                          more='links:\n  base_url: https://pages.example\n', listener=self.listener() + f'  - name: pages\n    kind: links\n    address: 127.0.0.1:{free_port()}\n')
        for person, end in (('nobody', 'c'), ('anna', 'c'), ('berta', 'c'), ('cora', 'c'), ('dora', 'c'), ('elsa', 'd')):
            self.assertEqual(door.mail(plain(1), recipients=people(person), queue_id=person)[1][0], end, person)
        self.assertFalse(self.waiting())
        why = {person: [a['reason'] for a in self.report(self.one, person)['actions'] if a['mode'] == 'confirm'] for person in ('anna', 'cora', 'dora', 'elsa')}
        self.assertIn('Nobody is asked: it is done already.', why['anna'][0])
        self.assertEqual(why['cora'], [])
        self.assertIn('Nobody is asked: nothing waits for fields alone.', why['dora'][0])
        self.assertIn('Nobody is asked: it is held or refused already.', why['elsa'][0])

    def test_acts_that_would_come_to_nothing_ask_nobody(self):
        signed = (b'From: a@shop.example\r\nTo: b@harbour.example\r\nSubject: x\r\nMessage-ID: <s@shop.example>\r\nMIME-Version: 1.0\r\n'
                  b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n'
                  b'Hello\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\nabc\r\n--x--\r\n')
        door = self.begin(policies(('anna', 'lock, take-off, rename', 'confirm'), ('berta', 'banner', 'confirm'), ('cora', 'tag', 'confirm')),
                          more='links:\n  base_url: https://pages.example\n', listener=self.listener() + f'  - name: pages\n    kind: links\n    address: 127.0.0.1:{free_port()}\n')
        for person, text, words in (('anna', plain(1), 'evidence names no'), ('berta', signed, 'no banner can be set'), ('cora', plain(2).replace(b'Subject: ', b'Subject: Re: [Suspicious] '), 'there is no tag for this verdict')):
            self.assertEqual(door.mail(text, recipients=people(person), queue_id=person), ([], ('c', b'')), person)
            for action in self.report(self.one, person)['actions']:
                if action['mode'] == 'confirm':
                    self.assertIn('Nobody is asked: ' + words, action['reason'])
        self.assertEqual((self.waiting(), self.files()), ([], []))

    def test_the_organisations_own_mode_asks_too(self):
        config = service.CONFIG
        service.CONFIG = config.replace('    name: Harbour\n', '    name: Harbour\n    mode: confirm\n')
        self.addCleanup(lambda: setattr(service, 'CONFIG', config))
        door = self.begin('')
        self.assertEqual(door.mail(plain(1), recipients=people('anna'), queue_id='ONE'), ([], ('d', b'')))
        self.assertEqual([(a['action'], a['mode'], 'It waits' in a['reason']) for a in self.report(self.one, 'ONE')['actions']], [('banner', 'confirm', True), ('tag', 'confirm', True)])
        id = self.id_of('ONE')
        for mode in ('confirm', 'active', 'passive'): # as it was, and as it would be
            again = json.loads(self.verb('replay', '--all', '--json', '--mode', mode).splitlines()[0])
            self.assertEqual({a['mode'] for a in again['actions']}, {mode})
        self.assertIn("by the organisation's mode", self.verb('held', 'show', id))
        self.verb('held', 'agree', id)
        self.assertIn(b'Subject: [Suspicious] 1', self.sent(1)['anna'])

    def test_mail_on_its_way_out_is_asked_about_holding_alone(self):
        door = self.begin(policies(('anna', 'banner', 'confirm'), ('berta', 'hold', 'confirm')).replace('when:', 'when:\n      verdict: clean'))
        self.assertEqual(door.mail(plain(1), recipients=people('anna'), queue_id='ONE', login='otto'), ([], ('c', b'')))
        self.assertIn('Nobody is asked: mail on its way out is not edited.', self.asked('ONE')['banner'])
        self.assertEqual(door.mail(plain(2), recipients=people('berta'), queue_id='TWO', login='otto'), ([], ('d', b'')))
        self.verb('held', 'release', self.id_of('TWO'))
        self.assertEqual(self.sent(1), {'berta': plain(2)})

    def test_who_asks_by_http_or_spamc_is_told_as_before(self):
        self.begin(policies(('anna', 'hold', 'confirm')))
        status, body, _ = self.one.post(plain(1).decode(), Rcpt_To='anna@harbour.example', Mail_From='a@shop.example')
        action = json.loads(body)['actions'][0]
        self.assertEqual((status, action['action'], action['mode']), (200, 'hold', 'confirm'))
        self.assertIn('Only by milter is it kept back', action['reason'])
        self.assertEqual((self.waiting(), self.files()), ([], []))

    def test_what_was_changed_is_kept_as_it_came_where_a_policy_wants_it(self):
        door = self.begin(policies(('anna', 'tag', 'confirm'), ('berta', 'tag', 'active'), ('berta', 'banner', 'confirm')).replace('mode: confirm', 'keep_original: yes\n    mode: confirm', 1)
                          .replace('mode: active', 'keep_original: yes\n    mode: active', 1))
        kept = lambda: [row['recipients'][0]['address'].partition('@')[0] for row in map(json.loads, self.verb('held', 'list', '--json', '--state', 'kept').splitlines())]
        door.mail(plain(1), recipients=people('anna', 'berta'), queue_id='ONE')
        self.assertEqual(kept(), [])
        self.verb('held', 'release', self.id_of('ONE')) # anna's is not changed
        self.sent(2)
        self.assertEqual(kept(), ['berta'])
        door.mail(plain(2), recipients=people('anna', 'berta'), queue_id='TWO')
        self.verb('held', 'agree', self.id_of('TWO'))
        self.sent(4)
        self.assertEqual(sorted(kept()), ['anna', 'berta', 'berta'])
        id = self.id_of('TWO')
        wait_for(lambda: set(self.states(id).values()) == {'delivered'})
        self.verb('held', 'release', '--recipient', 'anna@harbour.example', id, status=2)
        self.verb('held', 'release', '--original', '--recipient', 'anna@harbour.example', id)
        wait_for(lambda: len(self.sink.mails) == 5)
        self.assertEqual(self.sink.mails[-1][2], plain(2))

    def handed_in(self, number):
        """As a mail server does: again until it is answered. Its answer; a new connection where the door was killed."""
        for _ in range(60):
            try:
                if not self.door:
                    self.door = self.connected()
                letter, _ = self.door.mail(plain(number), recipients=people('anna'), queue_id=f'Q{number}')[1]
                if letter is None:
                    raise EOFError # the door was killed meanwhile
                if letter != 'y':
                    return letter
            except (OSError, AssertionError, EOFError, ValueError, struct.error, IndexError):
                self.door = None
            time.sleep(0.2)
        raise AssertionError('never answered')

    def test_killed_again_and_again_none_is_lost_and_each_is_decided_once(self):
        count, over = 24, threading.Event()
        self.door = self.begin(policies(('anna', 'tag', 'confirm')), hold='  confirm_wait: 12 s\n')

        def kill():
            chance = random.Random(5)
            for _ in range(12):
                over.wait(chance.uniform(0.2, 1))
                for pid in self.one.pids(chance.choice(('keeper', 'judge', 'courier', 'mta'))):
                    os.kill(pid, signal.SIGKILL)
        killer = threading.Thread(target=kill)
        killer.start()
        for number in range(count):
            self.assertEqual(self.handed_in(number), 'd') # held, and none passed
            if number % 2:
                subprocess.run([mta.PROGRAM, 'held', 'agree', self.id_of(f'Q{number}'), '--config', self.one.config], capture_output=True, check=False)
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            ids = [id for id, in store.execute('select id from held')]
        self.assertEqual(len(ids), count) # those that came twice wait once
        wait_for(lambda: all(self.states(id) == {'anna': 'delivered'} for id in ids), 90)
        over.set()
        killer.join()
        with sqlite3.connect(self.one.folder + '/store.db') as store:
            agreed = sum(asked == 3 for asked, in store.execute('select asked from held'))
        got = {}
        for _, _, text in self.sink.mails:
            got.setdefault(message_from_bytes(text)['Message-ID'], set()).add(b'[Suspicious]' in text)
        self.assertEqual({len(forms) for forms in got.values()}, {1}) # never one way and the other
        self.assertGreater(agreed, 0)
        self.assertEqual((len(got), sum(forms == {True} for forms in got.values())), (count, agreed))
        print(f'{count} waited, {agreed} were agreed to, {len(self.one.events("died"))} processes killed, {len(self.sink.mails)} deliveries', file=sys.stderr)


class Configuration(ConfirmCase):
    def test_confirm_wants_a_way_out(self):
        self.begin('')
        path = os.path.join(self.folder, 'broken.conf')
        with open(self.one.config, encoding='utf-8') as f:
            text = re.sub('  release_to: .*\n', '', f.read())
        for more, where in ((policies(('anna', 'hold', 'confirm')), 'policies[1].mode'), ('', 'organisations[1].mode')):
            with open(path, 'w', encoding='utf-8') as f:
                f.write((text if more else text.replace('    name: Harbour\n', '    name: Harbour\n    mode: confirm\n')) + more)
            done = subprocess.run([mta.PROGRAM, 'check-config', path], capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(where + ': confirm holds messages until somebody agrees', done.stdout + done.stderr)


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Postfix(ConfirmCase):
    post, smtp = mta.Postfix.post, mta.Postfix.smtp

    def begin_post(self, wanted, hold='', more='', **settings):
        port = free_port()
        self.one = self.serve(more=self.config(wanted, f'127.0.0.1:{port}', hold, more), **settings)
        self.mx = self.post(services=actions.RELEASE.format(port=port))
        self.sink = self.mx.sink

    def deliver(self, text, *names):
        with self.smtp(self.mx.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234) as smtp:
            smtp.sendmail('a@shop.example', list(people(*names)), text)

    def decided(self, count=1):
        return wait_for(lambda: self.one.events('decided')[count - 1:])[0]['id']

    @unittest.skipUnless(dkim, 'wants the package python3-dkim')
    def test_no_leaves_the_senders_signature_whole_and_yes_sets_the_banner(self):
        key = os.path.join(self.folder, 'dkim.pem')
        subprocess.run(['openssl', 'genrsa', '-traditional', '-out', key, '2048'], capture_output=True, check=True)
        public = subprocess.run(['openssl', 'rsa', '-in', key, '-pubout', '-outform', 'DER'], capture_output=True, check=True).stdout
        with open(key, 'rb') as f:
            private = f.read()
        import base64
        record = b'v=DKIM1; k=rsa; p=' + base64.b64encode(public)
        signed = lambda text: dkim.sign(text, b's1', b'shop.example', private) + text
        verifies = lambda text: dkim.verify(text, dnsfunc=lambda name, timeout=5: record if name == b's1._domainkey.shop.example.' else None)
        self.begin_post(policies(('anna', 'banner', 'confirm')))
        self.deliver(signed(BOTH), 'anna')
        self.verb('held', 'release', self.decided())
        text = self.sent(1)['anna']
        self.assertTrue(verifies(text))
        self.assertNotIn(b'X-Sekimori', text)
        self.deliver(signed(BOTH.replace(b'<both@', b'<other@')), 'anna')
        self.verb('held', 'agree', self.decided(2))
        text = self.sent(2)['anna']
        mail = message_from_bytes(text, policy=email_policy.default)
        self.assertFalse(verifies(text))
        self.assertIn('signs of fraud', mail.get_body(('plain',)).get_content())
        self.assertIn('Gr\xfc\xdfe an alle', mail.get_body(('plain',)).get_content())

    def test_of_mixed_recipients_each_gets_what_was_decided(self):
        self.begin_post(policies(('anna', 'banner', 'confirm'), ('berta', 'hold', 'confirm'), ('cora', 'tag', 'active')))
        self.deliver(plain(1), 'anna', 'berta', 'cora', 'dora')
        got = self.sent(2)
        self.assertEqual({name: b'[Suspicious]' in text for name, text in got.items()}, {'cora': True, 'dora': False})
        id = self.decided()
        waits = {name: state for name, state in self.states(id).items() if name in ('anna', 'berta')}
        self.assertEqual(waits, {'anna': 'waiting', 'berta': 'waiting'})
        self.verb('held', 'agree', '--recipient', 'anna@harbour.example', id)
        self.assertIn(b'signs of fraud', self.sent(3)['anna'])
        self.verb('held', 'release', '--recipient', 'berta@harbour.example', id)
        self.assertNotIn(b'signs of fraud', self.sent(4)['berta'])
        self.assertFalse(self.mx.queue())


if __name__ == '__main__':
    mta.PROGRAM, mta.FAULTY = (os.path.abspath(path) for path in sys.argv[1:3])
    service.PROGRAM, service.FAULTY = mta.PROGRAM, mta.FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
