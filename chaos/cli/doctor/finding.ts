/** One thing that doctor looked at. */
export interface Finding {
  /** What was looked at: `redis-server`. */
  readonly subject: string;
  /** `problem`: no run is possible so; `warning`: a run is, with a reservation. */
  readonly status: 'ok' | 'warning' | 'problem';
  /** What was found. */
  readonly found: string;
  /** What to do; present unless all is well. */
  readonly advice?: string;
}

/** What the checks of the machine need. */
export interface Surroundings {
  /** The directory that holds `.understudy`. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
