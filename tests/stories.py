#!/usr/bin/env python3
"""Run the stories of tests/cases through the program and hold its reports to what each story expects.

usage: tests/stories.py SEKIMORI [FOLDER]...      (default: every folder of tests/cases that has an `expect`)
Formats: tests/cases/README.md. Prints one line a story and `k of n`; status 1 where one differs.
"""
import json, os, subprocess, sys

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases')
VERDICTS = {'clean': 0, 'suspicious': 1, 'malicious': 1}
TOP = {'schema', 'generation', 'source', 'received_at', 'size', 'score', 'tags'}


class Fault(Exception):
    pass


def expected(path):
    rows = []
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if not line or line.startswith('#'):
                continue
            key, colon, value = line.partition(':')
            key, value = key.strip(), value.strip()
            known = key in ('verdict', 'fires', 'silent', 'says', 'says_ja', 'score_min', 'score_max') or key in TOP or '.' in key
            if not colon or not known:
                raise Fault(f'{path}:{number}: "{key}" is no key of expect; tests/cases/README.md has them')
            rows.append((number, key, value))
    if not any(key == 'verdict' for _, key, _ in rows):
        raise Fault(f'{path}: names no verdict')
    return rows


def scan(program, folder, *options):
    done = subprocess.run([program, 'scan', '--colour', 'never', *options, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=120)
    if done.stderr:
        raise Fault(f'standard error says: {done.stderr.decode(errors="replace").strip()[:1000]}')
    return done.returncode, done.stdout.decode()


def at(report, place):
    for step in place.split('.'):
        if isinstance(report, list):
            report = report[int(step)] if step.isdigit() and int(step) < len(report) else None
        elif isinstance(report, dict):
            if step not in report:
                raise Fault(f'the report has no place {place}')
            report = report[step]
        else:
            return None
    return report


def shown(value):
    return '-' if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def differs(row, report, texts, kinds):
    """None where the row holds, else what is there instead."""
    _, key, value = row
    fired = [evidence['id'] for evidence in report['evidence']]
    if key in ('fires', 'silent'):
        if value not in kinds:
            raise Fault(f'"{value}" is no evidence; src/verdict/evidence.def has them')
        return None if (value in fired) == (key == 'fires') else f'evidence: {" ".join(fired) or "none"}'
    if key in ('says', 'says_ja'):
        text = texts('ja' if key == 'says_ja' else 'en')
        return None if value in ' '.join(text.split()) or value in ''.join(text.split()) else text
    if key == 'score_min':
        return None if report['score'] >= float(value) else f'score {report["score"]}'
    if key == 'score_max':
        return None if report['score'] <= float(value) else f'score {report["score"]}'
    seen = shown(at(report, key))
    return None if seen == value else seen


def run(program, folder, kinds):
    rows = expected(os.path.join(folder, 'expect'))
    status, line = scan(program, folder, '--json')
    report = json.loads(line)
    if status != VERDICTS[report['verdict']]:
        raise Fault(f'exit status {status} with the verdict {report["verdict"]}')
    known = {}

    def texts(language):
        if language not in known:
            known[language] = scan(program, folder, '--explain', '--lang', language)[1]
        return known[language]
    faults = []
    for row in rows:
        instead = differs(row, report, texts, kinds)
        if instead is not None:
            faults.append(f'expect:{row[0]}: {row[1]}: {row[2]}\n      instead: {instead}')
    if faults:
        raise Fault('\n    '.join(faults))


def evidence_names():
    with open(os.path.join(CASES, '../../src/verdict/evidence.def'), encoding='utf-8') as f:
        return {line.split('"')[1] for line in f if line.startswith('EVIDENCE(')}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.split('\n\n')[1])
    program, folders = sys.argv[1], sys.argv[2:]
    if not folders:
        folders = sorted(e.path for e in os.scandir(CASES) if os.path.exists(os.path.join(e.path, 'expect')))
    kinds, good = evidence_names(), 0
    for folder in folders:
        try:
            run(program, folder, kinds)
            good += 1
            print(f'ok      {os.path.basename(folder)}')
        except (Fault, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as fault:
            print(f'differs {os.path.basename(folder)}\n    {fault}')
    print(f'{good} of {len(folders)} stories')
    return 0 if folders and good == len(folders) else 1


sys.exit(main())
