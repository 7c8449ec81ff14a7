#!/usr/bin/env python3
"""Records as an operator meets them: kept once, explained byte for byte, found, judged again, corrected, forgotten.

usage: tests/records.py SEKIMORI        asks no network"""
import json, os, subprocess, sys, tempfile, unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.path.join(os.environ.get('SEKIMORI_SHARED_DATA', os.path.join(TOP, '..', 'shared', 'data')), 'mail')
PROGRAM = ''
MAIL = 'Received: from a.sender.example (a.sender.example [192.0.2.7])\r\n\tby mx.example.net (Postfix) with ESMTP id 1; Sat, 31 Jan 2026 12:00:0{0} +0000\r\n' \
       'From: Taro Yamada <taro@sender.example>\r\nTo: "Hanako Suzuki" <hanako@example.net>\r\nSubject: Order number {0}\r\nMessage-ID: <{0}@sender.example>\r\n\r\n' \
       'See https://shop.sender.example/{0}\r\n'


def run(*words):
    clean = {k: v for k, v in os.environ.items() if k not in ('LC_ALL', 'LC_MESSAGES', 'LANG', 'NO_COLOR', 'SEKIMORI_LISTS')}
    done = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900, env=clean, cwd=TOP)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def by_id(lines):
    """Messages that are the same in all that an id is made of are left out: which of them is kept is a matter of chance."""
    found, twice = {}, set()
    for line in lines.splitlines():
        one = json.loads(line)['id']
        (twice.add if one in found else lambda _: None)(one)
        found[one] = line
    return {one: line for one, line in found.items() if one not in twice}


class Records(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.store = os.path.join(folder.name, 'store.db')
        for i in range(3):
            with open(os.path.join(self.folder, f'{i}.eml'), 'w', newline='') as file:
                file.write(MAIL.format(i))
        with open(os.path.join(self.folder, 'rows.tsv'), 'w') as file:
            file.writelines(f'{i}.eml\t192.0.2.7\ta.sender.example\t-\ttaro@sender.example\thanako@example.net\n' for i in range(3))

    def scan(self, *words):
        return run('scan', '--offline', '--json', '--store', self.store, '--envelopes', os.path.join(self.folder, 'rows.tsv'), *words,
                   *(os.path.join(self.folder, f'{i}.eml') for i in range(3)))

    def ask(self, verb, *words):
        return run(verb, *words[:1] if verb in ('allow', 'deny') else (), '--store', self.store, *(words[1:] if verb in ('allow', 'deny') else words))

    def same(self, told, store):
        """Each report that scan printed, from the store: explained, and replayed by the same settings."""
        ids = list(told)
        self.maxDiff = 2000
        for at in range(0, len(ids), 1000):
            status, out, err = run('explain', '--json', '--store', store, *ids[at:at + 1000])
            self.assertEqual(err, '')
            for line in out.splitlines():
                self.assertEqual(line, told[json.loads(line)['id']])
        status, out, err = run('replay', '--all', '--json', '--store', store)
        self.assertEqual(status, 0, err)
        replayed = by_id(out)
        for one in ids:
            self.assertEqual(replayed[one], told[one])
        return len(ids)

    def test_kept_once_and_explained(self):
        status, out, err = self.scan()
        self.assertIn('3 records kept', err)
        self.assertEqual(self.same(by_id(out), self.store), 3)
        self.assertIn('0 records kept', self.scan('-j2')[2])
        self.assertEqual(self.ask('explain', 'nothing')[0], 2)

    def test_own_messages_byte_for_byte(self):
        folders = [os.path.join('tests', name) for name in ('honest', 'honest-fresh', 'honest-blind', 'cases')]
        for number, folder in enumerate(folders):
            store = os.path.join(self.folder, f'{number}.db')
            out = run('scan', '--offline', '--json', '--store', store, folder)[1]
            self.assertGreaterEqual(self.same(by_id(out), store), 70)
        for lang in ('en', 'ja'):
            page = run('scan', '--offline', '--explain', '--lang', lang, 'tests/cases/m365-echo-recipient')[1]
            one = json.loads(run('scan', '--offline', '--json', 'tests/cases/m365-echo-recipient')[1])['id']
            self.assertEqual(run('explain', '--lang', lang, '--store', os.path.join(self.folder, '3.db'), one)[1], page)

    def test_development_messages_byte_for_byte(self):
        if not os.path.isdir(SHARED):
            self.skipTest('the development mail is not there')
        store = os.path.join(self.folder, 'dev.db')
        out = run('scan', '--offline', '--json', '--store', store, os.path.join(SHARED, 'phish'), os.path.join(SHARED, 'spam'), os.path.join(SHARED, 'ham'))[1]
        count = self.same(by_id(out), store)
        print(f'{count} development messages, {os.path.getsize(store) / count:.0f} bytes a record', file=sys.stderr)
        self.assertLessEqual(os.path.getsize(store) / count, 4096)

    def test_hunt(self):
        self.scan()
        self.assertEqual(len(self.ask('hunt', '--from', 'sender.example')[1].splitlines()), 3)
        status, out, err = self.ask('hunt', '--from', 'ender.example')
        self.assertEqual((status, out), (1, ''))
        self.assertIn('nothing was found', err)
        self.assertEqual(self.ask('hunt', '--json', '--from', 'ender.example')[1:], ('', '')) # a program sees it by the status
        status, out, err = self.ask('hunt', '--subject', 'order', '--limit', '2')
        self.assertIn('--after', err)
        self.assertEqual(len(self.ask('hunt', '--subject', 'order', '--limit', '2', '--after', out.splitlines()[1].split()[0])[1].splitlines()), 1)
        self.assertEqual(len(self.ask('hunt', '--subject', 'NUMBER 1', '--to', 'hanako@example.net', '--link-host', 'shop.*')[1].splitlines()), 1)
        self.assertEqual(self.ask('hunt', '--evidence', 'no-such')[0], 2)
        self.assertEqual(self.ask('hunt', '--since', 'tomorrow')[0], 2)
        self.assertEqual(self.ask('hunt', '--since', '2026-02-01')[0], 1)

    def test_replay_counts(self):
        self.scan()
        status, out, err = self.ask('replay', '--suspicious', '0', '--malicious', '0')
        self.assertEqual(status, 1)
        self.assertIn('3 records judged again; 0 of them need the body', out)
        lists = os.path.join(self.folder, 'lists')
        os.mkdir(lists)
        for host, body in (('other.example', 0), ('shop.sender.example', 3)):
            with open(os.path.join(lists, 'hosts.yaml'), 'w') as file:
                file.write(f'groups:\n  - kind: shortener\n    sure: yes\n    source: a test\n    date: 2026-06-17\n    hosts: [{host}]\n')
            self.assertIn(f'{body} of them need the body', self.ask('replay', '--lists', lists)[1])

    def test_replay_notices_whatever_else_has_changed(self):
        people = 'organisations:\n  - {{id: net, name: Net, domains: [example.net{0}], names: [Net Ltd{1}], partners: [other.example{2}], people: [{{name: Hanako Suzuki{3}}}]}}\n'
        conf, rest = os.path.join(self.folder, 'new.conf'), 'trust: {preset: none}\n'

        def replay(*parts, more=rest):
            with open(conf, 'w') as file:
                file.write(people.format(*parts) + more)
            return self.ask('replay', '--conf', conf)[1]
        replay('', '', '', '') # writes it; there are no records yet
        self.scan('--config', conf)
        for parts, more, word in ((('', '', '', ''), rest, None), ((', more.example', '', '', ''), rest, 'own domains'), (('', ', Net KK', '', ''), rest, 'own names'),
                                  (('', '', ', third.example', ''), rest, 'partners'), (('', '', '', ', title: CEO'), rest, 'people'),
                                  (('', '', '', ''), 'trust: {preset: m365}\n', 'trusted machines'), (('', '', '', ''), rest + 'limits: {parts: 5}\n', 'limits'),
                                  (('', '', '', ''), 'trust: {preset: none, authserv: [mx.example.net]}\n', 'trusted results'),
                                  (('', '', '', ''), rest + 'verdict: {prior: 2 %}\n', None), (('', '', '', ''), rest + 'keep: {records: 91 d}\n', None)):
            out = replay(*parts, more=more)
            self.assertIn(f'3 records judged again; {3 if word else 0} of them need the body', out, word)
            if word:
                self.assertIn(f'"needs_the_body":"{word}: others than it was judged by', self.ask('replay', '--json', '--all', '--conf', conf)[1])

    def test_replay_tells_of_values_of_another_edition(self):
        conf, systems, suffixes = (os.path.join(self.folder, name) for name in ('editions.conf', 'as.csv', 'suffixes.dat'))
        files = {'as': (systems, '192.0.2.0,192.0.2.255,64500,Sender\n'), 'suffixes': (suffixes, 'example\nnet\n')}

        def replay(**contents):
            with open(conf, 'w') as file:
                file.write('tables:\n' + ''.join(f'  {name}: {path}\n' for name, (path, _) in files.items() if contents.get(name) != ''))
            for name, (path, text) in files.items():
                with open(path, 'w') as file:
                    file.write(contents.get(name) or text)
            return self.ask('replay', '--all', '--conf', conf)[1]
        replay()
        self.scan('--config', conf)
        self.assertNotIn('another edition', replay())
        for contents, word in (({'as': '192.0.2.0,192.0.2.255,64500,Sender Ltd\n'}, 'AS numbers'), ({'suffixes': 'example\nnet\nco.example\n'}, 'public suffixes'),
                               ({'as': '192.0.2.0,192.0.2.9,1,S\n', 'suffixes': 'net\n'}, 'AS numbers, public suffixes'), ({'as': ''}, 'AS numbers')):
            told = replay(**contents)
            self.assertIn('3 records judged again; 0 of them need the body; 3 were judged with countries, AS numbers or public suffixes of another edition', told)
            self.assertEqual(told.count(f'(with values of another edition: {word})'), 3, told)
        self.assertNotIn('another edition', replay()) # nor where the file is there again

    def test_why_not(self):
        self.scan()
        one = self.ask('hunt', '--limit', '1')[1].split()[0]
        status, out, err = self.ask('why-not', '--json', one)
        kinds = {change['what'] for change in json.loads(out)['changes']}
        self.assertIn('deny --domain sender.example', kinds)
        self.assertNotIn('allow --domain sender.example', kinds) # nothing proves it
        self.assertIn('でなく', self.ask('why-not', '--lang', 'ja', one)[1])
        self.assertNotIn(' or below', self.ask('why-not', '--lang', 'ja', one)[1])
        self.assertEqual(self.ask('why-not', 'nothing')[0], 2)

    def test_allow_and_deny(self):
        self.assertEqual(self.ask('deny', 'add', '--domain', 'sender.example', '--reason', 'x', '--expires', '1d')[0], 2) # there is no store
        self.scan()
        self.assertIn('reason', self.ask('deny', 'add', '--domain', 'sender.example', '--expires', '2030-01-01')[2])
        self.assertIn('--expires', self.ask('deny', 'add', '--domain', 'sender.example', '--reason', 'x')[2])
        self.assertEqual(self.ask('deny', 'add', '--domain', 'sender.example', '--reason', 'We left them', '--expires', '2030-01-01')[0], 0)
        self.assertEqual(self.ask('allow', 'add', '--domain', 'sender.example', '--reason', 'Known', '--expires', '2030-01-01')[0], 0)
        status, out, err = run('replay', '--store', self.store, '--entries')
        self.assertEqual(status, 1)
        with open(os.path.join(self.folder, '0.eml'), 'w', newline='') as file:
            file.write(MAIL.format(7))
        fresh = [json.loads(line) for line in self.scan()[1].splitlines()]
        found = [e['id'] for e in fresh[0]['evidence']]
        self.assertIn('entry-deny', found)
        self.assertNotIn('entry-allow', found) # the domain is not proved
        self.assertEqual(json.loads(self.ask('deny', 'list', '--json')[1])['hits'], 1) # the two others had their records
        self.assertEqual(self.ask('allow', 'remove', '1')[0], 2) # it is a denying one
        self.assertEqual(self.ask('deny', 'remove', '1')[0], 0)
        self.assertIn('no deny entries', self.ask('deny', 'list')[2])
        self.assertEqual(self.ask('deny', 'list', '--json')[1:], ('', ''))

    def test_correct(self):
        self.scan()
        one = self.ask('hunt', '--limit', '1')[1].split()[0]
        self.assertEqual(self.ask('correct', one)[0], 2)
        self.assertEqual(self.ask('correct', '--undo', one)[0], 2)
        before = self.ask('explain', one)[1]
        self.assertEqual(self.ask('correct', '--bad', one)[0], 0)
        self.assertIn('\nCorrected since, at ', self.ask('explain', one)[1])
        self.assertIn(': it was bad.\n', self.ask('explain', one)[1])
        self.assertEqual(self.ask('correct', '--honest', one)[0], 0)
        self.assertIn('正当', self.ask('explain', '--lang', 'ja', one)[1].splitlines()[-1])
        self.assertEqual(self.ask('correct', '--undo', one)[0], 0)
        self.assertEqual(self.ask('explain', one)[1], before)
        self.assertEqual(self.ask('correct', '--bad', 'nothing')[0], 2)

    def test_forget(self):
        self.scan()
        dry = json.loads(self.ask('forget', '--json', '--person', 'Hanako@example.net')[1])
        self.assertEqual((dry['done'], dry['written'], dry['received']), (False, 0, 3))
        one = self.ask('hunt', '--to', 'hanako@example.net', '--limit', '1')[1].split()[0]
        self.ask('forget', '--yes', '--person', 'hanako@example.net')
        report = self.ask('explain', '--json', one)[1]
        self.assertNotIn('anako', report)
        self.assertNotIn('Suzuki', report)
        self.assertIn('taro@sender.example', report)
        self.assertEqual(self.ask('hunt', '--to', 'hanako@example.net')[0], 1)
        self.ask('forget', '--yes', '--person', 'taro@sender.example')
        self.assertEqual(self.ask('hunt')[0], 1)
        with open(self.store, 'rb') as file:
            self.assertEqual(run('store', 'check', self.store)[0], 0)


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
