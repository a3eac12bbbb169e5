import type { FencingToken } from '@understudy/exactly-once';
import { unreachable } from '@understudy/runtime';
import type { NodeState } from './events.ts';

/**
 * The life of one node.
 *
 *     starting ──ready──▶ passive ──elected──▶ active ──stop──▶ draining ──left──▶ stopped
 *         │                  ▲                    │
 *         │                  └──────deposed───────┘
 *         └──ready, in a mode without leader──▶ active
 *
 * starting   connecting and announcing itself; may not fetch
 * passive    stands by and contends for the lease
 * active     recovers what dead nodes left, then fetches; `token` is its right to commit
 * draining   fetches no more; what is in flight commits or is handed back
 * stopped    nothing is left of it in Redis
 *
 * `stop` is taken in every state. A node that is deposed while draining keeps draining: its
 * attempts see their signal abort and are handed back.
 */
export interface NodeMachine {
  readonly state: NodeState;
  /** Whether one node leads this group. */
  readonly led: boolean;
  /** The term this node works under; `null` unless it leads. */
  readonly token: FencingToken | null;
}

/** What happens to a node. */
export type NodeInput =
  | { type: 'ready' }
  | { type: 'elected'; token: FencingToken; signal: AbortSignal }
  | { type: 'deposed'; token: FencingToken }
  | { type: 'stop' }
  | { type: 'drained' }
  | { type: 'left' };

/** What the shell must do about it, in this order. */
export type NodeAction =
  | { do: 'report' }
  | { do: 'contend' }
  | { do: 'work'; token: FencingToken | null; signal: AbortSignal | null }
  | { do: 'drain' }
  | { do: 'leave' };

/** The state after `input`, and what to do. Inputs that no longer matter change nothing. */
export function transition(
  machine: NodeMachine,
  input: NodeInput,
): { machine: NodeMachine; actions: readonly NodeAction[] } {
  const unchanged = { machine, actions: [] };
  switch (input.type) {
    case 'ready':
      if (machine.state !== 'starting') return unchanged;
      return machine.led
        ? to({ ...machine, state: 'passive' }, { do: 'report' }, { do: 'contend' })
        : to(
            { ...machine, state: 'active' },
            { do: 'report' },
            { do: 'work', token: null, signal: null },
          );
    case 'elected': {
      if (machine.state !== 'passive') return unchanged;
      const { token, signal } = input;
      return to(
        { ...machine, state: 'active', token },
        { do: 'report' },
        { do: 'work', token, signal },
      );
    }
    case 'deposed':
      if (machine.token?.term !== input.token.term) return unchanged;
      if (machine.state !== 'active') return to({ ...machine, token: null });
      return to({ ...machine, state: 'passive', token: null }, { do: 'report' });
    case 'stop':
      if (machine.state === 'draining' || machine.state === 'stopped') return unchanged;
      return to({ ...machine, state: 'draining' }, { do: 'report' }, { do: 'drain' });
    case 'drained':
      if (machine.state !== 'draining') return unchanged;
      return to(machine, { do: 'leave' });
    case 'left':
      if (machine.state !== 'draining') return unchanged;
      return to({ ...machine, state: 'stopped', token: null }, { do: 'report' });
    default:
      return unreachable(input);
  }
}

function to(
  machine: NodeMachine,
  ...actions: NodeAction[]
): { machine: NodeMachine; actions: readonly NodeAction[] } {
  return { machine, actions };
}
