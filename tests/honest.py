#!/usr/bin/env python3
"""The honest messages that were written for this test: of those with even numbers at most one in a hundred may be suspicious.
Those with odd numbers may set thresholds, so they are only told. Nothing is fitted on either.

usage: tests/honest.py SEKIMORI      asks no network; names the odd ones that are suspicious, counts the even ones
"""
import json, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS_LEAST, LEAST, JAPANESE_LEAST = 30, 300, 100


def reports(program):
    folder = os.path.join(HERE, 'honest')
    done = subprocess.run([program, 'scan', '--offline', '--json', '--preset', 'postfix', '--trusted-host', 'mx.example.net',
                           '--trust-authserv', 'mx.example.net', '--envelopes', folder + '.envelopes.tsv', folder],
                          stdout=subprocess.PIPE, check=False, timeout=600)
    if done.returncode not in (0, 1):
        sys.exit(f'sekimori scan ended with {done.returncode}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    counts, suspicious, kinds, japanese = {0: 0, 1: 0}, {0: 0, 1: 0}, set(), 0
    for report in reports(sys.argv[1]):
        name = os.path.basename(report['source'])
        kind, number = re.fullmatch(r'(.*)-(\d+)\.eml', name).groups()
        half = int(number) % 2
        kinds.add(kind)
        japanese += kind.startswith('ja-')
        counts[half] += 1
        if report['verdict'] != 'clean':
            suspicious[half] += 1
            if half:
                print(f'odd: {name}: {report["score"]:.1f}: ' + ' '.join(f'{e["id"]}{e["weight"]:+.1f}' for e in report['evidence']))
    print(f'{suspicious[0]} of {counts[0]} even-numbered honest messages are suspicious (at most one in a hundred), {suspicious[1]} of {counts[1]} '
          f'odd ones; {len(kinds)} kinds, {japanese} messages in Japanese')
    enough = sum(counts.values()) >= LEAST and len(kinds) >= KINDS_LEAST and japanese >= JAPANESE_LEAST
    return 0 if enough and suspicious[0] * 100 <= counts[0] else 1


sys.exit(main())
