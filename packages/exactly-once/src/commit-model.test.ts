import { groupKeys } from '@understudy/redis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FencingToken } from './fencing-token.ts';
import type { CommitOutcome, CommitRequest, Ledger, MintOutcome } from './ledger.ts';
import { newGroup, TestStore } from './store.test-support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store[Symbol.asyncDispose]());

const NODES = 3;
const CAPACITY = 10;

interface Known {
  readonly effect: number;
  readonly digest: string;
}

/** The ledger as a few lines of plain code: what every sequence of calls is measured against. */
class Model {
  epoch = 0;
  term: string | null = null;
  /** The current generation and the one before. */
  keys = [new Map<string, Known>(), new Map<string, Known>()] as const;
  readonly effects: { job: string; epoch: number | undefined }[] = [];
  readonly balances = new Map<string, number>();

  mint(term: string, expected: number, floor: number): { status: string; epoch: number } {
    if (this.term === term) return { status: 'minted', epoch: this.epoch };
    if (this.epoch !== expected) return { status: 'mismatch', epoch: this.epoch };
    this.epoch = Math.max(this.epoch, floor) + 1;
    this.term = term;
    return { status: 'minted', epoch: this.epoch };
  }

  commit({ job, key, digest, token, credits }: CommitRequest): Record<string, unknown> {
    const current = token
      ? token.epoch === this.epoch && token.term === this.term
      : this.epoch === 0;
    const [now, before] = this.keys;
    const known = key === null ? undefined : (now.get(key) ?? before.get(key));
    if (known && known.digest !== digest) return { status: 'conflict', effect: known.effect };
    if (known) return { status: 'duplicate', effect: known.effect, tokenCurrent: current };
    const reason = token ? 'stale-token' : 'token-required';
    if (!current) return { status: 'fenced', reason, currentEpoch: this.epoch };
    const keys = now.size + before.size;
    if (key !== null && keys >= CAPACITY) return { status: 'capacity', keys };
    const effect = this.effects.push({ job, epoch: token?.epoch }) - 1;
    if (key !== null) now.set(key, { effect, digest });
    for (const { account, amountCents } of credits) {
      this.balances.set(account, (this.balances.get(account) ?? 0) + amountCents);
    }
    return { status: 'applied', effect };
  }

  /** With a window of nothing: a generation goes as soon as no job of its time may be delivered. */
  maintain(mayBeDelivered: boolean): Record<string, unknown> {
    const [now, before] = this.keys;
    const dropped = mayBeDelivered ? 0 : before.size;
    const kept = mayBeDelivered ? before : new Map<string, Known>();
    const rotated = now.size > 0 && kept.size === 0;
    this.keys = rotated ? [new Map(), now] : [now, kept];
    return { dropped, rotated, keys: now.size + kept.size };
  }
}

const node = fc.integer({ min: 0, max: NODES - 1 });
const commit = fc.record({
  node,
  job: fc.integer({ min: 1, max: 16 }),
  keyed: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  digest: fc.constantFrom('d1', 'd1', 'd1', 'd2'),
  // Which of the node's own tokens: 0 the last one; beyond the first, none.
  token: fc.nat({ max: 3 }),
  credits: fc.array(
    fc.record({
      account: fc.constantFrom('a', 'b'),
      amountCents: fc.integer({ min: -99, max: 99 }),
    }),
    { maxLength: 3 },
  ),
});
type Commit = typeof commit extends fc.Arbitrary<infer T> ? T : never;
const call = fc.oneof(
  // `behind`: how old the reading of the epoch is that the mint relies on; late mints are old.
  fc.record({
    kind: fc.constant('mint' as const),
    node,
    term: fc.integer({ min: 1, max: 6 }),
    behind: fc.nat({ max: 2 }),
    floor: fc.nat({ max: 3 }),
  }),
  // Several at once travel together, all but the first.
  {
    weight: 4,
    arbitrary: fc
      .array(commit, { minLength: 1, maxLength: 8 })
      .map((commits) => ({ kind: 'commits' as const, commits })),
  },
  // Whether the jobs of before may still be delivered.
  fc.record({ kind: fc.constant('maintain' as const), node, mayBeDelivered: fc.boolean() }),
  // An earlier call, executed once more as it was: a replay, or a request that came late.
  fc.record({ kind: fc.constant('again' as const), which: fc.nat() }),
);

/** So small that a few keys make buckets that are split. */
const bucketSize = fc.integer({ min: 1, max: 3 });

test('C1, C2, L3, L4: any sequence of mints, commits, replays and maintenance does what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 40 }),
      bucketSize,
      async (calls, size) => {
        const group = newGroup();
        const options = { group, capacity: CAPACITY, windowMs: 0, bucketSize: size };
        const ledgers = Array.from({ length: NODES }, () => store.ledger(options));
        await Promise.all(ledgers.map((ledger) => ledger.ready()));
        const fleet = new Fleet(ledgers);
        for (const one of calls) await fleet.run(one);
        await fleet.compare(group);
        for (const ledger of ledgers) await ledger[Symbol.asyncDispose]();
      },
    ),
    { numRuns: 40 },
  );
});

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

/** Runs calls on the ledger and on the model alike. */
class Fleet {
  readonly #ledgers: Ledger[];
  readonly #model = new Model();
  readonly #tokens: FencingToken[][] = Array.from({ length: NODES }, () => []);
  readonly #done: (() => Promise<void>)[] = [];
  readonly #positions: string[] = [];

  constructor(ledgers: Ledger[]) {
    this.#ledgers = ledgers;
  }

  async run(one: Call): Promise<void> {
    if (one.kind === 'again') {
      const index = one.which % Math.max(1, this.#done.length);
      await this.#done[index]?.();
      return;
    }
    const act = this.#act(one);
    this.#done.push(act);
    await act();
  }

  #act(one: Exclude<Call, { kind: 'again' }>): () => Promise<void> {
    switch (one.kind) {
      case 'mint':
        return this.#mint(one);
      case 'commits':
        return this.#commits(one.commits);
      case 'maintain':
        return async () => {
          const ledger = this.#ledgers[one.node] as Ledger;
          const told = await ledger.maintain(one.mayBeDelivered ? 0 : null);
          expect(told).toEqual(this.#model.maintain(one.mayBeDelivered));
        };
    }
  }

  #mint({ node, term, behind, floor }: Call & { kind: 'mint' }): () => Promise<void> {
    const expected = Math.max(0, this.#model.epoch - behind);
    const ledger = this.#ledgers[node] as Ledger;
    const runId = ledger.runId ?? '';
    const name = `t${term}`;
    return async () => {
      const outcome: MintOutcome = await ledger.mint({ term: name, expected, floor, runId });
      expect(outcome).toEqual(this.#model.mint(name, expected, floor));
      if (outcome.status === 'minted') {
        this.#tokens[node]?.unshift({ epoch: outcome.epoch, term: name });
      }
    };
  }

  /** One node's at once, so that their order is known. */
  #commits(commits: readonly Commit[]): () => Promise<void> {
    const node = commits[0]?.node ?? 0;
    const requests = commits.map(({ job, keyed, digest, token, credits }): CommitRequest => {
      const name = `p-${job}`;
      return {
        ...{ job: name, key: keyed ? name : null, digest, credits },
        token: this.#tokens[node]?.[token] ?? null,
        ...{ node: `node-${node}`, incarnation: `i-${node}` },
      };
    });
    return async () => {
      const ledger = this.#ledgers[node] as Ledger;
      const outcomes = await Promise.all(requests.map((request) => ledger.commit(request)));
      expect(outcomes.map((outcome) => this.#told(outcome))).toEqual(
        requests.map((request) => this.#model.commit(request)),
      );
    };
  }

  /** The outcome, with the effect's ordinal in place of its position. */
  #told(outcome: CommitOutcome): Record<string, unknown> {
    if (!('position' in outcome) || outcome.position === null) return { ...outcome };
    const { position, ...rest } = outcome;
    if (outcome.status === 'applied') this.#positions.push(position);
    return { ...rest, effect: this.#positions.indexOf(position) };
  }

  async compare(group: string): Promise<void> {
    const keys = groupKeys(group);
    const redis = store.observer();
    const log = await redis.xrange(keys.effects, '-', '+');
    expect(log.map(([id]) => id)).toEqual(this.#positions);
    expect(log.map(([, fields]) => fields[1])).toEqual(this.#model.effects.map(({ job }) => job));
    const balances = Object.entries(await redis.hgetall(keys.balances));
    expect(new Map(balances.map(([account, cents]) => [account, Number(cents)]))).toEqual(
      this.#model.balances,
    );
    // What fencing is for: in the log epochs never go back.
    const epochs = this.#model.effects.flatMap(({ epoch }) => epoch ?? []);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    redis.disconnect();
  }
}
