import type { CommitOutcome, CommitRequest, Ledger } from '@understudy/exactly-once';
import type { FetchedJob, Lane, LaneTerm, Completion, Told } from '@understudy/queue';
import { ManualTime, randomId, seededPrng } from '@understudy/runtime';
import { silentLogger } from '@understudy/telemetry';
import type { Surroundings } from './surroundings.ts';

/** Surroundings whose time stands still until a test moves it. */
export function manualSurroundings(): Surroundings & { time: ManualTime } {
  const time = new ManualTime();
  return {
    time,
    clock: time,
    timers: time,
    prng: seededPrng('test'),
    newId: randomId,
    log: silentLogger,
  };
}

/** A job as a lane would give it. */
export function job(id: string, data: Record<string, unknown> = {}): FetchedJob {
  return {
    id,
    queueId: `q-${id}`,
    data: { id, ...data },
    digest: 'd',
    attempt: 1,
    recoveries: 0,
    alone: false,
  };
}

/** A lane in memory that writes down what is done to each job. */
export class FakeLane implements Lane {
  readonly waiting: FetchedJob[] = [];
  readonly log: string[] = [];
  /** The terms it was told of. */
  readonly terms: { term: string | undefined; signal: AbortSignal }[] = [];
  /** What the next call of an operation throws, by its name. */
  readonly failures = new Map<string, Error>();
  /** Where the queue is told while the next job begins: what it says. */
  told: Promise<Told> | undefined;
  #wake = Promise.withResolvers<void>();

  push(...jobs: FetchedJob[]): void {
    this.waiting.push(...jobs);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  begin({ token, signal }: LaneTerm): void {
    this.terms.push({ term: token?.term, signal });
  }

  async fetch(signal: AbortSignal): Promise<FetchedJob | undefined> {
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!signal.aborted) {
      const next = this.waiting.shift();
      if (next) return next;
      await Promise.race([this.#wake.promise, aborted]);
    }
    return undefined;
  }

  complete(done: FetchedJob, options: { fetchNext: boolean }): Promise<Completion> {
    this.#note('complete', done);
    const next = options.fetchNext ? this.waiting.shift() : undefined;
    const { told } = this;
    const how = told ? { status: 'under-way' as const, told } : { status: 'completed' as const };
    return Promise.resolve(next ? { ...how, next } : how);
  }

  handBack(returned: FetchedJob): Promise<'returned' | 'lost'> {
    this.#note('handBack', returned);
    return Promise.resolve('returned');
  }

  failAttempt(failed: FetchedJob): Promise<'retry' | 'parked' | 'lost'> {
    this.#note('failAttempt', failed);
    return Promise.resolve('parked');
  }

  park(parked: FetchedJob): Promise<'parked' | 'lost'> {
    this.#note('park', parked);
    return Promise.resolve('parked');
  }

  recover(): ReturnType<Lane['recover']> {
    this.log.push('recover');
    return Promise.resolve({ taken: [], parked: [], absent: [] });
  }

  oldestOutstandingEnqueuedAtMs(): Promise<number | null> {
    return Promise.resolve(null);
  }

  backlog(): ReturnType<Lane['backlog']> {
    const jobs = { waiting: this.waiting.length, active: 0, delayed: 0, parked: 0 };
    return Promise.resolve({ jobs, nextWaitingAgeMs: null });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.log.push('dispose lane');
    return Promise.resolve();
  }

  #note(operation: string, subject: FetchedJob): void {
    const failure = this.failures.get(operation);
    this.failures.delete(operation);
    if (failure) throw failure;
    this.log.push(`${operation} ${subject.id}`);
  }
}

/** A ledger in memory whose answers a test decides. */
export class FakeLedger implements Ledger {
  readonly runId = 'run-1';
  readonly lastAnswerMs = 0;
  readonly commits: CommitRequest[] = [];
  readonly committed = new Set<string>();
  answer: (request: CommitRequest) => Promise<CommitOutcome> = () =>
    Promise.resolve({ status: 'applied', position: '1-0' });

  commit(request: CommitRequest): Promise<CommitOutcome> {
    this.commits.push(request);
    return this.answer(request);
  }

  lookup(key: string): Promise<{ position: string; digest: string } | null> {
    return Promise.resolve(this.committed.has(key) ? { position: '1-0', digest: 'd' } : null);
  }

  readEpoch(): ReturnType<Ledger['readEpoch']> {
    return Promise.resolve({ epoch: 0, term: null, runId: this.runId });
  }

  mint(): ReturnType<Ledger['mint']> {
    return Promise.resolve({ status: 'minted', epoch: 1 });
  }

  onReady(): () => void {
    return () => undefined;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  maintain(): ReturnType<Ledger['maintain']> {
    throw new Error('not part of these tests');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
