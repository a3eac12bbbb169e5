import { hostname } from 'node:os';
import type { LedgerScripts } from '@understudy/exactly-once';
import {
  type Clock,
  type NewId,
  type Prng,
  randomId,
  seededPrng,
  systemClock,
  systemTimers,
  type Timers,
  unrepeated,
} from '@understudy/runtime';
import { z } from 'zod';
import type { NodeEvents } from './node-events.ts';
import { InvalidOptions } from './errors.ts';

/** Where log lines go: a constant message and its fields. pino's loggers fit. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Which group a process belongs to, and where the group lives. */
export interface GroupOptions {
  /** The data Redis: BullMQ's queue and the ledger. `redis://` or `rediss://`. */
  readonly redisUrl: string;
  /**
   * What the nodes of this worker have in common: its ledger, its leadership. One group serves one
   * queue, because its idempotency keys are those of the queue's jobs.
   */
  readonly group: string;
  /** Who this process is, for people. Default: host and process id. */
  readonly nodeId?: string | undefined;
  /** Random id of this start of the node. Default: a new one. */
  readonly incarnation?: string | undefined;
  /** How many idempotency keys the ledger may keep. Default 5,000,000. */
  readonly capacity?: number | undefined;
  /** How long a key outlives the queue's need for it, in ms. Default one hour. */
  readonly windowMs?: number | undefined;
  /** Told what the node says about itself; see `printEvents`. Default: nobody. */
  readonly onEvent?: NodeEvents | undefined;
  /** Default: nothing is logged. */
  readonly log?: Log | undefined;
  /** Scripts that run instead of the ledger's own, for experiments with a protection less. */
  readonly scripts?: Partial<LedgerScripts> | undefined;
  readonly clock?: Clock | undefined;
  readonly timers?: Timers | undefined;
  readonly prng?: Prng | undefined;
  readonly newId?: NewId | undefined;
}

/** Who and where this process is, everything filled in. */
export interface Member {
  readonly redisUrl: string;
  readonly group: string;
  readonly nodeId: string;
  readonly incarnation: string;
  readonly capacity: number | undefined;
  readonly windowMs: number | undefined;
  readonly scripts: Partial<LedgerScripts>;
  readonly report: NodeEvents;
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly prng: Prng;
  readonly newId: NewId;
}

const nothing = (): void => undefined;
const SILENT: Log = { info: nothing, warn: nothing, error: nothing };

/** A URL of a Redis server. */
export const redisUrl = z
  .string('expected a redis:// or rediss:// URL')
  .regex(/^rediss?:\/\/\S+$/, 'expected redis://host:port or rediss://…');
const name = z
  .string('expected a name')
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'expected 1 to 64 letters, digits, "_", "." or "-"');
/** A time that Redis and timers take alike. */
export const wholeMs = z.int('expected a whole number of milliseconds').min(1);
/** Anything that is there for code to call or use, and not looked into. */
export const given = z.unknown().optional();

/** The members of `GroupOptions`, as they are checked. */
export const groupForm = {
  redisUrl,
  group: name,
  nodeId: name.optional(),
  incarnation: name.optional(),
  capacity: z.int().min(1).optional(),
  windowMs: wholeMs.optional(),
  onEvent: z.function().optional(),
  log: given,
  scripts: given,
  clock: given,
  timers: given,
  prng: given,
  newId: given,
};

/** Every fault that `form` finds in `options`, each with the option's name. */
export function faultsIn(form: z.ZodType, options: unknown): string[] {
  const checked = form.safeParse(options);
  if (checked.success) return [];
  return checked.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
}

/** @throws {InvalidOptions} naming every fault at once */
export function refuseFaults(what: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new InvalidOptions(what, faults);
}

/** Fills in what was left out. */
export function memberOf(options: GroupOptions): Member {
  const newId = options.newId ?? randomId;
  const clock = options.clock ?? systemClock;
  // A random id may start with "-" or "_": a letter before it makes it a name.
  const incarnation = options.incarnation ?? `i${newId()}`;
  return {
    redisUrl: options.redisUrl,
    group: options.group,
    nodeId: options.nodeId ?? ownName(),
    incarnation,
    capacity: options.capacity,
    windowMs: options.windowMs,
    scripts: options.scripts ?? {},
    report: options.onEvent ?? nothing,
    log: calm(options.log ?? SILENT, clock),
    clock,
    timers: options.timers ?? systemTimers,
    prng: options.prng ?? seededPrng(incarnation),
    newId,
  };
}

/** `log`, whose warnings do not repeat themselves. */
function calm(log: Log, clock: Clock): Log {
  return {
    info: (fields, message) => log.info(fields, message),
    warn: unrepeated((fields, message) => log.warn(fields, message), clock),
    error: (fields, message) => log.error(fields, message),
  };
}

function ownName(): string {
  const host = hostname().replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  return `n-${host.slice(0, 40)}.${process.pid}`;
}
