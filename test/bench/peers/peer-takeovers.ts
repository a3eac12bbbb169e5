import process from 'node:process';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { invariant, seededPrng, sleep, systemClock, systemTimers } from '@understudy/runtime';
import { startChild } from '../children.ts';
import type { Progress } from '../measurement.ts';
import type { PeerStage } from './peer-stage.ts';
import { postgresqlStage } from './postgresql.ts';
import { rabbitmqStage } from './rabbitmq.ts';
import { redlockStage } from './redlock.ts';

/** How long the successor's first effect took, in ms, or why there is no such peer. */
export type PeerTakeovers = { readonly tookMs: readonly number[] } | { readonly absent: string };

const STAGES = { rabbitmq: rabbitmqStage, postgresql: postgresqlStage, redlock: redlockStage };
const MEMBERS = ['member-1', 'member-2', 'member-3'];
const SAY_EVERY = 25;

/** The peers whose takeovers are measured. */
export type PeerName = keyof typeof STAGES;

/** Kills the active one of three processes of a peer, as ours are killed, `n` times. */
export async function peerTakeovers(
  name: PeerName,
  n: number,
  progress: Progress,
): Promise<PeerTakeovers> {
  const opened = await STAGES[name]();
  if ('absent' in opened) {
    progress(`${name} is absent: ${opened.absent}`);
    return opened;
  }
  await using stage = opened;
  await using troupe = new Troupe(stage);
  const prng = seededPrng(name);
  const tookMs: number[] = [];
  while (tookMs.length < n) {
    await troupe.ready();
    await troupe.effect(() => true);
    await sleep(systemTimers, stage.activeForMs * (1 + prng.float() / 2));
    const { member: old } = await troupe.effect(() => true);
    const first = troupe.effect((member) => member !== old);
    const fromMs = systemClock.monotonicMs();
    troupe.kill(old);
    tookMs.push((await first).atMs - fromMs);
    await troupe.startAgain(old);
    if (tookMs.length % SAY_EVERY === 0) progress(`${name}: ${tookMs.length}/${n}`);
  }
  return { tookMs };
}

interface Member {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  ready: boolean;
}

interface MemberEffect {
  readonly member: string;
  readonly atMs: number;
}

/** The processes of a peer: one is active, the others wait for its place. */
class Troupe implements AsyncDisposable {
  readonly #stage: PeerStage;
  readonly #members = new Map<string, Member>();
  readonly #waiters = new Set<(line: string, seen: MemberEffect) => void>();

  constructor(stage: PeerStage) {
    this.#stage = stage;
    for (const id of MEMBERS) this.#start(id);
  }

  /** Resolves when all of them wait or work. */
  async ready(): Promise<void> {
    const all = (): boolean => [...this.#members.values()].every((member) => member.ready);
    while (!all()) await this.#line(() => true);
  }

  /** The next effect of a member that `matches`. */
  effect(matches: (member: string) => boolean): Promise<MemberEffect> {
    return this.#line((line, { member }) => line === 'effect' && matches(member));
  }

  kill(id: string): void {
    this.#of(id).child.kill('SIGKILL');
  }

  async startAgain(id: string): Promise<void> {
    await this.#of(id).exited;
    this.#start(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#members.values()) child.kill('SIGKILL');
    await Promise.all([...this.#members.values()].map(({ exited }) => exited));
  }

  #of(id: string): Member {
    const member = this.#members.get(id);
    invariant(member, `${id} is a member`);
    return member;
  }

  #start(id: string): void {
    const child = startChild(process.execPath, [this.#stage.main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...this.#stage.environment },
    });
    const exited = new Promise((resolve) => child.once('close', resolve));
    const member: Member = { child, exited, ready: false };
    this.#members.set(id, member);
    invariant(child.stdout, 'stdout is a pipe');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const atMs = systemClock.monotonicMs();
      if (line === 'ready') member.ready = true;
      for (const waiter of [...this.#waiters]) waiter(line, { member: id, atMs });
    });
  }

  #line(matches: (line: string, seen: MemberEffect) => boolean): Promise<MemberEffect> {
    return new Promise((resolve) => {
      const waiter = (line: string, seen: MemberEffect): void => {
        if (!matches(line, seen)) return;
        this.#waiters.delete(waiter);
        resolve(seen);
      };
      this.#waiters.add(waiter);
    });
  }
}
