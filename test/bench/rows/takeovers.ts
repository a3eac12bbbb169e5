import { invariant, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { Fleet, type FleetOptions, LEASE } from '../fleet/fleet.ts';
import type { BenchNode } from '../fleet/node.ts';
import type { Progress } from '../measurement.ts';

/** Jobs a second while leaders are ended. */
const JOBS_PER_SECOND = 400;
const SAY_EVERY = 10;
/** Nobody who waits for so long will take over: then something is wrong. */
const LIMIT_MS = 30_000;

/** What all rows of takeovers say of how the fleet is set up. */
export const CONFIGURATION = {
  nodes: 3,
  lockNodes: 3,
  lane: 'bullmq',
  ttlMs: LEASE.ttlMs,
  pollMs: LEASE.pollMs,
  heartbeatMs: LEASE.heartbeatMs,
  heartbeatTimeoutMs: LEASE.silenceMs,
  jobsPerSecond: JOBS_PER_SECOND,
  handlerMs: 0,
} as const;

/** What is done to the leader, again and again. */
export interface Series {
  readonly label: string;
  readonly n: number;
  readonly progress: Progress;
  /** How long a leader must have led before. Default: three TTLs. */
  readonly ledForMs?: number;
  readonly fleet?: Partial<FleetOptions>;
  /** Does it. Returns from when (monotonic ms) the takeover is counted. */
  strike(fleet: Fleet, leader: BenchNode): Promise<number> | number;
  /** Makes the fleet whole again when the successor has had its first effect. */
  restore(fleet: Fleet, old: BenchNode): Promise<void>;
}

/** One takeover, in ms. */
export interface Takeover {
  /** To the successor's first effect. */
  readonly tookMs: number;
  /** The same from when the kernel had closed the old process's pipe: negative where that came later. */
  readonly sinceClosedMs: number;
  /** The heartbeat time-out in force at the time. */
  readonly timeoutMs: number;
}

/** Strikes leader after leader while jobs flow. */
export async function takeovers(series: Series): Promise<Takeover[]> {
  const { label, n, progress, ledForMs = 3 * LEASE.ttlMs } = series;
  await using fleet = await Fleet.start({ mode: 'active-passive', nodes: 3, ...series.fleet });
  fleet.produce(JOBS_PER_SECOND);
  const taken: Takeover[] = [];
  while (taken.length < n) {
    await fleet.settled();
    const old = fleet.leader;
    const ledMs = systemClock.monotonicMs() - old.activeSinceMs;
    await sleep(systemTimers, Math.max(0, ledForMs - ledMs));
    // It lost its lead by itself: then it has not led for long enough.
    if (fleet.leader !== old || old.state !== 'active') continue;
    const timeoutMs = await fleet.heartbeatTimeoutMs();
    let closedMs = Number.NaN;
    void old.closed.then((atMs) => (closedMs = atMs));
    const first = fleet.effect((effect) => effect.node !== old.id);
    const fromMs = await series.strike(fleet, old);
    const { atMs } = await within(first, label);
    // The pipe of a process that holds much memory may be closed later than the takeover.
    await series.restore(fleet, old);
    taken.push({ tookMs: atMs - fromMs, sinceClosedMs: atMs - closedMs, timeoutMs });
    if (taken.length % SAY_EVERY === 0) progress(`${label}: ${taken.length}/${n}`);
  }
  return taken;
}

async function within<T>(taken: Promise<T>, label: string): Promise<T> {
  const waited = new AbortController();
  const late = sleep(systemTimers, LIMIT_MS, waited.signal).then(() => undefined);
  const first = await Promise.race([taken, late]);
  waited.abort();
  invariant(first, `${label}: a standby takes over within ${LIMIT_MS / 1000} s`);
  return first;
}

/** Sends a signal that ends the process; counted from when it was sent. */
export function signalled(signal: NodeJS.Signals): Series['strike'] {
  return (_, { child }) => {
    const fromMs = systemClock.monotonicMs();
    child.kill(signal);
    return fromMs;
  };
}

/** Starts the dead node again. */
export async function startAgain(fleet: Fleet, old: BenchNode): Promise<void> {
  await old.exited;
  fleet.startNode(old.id);
}

/** By how much each takeover exceeded the time-out that was in force. */
export function excesses(taken: readonly Takeover[]): number[] {
  return taken.map(({ tookMs, timeoutMs }) => tookMs - timeoutMs);
}
