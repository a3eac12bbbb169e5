/** The size of the log of effects as its store counts it, and as it was read. */
export interface LogSize {
  readonly entriesAdded: number;
  readonly entriesRead: number;
  /** Of `entriesRead`: those of jobs of others; only where the log is shared. */
  readonly entriesOfOthers?: number;
}

/**
 * Where the effects of a run are seen: it is followed while the run goes on, each effect is recorded
 * once, and whatever was seen and is missing at the end is recorded as vanished.
 */
export interface EffectSource extends AsyncDisposable {
  /**
   * Stops following and reads everything once more. Rejects when that cannot be done: then there is
   * no end to record.
   */
  finish(): Promise<LogSize>;
}
