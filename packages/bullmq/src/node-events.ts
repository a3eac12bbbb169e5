import type { WorkerEvent } from '@understudy/worker/node';

/** Which node says it. */
export interface Speaker {
  readonly nodeId: string;
  readonly incarnation: string;
}

/** Told everything that a node says about itself, as it happens. It must not throw. */
export type NodeEvents = (event: WorkerEvent, who: Speaker) => void;

/**
 * What prints a node's events as the lab reads them, a line each:
 * `@understudy {"event":"state","state":"active","epoch":4,…}`.
 * @param write takes a whole line. Default: standard output
 */
export function printEvents(
  write: (line: string) => void = (line) => void process.stdout.write(line),
): NodeEvents {
  return (event, { incarnation }) => {
    // Whoever did not start this process knows its incarnation from here.
    const told = 'job' in event ? event : { ...event, incarnation };
    write(`@understudy ${JSON.stringify(told)}\n`);
  };
}
