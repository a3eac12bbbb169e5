import { InvalidName } from './errors.ts';

/**
 * Every name a group uses in Redis. All carry the group's hash tag `{group}`, so that on a Redis
 * Cluster they live in one slot and every script stays within it.
 */
export interface GroupKeys {
  readonly group: string;
  /** Stream: the effect log, in ledger order. */
  readonly effects: string;
  /** Hash `epoch`, `term`: who may commit (the ledger's store). */
  readonly epoch: string;
  /** Hash account → cents. */
  readonly balances: string;
  /** Hash: what is counted of the idempotency keys; the names of what holds them begin with it. */
  readonly dedup: string;
  /** Prefix BullMQ puts before its own keys. */
  readonly queuePrefix: string;
  /** Prefix of a queue that is a stream: `<prefix>:<queue>` is its key. */
  readonly streamPrefix: string;
  /** Hash incarnation → node: who has registered for work (the data Redis). */
  readonly incarnations: string;
  /** Pub/sub channel that lives as long as an incarnation's connection does. */
  presenceOf(incarnation: string): string;
  /** Key that expires when an incarnation no longer renews it. */
  heartbeatOf(incarnation: string): string;
  /** String: the lock itself (each lock node). */
  readonly lease: string;
  /** Hash: who holds the lock, renewed by every extend (each lock node). */
  readonly holder: string;
  /** String: the highest epoch this lock node was told of; never expires. */
  readonly knownEpoch: string;
  /** String: the heartbeat time-out in force after false takeovers (each lock node). */
  readonly silence: string;
  /** Pub/sub channel of everybody who contends: so they are counted (each lock node). */
  readonly contenders: string;
  /** Pub/sub channel of one term of one incarnation (each lock node). */
  termChannel(incarnation: string, term: string): string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * Checks a name that becomes part of a key.
 * @throws {InvalidName} unless it is 1 to 64 letters, digits, `_`, `.` or `-`.
 */
export function assertName(kind: string, name: string): string {
  if (!NAME.test(name)) throw new InvalidName(kind, name);
  return name;
}

/** The key names of `group`. @throws {InvalidName} */
export function groupKeys(group: string): GroupKeys {
  assertName('group', group);
  const base = `understudy:{${group}}`;
  return {
    group,
    effects: `${base}:effects`,
    epoch: `${base}:epoch`,
    balances: `${base}:balances`,
    dedup: `${base}:keys`,
    queuePrefix: `${base}:bull`,
    streamPrefix: `${base}:stream`,
    incarnations: `${base}:incarnations`,
    presenceOf: (incarnation) => `${base}:presence:${incarnation}`,
    heartbeatOf: (incarnation) => `${base}:heartbeat:${incarnation}`,
    lease: `${base}:lease`,
    holder: `${base}:lease:holder`,
    knownEpoch: `${base}:lease:epoch`,
    silence: `${base}:lease:silence`,
    contenders: `${base}:contenders`,
    termChannel: (incarnation, term) => `${base}:term:${incarnation}:${term}`,
  };
}
