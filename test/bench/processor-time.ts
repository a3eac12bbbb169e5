import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
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

/** Who used the machine's cores for a while. */
export interface CoreUse {
  readonly shares: readonly CoreShare[];
  /** How many of its cores had nothing to do, on average. */
  readonly idleCores: number;
}

/** Begins to watch processes. @returns what gives each one's share of a core since then */
export function watchCores(pids: ReadonlyMap<string, number>): () => CoreUse {
  const fromMs = systemClock.monotonicMs();
  const idleMs = idleSoFarMs();
  const before = [...pids].map(([what, pid]) => ({ what, pid, ms: processorMs(pid) }));
  return () => {
    const elapsedMs = systemClock.monotonicMs() - fromMs;
    return {
      shares: before.map(({ what, pid, ms }) => ({
        what,
        share: (processorMs(pid) - ms) / elapsedMs,
      })),
      idleCores: (idleSoFarMs() - idleMs) / elapsedMs,
    };
  };
}

function idleSoFarMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

/** A core that is so busy is taken to be what limits. */
const FULL_SHARE = 0.9;
/** Of the machine, when less of a core than this is idle, all are busy. */
const NOTHING_IDLE = 0.1;

/**
 * What limits a rate: the one process whose core is full; else the machine, whose cores all are; else
 * neither, which leaves waiting for each other. Of the machine it says how much was other work: then the
 * figure is one of a busy machine.
 */
export function limitOf({ shares, idleCores }: CoreUse, cores: number): string {
  const full = shares.filter(({ share }) => share >= FULL_SHARE).map(({ what }) => what);
  if (full.length > 0) return `the core of ${full.join(', of ')}`;
  const ours = shares.reduce((sum, { share }) => sum + share, 0);
  if (Number.isNaN(ours)) return 'not known: there is no /proc here';
  if (idleCores > NOTHING_IDLE * cores) return 'round trips: no core is full';
  const others = Math.max(0, cores - idleCores - ours);
  return `the machine: all ${cores} cores are busy, ${others.toFixed(2)} of them with what is not measured`;
}

/** `Redis 0.98, node-1 0.71`. */
export function describeShares(shares: readonly CoreShare[]): string {
  return shares.map(({ what, share }) => `${what} ${share.toFixed(2)}`).join(', ');
}
