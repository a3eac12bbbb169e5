import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Named places at which a crash is most likely to lose or to repeat something. The lab stops a node
 * there and kills it; to the program a failpoint means nothing. The idea is FreeBSD's fail(9).
 *
 * - `after-fetch`: a job was fetched, nothing has been done about it
 * - `before-commit`: the handler returned, its commit was not sent
 * - `after-commit`: the ledger answered that the effect stands, the job is not completed
 * - `after-ack`: the job is completed in the queue; the next one may have come in the same trip
 * - `after-lease`: a quorum of lock nodes granted the lease, no epoch was minted
 * - `during-extend`: the lock nodes were asked to extend the lease, none has answered
 */
export const FAILPOINTS = [
  'after-fetch',
  'before-commit',
  'after-commit',
  'after-ack',
  'after-lease',
  'during-extend',
] as const;

/** The name of a failpoint of this runtime. */
export type FailpointName = (typeof FAILPOINTS)[number];

/** Called at every passing while a failpoint is armed in this process. */
export type FailpointHook = (name: string, subject?: string) => void;

/** What who passes failpoints and who arms them have in common: one object a process. */
export interface FailpointSwitch {
  hook: FailpointHook | undefined;
}

/** Under this symbol (`Symbol.for`) it stands on `globalThis`; whoever comes first makes it. */
const PLACE = Symbol.for('understudy.failpoints');

/** Where it has a value, failpoints are not passed. */
const outside = new AsyncLocalStorage<true>();

let known: FailpointSwitch | undefined;

/** This process's switch: whoever arms need not import who passes, and may set it up before. */
export function failpointSwitch(): FailpointSwitch {
  const place = globalThis as { [PLACE]?: FailpointSwitch };
  // Kept, because looking it up costs fifty times what passing an unarmed failpoint does.
  return (known ??= place[PLACE] ??= { hook: undefined });
}

/**
 * Passes a failpoint. Nothing happens unless the lab has armed one in this process; the armed one
 * does not return before the process is killed.
 * @param subject what it is passed for: a job's id
 */
export function failpoint(name: FailpointName, subject?: string): void {
  const { hook } = known ?? failpointSwitch();
  if (hook && outside.getStore() === undefined) hook(name, subject);
}

/**
 * Runs `run`, and whatever it starts, without passing failpoints: a crash that is aimed at the work
 * of this process must not hit what it does for itself.
 */
export function withoutFailpoints<T>(run: () => T): T {
  return outside.run(true, run);
}
