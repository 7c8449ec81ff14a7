"""A mail server as the milter door sees it, for what no Postfix does: every command by itself, whole or cut, in any order."""
import socket, struct

ACTIONS, STEPS = 0x1ff, 0x1fffff
SKIP, LEADING_SPACE = 0x400, 0x100000
SILENT = {'C': 0x1000, 'H': 0x2000, 'M': 0x4000, 'R': 0x8000, 'T': 0x10000, 'L': 0x80, 'N': 0x40000, 'B': 0x80000}


def frame(letter, body=b''):
    return struct.pack('>I', len(body) + 1) + letter.encode() + body


def macros(stage, **values):
    pieces = b''.join((name if len(name) == 1 else '{' + name + '}').encode() + b'\0' + value.encode() + b'\0' for name, value in values.items())
    return frame('D', stage.encode() + pieces)


def client(name='mail.shop.example', address='192.0.2.7', port=1234):
    return frame('C', name.encode() + b'\0' + (b'6' if ':' in address else b'4') + struct.pack('>H', port) + address.encode() + b'\0')


class Milter:
    def __init__(self, address, actions=ACTIONS, steps=STEPS, version=6, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.stream = self.socket.makefile('rb')
        self.steps = 0
        if version:
            self.send(frame('O', struct.pack('>III', version, actions, steps)))
            letter, body = self.read()
            assert letter == 'O', (letter, body)
            self.version, self.actions, self.steps = struct.unpack('>III', body[:12])
            self.wanted = body[12:]

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        try:
            head = self.stream.read(5)
        except ConnectionResetError:
            head = b''
        if len(head) < 5:
            return None, b''
        return chr(head[4]), self.stream.read(struct.unpack('>I', head[:4])[0] - 1)

    def say(self, letter, body=b''):
        """What it is answered; None where nothing is awaited."""
        self.send(frame(letter, body))
        return None if self.steps & SILENT.get(letter, 0) else self.read()

    def connect(self, helo='mail.shop.example', tls=None, **who):
        self.send(macros('C', v='Test', client_connections='1') + client(**who))
        self.steps & SILENT['C'] or self.read()
        self.send(macros('H', **(tls or {})))
        self.say('H', helo.encode() + b'\0')

    def frames(self, text, sender='a@shop.example', recipients=('b@harbour.example',), params=(), queue_id='AB12', login=None):
        """One message as frames, each with its letter; what has to do with headers is told as mail servers do."""
        if not self.steps & LEADING_SPACE:
            raise AssertionError('not agreed upon')
        pieces = lambda address, more: b'\0'.join([b'<' + address.encode() + b'>', *[p.encode() for p in more]]) + b'\0'
        yield 'D', macros('M', **({'auth_authen': login} if login else {}))
        yield 'M', frame('M', pieces(sender, params))
        for address in recipients:
            yield 'R', frame('R', pieces(address, ()))
        head, _, body = text.partition(b'\r\n\r\n')
        for line in head.replace(b'\r\n ', b'\n ').replace(b'\r\n\t', b'\n\t').split(b'\r\n'):
            name, _, value = line.partition(b':')
            yield 'L', frame('L', name + b'\0' + value + b'\0')
        yield 'N', frame('N')
        for at in range(0, len(body), 65535):
            yield 'B', frame('B', body[at:at + 65535])
        yield 'E', macros('E', i=queue_id) + frame('E')

    def mail(self, text, **more):
        """(edits, (letter, body) of the end): one whole message."""
        skipping = False
        for letter, data in self.frames(text, **more):
            if letter == 'B' and skipping:
                continue
            self.send(data)
            if letter == 'B' and not self.steps & SILENT['B']:
                skipping = self.read()[0] == 's'
        return self.end()

    def end(self):
        edits = []
        while True:
            letter, body = self.read()
            if letter in ('h', 'i', 'm', '+', '-', 'b', 'e', 'q', '2'):
                edits.append((letter, body))
            elif letter != 'p':
                return edits, (letter, body)

    def close(self):
        self.stream.close()
        self.socket.close()
