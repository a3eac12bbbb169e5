import { createInterface } from 'node:readline';
import { redactUrl } from '@understudy/redis';
import { messageOf } from '@understudy/runtime';
import { conclusionOf } from '../report/verdict-words.ts';
import type { KeptFleet } from '../runner/run-options.ts';

/** Who is told of a kept fleet, and what they answer. */
export interface HoldOptions {
  /** Lines from a person; undefined: nobody can answer. */
  readonly input: NodeJS.ReadableStream | undefined;
  say(text: string): void;
  /** Ends the look. */
  readonly signal: AbortSignal;
}

/**
 * Keeps a refuted fleet until the person at the terminal has seen enough: says what to connect to,
 * starts the nodes again at the first Enter, and resolves at the second, or when `signal` aborts.
 */
export async function holdFleet(
  kept: KeptFleet,
  { input, say, signal }: HoldOptions,
): Promise<void> {
  for (const line of describe(kept)) say(line);
  const lines = input && createInterface({ input });
  const seen = Promise.withResolvers<void>();
  let asked = 0;
  const onEnter = (): void => {
    asked += 1;
    if (asked === 1) void startAgain(kept, say);
    else seen.resolve();
  };
  lines?.on('line', onEnter);
  const onAbort = (): void => seen.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await seen.promise;
  signal.removeEventListener('abort', onAbort);
  lines?.close();
}

function describe({ result, directory, redis, keyPrefix }: KeptFleet): string[] {
  const urls = redis.lockUrls.filter((url) => url !== redis.dataUrl).map(redactUrl);
  return [
    `${result.run} was refuted (${conclusionOf(result)}), and its servers are kept as they were judged:`,
    `  queue, ledger, effect log: redis-cli -u ${redactUrl(redis.dataUrl)} --scan --pattern '${keyPrefix}*'`,
    ...urls.map((url, index) => `  lock node ${index + 1}: redis-cli -u ${url}`),
    `  history and logs: ${directory}`,
    '  The nodes are stopped: the read at the end must be the last word.',
    'Enter starts the nodes again, Ctrl-C ends everything. (If this process is killed: understudy doctor --heal.)',
  ];
}

async function startAgain({ startNodes }: KeptFleet, say: (text: string) => void): Promise<void> {
  try {
    const nodes = await startNodes();
    for (const { name, pid } of nodes) say(`  ${name} runs again: pid ${pid}`);
    say('They work on what is there, so the servers are no longer as they were judged.');
    say('Enter or Ctrl-C ends everything.');
  } catch (error) {
    say(`the nodes could not be started again: ${messageOf(error)}`);
  }
}
