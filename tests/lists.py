#!/usr/bin/env python3
"""Mailing lists and the services of big senders are the near miss of laundering: a list breaks what its author signed, records
that on the way, and signs anew. The honest list mail of the development mail must fire no evidence of that group.

usage: tests/lists.py SEKIMORI      asks no network; prints k of n, and every message that fires
"""
import json, os, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOL = os.path.join(TOP, '..', 'shared', 'tools', 'prepare-mail')
LISTS = ('list-linux-i2c', 'list-openbmc', 'list-usrp')
BROKEN = {'fail', 'softfail'}


def reports(program, laid_out, name):
    folder = os.path.join(laid_out, 'results', 'ham', name)
    done = subprocess.run([program, 'scan', '--offline', '--json', '--trust-authserv', 'mx.example.net', '--envelopes', folder + '.envelopes.tsv',
                           folder], stdout=subprocess.PIPE, check=False, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_tempting(auth):
    """It passes here, and somebody on the way wrote down that it did not: what laundering looks like at first sight."""
    records = [r['results'] for r in auth['recorded'] if not r['trusted']]
    records += [s['recorded']['results'] for s in auth['arc']['sets'] if s.get('recorded')]
    passes = auth['spf']['result'] == 'pass' or any(d['result'] == 'pass' for d in auth['dkim'])
    return passes and any(result['result'] in BROKEN for results in records for result in results)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    if not os.path.exists(TOOL) or not os.path.isdir(os.path.join(TOP, '..', 'shared', 'data', 'mail')):
        print('skipped: the development mail is not there')
        return 77
    fired = seen = tempting = 0
    with tempfile.TemporaryDirectory() as laid_out:
        subprocess.run(['bash', TOOL, laid_out], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name in LISTS:
            for report in reports(sys.argv[1], laid_out, name):
                ids = [e['id'] for e in report['evidence'] if e['group'] == 'laundering']
                seen += 1
                tempting += is_tempting(report['auth'])
                fired += bool(ids)
                if ids:
                    print(f'miss: {name}/{os.path.basename(report["source"])}: {" ".join(ids)}')
    print(f'laundering fires on {fired} of {seen} honest list messages; {tempting} of them pass here after a failure was recorded on the way')
    return 0 if seen and tempting and not fired else 1


sys.exit(main())
