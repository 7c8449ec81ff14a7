#!/usr/bin/env python3
"""Nothing is lost: mail through a real Postfix while everything behind it is killed at random, and the disk is full once.

usage: tests/doors/lost.py SEKIMORI FAULTY SIGN_MESSAGE [TEST]...    wants root and the package postfix; SEKIMORI_KILL_MESSAGES for more than a few
"""
import collections, json, os, random, re, resource, shutil, signal, smtplib, subprocess, sys, threading, time, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import mta, postfix, service
from held import RELEASE
from mta import DoorCase
from service import free_port, is_alive, wait_for

PROGRAM = FAULTY = SIGN = ''
HAS_POSTFIX = shutil.which('postfix', path='/usr/sbin:/usr/bin') and os.geteuid() == 0
# Without a date Postfix gives it one, and each try would be another message.
TEXT = 'From: Anna <a@shop.example>\r\nTo: all@harbour.example\r\nDate: Sun, 1 Feb 2026 12:00:00 +0000\r\nMessage-ID: <%d@shop.example>\r\nSubject: %d\r\n\r\nHello %d\r\n'
PLAIN, MARKED, KEPT = 'b@harbour.example', 'marked@harbour.example', 'kept@harbour.example'
MIXES = ([PLAIN], [KEPT], [PLAIN, KEPT], [MARKED], [PLAIN, MARKED])
MORE = """hold:
  folder: {folder}/hold
  release_to: 127.0.0.1:{port}
outbox:
  wait: 1 s
  wait_most: 2 s
  deadline: 10 s
policies:
  - name: keep
    when: {{verdict: clean, people: [kept@harbour.example]}}
    do: [hold]
    mode: active
  - name: mark
    when: {{verdict: clean, people: [marked@harbour.example]}}
    do: [junk]
    mode: active
"""


@unittest.skipUnless(HAS_POSTFIX, 'Postfix is not installed, or this is not root')
class Lost(DoorCase):
    COUNT, CLIENTS = int(os.environ.get('SEKIMORI_KILL_MESSAGES', '1000')), 12
    ROLES = ('mta', 'judge', 'keeper', 'resolver', 'signer', 'template', 'courier', 'door', 'checkpoint')

    def kill(self, role):
        self.killed[role] += 1
        self.one.kill(role)

    def disk_fill(self):
        """The keeper may write no file any longer than a page, for a while."""
        end = time.monotonic() + 10
        while '"not-kept"' not in self.one.said() and time.monotonic() < end: # a keeper may just have died
            for pid in filter(is_alive, self.one.pids('keeper')):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            time.sleep(0.2)
        for pid in filter(is_alive, self.one.pids('keeper')):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def killer(self, over):
        for rounds in range(1, 1 << 30):
            if over.wait(random.uniform(0.15, 0.6)):
                return
            if rounds == 3:
                self.disk_fill()
            self.kill('parent' if rounds % 12 == 0 else random.choice(self.ROLES))

    def send(self, number, port):
        """As a mail server does: again until it is taken. How often."""
        end = time.monotonic() + 300
        for times in range(1, 1 << 30):
            try:
                with smtplib.SMTP('127.0.0.1', port, local_hostname='client.example', timeout=120) as smtp:
                    smtp.sendmail('a@shop.example', MIXES[number % len(MIXES)], TEXT % (number, number, number))
                return times
            except (smtplib.SMTPException, OSError):
                self.assertLess(time.monotonic(), end, f'message {number} was never taken')
                time.sleep(0.3)

    def sent(self, post):
        over, tries, wanted = threading.Event(), [0] * self.COUNT, iter(range(self.COUNT))
        killer = threading.Thread(target=self.killer, args=(over,))
        lock = threading.Lock()

        def work():
            while True:
                with lock:
                    number = next(wanted, None)
                if number is None:
                    return
                tries[number] = self.send(number, post.port)
        workers = [threading.Thread(target=work) for _ in range(self.CLIENTS)]
        killer.start()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        over.set()
        killer.join()
        self.assertNotIn(0, tries)
        return sum(tries)

    def rows(self, *words):
        done = subprocess.run([PROGRAM, *words, '--json', '--limit', '1000000', '--config', self.one.config], capture_output=True, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    def held(self):
        return self.rows('held', 'list')

    def delivered(self, post):
        """{(number, recipient): is it marked as unjudged}, of all that came, and with which mark."""
        found = {}
        for _, recipients, text in list(post.sink.mails):
            head = text.partition(b'\r\n\r\n')[0]
            number = int(re.search(rb'^Message-ID: <([0-9]+)@', head, re.M).group(1))
            for recipient in recipients:
                found.setdefault((number, recipient), []).append(head)
        return found

    def test_what_postfix_took_is_delivered_held_or_queued(self):
        release = free_port()
        self.one = self.serve(more=MORE.format(folder=self.folder, port=release))
        post = postfix.Postfix(os.path.join(self.folder, 'postfix'), more=f'smtpd_milters = inet:127.0.0.1:{self.port}', services=RELEASE.format(port=release))
        self.addCleanup(post.stop)
        self.killed = collections.Counter()
        tries = self.sent(post)
        wait_for(self.one.ready, 60)
        wanted = {(number, recipient) for number in range(self.COUNT) for recipient in MIXES[number % len(MIXES)]}
        kept = lambda: {(int(row['subject']), row['recipients'][0]['address']) for row in self.held() if row['recipients'][0]['state'] == 'held'}
        missing = lambda: wanted - set(self.delivered(post)) - kept()
        try:
            wait_for(lambda: not missing(), 120)
        except AssertionError:
            pass # told below, with what waits in the queue
        came, held, rows = self.delivered(post), kept(), self.held()
        unjudged = {key for key, heads in came.items() if any(re.search(rb'^X-Sekimori: unjudged', head, re.M) for head in heads)}
        judged = {int(row['subject']) for row in self.rows('hunt', '--since', '1d')}
        silent = {key for key in came if key[0] not in judged} - unjudged
        wrong = {key for key in came if key[1] == KEPT} - unjudged
        unmarked = {key for key, heads in came.items() if key[1] == MARKED and not any(b'X-Sekimori-Junk' in head or b'X-Spam-Flag' in head for head in heads)} - unjudged
        copies = collections.Counter((row['subject'], row['recipients'][0]['address']) for row in rows)
        print(f'lost: {self.COUNT} messages for {len(wanted)} recipients, sent {tries} times; delivered {len(came)}, held {len(held)}, in Postfix\'s queue {len(post.queue())}, '
              f'marked unjudged {len(unjudged)}, {self.one.said().count("not-kept")} lines of a full disk, killed {dict(self.killed)}', file=sys.stderr)
        self.assertEqual(len(missing()), 0, sorted(missing())[:20])
        self.assertEqual((sorted(wrong)[:5], sorted(unmarked)[:5], sorted(silent)[:5]), ([], [], []))
        self.assertEqual([key for key, count in copies.items() if count > 1], []) # a retry is no second held message


if __name__ == '__main__':
    PROGRAM, FAULTY, SIGN = (os.path.abspath(path) for path in sys.argv[1:4])
    mta.PROGRAM, mta.FAULTY, mta.SIGN = PROGRAM, FAULTY, SIGN
    service.PROGRAM, service.FAULTY = PROGRAM, FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
