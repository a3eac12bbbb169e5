import type { Tally, Trouble } from '../proxy/trouble.ts';

/**
 * What a fault may do to a node's connections with Redis, and see of them; the node's proxy gives
 * it, which is outside the node. It serves one fault.
 */
export interface FaultyLink {
  /** Of the proxy's process. */
  readonly pid: number;
  readonly startTime: string;
  /** The servers behind the proxy: `data`, `lock-1`, … */
  readonly servers: readonly string[];
  /** Fixes what is drawn at random in the proxy. */
  readonly seed: string;
  /**
   * Puts a trouble in force, and waits until it has affected something. Returns what: undefined
   * when it was nothing within `limitMs`. It stays in force all the same.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  inject(trouble: Trouble, limitMs: number): Promise<Tally | undefined>;
  /**
   * Ends the trouble; returns what it affected altogether.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  heal(): Promise<Tally>;
}
