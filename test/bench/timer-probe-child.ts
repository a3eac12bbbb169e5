// A timer of 1 ms in a process that does nothing else: how long the machine lets it wait. Prints what it
// saw since it began for each line it reads.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { TimerStalls } from './timer-probe.ts';

const gaps = monitorEventLoopDelay({ resolution: 1 });
gaps.enable();
createInterface({ input: process.stdin }).on('line', () => {
  const ms = (ns: number): number => Math.round(ns / 1000) / 1000;
  const stalls: TimerStalls = {
    p50: ms(gaps.percentile(50)),
    p99: ms(gaps.percentile(99)),
    p999: ms(gaps.percentile(99.9)),
    max: ms(gaps.max),
  };
  process.stdout.write(`${JSON.stringify(stalls)}\n`);
});
