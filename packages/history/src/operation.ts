import { z } from 'zod';

/**
 * Operations: what was seen, in the order in which the lab saw it. The four types are Jepsen's:
 * `invoke` begins something; `ok` says that it happened; `fail` that it certainly did not; `info`
 * that nobody knows, or that nothing is claimed. An `invoke` that is never completed counts as
 * `info`.
 */

const name = z.string().min(1);
const cents = z.int();
const ordinal = z.int().positive();
const count = z.int().nonnegative();

const stamp = {
  seq: ordinal.describe('1, 2, 3 … without gaps.'),
  at: z.number().nonnegative().describe('Milliseconds since the run began, monotonic clock.'),
  process: name.describe('Who: `producer-1`, `node-2`, `ledger`, `nemesis`, `lab`.'),
};

const epoch = z.int().nonnegative();

/**
 * A job is handed to the queue: `invoke` *before* it is sent, then `ok` (acknowledged), `fail` (it
 * certainly is not in the queue) or `info` (sent, no answer). A job that is enqueued twice on
 * purpose has a second `invoke` and completion with `copy: 2`; it is still one job with one effect.
 */
export const enqueueSchema = z.looseObject({
  ...stamp,
  op: z.literal('enqueue'),
  type: z.enum(['invoke', 'ok', 'fail', 'info']),
  job: name,
  key: z.string().optional().describe("The job's idempotency key."),
  account: z.string().optional(),
  amountCents: cents.optional(),
  copy: ordinal.optional().describe('2 for the second of two deliberate enqueues; absent = 1.'),
  error: z.string().optional().describe('Why it failed, or why nobody knows.'),
});

/** A handler was started. Nodes report it themselves, so one that prints nothing has none. */
export const attemptSchema = z.looseObject({
  ...stamp,
  op: z.literal('attempt'),
  type: z.literal('invoke'),
  job: name,
  node: name,
  incarnation: name.optional(),
  n: ordinal.describe('Which attempt at this job it is, as the node counts.'),
});

/**
 * One entry of the effect log, recorded once: when it is first seen. `position` is its ordinal in
 * ledger order (1, 2, 3 …); a position is never given twice, not even to make up for an entry that
 * vanished.
 */
export const effectSchema = z.looseObject({
  ...stamp,
  op: z.literal('effect'),
  type: z.literal('ok'),
  job: name,
  node: name,
  incarnation: name.optional(),
  epoch: epoch.optional(),
  term: name.optional(),
  position: ordinal,
  id: name.describe("The entry's own id in the log."),
  key: z.string().optional(),
  account: z.string().optional().describe('Present when the effect is one credit to one account.'),
  amountCents: cents.optional().describe('Sum of the credits.'),
  unnamed: z
    .literal(true)
    .optional()
    .describe('The entry names no job; `job` is what it is called for people.'),
  source: z
    .enum(['live', 'final'])
    .describe('`live`: followed while it ran; `final`: found by the read at the end only.'),
});

/** An effect that was seen live is missing from the read at the end. */
export const vanishedSchema = z.looseObject({
  ...stamp,
  op: z.literal('vanished'),
  type: z.literal('info'),
  job: name,
  id: name,
  position: ordinal,
});

/** What a node says of itself; `down` is what the lab saw of it: the process is gone. */
export const stateSchema = z.looseObject({
  ...stamp,
  op: z.literal('state'),
  type: z.literal('info'),
  node: name,
  incarnation: name,
  state: z.enum(['starting', 'passive', 'active', 'draining', 'stopped', 'down']),
  epoch: epoch.optional(),
  term: name.optional(),
  evidence: z.string().optional(),
});

/**
 * A fault, phase by phase. `inject` is recorded right before it is done, when everything that takes
 * time is already prepared: takeovers are measured from there. `landed` carries what was seen from
 * outside the node; `refused` says why it was not done.
 */
export const faultSchema = z.looseObject({
  ...stamp,
  op: z.literal('fault'),
  type: z.literal('info'),
  id: name.describe("The fault's id in the header's schedule."),
  fault: name,
  target: name.describe('What was really hit: `node-2`.'),
  requested: name.describe('What was asked for: `leader`.'),
  role: z.string().optional().describe('What the target was: `leader`.'),
  incarnation: name.optional(),
  phase: z.enum(['inject', 'landed', 'heal', 'healed', 'refused']),
  evidence: z.string().optional(),
  unfinished: count.optional().describe('Jobs of the workload without an effect at landing.'),
});

/** The lab's own connection met another incarnation of the store, or an older state of it. */
export const storeSchema = z.looseObject({
  ...stamp,
  op: z.literal('store'),
  type: z.literal('info'),
  event: z.enum(['restarted', 'regressed']),
  runId: z.string(),
});

/** A job was put aside after failing too often. */
export const parkedSchema = z.looseObject({
  ...stamp,
  op: z.literal('parked'),
  type: z.literal('info'),
  job: name,
  reason: z.string(),
});

/** The lab itself stood still for `durationMs`, until `at`: timings across it are worth less. */
export const stallSchema = z.looseObject({
  ...stamp,
  op: z.literal('stall'),
  type: z.literal('info'),
  durationMs: z.number().nonnegative(),
});

/** Whether the fleet was seen to work, before the first fault or after the last heal. */
export const healthSchema = z.looseObject({
  ...stamp,
  op: z.literal('health'),
  type: z.literal('info'),
  phase: z.enum(['before-first-fault', 'after-last-heal']),
  healthy: z.boolean(),
  detail: z.string(),
});

/**
 * What is left at the end, of the run's own jobs: queue, balances, and the size of the effect log. The
 * nodes are stopped by then, unless the header's `fleet` is one that runs on.
 */
export const endSchema = z.looseObject({
  ...stamp,
  op: z.literal('end'),
  type: z.literal('ok'),
  queue: z.record(z.string(), count).describe('Jobs by state, as the queue counts them.'),
  pendingJobs: z.array(z.string()).describe('Jobs that still wait for a worker.'),
  pendingUnknown: z
    .literal(true)
    .optional()
    .describe('Nobody can tell which jobs still wait, so `pendingJobs` says nothing.'),
  parkedJobs: z.array(z.string()).describe('Jobs that were put aside and are still there.'),
  withoutTraffic: z
    .array(name)
    .optional()
    .describe('Nodes that never sent a byte to Redis by the address they were given.'),
  balances: z.record(z.string(), cents).optional(),
  entriesAdded: count.describe(
    'Entries the effect log has taken, as the store counts: ever, or since the run began where others use it too.',
  ),
  entriesRead: count.describe('Entries the read at the end returned.'),
  entriesOfOthers: count
    .optional()
    .describe('Of `entriesRead`: those of jobs that are not of this run, which are left out.'),
});

/** Any line of a history but the first. */
export const operationSchema = z.discriminatedUnion('op', [
  enqueueSchema,
  attemptSchema,
  effectSchema,
  vanishedSchema,
  stateSchema,
  faultSchema,
  storeSchema,
  parkedSchema,
  stallSchema,
  healthSchema,
  endSchema,
]);

/** A loose schema infers an index signature; without it a misspelt field does not compile. */
type Known<O> = { [K in keyof O as string extends K ? never : K]: O[K] };

/** A job is handed to the queue. */
export type EnqueueOperation = Known<z.infer<typeof enqueueSchema>>;
/** A handler was started. */
export type AttemptOperation = Known<z.infer<typeof attemptSchema>>;
/** One entry of the effect log. */
export type EffectOperation = Known<z.infer<typeof effectSchema>>;
/** An effect that was seen live is missing at the end. */
export type VanishedOperation = Known<z.infer<typeof vanishedSchema>>;
/** What a node is, as it says itself or (`down`) as the lab saw. */
export type StateOperation = Known<z.infer<typeof stateSchema>>;
/** One phase of a fault. */
export type FaultOperation = Known<z.infer<typeof faultSchema>>;
/** The store is another incarnation, or has an older state. */
export type StoreOperation = Known<z.infer<typeof storeSchema>>;
/** A job was put aside. */
export type ParkedOperation = Known<z.infer<typeof parkedSchema>>;
/** The lab stood still. */
export type StallOperation = Known<z.infer<typeof stallSchema>>;
/** Whether the fleet works. */
export type HealthOperation = Known<z.infer<typeof healthSchema>>;
/** What is left at the end. */
export type EndOperation = Known<z.infer<typeof endSchema>>;

/** Any line of a history but the first. Fields of somebody else's are kept, but not typed. */
export type Operation =
  | EnqueueOperation
  | AttemptOperation
  | EffectOperation
  | VanishedOperation
  | StateOperation
  | FaultOperation
  | StoreOperation
  | ParkedOperation
  | StallOperation
  | HealthOperation
  | EndOperation;
/** What kind of operation it is. */
export type OperationName = Operation['op'];

type Unstamped<O> = O extends unknown ? Omit<O, 'seq' | 'at'> : never;

/** An operation as it is handed to the recorder, which adds `seq` and `at`. */
export type OperationBody = Unstamped<Operation>;
