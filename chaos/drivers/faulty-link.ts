import type { Trouble } from '../proxy/trouble.ts';
import type { Observation } from './observation.ts';

/**
 * What a fault may do to a node's connections with Redis, and see of them. Who gives it is outside
 * the node: the node's proxy, or the network of its container. It serves one fault.
 */
export interface FaultyLink {
  /** Of the proxy's process, or of the container's. */
  readonly pid: number;
  readonly startTime: string;
  /**
   * The networks that the container shares with the servers, for a fault that is to take it out of
   * them. Absent for processes, and where the link itself is these networks.
   */
  readonly network?: FaultyLink;
  /** The servers at its other end: `data`, `lock-1`, … */
  readonly servers: readonly string[];
  /** Fixes what is drawn at random in the proxy. */
  readonly seed: string;
  /**
   * Puts a trouble in force, and waits at most for `limitMs` until it was seen to affect something.
   * It stays in force even when that was not seen.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  inject(trouble: Trouble, limitMs: number): Promise<Observation>;
  /**
   * Ends the trouble; tells what it affected altogether.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  heal(): Promise<Observation>;
}
