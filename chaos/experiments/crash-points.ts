import { type Moment, onceLanded } from '../schedule/builders.ts';
import type { Step } from '../schedule/step.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { afterShare } from './moments.ts';

/**
 * The failpoints of this repository's worker. The first four are passed once a job; the other two
 * belong to the lease, which only an active-passive fleet has.
 */
const JOB_POINTS = ['after-fetch', 'before-commit', 'after-commit', 'after-ack'] as const;
const LEASE_POINTS = ['after-lease', 'during-extend'] as const;

type CrashPoint = (typeof JOB_POINTS)[number] | (typeof LEASE_POINTS)[number];

const RESTART_AFTER = '200ms';
/** How long after a death the next one is aimed at whoever works then. */
const SUCCESSION = '500ms';
const FIRST_SHARE = 0.1;
const LATE_SHARE = 0.75;
const ARMED_SHARE = 0.05;
const LAST_SHARE = 0.95;

/**
 * Every failpoint, on its first, its second and its last passing: one run for each, so that each has
 * a last one. `understudy run crash-points` makes them all.
 *
 * First and second count from when the fault is due. The last passing is the one for the job that is
 * enqueued last: the queue has run dry behind it, and nothing that comes later can make up for what
 * was left undone. Where all nodes work nobody knows which one gets that job; there it is the next
 * passing when a twentieth of the jobs is left. The lease has no last passing as long as somebody leads; there it is one when
 * three quarters of the work are done. `after-lease` is passed by a standby: when the leader is
 * killed both of them lie in wait, so the first and the second one to get the lease die with it in
 * their hands, and so again when three quarters are done.
 */
export const crashPoints: readonly Experiment[] = [
  ...JOB_POINTS.map((point) => crashPoint(point, jobPassings(point))),
  crashPoint('after-lease', leasePassings, ['active-passive']),
  crashPoint('during-extend', extendPassings, ['active-passive']),
];

function crashPoint(
  point: CrashPoint,
  schedule: Experiment['schedule'],
  modes?: Experiment['modes'],
): Experiment {
  return {
    name: `crash-points/${point}`,
    shows: `a node that dies ${point}, on the first, the second and the last passing`,
    expects: 'what was done is not repeated, what was not done is done by the survivors',
    ...(modes ? { modes } : {}),
    schedule,
  };
}

function jobPassings(failpoint: CrashPoint): Experiment['schedule'] {
  const crash = (moment: Moment, more: object): Step =>
    moment.crashAt('leader', { failpoint, restartAfter: RESTART_AFTER, ...more });
  return ({ mode, jobs, lastJob }) => [
    crash(afterShare(jobs, FIRST_SHARE), { passing: 1 }),
    // The successor works while the node that died is started again.
    crash(onceLanded(SUCCESSION), { passing: 2 }),
    mode === 'active-passive'
      ? crash(onceLanded(SUCCESSION), { job: lastJob })
      : crash(afterShare(jobs, LAST_SHARE), { passing: 1 }),
  ];
}

function extendPassings({ jobs }: ExperimentContext): readonly Step[] {
  const during = { failpoint: 'during-extend', restartAfter: RESTART_AFTER };
  return [
    afterShare(jobs, FIRST_SHARE).crashAt('leader', during),
    onceLanded(SUCCESSION).crashAt('leader', { ...during, passing: 2 }),
    afterShare(jobs, LATE_SHARE).crashAt('leader', during),
  ];
}

function leasePassings({ jobs }: ExperimentContext): readonly Step[] {
  const after = { failpoint: 'after-lease', restartAfter: RESTART_AFTER };
  return [FIRST_SHARE, LATE_SHARE].flatMap((share) => [
    afterShare(jobs, share).crashAt('standby', after),
    afterShare(jobs, share).crashAt('standby', after),
    // A little later, when both are armed.
    afterShare(jobs, share + ARMED_SHARE).kill('leader'),
  ]);
}
