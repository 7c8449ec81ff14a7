#!/usr/bin/env python3
"""The honest messages that were written for this test, in three folders. tests/honest and tests/honest-fresh were looked at while rules were
mended; tests/honest-blind was written last, by somebody who had seen no rule, set nothing, and is the test: of each at most one in a
hundred may be suspicious. Nothing is fitted on them. Where a bound is not reached yet, the count that must not grow stands here and
is printed as such.

usage: tests/honest.py SEKIMORI      asks no network; names the suspicious ones of the first two folders, counts those of the third
"""
import json, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS_LEAST, LEAST, JAPANESE_LEAST = 30, 300, 100
FOLDERS = (('honest', True), ('honest-fresh', True), ('honest-blind', False))
NOT_YET = {'honest-fresh': 2}  # folder: suspicious ones that are known and stand above one in a hundred


def reports(program, name):
    folder = os.path.join(HERE, name)
    done = subprocess.run([program, 'scan', '--offline', '--json', '--preset', 'postfix', '--trusted-host', 'mx.example.net',
                           '--trust-authserv', 'mx.example.net', '--envelopes', folder + '.envelopes.tsv', folder],
                          stdout=subprocess.PIPE, check=False, timeout=600)
    if done.returncode not in (0, 1):
        sys.exit(f'sekimori scan ended with {done.returncode}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_within(folder, count, total):
    if count * 100 <= total:
        return True
    known = NOT_YET.get(folder)
    print(f'{folder}: more than one in a hundred' + (f'; known and not mended yet: {known}' if known else ''))
    return known is not None and count <= known


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    kinds, japanese, messages, held = set(), 0, 0, True
    for folder, told in FOLDERS:
        count = total = 0
        for report in reports(sys.argv[1], folder):
            name = os.path.basename(report['source'])
            kind = re.fullmatch(r'(.*)-\d+\.eml', name)[1]
            kinds.add(kind)
            japanese += kind.startswith('ja-')
            total += 1
            count += report['verdict'] != 'clean'
            if told and report['verdict'] != 'clean':
                print(f'{name}: {report["score"]:.1f}: ' + ' '.join(f'{e["id"]}{e["weight"]:+.1f}' for e in report['evidence']))
        print(f'{folder}: {count} of {total} honest messages are suspicious (at most one in a hundred)')
        held &= is_within(folder, count, total)
        messages += total
    print(f'{messages} messages, {len(kinds)} kinds, {japanese} in Japanese')
    return 0 if held and messages >= LEAST and len(kinds) >= KINDS_LEAST and japanese >= JAPANESE_LEAST else 1


sys.exit(main())
