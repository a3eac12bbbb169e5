import type { FencingToken } from '@understudy/exactly-once';

/** What a node is, as seen by people and by the lab. */
export type NodeState = 'starting' | 'passive' | 'active' | 'draining' | 'stopped';

/**
 * What a worker says about itself while it runs. A supervisor may print these; nothing depends on
 * their arrival.
 */
export type WorkerEvent =
  | { event: 'ready' }
  | { event: 'state'; state: NodeState; epoch?: number; term?: string }
  | { event: 'attempt'; job: string; n: number }
  | { event: 'parked'; job: string; reason: string }
  | { event: 'recovered'; jobs: number; from: readonly string[] }
  | { event: 'ledger_regressed'; storeEpoch: number; knownEpoch: number };

/** A `state` event; epoch and term are there while the node leads. */
export function stateEvent(state: NodeState, token: FencingToken | null): WorkerEvent {
  return token
    ? { event: 'state', state, epoch: token.epoch, term: token.term }
    : { event: 'state', state };
}
