import type { Clock } from '@understudy/runtime';

/** Ctrl-C and SIGTERM, as an abort signal that a run listens to. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// Ctrl-C reaches every process of the terminal's foreground group, and a wrapper such as npm or
// npx passes on what it got: one key press arrives more than once.
const ONE_KEY_PRESS_MS = 500;

/**
 * Takes over the signals that ask this process to end, until disposed. The first aborts `signal`;
 * the others change nothing, because ending what was started is what the process is busy with.
 * @param say tells the person at the terminal what is going on
 */
export function interruption(say: (text: string) => void, clock: Clock): Interruption {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = clock.monotonicMs();
    if (!controller.signal.aborted) {
      firstMs = nowMs;
      say(`interrupted (${name}): healing faults and ending every process this run started …`);
      controller.abort(name);
    } else if (nowMs - firstMs > ONE_KEY_PRESS_MS) {
      say('still cleaning up; it ends by itself in a few seconds');
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
