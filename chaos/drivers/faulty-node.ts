import type { InsideProcess } from '../inside/channel.ts';
import type { FaultyProcess } from './faulty-process.ts';
import type { FailpointEvent } from './protocol.ts';

/** One incarnation of a node, as faults see it. */
export interface NodeIncarnation extends FaultyProcess {
  readonly incarnation: string;
  /** What all of it has used of the processors so far, in ms, as the process table says. */
  cpuMs(): number;
  /**
   * Waits until it says that it stands at the failpoint `name`; undefined when it ends first, or
   * `signal` aborts.
   */
  untilFailpoint(name: string, signal: AbortSignal): Promise<FailpointEvent | undefined>;
}

/** What a fault may do to a node, and see of it; the driver gives it. */
export interface FaultyNode extends Omit<NodeIncarnation, 'incarnation'> {
  /** Its Node.js processes, reached from within; none when it runs in something else. */
  readonly inside: readonly InsideProcess[];
  /** The same, as soon as there is one; none after `limitMs`. */
  insideWithin(limitMs: number): Promise<readonly InsideProcess[]>;
  /** Starts a new incarnation and waits until it is ready. @throws {NodeFailed} */
  restart(): Promise<{ readonly who: string; readonly incarnation: string }>;
}
