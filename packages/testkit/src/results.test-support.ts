import type { RunResult } from 'understudy';

type Checker = RunResult['checkers'][number];
type Verdict = Checker['verdict'];

const counts = {
  ...{ accepted: 300, effects: 300, ok: 300, lost: 0, storeForgot: 0, duplicated: 0 },
  ...{ unexpected: 0, recovered: 0, pending: 0, parked: 0, parkedUndeclared: 0, undecided: 0 },
  ...{ mismatched: 0, vanished: 0, attempts: 301, duplicateEnqueues: 3, inversions: 0 },
  compared: 280,
  ...{ duplicatedJobs: [], lostJobs: [], unexpectedJobs: [], parkedJobs: [], pendingJobs: [] },
};

/** A checker's result; with a kind, it found one anomaly of it. */
export function checker(name: Checker['checker'], verdict: Verdict, kind?: string): Checker {
  const anomalies = kind === undefined ? [] : [{ kind, job: 'p-17', detail: `p-17 is ${kind}` }];
  return {
    ...{ checker: name, verdict, expectation: 'it holds', observed: 'something', anomalies },
    ...(verdict === 'pass' ? {} : { reason: `because of ${kind ?? 'its nature'}` }),
    totals: kind === undefined ? {} : { [kind]: 1 },
  };
}

/** A run that nothing refuted, in which node-1 was killed and node-2 took over in 38 ms. */
export function passed(overrides: Partial<RunResult> = {}): RunResult {
  return {
    ...{ schemaVersion: 1, run: 'r-1', directory: '/runs/r-1', experiment: 'test' },
    ...{ status: 'pass', mode: 'active-passive', lane: 'bullmq', seed: 4711, jobs: 300, counts },
    nodes: ['node-1', 'node-2'],
    checkers: [
      checker('outcome', 'pass'),
      checker('fencing', 'pass'),
      checker('conservation', 'pass'),
      checker('liveness', 'pass'),
      checker('landed', 'pass'),
    ],
    takeovers: [
      {
        ...{ faultId: 'f1', cause: 'kill', from: 'node-1', to: 'node-2' },
        ...{ ms: 38, limitMs: 500, at: 1038 },
      },
    ],
    faults: [
      {
        ...{ id: 'f1', fault: 'kill', requested: 'leader', target: 'node-1', landed: true },
        evidence: 'pid 7 ended by SIGKILL',
      },
    ],
    ...{ startedAt: '2026-01-01T00:00:00.000Z', durationMs: 4000, versions: {} },
    ...overrides,
  };
}

/** A run in which p-17 took effect twice. */
export function doubled(overrides: Partial<RunResult> = {}): RunResult {
  const rest = passed().checkers.slice(1);
  return passed({
    status: 'fail',
    checkers: [checker('outcome', 'fail', 'duplicated'), ...rest],
    counts: { ...counts, duplicated: 1, duplicatedJobs: ['p-17'] },
    ...overrides,
  });
}

/** A run of which nothing can be said, because its fault did not land. */
export function inconclusive(): RunResult {
  const rest = passed().checkers.slice(0, -1);
  return passed({
    status: 'inconclusive',
    checkers: [...rest, checker('landed', 'inconclusive', 'not-landed')],
  });
}
