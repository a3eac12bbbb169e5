import type { NodeState, WorkerEvent } from './events.ts';
import type { WorkerParts } from './parts.ts';
import type { Surroundings } from './surroundings.ts';
import type { WorkerSettings } from './settings.ts';

/** Options of `startWorker`. */
export interface StartOptions extends Partial<Surroundings> {
  readonly settings: WorkerSettings;
  /** Called with everything the node says about itself. Default: nobody listens. */
  readonly report?: (event: WorkerEvent) => void;
  /**
   * Run once, while this node stands by; see `rehearse`. Its signal aborts when the node is
   * elected or stopped. Default: no rehearsal.
   */
  readonly rehearse?: (signal: AbortSignal) => Promise<void>;
  /** Replaces parts; see `WorkerParts`. */
  readonly parts?: Partial<WorkerParts>;
}

/** A started worker. */
export interface RunningWorker extends AsyncDisposable {
  readonly state: NodeState;
  /**
   * Stops fetching, waits for what is in flight (at most `drainMs`, then it is handed back),
   * releases the lease and leaves (L11). Idempotent; resolves when nothing is left.
   */
  stop(): Promise<void>;
  /** Resolves when stopped; rejects with the error that made the worker give up. */
  readonly done: Promise<void>;
}
