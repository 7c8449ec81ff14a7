#!/usr/bin/env python3
"""Released mail on its way to a mail server on another machine: STARTTLS, and nothing in clear where it must not be.

usage: tests/doors/crossing.py SEKIMORI FAULTY SIGN_MESSAGE [TEST]...    wants openssl; root and the package postfix for the tests with Postfix
"""
import os, signal, socket, ssl, subprocess, sys, threading, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import held, mta, service
from held import HeldCase
from mta import plain
from service import free_port, wait_for

TLS = '{host}:{port} inet n - n - - smtpd -o smtpd_milters= -o receive_override_options=no_milters -o local_header_rewrite_clients= ' \
      '-o smtpd_tls_security_level={level} -o smtpd_tls_cert_file={cert} -o smtpd_tls_key_file={key}\ntlsmgr unix - - n 1000? 1 tlsmgr\n'


class CrossingCase(HeldCase):
    def certificate(self, names='DNS:mx.harbour.example'):
        """Of an authority of its own: files of the authority, the certificate and its key."""
        path = lambda name: os.path.join(self.folder, name)
        ask = lambda *words: subprocess.run(['openssl', *words], check=True, capture_output=True)
        ask('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', path('ca.key'), '-out', path('ca.pem'), '-subj', '/CN=Test authority', '-days', '2')
        ask('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', path('mx.key'), '-out', path('mx.csr'), '-subj', '/CN=mx')
        with open(path('names'), 'w', encoding='ascii') as f:
            f.write(f'subjectAltName={names}\n')
        ask('x509', '-req', '-in', path('mx.csr'), '-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-out', path('mx.pem'), '-days', '2', '-extfile', path('names'))
        for name in ('ca.pem', 'mx.pem', 'mx.key'):
            os.chmod(path(name), 0o644)
        return path('ca.pem'), path('mx.pem'), path('mx.key')

    host = '127.0.0.1'

    def settings(self, port, tls):
        return f'hold:\n  folder: {self.folder}/hold\n  release_to: {self.host}:{port}\n{tls}{self.outbox}'

    def begin(self, port, tls):
        self.port_to = port
        self.one = self.serve(more=self.settings(port, tls))
        return self.one

    def reload(self, tls):
        count = len(self.one.events('reloaded'))
        self.one.write(more=self.settings(self.port_to, tls))
        self.one.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(self.one.events('reloaded')) > count)

    def fault(self, id, words):
        return wait_for(lambda: words in (self.shown(id)['recipients'][0]['fault'] or '') and self.shown(id)['recipients'][0], 30)


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Postfix(CrossingCase):
    post, smtp = mta.Postfix.post, mta.Postfix.smtp

    def server(self, level='may', names='DNS:mx.harbour.example', host='127.0.0.1'):
        port = free_port()
        self.ca, cert, key = self.certificate(names)
        self.mx = self.post(services=TLS.format(host=host, port=port, level=level, cert=cert, key=key))
        return port

    def arrived(self, id, text):
        wait_for(lambda: self.states(id) == {'b@harbour.example': 'delivered'}, 30)
        wait_for(lambda: self.mx.sink.mails, 30)
        (_, to, got), = self.mx.sink.mails
        self.assertEqual(to, ['b@harbour.example'])
        self.assertTrue(got.endswith(text)) # to the last byte
        return got[:len(got) - len(text)]

    def test_a_certificate_that_holds(self):
        text = b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(1) + b'.\r\n..dots\r\n' + b'0123456789' * 40 + b'\r\n' + b'long ' * 180 + b'\r\n' + b'abcdefgh\r\n' * 200000
        port = self.server(level='encrypt') # who does not speak TLS is refused
        self.begin(port, f'  release_tls: must\n  release_name: mx.harbour.example\n  release_ca: {self.ca}\n')
        id = self.handed_in(text)
        self.verb('held', 'release', id)
        self.assertIn(b'with ESMTPS id', self.arrived(id, text))

    def test_an_address_is_a_name_too(self):
        text = b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(1)
        self.begin(self.server(names='IP:127.0.0.1'), '')
        self.reload(f'  release_tls: must\n  release_ca: {self.ca}\n')
        id = self.handed_in(text)
        self.verb('held', 'release', id)
        self.assertIn(b'with ESMTPS id', self.arrived(id, text))

    def test_what_does_not_hold_stays_until_it_does(self):
        text = b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(1)
        self.begin(self.server(), '')
        wrong = {'hostname mismatch': f'release_tls: must\n  release_name: other.harbour.example\n  release_ca: {self.ca}',
                 'IP address mismatch': f'release_tls: must\n  release_ca: {self.ca}',
                 'unable to get local issuer': 'release_tls: must\n  release_name: mx.harbour.example'}
        for n, (words, tls) in enumerate(wrong.items()):
            self.reload(f'  {tls}\n')
            if not n:
                id = self.handed_in(text)
                self.verb('held', 'release', id)
            self.assertEqual(self.fault(id, words)['state'], 'leaving')
            self.assertIn('certificate does not hold', self.shown(id)['recipients'][0]['fault'])
        self.assertEqual(self.mx.sink.mails, [])
        self.reload(f'  release_tls: must\n  release_name: mx.harbour.example\n  release_ca: {self.ca}\n')
        self.assertIn(b'with ESMTPS id', self.arrived(id, text))

    def test_a_server_that_offers_none(self):
        text = b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(1)
        self.begin(self.server(level='none'), '')
        self.reload(f'  release_tls: must\n  release_name: mx.harbour.example\n  release_ca: {self.ca}\n')
        id = self.handed_in(text)
        self.verb('held', 'release', id)
        self.assertEqual(self.fault(id, 'offers no STARTTLS')['state'], 'leaving')
        self.assertEqual(self.mx.sink.mails, [])
        self.reload('  release_tls: may\n') # on this machine: none
        self.assertIn(b'with ESMTP id', self.arrived(id, text))


    def test_another_machine_by_default(self):
        """STARTTLS where it is offered, whoever it is; an address of this machine that is no loopback stands for the other."""
        others = [host for host in subprocess.run(['hostname', '-I'], capture_output=True, text=True, check=False).stdout.split() if ':' not in host]
        if not others:
            self.skipTest('this machine has no address but loopback')
        self.host, text = others[0], b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\n' + plain(1)
        self.begin(self.server(host=self.host), '')
        for n, (tls, seen) in enumerate((('', b'with ESMTPS id'), ('  release_tls: no\n', b'with ESMTP id'))):
            self.reload(tls)
            self.mx.sink.mails.clear()
            mail = text.replace(b'<1@', b'<%d@' % n)
            id = self.handed_in(mail, f'Q{n}')
            self.verb('held', 'release', id)
            self.assertIn(seen, self.arrived(id, mail))


class Client(CrossingCase):
    def server(self, talk):
        """One connection after the other; talk(reading, writing, socket) is what it says."""
        one = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(one.close)
        self.seen = []

        def serve():
            while True:
                try:
                    with one.accept()[0] as client:
                        client.settimeout(20)
                        talk(client)
                except OSError:
                    if one.fileno() < 0:
                        return
        threading.Thread(target=serve, daemon=True).start()
        return one.getsockname()[1]

    def talked(self, after):
        def talk(client):
            reading = client.makefile('rb')
            client.sendall(b'220 mx\r\n')
            self.seen.append(reading.readline()[:4])
            client.sendall(b'250-mx\r\n250-STARTTLS\r\n250 SIZE\r\n')
            self.seen.append(reading.readline().strip())
            after(client)
        return talk

    def leaving(self, talk, words):
        self.begin(self.server(self.talked(talk)), '')
        self.reload('  release_tls: must\n  release_name: mx.harbour.example\n')
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        self.assertEqual(self.fault(id, words)['state'], 'leaving')
        self.assertEqual(self.seen[:2], [b'EHLO', b'STARTTLS'])
        self.assertFalse([said for said in self.seen if said.startswith((b'MAIL', b'DATA'))])

    def test_who_speaks_on_before_tls_is_not_heard(self):
        self.leaving(lambda client: client.sendall(b'220 go on\r\n250-mx\r\n250 SIZE\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n'), 'spoke on before TLS')

    def test_who_takes_it_back_gets_nothing(self):
        self.leaving(lambda client: client.sendall(b'454 4.7.0 TLS is not available\r\n'), 'SMTP, at STARTTLS: 454')

    def test_who_speaks_none(self):
        self.leaving(lambda client: client.sendall(b'220 go on\r\n') or client.recv(10) and client.sendall(b'what?\r\n' * 10), 'no TLS could be agreed on')

    def test_who_says_nothing_more_is_left_in_time(self):
        self.outbox = self.outbox.replace('deadline: 10 s', 'deadline: 2 s')
        self.leaving(lambda client: client.sendall(b'220 go on\r\n') or client.recv(100000) and threading.Event().wait(4), 'did not get on within')
        wait_for(lambda: len(self.seen) >= 4, 20) # it is tried again

    def test_who_hangs_up_after_the_hello(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca, cert, key = self.certificate()
        context.load_cert_chain(cert, key)

        def talk(client):
            client.sendall(b'220 go on\r\n')
            with context.wrap_socket(client, server_side=True) as secured:
                self.seen.append(secured.recv(100)[:4])
        self.begin(self.server(self.talked(talk)), '')
        self.reload(f'  release_tls: must\n  release_name: mx.harbour.example\n  release_ca: {ca}\n')
        id = self.handed_in(plain(1))
        self.verb('held', 'release', id)
        self.assertEqual(self.fault(id, 'the connection broke')['state'], 'leaving')
        self.assertEqual(self.seen[:3], [b'EHLO', b'STARTTLS', b'EHLO']) # asked anew


if __name__ == '__main__':
    PROGRAM, FAULTY, SIGN = (os.path.abspath(path) for path in sys.argv[1:4])
    for module in (held, mta):
        module.PROGRAM, module.FAULTY, module.SIGN = PROGRAM, FAULTY, SIGN
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
