import { calm } from '../experiments/calm.ts';
import { killLeader } from '../experiments/kill-leader.ts';
import { lateMint } from '../experiments/late-mint.ts';
import { pausePastTtl } from '../experiments/pause-past-ttl.ts';
import type { RunSettings } from '../runner/settings.ts';
import type { AuditEntry } from './entry.ts';

/**
 * Settings under which a run is short and a fault still finds jobs in flight. How fast a takeover
 * is, is not what is audited; a bound that is long only makes the audit wait for what never comes.
 */
const SHORT = {
  ttlMs: 1000,
  lockDurationMs: 1500,
  handlerMs: 100,
  duplicates: 0,
  livenessBoundMs: 6000,
  takeoverLimitMs: { kill: 4000, stop: 4000, pause: 4000, 'crash-at': 4000 },
} satisfies Partial<RunSettings>;

/** Every job twice, as fast as they come, and nothing else to do: copies meet at the commit. */
const TWICE = { ...SHORT, duplicates: 1, handlerMs: 0, rate: 'max' } as const;

/** So many jobs are committed at any time that a kill finds one between two steps. */
const BUSY = { ...SHORT, handlerMs: 0, rate: 'max', concurrency: 50 } as const;

/** Few enough a second that work is left when the late request has come. */
const SLOWLY = { ...SHORT, handlerMs: 5, rate: 100 } as const;

const DUPLICATED = { checker: 'outcome', kind: 'duplicated' } as const;

/**
 * For each saboteur the experiments that must refute it, and by what. Of some the harm has two
 * sides, of which another protection hides one.
 */
export const catalogue: readonly AuditEntry[] = [
  {
    saboteur: 'no-fencing',
    mask: {
      remove: ['no-idempotency'],
      why: 'what a deposed leader still commits has been done by its successor, and has the same key',
    },
    ...{ experiment: pausePastTtl, mode: 'active-passive', seed: 1, jobs: 450, settings: SHORT },
    expected: DUPLICATED,
  },
  {
    saboteur: 'stale-leader-continues',
    mask: { remove: ['no-fencing'], why: 'the ledger refuses whatever it commits' },
    ...{ experiment: pausePastTtl, mode: 'active-passive', seed: 1, jobs: 450, settings: SHORT },
    expected: { checker: 'fencing', kind: 'epoch-decreased' },
  },
  {
    saboteur: 'no-renewal',
    ...{ experiment: calm, mode: 'active-passive', seed: 1, jobs: 1200 },
    settings: { ...SHORT, handlerMs: 5, rate: 200 },
    expected: { checker: 'steady', kind: 'lead-not-kept' },
  },
  {
    saboteur: 'ack-before-commit',
    ...{ experiment: killLeader, mode: 'active-passive', seed: 1, jobs: 450, settings: SHORT },
    expected: { checker: 'outcome', kind: 'lost' },
  },
  {
    saboteur: 'commit-not-atomic',
    ...{ experiment: killLeader, mode: 'active-passive', seed: 1, jobs: 2500, settings: BUSY },
    expected: { checker: 'conservation', kind: 'total-differs' },
  },
  {
    saboteur: 'no-idempotency',
    ...{ experiment: pausePastTtl, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: DUPLICATED,
  },
  {
    saboteur: 'check-then-set',
    ...{ experiment: calm, mode: 'active-active', seed: 1, jobs: 1000, settings: TWICE },
    expected: DUPLICATED,
  },
  {
    saboteur: 'no-recovery',
    ...{ experiment: killLeader, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
  // Alone it does no harm to any job, but the fleet hardly gets on: what is taken back goes to the
  // head of the queue, and what was taken back often is tried alone.
  {
    saboteur: 'steal-from-the-living',
    ...{ experiment: calm, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: { checker: 'liveness', kind: 'late' },
  },
  {
    saboteur: 'steal-from-the-living',
    mask: {
      remove: ['no-idempotency'],
      why: 'who was robbed and who robbed commit under the same key, so that nothing is done twice',
    },
    ...{ experiment: calm, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: DUPLICATED,
  },
  // Two protections of which each makes up for the other: the race needs both to be gone.
  {
    saboteur: 'plain-increment-mint',
    mask: {
      remove: ['fenced-leader-stays'],
      why: 'the rightful leader, unseated by a late mint, steps down and leads again',
    },
    ...{ experiment: lateMint, mode: 'active-passive', seed: 1, jobs: 500, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
  {
    saboteur: 'fenced-leader-stays',
    mask: {
      remove: ['plain-increment-mint'],
      why: 'nobody’s mint goes through while another holds the lease',
    },
    ...{ experiment: lateMint, mode: 'active-passive', seed: 2, jobs: 500, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
];
