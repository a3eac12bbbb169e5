import { calm } from '../experiments/calm.ts';
import { killLeader } from '../experiments/kill-leader.ts';
import { lateMint } from '../experiments/late-mint.ts';
import { pausePastTtl } from '../experiments/pause-past-ttl.ts';
import type { Lane } from '../workload/lane.ts';
import { BUSY, DUPLICATED, SHORT, SLOWLY, TWICE } from './audit-settings.ts';
import type { AuditEntry } from './entry.ts';
import { onStream } from './stream-catalogue.ts';

/**
 * For each saboteur the experiments that must refute it on the bullmq lane, and by what. Of some the
 * harm has two sides, of which another protection hides one.
 */
const onBullmq: readonly Omit<AuditEntry, 'lane'>[] = [
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
    ...{ experiment: killLeader, mode: 'active-passive', seed: 1, jobs: 900, settings: BUSY },
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
    ...{ experiment: lateMint, mode: 'active-passive', seed: 1, jobs: 700, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
  {
    saboteur: 'fenced-leader-stays',
    mask: {
      remove: ['plain-increment-mint'],
      why: 'nobody’s mint goes through while another holds the lease',
    },
    ...{ experiment: lateMint, mode: 'active-passive', seed: 2, jobs: 700, settings: SLOWLY },
    expected: { checker: 'liveness', kind: 'no-effect' },
  },
];

/** Every entry, lane by lane. */
export const catalogue: readonly AuditEntry[] = [
  ...onBullmq.map((entry): AuditEntry => ({ lane: 'bullmq', ...entry })),
  ...onStream.map((entry): AuditEntry => ({ lane: 'stream', ...entry })),
];

/** What is to be audited. */
export interface AuditChoice {
  /** All entries of this lane. Default: those of both that are not only made if asked for. */
  readonly lane?: Lane | undefined;
  /** Of those, the entries about these saboteurs. Default: all. */
  readonly only?: readonly string[] | undefined;
}

/** The entries of the catalogue that are chosen. */
export function chosenEntries({ lane, only }: AuditChoice): readonly AuditEntry[] {
  return catalogue.filter(
    (entry) =>
      (lane === undefined ? entry.onlyIfAsked !== true : entry.lane === lane) &&
      (only?.includes(entry.saboteur) ?? true),
  );
}
