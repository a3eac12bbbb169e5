import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { invariant } from '@understudy/runtime';
import { startChild } from './children.ts';

/** From one turn of a 1 ms timer to the next, in a process that does nothing else, in ms. */
export interface TimerStalls {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A probe of the machine's own stalls, while something else is measured. Disposing ends it. */
export interface TimerProbe extends Disposable {
  /** What it saw since it began. */
  read(): Promise<TimerStalls>;
}

const MAIN = fileURLToPath(new URL('./timer-probe-child.ts', import.meta.url));

/** Starts a probe in a process of its own. */
export function startTimerProbe(): TimerProbe {
  const child = startChild(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  invariant(stdin && stdout, 'both are pipes');
  const lines = createInterface({ input: stdout });
  return {
    async read() {
      const answered = once(lines, 'line');
      stdin.write('\n');
      const [line] = (await answered) as [string];
      return JSON.parse(line) as TimerStalls;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** As a note to a figure. */
export function describeStalls({ p50, p99, p999, max }: TimerStalls): string {
  return `a 1 ms timer in an idle process, meanwhile: p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, max ${max} ms`;
}
