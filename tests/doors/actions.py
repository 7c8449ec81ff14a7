#!/usr/bin/env python3
"""What policies do to messages, as mail servers and readers see it: by a client that counts as no Postfix lets one see, and in what a
real Postfix delivered, read by Python's own parser.

usage: tests/doors/actions.py SEKIMORI FAULTY [TEST]...    wants root and the package postfix for the tests with Postfix
"""
import glob, http.client, json, os, re, signal, struct, subprocess, sys, unittest
from email import message_from_bytes, policy as email_policy

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import mta, postfix, service
from service import wait_for

# Everything is suspicious here, so that the acts are what is tested.
service.CONFIG = service.CONFIG.replace('    name: Harbour\n', '    name: Harbour\n    suspicious: 0.001\n    malicious: 99.9\n').replace(
    'listeners:\n', '  - id: hama\n    name: 浜\n    domains: [hama.example]\n    language: ja\n    suspicious: 0.001\n    malicious: 99.9\nlisteners:\n', 1)
POLICY = '  - name: {0}\n    do: [{1}]\n    mode: {2}\n    when:\n      people: [{0}@harbour.example]\n'
RELEASE = '127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters= -o receive_override_options=no_milters -o local_header_rewrite_clients=\n'
# What somebody else's verifier says: Debian's python3-dkim, which belongs to Debian's own Python. The record, and the message on standard input.
VERIFY = ('/usr/bin/python3', '-c', 'import dkim, sys\nrecord = lambda name, timeout=5: sys.argv[1].encode() if name == b"arc1._domainkey.harbour.example." else None\n'
          'print(dkim.arc_verify(sys.stdin.buffer.read(), dnsfunc=record)[0].decode())')
HAS_DKIM = os.path.exists(VERIFY[0]) and subprocess.run([VERIFY[0], '-c', 'import dkim'], capture_output=True, check=False).returncode == 0
ACTS = ['tag', 'banner', 'junk', 'headers', 'reject', 'hold', 'take-off', 'rename']
BOTH = ('From: =?utf-8?q?Shop?= <a@shop.example>\r\nTo: b@harbour.example\r\nSubject: Hello\r\nMessage-ID: <both@shop.example>\r\nMIME-Version: 1.0\r\n'
        'Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\r\n'
        'Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe an alle, \r\ndie hier lesen.\r\n-- \r\nAnna\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
        '<html><body><p>Greetings to <a href="https://shop.example/all?x=1&amp;y=2">all</a></p></body></html>\r\n--x--\r\n').encode('latin-1')


def policies(mode='active', acts=None):
    return 'policies:\n' + ''.join(POLICY.format(act, act, mode) for act in acts or ACTS)


class ActionCase(mta.DoorCase):
    def serve(self, **settings):
        to = settings.pop('release_to', None)
        settings['more'] = settings.get('more', policies()) + f'\nhold:\n  folder: {self.folder}/hold\n' + (f'  release_to: {to}\n' if to else '')
        return super().serve(**settings)

    def keys(self):
        folder = os.path.join(self.folder, 'keys')
        subprocess.run([mta.PROGRAM, 'key', 'make', 'seal', '--keys', folder], capture_output=True, check=True)
        return f'keys:\n  folder: {folder}\n'

    def sealed(self, text):
        path = os.path.join(self.folder, 'delivered.eml')
        with open(path, 'wb') as f:
            f.write(text)
        return subprocess.run([mta.PROGRAM, 'seal', '--keys', os.path.join(self.folder, 'keys'), path], capture_output=True, text=True, check=False).stdout

    def actions(self, one, queue_id):
        return [(a['action'], a['mode'], a['recipients']) for a in self.report(one, queue_id)['actions']]

    def outcome(self, one, queue_id):
        line = self.decision(one, queue_id)
        return line['fate'], line['acts']


def names(edits):
    """What each edit is and of which field, an index with those that have one."""
    found = []
    for letter, body in edits:
        index = '' if letter not in 'im' else str(struct.unpack('>I', body[:4])[0])
        name, value = (body[4:] if index else body).split(b'\0')[:2] if letter in 'him' else (b'', body)
        found.append(letter + index + (' ' + name.decode() if name else '') + ('' if value or letter not in 'm' else ' gone'))
    return found


class Client(ActionCase):
    def test_each_act_becomes_edits(self):
        one, door = self.serve(), self.connected()
        to = lambda act, text=mta.plain(1), **more: door.mail(text, recipients=(f'{act}@harbour.example',), queue_id=act, **more)
        self.assertEqual(to('nobody'), ([], ('c', b''))) # near miss: no policy is for this one
        self.assertEqual(to('tag'), ([('m', b'\0\0\0\1Subject\0 [Suspicious] 1\0')], ('c', b'')))
        self.assertEqual(to('tag', mta.plain(1).replace(b'Subject: 1', b'Subject: Re: [Suspicious] 1')), ([], ('c', b''))) # never twice
        self.assertEqual(to('junk'), ([('h', b'X-Sekimori-Junk\0 yes\0')], ('c', b'')))
        edits, end = to('headers', b'x-spam-flag: NO\r\nX-Spam-Flag: NO\r\nX-Sekimori: clean\r\nX-Sekimori-Junk: no\r\n' + mta.plain(2))
        self.assertEqual((names(edits), end), (['m1 X-Sekimori gone', 'm1 X-Sekimori-Junk gone', 'm2 X-Spam-Flag gone', 'm1 x-spam-flag gone', 'h X-Sekimori',
                                                'h X-Spam-Flag', 'h X-Spam-Status', 'h X-Spam-Score', 'h X-Spam-Level'], ('c', b'')))
        self.assertRegex(edits[4][1], rb'^X-Sekimori\0 suspicious; score=[0-9.]+; record=[a-z0-9]{28}')
        edits, end = to('banner')
        self.assertEqual({name for name in names(edits)} & {'b'}, {'b'})
        self.assertEqual(end, ('c', b''))
        self.assertEqual(self.outcome(one, 'banner'), ('delivered', 'banner'))
        self.assertEqual(self.outcome(one, 'nobody'), ('delivered', ''))
        self.assertEqual(self.actions(one, 'junk')[0], ('junk', 'active', ['junk@harbour.example']))

    def test_a_refusal_and_a_hold(self):
        one, door = self.serve(), self.connected()
        edits, (letter, body) = door.mail(mta.plain(1), recipients=('reject@harbour.example',), queue_id='REJECT')
        self.assertEqual((edits, letter), ([], 'y'))
        self.assertRegex(body, rb'^550 5\.7\.1 The message was refused here by policy \([a-z0-9]{28}\)\0$')
        self.assertEqual(self.outcome(one, 'REJECT'), ('rejected', ''))
        self.assertEqual(door.mail(mta.plain(2), recipients=('hold@harbour.example',), queue_id='HOLD'), ([], ('d', b'')))
        self.assertEqual(self.outcome(one, 'HOLD'), ('held', ''))
        self.assertEqual(len([f for f in glob.glob(self.folder + '/hold/**', recursive=True) if os.path.isfile(f)]), 1)

    def test_what_is_held_is_not_refused_when_it_comes_again(self):
        one, door = self.serve(), self.connected()
        self.assertEqual(door.mail(mta.plain(1), recipients=('hold@harbour.example',), queue_id='HOLD'), ([], ('d', b'')))
        self.configured(one, 'do: [hold]', 'do: [reject]')
        self.assertEqual(door.mail(mta.plain(1), recipients=('hold@harbour.example',), queue_id='AGAIN'), ([], ('d', b'')))
        self.assertEqual(door.mail(mta.plain(2), recipients=('hold@harbour.example',), queue_id='OTHER')[1][0], 'y')

    def test_recipients_whose_copy_is_held_are_dropped_and_the_others_get_theirs(self):
        one, door = self.serve(), self.connected()
        people = tuple(f'{name}@harbour.example' for name in ('tag', 'hold', 'nobody', 'reject'))
        edits, end = door.mail(mta.plain(3), recipients=people, queue_id='SOME')
        self.assertEqual(end, ('c', b''))
        self.assertEqual(names(edits), ['-', '-', 'm1 Subject'])
        self.assertEqual([body for letter, body in edits if letter == '-'], [b'<hold@harbour.example>\0', b'<reject@harbour.example>\0'])
        self.assertEqual([door.mail(mta.plain(3), recipients=people, queue_id='AGAIN') for _ in range(2)], [(edits, end)] * 2) # held once
        line = self.decision(one, 'SOME')
        self.assertEqual((line['fate'], line['acts'], line['held_for']), ('delivered', 'tag', 2))
        told = {a['recipients'][0]: a for a in self.report(one, 'SOME')['actions'] if a['mode'] == 'active'}
        self.assertEqual([told[person]['action'] for person in (people[1], people[3], people[0])], ['hold', 'hold', 'tag'])
        self.assertIn('Held instead of refused', told[people[3]]['reason'])
        self.assertEqual(len([f for f in glob.glob(self.folder + '/hold/**', recursive=True) if os.path.isfile(f)]), 1)

    def test_who_is_to_have_another_copy_is_sent_it(self):
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        one, door = self.serve(release_to=f'127.0.0.1:{sink.port}'), self.connected()
        people = tuple(f'{name}@harbour.example' for name in ('tag', 'hold', 'nobody', 'junk'))
        for again in range(2): # once
            edits, end = door.mail(mta.plain(3), recipients=people, queue_id=f'EACH{again}')
            self.assertEqual((names(edits), end), (['-', '-', '-', 'm1 Subject'], ('c', b'')))
            self.assertEqual([body for letter, body in edits if letter == '-'], [b'<%s>\0' % person.encode() for person in people[1:]])
        line = self.decision(one, 'EACH0')
        self.assertEqual((line['fate'], line['acts'], line['held_for'], line['sent_for']), ('delivered', 'tag', 1, 2))
        wait_for(lambda: len(sink.mails) >= 2, 30)
        got = {to[0]: message_from_bytes(text, policy=email_policy.default) for _, to, text in sink.mails}
        self.assertEqual((sorted(got), len(sink.mails)), ([people[3], people[2]], 2))
        self.assertEqual([(got[person]['Subject'], got[person]['X-Sekimori-Junk'], got[person].get_content()) for person in people[2:]],
                         [('3', None, 'Hello 3\r\n'), ('3', 'yes', 'Hello 3\r\n')])
        shown = subprocess.run([mta.PROGRAM, 'held', 'show', '--json', '--config', one.config, line['id']], capture_output=True, text=True, check=True).stdout
        wait_for(lambda: {to['address']: to['state'] for to in json.loads(subprocess.run([mta.PROGRAM, 'held', 'show', '--json', '--config', one.config, line['id']],
                                                                                         capture_output=True, text=True, check=True).stdout)['recipients']} ==
                 {people[1]: 'held', people[2]: 'delivered', people[3]: 'delivered'})
        self.assertIn('held', shown)

    COPY = 'policies:\n' + POLICY.format('copy', 'copy, tag', 'active') + '    copy_to: [soc@other.example, hold@harbour.example]\n' + \
           POLICY.format('hold', 'hold', 'active') + POLICY.format('reject', 'reject, copy', 'active') + '    copy_to: [SOC@other.example]\n' + \
           POLICY.format('junk', 'junk', 'active') + POLICY.format('passive', 'copy, junk', 'passive') + '    copy_to: [passive@other.example]\n'

    def states(self, one, id):
        said = subprocess.run([mta.PROGRAM, 'held', 'show', '--json', '--config', one.config, id], capture_output=True, text=True, check=True).stdout
        return sorted((to['address'], to['beside'], to['state']) for to in json.loads(said)['recipients'])

    def test_a_copy_goes_beside_as_it_came_and_once(self):
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        one, door = self.serve(more=self.COPY, release_to=f'127.0.0.1:{sink.port}'), self.connected()
        for again in range(2):
            edits, end = door.mail(BOTH, recipients=('copy@harbour.example',), queue_id=f'COPY{again}')
            self.assertEqual((names(edits), end), (['m1 Subject'], ('c', b''))) # nothing of the copy is in it
        wait_for(lambda: len(sink.mails) >= 2, 30)
        self.assertEqual(sorted(sink.mails), [('', ['hold@harbour.example'], BOTH), ('', ['soc@other.example'], BOTH)])
        line = self.decision(one, 'COPY0')
        self.assertEqual((line['fate'], line['acts'], line['copied_to']), ('delivered', 'tag', 2))
        wait_for(lambda: {state for _, _, state in self.states(one, line['id'])} == {'delivered'})
        self.assertEqual([to[:2] for to in self.states(one, line['id'])], [('hold@harbour.example', True), ('soc@other.example', True)])
        self.assertEqual(len(sink.mails), 2)
        self.assertEqual({action for action, mode, _ in self.actions(one, 'COPY0') if mode == 'active'}, {'copy', 'tag'})

    def test_who_gets_a_copy_changes_nothing_for_recipients(self):
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        one, door = self.serve(more=self.COPY, release_to=f'127.0.0.1:{sink.port}'), self.connected()
        people = tuple(f'{name}@harbour.example' for name in ('copy', 'hold', 'junk')) # of these each gets something else
        for again in range(2):
            edits, end = door.mail(mta.plain(4), recipients=people, queue_id=f'MIXED{again}')
            self.assertEqual((names(edits), end), (['-', '-', 'm1 Subject'], ('c', b'')))
        wait_for(lambda: len(sink.mails) >= 3, 30)
        got = {to[0]: text for _, to, text in sink.mails}
        self.assertEqual((sorted(got), len(sink.mails)), (['hold@harbour.example', 'junk@harbour.example', 'soc@other.example'], 3))
        self.assertEqual((got['soc@other.example'], got['hold@harbour.example']), (mta.plain(4), mta.plain(4)))
        self.assertIn(b'X-Sekimori-Junk: yes', got['junk@harbour.example'])
        id = self.decision(one, 'MIXED0')['id']
        self.assertIn(('hold@harbour.example', False, 'held'), self.states(one, id)) # as a recipient; the copy beside was sent
        edits, (letter, _) = door.mail(mta.plain(5), recipients=('reject@harbour.example',), queue_id='REFUSED')
        self.assertEqual((edits, letter), ([], 'y')) # what is refused can be looked at
        wait_for(lambda: len(sink.mails) >= 4, 30)
        self.assertEqual(sink.mails[3][1:], (['SOC@other.example'], mta.plain(5)))
        self.assertEqual(door.mail(mta.plain(6), recipients=('passive@harbour.example',), queue_id='PASSIVE'), ([], ('c', b''))) # near miss
        self.assertIn(('copy', 'passive', ['passive@harbour.example']), self.actions(one, 'PASSIVE'))
        self.assertNotIn('copied_to', self.decision(one, 'PASSIVE'))
        door.mail(mta.plain(7), sender='b@harbour.example', recipients=('copy@harbour.example',), queue_id='OUT', login='anna') # on its way out too
        wait_for(lambda: len(sink.mails) >= 6, 30)
        self.assertEqual({text for _, _, text in sink.mails[4:]}, {mta.plain(7)})

    KEEP = 'policies:\n' + POLICY.format('take-off', 'take-off', 'active') + '    keep_original: yes\n' + POLICY.format('tag', 'tag', 'active') + \
           POLICY.format('junk', 'junk', 'active') + POLICY.format('hold', 'hold', 'active') + \
           POLICY.format('passive', 'tag', 'passive') + '    keep_original: yes\n'

    def held(self, one, *words, status=0):
        done = subprocess.run([mta.PROGRAM, 'held', *words, '--config', one.config], capture_output=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_what_is_changed_can_be_had_back_as_it_came(self):
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        one, door = self.serve(more=self.KEEP, release_to=f'127.0.0.1:{sink.port}'), self.connected()
        text = self.case('html-smuggling')
        edits = [door.mail(text, recipients=('take-off@harbour.example',), queue_id=f'KEEP{again}') for again in range(2)]
        self.assertEqual([('b' in names(one), '-' in names(one), end) for one, end in edits], [(True, False, ('c', b''))] * 2)
        line = self.decision(one, 'KEEP0')
        self.assertEqual((line['fate'], line['acts'], line['original_kept_for']), ('delivered', 'take-off', 1))
        id = line['id']
        self.assertEqual(self.states(one, id), [('take-off@harbour.example', False, 'kept')])
        self.assertEqual(self.held(one, 'list'), b'') # nothing waits for anybody
        self.assertEqual([row.split()[:2] for row in self.held(one, 'list', '--state', 'kept').splitlines()], [[b'kept', id.encode()]])
        self.assertEqual(self.held(one, 'export', id), text)
        self.held(one, 'release', id, status=2) # by that word alone, not by a script that tries again
        self.held(one, 'release', '--original', id)
        wait_for(lambda: sink.mails, 30)
        self.assertEqual(sink.mails, [('a@shop.example', ['take-off@harbour.example'], text)])
        wait_for(lambda: self.states(one, id) == [('take-off@harbour.example', False, 'delivered')])
        self.held(one, 'release', '--original', id, status=2)
        self.assertEqual(names(door.mail(text, recipients=('take-off@harbour.example',), queue_id='LATE')[0]), names(edits[0][0])) # as the first time

    def test_originals_are_kept_where_something_is_changed_and_leave_by_themselves(self):
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        one, door = self.serve(more=self.KEEP, release_to=f'127.0.0.1:{sink.port}'), self.connected()
        for number, name in enumerate(('tag', 'junk', 'passive')): # no policy keeps it; nothing is changed
            door.mail(mta.plain(number), recipients=(f'{name}@harbour.example',), queue_id=name)
            self.assertNotIn('original_kept_for', self.decision(one, name))
        door.mail(BOTH, recipients=('take-off@harbour.example',), queue_id='NONE') # evidence names no file
        self.assertNotIn('original_kept_for', self.decision(one, 'NONE'))
        text = self.case('html-smuggling', 7)
        door.mail(text, recipients=('hold@harbour.example', 'take-off@harbour.example', 'tag@harbour.example'), queue_id='MIXED')
        id = self.decision(one, 'MIXED')['id']
        wait_for(lambda: [state for _, _, state in self.states(one, id)].count('delivered') == 1, 30) # of two that are delivered one rides the answer
        self.assertIn(('take-off@harbour.example', False, 'kept'), self.states(one, id))
        for status in (0, 2):
            self.held(one, 'release', id, status=status) # what is held, and not what was taken off; said again neither
        wait_for(lambda: ('hold@harbour.example', False, 'delivered') in self.states(one, id), 30)
        self.assertIn(('take-off@harbour.example', False, 'kept'), self.states(one, id))
        self.assertEqual(self.held(one, 'export', id), text)
        self.held(one, 'delete', id)
        self.assertIn(('take-off@harbour.example', False, 'deleted'), self.states(one, id))

    def test_copies_without_a_way_out_are_refused_by_check_config(self):
        one = self.serve(more=self.COPY, release_to='127.0.0.1:9')
        check = lambda: subprocess.run([mta.PROGRAM, 'check-config', one.config], capture_output=True, text=True, check=False)
        self.assertEqual(check().returncode, 0, check().stdout + check().stderr)
        with open(one.config, encoding='utf-8') as f:
            text = f.read().replace('  release_to: 127.0.0.1:9\n', '')
        with open(one.config, 'w', encoding='utf-8') as f:
            f.write(text)
        self.assertIn('copies go by hold.release_to', check().stdout + check().stderr)

    def test_a_server_that_drops_nobody_has_it_held_for_all(self):
        one, door = self.serve(), self.client(actions=0x17)
        door.connect()
        self.assertEqual(door.mail(mta.plain(3), recipients=('reject@harbour.example', 'nobody@harbour.example'), queue_id='BOTH'), ([], ('d', b'')))
        action = self.report(one, 'BOTH')['actions'][0]
        self.assertEqual((action['action'], action['recipients']), ('hold', ['reject@harbour.example']))
        self.assertIn('Held instead', action['reason'])

    def test_passive_policies_change_nothing_and_are_told(self):
        one, door = self.serve(more=policies('passive')), self.connected()
        for act in ACTS:
            self.assertEqual(door.mail(BOTH, recipients=(f'{act}@harbour.example',), queue_id=act), ([], ('c', b'')), act)
            self.assertIn((act, 'passive', [f'{act}@harbour.example']), self.actions(one, act))
            self.assertEqual(self.outcome(one, act), ('delivered', ''))
        said = subprocess.run([mta.PROGRAM, 'explain', '--config', one.config, self.decision(one, 'junk')['id']], capture_output=True, text=True, check=False)
        self.assertIn('Policy junk is passive', said.stdout + said.stderr)
        again = subprocess.run([mta.PROGRAM, 'explain', '--json', '--config', one.config, self.decision(one, 'junk')['id']], capture_output=True, text=True, check=False)
        self.assertEqual(json.loads(again.stdout)['actions'], self.report(one, 'junk')['actions'])

    def test_one_body_serves_all(self):
        one, door = self.serve(more=policies().replace('people: [banner@harbour.example]', 'people: [banner@harbour.example, b@hama.example]')), self.connected()
        edits, end = door.mail(mta.plain(1), recipients=('banner@harbour.example', 'b@hama.example', 'junk@harbour.example'), queue_id='ALL')
        self.assertEqual(end, ('c', b''))
        self.assertIn('h X-Sekimori-Junk', names(edits))
        body = b''.join(body for letter, body in edits if letter == 'b')
        fields = b''.join(b'%s:%s\r\n' % tuple(body[4 if letter == 'm' else 0:].split(b'\0')[:2]) for letter, body in edits if letter in 'hm')
        text = message_from_bytes(fields + b'\r\n' + body, policy=email_policy.default).get_content()
        self.assertIn('signs of fraud', text)
        self.assertIn('不審な点', text)
        self.assertEqual(self.outcome(one, 'ALL'), ('delivered', 'banner junk'))

    def test_mail_on_its_way_out_is_not_edited(self):
        one, door = self.serve(), self.connected()
        self.assertEqual(door.mail(mta.plain(1), recipients=('banner@harbour.example', 'headers@harbour.example'), queue_id='OUT', login='anna'), ([], ('c', b'')))
        for action in self.report(one, 'OUT')['actions']:
            if action['mode'] == 'active':
                self.assertIn('on its way out', action['reason'])
        self.assertEqual(door.mail(mta.plain(2), sender='b@harbour.example', recipients=('hold@harbour.example',), queue_id='OUTHOLD', login='anna'), ([], ('d', b'')))

    def test_a_server_that_replaces_no_body_gets_the_message_as_it_came(self):
        one, door = self.serve(more=policies() + self.keys()), self.client(actions=0x11)
        door.connect()
        self.assertEqual(door.mail(mta.plain(1), recipients=('banner@harbour.example',)), ([], ('c', b'')))
        self.assertIn('replacing the body', wait_for(lambda: one.events('not-edited'))[0]['text'])
        edits, _ = door.mail(mta.plain(2), recipients=('tag@harbour.example',)) # what it can do it does
        self.assertEqual(names(edits), ['m1 Subject', 'h X-Sekimori-Seal'])

    def test_what_is_signed_is_not_touched_and_the_report_says_so(self):
        one, door = self.serve(), self.connected()
        text = b'From: a@shop.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=x; protocol="application/pgp-signature"\r\n\r\n--x\r\n\r\nHello\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--x--\r\n'
        self.assertEqual(door.mail(text, recipients=('banner@harbour.example',), queue_id='SIGNED'), ([], ('c', b'')))
        self.assertIn('No banner was set', [a['reason'] for a in self.report(one, 'SIGNED')['actions'] if a['action'] == 'banner' and a['mode'] == 'active'][0])

    def test_the_mode_of_an_organisation_does_what_it_says(self):
        one, door = self.serve(more=''), self.connected()
        self.assertEqual(door.mail(mta.plain(1), queue_id='PASSIVE'), ([], ('c', b'')))
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    mode: active\n')
        door = self.connected()
        edits, end = door.mail(mta.plain(2), queue_id='ACTIVE')
        self.assertTrue({'m1 Subject', 'b'} <= set(names(edits)), names(edits))
        self.assertEqual((end, self.outcome(one, 'ACTIVE')), (('c', b''), ('delivered', 'tag banner')))

    def case(self, name, number=0):
        with open(f'{mta.TOP}/tests/cases/{name}/message.eml', 'rb') as f:
            text = f.read().replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        return re.sub(rb'(?mi)^Message-ID:[^\r\n]*', b'Message-ID: <%d@shop.example>' % number, text)

    def test_files_that_evidence_names_are_taken_off_or_renamed(self):
        one, door = self.serve(more=policies() + self.keys()), self.connected()
        for act, words in (('take-off', 'was taken off this message'), ('rename', 'attachment-')):
            text = self.case('html-smuggling')
            edits, end = door.mail(text, recipients=(f'{act}@harbour.example',), queue_id=act)
            after, before = self.applied(text, edits), message_from_bytes(text, policy=email_policy.default)
            self.assertEqual(end, ('c', b''))
            files = [part.get_filename() for part in before.walk() if part.get_filename()]
            left = [part.get_filename() for part in after.walk() if part.get_filename()]
            self.assertTrue(files and not set(files) <= set(left), (files, left))
            self.assertIn(words, after.as_string() if act == 'rename' else ' '.join(part.get_content() for part in after.walk() if part.get_content_type() == 'text/plain'))
        edits, _ = door.mail(BOTH, recipients=('take-off@harbour.example',), queue_id='NONE') # near miss: evidence names no file
        self.assertEqual([letter for letter, _ in edits], ['h']) # our seal
        self.assertIn('names no file', [a['reason'] for a in self.report(one, 'NONE')['actions'] if a['action'] == 'take-off'][0])

    def applied(self, text, edits):
        return message_from_bytes(self.made(text, edits), policy=email_policy.default)

    def made(self, text, edits):
        """The message as a mail server makes it: fields counted by name, the highest first."""
        head, _, body = text.partition(b'\r\n\r\n')
        fields = re.split(rb'\r\n(?![ \t])', head)
        for letter, data in edits:
            index = struct.unpack('>I', data[:4])[0] if letter in 'mi' else 0
            name, value = data[4 if letter in 'mi' else 0:].split(b'\0')[:2] if letter in 'him' else (b'', b'')
            line = name + b':' + value.replace(b'\n', b'\r\n')
            if letter == 'm':
                at = [i for i, field in enumerate(fields) if field.split(b':')[0].lower() == name.lower()][index - 1]
                fields[at:at + 1] = [line] if value else []
            elif letter in 'hi':
                fields.insert(len(fields) if letter == 'h' else index, line)
        new = b''.join(data for letter, data in edits if letter == 'b')
        return b'\r\n'.join(fields) + b'\r\n\r\n' + (new or body)

    def test_the_seal_is_of_the_name_that_a_file_without_a_text_gets(self):
        self.serve(more=policies() + self.keys())
        whole = message_from_bytes(self.case('html-smuggling', 9), policy=email_policy.default)
        file = next(part for part in whole.walk() if part.get_filename())
        head = b''.join(b'%s: %s\r\n' % (name.encode(), str(whole[name]).encode()) for name in ('From', 'To', 'Subject', 'Date', 'Message-ID'))
        text = head + b'MIME-Version: 1.0\r\n' + file.as_bytes().replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        edits, _ = self.connected().mail(text, recipients=('rename@harbour.example',), queue_id='ALONE')
        self.assertNotIn('b', [letter for letter, _ in edits]) # its fields alone
        raw = self.made(text, edits)
        self.assertIn(b'.blocked', raw)
        self.assertIn('ours, and unchanged since', self.sealed(raw))

    def pages(self):
        self.page_port = mta.free_port()
        return f'  - name: pages\n    kind: links\n    address: 127.0.0.1:{self.page_port}\n'

    def page(self, address):
        path = address.partition('/links')[2]
        connection = http.client.HTTPConnection('127.0.0.1', self.page_port, timeout=30)
        connection.request('GET', path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    LOCKS = 'links:\n  base_url: https://mail.harbour.example/links\n'

    def test_links_that_evidence_names_are_locked_and_no_others(self):
        subprocess.run([mta.PROGRAM, 'key', 'make', 'token', '--keys', os.path.join(self.folder, 'keys')], capture_output=True, check=True)
        one, door = self.serve(listener=self.listener() + self.pages(), more=policies(acts=['lock', 'double-lock']) + self.LOCKS + self.keys()), self.connected()
        hrefs = lambda m: re.findall(r'(?:href="|[\s(])(https?://[^\s"<>)]*)', ' '.join(part.get_content() for part in m.walk() if part.get_content_maintype() == 'text'))
        for number, act in enumerate(('lock', 'double-lock')):
            text = self.case('ja-bank', number)
            edits, end = door.mail(text, recipients=(f'{act}@harbour.example',), queue_id=act)
            before, after = hrefs(message_from_bytes(text, policy=email_policy.default)), hrefs(self.applied(text, edits))
            gone = [link for link in before if link not in after]
            ours = [link for link in after if link.startswith(f'https://mail.harbour.example/links/{act}/')]
            self.assertEqual((end, len(before), len(ours) > 0), (('c', b''), len(after), True), (before, after))
            self.assertTrue(all(len(link) > 100 for link in ours), ours) # a token
            self.assertEqual([link for link in after if link not in ours], [link for link in before if link not in gone])
            self.assertEqual(self.outcome(one, act), ('delivered', act))
            status, page = self.page(ours[0]) # it knows the record, and tells where the link leads
            self.assertEqual((status, re.sub('^https?://([^/]*).*', r'\1', gone[0]) in page), (200, True), page)
        edits, _ = door.mail(BOTH, recipients=('lock@harbour.example',), queue_id='NONE')
        self.assertEqual([letter for letter, _ in edits], ['h'])
        self.assertIn('names no link', [a['reason'] for a in self.report(one, 'NONE')['actions'] if a['action'] == 'lock'][0])

    def test_links_are_locked_where_nobody_gives_a_pass(self):
        one, door = self.serve(listener=self.listener() + self.pages(), more=policies(acts=['lock']) + self.LOCKS), self.connected()
        text = self.case('ja-bank')
        edits, end = door.mail(text, recipients=('lock@harbour.example',), queue_id='LOCK')
        self.assertIn('https://mail.harbour.example/links/lock/none', str(self.applied(text, edits).get_content() if not self.applied(text, edits).is_multipart() else
                                                                            [p.get_content() for p in self.applied(text, edits).walk() if p.get_content_maintype() == 'text']))
        self.assertIn('Locked for good', [a['reason'] for a in self.report(one, 'LOCK')['actions'] if a['action'] == 'lock'][0])

    def test_replay_takes_what_is_held_as_it_came(self):
        """Behind it lie copies that were edited; where these alone lie there, it is not held."""
        one, door, other = self.serve(release_to='127.0.0.1:1'), self.connected(), os.path.join(self.folder, 'other.conf')
        door.mail(BOTH, recipients=[f'{name}@harbour.example' for name in ('nobody', 'banner', 'hold')], queue_id='SOME')
        door.mail(BOTH.replace(b'<both@', b'<none@'), recipients=[f'{name}@harbour.example' for name in ('nobody', 'banner')], queue_id='EDITED')
        with open(one.config, encoding='utf-8') as f, open(other, 'w', encoding='utf-8') as to:
            to.write(f.read().replace('domains: [harbour.example]', 'domains: [harbour.example]\n    partners: [partner.example]'))
        done = subprocess.run([mta.PROGRAM, 'replay', '--json', '--all', '--store', one.folder + '/store.db', '--conf', other], capture_output=True, text=True, check=False)
        told = {row['id']: row for row in map(json.loads, done.stdout.splitlines())}
        was = self.report(one, 'SOME')
        anew = told[was['id']]
        self.assertEqual((anew['size'], anew['message'], anew['content']), (len(BOTH), was['message'], was['content']))
        self.assertNotEqual(anew['generation'], was['generation'])
        self.assertIn('1 were judged anew by their held bytes', done.stderr)

    def test_by_http_the_report_tells_what_the_caller_is_to_do(self):
        one = self.serve()
        status, body, _ = one.post(mta.plain(1), Rcpt_To='junk@harbour.example')
        self.assertEqual((status, json.loads(body)['actions'][0]['action']), (200, 'junk'))


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Postfix(ActionCase, mta.Postfix):
    """Only what stands here: the other tests with Postfix are mta.py's."""

    def deliver(self, post, act, text, count=1):
        self.smtp(post.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234).sendmail('a@shop.example', [f'{act}@harbour.example'], text)
        wait_for(lambda: len(post.sink.mails) >= count, 30)
        return post.sink.mails[count - 1][2]

    def test_each_act_is_seen_in_what_is_delivered(self):
        one = self.serve(more=policies() + self.keys() + 'trust:\n  own_authserv: mx.harbour.example\n')
        post, count = self.post(), 0
        seen = {}
        forged = b'Authentication-Results: mx.harbour.example; spf=pass\r\nX-One: 1\r\nX-Spam-Flag: NO\r\nAuthentication-Results: other.example; spf=pass\r\n' \
                 b'X-Two: 2\r\nX-Spam-Flag: NO\r\nAUTHENTICATION-RESULTS: (c) mx.harbour.example;\r\n dkim=pass\r\nX-Sekimori: clean\r\n'
        for act in ('nobody', 'tag', 'banner', 'junk', 'headers'):
            count += 1
            raw = self.deliver(post, act, forged + BOTH.replace(b'<both@', b'<%s@' % act.encode()), count)
            seen[act] = message_from_bytes(raw, policy=email_policy.default)
            self.assertIn('ours, and unchanged since', self.sealed(raw), act)
            self.assertIsNone(seen[act]['X-Sekimori'] if act != 'headers' else None)
            self.assertEqual((seen[act]['X-One'], seen[act]['X-Two']), ('1', '2'))
        same = ('tag', 'junk', 'headers')
        plain = lambda m: m.get_body(('plain',)).get_content().replace('\r\n', '\n')
        html = lambda m: m.get_body(('html',)).get_content()
        for act in same:
            self.assertEqual((plain(seen[act]), html(seen[act])), (plain(seen['nobody']), html(seen['nobody'])), act)
        self.assertEqual([seen[act]['Subject'] for act in ('nobody', 'tag', 'junk')], ['Hello', '[Suspicious] Hello', 'Hello'])
        self.assertEqual([seen[act]['X-Sekimori-Junk'] for act in ('nobody', 'junk')], [None, 'yes'])
        self.assertEqual([seen['headers'].get_all('X-Spam-Flag'), seen['nobody'].get_all('X-Spam-Flag')], [['YES'], ['NO', 'NO']])
        self.assertTrue(seen['headers']['X-Sekimori'].startswith('suspicious; score='))
        results = [str(value) for value in seen['headers'].get_all('Authentication-Results')]
        self.assertEqual(len([r for r in results if r.startswith('mx.harbour.example')]), 1, results)
        self.assertNotIn('pass', results[0]) # ours stands on top, and the forged ones are gone
        self.assertEqual(results[1], 'other.example; spf=pass')
        banner = 'Caution: this message shows signs of fraud.'
        self.assertIn(banner, plain(seen['banner']))
        self.assertIn(banner, re.sub('<[^>]*>', '', html(seen['banner'])))
        self.assertIn('Grüße an alle, \ndie hier lesen.\n-- \nAnna', plain(seen['banner']))
        self.assertIn('href="https://shop.example/all?x=1&amp;y=2"', html(seen['banner']))
        self.assertEqual(seen['banner'].get_body(('plain',))['Content-Type'].params['format'], 'flowed')
        self.assertEqual(seen['banner'].get_body(('plain',)).get_content_charset(), 'utf-8')

    def test_a_refused_and_a_held_message_are_not_delivered(self):
        one, post = self.serve(), self.post()
        with self.assertRaises(mta.smtplib.SMTPException) as refused:
            self.deliver(post, 'reject', mta.plain(1))
        self.assertIn('550', str(refused.exception))
        self.smtp(post.port).sendmail('a@shop.example', ['hold@harbour.example'], mta.plain(2))
        self.assertEqual(len(self.decided(one, 2)), 2)
        self.deliver(post, 'nobody', mta.plain(3))
        self.assertEqual([message_from_bytes(m[2])['Message-ID'] for m in post.sink.mails], ['<3@shop.example>'])
        self.assertEqual(len([f for f in glob.glob(self.folder + '/hold/**', recursive=True) if os.path.isfile(f)]), 1)
        self.smtp(post.port).sendmail('a@shop.example', [f'{name}@harbour.example' for name in ('hold', 'nobody', 'reject', 'junk')], mta.plain(4)) # some of each
        self.deliver(post, 'nobody', mta.plain(5), 3)
        mixed = [(people, message_from_bytes(text)['X-Sekimori-Junk']) for _, people, text in post.sink.mails if b'<4@shop.example>' in text]
        self.assertEqual(sorted((person, junk) for people, junk in mixed for person in people), [('junk@harbour.example', 'yes'), ('nobody@harbour.example', 'yes')])


    def test_a_copy_arrives_beside_what_is_delivered(self):
        release = mta.free_port()
        one, post = self.serve(more=Client.COPY, release_to=f'127.0.0.1:{release}'), self.post(services=RELEASE.format(port=release))
        self.smtp(post.port).sendmail('a@shop.example', ['copy@harbour.example'], BOTH)
        wait_for(lambda: len(post.sink.mails) >= 3, 40)
        got = {person: (sender, text) for sender, to, text in post.sink.mails for person in to}
        self.assertEqual(sorted(got), ['copy@harbour.example', 'hold@harbour.example', 'soc@other.example'])
        without = lambda text: re.sub(rb'^(?:(?:Received|Return-Path|Delivered-To):[^\n]*\n(?:[ \t][^\n]*\n)*)*', b'', text)
        self.assertEqual(without(got['soc@other.example'][1]).split(b'\r\n\r\n', 1)[1], BOTH.split(b'\r\n\r\n', 1)[1])
        self.assertIn(b'Subject: Hello\r\n', got['soc@other.example'][1])
        self.assertEqual(got['soc@other.example'][0], '') # nobody outside is told where it cannot be delivered
        for word in (b'soc@', b'X-Sekimori', b'copy_to'):
            self.assertNotIn(word, got['copy@harbour.example'][1])
        self.assertEqual((len(one.events('decided')), len(post.sink.mails)), (1, 3))

    def test_each_recipient_gets_the_copy_that_is_meant(self):
        release = mta.free_port()
        one, post = self.serve(release_to=f'127.0.0.1:{release}'), self.post(services=RELEASE.format(port=release))
        people = [f'{name}@harbour.example' for name in ('nobody', 'banner', 'junk', 'hold', 'tag', 'reject')]
        self.smtp(post.port).sendmail('a@shop.example', people, BOTH)
        wait_for(lambda: sum(len(to) for _, to, _ in post.sink.mails) >= 4, 40)
        got = {person: message_from_bytes(text, policy=email_policy.default) for _, to, text in post.sink.mails for person in to}
        self.assertEqual(sorted(got), sorted(people[i] for i in (0, 1, 2, 4)))
        self.assertEqual({person: (m['Subject'], m['X-Sekimori-Junk'], 'signs of fraud' in m.get_body(('plain',)).get_content()) for person, m in got.items()},
                         {people[0]: ('Hello', None, False), people[1]: ('Hello', None, True), people[2]: ('Hello', 'yes', False), people[4]: ('[Suspicious] Hello', None, False)})
        self.assertEqual(sum(len(to) for _, to, _ in post.sink.mails), 4)
        self.assertEqual(len(one.events('decided')), 1) # none was judged twice

    def arc(self, rotate=True):
        """A key for ARC, a zone with its record, and the lines of a configuration that uses them."""
        keys, zone = os.path.join(self.folder, 'keys'), os.path.join(self.folder, 'zone')
        key = lambda *words: subprocess.run([mta.PROGRAM, 'key', *words, '--keys', keys], capture_output=True, text=True, check=True).stdout
        record = next(line for line in key('make', 'arc', '--domain', 'harbour.example', '--selector', 'arc1').splitlines() if ' TXT ' in line)
        if rotate:
            key('rotate', 'arc', '--domain', 'harbour.example')
        with open(zone, 'w', encoding='utf-8') as f:
            f.write(f'$TTL 300\n{record}\n')
        return zone, f'keys:\n  folder: {keys}\ntrust:\n  own_authserv: mx.harbour.example\narc:\n  domain: harbour.example\n  selector: arc1\n'

    def proved(self, zone, text):
        path = os.path.join(self.folder, 'delivered.eml')
        with open(path, 'wb') as f:
            f.write(text)
        return json.loads(subprocess.run([mta.PROGRAM, 'scan', '--json', '--zone', zone, path], capture_output=True, text=True, check=False).stdout)['auth']['arc']

    @unittest.skipUnless(HAS_DKIM, 'wants the package python3-dkim')
    def test_another_verifier_says_the_same(self):
        zone, more = self.arc()
        self.serve(more=policies() + more, dns=f'zone: {zone}')
        post, text = self.post(), BOTH
        with open(zone, encoding='utf-8') as f:
            record = ''.join(re.findall('"([^"]*)"', f.read()))
        says = lambda mail: subprocess.run([*VERIFY, record], input=mail, capture_output=True, check=True).stdout.decode().strip()
        for count, act in ((1, 'banner'), (2, 'tag')):
            text = self.deliver(post, act, text.replace(b'X-Sekimori', b'X-Was'), count)
            self.assertEqual(says(text), 'pass')
            self.assertIn(b'i=%d;' % count, text)
            self.assertEqual(says(text.replace(b'hier', b'HIER')), 'fail')

    def test_what_is_edited_bears_an_arc_set_that_verifies(self):
        zone, more = self.arc()
        self.serve(more=policies() + more, dns=f'zone: {zone}')
        post, count, got = self.post(), 0, {}
        for act in ('nobody', 'junk', 'headers', 'tag', 'banner'):
            count += 1
            got[act] = self.deliver(post, act, BOTH.replace(b'<both@', b'<%s@' % act.encode()), count)
        for act in ('nobody', 'junk', 'headers'): # near misses: nothing that was signed is changed
            self.assertNotIn(b'ARC-', got[act], act)
        for act in ('tag', 'banner'):
            self.assertEqual(self.proved(zone, got[act])['result'], 'pass', got[act])
            self.assertLess(got[act].index(b'\nARC-Message-Signature:'), got[act].index(b'\nARC-Authentication-Results: i=1; mx.harbour.example;'))
            self.assertRegex(got[act].replace(b'\r\n', b'\n'), rb'ARC-Seal: a=rsa-sha256;\n b=[A-Za-z0-9+/=]+; cv=none; d=harbour.example; i=1; s=arc1; t=')
            self.assertEqual(self.proved(zone, got[act].replace(b'hier', b'HIER'))['result'], 'fail')
            self.assertEqual(self.proved(zone, got[act].replace(b'Hello', b'Hullo'))['result'], 'fail')
        arrives = lambda text: self.deliver(post, 'tag', text.replace(b'X-Sekimori', b'X-Was'), count)
        count += 1
        on = arrives(got['banner']) # a chain that holds is gone on with
        self.assertIn(b'ARC-Authentication-Results: i=2; mx.harbour.example;', on)
        self.assertIn(b'arc=pass', on)
        self.assertIn(b'cv=pass; d=harbour.example; i=2;', on)
        self.assertEqual(self.proved(zone, on)['result'], 'pass')
        count += 1
        broken = arrives(on.replace(b'[Suspicious] Hello', b'Hullo')) # what does not hold is said to be so, once
        self.assertIn(b'cv=fail; d=harbour.example; i=3;', broken)
        self.assertIn(b'arc=fail', broken)
        self.assertEqual(self.proved(zone, broken)['result'], 'fail')
        count += 1
        again = arrives(broken.replace(b'[Suspicious] ', b''))
        self.assertNotIn(b'i=4;', again)
        count += 1
        odd = arrives(b'ARC-Seal: nonsense\r\n' + BOTH.replace(b'<both@', b'<odd@')) # nobody can tell which number would be next
        self.assertIn(b'[Suspicious]', odd)
        self.assertNotIn(b'ARC-Message-Signature', odd)

    def test_each_copy_bears_a_set_of_its_own(self):
        zone, more = self.arc()
        release = mta.free_port()
        self.serve(more=policies() + more, dns=f'zone: {zone}', release_to=f'127.0.0.1:{release}')
        post = self.post(services=RELEASE.format(port=release))
        self.smtp(post.port).sendmail('a@shop.example', [f'{name}@harbour.example' for name in ('nobody', 'banner', 'tag')], BOTH)
        wait_for(lambda: sum(len(to) for _, to, _ in post.sink.mails) >= 3, 40)
        got = {to[0]: text for _, to, text in post.sink.mails}
        self.assertNotIn(b'ARC-', got['nobody@harbour.example'])
        for name in ('banner', 'tag'):
            self.assertEqual(self.proved(zone, got[f'{name}@harbour.example'])['result'], 'pass', name)

    def test_without_its_key_a_message_goes_without_the_set(self):
        zone, more = self.arc(rotate=False)
        one = self.serve(more=policies() + more, dns=f'zone: {zone}')
        post = self.post()
        for n in (1, 2):
            text = self.deliver(post, 'tag', mta.plain(n), n)
            self.assertIn(b'[Suspicious]', text)
            self.assertNotIn(b'ARC-', text)
        self.assertEqual(len(one.events('no-arc-key')), 1)
        check = subprocess.run([mta.PROGRAM, 'check-config', one.config], capture_output=True, text=True, check=False)
        self.assertIn('arc.selector: no rsa-sha256 key in use for selector arc1 of harbour.example', check.stderr)

    def test_a_signer_that_is_silent_costs_the_set_and_not_the_message(self):
        zone, more = self.arc()
        one = self.serve(more=policies() + more, dns=f'zone: {zone}')
        post, signer = self.post(), one.pids('signer')[0]
        os.kill(signer, signal.SIGSTOP)
        try:
            for n in (1, 2):
                text = self.deliver(post, 'tag', mta.plain(n), n)
                self.assertIn(b'[Suspicious]', text)
                self.assertNotIn(b'ARC-', text)
        finally:
            os.kill(signer, signal.SIGCONT)
        wait_for(lambda: b'ARC-Seal' in self.deliver(post, 'tag', mta.plain(len(post.sink.mails) + 1), len(post.sink.mails) + 1))
        os.kill(one.pids('signer')[0], signal.SIGKILL)
        wait_for(lambda: b'ARC-Seal' in self.deliver(post, 'tag', mta.plain(len(post.sink.mails) + 1), len(post.sink.mails) + 1))


for inherited in [name for name in dir(mta.Postfix) if name.startswith('test_')]:
    setattr(Postfix, inherited, None)

if __name__ == '__main__':
    mta.PROGRAM, mta.FAULTY = (os.path.abspath(path) for path in sys.argv[1:3])
    service.PROGRAM, service.FAULTY = mta.PROGRAM, mta.FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
