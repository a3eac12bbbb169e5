import { type Ledger, redisLedger } from '@understudy/exactly-once';
import { redisParts, type WorkerParts } from '@understudy/worker';

/** The protections that a saboteur can take away, each with what then replaces it. */
export const SABOTEURS = {
  /**
   * Epochs are minted where no commit looks: the ledger's own group never sees one, so a
   * deposed leader's commit is accepted like any other.
   */
  'no-fencing': (parts: WorkerParts): WorkerParts => ({
    ...parts,
    ledger: (settings, around) => {
      const ledger = parts.ledger(settings, around);
      const elsewhere = redisLedger({
        url: settings.redisUrl,
        group: `${settings.group}.unfenced`,
        name: `understudy:unfenced:${settings.nodeId}`,
        clock: around.clock,
      });
      return withoutFencing(ledger, elsewhere);
    },
  }),
  /** Commits carry no idempotency key: every attempt that gets through takes effect. */
  'no-idempotency': (parts: WorkerParts): WorkerParts => ({
    ...parts,
    ledger: (settings, around) => withoutIdempotency(parts.ledger(settings, around)),
  }),
} as const;

/** The name of a saboteur. */
export type SaboteurName = keyof typeof SABOTEURS;

/** The parts of a worker with the named protections removed; none named, none removed. */
export function sabotagedParts(names: readonly SaboteurName[]): WorkerParts {
  return names.reduce<WorkerParts>((parts, name) => SABOTEURS[name](parts), redisParts);
}

function withoutFencing(ledger: Ledger, elsewhere: Ledger): Ledger {
  return delegate(ledger, {
    readEpoch: () => elsewhere.readEpoch(),
    mint: (request) => elsewhere.mint(request),
    commit: (request) => ledger.commit({ ...request, token: null }),
    ready: async (signal) => {
      await Promise.all([ledger.ready(signal), elsewhere.ready(signal)]);
    },
    [Symbol.asyncDispose]: async () => {
      await elsewhere[Symbol.asyncDispose]();
      await ledger[Symbol.asyncDispose]();
    },
  });
}

function withoutIdempotency(ledger: Ledger): Ledger {
  return delegate(ledger, {
    commit: (request) => ledger.commit({ ...request, key: null }),
    lookup: () => Promise.resolve(null),
  });
}

/** `ledger` with some of its operations replaced. */
function delegate(ledger: Ledger, replaced: Partial<Ledger>): Ledger {
  return {
    get runId() {
      return ledger.runId;
    },
    get lastAnswerMs() {
      return ledger.lastAnswerMs;
    },
    readEpoch: () => ledger.readEpoch(),
    mint: (request) => ledger.mint(request),
    onReady: (listener) => ledger.onReady(listener),
    commit: (request) => ledger.commit(request),
    lookup: (key) => ledger.lookup(key),
    ready: (signal) => ledger.ready(signal),
    maintain: (oldestMs) => ledger.maintain(oldestMs),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
    ...replaced,
  };
}
