import type {
  AttemptOperation,
  FaultOperation,
  HistoryHeader,
  Operation,
  StateOperation,
} from '@understudy/history';

interface NodeView {
  incarnation: string | undefined;
  state: StateOperation['state'] | undefined;
  /** The highest epoch this node led or had an effect under; undefined = none was seen. */
  epoch: number | undefined;
  /** Faults that hit it and were not healed. */
  readonly faults: Set<string>;
}

/** What the nodes are, as the history has said so far. What a silent node is stays unknown. */
export class FleetView {
  readonly #nodes = new Map<string, NodeView>();

  constructor(header: HistoryHeader) {
    for (const node of header.nodes) this.#node(node);
  }

  /** Takes the next operation. */
  step(operation: Operation): void {
    if (operation.op === 'state') this.#state(operation);
    else if (operation.op === 'fault') this.#fault(operation);
    else if (operation.op === 'attempt') this.#attempt(operation);
    else if (operation.op === 'effect' && operation.epoch !== undefined) {
      const node = this.#node(operation.node);
      node.epoch = Math.max(node.epoch ?? 0, operation.epoch);
    }
  }

  /** The node's present incarnation, as far as it was said. */
  incarnationOf(node: string): string | undefined {
    return this.#nodes.get(node)?.incarnation;
  }

  /** The highest epoch the node led or had an effect under. */
  epochOf(node: string): number | undefined {
    return this.#nodes.get(node)?.epoch;
  }

  /** Whether the node says that it leads and nobody says so with a higher epoch. */
  isLeading(name: string): boolean {
    const node = this.#nodes.get(name);
    if (node?.state !== 'active') return false;
    const others = [...this.#nodes.values()].filter((other) => other.state === 'active');
    return others.every((other) => (other.epoch ?? 0) <= (node.epoch ?? 0));
  }

  /** Whether some node other than `name` could take over now. */
  hasAnotherThan(name: string): boolean {
    return [...this.#nodes].some(
      ([other, { state, faults }]) =>
        other !== name &&
        faults.size === 0 &&
        (state === undefined || state === 'passive' || state === 'active'),
    );
  }

  #state({ node: name, incarnation, state, epoch }: StateOperation): void {
    const node = this.#node(name);
    if (node.incarnation !== incarnation) node.epoch = undefined;
    node.incarnation = incarnation;
    node.state = state;
    if (state === 'active' && epoch !== undefined) node.epoch = Math.max(node.epoch ?? 0, epoch);
  }

  /** Tells the incarnation of a node that says no states. */
  #attempt({ node: name, incarnation }: AttemptOperation): void {
    const node = this.#node(name);
    if (node.state === undefined) node.incarnation = incarnation ?? node.incarnation;
  }

  #fault({ id, target, phase }: FaultOperation): void {
    // What hits a Redis server hits no node, and makes none of it.
    const faults = this.#nodes.get(target)?.faults;
    if (!faults) return;
    if (phase === 'inject') faults.add(id);
    else if (phase === 'healed' || phase === 'refused') faults.delete(id);
  }

  #node(name: string): NodeView {
    let node = this.#nodes.get(name);
    if (!node) {
      node = { incarnation: undefined, state: undefined, epoch: undefined, faults: new Set() };
      this.#nodes.set(name, node);
    }
    return node;
  }
}
