import type { Ledger } from '@understudy/exactly-once';

/** For parts that change something of a ledger: `ledger` with some of its operations replaced. */
export function wrappedLedger(ledger: Ledger, replaced: Partial<Ledger>): Ledger {
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
    lookup: (key, sequence) => ledger.lookup(key, sequence),
    ready: (signal) => ledger.ready(signal),
    maintain: (oldestMs) => ledger.maintain(oldestMs),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
    ...replaced,
  };
}
