const NAMES = [
  'active',
  'wait',
  'paused',
  'prioritized',
  'delayed',
  'waiting-children',
  'meta',
  'marker',
  'events',
  'stalled',
  'failed',
];

/**
 * The keys of a queue of BullMQ 5 or 6, by BullMQ's names of them, and what precedes a job's id as
 * `''`.
 * @param queue its qualified name, `<prefix>:<queue>`
 */
export function bullmqKeys(queue: string): Readonly<Record<string, string>> {
  const names = ['', ...NAMES].map((name) => [name, `${queue}:${name}`] as const);
  return Object.fromEntries(names);
}
