import { sleep, type Timers } from '@understudy/runtime';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** How `untilAnswered` goes on in trouble. */
export interface Persistence {
  readonly timers: Timers;
  /** Aborts when the lane is disposed of. */
  readonly closed: AbortSignal;
  readonly onTrouble: (error: unknown) => void;
}

/** What an error says: the job is not ours (any more), something final, or nothing: trouble. */
export type Verdict = 'lost' | 'final' | undefined;

/**
 * Asks until the queue answers. Every question says whose the job is, so asking again is safe; a job
 * given up here would stay with us for good.
 * @param verdictOn reads an error; default: all are trouble
 * @returns `lost` when the lane is closed first
 * @throws errors that are final
 */
export async function untilAnswered<T>(
  { timers, closed, onTrouble }: Persistence,
  ask: () => Promise<T>,
  verdictOn: (error: unknown) => Verdict = () => undefined,
): Promise<T | 'lost'> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      const verdict = verdictOn(error);
      if (verdict === 'lost' || closed.aborted) return 'lost';
      if (verdict === 'final') throw error;
      onTrouble(error);
    }
    await sleep(timers, pauseMs, closed);
    if (closed.aborted) return 'lost';
  }
}
