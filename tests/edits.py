#!/usr/bin/env python3
"""Banner, lock and tag as `sekimori apply` sets them, read by others: the email package and html.parser of Python's library.

usage: tests/edits.py SEKIMORI

Over 150 of the honest messages written for this test, and, where ../shared is there, 200 of the development mail: the same visible text
plus the banner; links that were not named, charset, format=flowed and parts that were not edited unchanged; nothing set in twice.
"""
import collections, email, email.header, glob, html.parser, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('SEKIMORI_SHARED_DATA', os.path.join(HERE, '..', '..', 'shared', 'data'))
TOOL = os.path.join(SHARED, '..', 'tools', 'prepare-mail')
OURS, DEVELOPMENT = 150, 200
GATE = 'https://gate.example/l'
HEADING = 'Caution: this message shows signs of fraud.'
HEADING_JA = 'ご注意ください。このメールには不審な点があります。'
TAG = '[注意]'
FOLLOWED = {('a', 'href'), ('area', 'href'), ('form', 'action'), ('button', 'formaction'), ('input', 'formaction')}
# Labels as mail means them: what the WHATWG encoding standard reads them as.
LABELS = {'iso-8859-1': 'cp1252', 'latin1': 'cp1252', 'latin-1': 'cp1252', 'us-ascii': 'utf-8', 'ascii': 'utf-8', 'gb2312': 'gb18030', 'gbk': 'gb18030',
          'shift_jis': 'cp932', 'iso-2022-jp': 'iso2022_jp_2', 'ks_c_5601-1987': 'cp949', 'euc-kr': 'cp949', 'iso-8859-9': 'cp1254',
          'big5': 'cp950', 'windows-31j': 'cp932', 'iso-8859-8-i': 'iso-8859-8', 'iso-8859-11': 'cp874', 'tis-620': 'cp874', 'ansi': 'cp1252'}


# In these nothing may be changed.
CLOSED = {'multipart/signed', 'multipart/encrypted', 'multipart/report', 'multipart/digest', 'message/rfc822'}
# Characters of Japanese charsets that Python maps to others than the WHATWG encoding standard does.
ALIKE = str.maketrans('\u301c\u2212\u2016\u2014', '\uff5e\uff0d\u2225\u2015')


class Page(html.parser.HTMLParser):
    """Text that is no script, style or title, in words; the attributes that lead somewhere; the labels of <meta>."""
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.words, self.links, self.labels, self.silent = [], [], [], 0
        self.feed(text)
        self.close()

    def parse_html_declaration(self, i):
        """<![if mso]> is a comment that is none, to the standard; the library raises an error there."""
        return self.parse_bogus_comment(i) if self.rawdata[i:i + 3] == '<![' else super().parse_html_declaration(i)

    def handle_starttag(self, tag, attrs):
        if tag in ('script', 'style', 'title'):
            self.silent += 1
        if tag in ('br', 'p', 'div', 'td', 'tr', 'li', 'table', 'h1', 'h2'):
            self.words.append(' ')
        for name, value in attrs:
            if name in ('href', 'src', 'action', 'formaction', 'background', 'srcset', 'cite', 'data', 'poster', 'style', 'class', 'id'):
                self.links.append((tag, name, value or ''))
            if tag == 'meta' and name == 'charset':
                self.labels.append(value or '')
            if tag == 'meta' and name == 'content' and 'charset=' in (value or '').lower():
                self.labels.append(re.search(r'charset\s*=\s*["\']?([^\s"\';]*)', value, re.I)[1] if re.search(r'charset\s*=', value, re.I) else '')

    def handle_endtag(self, tag):
        if tag in ('script', 'style', 'title') and self.silent:
            self.silent -= 1

    def handle_data(self, data):
        if not self.silent:
            self.words.append(data)

    def text(self):
        return ' '.join(''.join(self.words).split())


def text_of(part):
    """As a reader decodes it; None where the label is unknown or the bytes do not fit."""
    charset = (part.get_content_charset() or 'utf-8').lower()
    payload = part.get_payload(decode=True)
    try:
        return payload.decode(LABELS.get(charset, charset)).replace('\r\n', '\n').translate(ALIKE)
    except (LookupError, UnicodeDecodeError):
        return None


def plain(address):
    """Without what Python's library reads otherwise than the standard: references without a semicolon, control characters."""
    return re.sub(r'\W+', '', html.unescape(address))


def leaves(message):
    return [part for part in message.walk() if not part.is_multipart()]


def structure(message):
    return [(part.get_content_type().split()[0], part.get_boundary()) for part in message.walk()]


def run(program, folder, files, *options):
    done = subprocess.run([program, 'apply', '--output', folder, *options, *files], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=1500)
    if done.returncode not in (0, 1) or b'Sanitizer' in done.stderr:
        sys.exit(f'sekimori apply ended with {done.returncode}: {done.stderr[-2000:]}')
    return {os.path.basename(file): open(os.path.join(folder, os.path.basename(file)), 'rb').read() for file in files}


class Run:
    def __init__(self):
        self.faults, self.counts = [], collections.Counter()

    def fault(self, name, what):
        self.faults.append(f'{name}: {what}')

    def same_frame(self, name, old, new):
        """Parts, their types and boundaries, and what was not edited."""
        if structure(old) != structure(new):
            self.fault(name, 'the structure changed')
            return []
        changed = []
        for before, after in zip(leaves(old), leaves(new)):
            if before.get_payload() == after.get_payload() and before.items() == after.items() or before is old and before.get_payload() == after.get_payload():
                continue
            changed.append((before, after))
        return changed

    def written_well(self, name, before, after):
        if after.get_content_charset() != 'utf-8' or after['Content-Transfer-Encoding'] not in ('base64', 'quoted-printable'):
            self.fault(name, f'a changed part is {after.get_content_charset()} in {after["Content-Transfer-Encoding"]}')
        for kept in ('format', 'delsp'):
            if before.get_param(kept) != after.get_param(kept):
                self.fault(name, f'{kept} was {before.get_param(kept)} and is {after.get_param(kept)}')
        if max(map(len, after.get_payload().splitlines()), default=0) > 76:
            self.fault(name, 'a line is longer than 76')

    def header_kept(self, name, raw, edited, loose):
        """All other fields stand as they did, in their order."""
        def fields(message):
            head = re.split(rb'\r?\n\r?\n', message, maxsplit=1)[0]
            found = re.split(rb'\r?\n(?![ \t])', head)
            return [field for field in found if field.split(b':')[0].strip().lower() not in loose]
        if fields(raw) != fields(edited):
            self.fault(name, 'other fields of the header changed')

    # ---- a banner
    def banner(self, name, raw, edited):
        old, new = email.message_from_bytes(raw), email.message_from_bytes(edited)
        changed = self.same_frame(name, old, new)
        self.header_kept(name, raw, edited, {b'subject', b'content-type', b'content-transfer-encoding', b'mime-version'})
        subject = str(email.header.make_header(email.header.decode_header(re.sub(r'\r?\n', '', str(new['Subject'] or '')))))
        if raw != edited and not subject.replace('\n', '').startswith(TAG):
            self.fault(name, f'the subject is not tagged: {subject!r}')
        for before, after in changed:
            self.written_well(name, before, after)
            one, two = text_of(before), text_of(after)
            if one is None or two is None:
                self.counts['labels that Python does not know'] += 1
                continue
            if before.get_content_subtype() == 'html':
                self.banner_page(name, one, two)
            else:
                self.banner_text(name, one, two)
        self.counts['messages with a banner' if changed else 'messages without a part that fits'] += 1

    def banner_text(self, name, one, two):
        match = re.match(r'---- Sekimori -+\n(.*?)\n---- /Sekimori -+\n\n', two, re.S)
        if not match or HEADING not in match[1] or HEADING_JA not in match[1]:
            self.fault(name, 'the text has no banner')
        elif two[match.end():].rstrip('\n') != one.lstrip('\ufeff').rstrip('\n'):
            self.fault(name, 'the text below the banner changed')

    def banner_page(self, name, one, two):
        before, after = Page(one), Page(two)
        if after.text().count(HEADING) != 1 + before.text().count(HEADING) or HEADING_JA not in after.text():
            self.fault(name, 'the page does not show one banner')
            return
        rest = re.sub(r'<!--sekimori-banner-->.*?<!--/sekimori-banner-->', '', two, count=1, flags=re.S)
        if Page(rest).text() != before.text():
            self.fault(name, 'the visible text changed')
        def relabelled(text):
            return re.sub(r'charset\s*=\s*["\']?[\w-]+["\']?', 'charset', text, flags=re.I)
        if relabelled(rest).strip('\n') != relabelled(one).strip('\n'):
            self.fault(name, 'something else of the page changed')
        if any(label.strip().lower() != 'utf-8' for label in after.labels if label):
            self.fault(name, f'the page says it is {after.labels}')

    def once(self, name, first, second):
        """What the banner says may be new: the message is another one now."""
        first, second = email.message_from_bytes(first), email.message_from_bytes(second)
        def without(part):
            text = re.sub(r'(---- Sekimori -).*?(\n---- /Sekimori -)', r'\1\2', text_of(part) or '', count=1, flags=re.S)
            return re.sub(r'(<!--sekimori-banner-->).*?(<!--/sekimori-banner-->)', r'\1\2', text, count=1, flags=re.S)
        if [without(part) for part in leaves(first)] != [without(part) for part in leaves(second)]:
            self.fault(name, 'a second time the texts changed')
        if first['Subject'] != second['Subject']:
            self.fault(name, 'the subject is tagged twice')

    # ---- locks
    def locks(self, name, raw, edited, listed, wanted):
        old, new = email.message_from_bytes(raw), email.message_from_bytes(edited)
        self.header_kept(name, raw, edited, {b'content-type', b'content-transfer-encoding', b'mime-version'})
        named = {f'{GATE}/{number}': address for number, address in listed.items() if number in wanted}
        locked = set()
        for before, after in self.same_frame(name, old, new):
            self.written_well(name, before, after)
            one, two = text_of(before), text_of(after)
            if one is None or two is None:
                continue
            if before.get_content_subtype() == 'html':
                locked |= self.locked_page(name, one, two, named)
            else:
                locked |= self.locked_text(name, one, two, named)
        closed = any(part.get_content_type() in CLOSED for part in old.walk())
        self.counts['links named'] += 0 if closed else len(named)
        self.counts['links locked'] += 0 if closed else len(locked)

    def locked_page(self, name, one, two, named):
        before, after, locked = Page(one), Page(two), set()
        if len(before.links) != len(after.links):
            self.fault(name, 'the page has other attributes than before')
            return locked
        for (tag, attr, old), (_, _, new) in zip(before.links, after.links):
            if old == new:
                continue
            if new not in named or (tag, attr) not in FOLLOWED and (attr != 'href' or tag in ('link', 'base')):
                self.fault(name, f'{tag} {attr} was {old[:60]!r} and is {new[:60]!r}')
            elif plain(old) != plain(named[new]):
                self.fault(name, f'{new} stands for {old[:60]!r}, which is not the link of that number: {named[new][:60]!r}')
            locked.add(new)
        return locked | self.locked_words(name, before.text(), after.text(), named)

    def locked_words(self, name, old, new, named):
        """The words are the same once each lock is the address again."""
        found = set(re.findall(re.escape(GATE) + r'/\d+', new))
        back = re.sub(re.escape(GATE) + r'/\d+', lambda match: named.get(match[0], '?'), new)
        if ' '.join(back.split()) != ' '.join(old.split()):
            self.fault(name, 'the words around locked links changed')
        return found

    def locked_text(self, name, one, two, named):
        found = set(re.findall(re.escape(GATE) + r'/\d+', two))
        back = re.sub(re.escape(GATE) + r'/\d+', lambda match: named.get(match[0], '?'), two)
        if re.sub(r'[\s>]+', '', back) != re.sub(r'[\s>]+', '', one):  # an address that was broken over lines stands on one
            self.fault(name, 'the text around locked links changed')
        return found


def listing(program, folder, files):
    """The links of each message by their number, as --list prints them."""
    found = {}
    for name, text in run(program, folder, files, '--list').items():
        listed = text.decode('utf-8', 'replace')
        texts = set(re.findall(r'^part ([\d.]+): text/(?:plain|html) $', listed, re.M))
        rows = re.findall(r'^link (\d+): (?:anchor|area|form|text|refresh) in part ([\d.]+): (.*)$', listed, re.M)
        found[name] = {int(number): address for number, path, address in rows if path in texts}
    return found


def check(program, title, files):
    state = Run()
    with tempfile.TemporaryDirectory() as top:
        names, copies = set(), []
        for number, file in enumerate(files):  # names are different in one folder
            copy = os.path.join(top, f'{number:04}-{os.path.basename(file)}')
            os.symlink(os.path.abspath(file), copy)
            copies.append(copy)
        folders = [os.path.join(top, word) for word in ('banner', 'again', 'lock', 'list')]
        for folder in folders:
            os.mkdir(folder)
        wanted = set(range(0, 2000, 2))
        banner = ('--banner', '--verdict', 'suspicious', '--tag', TAG)
        bannered = run(program, folders[0], copies, *banner)
        again = run(program, folders[1], [os.path.join(folders[0], name) for name in bannered], *banner)
        locked = run(program, folders[2], copies, '--lock', GATE, '--links', ','.join(map(str, sorted(wanted))))
        listed = listing(program, folders[3], copies)
        for copy in copies:
            name, raw = os.path.basename(copy), open(copy, 'rb').read()
            state.banner(name, raw, bannered[name])
            state.locks(name, raw, locked[name], listed[name], wanted)
            state.once(name, bannered[name], again[name])
    print(f'{title}: {len(files)} messages; ' + ', '.join(f'{count} {what}' for what, count in sorted(state.counts.items())))
    for fault in state.faults[:40]:
        print('  ' + fault)
    if state.counts['links locked'] * 100 < state.counts['links named'] * 95:
        state.faults.append('locks')
        print('  fewer than 95 in a hundred of the named links are locked')
    if state.counts['messages with a banner'] * 100 < len(files) * 80:
        state.faults.append('banners')
        print('  fewer than 80 in a hundred have a banner')
    return not state.faults


def spread(files, count):
    files = sorted(files)
    return files if len(files) <= count else [files[i * len(files) // count] for i in range(count)]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    well = check(sys.argv[1], 'honest messages of ours', spread(glob.glob(os.path.join(HERE, 'honest', '*.eml')), OURS))
    if not os.path.isfile(TOOL):
        print(f'SKIP: {TOOL} is not there: the development mail was not looked at')
        return 0 if well else 1
    with tempfile.TemporaryDirectory() as prepared:
        subprocess.run([TOOL, prepared], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        files = []
        for source in sorted(glob.glob(os.path.join(prepared, 'plain', '*', '*'))):
            if os.path.isdir(source):
                files += spread([file for file in glob.glob(os.path.join(source, '**'), recursive=True) if os.path.isfile(file)], DEVELOPMENT)
        well &= check(sys.argv[1], 'development mail', spread(files, DEVELOPMENT))
    return 0 if well else 1


sys.exit(main())
