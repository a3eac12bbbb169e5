import type { Operation } from '@understudy/history';

/** What a history says about the state of one node at one moment. */
export interface NodeState {
  /** The last state it said of itself; `down` as the lab saw it; `unknown` before either. */
  readonly said: string;
  readonly epoch: number | undefined;
  /** Between a pause that landed and its heal a node says nothing, whatever it said before. */
  readonly paused: boolean;
}

/** Of a node nothing is known at first. */
export const UNKNOWN_STATE: NodeState = { said: 'unknown', epoch: undefined, paused: false };

/**
 * The state after `op`, which must concern this node; the same object where nothing changed.
 * A node that said `stopped` stays so when its process ends: it left, it did not fall.
 */
export function nextNodeState(state: NodeState, op: Operation): NodeState {
  if (op.op === 'state') {
    if (op.state === 'down' && state.said === 'stopped') return state;
    return { said: op.state, epoch: op.epoch, paused: op.state !== 'down' && state.paused };
  }
  if (op.op === 'fault' && op.fault === 'pause') {
    if (op.phase === 'landed') return { ...state, paused: true };
    if (op.phase === 'healed') return { ...state, paused: false };
  }
  return state;
}

/** The state in one word. */
export function stateWord(state: NodeState): string {
  return state.paused ? 'paused' : state.said;
}

/** The node that `op` says something about the state of, if any. */
export function nodeConcerned(op: Operation): string | undefined {
  if (op.op === 'state') return op.node;
  return op.op === 'fault' ? op.target : undefined;
}
