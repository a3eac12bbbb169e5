import { type NewId, randomId } from '@understudy/runtime';
import { z } from 'zod';
import { LANES, MODES } from './definition.ts';
import { InvalidSettings } from './errors.ts';

const url = z.string().regex(/^rediss?:\/\/\S+$/, 'expected redis://host:port or rediss://…');
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'expected 1 to 64 letters, digits, "_", "." or "-"');
const milliseconds = z.coerce.number().int().positive();

/** One entry per environment variable: its name, how it is read, and what it becomes. */
const environment = z.object({
  REDIS_URL: url,
  LOCK_REDIS_URLS: z
    .string()
    .optional()
    .transform((list) => (list ?? '').split(',').filter(Boolean))
    .pipe(z.array(url)),
  UNDERSTUDY_NODE_ID: name,
  UNDERSTUDY_INCARNATION: name.optional(),
  UNDERSTUDY_GROUP: name,
  UNDERSTUDY_MODE: z.enum(MODES).optional(),
  UNDERSTUDY_LANE: z.enum(LANES).optional(),
  UNDERSTUDY_QUEUE: name.optional(),
  UNDERSTUDY_PREFIX: z.string().min(1).optional(),
  UNDERSTUDY_CONCURRENCY: z.coerce.number().int().min(1).max(1000).optional(),
  UNDERSTUDY_TTL_MS: milliseconds.min(200).default(2000),
  UNDERSTUDY_POLL_MS: milliseconds.default(10),
  UNDERSTUDY_PRESENCE: z.enum(['on', 'off']).default('on'),
  UNDERSTUDY_LOCK_DURATION_MS: milliseconds.min(500).default(30_000),
  UNDERSTUDY_RECOVERY_MS: milliseconds.optional(),
  UNDERSTUDY_DRAIN_MS: milliseconds.default(10_000),
  UNDERSTUDY_EFFECTS_KEPT_MS: milliseconds.optional(),
});

/** What one node needs to know; read once, at the start. */
export interface WorkerSettings {
  /** The data Redis: queue and ledger. */
  readonly redisUrl: string;
  /** The lock nodes; one is allowed, three let one fail. */
  readonly lockUrls: readonly string[];
  readonly nodeId: string;
  /** One start of the node. */
  readonly incarnation: string;
  readonly group: string;
  /** Wins over the definition's. */
  readonly mode?: (typeof MODES)[number] | undefined;
  /** Wins over the definition's. */
  readonly lane?: (typeof LANES)[number] | undefined;
  readonly queue?: string | undefined;
  /** What precedes the queue's name in its keys; default: one that carries the group's hash tag. */
  readonly prefix?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly ttlMs: number;
  /** How often a standby looks at the lock nodes. */
  readonly pollMs: number;
  /** Whether connection-bound presence and heartbeats speed a takeover up. */
  readonly presence: boolean;
  readonly lockDurationMs: number;
  /** How often a working node looks for jobs of dead ones. Default: see `recoverEveryMs`. */
  readonly recoveryMs?: number | undefined;
  /** How long a stop waits for what is in flight before it is handed back. */
  readonly drainMs: number;
  /** How long an effect stays in the effect log; undefined: for ever. */
  readonly effectsKeptMs?: number | undefined;
}

/**
 * Reads a node's settings from environment variables.
 * @throws {InvalidSettings} naming every variable that is missing or wrong
 */
export function settingsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  newId: NewId = randomId,
): WorkerSettings {
  const parsed = environment.safeParse(env);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const leaderless =
    env.UNDERSTUDY_MODE === 'active-active' || env.UNDERSTUDY_MODE === 'uncoordinated';
  if (!leaderless && !env.LOCK_REDIS_URLS) {
    faults.push('LOCK_REDIS_URLS: expected at least one lock node (comma-separated redis:// URLs)');
  }
  if (!parsed.success || faults.length > 0) {
    throw new InvalidSettings(
      `the node cannot start with these settings:\n  ${faults.join('\n  ')}`,
    );
  }
  const v = parsed.data;
  return {
    redisUrl: v.REDIS_URL,
    lockUrls: v.LOCK_REDIS_URLS,
    nodeId: v.UNDERSTUDY_NODE_ID,
    // An incarnation's random id may start with "-" or "_": a letter before it makes it a name.
    incarnation: v.UNDERSTUDY_INCARNATION ?? `i${newId()}`,
    group: v.UNDERSTUDY_GROUP,
    mode: v.UNDERSTUDY_MODE,
    lane: v.UNDERSTUDY_LANE,
    queue: v.UNDERSTUDY_QUEUE,
    prefix: v.UNDERSTUDY_PREFIX,
    concurrency: v.UNDERSTUDY_CONCURRENCY,
    ttlMs: v.UNDERSTUDY_TTL_MS,
    pollMs: v.UNDERSTUDY_POLL_MS,
    presence: v.UNDERSTUDY_PRESENCE === 'on',
    lockDurationMs: v.UNDERSTUDY_LOCK_DURATION_MS,
    recoveryMs: v.UNDERSTUDY_RECOVERY_MS,
    drainMs: v.UNDERSTUDY_DRAIN_MS,
    effectsKeptMs: v.UNDERSTUDY_EFFECTS_KEPT_MS,
  };
}
