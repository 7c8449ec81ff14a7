#!/usr/bin/env python3
"""What comes in again by our own door behind a release: copies that the courier sends, and mail that a person let go. They bear our seal, and
nothing that their sender wrote into fields of ours.

usage: tests/doors/again.py SEKIMORI FAULTY SIGN_MESSAGE [TEST]...    wants root and the package postfix
"""
import json, os, re, signal, subprocess, sys, unittest
from email import message_from_bytes, policy as email_policy

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import mta, service
from actions import BOTH, POLICY, ActionCase
from service import free_port, wait_for

SIGN = ''
# soc is of the organisation, watch is not.
COPY = 'policies:\n' + POLICY.format('copy', 'copy', 'active') + '    copy_to: [soc@harbour.example, watch@other.example]\n'
FORGED = (b'Authentication-Results: mx.harbour.example; spf=pass\r\nX-One: 1\r\nAuthentication-Results: other.example; spf=pass\r\nX-Sekimori: clean; score=0.0\r\n'
          b'AUTHENTICATION-RESULTS: (c) mx.harbour.example;\r\n\tdkim=pass\r\nX-Sekimori-Seal: v=1; k=x\r\nX-Sekimori-Junk: no\r\nX-Two: 2\r\n'
          b'Authentication-Results: mx.harbour.example.evil.example; spf=pass\r\n')


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Again(ActionCase):
    post, smtp = mta.Postfix.post, mta.Postfix.smtp

    def begin(self, policies, listener='', services=''):
        """A Postfix whose port for released mail leads through a door of ours."""
        again, port = free_port(), free_port()
        self.one = self.serve(more=policies + self.keys() + 'trust:\n  own_authserv: mx.harbour.example\n', release_to=f'127.0.0.1:{port}',
                              listener=self.listener() + self.listener('again', f'127.0.0.1:{again}', 'reinject') + listener)
        self.mx = self.post(services=f'127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:{again} -o local_header_rewrite_clients=\n' + services)

    def deliver(self, text, *people):
        with self.smtp(self.mx.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234) as smtp:
            smtp.sendmail('a@shop.example', [f'{name}@harbour.example' for name in people], text)

    def arrived(self, *people):
        """Of each the bytes; all of them come, and nobody else's."""
        got = lambda: {to: text for _, all, text in self.mx.sink.mails for to in all}
        wait_for(lambda: len(got()) >= len(people), 40)
        self.assertEqual(sorted(got()), sorted(people))
        return [got()[person] for person in people]

    def seal(self, text):
        """What another process says of its seal: the words, and the record's id."""
        path = os.path.join(self.folder, 'delivered.eml')
        with open(path, 'wb') as f:
            f.write(text)
        said = subprocess.run([mta.PROGRAM, 'seal', '--keys', os.path.join(self.folder, 'keys'), path], capture_output=True, text=True, check=False).stdout
        return said, re.findall(rb'^X-Sekimori-Seal: (?:[^\n]*\n[ \t])*?[^\n]*\br=([0-9a-z]+);', text, re.M)

    def assert_sealed(self, text, id):
        said, ids = self.seal(text)
        self.assertIn('ours, and unchanged since', said)
        self.assertEqual(ids, [id.encode()])

    def record(self):
        return wait_for(lambda: self.one.events('decided'))[0]['id']

    def verb(self, *words):
        return subprocess.run([mta.PROGRAM, *words, '--config', self.one.config], capture_output=True, check=True).stdout

    def policies(self, *acts):
        return 'policies:\n' + ''.join(POLICY.format(act, act, 'active') for act in acts)

    def test_copies_that_the_courier_sends_are_sealed(self):
        self.begin(self.policies('banner', 'tag', 'junk', 'headers'))
        people = ('nobody', 'banner', 'tag', 'junk', 'headers')
        self.deliver(FORGED + BOTH, *people)
        texts = dict(zip(people, self.arrived(*(f'{name}@harbour.example' for name in people))))
        for name, text in texts.items():
            self.assert_sealed(text, self.record())
        read = {name: message_from_bytes(text, policy=email_policy.default) for name, text in texts.items()}
        self.assertEqual([read[name]['Subject'] for name in people], ['Hello', 'Hello', '[Suspicious] Hello', 'Hello', 'Hello'])
        self.assertIn('signs of fraud', read['banner'].get_body(('plain',)).get_content())
        self.assertEqual([read[name].get_all('X-Sekimori-Junk') for name in people], [None, None, None, ['yes'], None])
        self.assertTrue(read['headers']['X-Sekimori'].startswith('suspicious; score=')) # its own fields stay
        self.assertEqual([str(value).split(';')[0] for value in read['headers'].get_all('Authentication-Results')],
                         ['mx.harbour.example', 'other.example', 'mx.harbour.example.evil.example'])
        self.assertNotIn('pass', str(read['headers']['Authentication-Results']))
        self.assertEqual(len(self.one.events('decided')), 1)

    def signed(self, text):
        key = f'{TOP}/tests/keys/rsa-one.pem'
        with open(os.path.join(self.folder, 'zone'), 'w', encoding='utf-8') as f:
            f.write('$TTL 300\nr._domainkey.shop.example. TXT ' + subprocess.run([SIGN, '--key', key, '--record'], capture_output=True, text=True, check=True).stdout.strip() + '\n')
        return subprocess.run([SIGN, '--key', key, '--domain', 'shop.example', '--selector', 'r', '--canon', 'simple/simple'], input=text, capture_output=True, check=True).stdout

    def test_what_a_person_lets_go_is_sealed_and_without_what_its_sender_wrote_into_our_fields(self):
        self.begin(self.policies('hold', 'headers'))
        honest = self.signed(b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + BOTH)
        self.deliver(FORGED + honest, 'hold')
        id = self.record()
        self.verb('held', 'release', id)
        text, = self.arrived('hold@harbour.example')
        self.assert_sealed(text, id)
        read = message_from_bytes(text, policy=email_policy.default)
        self.assertEqual([str(value).split(';')[0] for value in read.get_all('Authentication-Results')], ['other.example', 'mx.harbour.example.evil.example'])
        self.assertEqual((read['X-Sekimori'], read['X-Sekimori-Junk'], read['X-Sekimori-Release'], read['X-One'], read['X-Two']), (None, None, None, '1', '2'))
        path = os.path.join(self.folder, 'delivered.eml')
        told = json.loads(subprocess.run([mta.PROGRAM, 'scan', '--json', '--zone', os.path.join(self.folder, 'zone'), path], capture_output=True, check=False).stdout)
        self.assertEqual([proof['result'] for proof in told['auth']['dkim']], ['pass'])
        self.assertEqual(self.verb('held', 'list'), b'')

    def test_results_of_ours_behind_many_others_are_taken_off(self):
        self.begin(self.policies('hold', 'headers'))
        self.deliver(b'Authentication-Results: a\r\n' * 1001 + FORGED + BOTH, 'hold')
        self.verb('held', 'release', self.record())
        text, = self.arrived('hold@harbour.example')
        self.assertEqual([str(value).split(';')[0] for value in message_from_bytes(text).get_all('Authentication-Results')[1001:]],
                         ['other.example', 'mx.harbour.example.evil.example'])

    def test_more_forged_results_than_are_taken_off_are_refused(self):
        self.begin(self.policies('hold', 'headers'))
        self.deliver(b'Authentication-Results: mx.harbour.example\r\n' * 1001 + BOTH, 'hold')
        self.verb('held', 'release', self.record())
        self.assertIn('1001 Authentication-Results', wait_for(lambda: self.one.events('forged-results'))[0]['text'])
        wait_for(lambda: b'refused' in self.verb('held', 'list'))
        self.assertEqual(self.mx.sink.mails, [])

    def test_where_nobody_writes_results_none_are_taken_off(self):
        self.begin(self.policies('hold'))
        self.deliver(FORGED + BOTH, 'hold')
        self.verb('held', 'release', self.record())
        text, = self.arrived('hold@harbour.example')
        self.assert_sealed(text, self.record())
        self.assertEqual(len(message_from_bytes(text).get_all('Authentication-Results')), 4)

    def test_a_seal_is_nothing_for_those_outside(self):
        self.begin(COPY)
        self.deliver(BOTH, 'copy')
        people = ('copy@harbour.example', 'soc@harbour.example', 'watch@other.example')
        texts = self.arrived(*people)
        for text in texts[:2]:
            self.assert_sealed(text, self.record())
        self.assertNotIn(b'X-Sekimori', texts[2])

    def test_where_the_signer_stands_still_it_passes_without(self):
        self.begin(self.policies('hold'))
        self.deliver(BOTH, 'hold')
        signer, = self.one.pids('signer')
        os.kill(signer, signal.SIGSTOP)
        self.verb('held', 'release', self.record())
        text, = self.arrived('hold@harbour.example')
        os.kill(signer, signal.SIGCONT)
        self.assertNotIn(b'X-Sekimori', text)
        self.assertEqual(len(self.one.events('decided')), 1)

    def test_what_leaves_the_house_bears_none(self):
        out, port = free_port(), free_port()
        self.begin('policies:\n  - name: out\n    do: [hold]\n    mode: active\n    when:\n      directions: [outbound]\n',
                   listener=self.listener('out', f'127.0.0.1:{out}', 'outbound'), services=f'127.0.0.1:{port} inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:{out}\n')
        with self.smtp(port) as smtp:
            smtp.sendmail('b@harbour.example', ['x@other.example'], BOTH)
        self.verb('held', 'release', self.record())
        text, = self.arrived('x@other.example')
        self.assertNotIn(b'X-Sekimori', text)

    def test_what_waits_is_sealed_as_it_leaves(self):
        """Of two that wait one is agreed to, and bears a banner then; the other goes as it came."""
        self.begin('policies:\n' + POLICY.format('banner', 'banner', 'confirm') + '    keep_original: yes\n')
        ids = []
        for n, (verb, banner) in enumerate((('agree', True), ('release', False))):
            self.deliver(FORGED + BOTH.replace(b'<both@', b'<%d@' % n), 'banner')
            ids.append(wait_for(lambda: self.one.events('decided')[n:])[0]['id'])
            self.mx.sink.mails.clear()
            self.verb('held', verb, ids[n])
            text, = self.arrived('banner@harbour.example')
            self.assert_sealed(text, ids[n])
            self.assertEqual('signs of fraud' in message_from_bytes(text, policy=email_policy.default).get_body(('plain',)).get_content(), banner)
            self.assertNotIn(b'X-Sekimori: clean', text)
        self.mx.sink.mails.clear()
        self.verb('held', 'release', '--original', ids[0])
        text, = self.arrived('banner@harbour.example')
        self.assert_sealed(text, ids[0])
        self.assertNotIn(b'signs of fraud', text)

    def test_an_original_that_was_kept_is_sealed_as_it_came(self):
        self.begin('policies:\n' + POLICY.format('banner', 'banner', 'active') + '    keep_original: yes\n')
        self.deliver(BOTH, 'banner')
        first, = self.arrived('banner@harbour.example')
        self.mx.sink.mails.clear()
        self.verb('held', 'release', '--original', self.record())
        second, = self.arrived('banner@harbour.example')
        for text, banner in ((first, True), (second, False)):
            self.assert_sealed(text, self.record())
            self.assertEqual(b'signs of fraud' in message_from_bytes(text, policy=email_policy.default).get_body(('plain',)).get_content().encode(), banner)


if __name__ == '__main__':
    PROGRAM, FAULTY, SIGN = (os.path.abspath(path) for path in sys.argv[1:4])
    mta.PROGRAM, mta.FAULTY, mta.SIGN = PROGRAM, FAULTY, SIGN
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
