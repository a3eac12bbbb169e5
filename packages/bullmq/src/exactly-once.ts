import type { Ledger } from '@understudy/exactly-once';
import { z } from 'zod';
import type { BullmqJob } from './bullmq-shapes.ts';
import { CannotCommit } from './errors.ts';
import {
  faultsIn,
  given,
  groupForm,
  type GroupOptions,
  type Member,
  memberOf,
  refuseFaults,
  wholeMs,
} from './group-options.ts';
import { forgetKeys } from './forget-keys.ts';
import { GroupLeader, type Leader } from './leadership.ts';
import { openLedger } from './open-ledger.ts';
import { attemptSafely, type AttemptScope, type Right } from './safe-attempt.ts';
import type { SafeContext } from './safe-context.ts';

/** How a job is known, and how long its commit is asked about. */
export interface JobOptions<J extends BullmqJob> {
  /**
   * The caller's id of a job: its idempotency key. Default: `data.id`; of a job scheduler's jobs the
   * id that BullMQ makes from scheduler and time; else the `jobId` it was enqueued with.
   */
  readonly key?: ((job: J) => string) | undefined;
  /**
   * What two jobs with one id must have in common, as JSON; a job that differs is refused. Default:
   * name and data. Give it when the processor changes the data (`job.updateData`).
   */
  readonly input?: ((job: J) => unknown) | undefined;
  /**
   * For how long the ledger is asked what became of a commit before the job is handed back, in ms:
   * the next attempt asks again, with the same key. Default 10,000.
   */
  readonly askForMs?: number | undefined;
}

/** Options of `exactlyOnce`: where the ledger is, or who leads. */
export type ExactlyOnceOptions<J extends BullmqJob> = JobOptions<J> &
  ({ readonly leader: Leader } | (GroupOptions & { readonly leader?: undefined }));

/** A processor for `new Worker(queue, processor, …)`, to be closed after its worker. */
export interface SafeProcessor<J extends BullmqJob, R> extends AsyncDisposable {
  // BullMQ makes a signal only for processors with three parameters.
  (job: J, token?: string, signal?: AbortSignal): Promise<R>;
  /** Resolves when the ledger can be reached. Jobs may come earlier: their commits wait. */
  ready(): Promise<void>;
  /** Lets go of the ledger. Close the worker first. With a `leader` this is done by the leader. */
  close(): Promise<void>;
}

const ASK_FOR_MS = 10_000;
const STRAY_WAIT_MS = 1000;

const jobForm = {
  key: z.function().optional(),
  input: z.function().optional(),
  askForMs: wholeMs.optional(),
};
const form = z.strictObject({ ...jobForm, ...groupForm, leader: z.undefined().optional() });
const ledForm = z.strictObject({ ...jobForm, leader: given });

/**
 * Wraps a processor of BullMQ's so that its effects commit once: it gets BullMQ's own job and a
 * context, stages effects, and returns; then one script on the ledger decides and applies. A job
 * that is delivered twice commits once, and one whose commit is refused goes back to the queue
 * without having consumed an attempt.
 * @throws {InvalidOptions} naming everything that is wrong
 */
export function exactlyOnce<J extends BullmqJob, R>(
  processor: (job: J, context: SafeContext) => Promise<R> | R,
  options: ExactlyOnceOptions<J>,
): SafeProcessor<J, R> {
  refuseFaults('exactlyOnce()', [...faultsOfProcessor(processor), ...faultsOfOptions(options)]);
  const { key, input, askForMs = ASK_FOR_MS } = options;
  const access = options.leader ? ledAccess(options.leader) : leaderlessAccess(options);
  const { member, ledger } = access;
  const queues = new Set<string>();
  const scope: AttemptScope<J, R> = { ...access, processor, key, input, askForMs };
  access.endsWith(forgetKeys(member, ledger, queues));
  const attempt = (job: J, token?: string, signal?: AbortSignal): Promise<R> => {
    queues.add(job.queueQualifiedName);
    const [first] = queues;
    // Its keys are forgotten when the first queue needs them no more: too early for another.
    if (first !== job.queueQualifiedName) {
      const why = `the group ${member.group} serves the queue ${first}: call exactlyOnce() with another group for ${job.queueQualifiedName}`;
      return Promise.reject(new CannotCommit(String(job.id), why));
    }
    return attemptSafely(scope, job, token, signal);
  };
  const { ready, close } = access;
  return Object.assign(attempt, { ready, close, [Symbol.asyncDispose]: close });
}

/** Who may commit, and where. */
interface Access extends Pick<AttemptScope<never, never>, 'right' | 'strayWaitMs' | 'fenced'> {
  readonly member: Member;
  readonly ledger: Ledger;
  /** Something that is to end before the ledger is let go of. */
  endsWith(end: () => Promise<void>): void;
  ready(): Promise<void>;
  close(): Promise<void>;
}

function ledAccess(given: Leader): Access {
  const leader = given as GroupLeader;
  return {
    member: leader.member,
    ledger: leader.ledger,
    right: () => leader.right,
    // A worker that is paused may still get one job, which is to go back at once. One that nobody
    // pauses would fetch it again and again.
    strayWaitMs() {
      if (leader.hasWorker) return 0;
      const { log, group } = leader.member;
      log.error({ group }, 'the leader leads no worker: give worker and leader to whenLeader()');
      return STRAY_WAIT_MS;
    },
    fenced: (token) => void (token && leader.fenced(token)),
    endsWith: (end) => leader.endsWith(end),
    ready: () => leader.ready(),
    close: () => Promise.resolve(),
  };
}

function leaderlessAccess(options: GroupOptions): Access {
  const member = memberOf(options);
  const ledger = openLedger(member);
  const closed = new AbortController();
  const ends: (() => Promise<void>)[] = [];
  const right: Right = { token: null, signal: closed.signal };
  member.report({ event: 'state', state: 'starting' }, member);
  const ready = ledger.ready(closed.signal).then(() => {
    if (closed.signal.aborted) return;
    member.report({ event: 'state', state: 'active' }, member);
    member.report({ event: 'ready' }, member);
  });
  return {
    member,
    ledger,
    right: () => right,
    strayWaitMs: () => 0,
    fenced: () =>
      member.log.error(
        { group: member.group },
        'this group is led: give exactlyOnce() the leader, or a group of its own',
      ),
    endsWith: (end) => void ends.push(end),
    ready: () => ready,
    async close() {
      if (closed.signal.aborted) return;
      closed.abort();
      await Promise.all(ends.map((end) => end()));
      await ledger[Symbol.asyncDispose]();
      member.report({ event: 'state', state: 'stopped' }, member);
    },
  };
}

function faultsOfProcessor(processor: unknown): string[] {
  if (typeof processor === 'function') return [];
  if (typeof processor === 'string' || processor instanceof URL) {
    return [
      `the processor is the path ${String(processor)}: BullMQ runs it in a process or thread of its own, where nothing can be staged for this one to commit. Import the file and give its function`,
    ];
  }
  return ['the processor is not a function (job, context) => …'];
}

function faultsOfOptions(options: unknown): string[] {
  if (typeof options !== 'object' || options === null) {
    return ['the options are missing: at least { redisUrl, group }, or { leader }'];
  }
  if (!('leader' in options) || options.leader === undefined) return faultsIn(form, options);
  const faults = faultsIn(ledForm, options);
  if (options.leader instanceof GroupLeader) return faults;
  return [...faults, 'leader: expected what leadership() returned'];
}
