import type { RunResult } from './result.ts';

/** The result of a run that nothing refuted; `overrides` changes what a test is about. */
export function resultOf(overrides: Partial<RunResult> = {}): RunResult {
  return {
    ...{ schemaVersion: 1, run: 'r-1', directory: '/home/ada/fleet/.understudy/runs/r-1' },
    ...{ experiment: 'failover', status: 'pass', mode: 'active-passive', lane: 'bullmq', seed: 7 },
    ...{ nodes: ['node-1', 'node-2', 'node-3'], jobs: 300, takeovers: [takeover] },
    ...{ checkers: [outcome, fencing], counts, faults: [kill], durationMs: 4321 },
    ...{
      startedAt: '2026-01-01T00:00:00.000Z',
      versions: { understudy: '0.1.0', redis: '7.0.15' },
    },
    ...overrides,
  };
}

type Checker = RunResult['checkers'][number];

/** An outcome checker that is content. */
const outcome: Checker = {
  checker: 'outcome',
  verdict: 'pass',
  expectation: 'every accepted job takes effect exactly once',
  limit: 0,
  observed: '300 of 300 jobs have one effect',
  anomalies: [],
  totals: {},
};

/** A fencing checker that has nothing to judge. */
export const fencing: Checker = {
  checker: 'fencing',
  verdict: 'not-applicable',
  expectation: 'accepted epochs never decrease',
  observed: '-',
  reason: 'nobody leads in this mode',
  anomalies: [],
  totals: {},
};

/** An outcome checker that refuses two jobs. */
export const doubled: Checker = {
  ...outcome,
  verdict: 'fail',
  observed: '2 jobs took effect twice',
  anomalies: ['p-17', 'p-23'].map((job) => ({
    ...{ kind: 'duplicated', job, detail: `${job} took effect by node-1 and again by node-2` },
  })),
  totals: { duplicated: 2 },
};

/** Counts in which nothing is wrong. */
export const counts = {
  ...{ accepted: 300, effects: 300, ok: 300, lost: 0, duplicated: 0, unexpected: 0, recovered: 0 },
  ...{ pending: 0, parked: 0, attempts: 304, vanished: 0, storeForgot: 0, parkedUndeclared: 0 },
  ...{ undecided: 0, mismatched: 0, duplicateEnqueues: 3, inversions: 0, pendingJobs: [] },
  ...{ duplicatedJobs: [], lostJobs: [], unexpectedJobs: [], parkedJobs: [] },
};

const kill: RunResult['faults'][number] = {
  ...{ id: 'f1', fault: 'kill', requested: 'leader', target: 'node-1', role: 'leader' },
  ...{ landed: true, evidence: 'pid 4711 ended by SIGKILL', unfinished: 190 },
  ...{ injectedAt: 1000, landedAt: 1006, healedAt: 2010 },
};

const takeover: RunResult['takeovers'][number] = {
  ...{ faultId: 'f1', cause: 'kill', from: 'node-1', to: 'node-2', ms: 38, limitMs: 500, at: 1038 },
};
