#!/usr/bin/env python3
"""The faces of the doors that other filters have: SpamAssassin's to spamc and Exim, Rspamd's to Exim, rspamc, Haraka and OpenSMTPD.

usage: tests/doors/filters.py SEKIMORI FAULTY [TEST]...    wants the packages spamc, rspamd and opensmtpd-filter-rspamd for the tests with them,
and SEKIMORI_HARAKA=a folder after `npm install Haraka haraka-plugin-rspamd` in it, with node 20 or later, for that with Haraka
"""
import json, os, random, shutil, signal, smtplib, socket, subprocess, sys, threading, time, unittest, zlib
from email import message_from_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import mta, postfix, service, spamd
from mta import DoorCase, plain
from service import free_port, wait_for

SPAMC, RSPAMC, FILTER = shutil.which('spamc'), shutil.which('rspamc'), '/usr/libexec/opensmtpd/filter-rspamd'
HARAKA = os.environ.get('SEKIMORI_HARAKA', '')
LURE = (b'From: Microsoft account team <x@bad.example>\r\nTo: b@harbour.example\r\nMessage-ID: <%d@bad.example>\r\nSubject: Unusual sign-in %d\r\n\r\n'
        b'Confirm it: https://bad.example/%d\r\n')


def lure(number):
    return LURE % (number, number, number)


class FilterCase(DoorCase):
    def listener(self, name='inbound', address=None, direction='inbound', more=''):
        return f'  - name: {name}\n    kind: spamc\n    address: {address or "127.0.0.1:%d" % self.port}\n    direction: {direction}\n{more}'

    def active(self, malicious=99.9, **settings):
        """The lure is suspicious; 20: malicious."""
        one = self.serve(**{'listener': self.listener(more='    organisation: harbour\n'), 'more': f'hold:\n  folder: {self.folder}/hold', **settings})
        self.configured(one, '    name: Harbour\n', f'    name: Harbour\n    mode: active\n    suspicious: 10\n    malicious: {malicious}\n')
        return one

    def ask(self, verb, text, **how):
        return spamd.parsed(spamd.ask(self.address, spamd.request(verb, text, **how)))

    def faults(self, one, count, event='spamd-fault'):
        return wait_for(lambda: [line['text'] for line in one.events(event)][count - 1:] and [line['text'] for line in one.events(event)])

    def last(self, one):
        status, body, _ = one.get('/v1/messages/' + one.events('decided')[-1]['id'])
        self.assertEqual(status, 200, body)
        return json.loads(body)


class Spamd(FilterCase):
    """The spamd protocol, by a client of our own."""

    def test_each_request_is_answered_in_its_own_way(self):
        one = self.serve()
        self.assertEqual(spamd.ask(self.address, b'PING SPAMC/1.2\r\n\r\n'), b'SPAMD/1.5 0 PONG\r\n')
        self.assertEqual(spamd.ask(self.address, b'SKIP SPAMC/1.5\r\n\r\n'), b'')
        code, fields, body = self.ask('CHECK', lure(1))
        self.assertEqual((code, fields, body), (0, {'content-length': '0', 'spam': 'False ; 0.0 / 5.0'}, b'')) # passive
        code, fields, body = self.ask('SYMBOLS', lure(2))
        names = body.decode().strip().split(',')
        self.assertEqual((code, int(fields['content-length'])), (0, len(body)))
        report = self.last(one)
        self.assertEqual(names, ['SEKIMORI_' + report['verdict'].upper()] + [e['id'].upper().replace('-', '_') for e in report['evidence']])
        self.assertGreater(len(names), 1)
        body = self.ask('REPORT', lure(3))[2].decode()
        for words in (self.last(one)['id'], self.last(one)['evidence'][0]['text'], 'of 100'):
            self.assertIn(words, body)
        self.assertEqual(self.ask('REPORT_IFSPAM', lure(4))[2], b'')
        self.assertRegex(spamd.ask(self.address, spamd.request('TELL', lure(5), Message_class='spam')), rb'^SPAMD/1\.1 69 EX_UNAVAILABLE .*sekimori correct.*\r\n\r\n$')
        self.assertEqual(len(one.events('decided')), 4)
        self.assertEqual(self.last(one)['envelope']['listener'], 'inbound')

    def test_what_a_judge_tells_at_once_is_what_its_report_tells_when_the_message_comes_again(self):
        one = self.serve()
        cases = os.path.join(os.path.dirname(HERE), 'cases')
        texts = [lure(1), b'Message-ID: <\0@x>\r\nSubject: \0\x07 \xff\xe3\x81\r\n' + plain(1)]
        for name in sorted(os.listdir(cases)):
            path = os.path.join(cases, name, 'message.eml')
            if os.path.exists(path):
                with open(path, 'rb') as f:
                    texts.append(f.read())
        self.assertGreater(len(texts), 50)
        for text in texts:
            exim = spamd.request('REPORT', text), spamd.exim(text), spamd.request('SYMBOLS', text)
            for asked in exim:
                first, again = (spamd.ask(self.address, asked, shut=False) for _ in range(2))
                self.assertEqual(first, again)
                self.assertNotIn(b'UNJUDGED', first)
        self.assertGreater(one.metric('sekimori_messages_total{door="inbound",verdict="repeated"}'), len(texts))

    def test_nobody_told_who_the_client_was_so_nothing_is_proved(self):
        one = self.serve()
        self.ask('CHECK', plain(1), User='b@harbour.example')
        report = self.last(one)
        self.assertEqual((report['envelope']['client_ip'], report['envelope']['mail_from'], report['envelope']['login']), (None, None, None))
        self.assertEqual([r['address'] for r in report['envelope']['rcpt_to']], ['b@harbour.example'])
        self.assertIsNone(report['auth']['spf'] and report['auth']['spf'].get('result') == 'pass' or None)
        self.assertIn('nothing-verified', report['tags'])
        self.ask('CHECK', plain(2), User='root') # a user of the machine is nobody's address
        self.assertEqual(self.last(one)['envelope']['rcpt_to'], [])

    def test_the_message_comes_back_with_marks_and_nothing_else_changed(self):
        one = self.serve()
        forged = b'X-Spam-Flag: YES\r\nX-Sekimori: fine\r\nx-spam-status: Yes,\r\n\tfolded\r\nX-Spam-Other: stays\r\nX-Sekimori-Seal: x\r\n'
        for number, (text, end) in enumerate([(forged + lure(1) + bytes(range(256)), b'\r\n'), ((forged + lure(2)).replace(b'\r\n', b'\n') + b'\0', b'\n'),
                                              (forged + lure(3) + b'x' * 3000000, b'\r\n'), (b'Subject: only a header\r\n', b'\r\n')]):
            code, fields, body = self.ask('PROCESS', text)
            self.assertEqual((code, int(fields['content-length']), fields['spam']), (0, len(body), 'False ; 0.0 / 5.0'), number)
            head, _, rest = body.partition(end + end)
            self.assertEqual(rest, text.partition(end + end)[2])
            message = message_from_bytes(body[:4000])
            self.assertEqual((message.get_all('X-Spam-Flag'), len(message.get_all('X-Spam-Status')), message['X-Sekimori'], message['X-Sekimori-Seal']),
                             (['NO'], 1, None, None))
            self.assertRegex(message['X-Spam-Status'], r'^No, score=0\.0 required=5\.0\s+tests=SEKIMORI_')
            self.assertIn(text.partition(end + end)[0].rpartition(b'X-Sekimori-Seal: x' + end)[2], body)
            self.assertEqual(message['X-Spam-Other'], 'stays' if number < 3 else None)
            self.assertEqual(body.count(b'\r\n') == 0, end == b'\n')
            header = self.ask('HEADERS', text)[2]
            self.assertEqual(header.rstrip(b'\r\n'), head.rstrip(b'\r\n'))
        self.assertTrue(self.ask('PROCESS', b'From x@y Sat Jan 31 2026\n' + lure(9).replace(b'\r\n', b'\n'))[2].startswith(b'From x@y Sat Jan 31 2026\nX-Spam-Flag'))
        self.assertEqual(one.events('unjudged'), [])

    def test_the_seal_comes_with_it(self):
        keys = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([mta.PROGRAM, 'key', 'make', 'seal', '--keys', keys], capture_output=True, check=False).returncode, 0)
        one = self.serve(more=f'keys:\n  folder: {keys}')
        message = message_from_bytes(self.ask('PROCESS', plain(1), User='b@harbour.example')[2])
        self.assertIn('r=' + self.last(one)['id'], message['X-Sekimori-Seal'])

    def test_active_says_by_flag_number_and_word_what_is_to_be_done(self):
        one = self.active()
        code, fields, body = self.ask('PROCESS', lure(1))
        flag, score = fields['spam'].split(' ; ')
        self.assertEqual((code, flag), (0, 'True'))
        self.assertTrue(6 <= float(score.split(' / ')[0]) < 10, score)
        message = message_from_bytes(body)
        self.assertEqual((message['X-Spam-Flag'], message['X-Spam-Level'][:6]), ('YES', '******'))
        self.assertIn(b'of 100', self.ask('REPORT_IFSPAM', lure(2))[2])
        flag, score, threshold, reject, action = spamd.exim_reads(spamd.ask(self.address, spamd.exim(lure(3)), shut=False))
        self.assertEqual((flag, threshold, reject, action), ('True;', 5, 15, 'add header'))
        self.assertTrue(6 <= score < 10)
        self.configured(one, 'malicious: 99.9', 'malicious: 20')
        self.assertEqual(self.ask('CHECK', lure(4))[1]['spam'][:5], 'True ')
        self.assertEqual(spamd.exim_reads(spamd.ask(self.address, spamd.exim(lure(5)), shut=False))[4], 'quarantine')
        self.assertTrue(os.listdir(self.folder + '/hold'))

    def test_what_policies_do_comes_back_with_the_message(self):
        policy = '  - name: {0}\n    do: [{1}]\n    mode: {2}\n    when:\n      verdict: clean\n      people: [{0}@harbour.example]\n'
        acts = {'banner': 'tag, banner', 'headers': 'headers', 'junk': 'junk', 'idle': 'tag, banner, reject', 'refused': 'reject'}
        keys = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([mta.PROGRAM, 'key', 'make', 'seal', '--keys', keys], capture_output=True, check=False).returncode, 0)
        one = self.serve(listener=self.listener(), more=f'keys:\n  folder: {keys}\npolicies:\n' + ''.join(
            policy.format(name, does, 'passive' if name == 'idle' else 'active') for name, does in acts.items()))
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        asked = lambda who, verb='PROCESS', text=lure(1): self.ask(verb, text, User=who + '@harbour.example')
        text = b'X-Spam-Flag: NO\r\nX-Sekimori-Junk: forged\r\n' + lure(1)
        code, fields, body = asked('banner', text=text)
        message = message_from_bytes(body)
        self.assertEqual((fields['spam'][:4], message['Subject'], message['X-Spam-Flag'], message['X-Sekimori-Junk']), ('True', '[Suspicious] Unusual sign-in 1', 'YES', None))
        self.assertIn(b'Confirm it: https://bad.example/1', message.get_payload(decode=True))
        self.assertGreater(len(message.get_payload(decode=True)), len(lure(1)))
        path = os.path.join(self.folder, 'banner.eml')
        with open(path, 'wb') as f:
            f.write(body)
        sealed = subprocess.run([mta.PROGRAM, 'seal', '--keys', keys, path], capture_output=True, text=True, check=False)
        self.assertEqual((sealed.returncode, message['X-Sekimori-Seal'] is not None), (0, True), sealed.stdout + sealed.stderr) # as it leaves here
        self.assertEqual(asked('banner', 'HEADERS', text)[2].count(b'Suspicious'), 0) # spamc puts its own body below: nothing of a banner can be in force
        message = message_from_bytes(asked('headers')[2])
        self.assertRegex(message['X-Sekimori'], '^suspicious; ')
        self.assertEqual((message.get_all('X-Spam-Flag'), len(message.get_all('X-Spam-Score')), message['Subject']), (['YES'], 1, 'Unusual sign-in 1'))
        message = message_from_bytes(asked('junk')[2])
        self.assertEqual((message['X-Sekimori-Junk'], message['X-Spam-Flag']), ('yes', 'YES'))
        code, fields, body = asked('idle')
        self.assertEqual((fields['spam'], message_from_bytes(body)['Subject']), ('False ; 0.0 / 5.0', 'Unusual sign-in 1'))
        self.assertTrue(body.endswith(lure(1)))
        self.assertIn(b'Nothing of this is in force: reject banner tag', asked('idle', 'REPORT')[2])
        self.assertTrue(15 <= float(asked('refused', 'CHECK')[1]['spam'].split()[2]) <= 20)
        self.assertEqual(spamd.exim_reads(spamd.ask(self.address, spamd.exim(lure(2), recipients=('refused@harbour.example',)), shut=False))[4], 'reject')

    def test_a_header_is_edited_as_far_as_it_is_judged(self):
        policy = 'policies:\n  - name: tags\n    do: [tag, banner]\n    mode: active\n    when:\n      verdict: clean\n      people: [b@harbour.example]\n'
        text = ''.join(f'X-Field-{i}: {"x" * 900}\r\n' for i in range(1500)).encode() + lure(1) # 1.4 MB, above the default
        one = self.serve(listener=self.listener(), more='limits:\n  header_bytes: 2 MiB\n' + policy)
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        subject = lambda body: [line for line in body.split(b'\r\n') if line.startswith(b'Subject:')]
        code, _, body = self.ask('PROCESS', text, User='b@harbour.example')
        self.assertEqual((code, subject(body), b'Confirm it' in body, one.events('not-edited')), (0, [b'Subject: [Suspicious] Unusual sign-in 1'], True, []))
        self.configured(one, 'header_bytes: 2 MiB', 'header_bytes: 1 MiB')
        code, _, body = self.ask('PROCESS', text, User='b@harbour.example')
        self.assertEqual((code, body.endswith(lure(1))), (0, True))

    def test_what_exim_tells_stands_in_the_record(self):
        one = self.serve()
        answer = spamd.ask(self.address, spamd.exim(plain(1), recipients=('b@harbour.example', 'c@harbour.example'), more='User: anna\r\n'), shut=False)
        self.assertEqual(spamd.exim_reads(answer), ('False;', 0, 5, 15, 'no action'))
        self.assertIn(b'Symbol: SEKIMORI_CLEAN(0.00)[score=', answer)
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['mail_from'], envelope['login'], envelope['queue_id'],
                          envelope['direction']), ('192.0.2.7', 'mail.shop.example', 'helo.shop.example', 'a@shop.example', 'anna', '1abc-000', 'submission'))
        self.assertEqual([r['address'] for r in envelope['rcpt_to']], ['b@harbour.example', 'c@harbour.example'])
        self.assertTrue(spamd.exim_reads(spamd.ask(self.address, spamd.exim(plain(2), sender=''), shut=False)))
        self.assertEqual(self.last(one)['envelope']['mail_from'], '')

    def test_compressed_messages_are_read(self):
        one = self.serve()
        large = plain(1) + random.Random(1).randbytes(300000)
        for text in (plain(2), large, plain(3) + b'x' * 5000000):
            packed = zlib.compress(text)
            code, fields, body = self.ask('PROCESS', packed, Compress='zlib')
            self.assertEqual((code, body.endswith(text[20:])), (0, True))
            self.assertEqual(self.last(one)['size'], len(text))
        for packed in (zlib.compress(plain(4))[:-3], zlib.compress(plain(4)) + b'x', plain(4)):
            self.assertEqual(self.ask('CHECK', packed, Compress='zlib')[1]['spam'], 'False ; 0.0 / 5.0') # passed, unjudged
        self.assertEqual(len([line for line in one.events('unjudged') if 'compressed message' in line['text']]), 3)

    def test_what_cannot_be_judged_passes_marked_or_comes_again(self):
        one = self.serve(program=mta.FAULTY, more=f'limits:\n  message_bytes: 100 KiB\nhold:\n  folder: {self.folder}/hold', listener=self.listener('deadly', more='    organisation: harbour\n'))
        code, fields, body = self.ask('PROCESS', lure(1))
        message = message_from_bytes(body)
        self.assertEqual((code, fields['spam'], message['X-Sekimori'], message['X-Spam-Flag']), (0, 'False ; 0.0 / 5.0', 'unjudged', 'NO'))
        self.assertEqual(self.ask('SYMBOLS', lure(1))[2], b'SEKIMORI_UNJUDGED\r\n')
        self.assertEqual(self.ask('CHECK', lure(2) + b'x' * 300000)[1]['spam'], 'False ; 0.0 / 5.0')
        self.assertEqual(self.ask('PROCESS', lure(2) + b'x' * 300000)[0], 75) # it was not kept, so it cannot be given back: spamc has it still
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    mode: active\n')
        self.assertEqual(self.ask('CHECK', lure(3))[0], 75)
        self.assertEqual(self.ask('CHECK', lure(3) + b'x' * 300000)[0], 75)
        self.assertIsNone(spamd.exim_reads(spamd.ask(self.address, spamd.exim(lure(4), queue_id='deadly'), shut=False)))

    def test_faults_are_answered_and_cost_no_one_else(self):
        one = self.serve()
        bad = [(b'GET / HTTP/1.1\r\n\r\n', 'is it a client of spamd'), (b'CHECK SPAMC/3.0\r\n\r\n', 'version'), (b'x' * 100000, 'longer than'),
               (spamd.request('CHECK', plain(1), length='many'), 'no number'), (spamd.request('CHECK', plain(1), length=5), 'bytes follow'),
               (spamd.request('CHECK', plain(1), length=5000), 'within the message'), (b'CHECK SPAMC/1.5\r\nUser: x', 'within the head'),
               (spamd.request('CHECK', b'', length=0), 'is empty'), (b'CHECK SPAMC/1.5\r\n' + b'User: x\r\n' * 600000, 'head is longer'),
               (spamd.request('CHECK', plain(1), Compress='rar'), 'zlib is')]
        for data, words in bad:
            answer = spamd.ask(self.address, data)
            self.assertRegex(answer, rb'^SPAMD/1\.1 76 EX_PROTOCOL .*\r\n\r\n$', words)
            self.assertIn(words.encode(), answer)
        self.assertEqual(spamd.ask(self.address, b''), b'')
        self.assertEqual(self.ask('CHECK', plain(2))[0], 0)
        self.assertEqual(self.ask('CHECK', plain(3), length='')[0], 0) # not told: it ends with the connection
        self.assertEqual(len(one.events('decided')), 2)

    def test_pieces_are_put_together(self):
        self.serve()
        for data in (spamd.request('PROCESS', lure(1)), spamd.exim(lure(2))):
            client = spamd.connect(self.address)
            for i in range(0, len(data), 7):
                client.sendall(data[i:i + 7])
            self.assertRegex(spamd.all_of(client), rb'^R?SPAMD/1\.\d 0 EX_OK\r\n')

    def test_slow_mute_and_greedy_clients_cost_no_one_else(self):
        one = self.serve(more='door:\n  request: 2 s\n  idle: 1 s')
        mute, slow, greedy, endless = (spamd.connect(self.address) for _ in range(4))
        slow.sendall(spamd.request('CHECK', plain(1))[:-10])
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.sendall(spamd.request('PROCESS', plain(2) + b'x' * 8000000)) # and does not read
        ended = threading.Event()

        def pour():
            try:
                endless.sendall(b'CHECK SPAMC/1.5\r\n\r\n')
                while True:
                    endless.sendall(b'x' * 60000)
                    time.sleep(0.02)
            except OSError:
                ended.set()
        threading.Thread(target=pour, daemon=True).start()
        longest = 0
        for i in range(20):
            began = time.monotonic()
            self.assertEqual(self.ask('CHECK', plain(10 + i))[0], 0)
            longest = max(longest, time.monotonic() - began)
        self.assertLess(longest, 3)
        self.assertTrue(ended.wait(30))
        self.assertEqual((spamd.all_of(mute), spamd.all_of(slow)), (b'', b''))
        said = ' '.join(self.faults(one, 4))
        for words in ('says nothing', 'did not arrive whole', 'does not take its answers'):
            self.assertIn(words, said)
        self.assertEqual(self.ask('CHECK', plain(50))[0], 0)

    def test_a_thousand_connections_at_a_time(self):
        one = self.serve()
        service.resource.setrlimit(service.resource.RLIMIT_NOFILE, (4096, service.resource.getrlimit(service.resource.RLIMIT_NOFILE)[1]))
        clients = [spamd.connect(self.address, 180) for _ in range(1000)]
        wait_for(lambda: one.metric('sekimori_connections{door="inbound"}') == 1000, 60)
        for i, client in enumerate(clients):
            client.sendall(spamd.request('PROCESS', plain(i)))
        for i, client in enumerate(clients):
            self.assertTrue(spamd.parsed(spamd.all_of(client))[2].endswith(b'Hello %d\r\n' % i))
        wait_for(lambda: one.metric('sekimori_messages_total{door="inbound",verdict="clean"}') == 1000, 60)

    def test_a_unix_socket_beside_milter_and_http(self):
        path = os.path.join(self.folder, 'spamd.sock')
        port = service.free_port()
        one = self.serve(listener=self.listener('files', 'unix:' + path) + f'  - name: mail\n    kind: milter\n    address: 127.0.0.1:{port}\n')
        self.assertEqual(spamd.parsed(spamd.ask(path, spamd.request('CHECK', plain(1))))[0], 0)
        door = self.client(('127.0.0.1', port))
        door.connect()
        self.assertEqual(door.mail(plain(2))[1], ('c', b''))
        self.assertEqual(one.post(plain(3))[0], 200)
        self.assertEqual(sorted(line['door'] for line in one.events('decided')), ['files', 'http', 'mail'])
        one.process.send_signal(signal.SIGTERM)
        self.assertEqual(one.process.wait(30), 0)


@unittest.skipUnless(SPAMC, 'wants the package spamc')
class RealSpamc(FilterCase):
    def run_spamc(self, text, *options, code=0):
        done = subprocess.run([SPAMC, '-d', '127.0.0.1', '-p', str(self.port), '-x', '-t', '30', *options], input=text, capture_output=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_every_request_of_spamc(self):
        one = self.serve()
        text = lure(1)
        self.assertEqual(self.run_spamc(b'', '-K').split()[:2], [b'SPAMD/1.5', b'0'])
        self.assertEqual(self.run_spamc(text, '-c'), b'0.0/5.0\n')
        self.assertTrue(self.run_spamc(text, '-y').startswith(b'SEKIMORI_'))
        self.assertIn(b'of 100', self.run_spamc(text, '-R'))
        self.assertEqual(self.run_spamc(text, '-r'), b'')
        got = self.run_spamc(text, '-u', 'b@harbour.example')
        self.assertEqual((message_from_bytes(got)['X-Spam-Flag'], got.endswith(text)), ('NO', True))
        self.assertTrue(self.run_spamc(text, '--headers').endswith(text.partition(b'\r\n\r\n')[2]))
        self.assertEqual(message_from_bytes(self.run_spamc(text.replace(b'\r\n', b'\n'), '--headers')).get_payload(), 'Confirm it: https://bad.example/1\n')
        self.assertEqual(len(one.events('decided')), 7)

    def test_spamc_acts_by_its_exit_status_where_the_policy_is_active(self):
        self.active()
        self.assertRegex(self.run_spamc(lure(1), '-c', code=1), rb'^[6-9]\.\d/5\.0\n$')
        self.assertEqual(message_from_bytes(self.run_spamc(lure(2), '-E', code=1))['X-Spam-Flag'], 'YES')
        self.run_spamc(plain(3), '-c')

    def test_spamc_says_of_what_nobody_could_judge_that_something_went_wrong_and_loses_nothing(self):
        one = self.serve(program=mta.FAULTY, more=f'hold:\n  folder: {self.folder}/hold', listener=self.listener('deadly', more='    organisation: harbour\n'))
        self.assertEqual(message_from_bytes(self.run_spamc(lure(1)))['X-Sekimori'], 'unjudged')
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    mode: active\n')
        self.assertEqual(self.run_spamc(lure(2), code=76), b'') # no answer makes it say 75
        done = subprocess.run([SPAMC, '-d', '127.0.0.1', '-p', str(self.port)], input=lure(2), capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, lure(2))) # as it came: that is what spamc does without -x


class Rspamd(FilterCase):
    """POST /checkv2, by a client of our own; it asks for what rspamc, Haraka and OpenSMTPD's filter read in an answer."""
    HEADERS = {'From': 'a@shop.example', 'Rcpt': 'b@harbour.example', 'IP': '192.0.2.7', 'Helo': 'helo.shop.example', 'Hostname': 'mail.shop.example',
               'Queue-Id': 'Q1', 'Pass': 'all', 'Flags': 'milter,no_log', 'MTA-Name': 'mx.harbour.example', 'MTA-Tag': 'x', 'Settings-ID': 'none', 'Subject': 'no'}

    def listener(self, *args, **more):
        return ''

    def check(self, one, text, headers=None, status=200):
        got, body, answer = one.request('POST', '/checkv2', text, self.HEADERS if headers is None else headers)
        self.assertEqual(got, status, body)
        told = json.loads(body)
        if status == 200:
            self.readable(told)
        return told

    def readable(self, told):
        """As the plugins of Haraka and OpenSMTPD read it: of other types they make nothing, or fail."""
        self.assertIsInstance(told['score'], (int, float))
        self.assertEqual((told['required_score'], told['is_skipped']), (15, False))
        self.assertIn(told['action'], ('no action', 'greylist', 'add header', 'rewrite subject', 'soft reject', 'reject', 'quarantine'))
        self.assertTrue(told['action'] != 'rewrite subject' or told['subject'])
        for name, symbol in told['symbols'].items():
            self.assertEqual((symbol['name'], type(symbol['score']) in (int, float), symbol['score']), (name, True, symbol['metric_score']))
            self.assertTrue(symbol['description'] and all(isinstance(option, str) for option in symbol['options']))
        self.assertTrue(all(isinstance(value, str) for value in told['messages'].values()))
        self.assertTrue(all(isinstance(value, str) for value in told['milter']['add_headers'].values()))
        self.assertTrue(all(type(value) is int and 0 <= value < 128 for value in told['milter']['remove_headers'].values()))
        self.assertIsInstance(told['message-id'], str)

    def test_what_is_told_stands_in_the_record_and_passive_acts_on_nothing(self):
        one = self.serve()
        told = self.check(one, lure(1))
        report = self.last(one)
        self.assertEqual((told['score'], told['action'], told['milter']), (0, 'no action', {'remove_headers': {'X-Sekimori': 0, 'X-Sekimori-Junk': 0, 'X-Sekimori-Seal': 0, 'X-Sekimori-Release': 0}, 'add_headers': {}}))
        self.assertEqual(told['sekimori'], {'id': report['id'], 'verdict': report['verdict'], 'score': report['score']})
        verdict = told['symbols']['SEKIMORI_' + report['verdict'].upper()]
        self.assertEqual(verdict['options'], [f'score={report["score"]:.1f}', 'idle=' + report['actions'][0]['action']] + [a['action'] for a in report['actions'][1:]])
        for evidence in report['evidence']:
            symbol = told['symbols'][evidence['id'].upper().replace('-', '_')]
            self.assertEqual((symbol['score'], symbol['description']), (evidence['weight'], evidence['text']))
        self.assertEqual((told['message-id'], told['urls']), ('1@bad.example', ['https://bad.example/1']))
        envelope = report['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['mail_from'], envelope['queue_id'], envelope['login'],
                          envelope['direction']), ('192.0.2.7', 'mail.shop.example', 'helo.shop.example', 'a@shop.example', 'Q1', None, 'inbound'))
        self.assertEqual([r['address'] for r in envelope['rcpt_to']], ['b@harbour.example'])

    def test_odd_headers_are_no_reason_to_judge_nothing(self):
        one = self.serve()
        self.check(one, plain(1), {'From': '', 'Rcpt': '<b@harbour.example>', 'IP': 'unix', 'Hostname': '<unknown>', 'User': 'anna', 'TLS-Version': 'TLSv1.3'})
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['mail_from'], envelope['client_ip'], envelope['client_name'], envelope['login'], envelope['direction'], envelope['tls']['version']),
                         ('', None, None, 'anna', 'submission', 'TLSv1.3'))
        self.check(one, plain(2), {'Deliver-To': 'c@harbour.example', 'IP': '2001:db8::7', 'Hostname': '[192.0.2.7]', 'Helo': 'a\tb'})
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['mail_from'], envelope['client_ip'], envelope['client_name'], envelope['rcpt_to'][0]['address']),
                         (None, '2001:db8::7', None, 'c@harbour.example'))
        self.assertEqual(self.check(one, b'', status=400)['error'][:17], 'the body is empty')
        self.assertEqual(one.request('GET', '/checkv2')[0], 405)
        self.assertEqual(one.request('GET', '/ping')[:2], (200, 'pong\r\n'))

    def test_active_says_what_is_to_be_done(self):
        one = self.active()
        told = self.check(one, lure(1))
        self.assertEqual((told['action'], told['subject'], told['milter']['add_headers']['X-Spam-Flag']), ('rewrite subject', '[Suspicious] Unusual sign-in 1', 'YES'))
        self.assertTrue(6 <= told['score'] < 10)
        self.assertRegex(told['milter']['add_headers']['X-Spam-Status'], r'^Yes, score=\d\.\d required=5\.0\n\ttests=SEKIMORI_SUSPICIOUS')
        self.assertEqual(set(told['milter']['remove_headers']), {'X-Sekimori', 'X-Sekimori-Junk', 'X-Sekimori-Seal', 'X-Sekimori-Release', 'X-Spam-Flag', 'X-Spam-Status', 'X-Spam-Score', 'X-Spam-Level'})
        clean = self.check(one, plain(2))
        self.assertEqual((clean['action'], clean['score'] < 5, clean['milter']['add_headers']), ('no action', True, {}))
        self.configured(one, 'malicious: 99.9', 'malicious: 20')
        self.assertEqual(self.check(one, lure(3))['action'], 'quarantine')
        self.assertEqual(len(os.listdir(self.folder + '/hold')), 1)

    POLICY = '  - name: {0}\n    do: [{1}]\n    mode: active\n    when:\n      verdict: clean\n      people: [{0}@harbour.example]\n'
    ACTS = {'tag': 'tag', 'junk': 'junk', 'headers': 'headers', 'banner': 'banner', 'all': 'tag, banner, junk, headers'}

    def with_policies(self, more=''):
        keys = os.path.join(self.folder, 'keys')
        for words in (['make', 'seal'], ['make', 'arc', '--domain', 'harbour.example', '--selector', 'arc1'], ['rotate', 'arc', '--domain', 'harbour.example']):
            subprocess.run([mta.PROGRAM, 'key', *words, '--keys', keys], capture_output=True, check=True)
        one = self.serve(more=f'keys:\n  folder: {keys}\ntrust:\n  own_authserv: mx.harbour.example\narc:\n  domain: harbour.example\n  selector: arc1\nhold:\n  folder: {self.folder}/hold\n'
                              f'  release_to: 127.0.0.1:9\n{more}policies:\n' + ''.join(self.POLICY.format(name, does) for name, does in self.ACTS.items()))
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        return one

    def asked(self, one, who, text, **headers):
        """What is told, and what stands behind it."""
        got, body, answer = one.request('POST', '/checkv2', text, {**self.HEADERS, 'Rcpt': who + '@harbour.example', 'Flags': '', **headers})
        self.assertEqual(got, 200, body)
        body = body if isinstance(body, bytes) else body.encode()
        at = int(answer.getheader('Message-Offset') or 0)
        told = json.loads(body[:at] if at else body)
        self.readable(told)
        return told, body[at:] if at else None

    def test_edits_of_the_header_are_told_one_by_one(self):
        one = self.with_policies()
        forged = b'Authentication-Results: mx.harbour.example; spf=pass\r\nAuthentication-Results: other.example; spf=pass\r\n'
        told, block = self.asked(one, 'tag', lure(1))
        self.assertEqual((told['action'], told['subject'], block), ('rewrite subject', '[Suspicious] Unusual sign-in 1', None))
        self.assertEqual({'ARC-Seal', 'ARC-Message-Signature', 'ARC-Authentication-Results', 'X-Sekimori-Seal'} - set(told['milter']['add_headers']), set())
        self.assertNotIn('Subject', told['milter']['add_headers'])
        told, _ = self.asked(one, 'tag', lure(2).replace(b'Unusual', '\u898b\u672c'.encode() + b'\r\n\tUnusual'))
        self.assertEqual(told['subject'], '[Suspicious] \u898b\u672c Unusual sign-in 2') # one line
        told, _ = self.asked(one, 'tag', lure(2).replace(b'Unusual', b'[Suspicious]'))
        self.assertEqual((told['action'], 'subject' in told), ('add header', False)) # it is there already
        told, _ = self.asked(one, 'tag', lure(2).replace(b'Unusual', b'\xff'))
        self.assertEqual((told['action'], 'subject' in told), ('add header', False)) # no text can tell it
        told, _ = self.asked(one, 'junk', lure(3))
        self.assertEqual((told['action'], told['milter']['add_headers']['X-Sekimori-Junk'], 'X-Sekimori' in told['milter']['add_headers']), ('add header', 'yes', False))
        told, _ = self.asked(one, 'headers', forged + lure(4))
        fields = told['milter']['add_headers']
        self.assertRegex(fields['X-Sekimori'], '^suspicious; ')
        self.assertEqual((fields['X-Spam-Flag'], told['milter']['remove_headers']['Authentication-Results'], told['action']), ('YES', 1, 'add header'))
        self.assertRegex(fields['Authentication-Results'], r'^mx\.harbour\.example;')
        told, _ = self.asked(one, 'headers', forged + forged + lure(5))
        self.assertEqual(told['milter']['remove_headers']['Authentication-Results'], 0) # two of them: no one number says it
        told, _ = self.asked(one, 'headers', b'Authentication-Results: x; spf=pass\r\n' * 200 + forged + lure(5))
        self.assertEqual(told['milter']['remove_headers']['Authentication-Results'], 0)
        told, _ = self.asked(one, 'nobody', forged + lure(6))
        self.assertEqual((told['action'], told['milter']['remove_headers']['Authentication-Results'], [name for name in told['milter']['add_headers'] if name != 'X-Sekimori-Seal']),
                         ('no action', 1, []))

    def test_a_changed_body_goes_to_whoever_takes_one(self):
        one = self.with_policies()
        told, block = self.asked(one, 'all', lure(1))
        self.assertEqual((told['action'], told['subject'], block), ('rewrite subject', '[Suspicious] Unusual sign-in 1', None))
        reasons = {a['action']: a['reason'] for a in self.last(one)['actions'] if a['mode'] == 'active'}
        self.assertTrue(reasons['banner'].endswith('Not done: whoever handed it in takes no changed body.'), reasons)
        self.assertNotIn('Not done', reasons['tag'] + reasons['junk'])
        told, block = self.asked(one, 'all', lure(2), Flags='milter, body_block')
        self.assertIn(b'Confirm it: https://bad.example/2', block)
        self.assertGreater(len(block), 200)
        self.assertEqual((told['subject'], told['milter']['add_headers']['X-Sekimori-Junk']), ('[Suspicious] Unusual sign-in 2', 'yes'))
        self.assertNotIn('banner', [a['action'] for a in self.last(one)['actions'] if 'Not done' in a['reason']])
        text = lure(3).replace(b'\r\n\r\n', b'\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n')
        told, block = self.asked(one, 'all', text, Flags='body_block')
        message = message_from_bytes(block)
        self.assertEqual((message['Subject'], message['From'], message['X-Sekimori'], message['X-Sekimori-Junk']), ('Unusual sign-in 3', 'Microsoft account team <x@bad.example>', None, None))
        self.assertIn(b'Confirm it: https://bad.example/3', message.get_payload(decode=True))
        self.assertTrue(message.get_content_charset() == 'utf-8' or message.get_payload(decode=True).isascii())
        self.assertFalse({name for name in told['milter']['add_headers'] if name.lower().startswith('content-')})
        self.assertIn('X-Sekimori-Seal', told['milter']['add_headers'])
        self.assertIsNone(self.asked(one, 'tag', lure(4), Flags='body_block')[1]) # its body stays
        self.assertIsNone(self.asked(one, 'nobody', lure(5), Flags='body_block')[1])
        large = lure(6) + b'x' * 70 + b'\r\n' + (b'y' * 70 + b'\r\n') * 30000
        told, block = self.asked(one, 'banner', large, Flags='body_block')
        self.assertTrue(block.endswith(b'y' * 70 + b'\r\n') and len(block) > len(large))
        self.assertEqual(one.events('not-edited'), [])

    def test_the_seal_is_a_field_to_be_added(self):
        keys = os.path.join(self.folder, 'keys')
        self.assertEqual(subprocess.run([mta.PROGRAM, 'key', 'make', 'seal', '--keys', keys], capture_output=True, check=False).returncode, 0)
        one = self.serve(more=f'keys:\n  folder: {keys}')
        told = self.check(one, plain(1))
        self.assertIn('r=' + told['sekimori']['id'], told['milter']['add_headers']['X-Sekimori-Seal'])

    def test_what_cannot_be_judged_passes_marked_or_is_told_to_come_again(self):
        one = self.serve(program=mta.FAULTY, more=f'limits:\n  message_bytes: 100 KiB\nhold:\n  folder: {self.folder}/hold')
        deadly = {**self.HEADERS, 'Queue-Id': 'deadly'}
        told = self.check(one, lure(1), deadly)
        self.assertEqual((told['action'], told['milter']['add_headers'], list(told['symbols'])), ('no action', {'X-Sekimori': 'unjudged'}, ['SEKIMORI_UNJUDGED']))
        self.assertEqual(self.check(one, lure(1) + b'x' * 200000)['milter']['add_headers'], {'X-Sekimori': 'unjudged'})
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    mode: active\n')
        told = self.check(one, lure(2), deadly)
        self.assertEqual((told['action'], told['score']), ('soft reject', 0))
        self.assertIn('try again later', told['messages']['smtp_message'])
        told = self.check(one, lure(1) + b'x' * 200000)
        self.assertEqual((told['action'], told['messages']['smtp_message'][:18]), ('reject', 'The message is lar'))
        self.assertEqual(self.check(one, lure(3))['action'] in ('rewrite subject', 'quarantine', 'no action'), True) # and others are judged

    def test_tokens_are_shown_as_a_password_too(self):
        tokens = os.path.join(self.folder, 'tokens')
        with open(tokens, 'w', encoding='utf-8') as f:
            f.write('secret-token-of-a-server\n')
        os.chmod(tokens, 0o600)
        one = self.serve()
        self.configured(one, 'listeners:\n  - name: http\n', f'listeners:\n  - name: http\n    tokens: {tokens}\n')
        self.check(one, plain(1), status=401)
        self.check(one, plain(1), {**self.HEADERS, 'Password': 'another'}, status=403)
        self.check(one, plain(1), {**self.HEADERS, 'Password': 'secret-token-of-a-server'})
        self.check(one, plain(2), {**self.HEADERS, 'Authorization': 'Bearer secret-token-of-a-server'})
        self.assertEqual(one.post(plain(3), headers={'Password': 'secret-token-of-a-server'})[0], 401) # ours has one way

    @unittest.skipUnless(shutil.which('zstd'), 'wants the package zstd')
    def test_compressed_requests_get_compressed_answers(self):
        one = self.serve()
        packed = lambda data: subprocess.run(['zstd', '-qc'], input=data, stdout=subprocess.PIPE, check=True).stdout
        headers = {**self.HEADERS, 'Compression': 'zstd', 'Content-Type': 'application/x-compressed'}
        for text in (lure(1), plain(2) + random.Random(1).randbytes(200000), plain(3) + b'x' * 5000000):
            connection = service.http.client.HTTPConnection('127.0.0.1', one.port, timeout=60)
            connection.request('POST', '/checkv2', body=packed(text), headers=headers)
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.getheader('Compression')), (200, 'zstd'))
            told = json.loads(subprocess.run(['zstd', '-qdc'], input=answer.read(), stdout=subprocess.PIPE, check=True).stdout)
            connection.close()
            self.readable(told)
            self.assertEqual(self.last(one)['size'], len(text))
        for text in (packed(plain(4))[:-3], packed(plain(4)) + b'x', plain(4)):
            connection = service.http.client.HTTPConnection('127.0.0.1', one.port, timeout=60)
            connection.request('POST', '/checkv2', body=text, headers=headers)
            told = json.loads(subprocess.run(['zstd', '-qdc'], input=connection.getresponse().read(), stdout=subprocess.PIPE, check=True).stdout)
            connection.close()
            self.assertEqual(told['milter']['add_headers'], {'X-Sekimori': 'unjudged'})
        self.assertEqual(len([line for line in one.events('unjudged') if 'compressed message' in line['text']]), 3)

    def test_a_bomb_opens_no_further_than_a_message_may(self):
        one = self.serve(more='limits:\n  message_bytes: 1 MiB')
        bomb = subprocess.run(['zstd', '-qc19'], input=bytes(200 << 20), stdout=subprocess.PIPE, check=True).stdout
        self.assertLess(len(bomb), 1 << 20)
        connection = service.http.client.HTTPConnection('127.0.0.1', one.port, timeout=60)
        connection.request('POST', '/checkv2', body=bomb, headers={**self.HEADERS, 'Compression': 'zstd'})
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertIn('larger than what is taken', one.events('unjudged')[0]['text'])


@unittest.skipUnless(RSPAMC, 'wants the package rspamd')
class RealRspamc(FilterCase):
    def listener(self, *args, **more):
        return ''

    def run_rspamc(self, one, text, *options):
        done = subprocess.run([RSPAMC, '-h', f'127.0.0.1:{one.port}', '-t', '30', '-i', '192.0.2.7', '--helo', 'helo.shop.example', '-F', 'a@shop.example',
                               '-r', 'b@harbour.example', '-r', 'c@harbour.example', *options], input=text, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode(errors='replace') # behind a message rspamc 3.4 prints some bytes of its own memory

    def test_rspamc_shows_what_it_is_told(self):
        one = self.active()
        said = self.run_rspamc(one, lure(1))
        for words in ('Action: rewrite subject', 'Subject: [Suspicious] Unusual sign-in 1', 'Spam: ', ' / 15.00', 'Symbol: SEKIMORI_SUSPICIOUS', 'Message-ID: 1@bad.example'):
            self.assertIn(words, said)
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['client_ip'], [r['address'] for r in envelope['rcpt_to']]), ('192.0.2.7', ['b@harbour.example', 'c@harbour.example']))
        for options in ((), ('-z',)):
            told = json.JSONDecoder().raw_decode(self.run_rspamc(one, lure(2), '--json', *options))[0] # it prints the changed message behind it
            self.assertEqual((told['action'], told['sekimori']['verdict']), ('rewrite subject', 'suspicious'), options)
        self.assertIn('Action: no action', self.run_rspamc(one, plain(4)))

    def test_rspamc_writes_the_changed_message(self):
        one = self.serve(more='policies:\n  - name: warned\n    do: [tag, banner]\n    mode: active\n    when:\n      verdict: clean\n')
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        for options in ((), ('-z',)):
            message = message_from_bytes(self.run_rspamc(one, lure(1), '--mime', *options).encode())
            self.assertIn('Confirm it: https://bad.example/1', message.get_payload(decode=True).decode())
            self.assertGreater(len(message.get_payload(decode=True)), 200, options)
            self.assertEqual((message['X-Spam'], message['X-Spam-Action']), ('yes', 'rewrite subject'))


@unittest.skipUnless(os.path.exists(FILTER), 'wants the package opensmtpd-filter-rspamd')
class RealOpensmtpdFilter(FilterCase):
    def listener(self, *args, **more):
        return ''

    def passed(self, one, who, text):
        """What the filter of OpenSMTPD makes of a message, and its last word."""
        with subprocess.Popen([FILTER, '-url', f'http://127.0.0.1:{one.port}'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as filter:
            tell = lambda line: (filter.stdin.write(line + '\n'), filter.stdin.flush())
            tell('config|ready')
            while filter.stdout.readline() != 'register|ready\n':
                pass
            for line in ('link-connect|s|mail.shop.example|pass|192.0.2.7:1234|127.0.0.1:25', 'link-greeting|s|mx.harbour.example', 'link-identify|s|EHLO|helo.shop.example',
                         f'tx-begin|s|{who}', f'tx-mail|s|{who}|ok|a@shop.example', f'tx-rcpt|s|{who}|ok|{who}@harbour.example'):
                tell('report|0.6|1.0|smtp-in|' + line)
            for line in text.decode().split('\r\n')[:-1] + ['.']:
                tell('filter|0.6|1.0|smtp-in|data-line|s|t|' + line)
            lines = []
            while lines[-1:] != ['.']:
                lines.append(filter.stdout.readline().rstrip('\n').split('|', 3)[3])
            tell('filter|0.6|1.0|smtp-in|commit|s|u|')
            end = filter.stdout.readline().strip().split('|', 3)[3]
            filter.kill()
        return message_from_bytes('\n'.join(lines[:-1]).encode()), end

    def test_its_messages_are_marked_refused_or_left_as_they_are(self):
        policy = '  - name: {0}\n    do: [{1}]\n    mode: active\n    when:\n      people: [{0}@harbour.example]\n'
        one = self.serve(program=mta.FAULTY, more='policies:\n' + policy.format('junk', 'junk') + policy.format('refused', 'reject') + policy.format('warned', 'tag, banner, headers'))
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        text = b'X-Sekimori: forged\r\nX-Spam-Flag: NO\r\n' + lure(1)
        message, end = self.passed(one, 'b', text)
        self.assertEqual((end, message['X-Sekimori'], message['X-Spam-Flag'], message['Message-ID']), ('proceed', None, 'NO', '<1@bad.example>'))
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['client_ip'], envelope['client_name'], envelope['helo'], envelope['mail_from'], envelope['rcpt_to'][0]['address']),
                         ('192.0.2.7', 'mail.shop.example', 'helo.shop.example', 'a@shop.example', 'b@harbour.example'))
        message, end = self.passed(one, 'junk', text)
        self.assertEqual((end, message.get_all('X-Spam-Flag'), message['X-Sekimori-Junk'], message['X-Spam']), ('proceed', ['YES'], 'yes', 'yes'))
        message, end = self.passed(one, 'warned', text)
        self.assertEqual((end, message.get_all('Subject'), message.get_all('X-Spam-Flag'), message.get_payload()),
                         ('proceed', ['[Suspicious] Unusual sign-in 1'], ['YES'], 'Confirm it: https://bad.example/1'))
        self.assertRegex(message['X-Sekimori'], '^suspicious; ')
        self.assertEqual(self.passed(one, 'refused', text)[1], 'reject|550 The message is refused by policy')
        self.assertEqual(self.passed(one, 'deadly', text)[0]['X-Sekimori'], 'unjudged')
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    unjudged: hold\n    mode: active\n')
        self.assertEqual(self.passed(one, 'deadly', lure(2))[1][:11], 'reject|451 ')


@unittest.skipUnless(HARAKA, 'SEKIMORI_HARAKA names no folder with npm\'s Haraka and haraka-plugin-rspamd')
class RealHaraka(FilterCase):
    def listener(self, *args, **more):
        return ''

    def haraka(self, one, sink):
        """Haraka with its plugin for Rspamd, in front of a sink; its port."""
        home, port = os.path.join(self.folder, 'haraka'), free_port()
        config = {'smtp.ini': f'listen=127.0.0.1:{port}\nnodes=0\n', 'plugins': 'rcpt_to.in_host_list\nrspamd\nqueue/smtp_forward\n', 'host_list': 'harbour.example\n',
                  'me': 'mx.harbour.example\n', 'smtp_forward.ini': f'host=127.0.0.1\nport={sink.port}\n',
                  'rspamd.ini': f'host = 127.0.0.1\nport = {one.port}\nadd_headers = always\n[check]\nlocal_ip = true\nprivate_ip = true\n[header]\nscore = X-Rspamd-Score\n[defer]\nerror = true\n'}
        haraka = ['node', os.path.join(HARAKA, 'node_modules/Haraka/bin/haraka')]
        subprocess.run([*haraka, '-i', home], stdout=subprocess.DEVNULL, check=True)
        os.symlink(os.path.join(HARAKA, 'node_modules'), home + '/node_modules')
        for name, text in config.items():
            with open(os.path.join(home, 'config', name), 'w', encoding='utf-8') as f:
                f.write(text)
        log = open(home + '/log', 'wb')
        self.addCleanup(log.close)
        process = subprocess.Popen([*haraka, '-c', home], stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        def greets():
            try:
                with smtplib.SMTP('127.0.0.1', port, timeout=10):
                    return True
            except OSError:
                return False
        wait_for(greets, 60)
        return port

    def test_its_plugin_marks_refuses_and_defers(self):
        policy = '  - name: {0}\n    do: [{1}]\n    mode: active\n    when:\n      people: [{0}@harbour.example]\n'
        one = self.serve(program=mta.FAULTY, more='policies:\n' + policy.format('junk', 'junk, headers') + policy.format('refused', 'reject'))
        self.configured(one, '    name: Harbour\n', '    name: Harbour\n    suspicious: 10\n')
        sink = postfix.Sink()
        self.addCleanup(sink.close)
        port = self.haraka(one, sink)

        def sent(to, text):
            with smtplib.SMTP('127.0.0.1', port, 'helo.shop.example', timeout=60) as smtp:
                return smtp.sendmail('a@shop.example', [to + '@harbour.example'], text)
        sent('b', plain(1))
        sent('junk', lure(2))
        envelope = self.last(one)['envelope']
        self.assertEqual((envelope['client_ip'], envelope['helo'], envelope['mail_from'], envelope['rcpt_to'][0]['address']),
                         ('127.0.0.1', 'helo.shop.example', 'a@shop.example', 'junk@harbour.example'))
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            sent('refused', lure(3))
        self.assertEqual((refused.exception.smtp_code, b'refused by policy' in refused.exception.smtp_error), (550, True))
        plain_one, junk = [message_from_bytes(mail[2]) for mail in wait_for(lambda: len(sink.mails) == 2 and sink.mails)]
        self.assertEqual((plain_one['X-Spam-Flag'], plain_one['X-Sekimori-Junk'], plain_one['Subject']), (None, None, '1'))
        self.assertEqual((junk.get_all('X-Spam-Flag'), junk['X-Sekimori-Junk'], junk['Message-ID']), (['YES'], 'yes', '<2@bad.example>'))
        one.stop()
        with self.assertRaises(smtplib.SMTPDataError) as deferred:
            sent('b', plain(4))
        self.assertEqual(deferred.exception.smtp_code // 100, 4)


if __name__ == '__main__':
    mta.PROGRAM, mta.FAULTY = (os.path.abspath(path) for path in sys.argv[1:3])
    service.PROGRAM, service.FAULTY = mta.PROGRAM, mta.FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
