import type { NodeIncarnation } from '../faulty-node.ts';
import type { FailpointEvent } from '../protocol.ts';
import { ContainerProcess, type ContainerProcessOptions } from './container-process.ts';

/** One incarnation of a node: one start of its container. */
export class NodeContainer extends ContainerProcess implements NodeIncarnation {
  /**
   * What the node calls itself, as soon as it has said so; until then, and where it never does, the
   * container and when it was started.
   */
  incarnation: string;
  /** Resolves with true as soon as it has said something by the contract. */
  readonly spoke: Promise<true>;
  readonly #spoke = Promise.withResolvers<true>();

  constructor(options: ContainerProcessOptions) {
    super(options);
    this.incarnation = `${options.hand.id.slice(0, 12)}@${options.state.startedAt}`;
    this.spoke = this.#spoke.promise;
  }

  /** It has said something by the contract, and perhaps its incarnation. */
  hear(incarnation: string | undefined): void {
    this.incarnation = incarnation ?? this.incarnation;
    this.#spoke.resolve(true);
  }

  /** The lab does not look into the processes of a container. */
  cpuMs(): number {
    return 0;
  }

  /** No failpoint is armed in a container, so none is ever reached. */
  untilFailpoint(_name: string, signal: AbortSignal): Promise<FailpointEvent | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }
}
