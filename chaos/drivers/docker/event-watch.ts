import { DockerEngineUnfit } from '../../errors.ts';
import type { Engine, EngineEvent } from './engine.ts';

/** What the engine has said of the containers of a run. Disposing stops listening. */
export interface EventWatch extends Disposable {
  /** Calls `listener` for each event of a container from now on. Returns how to stop. */
  on(container: string, listener: (event: EngineEvent) => void): () => void;
  /** The last event of that kind of a container, in words; `no event` when there was none. */
  told(container: string, action: string): string;
}

/** What is worth telling of an event, besides its kind. */
const TOLD: Readonly<Record<string, string>> = {
  exitCode: 'exit code',
  signal: 'signal',
  name: 'name',
};
const NAMED = /^network /;

/**
 * Listens to what happens to containers.
 * @param onFailure told when the engine says no more: what the run sees from then on is not all
 */
export async function watchEvents(
  engine: Engine,
  onFailure: (error: DockerEngineUnfit) => void,
): Promise<EventWatch> {
  const listeners = new Map<string, Set<(event: EngineEvent) => void>>();
  const last = new Map<string, EngineEvent>();
  const hear = (event: EngineEvent): void => {
    last.set(`${event.container} ${event.action}`, event);
    for (const listener of listeners.get(event.container) ?? []) listener(event);
  };
  const stream = await engine.events(hear, () =>
    onFailure(
      new DockerEngineUnfit(
        `the Docker engine at ${engine.where} has ended the list of its events: what happens to containers is not seen any more. Look whether it was restarted.`,
      ),
    ),
  );
  return {
    on(container, listener) {
      const own = listeners.get(container) ?? new Set();
      listeners.set(container, own.add(listener));
      return () => void own.delete(listener);
    },
    told(container, action) {
      const event = last.get(`${container} ${action}`);
      if (!event) return `no event ${action}`;
      const details = Object.entries(event.attributes).flatMap(([name, value]) =>
        TOLD[name] !== undefined && (name !== 'name' || NAMED.test(action))
          ? [`${TOLD[name]} ${value}`]
          : [],
      );
      return `event ${action}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
    },
    [Symbol.dispose]: () => stream[Symbol.dispose](),
  };
}
