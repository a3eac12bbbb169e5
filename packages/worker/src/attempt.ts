import {
  commitUntilKnown,
  type CommitOutcome,
  type Credit,
  type FencingToken,
  InvalidCommit,
  type JobSequence,
  type Ledger,
} from '@understudy/exactly-once';
import type { FetchedJob, Lane, Told } from '@understudy/queue';
import {
  failpoint,
  messageOf,
  type Prng,
  sleep,
  type Timers,
  unreachable,
} from '@understudy/runtime';
import type { Logger } from '@understudy/telemetry';
import type { HandlerContext, WorkerDefinition } from './definition.ts';
import type { WorkerEvent } from './events.ts';
import { createStaging } from './staging.ts';

/** What attempts of one term (or of a leaderless node's life) share. */
export interface AttemptScope {
  readonly definition: WorkerDefinition<unknown>;
  readonly lane: Lane;
  readonly ledger: Ledger;
  readonly node: string;
  readonly incarnation: string;
  readonly token: FencingToken | null;
  /** Whether commits carry the job's id as idempotency key; false only in `uncoordinated`. */
  readonly idempotent: boolean;
  /** Aborts when this node may no longer work: handlers are told, and jobs handed back. */
  readonly signal: AbortSignal;
  /** The ledger refused the token (or the lack of one). */
  onFenced(outcome: CommitOutcome & { status: 'fenced' }): void;
  report(event: WorkerEvent): void;
  /** What goes on after an attempt, and is waited for when the node ends. */
  track(work: Promise<void>): void;
  readonly log: Logger;
  readonly timers: Timers;
  readonly prng: Prng;
}

/** How long a job waits before it is handed back when the ledger has no room for its key. */
const CAPACITY_WAIT_MS = 1000;

type Handled = { ok: true; credits: readonly Credit[] } | { ok: false; error: unknown };

/** What the ledger knows a job by. */
interface Identity {
  /** `null` where nothing is protected. */
  readonly key: string | null;
  readonly sequence?: JobSequence | undefined;
}

/**
 * One attempt of `job`: run the handler, commit what it staged, tell the lane. Only an error of
 * the handler consumes an attempt (C4).
 * @param fetchNext asked when the job is done: whether another may follow in the same trip
 * @returns the job that came with the completion, if one was asked for and there
 */
export async function attemptJob(
  scope: AttemptScope,
  job: FetchedJob,
  fetchNext: () => boolean,
): Promise<FetchedJob | undefined> {
  failpoint('after-fetch', job.id);
  let identity: Identity = { key: scope.idempotent ? job.id : null };
  scope.report({ event: 'attempt', job: job.id, n: job.attempt });
  try {
    identity = { ...identity, sequence: sequenceOf(scope.definition, job) };
  } catch (error) {
    return handlerFailed(scope, job, identity, error, fetchNext);
  }
  const handled = await handle(scope, job, identity.key);
  if (!handled.ok) return handlerFailed(scope, job, identity, handled.error, fetchNext);
  failpoint('before-commit', job.id);
  let outcome: Awaited<ReturnType<typeof commit>>;
  try {
    outcome = await commit(scope, job, identity, handled.credits);
  } catch (error) {
    // What the handler staged can never be committed: that is the handler's error.
    if (error instanceof InvalidCommit)
      return handlerFailed(scope, job, identity, error, fetchNext);
    throw error;
  }
  return settle(scope, job, outcome, fetchNext);
}

/** The number that the job's producer gave it; `undefined` for none. @throws what `sequenceOf` throws */
export function sequenceOf(
  definition: Pick<WorkerDefinition<unknown>, 'sequenceOf'>,
  job: Pick<FetchedJob, 'data'>,
): JobSequence | undefined {
  return definition.sequenceOf?.(job.data) ?? undefined;
}

function commit(
  scope: AttemptScope,
  job: FetchedJob,
  { key, sequence }: Identity,
  credits: readonly Credit[],
): ReturnType<typeof commitUntilKnown> {
  const { ledger, token, node, incarnation, signal, timers, prng } = scope;
  const identity = { key, ...(sequence ? { sequence } : {}), digest: job.digest };
  const request = { job: job.id, ...identity, token, node, incarnation, credits };
  return commitUntilKnown(ledger, request, { signal, timers, prng });
}

async function handle(scope: AttemptScope, job: FetchedJob, key: string | null): Promise<Handled> {
  const staging = createStaging(job.id);
  const context: HandlerContext = {
    credit: staging.credit,
    idempotencyKey: key,
    fencingToken: scope.token,
    signal: scope.signal,
  };
  try {
    await scope.definition.handle({ id: job.id, data: job.data, attempt: job.attempt }, context);
    return { ok: true, credits: staging.seal() };
  } catch (error) {
    return { ok: false, error };
  }
}

async function handlerFailed(
  scope: AttemptScope,
  job: FetchedJob,
  { key, sequence }: Identity,
  error: unknown,
  fetchNext: () => boolean,
): Promise<FetchedJob | undefined> {
  // A handler that gave up because it was told to has not failed.
  if (scope.signal.aborted) {
    await scope.lane.handBack(job);
    return undefined;
  }
  // An earlier attempt may have committed before its node died: then the job is done.
  const committed =
    key === null ? null : await scope.ledger.lookup(key, sequence).catch(() => undefined);
  if (committed === undefined) {
    await scope.lane.handBack(job);
    return undefined;
  }
  if (committed !== null) return complete(scope, job, fetchNext);
  const reason = messageOf(error);
  const fate = await scope.lane.failAttempt(job, error);
  scope.log.warn({ jobId: job.id, attempt: job.attempt, fate, reason }, 'handler failed');
  if (fate === 'parked') scope.report({ event: 'parked', job: job.id, reason });
  return undefined;
}

async function settle(
  scope: AttemptScope,
  job: FetchedJob,
  outcome: CommitOutcome | { status: 'unknown' },
  fetchNext: () => boolean,
): Promise<FetchedJob | undefined> {
  switch (outcome.status) {
    case 'applied':
    case 'duplicate':
      failpoint('after-commit', job.id);
      return complete(scope, job, fetchNext);
    case 'conflict': {
      const reason = 'another job with the same id but other content took effect before';
      scope.log.error({ jobId: job.id, position: outcome.position }, 'conflicting job parked');
      const fate = await scope.lane.park(job, reason);
      if (fate === 'parked') scope.report({ event: 'parked', job: job.id, reason });
      return undefined;
    }
    case 'fenced':
      scope.log.warn({ jobId: job.id, reason: outcome.reason }, 'commit fenced');
      scope.onFenced(outcome);
      await scope.lane.handBack(job);
      return undefined;
    case 'capacity':
      scope.log.error({ keys: outcome.keys }, 'ledger is full: commits are refused');
      await sleep(scope.timers, CAPACITY_WAIT_MS, scope.signal);
      await scope.lane.handBack(job);
      return undefined;
    case 'unknown':
      await scope.lane.handBack(job);
      return undefined;
    default:
      return unreachable(outcome);
  }
}

async function complete(
  scope: AttemptScope,
  job: FetchedJob,
  fetchNext: () => boolean,
): Promise<FetchedJob | undefined> {
  const completion = await scope.lane.complete(job, { fetchNext: fetchNext() });
  if (completion.status === 'under-way') {
    scope.track(completion.told.then((told) => completed(scope, job, told)));
  } else completed(scope, job, completion.status);
  return completion.next;
}

function completed(scope: AttemptScope, job: FetchedJob, told: Told): void {
  // Somebody took the job back meanwhile. Its effect stands; the other attempt is a duplicate.
  if (told === 'lost') scope.log.info({ jobId: job.id }, 'job was taken back before completion');
  else failpoint('after-ack', job.id);
}
