import type { Mode } from '@understudy/history';
import { unreachable } from '@understudy/runtime';

/** A node as far as its health is concerned. */
export interface NodeHealth {
  readonly name: string;
  /** Its process runs and has said that it is ready. */
  readonly up: boolean;
  /** What it last said of itself; undefined when it says nothing of the kind. */
  readonly state: string | undefined;
}

/** Whether a fleet is as it should be, and in words. */
export interface FleetHealth {
  readonly healthy: boolean;
  readonly detail: string;
}

/**
 * Judges a fleet by its states: every node is up; in active-passive one is active and the others
 * are passive, otherwise all are active. Nodes that never say their state are not held to it.
 */
export function fleetHealth(all: readonly NodeHealth[], mode: Mode): FleetHealth {
  // That a node was down is the last that is known of one that came back and says nothing.
  const nodes = all.map((node) =>
    node.up && node.state === 'down' ? { ...node, state: undefined } : node,
  );
  const detail = nodes
    .map(({ name, up, state }) => `${name} ${up ? (state ?? 'state unknown') : 'down'}`)
    .join(', ');
  const speaking = nodes.filter(({ state }) => state !== undefined);
  const active = speaking.filter(({ state }) => state === 'active').length;
  const passive = speaking.filter(({ state }) => state === 'passive').length;
  const allUp = nodes.every(({ up }) => up);
  return { healthy: allUp && sharesWork(), detail };

  function sharesWork(): boolean {
    if (speaking.length === 0) return true;
    switch (mode) {
      case 'active-passive':
        return active === 1 && active + passive === speaking.length;
      case 'active-active':
      case 'uncoordinated':
        return active === speaking.length;
      default:
        return unreachable(mode);
    }
  }
}
