"""A client of the spamd protocol, for what neither spamc nor Exim does: every request by itself, whole or cut."""
import re, socket

EXIM = ('CHECK RSPAMC/1.3\r\nContent-length: {length}\r\nQueue-Id: {queue_id}\r\nFrom: <{sender}>\r\nRecipient-Number: {count}\r\n{recipients}'
        'Helo: helo.shop.example\r\nHostname: mail.shop.example\r\nIP: 192.0.2.7\r\n{more}\r\n')


def connect(address, timeout=30):
    one = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    one.settimeout(timeout)
    one.connect(address)
    return one


def all_of(one):
    said = b''
    try:
        while piece := one.recv(1 << 16):
            said += piece
    except ConnectionResetError:
        pass
    one.close()
    return said


def ask(address, data, shut=True, timeout=30):
    """What is answered, whole; shut: nothing more is sent, and that is said."""
    one = connect(address, timeout)
    try:
        one.sendall(data)
        if shut:
            one.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return all_of(one)


def request(verb, text, version='SPAMC/1.5', length=None, **fields):
    head = f'{verb} {version}\r\n' + ''.join(f'{name.replace("_", "-")}: {value}\r\n' for name, value in fields.items())
    return (head + (f'Content-length: {len(text) if length is None else length}\r\n' if length != '' else '') + '\r\n').encode() + text


def exim(text, queue_id='1abc-000', sender='a@shop.example', recipients=('b@harbour.example',), more=''):
    """As Exim's spam condition asks with variant=rspamd: it does not say that it has sent all."""
    return EXIM.format(length=len(text), queue_id=queue_id, sender=sender, count=len(recipients), more=more,
                       recipients=''.join(f'Rcpt: <{one}>\r\n' for one in recipients)).encode() + text


def parsed(answer):
    """(code, fields, body) of a SPAMD answer; fields in small letters."""
    head, _, body = answer.partition(b'\r\n\r\n')
    first, *lines = head.decode().split('\r\n')
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in lines)}
    return int(re.match(r'SPAMD/1\.\d (\d+) ', first)[1]), fields, body


def exim_reads(answer):
    """As Exim 4.96 takes it apart: (flag, score, threshold, reject, action); None: it cannot, and defers."""
    got = re.match(rb'RSPAMD/\S{1,7} 0 EX_OK\r\nMetric: default; (\S{1,7}) ([\d.]+) / ([\d.]+) / ([\d.]+)\r\nAction: ([^\r]*)\r\n', answer)
    return got and (got[1].decode(), float(got[2]), float(got[3]), float(got[4]), got[5].decode())
