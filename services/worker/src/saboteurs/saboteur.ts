import type { PartScripts, WorkerParts } from '@understudy/worker';

/**
 * What takes a protection out of a worker. It replaces what a part is made of or runs, and leaves
 * the worker as it is: nothing in the runtime knows that there are saboteurs.
 */
export interface Saboteur {
  /** Replaces scripts that run in Redis, given those that would run without it. */
  readonly scripts?: (own: PartScripts) => PartScripts;
  /** Replaces parts, given those that would be used without it. */
  readonly parts?: (own: WorkerParts) => WorkerParts;
}
