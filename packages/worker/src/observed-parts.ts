import { CommitUnknown, type CommitOutcome, type Ledger } from '@understudy/exactly-once';
import type { Lease, LeaseChange } from '@understudy/lease';
import type { FetchedJob, Lane } from '@understudy/queue';
import type { Clock, TransientMap } from '@understudy/runtime';
import type { NodeMetrics } from '@understudy/telemetry';
import type { WorkerDefinition } from './definition.ts';
import type { WorkerParts } from './parts.ts';
import { wrappedLane } from './wrapped-lane.ts';
import { wrappedLedger } from './wrapped-ledger.ts';

/** What is measured of one worker, and what of it can be asked. */
export interface Sight {
  readonly metrics: NodeMetrics;
  readonly clock: Clock;
  /** Jobs that were fetched and are not settled. */
  readonly inHand: TransientMap<FetchedJob, true>;
  ledger: Ledger | undefined;
  lane: Lane | undefined;
  lease: Lease | undefined;
}

/** `parts`, measured; nothing else about them changes, and no worker can tell the difference. */
export function observedParts(parts: WorkerParts, sight: Sight): WorkerParts {
  return {
    ...parts,
    ledger: (...given) => {
      sight.ledger = parts.ledger(...given);
      return observedLedger(sight.ledger, sight);
    },
    lane: (...given) => {
      sight.lane = parts.lane(...given);
      return observedLane(sight.lane, sight);
    },
    lease: (settings, ledger, around, onChange) => {
      sight.lease = parts.lease(settings, ledger, around, (change) => {
        onChange(change);
        noteLease(change, sight);
      });
      return sight.lease;
    },
  };
}

/** `definition` with its handler timed. */
export function observedDefinition<T>(
  definition: WorkerDefinition<T>,
  { metrics, clock }: Pick<Sight, 'metrics' | 'clock'>,
): WorkerDefinition<T> {
  return {
    ...definition,
    async handle(job, context) {
      const fromMs = clock.monotonicMs();
      try {
        await definition.handle(job, context);
      } finally {
        metrics.handled((clock.monotonicMs() - fromMs) / 1000);
      }
    },
  };
}

/** The owner was told already: who was elected is active by now. */
function noteLease(change: LeaseChange, { metrics, clock }: Sight): void {
  if (change.type === 'elected') {
    const tookMs = clock.monotonicMs() - change.vacantSinceMs;
    metrics.epoch(change.token.epoch);
    metrics.takenOver(tookMs / 1000, clock.wallMs() / 1000);
  } else if (change.type === 'deposed') metrics.epoch(0);
}

function observedLedger(ledger: Ledger, { metrics, clock }: Sight): Ledger {
  return wrappedLedger(ledger, {
    async commit(request) {
      const fromMs = clock.monotonicMs();
      const note = (outcome: CommitOutcome['status'] | 'unknown'): void =>
        metrics.commit(outcome, (clock.monotonicMs() - fromMs) / 1000);
      try {
        const outcome = await ledger.commit(request);
        note(outcome.status);
        return outcome;
      } catch (error) {
        // Anything else was never sent.
        if (error instanceof CommitUnknown) note('unknown');
        throw error;
      }
    },
  });
}

function observedLane(lane: Lane, { metrics, inHand }: Sight): Lane {
  const arrived = (job: FetchedJob): void => {
    metrics.jobFetched();
    inHand.set(job, true);
  };
  /** Where settling rejects the job is still in hand: it is settled another way. */
  const settled = <T>(job: FetchedJob, answer: T): T => {
    inHand.delete(job);
    return answer;
  };
  return wrappedLane(lane, {
    async fetch(signal) {
      const job = await lane.fetch(signal);
      if (job) arrived(job);
      return job;
    },
    async complete(job, options) {
      const answer = settled(job, await lane.complete(job, options));
      if (answer.next) arrived(answer.next);
      return answer;
    },
    handBack: async (job) => settled(job, await lane.handBack(job)),
    park: async (job, reason) => settled(job, await lane.park(job, reason)),
    async failAttempt(job, error) {
      const fate = settled(job, await lane.failAttempt(job, error));
      if (fate !== 'lost') metrics.attemptFailed();
      return fate;
    },
  });
}
