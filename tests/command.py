#!/usr/bin/env python3
"""The command line as a user meets it: exit statuses, inputs, order, what goes where.

usage: tests/command.py SEKIMORI        asks no network
"""
import bz2, gzip, json, lzma, os, pty, re, signal, subprocess, sys, tempfile, time, unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CASES = os.path.join(TOP, 'tests', 'cases')
PROGRAM = ''
PLAIN = 'From: a@example.com\r\nTo: b@example.net\r\nSubject: {0}\r\n\r\nHello {0}\r\n'
TWICE = 'From: a@example.com\r\nFrom: c@example.org\r\nSubject: x\r\n\r\nHello\r\n'
POSTMARK = 'From a@example.com Sat Nov 21 23:40:00 2026\n'


def scan(*words, stdin=b'', env=None):
    clean = {k: v for k, v in os.environ.items() if k not in ('LC_ALL', 'LC_MESSAGES', 'LANG', 'NO_COLOR')}
    done = subprocess.run([PROGRAM, *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, env={**clean, **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def descendants(pid):
    found = []
    for entry in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{entry}/stat', encoding='utf-8', errors='replace') as f:
                if int(f.read().rpartition(')')[2].split()[1]) == pid:
                    found.append(int(entry))
        except OSError:
            pass # it ended meanwhile
    return found + [below for child in found for below in descendants(child)]


def is_there(pid):
    """As a process that still runs, or a zombie."""
    return os.path.exists(f'/proc/{pid}')


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(text.encode() if isinstance(text, str) else text)
        return path

    def test_exit_statuses(self):
        clean, odd = self.write('clean.eml', PLAIN.format(1)), self.write('odd.eml', TWICE)
        self.assertEqual(scan('scan', '--offline', clean)[0], 0)
        self.assertEqual(scan('scan', '--offline', odd)[0], 1)
        self.assertEqual(scan('scan', '--offline', clean, odd)[0], 1)
        self.assertEqual(scan('scan', '--offline', odd, clean, os.path.join(self.folder, 'none'))[0], 2)

    def test_nothing_found_is_an_error(self):
        status, out, err = scan('scan', '--offline', self.folder)
        self.assertEqual((status, out), (2, ''))
        self.assertIn('no message was found', err)

    def test_errors_name_the_file_and_go_to_standard_error(self):
        clean = self.write('clean.eml', PLAIN.format(1))
        missing = os.path.join(self.folder, 'missing.eml')
        status, out, err = scan('scan', '--offline', missing, clean, self.write('empty.eml', ''))
        self.assertEqual(status, 2)
        self.assertEqual(len(out.splitlines()), 1)
        self.assertIn(clean, out)
        self.assertIn(missing + ': ', err)
        self.assertIn('empty.eml: is empty', err)
        self.assertIn('standard input: is empty', scan('scan', '--offline', '-')[2])
        self.assertIn('"": is no path', scan('scan', '--offline', '')[2])

    def test_order_is_that_of_the_names_whatever_the_number_of_judges(self):
        for i in range(120):
            self.write(f'{i % 7}/{i:03}.eml', PLAIN.format('x' * (i * 997 % 50000)))
        self.write('box', ''.join(POSTMARK + PLAIN.format(i) + '\n' for i in range(30)))
        status, one, _ = scan('scan', '--offline', '--json', '-j1', self.folder)
        self.assertEqual(status, 0)
        for judges in ('2', '5'):
            self.assertEqual(scan('scan', '--offline', '--json', '-j', judges, self.folder)[:2], (0, one))
        sources = [json.loads(line)['source'][len(self.folder) + 1:] for line in one.splitlines()]
        self.assertEqual(len(sources), 150)
        self.assertEqual(sources[:150], sorted(sources[:120]) + [f'box#{i}' for i in range(1, 31)])

    def test_standard_input(self):
        for words in (['-'], []):
            status, out, err = scan('scan', '--offline', '--json', *words, stdin=PLAIN.format('in').encode())
            self.assertEqual((status, len(err.splitlines())), (0, 1)) # that nothing was verified
            self.assertEqual(json.loads(out)['message']['subject'], 'in')
        box = ''.join(POSTMARK + PLAIN.format(i) + '\n' for i in range(3))
        self.assertEqual(len(scan('scan', '--offline', '-', stdin=box.encode())[1].splitlines()), 3)

    def test_mbox_quoting_is_undone(self):
        box = self.write('box', POSTMARK + 'Subject: a\n\n>From me\n>>From you\n> From us\n\n' + POSTMARK + 'Subject: b\n\n')
        sizes = [json.loads(line)['size'] for line in scan('scan', '--offline', '--json', box)[1].splitlines()]
        self.assertEqual(sizes, [len('Subject: a\n\nFrom me\n>From you\n> From us\n'), len('Subject: b\n')])

    def test_envelopes_give_connect_facts(self):
        self.write('in/a.eml', PLAIN.format(1))
        table = self.write('in.envelopes.tsv', 'a.eml\t192.0.2.1\thelo.example\t-\t<>\tb@example.net\n')
        report = json.loads(scan('scan', '--offline', '--json', '--envelopes', table, os.path.join(self.folder, 'in'))[1])
        self.assertEqual(report['envelope']['client_ip'], '192.0.2.1')
        self.assertEqual(report['envelope']['mail_from'], '')
        self.assertEqual(report['envelope']['rcpt_to'][0]['address'], 'b@example.net')
        status, out, err = scan('scan', '--offline', '--envelopes', self.write('in.envelopes.tsv', 'a.eml\t192.0.2.1\n'), self.folder)
        self.assertEqual((status, out), (2, ''))
        self.assertIn('in.envelopes.tsv:1: ', err)

    def test_envelopes_of_links_and_of_nothing(self):
        mail, link = self.write('a.eml', PLAIN.format(1)), os.path.join(self.folder, 'link.eml')
        os.symlink('a.eml', link)
        table = self.write('rows.tsv', 'link.eml\t192.0.2.7\thelo.example\t-\t-\t-\n')
        client = lambda path: json.loads(scan('scan', '--offline', '--json', '--envelopes', table, path)[1])['envelope']['client_ip']
        self.assertEqual(client(link), '192.0.2.7')
        self.assertIsNone(client(mail))
        self.assertNotIn('no row', scan('scan', '--offline', '--envelopes', table, link, mail)[2])
        status, out, err = scan('scan', '--offline', '--envelopes', table, mail) # no row is of use: most likely the wrong table
        self.assertEqual((status, len(out.splitlines())), (0, 1))
        self.assertIn('no row', err)

    def test_recorded_results_count_only_where_trusted(self):
        mail = self.write('a.eml', 'Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\r\n'
                          'Received: from x.example (x.example [198.51.100.2]) by mx.example.net with ESMTP;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\n' + PLAIN.format(1))
        basis = lambda *words: json.loads(scan('scan', '--offline', '--json', *words, mail)[1])['auth']['basis']
        self.assertNotEqual(basis(), 'trusted-header')
        self.assertNotEqual(basis('--trust-authserv', 'other.example.net'), 'trusted-header')
        self.assertEqual(basis('--trust-authserv', 'mx.example.net'), 'trusted-header')

    def test_arrival_time(self):
        mail = self.write('a.eml', 'Received: from x.example by y.example; Sat, 31 Jan 2026 12:00:00 +0000\r\n' + PLAIN.format(1))
        at = lambda path, *words: json.loads(scan('scan', '--offline', '--json', *words, path)[1])['received_at']
        self.assertEqual(at(mail), '2026-01-31T12:00:00Z')
        self.assertEqual(at(mail, '--now', '2026-02-01T00:00:00Z'), '2026-02-01T00:00:00Z')
        self.assertEqual(at(os.path.join(CASES, 'dmarc-reject'), '--now', '2026-02-01T00:00:00Z'), '2026-01-31T12:00:00Z')
        self.assertIsNone(at(self.write('b.eml', PLAIN.format(1))))

    def test_language(self):
        story = os.path.join(CASES, 'dmarc-reject')
        says = lambda *words, **env: scan('scan', '--explain', *words, story, env=env)[1]
        self.assertIn('The road', says())
        self.assertIn('経路', says('--lang', 'ja'))
        self.assertIn('経路', says(LANG='ja_JP.UTF-8'))
        self.assertIn('The road', says(LANG='ja_JP.UTF-8', LC_ALL='C'))
        self.assertIn('The road', says('--lang', 'en', LANG='ja_JP.UTF-8'))

    def test_colour_only_where_asked_for(self):
        story = os.path.join(CASES, 'dmarc-reject')
        self.assertNotIn('\033', scan('scan', '--explain', story)[1])
        self.assertIn('\033', scan('scan', '--explain', '--colour', 'always', story)[1])

    def test_file_names_steer_no_terminal(self):
        self.write('a\033[31m.eml', PLAIN.format(1))
        self.write('b\033[31m.eml', '')
        for words in ([], ['--explain'], ['--summary', '-q']):
            _, out, err = scan('scan', '--offline', *words, self.folder)
            self.assertNotIn('\033', out + err)

    def test_summary(self):
        for i in range(3):
            self.write(f'a/{i}.eml', PLAIN.format(i))
        self.write('b/1.eml', TWICE)
        self.write('b/2.eml', '')
        status, out, err = scan('scan', '--offline', '-q', '--summary', self.folder)
        rows = [line.split() for line in out.splitlines()]
        self.assertEqual(status, 2)
        self.assertEqual(rows[0][:4], ['clean', 'suspect', 'malicious', 'unread'])
        self.assertIn(['3', '0', '0', '0', os.path.join(self.folder, 'a')], rows)
        self.assertIn(['0', '1', '0', '1', os.path.join(self.folder, 'b')], rows)
        self.assertIn(['3', '1', '0', '1', 'total'], rows)
        self.assertEqual(rows.count(['1', 'from-twice']), 2)
        status, out, err = scan('scan', '--offline', '--json', '--summary', self.folder)
        self.assertEqual(len([json.loads(line) for line in out.splitlines()]), 4) # the table goes elsewhere
        self.assertIn('from-twice', err)

    def test_summary_takes_a_box_for_a_folder_and_no_name_for_a_box(self):
        mail, box = self.write('a#7.eml', PLAIN.format(1)), self.write('box', ''.join(POSTMARK + PLAIN.format(i) + '\n' for i in range(3)))
        rows = [line.split() for line in scan('scan', '--offline', '-q', '--summary', mail, box)[1].splitlines()]
        self.assertIn(['1', '0', '0', '0', self.folder], rows)
        self.assertIn(['3', '0', '0', '0', box], rows)

    def shown_on_a_terminal(self, *words):
        ours, its = pty.openpty()
        with subprocess.Popen([PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=its) as running:
            os.close(its)
            seen = b''
            try:
                while piece := os.read(ours, 65536):
                    seen += piece
            except OSError:
                pass # its end is closed
            os.close(ours)
        return running.returncode, seen.decode()

    def test_progress_is_shown_on_a_terminal_and_taken_away(self):
        for i in range(40):
            self.write(f'many/{i}.eml', PLAIN.format(i))
        box = self.write('box', ''.join(POSTMARK + PLAIN.format(i) + '\n' for i in range(500)))
        few, taken_away = self.write('few.eml', PLAIN.format(1)), r'(?s)/s\033\[K\r\033\[K(?!.*/s\033)'
        status, seen = self.shown_on_a_terminal('scan', '--offline', os.path.join(self.folder, 'many'))
        self.assertEqual(status, 0)
        self.assertRegex(seen, r'\r\[[# ]{30}\] +\d+%')
        self.assertRegex(seen, taken_away)
        status, seen = self.shown_on_a_terminal('scan', '--offline', box) # one file: how far it is nobody knows
        self.assertRegex(seen, r'\r\d+ messages')
        self.assertNotIn('%', seen)
        self.assertRegex(seen, taken_away)
        self.assertNotIn('messages, ', self.shown_on_a_terminal('scan', '--offline', few)[1])

    def test_what_rests_on_nothing_is_shown(self):
        for i in range(3):
            self.write(f'a/{i}.eml', PLAIN.format(i))
        self.write('b/odd.eml', TWICE)
        proved = os.path.join(CASES, 'newsletter-signed')
        ends = lambda *words: [line.split()[3:] for line in scan('scan', '--offline', *words)[1].splitlines()]
        self.assertEqual(ends(os.path.join(self.folder, 'a/1.eml')), [['nothing-verified']])
        self.assertEqual(ends(os.path.join(self.folder, 'b')), [['from-twice', 'nothing-verified']])
        self.assertNotIn('nothing-verified', ends(proved)[0])
        status, out, err = scan('scan', '--offline', '-q', '--summary', self.folder)
        rows = [line.split() for line in out.splitlines()]
        self.assertIn(['3', 'of', 'these', 'with', 'nothing', 'verified'], rows)
        self.assertIn(['4', 'of', 'these', 'with', 'nothing', 'verified'], rows)
        self.assertIn('for 4 of 4 messages nothing could be verified', err)
        for option in ('--envelopes', '--preset', '--trust-authserv', '--offline'):
            self.assertIn(option, err)
        self.assertEqual(scan('scan', '-q', proved, proved)[2], '')
        self.assertNotIn('of these', scan('scan', '-q', '--summary', proved)[1])
        self.assertIn('検証できなかった', scan('scan', '--offline', '-q', '--summary', '--lang', 'ja', self.folder)[1])

    def relay(self):
        """Two copies of what left through a relay, and the list of its customers."""
        for i in range(2):
            self.write(f'copies/{i}.eml', 'Received: from x.example (x.example [198.51.100.2]) by relay.example.net with ESMTP;\r\n'
                       ' Sat, 31 Jan 2026 12:00:00 +0000\r\n' + PLAIN.format(i))
        list_ = self.write('c.yaml', 'customers:\n  - name: A\n    tenants: [aaaaaaaa-1111-2222-3333-444455556666]\n    domains: [example.com]\n')
        return list_, os.path.join(self.folder, 'copies')

    def test_a_relay_that_could_not_examine_says_so(self):
        customers, copies = self.relay()
        outbound = ('scan', '--offline', '--direction', 'outbound', '--customers', customers)
        status, out, err = scan(*outbound, copies)
        self.assertEqual([line.split()[-1] for line in out.splitlines()], ['leave-unknown'] * 2)
        self.assertIn('for 2 of 2 outbound messages nothing could be examined', err)
        status, out, err = scan(*outbound, '--summary', '-q', copies)
        self.assertRegex(out, r'(?m)^ +2 of these outbound, and whether they may leave is not known$')
        status, out, err = scan(*outbound, '--trusted-host', 'relay.example.net', copies)
        self.assertEqual((status, 'leave-unknown' in out, 'outbound messages' in err), (1, False, False))

    def test_customers_want_a_direction_and_outbound_mail_customers(self):
        customers, copies = self.relay()
        status, out, err = scan('scan', '--offline', '--customers', customers, copies)
        self.assertEqual((status, out, len(err.splitlines())), (2, '', 1))
        self.assertIn('--direction outbound', err)
        self.assertEqual(scan('scan', '--offline', '--customers', customers, '--direction', 'inbound', copies)[0], 2)
        self.assertNotIn('--customers', scan('scan', '--customers', customers, os.path.join(CASES, 'm365-echo-relay'))[2])
        self.assertIn('no message was outbound', scan('scan', '--offline', '--customers', customers, os.path.join(CASES, 'dmarc-reject'), copies)[2])
        warned = lambda *words: scan('scan', '--offline', '--direction', 'outbound', *words, copies)[2].count('without --customers')
        self.assertEqual((warned(), warned('--customers', customers)), (1, 0))

    def test_a_trusted_id_in_vain_is_told(self):
        results = 'Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\r\n'
        received = 'Received: from x.example (x.example [198.51.100.2]) by mx.example.net with ESMTP;\r\n Sat, 31 Jan 2026 12:00:00 +0000\r\n'
        above, below = self.write('above.eml', results + received + PLAIN.format(1)), self.write('below.eml', received + results + PLAIN.format(1))
        told = lambda *words: [line for line in scan('scan', '--offline', *words)[2].splitlines() if '--trust-authserv mx' in line]
        self.assertEqual(told('--trust-authserv', 'mx.example.net', above, below), [])
        self.assertIn('no Authentication-Results field bears', told('--trust-authserv', 'mx.other.example', above)[0])
        self.assertIn('which machine is ours', told('--trust-authserv', 'mx.example.net', below)[0])
        ours = ('--trust-authserv', 'mx.example.net', '--trusted-host', 'mx.example.net')
        self.assertIn('below the trust edge', told(*ours, below)[0])
        self.assertEqual(told(*ours, above, below), [])
        self.assertEqual(told(*ours, '--trust-authserv-below', below), [])

    def test_files_of_another_kind(self):
        self.write('a.eml', PLAIN.format(1))
        self.write('b.eml', 'BZh: is a field, too\r\n' + PLAIN.format(1))
        for name, bytes_, said in (('box.gz', gzip.compress(PLAIN.format(1).encode()), 'is a gzip file, not mail; unpack it first'),
                                   ('box.bz2', bz2.compress(b'x'), 'is a bzip2 file'), ('box.xz', lzma.compress(b'x'), 'is an xz file'),
                                   ('ls', b'\x7fELF\x02', 'is an ELF program, not mail\n'), ('x.pdf', b'%PDF-1.4\n', 'is a PDF file'),
                                   ('x.db', b'SQLite format 3\0', 'is an SQLite database'), ('x.zip', b'PK\3\4\0', 'is a zip file')):
            path = self.write('other/' + name, bytes_)
            status, out, err = scan('scan', '--offline', path)
            self.assertEqual((status, out), (2, ''))
            self.assertIn(f'{path}: {said}', err)
        self.assertIn('standard input: is a gzip file', scan('scan', '--offline', stdin=gzip.compress(b'x'))[2])
        rows = [line.split()[:4] for line in scan('scan', '--offline', '-q', '--summary', self.folder)[1].splitlines()]
        self.assertIn(['2', '0', '0', '7'], rows)

    def test_the_summary_shows_the_heaviest_first(self):
        rows = [line.split() for line in scan('scan', '-q', '--summary', CASES)[1].splitlines()]
        names = [row[1] for row in rows if len(row) == 2]
        self.assertEqual(len(names), 12)
        with open(os.path.join(TOP, 'src', 'verdict', 'evidence.def'), encoding='utf-8') as f:
            prior = {name: float(weight) for name, weight in re.findall(r'^EVIDENCE\(\w+, "([^"]+)", "[^"]*",\s*"[^"]*", \w+, (-?[\d.]+)', f.read(), re.M)}
        weights = [prior[name] for name in names]
        self.assertEqual(weights, sorted(weights, reverse=True))
        self.assertEqual(rows[-1][:1] + rows[-1][2:], ['and', 'more'])

    def test_limits(self):
        mail = self.write('a.eml', PLAIN.format('x' * 5000))
        defects = lambda *words: [d['id'] for d in json.loads(scan('scan', '--offline', '--json', *words, mail)[1])['message']['defects']]
        self.assertNotIn('message-too-large', defects())
        self.assertTrue(defects('--limit', 'message_bytes=1000'))
        self.assertEqual(scan('scan', '--limit', 'nonsense=3', mail)[0], 2)

    def test_wrong_options(self):
        for words in (['--bogus'], ['-j'], ['-j', '0'], ['-j', 'x'], ['--lang', 'fr'], ['--preset', 'x'], ['--now', 'soon'], ['--direction', 'up'],
                      ['--trusted-network', 'x'], ['--colour', 'red'], ['--zone', '/nonexistent'], ['--envelopes', '/nonexistent'],
                      ['--customers', '/nonexistent'], ['--data', '/nonexistent'], ['--deadline', '0']):
            status, out, err = scan('scan', '--offline', *words, self.write('a.eml', PLAIN.format(1)))
            self.assertEqual((words, status, out), (words, 2, ''))
            self.assertTrue(err.startswith('sekimori: '), err)
        mail = self.write('m.eml', PLAIN.format(1))
        for words, said in ((['-zq'], '-z: unknown option'), (['-qz'], '-z: unknown option'), (['--bogus=3'], '--bogus=3: unknown option'),
                            (['--tru', 'x'], '--tru: is the beginning of several options'), (['--json=3'], '--json=3: this option takes no value'),
                            (['--customers'], '--customers wants a value (FILE)'), (['-j'], '-j wants a value (N)'),
                            (['--trust-authserv', mail], f'--trust-authserv wants a value (ID), and {mail} is a file'),
                            (['--trusted-host', '*.a.example', mail], 'x.example stands for what is under it too'),
                            (['--trusted-host', '', mail], '--trusted-host: "" is no name'), (['--trust-authserv', 'a b', mail], '"a b" is no name'),
                            (['--trusted-sealer', 'x y', mail], '--trusted-sealer: "x y" is no name'),
                            (['--json', '--explain', mail], '--json and --explain'), (['--zone', '/dev/null', mail], '--offline and --zone'),
                            (['--limit', 'depth', mail], '--limit wants NAME=VALUE'), (['--limit', 'depht=3', mail], 'no limit is called "depht"'),
                            (['--limit', 'depth=0', mail], 'number from 1 to 1G'), (['--limit', 'depth=2G', mail], 'number from 1 to 1G'),
                            (['--limit', 'depth=3 apples', mail], 'number from 1 to 1G')):
            status, out, err = scan('scan', '--offline', *words)
            self.assertEqual((words, status, out), (words, 2, ''))
            self.assertIn(f'sekimori: ' if said.startswith(('x.', 'num', 'no l', '"')) else f'sekimori: {said}', err)
            self.assertIn(said, err)
        for value in ('64k', '64K', '64KiB', '1M', '64 MiB', '1G', '65536'):
            self.assertEqual((value, scan('scan', '--offline', '--limit', 'message_bytes=' + value, mail)[0]), (value, 0))

    def test_verbs(self):
        self.assertEqual(scan('version')[:2], scan('--version')[:2])
        self.assertRegex(scan('version')[1], r'^sekimori \d+\.\d+\.\d+\n$')
        self.assertEqual(scan('help')[0], 0)
        self.assertEqual(scan()[0], 2)
        self.assertEqual(scan('nonsense')[0], 2)
        self.assertEqual(scan('table')[0], 2)
        self.assertIn('--envelopes', scan('scan', '--help')[1])
        self.assertEqual(scan('help', 'scan'), scan('scan', '--help'))
        self.assertEqual(scan('help', 'nonsense')[0], 2)

    def test_keys(self):
        folder = os.path.join(self.folder, 'keys')
        key = lambda *words: scan('key', *words, '--keys', folder)
        self.assertIn('sekimori key make seal makes the first', key('list')[1])
        status, out, err = key('make', 'seal')
        self.assertEqual((status, err), (0, ''))
        first = out.split()[0]
        self.assertRegex(out, r'^[0-9a-z]{12}  seal   current   since 20')
        self.assertRegex(key('rotate', 'seal', '--keep', '2d')[1], first + r'  seal   retiring  since .*  until ')
        status, out, err = key('make', 'dkim', '--domain', 'example.com', '--selector', 'one')
        self.assertRegex(out, r'(?m)^one\._domainkey\.example\.com\. IN TXT \( "v=DKIM1; k=rsa; p=[^"]+" "[^"]+" \)$')
        self.assertIn('sekimori key rotate dkim --domain example.com, then reload', out)
        self.assertIn(out.split('\n')[2], key('list', out.split()[0])[1])
        self.assertEqual(len(key('list')[1].splitlines()), 3)
        self.assertIn('is gone, and its secret with it', key('retire', first, '--keep', '0s')[1])
        self.assertEqual(sorted(name for name in os.listdir(folder) if first in name), [])
        self.assertEqual({os.stat(os.path.join(folder, name)).st_mode & 0o777 for name in os.listdir(folder)}, {0o600})
        for words, said in ((('make', 'sael'), 'is no purpose'), (('make', 'dkim'), 'wants one, like example.com'), (('retire', 'x'), 'there is no key x'),
                            (('rotate', 'arc', '--domain', 'example.com'), 'publish its record, then rotate'), (('make', 'seal', '--keep', 'x'), None),
                            (('rotate', 'seal', '--keep', 'x'), '--keep: '), (('do',), 'make, rotate, retire or list')):
            status, out, err = key(*words)
            if said:
                self.assertEqual((status, out), (2, ''))
                self.assertIn(said, err)
        os.chmod(folder, 0o755)
        self.assertIn('chmod 700', key('list')[2])

    def test_seals_of_files(self):
        folder, mail = os.path.join(self.folder, 'keys'), self.write('m.eml', PLAIN.format(1))
        scan('key', 'make', 'seal', '--keys', folder)
        self.assertEqual(scan('seal', '--keys', folder, mail), (1, mail + ': no seal\n', ''))
        self.assertEqual(scan('seal', '--keys', folder, '-', stdin=b'X-Sekimori-Seal: v=9\r\n' + PLAIN.format(1).encode())[:2],
                         (1, '-: no seal of ours: the field is damaged, or was written by somebody else\n'))
        self.assertEqual(scan('seal', '--keys', folder, mail, os.path.join(self.folder, 'none'))[0], 2)
        self.assertEqual(scan('seal', '--keys', folder)[0], 2)
        self.assertIn('name the configuration by --config', scan('seal', mail)[2])

    def test_keys_of_a_configuration(self):
        config = self.write('s.conf', 'keys: {folder: secrets}\n')
        self.assertEqual(scan('key', 'make', 'token', '--config', config)[0], 0)
        self.assertEqual(os.stat(os.path.join(self.folder, 'secrets')).st_mode & 0o777, 0o700)
        self.assertIn('token  current', scan('key', 'list', '--config', config)[1])
        for text in ('keys: {folders: x}\n', 'kyes: {folder: secrets}\n', 'keys: {folder: secrets}\nrun: {user: []}\n', 'keys: [\n'):
            self.assertIn('is not in order', scan('key', 'list', '--config', self.write('bad.conf', text))[2], text)
        early = self.write('early.conf', 'keys: {folder: secrets}\npolicies:\n  - {name: care, do: [lock], mode: active}\n') # no links.base_url yet
        self.assertIn('token  current', scan('key', 'list', '--config', early)[1])
        odd = self.write('odd.conf', 'keys: {folder: secrets}\ncolour: red\n')
        self.assertIn('token  current', scan('key', 'list', '--config', odd)[1])

    def test_links_without_a_key_are_warned_of(self):
        locks = 'policies:\n  - {name: care, do: [lock], mode: MODE}\nlinks: {base_url: "https://mail.one.example/l"}\nkeys: {folder: linkkeys}\n'
        doors = self.LISTENER + '  - {name: links, kind: links, address: "127.0.0.1:81"}\n'
        lacks = 'policies: care: links are locked for good: there is no key in '
        passive = self.write('passive.conf', self.ORGANISATION + doors + locks.replace('MODE', 'passive'))
        active = self.write('active.conf', self.ORGANISATION + doors + locks.replace('MODE', 'active'))
        self.assertNotIn(lacks, scan('check-config', passive)[2])
        status, _, err = scan('check-config', active)
        self.assertIn(lacks, err)
        self.assertIn('sekimori key make token, then reload', err)
        self.assertEqual((status, scan('check-config', '--strict', active)[0]), (0, 1))
        self.assertEqual(scan('key', 'make', 'token', '--config', active)[0], 0)
        self.assertNotIn(lacks, scan('check-config', active)[2])

    def test_fit_says_how_far_it_can_be_trusted(self):
        for i in range(20):
            self.write(f'honest/{i}.eml', PLAIN.format(i))
            self.write(f'bad/{i}.eml', TWICE.replace('Hello', f'Hello {i}'))
        weights = os.path.join(self.folder, 'weights.tsv')
        words = ('--offline', '--ham', os.path.join(self.folder, 'honest'), '--phish', os.path.join(self.folder, 'bad'))
        status, out, err = scan('fit', *words, '-o', weights)
        self.assertEqual((status, out), (0, ''), err)
        self.assertIn('0 of ', err)
        self.assertRegex(err, r'warning: 20 bad and 20 honest messages are few')
        self.assertIn('the weights in use until now', err)
        with open(weights, encoding='utf-8') as f:
            rows = {line.split('\t')[0]: line.rstrip().split('\t') for line in f if not line.startswith('#')}
        self.assertEqual(rows['from-twice'][4:], ['20', '20', '0', '20', 'prior'])
        self.assertEqual(scan('eval', *words, '--weights', weights)[0], 0)

    # ---- the configuration
    ORGANISATION = 'organisations:\n  - {id: one, name: One, domains: [one.example]}\n'
    LISTENER = 'listeners:\n  - {name: http, address: "127.0.0.1:80"}\n'

    def test_check_config(self):
        example = os.path.join(TOP, 'conf', 'sekimori.conf')
        status, out, err = scan('check-config', '--strict', example)
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'conf/sekimori.conf: in order: generation [0-9a-z]{20}, 1 organisation, 1 listener\n$')
        printed = self.write('printed.conf', scan('check-config', '--print-config', example)[1])
        self.assertEqual(scan('check-config', printed)[1].split('generation ')[1], out.split('generation ')[1])
        warned = self.write('warned.conf', self.ORGANISATION)
        status, out, err = scan('check-config', warned)
        self.assertEqual((status, err), (0, f'{warned}: warning: listeners: is empty: the service would have no door\n'))
        self.assertEqual(scan('check-config', '--strict', warned)[0], 1)
        bad = self.write('bad.conf', 'verdict:\n  prior: 3\n  piror: 3 %\n')
        status, out, err = scan('check-config', '--print-config', bad)
        self.assertEqual((status, out), (2, ''))
        self.assertIn(f'{bad}:2: verdict.prior: "3" has no unit; write it like 0.5 %\n{bad}:3: verdict.piror: is no key; did you mean "prior"?\n', err)
        self.assertEqual(scan('check-config', os.path.join(self.folder, 'none.conf'))[0], 2)
        self.assertEqual(scan('check-config', bad, bad)[0], 2)

    def test_a_configuration_judges_as_the_options_do(self):
        case = os.path.join(CASES, 'recorded-and-trusted')
        mail, zone = os.path.join(case, 'message.eml'), os.path.join(CASES, 'dmarc-reject', 'dns.zone')
        with open(os.path.join(case, 'settings'), encoding='utf-8') as f:
            settings = dict(line.strip().split(': ') for line in f if ': ' in line)
        people = self.write('people.yaml', 'own_domains: [harbour.example]\nown_names: [Harbour]\n')
        self.write('customers.yaml', 'customers:\n  - {name: A, tenants: [0f0e0d0c-1111-2222-3333-444455556666], domains: [a.example]}\n')
        config = self.write('sekimori.conf', f"""
organisations: [{{id: one, name: One, domains: [one.example], people_file: people.yaml}}]
{self.LISTENER}
trust:
  preset: none
  hosts: [{settings['trusted_host']}]
  networks: [192.0.2.0/24]
  authserv: [{settings['trust_authserv']}]
  authserv_below: yes
  sealers: [example.net]
relay: {{customers: customers.yaml}}
dns: {{zone: {zone}}}
limits: {{links: 7}}
verdict: {{prior: 2 %}}
""")
        options = ('--preset', 'none', '--trusted-host', settings['trusted_host'], '--trusted-network', '192.0.2.0/24',
                   '--trust-authserv', settings['trust_authserv'], '--trust-authserv-below', '--trusted-sealer', 'example.net', '--zone', zone,
                   '--limit', 'links=7', '--prior', '2', '--own-domain', 'one.example', '--people', people)
        told, by_options = (json.loads(scan('scan', '--json', *words, mail)[1]) for words in (('--config', config), options))
        self.assertEqual(told.pop('generation'), scan('check-config', config)[1].split('generation ')[1].split(',')[0])
        by_options.pop('generation')
        self.assertEqual(told, by_options)
        self.assertEqual(told['auth']['basis'], 'trusted-header')
        plain = json.loads(scan('scan', '--json', '--zone', zone, mail)[1])
        plain.pop('generation')
        self.assertNotEqual(told, plain)

    def test_options_override_a_configuration(self):
        zone = os.path.join(CASES, 'newsletter-signed', 'dns.zone')
        mail = os.path.join(CASES, 'newsletter-signed', 'message.eml')
        config = self.write('sekimori.conf', self.ORGANISATION + self.LISTENER + f'dns: {{zone: {zone}}}\nverdict: {{prior: 2 %}}\n')
        offline = self.write('offline.conf', self.ORGANISATION + self.LISTENER + 'dns: {offline: yes}\n')
        report = lambda *words: json.loads(scan('scan', '--json', *words, mail)[1])
        whole = report('--config', config)
        self.assertRegex(whole['generation'], '^[0-9a-z]{20}$')
        self.assertNotEqual(whole['auth']['dkim'][0]['result'], 'unknown')
        for words in (('--config', config, '--offline'), ('--offline', '--config', config)):
            self.assertEqual(report(*words)['auth']['dkim'][0]['result'], 'unknown')
            self.assertEqual(report(*words)['generation'], whole['generation'] + '+options')
        self.assertEqual(report('--config', offline)['auth']['dkim'][0]['result'], 'unknown')
        self.assertEqual(report('--config', offline, '--zone', zone)['auth']['dkim'], whole['auth']['dkim'])
        self.assertNotEqual(report('--config', config, '--prior', '50')['score'], whole['score'])
        self.assertEqual(report('--config', config, '--data', os.path.join(TOP, 'data'))['score'], whole['score'])

    def test_a_configuration_of_several_organisations_wants_one_named(self):
        mail = self.write('m.eml', PLAIN.format(1))
        two = self.write('two.conf', self.ORGANISATION + '  - {id: two, name: Two, domains: [example.com], language: ja}\n' + self.LISTENER)
        status, out, err = scan('scan', '--offline', '--config', two, mail)
        self.assertEqual((status, out), (2, ''))
        self.assertIn('has 2 organisations, and which of them received the mail is not said: add --organisation ID', err)
        self.assertIn('has no organisation "three"', scan('scan', '--offline', '--config', two, '--organisation', 'three', mail)[2])
        self.assertIn('add --config FILE', scan('scan', '--offline', '--organisation', 'two', mail)[2])
        seen = lambda name: scan('scan', '--offline', '--explain', '--config', two, '--organisation', name, mail)[1]
        self.assertNotIn('判定', seen('one'))
        self.assertIn('判定', seen('two'))
        bad = self.write('bad.conf', 'verdict: {prior: 3}\n')
        status, out, err = scan('scan', '--config', bad, mail)
        self.assertEqual((status, out), (2, ''))
        self.assertIn(f'{bad}:1: verdict.prior: ', err)
        self.assertIn('is not in order (1 fault); nothing was scanned', err)

    def test_an_interrupt_ends_every_process(self):
        self.write('box', (POSTMARK + PLAIN.format('x' * 2000) + '\n') * 20000)
        running = subprocess.Popen([PROGRAM, 'scan', '--offline', '-q', '-j3', self.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline, below = time.time() + 20, []
        while len(below) < 4 and time.time() < deadline: # the template and three judges
            below = descendants(running.pid)
        running.send_signal(signal.SIGINT)
        self.assertIn(running.wait(timeout=30), (-signal.SIGINT, 0))
        self.assertEqual(len(below), 4)
        while any(map(is_there, below)) and time.time() < deadline:
            time.sleep(0.05)
        self.assertFalse(any(map(is_there, below)))


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
