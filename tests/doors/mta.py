#!/usr/bin/env python3
"""The milter door: before a real Postfix of its own, and before a client that does what no Postfix does.

usage: tests/doors/mta.py SEKIMORI FAULTY SIGN_MESSAGE [TEST]...    wants root and the package postfix for the tests with Postfix
"""
import glob, json, os, shutil, signal, smtplib, socket, struct, subprocess, sys, tempfile, threading, time, unittest
from email import message_from_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import milter, postfix, service
from milter import Milter, frame, macros
from service import Service, free_port, wait_for

PROGRAM = FAULTY = SIGN = ''
HAS_POSTFIX = shutil.which('postfix', path='/usr/sbin:/usr/bin') and os.geteuid() == 0
PLAIN = b'From: a@shop.example\r\nTo: b@harbour.example\r\nMessage-ID: <%d@shop.example>\r\nSubject: %d\r\n\r\nHello %d\r\n'


def plain(number):
    return PLAIN % (number, number, number)


class DoorCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='sekimori-mta-')
        self.addCleanup(folder.cleanup)
        self.folder, self.port = folder.name, free_port()
        os.chmod(self.folder, 0o755)
        self.address = ('127.0.0.1', self.port)

    def listener(self, name='inbound', address=None, direction='inbound'):
        return f'  - name: {name}\n    kind: milter\n    address: {address or "127.0.0.1:%d" % self.port}\n    direction: {direction}\n'

    def serve(self, **settings):
        home = os.path.join(self.folder, 'service')
        os.makedirs(home, exist_ok=True)
        settings.setdefault('listener', self.listener())
        one = Service(home, **settings)
        self.addCleanup(lambda: self.end(one))
        return one

    end = service.end

    def client(self, address=None, **options):
        one = Milter(address or self.address, **options)
        self.addCleanup(one.close)
        return one

    def connected(self, **who):
        one = self.client()
        one.connect(**who)
        return one

    def decision(self, one, queue_id):
        return wait_for(lambda: [line for line in one.events('decided') + one.events('unjudged') if line.get('queue_id') == queue_id])[0]

    def report(self, one, queue_id):
        status, body, _ = one.get('/v1/messages/' + self.decision(one, queue_id)['id'])
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def faults(self, one, count):
        return wait_for(lambda: [line['text'] for line in one.events('milter-fault')][count - 1:] and [line['text'] for line in one.events('milter-fault')])

    def configured(self, one, old, new):
        with open(one.config, encoding='utf-8') as f:
            text = f.read()
        self.assertIn(old, text)
        with open(one.config, 'w', encoding='utf-8') as f:
            f.write(text.replace(old, new))
        reloads = len(one.events('reloaded'))
        one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(one.events('reloaded')) > reloads)


class Client(DoorCase):
    """A client of our own."""

    def test_what_the_mail_server_tells_stands_in_the_record(self):
        one, door = self.serve(), self.client()
        self.assertEqual(door.version, 6)
        door.connect(helo='helo.shop.example', tls={'tls_version': 'TLSv1.3', 'cert_subject': 'mail.shop.example'})
        self.assertEqual(door.mail(plain(1), recipients=('b@harbour.example', 'c@harbour.example'), params=('SIZE=100', 'BODY=8BITMIME'), login='anna'),
                         ([], ('c', b'')))
        envelope = self.report(one, 'AB12')['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['mail_from'], envelope['mail_params'], envelope['login'],
                          envelope['listener'], envelope['queue_id']),
                         ('192.0.2.7', 'mail.shop.example', 'helo.shop.example', 'a@shop.example', 'SIZE=100 BODY=8BITMIME', 'anna', 'inbound', 'AB12'))
        self.assertEqual([r['address'] for r in envelope['rcpt_to']], ['b@harbour.example', 'c@harbour.example'])
        self.assertEqual(envelope['tls'], {'version': 'TLSv1.3', 'cert_subject': 'mail.shop.example', 'cert_verified': True})
        self.assertEqual(envelope['direction'], 'submission') # for there was a login
        self.assertEqual(self.decision(one, 'AB12')['size'], len(plain(1)))

    def test_a_connection_is_used_again_and_nothing_leaks_into_the_next_mail(self):
        one, door = self.serve(), self.connected(tls={'tls_version': 'TLSv1.3'})
        door.mail(plain(1), queue_id='ONE', login='anna')
        list(map(lambda said: door.send(said[1]), list(door.frames(plain(2), login='berta'))[:5])) # and goes no further
        door.send(frame('A'))
        door.mail(plain(3), sender='', queue_id='THREE')
        self.assertIsNone(self.report(one, 'THREE')['envelope']['login'])
        self.assertEqual(self.report(one, 'ONE')['envelope']['tls']['version'], 'TLSv1.3')
        door.send(frame('K'))
        door.connect(helo='other.example', name='[198.51.100.9]', address='198.51.100.9')
        door.mail(plain(4), queue_id='FOUR')
        envelope = self.report(one, 'FOUR')['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['direction']), ('198.51.100.9', None, 'other.example', 'inbound'))
        self.assertIsNone(envelope['tls'] and envelope['tls']['version'])
        self.assertEqual(len(one.events('decided')), 3)

    def test_pipelined_messages_are_answered_in_their_order(self):
        one, door = self.serve(), self.connected()
        door.steps |= milter.SILENT['B'] # nothing is waited for
        door.send(b''.join(said for i in range(5) for _, said in door.frames(b''.join(plain(i).split(b'Hello')[:1]), queue_id=f'Q{i}')))
        self.assertEqual([door.end() for _ in range(5)], [([], ('c', b''))] * 5)
        self.assertEqual([line['queue_id'] for line in one.events('decided')], [f'Q{i}' for i in range(5)])

    def test_an_older_server_is_answered_each_word(self):
        one, door = self.serve(), self.client(version=2, actions=0x3f, steps=0x7f)
        self.assertEqual((door.version, door.steps), (2, 0))
        for letter, body in (('C', milter.client()[5:]), ('H', b'x\0'), ('M', b'<a@shop.example>\0'), ('R', b'<b@harbour.example>\0'), ('L', b'From\0a@shop.example\0'),
                             ('L', b'Subject\0two\n lines\0'), ('N', b''), ('B', b'Hello\r\n')):
            self.assertEqual(door.say(letter, body), ('c', b''), letter)
        door.send(macros('E', i='OLD') + frame('E'))
        self.assertEqual(door.end(), ([], ('c', b'')))
        self.assertEqual(self.decision(one, 'OLD')['size'], len(b'From: a@shop.example\r\nSubject: two\r\n lines\r\n\r\nHello\r\n'))

    def test_seals_of_others_go_and_ours_comes(self):
        keys = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([PROGRAM, 'key', 'make', 'seal', '--keys', keys], capture_output=True, check=False).returncode, 0)
        self.serve(more=f'keys:\n  folder: {keys}')
        door = self.connected()
        edits, end = door.mail(b'X-Sekimori-Seal: a\r\nX-Sekimori: unjudged\r\nx-sekimori-seal: b\r\n' + plain(1))
        self.assertEqual(end, ('c', b''))
        self.assertEqual([body for letter, body in edits if letter == 'm'], [b'\0\0\0\1X-Sekimori\0\0', b'\0\0\0\2X-Sekimori-Seal\0\0', b'\0\0\0\1X-Sekimori-Seal\0\0'])
        added = [body for letter, body in edits if letter == 'h']
        self.assertEqual(len(added), 1)
        self.assertRegex(added[0], rb'^X-Sekimori-Seal\0 v=1; k=[a-z0-9]+; r=[a-z0-9]+; .*\0$')

    def test_faults_close_their_connection_and_no_other(self):
        one, good = self.serve(), self.connected()
        bad = [b'GET / HTTP/1.1\r\n\r\n', frame('?'), frame('H', b'x\0'), frame('O', b'\0\0\0\1' + b'\0' * 8), b'\0\0\0\0',
               frame('O', struct.pack('>III', 6, 0, 0)) + frame('C', b'x'), frame('O', struct.pack('>III', 6, 0, 0)) + frame('E'),
               frame('O', struct.pack('>III', 6, 0, 0)) + milter.client() + frame('M', b'<a@b>\0') + frame('B', b'x')]
        for number, data in enumerate(bad, 1):
            door = self.client(version=0)
            door.send(data)
            while door.read()[0]:
                pass
            self.faults(one, number)
        said = self.faults(one, len(bad))
        for words, text in zip(('is it a milter client', '0x3f', 'HELO after nothing', 'version 1', '0 bytes', 'CONNECT', 'MESSAGE_END after NEGOTIATE',
                                'BODY after MAIL'), said):
            self.assertIn(words, text)
        cut = self.client(version=0)
        cut.send(frame('O', struct.pack('>III', 6, 0, 0))[:9])
        cut.socket.shutdown(socket.SHUT_WR)
        self.assertIsNone(cut.read()[0])
        self.assertIn('middle of a frame', self.faults(one, len(bad) + 1)[-1])
        self.assertEqual(good.mail(plain(1)), ([], ('c', b'')))

    def test_slow_and_half_closed_clients_cost_no_one_else(self):
        one = self.serve(more='door:\n  request: 2 s\n  idle: 1 s')
        mute, half, slow, endless = self.client(version=0), self.connected(), self.connected(), self.connected()
        frames = b''.join(said for _, said in half.frames(plain(1), queue_id='HALF') if said)
        half.send(frames)
        half.socket.shutdown(socket.SHUT_WR) # it still takes its answer
        self.assertEqual([half.read()[0] for _ in range(2)], ['c', 'c']) # of its body, and the end
        slow.send(frame('M', b'<a@shop.example>\0')[:7])
        head = b''.join(said for letter, said in endless.frames(plain(2)) if letter in 'DMRLN')
        endless.send(head)
        ended = threading.Event()

        def pour():
            try:
                while endless.say('B', b'x' * 60000)[0] in ('c', 's'):
                    time.sleep(0.01)
            except OSError:
                pass
            ended.set()
        threading.Thread(target=pour, daemon=True).start()
        door, longest = self.connected(), 0
        for i in range(20):
            began = time.monotonic()
            self.assertEqual(door.mail(plain(10 + i))[1], ('c', b''))
            longest = max(longest, time.monotonic() - began)
        self.assertLess(longest, 3) # a machine that is busy with other tests too
        self.assertTrue(ended.wait(20))
        self.assertIsNone(mute.read()[0])
        self.assertIsNone(slow.read()[0])
        said = ' '.join(self.faults(one, 3))
        for words in ('a frame did not arrive whole', 'a message did not arrive whole', 'it says nothing'):
            self.assertIn(words, said)
        self.assertEqual(door.mail(plain(50))[1], ('c', b''))

    def test_a_thousand_connections_at_a_time(self):
        one = self.serve()
        service.resource.setrlimit(service.resource.RLIMIT_NOFILE, (4096, service.resource.getrlimit(service.resource.RLIMIT_NOFILE)[1]))
        doors = [self.connected() for _ in range(1000)]
        wait_for(lambda: one.metric('sekimori_connections{door="inbound"}') == 1000)
        for i, door in enumerate(doors):
            door.send(b''.join(said for letter, said in door.frames(plain(i), queue_id=f'Q{i}')))
        for door in doors:
            self.assertEqual(door.read(), ('c', b'')) # its body
            self.assertEqual(door.end()[1], ('c', b''))
        self.assertEqual(len({line['queue_id'] for line in one.events('decided')}), 1000)
        wait_for(lambda: one.metric('sekimori_messages_total{door="inbound",verdict="clean"}') == 1000)

    def test_what_is_too_large_is_not_asked_for_and_passes_marked(self):
        one, door = self.serve(more='limits:\n  message_bytes: 100 KiB'), self.connected()
        edits, end = door.mail(plain(1) + b'x' * 300000 + b'\r\n')
        self.assertEqual((edits, end), ([('h', b'X-Sekimori\0 unjudged\0')], ('c', b'')))
        self.assertEqual(door.mail(plain(2))[0], [])
        self.assertIn('larger than what is taken', one.events('unjudged')[0]['text'])

    def test_an_active_organisation_takes_nothing_unjudged(self):
        one = self.serve(program=FAULTY, more=f'limits:\n  message_bytes: 100 KiB\nhold:\n  folder: {self.folder}/hold')
        passed = self.connected()
        self.assertEqual(passed.mail(plain(5), queue_id='deadly')[1], ('c', b'')) # it was passed then, and lies nowhere
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    mode: active\n')
        door = self.connected()
        letter, body = door.mail(plain(1) + b'x' * 300000 + b'\r\n')[1]
        self.assertEqual((letter, body[:10]), ('y', b'552 5.3.4 '))
        self.assertEqual(door.mail(plain(2), queue_id='deadly')[1], ('d', b'')) # it lies in the hold
        self.assertEqual(door.mail(plain(2), queue_id='deadly')[1], ('d', b'')) # once
        self.assertEqual(door.mail(plain(5), queue_id='deadly')[1], ('d', b'')) # it passed once, and is held now
        self.assertEqual(len(glob.glob(self.folder + '/hold/**/*.zst', recursive=True) or glob.glob(self.folder + '/hold/*')), 2)

    def test_what_killed_two_judges_passes_marked_where_nothing_is_held(self):
        self.serve(program=FAULTY)
        door = self.connected()
        self.assertEqual(door.mail(plain(1), queue_id='deadly'), ([('h', b'X-Sekimori\0 unjudged\0')], ('c', b'')))
        self.assertEqual(door.mail(plain(2)), ([], ('c', b'')))

    def test_both_doors_at_once_share_the_judges(self):
        one = self.serve(program=FAULTY, judges=2)
        doors, answers = [self.connected() for _ in range(8)], []
        for i, door in enumerate(doors):
            threading.Thread(target=lambda i=i, door=door: [answers.append(door.mail(plain(100 * i + n), queue_id='once' if (i, n) == (0, 5) else 'Q')[1][0])
                                                            for n in range(20)], daemon=True).start()
        posted = [one.post(plain(10000 + n))[0] for n in range(60)]
        self.assertEqual(set(posted), {200})
        wait_for(lambda: len(answers) == 160, 60)
        self.assertEqual(set(answers), {'c'})
        wait_for(lambda: one.metric('sekimori_records') == 220, 20)

    def test_a_reload_changes_listeners_and_an_end_finishes_what_is_held(self):
        one, path = self.serve(program=FAULTY), os.path.join(self.folder, 'milter.sock')
        old = self.connected()
        one.write(listener=self.listener('other', 'unix:' + path))
        one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: one.events('reloaded'))
        door = self.client(path)
        door.connect()
        self.assertEqual(door.mail(plain(1), queue_id='NEW')[1], ('c', b''))
        self.assertEqual(old.mail(plain(2), queue_id='OLD')[1], ('c', b'')) # who is in is served
        with self.assertRaises(OSError):
            Milter(self.address)
        self.assertEqual([self.decision(one, name)['door'] for name in ('NEW', 'OLD')], ['other', 'inbound'])
        list(map(door.send, (said for _, said in door.frames(plain(3), queue_id='slow'))))
        self.assertEqual(door.read(), ('c', b''))
        time.sleep(0.3)
        one.process.send_signal(signal.SIGTERM)
        self.assertEqual(door.end(), ([], ('c', b'')))
        self.assertIsNone(door.read()[0])
        self.assertIsNone(old.read()[0])
        self.assertEqual(one.process.wait(30), 0)
        self.assertFalse(os.path.exists(path))

    def test_the_door_comes_again_when_it_dies(self):
        one, door = self.serve(), self.connected()
        os.kill(one.pids('mta')[0], signal.SIGKILL)
        self.assertIsNone(door.read()[0])
        again = wait_for(lambda: self.connected_or_none())
        self.assertEqual(again.mail(plain(1))[1], ('c', b''))
        self.assertEqual(one.metric('sekimori_deaths_total{role="mta"}'), 1)

    def connected_or_none(self):
        try:
            return self.connected()
        except (OSError, AssertionError):
            return None


# ---- real Postfix
SUBMISSION = """127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_milters=inet:127.0.0.1:{milter} -o milter_macro_daemon_name=ORIGINATING
"""


@unittest.skipUnless(HAS_POSTFIX, 'wants root and the package postfix')
class Postfix(DoorCase):
    def post(self, more='', services=''):
        home = os.path.join(self.folder, 'postfix')
        os.makedirs(home)
        one = postfix.Postfix(home, more or f'smtpd_milters = inet:127.0.0.1:{self.port}\nnon_smtpd_milters = $smtpd_milters\n', services)
        self.addCleanup(one.stop)
        return one

    def smtp(self, port, **facts):
        one = smtplib.SMTP('127.0.0.1', port, local_hostname='client.example', timeout=60)
        self.addCleanup(one.close)
        one.ehlo()
        if facts:
            code, text = one.docmd('XCLIENT', ' '.join(f'{name}={value}' for name, value in facts.items()))
            self.assertEqual(code, 220, text)
            one.ehlo()
        return one

    def arrived(self, post, count):
        wait_for(lambda: len(post.sink.mails) >= count, 30)
        return [message_from_bytes(text) for _, _, text in post.sink.mails]

    def decided(self, one, count):
        return wait_for(lambda: one.events('decided')[count - 1:] and one.events('decided'))

    def test_mail_from_outside_is_judged_sealed_and_delivered(self):
        keys = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([PROGRAM, 'key', 'make', 'seal', '--keys', keys], capture_output=True, check=False).returncode, 0)
        one = self.serve(more=f'keys:\n  folder: {keys}')
        post = self.post()
        smtp = self.smtp(post.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234, HELO='helo.shop.example')
        before = b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\nX-Sekimori-Seal: a\r\nX-Other: first\r\nX-Sekimori-Seal: b\r\n\tfolded\r\nX-Sekimori: unjudged\r\nX-Sekimori-Seal: c\r\n'
        smtp.sendmail('a@shop.example', ['b@harbour.example', 'c@harbour.example'], before + plain(1), mail_options=['BODY=8BITMIME'])
        smtp.sendmail('a@shop.example', ['b@harbour.example'], plain(2)) # on the same connection
        first, second = self.arrived(post, 2)
        reports = [self.report(one, line['queue_id']) for line in self.decided(one, 2)]
        self.assertEqual(first['Message-ID'], '<1@shop.example>')
        for message, report in ((first, reports[0]), (second, reports[1])):
            self.assertEqual(len(message.get_all('X-Sekimori-Seal')), 1)
            self.assertIn('r=' + report['id'], message['X-Sekimori-Seal'])
            self.assertIsNone(message['X-Sekimori'])
        self.assertEqual((first['X-Other'], first.get_payload()), ('first', 'Hello 1\r\n'))
        envelope = reports[0]['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['mail_params'], len(envelope['rcpt_to'])),
                         ('192.0.2.7', 'mail.shop.example', 'client.example', 'size=%d BODY=8BITMIME' % len(before + plain(1)), 2))
        hop = reports[0]['path']['hops'][0]
        self.assertEqual((reports[0]['path']['client']['ip'], hop['trust']), ('192.0.2.7', 'door'))
        self.assertEqual(reports[0]['size'], len(before + plain(1)))

    def test_submission_and_local_mail(self):
        submission = free_port()
        one = self.serve(listener=self.listener() + self.listener('submission', f'127.0.0.1:{submission}', 'submission'))
        door = free_port()
        post = self.post(services=SUBMISSION.format(port=door, milter=submission))
        smtp = self.smtp(door, ADDR='192.0.2.9', NAME='[UNAVAILABLE]', PORT=99, LOGIN='anna')
        smtp.sendmail('b@harbour.example', ['c@harbour.example'], plain(1))
        done = post.sendmail(b'From: root@harbour.example\nTo: b@harbour.example\nSubject: cron\n\nDone\n', '-t', '-i', '-f', 'root@harbour.example')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.arrived(post, 2)
        by_door = {line['door']: self.report(one, line['queue_id']) for line in self.decided(one, 2)}
        envelope = by_door['submission']['envelope']
        self.assertEqual((envelope['login'], envelope['direction'], envelope['client_ip'], envelope['client_name']), ('anna', 'submission', '192.0.2.9', None))
        local = by_door['inbound'] # nobody's client: not applicable, never fail
        self.assertEqual((local['envelope']['client_ip'], local['envelope']['helo'], local['path']['smtp']), (None, None, False))
        self.assertEqual((local['auth']['spf']['result'], local['envelope']['local'], envelope['local']), ('not-applicable', True, False))
        explain = lambda report, *words: subprocess.run([PROGRAM, 'explain', '--config', one.config, *words, report['id']], capture_output=True, text=True, check=True).stdout
        told = ' '.join(explain(local).split())
        self.assertIn('(handed in by a program of the mail server', told)
        self.assertIn('It did not come by SMTP', told)
        self.assertIn('メールサーバー自身のプログラム', ''.join(explain(local, '--lang', 'ja').split()))
        self.assertNotIn('handed in by a program', explain(by_door['submission']))

    def test_signatures_hold_at_the_door_as_they_do_in_a_file(self):
        zone, signed = os.path.join(self.folder, 'zone'), list(self.signed())
        with open(zone, 'w', encoding='utf-8') as f:
            f.write('$TTL 300\n')
            for selector, key in (('r', 'rsa-one'), ('e', 'ed25519-one')):
                record = subprocess.run([SIGN, '--key', f'{TOP}/tests/keys/{key}.pem', '--record'], capture_output=True, text=True, check=True).stdout.strip()
                f.write(f'{selector}._domainkey.shop.example. TXT {record}\n')
        one, post = self.serve(dns=f'zone: {zone}'), self.post()
        smtp = self.smtp(post.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234)
        for name, text in signed:
            smtp.sendmail('a@shop.example', ['b@harbour.example'], text)
        lines = self.decided(one, len(signed))
        passed = 0
        for (name, text), line in zip(signed, lines):
            path = os.path.join(self.folder, 'mail.eml')
            with open(path, 'wb') as f:
                f.write(text)
            scan = json.loads(subprocess.run([PROGRAM, 'scan', '--json', '--zone', zone, path], capture_output=True, text=True, check=False).stdout)
            report = self.report(one, line['queue_id'])
            self.assertEqual(report['size'], len(text), name)
            self.assertEqual(report['auth']['dkim'], scan['auth']['dkim'], name)
            self.assertEqual([proof['result'] for proof in scan['auth']['dkim']], ['pass'], name)
            passed += 1
        print(f'{passed} messages, signed in every canonicalisation, verify at the door as in a file', file=sys.stderr)

    def signed(self):
        head = b'From: Anna <a@shop.example>\r\nTo: b@harbour.example\r\nDate: Sat, 31 Jan 2026 11:00:00 +0000\r\nMessage-ID: <%s@shop.example>\r\n'
        texts = {
            'plain': b'Subject: Hello\r\n\r\nHello\r\n', 'spaces': b'Subject:   two   spaces  \r\n\r\na  b \t c  \r\n \r\n', 'none': b'Subject:none\r\n\r\nx\r\n',
            'folded': b'Subject: one\r\n two\r\n\tthree\r\n    four\r\n\r\nx\r\n', 'ends': b'Subject: x\r\n\r\nx\r\n\r\n\r\n\r\n', 'empty': b'Subject: empty\r\n\r\n',
            'dots': b'Subject: x\r\n\r\n.\r\n..\r\n.x\r\n', 'eight': 'Subject: x\r\n\r\ngrüße 関守\r\n'.encode(), 'long': b'Subject: x\r\n\r\n' + b'0123456789 abc\r\n' * 9000,
            'void': b'Subject:\r\nX-Void: \r\n\r\nx\r\n', 'case': b'sUBJECT: Case\r\n\r\nX\r\n', 'wide': b'Subject: ' + b'w ' * 450 + b'\r\n\r\n' + b'v ' * 490 + b'\r\n',
        }
        for i, (name, rest) in enumerate(texts.items()):
            for j, canon in enumerate(('simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed')):
                if (i + j) % 12 >= 8:
                    continue # 32 are enough
                text = head % f'{name}-{j}'.encode() + rest
                key, selector = (('rsa-one', 'r'), ('ed25519-one', 'e'))[(i + j) % 2]
                done = subprocess.run([SIGN, '--key', f'{TOP}/tests/keys/{key}.pem', '--domain', 'shop.example', '--selector', selector, '--canon', canon],
                                      input=text, capture_output=True, check=True)
                yield f'{name} {canon}', done.stdout

    def test_when_the_door_is_shut_postfix_defers_and_nothing_is_lost(self):
        one = self.serve()
        post = self.post()
        self.smtp(post.port).sendmail('a@shop.example', ['b@harbour.example'], plain(1))
        one.process.send_signal(signal.SIGTERM)
        self.assertEqual(one.process.wait(30), 0)
        with self.assertRaises(smtplib.SMTPException) as refused:
            self.smtp(post.port).sendmail('a@shop.example', ['b@harbour.example'], plain(2))
        self.assertIn('45', str(refused.exception))
        self.arrived(post, 1)
        self.assertEqual(len(post.sink.mails), 1)


if __name__ == '__main__':
    PROGRAM, FAULTY, SIGN = (os.path.abspath(path) for path in sys.argv[1:4])
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
