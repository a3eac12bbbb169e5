import { describe, expect, it, test } from 'vitest';
import { calm } from '../experiments/calm.ts';
import type { RunResult } from '../report/result.ts';
import { catalogue, chosenEntries } from './catalogue.ts';
import { type AuditEntry, sabotageOf, twinOf } from './entry.ts';
import { type AuditVerdict, judgeEntry, statusOfAudit } from './matrix.ts';
import { idleSaboteurs, saboteurNames } from './saboteurs.ts';

const ENTRY: AuditEntry = {
  saboteur: 'no-fencing',
  lane: 'bullmq',
  mask: { remove: ['no-idempotency'], why: 'the key is the same' },
  experiment: calm,
  mode: 'active-passive',
  seed: 1,
  jobs: 10,
  settings: {},
  expected: { checker: 'outcome', kind: 'duplicated' },
};

type CheckerResult = RunResult['checkers'][number];

function checked(
  checker: CheckerResult['checker'],
  verdict: CheckerResult['verdict'],
  totals: Record<string, number> = {},
): CheckerResult {
  return { checker, verdict, totals, expectation: '', observed: '', reason: 'why', anomalies: [] };
}

function run(status: RunResult['status'], ...checkers: CheckerResult[]): RunResult {
  return {
    schemaVersion: 1,
    ...{ run: 'r', directory: '/r', experiment: 'calm', status, mode: 'active-passive' },
    ...{ lane: 'bullmq', seed: 1, nodes: ['node-1'], jobs: 10, checkers, counts: null },
    ...{ takeovers: [], faults: [], startedAt: '', durationMs: 1, versions: {} },
  };
}

const PASS = run('pass', checked('outcome', 'pass'), checked('landed', 'pass'));
const DUPLICATED = run('fail', checked('outcome', 'fail', { duplicated: 3 }));
const LATE = checked('liveness', 'fail', { late: 2 });
const NOT_LANDED = checked('landed', 'inconclusive', { 'not-landed': 1 });
const UNCLEAR = run('inconclusive', NOT_LANDED);

describe('an entry is', () => {
  test.each<[AuditVerdict, string, RunResult | undefined, RunResult | undefined]>([
    ['caught', 'refuted by its anomaly, and the twin passes', DUPLICATED, PASS],
    ['missed', 'not refuted at all', PASS, PASS],
    ['missed', 'refuted by another checker only', run('fail', LATE), PASS],
    [
      'missed',
      'refuted by another kind',
      run('fail', checked('outcome', 'fail', { lost: 1 })),
      PASS,
    ],
    [
      'missed',
      'the kind is a note of a checker that passes',
      run('pass', checked('outcome', 'pass', { duplicated: 1 })),
      PASS,
    ],
    [
      'not-the-saboteur',
      'found in a fleet that is refuted with its protections',
      DUPLICATED,
      DUPLICATED,
    ],
    ['unclear', 'not found where the fault did not land', UNCLEAR, PASS],
    [
      'unclear',
      'refuted by something else where the fault did not land',
      run('fail', LATE, NOT_LANDED),
      PASS,
    ],
    ['unclear', 'found, and the twin says nothing', DUPLICATED, UNCLEAR],
    [
      'caught',
      'found although another fault did not land',
      run('fail', checked('outcome', 'fail', { duplicated: 1 }), NOT_LANDED),
      PASS,
    ],
    ['not-run', 'without a run', undefined, PASS],
    ['not-run', 'without a twin', DUPLICATED, undefined],
    ['not-run', 'interrupted', run('interrupted'), PASS],
  ])('%s when %s', (verdict, _, sabotaged, twin) => {
    expect(judgeEntry(ENTRY, { sabotaged, twin }).verdict).toBe(verdict);
  });
});

it('a saboteur that was not seen is named, with what was found instead', () => {
  const { detail } = judgeEntry(ENTRY, { sabotaged: run('fail', LATE), twin: PASS });
  expect(detail).toBe(
    'the lab failed to see no-fencing, no-idempotency: expected outcome: duplicated, and only liveness: 2 late',
  );
});

it('an audit passes only if every entry is caught', () => {
  const caught = judgeEntry(ENTRY, { sabotaged: DUPLICATED, twin: PASS });
  const missed = judgeEntry(ENTRY, { sabotaged: PASS, twin: PASS });
  const unclear = judgeEntry(ENTRY, { sabotaged: UNCLEAR, twin: PASS });
  const notRun = judgeEntry(ENTRY, { sabotaged: undefined, twin: undefined });
  expect(statusOfAudit([caught, caught])).toBe('pass');
  expect(statusOfAudit([caught, unclear])).toBe('inconclusive');
  expect(statusOfAudit([caught, unclear, missed])).toBe('fail');
  expect(statusOfAudit([caught, missed, notRun])).toBe('interrupted');
  expect(statusOfAudit([])).toBe('inconclusive');
});

describe('the catalogue', () => {
  it('has an entry for each saboteur, also where no lane is asked for', () => {
    const usual = chosenEntries({});
    expect(saboteurNames.filter((name) => !usual.some((e) => e.saboteur === name))).toEqual([]);
    expect(usual.length).toBeLessThan(catalogue.length);
  });

  it.each(['bullmq', 'stream'] as const)('has, of the lane %s, each that works there', (lane) => {
    const own = chosenEntries({ lane });
    const missing = saboteurNames.filter((name) => !own.some((e) => e.saboteur === name));
    expect(missing).toEqual(idleSaboteurs(saboteurNames, lane).map(({ name }) => name));
    expect(new Set(own.map((entry) => entry.lane))).toEqual(new Set([lane]));
  });

  it('shows on the stream lane that order is judged', () => {
    const kinds = chosenEntries({ lane: 'stream' }).map(({ expected }) => expected.kind);
    expect(kinds).toContain('inverted');
  });

  it('is narrowed to the saboteurs asked for', () => {
    expect(chosenEntries({ only: ['out-of-order'] })).toMatchObject([{ saboteur: 'out-of-order' }]);
    expect(chosenEntries({ only: ['out-of-order'], lane: 'bullmq' })).toEqual([]);
  });

  it('has no two entries on different lanes that share a run', () => {
    const twins = (lane: 'bullmq' | 'stream'): string[] => chosenEntries({ lane }).map(twinOf);
    expect(twins('stream').filter((twin) => twins('bullmq').includes(twin))).toEqual([]);
  });

  it('names what masks a saboteur wherever more than one is at work', () => {
    const pairs = catalogue.filter((entry) => sabotageOf(entry).length > 1);
    expect(pairs.filter(({ mask }) => (mask?.why.length ?? 0) < 20)).toEqual([]);
  });
});
