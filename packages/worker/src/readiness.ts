import { quorumOf } from '@understudy/lease';
import type { NodeState } from './events.ts';

/** What decides whether a node does its part. */
export interface Condition {
  readonly state: NodeState;
  /** The ledger's store, which is the queue's too, answered a moment ago. */
  readonly dataAnswers: boolean;
  /** All connections to the queue are up, or none was opened. */
  readonly queueUp: boolean;
  /** Lock node by lock node, whether it is reached; none in a mode without leader. */
  readonly locksReached: readonly boolean[];
}

/**
 * Why a node does not do its part; `undefined` when it does. To stand by is a part: a passive node that
 * could take over is as well as an active one.
 */
export function troubleOf(condition: Condition): string | undefined {
  const { state, dataAnswers, queueUp, locksReached } = condition;
  const silent = 'the data Redis does not answer';
  if (state === 'starting') return dataAnswers ? 'it is starting' : `it is starting, and ${silent}`;
  if (state === 'draining' || state === 'stopped') return `it is ${state}`;
  if (!dataAnswers) return silent;
  if (!queueUp) return 'a connection to the queue is down';
  const reached = locksReached.filter(Boolean).length;
  if (locksReached.length > 0 && reached < quorumOf(locksReached.length)) {
    return `${reached} of ${locksReached.length} lock nodes can be reached: no lease can be had or kept`;
  }
  return undefined;
}
