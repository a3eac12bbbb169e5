/** How much is measured. */
export interface Options {
  /** Fewer samples, to see that a row works: what it gives is never counted as held. */
  readonly quick: boolean;
  /** How often leaders are killed in the first row; the other takeovers get a part of it. */
  readonly kills: number;
  /** How often each rate is measured; the median counts. */
  readonly rounds: number;
  /** How long false takeovers are waited for, in minutes, in each of two rows. */
  readonly minutes: number;
}

/** What `npm run bench` measures without options, and the least that counts as held. */
export const FULL: Options = { quick: false, kills: 300, rounds: 3, minutes: 10 };

/** What it measures with `--quick`. */
export const QUICK: Options = { quick: true, kills: 6, rounds: 1, minutes: 0.25 };

/** Whether less is measured than what counts. */
export function isShort({ quick, kills, rounds, minutes }: Options): boolean {
  return quick || kills < FULL.kills || rounds < FULL.rounds || minutes < FULL.minutes;
}
