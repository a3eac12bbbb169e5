/** What was seen from outside the target: whether it is so, and by what one knows. */
export interface Observation {
  readonly seen: boolean;
  /** `pid 4711 ended by SIGKILL`. */
  readonly evidence: string;
  /** Nothing was done to the target, and there is nothing to take back. */
  readonly untouched?: true;
}
