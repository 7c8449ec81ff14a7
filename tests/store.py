#!/usr/bin/env python3
"""`sekimori store` as an administrator meets it: exit statuses, words, what is left on the disk.

usage: tests/store.py SEKIMORI
"""
import os, sqlite3, subprocess, sys, tempfile, threading, unittest

PROGRAM = ''


def store(*words):
    done = subprocess.run([PROGRAM, 'store', *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Store(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory()
        self.path = self.at('store.db')
        self.addCleanup(self.holder.cleanup)
        self.made(self.path)

    def at(self, name):
        return os.path.join(self.holder.name, name)

    def made(self, path, rows=1000):
        """A file as the program makes it."""
        db = self.opened(path)
        db.executescript('''PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA application_id=1399155561; PRAGMA user_version=3;
            CREATE TABLE mail (id TEXT NOT NULL, at INTEGER NOT NULL, body BLOB, PRIMARY KEY (id)) STRICT;
            CREATE INDEX mail_at ON mail (at); CREATE TABLE counter (name TEXT NOT NULL, n INTEGER, PRIMARY KEY (name)) STRICT, WITHOUT ROWID''')
        with db:
            db.executemany('INSERT INTO mail VALUES (?, ?, ?)', ((f'id{i}', i, b'x' * 2000) for i in range(rows)))
        db.close()
        os.chmod(path, 0o600)

    def opened(self, path):
        return sqlite3.connect(path, timeout=20, isolation_level=None)

    def test_usage(self):
        for words in ((), ('check',), ('backup', self.path), ('backup', self.path, 'a', 'b'), ('heal', self.path), ('compact',), ('check', '--replace', self.path), ('--colour',)):
            status, out, err = store(*words)
            self.assertEqual((words, status, out), (words, 2, ''))
            self.assertIn('usage: sekimori store check', err)
        self.assertIn('--config: is no option of this verb, which takes the file', store('check', '--config', self.path)[2])
        status, out, err = store('--help')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('--replace', out)

    def test_a_sound_store(self):
        status, out, err = store('check', self.path)
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'store\.db: sound: version 3, 2 tables, 1000 rows, \d\.\d MB of which 0\.\d MB are unused\n')

    def test_faults_are_told(self):
        os.chmod(self.path, 0o644)
        with open(self.path, 'r+b') as file:
            file.seek(os.path.getsize(self.path) // 2 // 4096 * 4096)
            file.write(b'\xa5' * 4096)
        status, out, err = store('check', self.path, self.at('none.db'))
        self.assertEqual(status, 2)
        self.assertIn('store.db: others than its owner may read or write the file (mode 0644)', out)
        self.assertRegex(out, r'store\.db: \d+ faults\. Where the file itself is damaged: stop the service')
        self.assertIn('none.db: cannot be opened: No such file or directory', err)
        self.assertEqual(store('check', self.path)[0], 1)
        status, _, err = store('backup', self.path, self.at('copy.db'))
        self.assertEqual((status, os.path.exists(self.at('copy.db'))), (2, False))
        self.assertIn('is damaged, and so would its copy be', err)

    def test_what_is_no_store(self):
        with open(self.at('letter'), 'w') as file:
            file.write('Dear Sir or Madam, this is no store. ' * 100)
        db = self.opened(self.at('other.db'))
        db.executescript('CREATE TABLE t (x)')
        db.close()
        os.symlink(self.path, self.at('link.db'))
        for name, said in (('letter', 'is no store'), ('other.db', 'of another program'), ('link.db', 'is a link'), ('', 'is the name of a folder'), ('none/store.db', 'make the folder first')):
            for act in (('check',), ('compact',), ('backup',)):
                status, out, err = store(*act, self.at(name), *([self.at('copy.db')] if act[0] == 'backup' else []))
                self.assertEqual((name, act, status, out), (name, act, 2, ''))
                self.assertIn(said, err)
        self.assertEqual(sorted(os.listdir(self.holder.name)), ['letter', 'link.db', 'other.db', 'store.db'])

    def test_backup_beside_a_writer(self):
        copy, going = self.at('copy.db'), threading.Event()

        def write():
            db = self.opened(self.path)
            number = 1000
            while not going.is_set():
                db.executescript('BEGIN IMMEDIATE;' + ''.join(f"INSERT INTO mail VALUES ('id{number + i}', {number + i}, NULL);" for i in range(10)) + 'COMMIT')
                number += 10
            db.close()
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for turn in range(5):
                status, out, err = store('backup', *(['--replace'] if turn else []), self.path, copy)
                self.assertEqual((status, out, err), (0, '', ''))
                db = self.opened(copy)
                self.assertEqual(db.execute('SELECT count(*) % 10 FROM mail').fetchone(), (0,))
                db.close()
                self.assertEqual(os.stat(copy).st_mode & 0o7777, 0o600)
        finally:
            going.set()
            writer.join()
        before = os.stat(copy).st_ino
        status, _, err = store('backup', self.path, copy)
        self.assertEqual((status, os.stat(copy).st_ino), (2, before))
        self.assertIn('is there already; give another name, or --replace', err)
        status, out, _ = store('check', self.path, copy)
        self.assertEqual((status, out.count(': sound: ')), (0, 2), out)

    def test_compact_gives_room_back(self):
        db = self.opened(self.path)
        db.execute('DELETE FROM mail WHERE at > 9')
        db.close()
        status, out, err = store('compact', self.path)
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'store\.db: 2\.\d MB before, 0\.\d MB now\n')
        self.assertEqual(store('check', self.path)[0], 0)
        db = self.opened(self.path)
        db.execute('BEGIN IMMEDIATE')
        status, _, err = store('check', self.path)  # a reader does not wait
        self.assertEqual((status, err), (0, ''))
        db.close()


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
