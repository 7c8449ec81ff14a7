#!/usr/bin/env python3
"""Edits of header fields as Sendmail counts them, which is not here to be asked: a header kept by its rules, as libmilter's pages on
smfi_chgheader, smfi_addheader and smfi_insheader tell them, beside what a real Postfix delivers of the same message.

usage: tests/doors/counting.py SEKIMORI FAULTY [TEST]...    wants root and the package postfix
"""
import os, re, struct, sys, unittest
from email import message_from_bytes, policy as email_policy
from email.utils import formatdate

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import actions, mta, service
from service import wait_for

END = (b'Date: Sat, 31 Jan 2026 11:00:00 +0000\r\nFrom: a@shop.example\r\nTo: all@harbour.example\r\nMIME-Version: 1.0\r\n%s\r\n\r\nHello all\r\n')
TYPE = b'Content-Type: text/plain; charset=us-ascii'
MESSAGES = {
    'duplicates': b'Received: from one.example by two.example; Sat, 31 Jan 2026 11:00:00 +0000\r\nX-Spam-Flag: NO\r\nX-Sekimori: clean\r\nX-SPAM-flag: NO\r\n'
                  b'Authentication-Results: mx.harbour.example; spf=pass\r\nReceived: from zero.example by one.example; Sat, 31 Jan 2026 10:59:00 +0000\r\n'
                  b'X-Sekimori-Seal: v=1; k=a\r\nSubject: Hello\r\nx-sekimori: clean; score=0\r\nX-Kept: 1\r\nAuthentication-Results: other.example; spf=pass\r\n'
                  b'x-spam-flag: NO\r\nX-Sekimori-Seal: v=1; k=b\r\nX-Kept: 2\r\nauthentication-RESULTS: mx.harbour.example; dkim=pass\r\nX-Sekimori-Junk: no\r\n'
                  b'X-Spam-Flag: NO\r\nX-Kept: 3\r\nX-SEKIMORI: clean\r\n' + END % TYPE,
    'folded': b'X-Spam-Status: No,\r\n score=0\r\n\ttests=NONE\r\nAuthentication-Results: (c\r\n d) mx.harbour.example;\r\n\tdkim=pass\r\nX-Sekimori:\r\n clean\r\nX-Kept: 1\r\n 2\r\n'
              b'X-Spam-Status:\r\n No\r\nSubject: a subject\r\n\tover two lines\r\nX-Spam-Level:\r\nX-Sekimori-Junk:\r\n\tno\r\nX-Spam-Status: No\r\n' + END % TYPE,
    'blanks': b'X-Spam-Flag:NO\r\nX-Spam-Flag:   NO\r\nX-Spam-Flag:\tNO\r\nX-Kept:  two blanks\r\nSUBJECT:   Hello\r\nX-Sekimori:clean\r\nX-Kept:none\r\nX-Sekimori:  \tclean\r\n' + END % TYPE,
    'odd case': b'sUBJECT: Hello\r\nX-Kept: 1\r\nx-KEPT: 2\r\nX-SPAM-SCORE: 0\r\nx-spam-score: 0\r\n'
                + END.replace(b'MIME-Version', b'mime-VERSION') % b'content-TYPE: text/plain;\r\n\tcharset=us-ascii\r\ncontent-transfer-ENCODING: 7bit',
}


class Sendmail:
    """The header of one message. What is deleted keeps its place in the list (other servers forget it: counted=False), and the Received field
    of its own, which no filter is told of, stands first: whatever is inserted at 0 comes above it."""
    OWN = b' from mail.shop.example by mx.sendmail.example; ' + formatdate().encode()

    def __init__(self, text, counted=True):
        head, _, self.body = text.partition(b'\r\n\r\n')
        self.counted = counted
        self.fields = [[b'Received', self.OWN, False]] + [[*line.partition(b':')[::2], True] for line in re.split(rb'\r\n(?![ \t])', head)]

    def change(self, index, name, value):
        for at, field in enumerate(self.fields):
            index -= field[2] and field[0].lower() == name.lower()
            if index > 0 or not field[2] or field[0].lower() != name.lower():
                continue
            field[:2] = [name, value or None]
            if not value and not self.counted:
                del self.fields[at]
            return
        if value: # there is none of that number: it is added
            self.fields.append([name, value, True])

    def edit(self, letter, data):
        index = struct.unpack('>I', data[:4])[0] if letter in 'mi' else 0
        name, value = data[4 if letter in 'mi' else 0:].split(b'\0')[:2] if letter in 'him' else (b'', b'')
        value = value.replace(b'\n', b'\r\n')
        if letter == 'm':
            self.change(index, name, value)
        elif letter in 'hi':
            self.fields.insert(index if letter == 'i' else len(self.fields), [name, value, True])

    def apply(self, edits):
        new = b''.join(data for letter, data in edits if letter == 'b')
        for edit in edits:
            self.edit(*edit)
        return b''.join(name + b':' + value + b'\r\n' for name, value, _ in self.fields if value is not None) + b'\r\n' + (new or self.body)


@unittest.skipUnless(mta.HAS_POSTFIX, 'wants root and the package postfix')
class Counting(actions.ActionCase):
    post, smtp, arc, proved = mta.Postfix.post, mta.Postfix.smtp, actions.Postfix.arc, actions.Postfix.proved
    ALL = 'policies:\n' + actions.POLICY.format('all', 'headers, tag, junk, banner', 'active') + actions.POLICY.format('few', 'headers, junk', 'active')

    def seen(self, text, own):
        """The fields with what differs from message to message taken out, the server's own left out; and the body, by Python's parser."""
        once = lambda value: re.sub(r'\b[a-z0-9]{28}\b|<[^>]*@shop.example>', 'ID', ' '.join(value.split()))
        changing = lambda name, value: 'SIGNED' if re.match('(?i)(arc-(?!authentication)|x-sekimori-seal)', name) else once(value)
        message = message_from_bytes(text, policy=email_policy.compat32)
        fields = [(name, changing(name, str(value))) for name, value in message.items() if own not in str(value)]
        return fields, once(message.get_payload(decode=True).decode())

    def test_a_header_comes_out_as_with_postfix(self):
        zone, more = self.arc()
        actions.subprocess.run([mta.PROGRAM, 'key', 'make', 'seal', '--keys', os.path.join(self.folder, 'keys')], capture_output=True, check=True)
        self.serve(more=self.ALL + more, dns=f'zone: {zone}')
        door, post, count = self.connected(), self.post(), 0
        for name, text in MESSAGES.items():
            for act in ('all', 'few', 'nobody'):
                count += 1
                named = lambda by: b'Message-ID: <%d.%s@shop.example>\r\n' % (count, by) + text.replace(b'all@harbour', act.encode() + b'@harbour')
                with self.smtp(post.port, ADDR='192.0.2.7', NAME='mail.shop.example', PORT=1234, HELO='mail.shop.example') as smtp:
                    smtp.sendmail('a@shop.example', [f'{act}@harbour.example'], named(b'postfix'))
                wait_for(lambda: len(post.sink.mails) >= count, 30)
                postfix = self.seen(post.sink.mails[-1][2], 'by mx.harbour.example')
                edits, end = door.mail(named(b'sendmail'), recipients=(f'{act}@harbour.example',), queue_id=f'Q{count}')
                self.assertEqual(end, ('c', b''))
                with self.subTest(name, act=act):
                    self.compare(text, edits, named(b'sendmail'), postfix, zone, act)

    def compare(self, text, edits, named, postfix, zone, act):
        for counted in (True, False):
            result = Sendmail(named, counted).apply(edits)
            self.assertEqual(self.seen(result, 'by mx.sendmail.example'), postfix)
        fields = [field for field, _ in postfix[0]]
        kept = lambda some: [value for field, value in some if field.lower() == 'x-kept']
        self.assertEqual(kept(postfix[0]), kept(self.seen(text, '-')[0])) # what is nobody's business stands as it was
        forged = [value for field, value in postfix[0] if field.lower() == 'authentication-results' and 'pass' in value]
        self.assertEqual(forged, ['other.example; spf=pass'] if b'other.example' in text else [])
        self.assertEqual([field.lower() for field in fields].count('x-sekimori'), act != 'nobody', fields)
        self.assertEqual(fields.count('X-Sekimori-Seal'), 1, fields)
        self.assertEqual(len([value for field, value in postfix[0] if field.lower() == 'subject' and '[Suspicious]' in value]), act == 'all')
        if act == 'all': # whatever was inserted stands above the server's own, and the whole verifies
            self.assertLess(result.index(b'ARC-Seal:'), result.index(Sendmail.OWN))
            self.assertEqual(self.proved(zone, result)['result'], 'pass')


if __name__ == '__main__':
    mta.PROGRAM, mta.FAULTY = (os.path.abspath(path) for path in sys.argv[1:3])
    service.PROGRAM, service.FAULTY = mta.PROGRAM, mta.FAULTY
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
