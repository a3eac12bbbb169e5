import { calm } from '../experiments/calm.ts';
import { killLeader } from '../experiments/kill-leader.ts';
import { lateMint } from '../experiments/late-mint.ts';
import { pausePastTtl } from '../experiments/pause-past-ttl.ts';
import type { RunSettings } from '../runner/settings.ts';
import { DUPLICATED, IN_STEPS, SHORT, SLOWLY, TWICE } from './audit-settings.ts';
import type { AuditEntry } from './entry.ts';

/** The jobs of the busiest account, a fifth of all, are done one after the other: each must be quick. */
const IN_ORDER = { ...SHORT, handlerMs: 30 } satisfies Partial<RunSettings>;

/** New jobs come all the time, for who leads no more to be given one. */
const FLOWING = { ...SHORT, handlerMs: 5, rate: 200 } satisfies Partial<RunSettings>;

/**
 * For each saboteur the experiments that must refute it on the stream lane. Where no lane is asked for
 * only those are made that go by what this lane does in a way of its own: the order of a key, and taking
 * back. Leases are the same on every lane.
 */
export const onStream: readonly Omit<AuditEntry, 'lane'>[] = [
  {
    saboteur: 'out-of-order',
    ...{ experiment: calm, mode: 'active-passive', seed: 1, jobs: 450, settings: IN_ORDER },
    expected: { checker: 'order', kind: 'inverted' },
  },
  {
    saboteur: 'no-fencing',
    onlyIfAsked: true,
    mask: {
      remove: ['no-idempotency'],
      why: 'what a deposed leader still commits has been done by its successor, and has the same key',
    },
    ...{ experiment: pausePastTtl, mode: 'active-passive', seed: 1, jobs: 450, settings: IN_ORDER },
    expected: DUPLICATED,
  },
  {
    saboteur: 'stale-leader-continues',
    onlyIfAsked: true,
    mask: {
      remove: ['no-fencing'],
      why: 'whoever leads no more is given no job, and the ledger refuses whatever it commits',
    },
    ...{ experiment: pausePastTtl, mode: 'active-passive', seed: 1, jobs: 1200, settings: FLOWING },
    expected: { checker: 'fencing', kind: 'epoch-decreased' },
  },
  {
    saboteur: 'no-renewal',
    onlyIfAsked: true,
    ...{ experiment: calm, mode: 'active-passive', seed: 1, jobs: 1200 },
    settings: FLOWING,
    expected: { checker: 'steady', kind: 'lead-not-kept' },
  },
  {
    saboteur: 'ack-before-commit',
    onlyIfAsked: true,
    ...{ experiment: killLeader, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: { checker: 'outcome', kind: 'lost' },
  },
  {
    saboteur: 'commit-not-atomic',
    onlyIfAsked: true,
    ...{ experiment: killLeader, mode: 'active-passive', seed: 1, jobs: 600, settings: IN_STEPS },
    expected: { checker: 'conservation', kind: 'total-differs' },
  },
  {
    saboteur: 'no-idempotency',
    onlyIfAsked: true,
    ...{ experiment: pausePastTtl, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: DUPLICATED,
  },
  {
    saboteur: 'check-then-set',
    onlyIfAsked: true,
    ...{ experiment: calm, mode: 'active-active', seed: 1, jobs: 1000, settings: TWICE },
    expected: DUPLICATED,
  },
  // Where one node works, a new leader takes everything that was given out: only where all do, jobs of
  // the dead stay with them.
  {
    saboteur: 'no-recovery',
    ...{ experiment: killLeader, mode: 'active-active', seed: 1, jobs: 500, settings: SHORT },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
  {
    saboteur: 'steal-from-the-living',
    onlyIfAsked: true,
    mask: {
      remove: ['no-idempotency'],
      why: 'who was robbed and who robbed commit under the same key, so that nothing is done twice',
    },
    ...{ experiment: calm, mode: 'active-active', seed: 1, jobs: 200, settings: SHORT },
    expected: DUPLICATED,
  },
  {
    saboteur: 'plain-increment-mint',
    onlyIfAsked: true,
    mask: {
      remove: ['fenced-leader-stays'],
      why: 'the rightful leader, unseated by a late mint, steps down and leads again',
    },
    ...{ experiment: lateMint, mode: 'active-passive', seed: 1, jobs: 700, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
  {
    saboteur: 'fenced-leader-stays',
    onlyIfAsked: true,
    mask: {
      remove: ['plain-increment-mint'],
      why: 'nobody’s mint goes through while another holds the lease',
    },
    ...{ experiment: lateMint, mode: 'active-passive', seed: 2, jobs: 700, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
];
