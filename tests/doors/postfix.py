"""A Postfix of its own: configuration, queue and ports in a temporary folder, and a server behind it that takes its mail."""
import os, shutil, signal, socket, socketserver, subprocess, threading, time

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.harbour.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
relay_domains = harbour.example
relay_transport = smtp:[127.0.0.1]:{sink}
default_transport = smtp:[127.0.0.1]:{sink}
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_recipient_restrictions = permit_mynetworks, defer_unauth_destination
smtpd_relay_restrictions = permit_mynetworks, defer_unauth_destination
message_size_limit = 0
minimal_backoff_time = 300s
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
default_process_limit = {processes}
milter_protocol = 6
milter_default_action = tempfail
{more}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
{services}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Sink:
    """Takes every message by SMTP, as it came: (sender, recipients, bytes); and the whole lines of MAIL and RCPT of each. mood(verb, line) gives
    another answer than yes: a line, or b'' to close the connection."""

    def __init__(self, mood=lambda verb, line: None):
        self.mood, self.pause = mood, 0
        sink, mails, envelopes = self, [], []
        self.mails, self.envelopes = mails, envelopes

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                say = lambda line: self.wfile.write(line + b'\r\n')
                sender, recipients, lines = b'', [], []
                say(b'220 sink ESMTP')
                for line in iter(self.rfile.readline, b''):
                    verb = line[:4].upper()
                    other = sink.mood(verb, line)
                    if other is not None:
                        if not other:
                            return
                        say(other)
                    elif verb == b'EHLO':
                        say(b'250-sink\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8')
                    elif verb == b'MAIL':
                        sender, recipients, lines = line, [], [line]
                        say(b'250 ok')
                    elif verb == b'RCPT':
                        lines.append(line)
                        recipients.append(line.split(b'<')[1].split(b'>')[0].decode())
                        say(b'250 ok')
                    elif verb == b'DATA':
                        say(b'354 go on')
                        text = b''
                        for row in iter(self.rfile.readline, b'.\r\n'):
                            time.sleep(sink.pause)
                            if not row:
                                return
                            text += row[1:] if row.startswith(b'..') else row
                        other = sink.mood(b'.', b'')
                        if other is not None:
                            if not other:
                                return
                            say(other)
                            continue
                        envelopes.append([said.decode().strip() for said in lines])
                        mails.append((sender.split(b'<')[1].split(b'>')[0].decode(), recipients, text))
                        say(b'250 taken')
                    elif verb == b'QUIT':
                        say(b'221 bye')
                        return
                    else:
                        say(b'250 ok')

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 100

            def handle_error(self, request, client_address):
                pass # a client that was killed

        self.server = Server(('127.0.0.1', 0), Session)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Postfix:
    """services: further lines of master.cf; more: of main.cf. Its own port is that of mail from outside."""

    def __init__(self, folder, more='', services='', processes=100):
        self.folder, self.port, self.sink = folder, free_port(), Sink()
        self.conf = os.path.join(folder, 'conf')
        for name in ('conf', 'data', 'queue', 'log'):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        os.chmod(folder, 0o755)
        shutil.chown(os.path.join(folder, 'data'), 'postfix')
        self.write('main.cf', MAIN.format(folder=folder, sink=self.sink.port, more=more, processes=processes))
        self.write('master.cf', MASTER.format(port=self.port, services=services))
        self.run('start')

    def write(self, name, text):
        with open(os.path.join(self.conf, name), 'w', encoding='utf-8') as f:
            f.write(text)

    def run(self, *words):
        with open(os.path.join(self.folder, 'postfix.out'), 'a+', encoding='utf-8') as out: # no pipe: the master keeps it open
            done = subprocess.run(['postfix', '-c', self.conf, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=60)
            if done.returncode:
                out.seek(0)
                raise AssertionError((words, out.read(), self.log()))

    def sendmail(self, text, *words):
        return subprocess.run(['/usr/sbin/sendmail', '-C', self.conf, *words], input=text, capture_output=True, timeout=60)

    def log(self):
        path = os.path.join(self.folder, 'log', 'mail.log')
        if not os.path.exists(path):
            return ''
        with open(path, encoding='utf-8', errors='replace') as f:
            return f.read()

    def queue(self):
        """Ids of what waits."""
        found = []
        for name in ('incoming', 'active', 'deferred', 'maildrop', 'hold'):
            for _, _, files in os.walk(os.path.join(self.folder, 'queue', name)):
                found += files
        return found

    def stop(self):
        try:
            self.run('stop')
        except (AssertionError, subprocess.TimeoutExpired):
            pass
        self.sink.close()
