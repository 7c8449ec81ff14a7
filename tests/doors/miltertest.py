#!/usr/bin/env python3
"""The milter door before a mail server's side that is not ours: miltertest of OpenDKIM, which builds the frames by itself and knows edits by
its own counting.

usage: tests/doors/miltertest.py SEKIMORI FAULTY [TEST]...    wants the package miltertest
"""
import os, shutil, subprocess, sys, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import actions, mta, service

HEAD = """
function said(conn)
    return assert(mt.getreply(conn))
end
function expect(what, yes)
    if not yes then error(what) end
end
conn = mt.connect("inet:" .. port .. "@127.0.0.1")
expect("no connection", conn ~= nil)
expect("no agreement", mt.negotiate(conn, {version}, nil, nil) == nil)
expect("client", mt.conninfo(conn, "mail.shop.example", "192.0.2.7") == nil and said(conn) == SMFIR_CONTINUE)
expect("helo", mt.helo(conn, "mail.shop.example") == nil and said(conn) == SMFIR_CONTINUE)
"""
MAIL = """
mt.macro(conn, SMFIC_MAIL, "i", "{id}")
expect("sender", mt.mailfrom(conn, "<a@shop.example>", "SIZE=100") == nil and said(conn) == SMFIR_CONTINUE)
expect("recipient", mt.rcptto(conn, "<{to}>") == nil and said(conn) == SMFIR_CONTINUE)
for _, field in ipairs({{{{"X-Sekimori", "clean"}}, {{"From", "a@shop.example"}}, {{"To", "b@harbour.example"}}, {{"Message-ID", "<{id}@shop.example>"}}, {{"Subject", "Hello"}},
                        {{"x-spam-flag", "NO"}}, {{"X-Spam-Flag", "NO"}}, {{"MIME-Version", "1.0"}}, {{"Content-Type", "text/plain"}}}}) do
    expect("field " .. field[1], mt.header(conn, field[1], field[2]) == nil and said(conn) == SMFIR_CONTINUE)
end
expect("header", mt.eoh(conn) == nil and said(conn) == SMFIR_CONTINUE)
expect("body", mt.bodystring(conn, "Hello\\r\\n") == nil and said(conn) == SMFIR_CONTINUE)
expect("end", mt.eom(conn) == nil)
answer = said(conn)
"""


@unittest.skipUnless(shutil.which('miltertest'), 'miltertest is not installed')
class OtherClient(actions.ActionCase):
    def told(self, one, *pieces, version='nil', **words):
        """The script HEAD with pieces behind it; what it prints."""
        script = os.path.join(self.folder, 'script.lua')
        with open(script, 'w', encoding='utf-8') as f:
            f.write(HEAD.replace('{version}', version) + ''.join(pieces) + '\nmt.disconnect(conn)\n')
        done = subprocess.run(['miltertest', '-D', f'port={self.port}', '-s', script], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ''), done.stdout)
        self.assertEqual(one.events('milter-fault'), [])
        return done.stdout.split()

    def mail(self, act):
        return MAIL.format(id=act.upper(), to=f'{act}@harbour.example')

    def test_edits_are_understood(self):
        one = self.serve()
        found = self.told(one, self.mail('headers'), '''
print(answer == SMFIR_CONTINUE, mt.eom_check(conn, MT_HDRDELETE, "X-Spam-Flag"), mt.eom_check(conn, MT_HDRDELETE, "X-Sekimori"))
print(mt.eom_check(conn, MT_HDRADD, "X-Spam-Flag", " YES") or mt.eom_check(conn, MT_HDRADD, "X-Spam-Flag", "YES"), mt.eom_check(conn, MT_HDRCHANGE, "Subject"))
''', self.mail('banner'), '''
print(answer == SMFIR_CONTINUE, mt.eom_check(conn, MT_BODYCHANGE))
''', self.mail('tag'), '''
print(mt.eom_check(conn, MT_HDRCHANGE, "Subject", " [Suspicious] Hello") or mt.eom_check(conn, MT_HDRCHANGE, "Subject", "[Suspicious] Hello"), mt.eom_check(conn, MT_BODYCHANGE))
''', self.mail('nobody'), '''
print(answer == SMFIR_CONTINUE, mt.eom_check(conn, MT_BODYCHANGE), mt.eom_check(conn, MT_HDRADD, "X-Spam-Flag"))
''')
        self.assertEqual(found, ['true'] * 3 + ['true', 'false'] + ['true'] * 2 + ['true', 'false'] + ['true', 'false', 'false'])
        self.assertEqual(len(one.events('decided')), 4)

    def test_a_refusal_and_a_hold_are_understood(self):
        one = self.serve()
        found = self.told(one, self.mail('reject'), 'print(answer == SMFIR_REPLYCODE or answer == SMFIR_REJECT)\n', self.mail('hold'),
                          'print(answer == SMFIR_DISCARD)\n')
        self.assertEqual(found, ['true', 'true'])

    def test_older_servers_are_understood(self):
        """Version 2 knows no command but the first, and fields only whole."""
        one = self.serve()
        self.assertEqual(self.told(one, self.mail('nobody'), 'print(answer == SMFIR_CONTINUE)\n', version='2'), ['true'])
        self.assertEqual(self.decision(one, 'NOBODY')['verdict'], 'suspicious')


if __name__ == '__main__':
    mta.PROGRAM, mta.FAULTY = (os.path.abspath(path) for path in sys.argv[1:3])
    service.PROGRAM, service.FAULTY = mta.PROGRAM, mta.FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
