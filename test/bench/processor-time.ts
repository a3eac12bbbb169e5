import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemClock } from '@understudy/runtime';

/** How much of one core a process used between two looks: 1 is all of it. */
export interface CoreShare {
  readonly what: string;
  readonly share: number;
}

/** Processor time of a process so far, in ms; NaN where there is no `/proc`, or the process is gone. */
function processorMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may have spaces in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond();
  } catch {
    return Number.NaN;
  }
}

let ticks: number | undefined;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}

/** Begins to watch processes. @returns what gives each one's share of a core since then */
export function watchCores(pids: ReadonlyMap<string, number>): () => CoreShare[] {
  const fromMs = systemClock.monotonicMs();
  const before = [...pids].map(([what, pid]) => ({ what, pid, ms: processorMs(pid) }));
  return () => {
    const elapsedMs = systemClock.monotonicMs() - fromMs;
    return before.map(({ what, pid, ms }) => ({
      what,
      share: (processorMs(pid) - ms) / elapsedMs,
    }));
  };
}

/** A core that is so busy is taken to be what limits. */
const FULL_SHARE = 0.9;

/**
 * What limits a rate: the one process whose core is full, else the machine whose cores all are, else
 * neither, which leaves waiting for each other.
 */
export function limitOf(shares: readonly CoreShare[], cores: number): string {
  const full = shares.filter(({ share }) => share >= FULL_SHARE).map(({ what }) => what);
  if (full.length > 0) return `the core of ${full.join(', of ')}`;
  const all = shares.reduce((sum, { share }) => sum + share, 0);
  if (Number.isNaN(all)) return 'not known: there is no /proc here';
  if (all >= FULL_SHARE * cores) return `the machine: all of its ${cores} cores are busy`;
  return 'round trips: no core is full';
}

/** `Redis 0.98, node-1 0.71`. */
export function describeShares(shares: readonly CoreShare[]): string {
  return shares.map(({ what, share }) => `${what} ${share.toFixed(2)}`).join(', ');
}
