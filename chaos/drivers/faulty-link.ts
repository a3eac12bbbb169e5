/** What a fault may do to a node's connections with Redis, and see of them; the proxy gives it. */
export interface FaultyLink {
  /** Of the proxy's process. */
  readonly pid: number;
  readonly startTime: string;
}
