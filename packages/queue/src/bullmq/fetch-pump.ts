import {
  type CancelTimer,
  type Clock,
  PendingWork,
  type Timers,
  unreachable,
} from '@understudy/runtime';
import { Callers } from '../callers.ts';
import { type FetchEffect, type FetchEvent, idlePlan, planFetch } from './fetch-plan.ts';
import type { JobInHand } from './job-in-hand.ts';
import type { Marker } from './marker-wait.ts';

/** What a fetch brought. */
export type Arrival =
  | { readonly kind: 'job'; readonly job: JobInHand; readonly suspect: boolean }
  /** Something that could only be parked; there may be more. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'nothing'; readonly nextDueAtMs: number }
  | { readonly kind: 'limited'; readonly forMs: number };

/** What the pump works with. */
export interface FetchPorts {
  /** One fetch. A rejection is trouble: the pump rests and goes on. */
  fetch(): Promise<Arrival>;
  /** Waits for the queue's marker, at most `forMs`. Never rejects. */
  wait(forMs: number): Promise<Marker | undefined>;
  /** Puts a marker back: nobody here wants a job any more, and others were not woken. */
  putBack(marker: Marker): void;
  /** Puts a job back that nobody waits for. */
  handBack(job: JobInHand): Promise<void>;
  /** Notes that a suspect is about to run alone; false when it is not ours any more. */
  beginAlone(job: JobInHand): Promise<boolean>;
  onTrouble(error: unknown): void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The longest rest: a wake-up that got lost costs no more than this. */
const REST_MAX_MS = 1000;
const TROUBLE_REST_MS = 100;
const LINGER_MS = 50;

/** Fetches for all slots of a lane; `planFetch` says what, this does it. */
export class FetchPump {
  readonly #ports: FetchPorts;
  readonly #callers = new Callers<JobInHand>(() => this.#happened({ type: 'unwanted' }));
  readonly #suspects: JobInHand[] = [];
  /** Fetches and hand-backs on their way: closing waits for them. */
  readonly #pending = new PendingWork();
  #plan = idlePlan;
  #nextDueAtMs = 0;
  #closed = false;
  #cancelRest: CancelTimer | undefined;
  #cancelLinger: CancelTimer | undefined;

  constructor(ports: FetchPorts) {
    this.#ports = ports;
  }

  /** Whether a completion may bring the next job along. */
  get mayFetchAlong(): boolean {
    return !this.#closed && this.#plan.suspects === 0;
  }

  /** The next job; `undefined` when `signal` aborts or the pump is closed. */
  take(signal: AbortSignal): Promise<JobInHand | undefined> {
    if (signal.aborted || this.#closed) return Promise.resolve(undefined);
    const served = this.#callers.wait(signal);
    this.#happened({ type: 'wanted' });
    return served;
  }

  /** Tells what a completion brought along; returns the job if its caller may have it. */
  cameAlong(arrival: Arrival): JobInHand | undefined {
    switch (arrival.kind) {
      case 'job':
        this.#happened({ type: 'came-along', suspect: arrival.suspect }, arrival.job);
        return arrival.suspect ? undefined : arrival.job;
      case 'nothing':
        this.#nextDueAtMs = arrival.nextDueAtMs;
        this.#happened({ type: 'none-came-along' });
        return undefined;
      case 'limited':
      case 'skipped':
        return undefined;
      default:
        return unreachable(arrival);
    }
  }

  /** There are jobs to fetch: no need to wait for the marker, which another may have taken. */
  nudge(): void {
    this.#happened({ type: 'nudged' });
  }

  /** A job in hand was settled, in whatever way. */
  settled(): void {
    this.#happened({ type: 'settled' });
  }

  /** Ends all waiting, puts suspects back, and resolves when no fetch is on its way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRest?.();
    this.#cancelLinger?.();
    this.#callers.close();
    for (const job of this.#suspects.splice(0)) this.#handBack(job);
    // A fetch that ends may begin a hand-back.
    await this.#pending.over();
  }

  #happened(event: FetchEvent, job?: JobInHand): void {
    if (this.#closed) {
      // What still arrives goes back at once.
      if (job) this.#handBack(job);
      return;
    }
    const { state, effects } = planFetch(this.#plan, event);
    this.#plan = state;
    for (const effect of effects) this.#carryOut(effect, job);
  }

  #carryOut(effect: FetchEffect, job: JobInHand | undefined): void {
    switch (effect) {
      case 'fetch':
        return this.#fetch();
      case 'wait':
        return void this.#wait();
      case 'deliver':
        if (job) this.#callers.serve(job);
        return;
      case 'hand-back':
        if (job) this.#handBack(job);
        return;
      case 'hold':
        if (job) this.#suspects.push(job);
        return;
      case 'begin-alone':
        return void this.#beginAlone();
      case 'hand-back-suspects':
        for (const suspect of this.#suspects.splice(0)) this.#handBack(suspect);
        return;
      case 'linger':
        this.#cancelLinger ??= this.#ports.timers.after(LINGER_MS, () => {
          this.#cancelLinger = undefined;
          this.#happened({ type: 'lingered' });
        });
        return;
      default:
        return unreachable(effect);
    }
  }

  #fetch(): void {
    this.#pending.add(
      this.#ports.fetch().then(
        (arrival) => this.#arrived(arrival),
        (error: unknown) => {
          this.#ports.onTrouble(error);
          this.#rest(TROUBLE_REST_MS);
        },
      ),
    );
  }

  #handBack(job: JobInHand): void {
    this.#pending.add(
      this.#ports.handBack(job).catch((error: unknown) => this.#ports.onTrouble(error)),
    );
  }

  #arrived(arrival: Arrival): void {
    switch (arrival.kind) {
      case 'job':
        return this.#happened({ type: 'fetched', suspect: arrival.suspect }, arrival.job);
      case 'skipped':
        return this.#happened({ type: 'skipped' });
      case 'nothing':
        this.#nextDueAtMs = arrival.nextDueAtMs;
        return this.#happened({ type: 'nothing' });
      case 'limited':
        return this.#rest(Math.min(arrival.forMs, REST_MAX_MS));
      default:
        return unreachable(arrival);
    }
  }

  #rest(forMs: number): void {
    this.#happened({ type: 'troubled' });
    if (this.#closed) return;
    this.#cancelRest ??= this.#ports.timers.after(forMs, () => {
      this.#cancelRest = undefined;
      this.#happened({ type: 'rested' });
    });
  }

  async #wait(): Promise<void> {
    let marker: Marker | undefined;
    for (;;) {
      const dueInMs = this.#nextDueAtMs - this.#ports.clock.wallMs();
      const forMs = this.#nextDueAtMs > 0 ? Math.min(dueInMs, REST_MAX_MS) : REST_MAX_MS;
      this.#nextDueAtMs = 0;
      if (forMs <= 0) break;
      marker = await this.#ports.wait(forMs);
      // A marker may say that a job is due later: then that is what is waited for.
      if (!marker || marker.dueAtMs <= this.#ports.clock.wallMs()) break;
      this.#nextDueAtMs = marker.dueAtMs;
    }
    if (marker && this.#callers.size === 0) this.#ports.putBack(marker);
    this.#happened({ type: 'rested' });
  }

  async #beginAlone(): Promise<void> {
    const job = this.#suspects.shift();
    if (!job) return;
    // From here on the death of this process counts against this job and no other.
    job.alone = await this.#ports.beginAlone(job);
    this.#happened({ type: 'began', ours: job.alone }, job);
  }
}
