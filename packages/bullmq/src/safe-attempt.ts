import {
  commitUntilKnown,
  type CommitOutcome,
  type Credit,
  type FencingToken,
  InvalidCommit,
  type Ledger,
} from '@understudy/exactly-once';
import { canonicalDigest } from '@understudy/queue/take-back';
import { failpoint, sleep, unreachable } from '@understudy/runtime';
import { createStaging } from '@understudy/worker/node';
import type { BullmqJob } from './bullmq-shapes.ts';
import { CannotCommit, HandedBack, isMoved } from './errors.ts';
import type { Member } from './group-options.ts';
import { jobKey } from './job-key.ts';
import { aborted, joined } from './joined-signals.ts';
import { lookupUntilKnown } from './lookup-until-known.ts';
import type { SafeContext } from './safe-context.ts';

/** The right to commit, while it lasts. `null` as token: the group has no leader. */
export interface Right {
  readonly token: FencingToken | null;
  /** Aborts when it ends. */
  readonly signal: AbortSignal;
}

/** What all attempts of one wrapped processor share. */
export interface AttemptScope<J extends BullmqJob, R> {
  readonly member: Member;
  readonly ledger: Ledger;
  processor(job: J, context: SafeContext): Promise<R> | R;
  key?: ((job: J) => string) | undefined;
  input?: ((job: J) => unknown) | undefined;
  readonly askForMs: number;
  /** The right to commit as it is now; `undefined` where another process has it. */
  right(): Right | undefined;
  /** How long a job that came although another process leads is kept before it goes back. */
  strayWaitMs(): number;
  /** The ledger refused the token, or the lack of one. */
  fenced(token: FencingToken | null): void;
}

interface Attempt<J> {
  readonly job: J;
  readonly key: string;
  readonly bullToken: string | undefined;
  readonly bullSignal: AbortSignal | undefined;
  readonly right: Right;
}

type Handled<R> =
  | { readonly ended: 'returned'; readonly value: R; readonly credits: readonly Credit[] }
  | { readonly ended: 'threw'; readonly error: unknown }
  | { readonly ended: 'overtaken' };

/** How long a job waits before it is handed back when another attempt would go no better. */
const TROUBLE_WAIT_MS = 1000;

/**
 * One attempt of `job`: run the processor, commit what it staged, and only then let BullMQ complete
 * the job. Only what the processor throws consumes an attempt (C4).
 * @returns what the processor returned; `undefined` when an earlier attempt had committed already
 *   and this one threw
 * @throws {HandedBack} the job is in the queue again
 * @throws {CannotCommit} the job can never commit
 * @throws what the processor threw
 */
export async function attemptSafely<J extends BullmqJob, R>(
  scope: AttemptScope<J, R>,
  job: J,
  bullToken: string | undefined,
  bullSignal: AbortSignal | undefined,
): Promise<R> {
  const { member } = scope;
  const right = scope.right();
  if (!right) {
    const waitMs = scope.strayWaitMs();
    if (waitMs > 0) await sleep(member.timers, waitMs);
    return handBack(job, bullToken, 'this process does not lead');
  }
  const identity = jobKey(job, scope.key);
  if (!identity.known) throw new CannotCommit(String(job.id), identity.reason);
  const { key } = identity;
  failpoint('after-fetch', key);
  member.report({ event: 'attempt', job: key, n: job.attemptsStarted }, member);
  const attempt: Attempt<J> = { job, key, bullToken, bullSignal, right };
  const handled = await handle(scope, attempt);
  switch (handled.ended) {
    case 'overtaken':
      return handBack(job, bullToken, 'the right to work on it ended');
    case 'threw':
      return threw(scope, attempt, handled.error);
    case 'returned':
      failpoint('before-commit', key);
      await commit(scope, attempt, handled.credits);
      return handled.value;
    default:
      return unreachable(handled);
  }
}

async function handle<J extends BullmqJob, R>(
  scope: AttemptScope<J, R>,
  { job, key, right, bullToken, bullSignal }: Attempt<J>,
): Promise<Handled<R>> {
  const staging = createStaging(key);
  using ends = joined(right.signal, bullSignal);
  const context: SafeContext = {
    credit: staging.credit,
    idempotencyKey: key,
    fencingToken: right.token,
    signal: ends.signal,
    token: bullToken,
  };
  const run = async (): Promise<Handled<R>> => {
    try {
      const value = await scope.processor(job, context);
      return { ended: 'returned', value, credits: staging.seal() };
    } catch (error) {
      return { ended: 'threw', error };
    }
  };
  using overtaken = aborted(right.signal);
  // A processor that does not heed its signal is left behind: whatever it still stages is dropped,
  // and its job need not wait for it.
  const handled = await Promise.race([overtaken.promise, run()]);
  if (handled) return handled;
  staging.seal();
  return { ended: 'overtaken' };
}

async function threw<J extends BullmqJob, R>(
  scope: AttemptScope<J, R>,
  attempt: Attempt<J>,
  error: unknown,
): Promise<R> {
  // The processor moved the job itself (to delayed, to wait for children): nothing has failed.
  if (isMoved(error)) throw error;
  const { job, key, bullToken } = attempt;
  const stands = await within(scope, attempt, (signal) => {
    const { timers, prng } = scope.member;
    return lookupUntilKnown(scope.ledger, key, { signal, timers, prng });
  });
  switch (stands) {
    case 'stands':
      // An earlier attempt committed before its process died: the job is done.
      return undefined as R;
    case 'unknown':
      return handBack(job, bullToken, 'the ledger did not say whether it took effect before');
    case 'none':
      throw error;
    default:
      return unreachable(stands);
  }
}

async function commit<J extends BullmqJob, R>(
  scope: AttemptScope<J, R>,
  attempt: Attempt<J>,
  credits: readonly Credit[],
): Promise<void> {
  const { member, ledger } = scope;
  const { job, key, right } = attempt;
  const { nodeId: node, incarnation, timers, prng } = member;
  // Two jobs with one id and different names are two things, however alike their data.
  const input = scope.input ? scope.input(job) : { name: job.name, data: job.data as unknown };
  const digest = canonicalDigest(input);
  const request = { job: key, key, digest, token: right.token, node, incarnation, credits };
  let outcome: CommitOutcome | { readonly status: 'unknown' };
  try {
    outcome = await within(scope, attempt, (signal) =>
      commitUntilKnown(ledger, request, { signal, timers, prng }),
    );
  } catch (error) {
    // What the processor staged can never be committed: that is the processor's error.
    if (!(error instanceof InvalidCommit)) throw error;
    await threw(scope, attempt, error);
    return;
  }
  await settle(scope, attempt, outcome);
}

/** Asks the ledger for as long as it is of use: while the right lasts, and not for ever. */
async function within<J extends BullmqJob, R, T>(
  { member, askForMs }: AttemptScope<J, R>,
  { right }: Attempt<J>,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancel = member.timers.after(askForMs, () => limit.abort());
  using ends = joined(right.signal, limit.signal);
  try {
    return await ask(ends.signal);
  } finally {
    cancel();
  }
}

async function settle<J extends BullmqJob, R>(
  scope: AttemptScope<J, R>,
  { job, key, bullToken, right }: Attempt<J>,
  outcome: CommitOutcome | { readonly status: 'unknown' },
): Promise<void> {
  const { log, timers } = scope.member;
  switch (outcome.status) {
    case 'applied':
    case 'duplicate':
      failpoint('after-commit', key);
      return;
    case 'conflict':
      log.error({ jobId: key, position: outcome.position }, 'conflicting job refused');
      throw new CannotCommit(
        key,
        'another job with the same id, but another name or other data, took effect before',
      );
    case 'fenced':
      log.warn({ jobId: key, reason: outcome.reason }, 'commit fenced');
      scope.fenced(right.token);
      // Without a leader to depose, this process would fetch the same job again at once.
      if (!right.token) await sleep(timers, TROUBLE_WAIT_MS, right.signal);
      return handBack(job, bullToken, 'another process leads its group');
    case 'capacity':
      log.error({ keys: outcome.keys }, 'ledger is full: commits are refused');
      await sleep(timers, TROUBLE_WAIT_MS, right.signal);
      return handBack(job, bullToken, 'the ledger has no room for its key');
    case 'unknown':
      return handBack(job, bullToken, 'the ledger did not say whether its commit was applied');
    default:
      return unreachable(outcome);
  }
}

async function handBack(
  job: BullmqJob,
  bullToken: string | undefined,
  why: string,
): Promise<never> {
  // A refusal means that somebody else has taken it back already. If Redis did not take the
  // question, the job's lock runs out, because BullMQ renews it no more.
  await job.moveToWait(bullToken).catch(() => undefined);
  throw new HandedBack(String(job.id), why);
}
