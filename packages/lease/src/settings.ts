import { InvalidLeaseSettings } from './errors.ts';

/** Times of a lease. Every member of a group must use the same. */
export interface LeaseSettings {
  /** How long a lease lasts without being extended. Default 2000. */
  readonly ttlMs: number;
  /** How often a standby looks at each lock node; jittered by half of it. Default 10. */
  readonly pollMs: number;
  /** How often the leader shows that it runs. Default 50. */
  readonly heartbeatMs: number;
  /**
   * The heartbeat time-out: how long the leader's heartbeat may be silent on every lock node
   * before a standby deposes it (L9). Doubled for the group after a takeover that was proven
   * false. Default 500, but at most the TTL.
   */
  readonly silenceMs: number;
  /** How long after a lock node's restart its subscriber counts prove nothing. Default 2000. */
  readonly graceMs: number;
  /** How long a lock node may take to answer. Default 300, but at most a sixth of the TTL. */
  readonly commandTimeoutMs: number;
  /**
   * Whether holders show presence and heartbeats are watched. `false` leaves the TTL alone, for
   * benchmarks. Default true.
   */
  readonly presence: boolean;
}

/** Extends happen this often within a TTL. */
export const EXTENDS_PER_TTL = 3;

/**
 * How long at most a standby that runs leaves a lock node unprobed, in ms: half of the time-out, so that
 * a heart that stops is noticed to stand still long before it counts as silent.
 */
export function longestLookMs({ pollMs, heartbeatMs, silenceMs }: LeaseSettings): number {
  return Math.max(2 * pollMs, heartbeatMs, silenceMs / 2);
}

/**
 * Fills in defaults.
 * @throws {InvalidLeaseSettings} naming every fault at once
 */
export function leaseSettings(given: Partial<LeaseSettings>): LeaseSettings {
  const ttlMs = given.ttlMs ?? 2000;
  const settings: LeaseSettings = {
    ttlMs,
    pollMs: given.pollMs ?? 10,
    heartbeatMs: given.heartbeatMs ?? 50,
    silenceMs: given.silenceMs ?? Math.min(500, ttlMs),
    graceMs: given.graceMs ?? 2000,
    commandTimeoutMs: given.commandTimeoutMs ?? Math.min(300, Math.floor(ttlMs / 6)),
    presence: given.presence ?? true,
  };
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new InvalidLeaseSettings(faults);
  return settings;
}

function faultsOf(settings: LeaseSettings): string[] {
  const { ttlMs, heartbeatMs, silenceMs, commandTimeoutMs } = settings;
  const faults: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'presence') continue;
    // Redis takes whole milliseconds only, and redlock refuses fractions.
    if (!Number.isSafeInteger(value) || value < 1) {
      faults.push(`${name} must be a whole number of milliseconds from 1, not ${value}`);
    }
  }
  if (commandTimeoutMs > ttlMs / 3) {
    faults.push(`commandTimeoutMs (${commandTimeoutMs}) must be far below ttlMs (${ttlMs})`);
  }
  if (silenceMs > ttlMs) {
    faults.push(`silenceMs (${silenceMs}) must not be above ttlMs (${ttlMs})`);
  }
  if (silenceMs < 2 * heartbeatMs) {
    faults.push(`silenceMs (${silenceMs}) must be at least two heartbeats (${heartbeatMs} each)`);
  }
  return faults;
}

/**
 * How much of a TTL the holder gives up for clocks that run at different speeds and for Redis'
 * resolution of 1 ms: what redlock itself allows for.
 */
export function driftMs(ttlMs: number): number {
  return Math.round(ttlMs * 0.01) + 2;
}
