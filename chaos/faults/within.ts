import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { InsideAnswer, InsideCommand } from '../inside/channel.ts';
import {
  type Circumstances,
  EVIDENCE_LIMIT_MS,
  type Observation,
  refuseWithoutSignals,
} from './fault.ts';

/** What the processes of a node answered, or why the lab could not ask them. */
export type Answers =
  | { readonly reached: true; readonly answers: readonly InsideAnswer[] }
  | { readonly reached: false; readonly failure: Observation };

/** Faults within need processes that were started with the lab's preload. */
export function refuseOutside(circumstances: Circumstances): string | undefined {
  if (circumstances.driver !== 'docker') return refuseWithoutSignals(circumstances);
  return 'it acts within the node, through what the lab loads into the processes that it starts, and a container was started without. Run it on processes (without --driver docker)';
}

/**
 * Asks every process of a node that the lab reaches within. A node of several (npm, the worker) is
 * hit as a whole, as by a signal; those that live no more when they are asked are no part of it.
 */
export async function askWithin(
  node: FaultyNode,
  command: InsideCommand,
  limitMs: number = EVIDENCE_LIMIT_MS,
): Promise<Answers> {
  const asked = await node.insideWithin(limitMs);
  if (asked.length === 0) {
    const evidence = `pid ${node.pid} runs no Node.js process that the lab can reach within: it is not Node.js, or its NODE_OPTIONS were taken away. This fault is for nodes in Node.js`;
    return { reached: false, failure: { seen: false, evidence, untouched: true } };
  }
  const answers = await Promise.all(asked.map((process) => process.ask(command, limitMs)));
  const living = node.inside;
  const silent = asked.filter((process, i) => !answers[i] && living.includes(process));
  if (silent.length > 0) {
    const pids = silent.map(({ pid }) => pid).join(', ');
    return unreached(`pid ${pids} did not answer within ${limitMs} ms`);
  }
  const given = answers.filter((answer) => answer !== undefined);
  if (given.length === 0) return unreached(`pid ${node.pid} ended before it answered`);
  return { reached: true, answers: given };
}

function unreached(evidence: string): Answers {
  return { reached: false, failure: { seen: false, evidence } };
}
