import { z } from 'zod';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { Fault, Observation } from './fault.ts';
import { durationParameter } from './restart.ts';
import { type Answers, askWithin, refuseOutside } from './within.ts';

interface Lasts {
  readonly forMs: number;
  readonly spin: boolean;
}

const FOR_MS = 3000;
/** So long it leaves a ping unanswered before one believes that it stalls. */
const SILENCE_MS = 20;
/** When it should be awake again it gets so much longer to answer. */
const WAKE_LIMIT_MS = 10_000;
/** The silence begins when the process reads what it was sent, a moment after the lab wrote it. */
const SILENT_SHARE = 0.9;

/** The answer to a ping that was sent along with the stall: it tells how long the silence was. */
const pings = new WeakMap<FaultyNode, Promise<Answers>>();

/**
 * The event loop is blocked, as by a long computation or a synchronous call: the process runs as far
 * as the system knows, its connections stay open, what is sent to it is taken by the kernel, and it
 * answers nothing. Afterwards everything that was due comes at once.
 */
export const stall: Fault<Lasts, 'node'> = {
  name: 'stall',
  place: 'node',
  summary:
    'blocks the event loop of a Node.js node for its time, for (3s); with spin (false) it keeps a processor busy',
  parameters: z
    .strictObject({ for: durationParameter(FOR_MS), spin: z.boolean().default(false) })
    .transform((written) => ({ forMs: written.for, spin: written.spin })),
  undo: 'nothing: the process goes on by itself when its time is over',
  refuse: refuseOutside,
  leavesZombies: true,
  async inject(node: FaultyNode, { forMs, spin }): Promise<Observation> {
    const beginning = askWithin(node, { do: 'stall', forMs, spin });
    pings.set(node, askWithin(node, { do: 'ping' }, forMs + WAKE_LIMIT_MS));
    const begun = await beginning;
    if (!begun.reached) return begun.failure;
    const pinged = await askWithin(node, { do: 'ping' }, Math.min(SILENCE_MS, forMs / 2));
    const states = await node.statesWithin(0, false);
    const table = `is in state ${[...states].join(', ')} in the process table`;
    if (pinged.reached) return { seen: false, evidence: `pid ${node.pid} answered a ping` };
    return {
      seen: states !== '' && !states.includes('T'),
      evidence: `pid ${node.pid} leaves pings unanswered, and ${table}${usage(node, spin)}`,
    };
  },
  durationMs: ({ forMs }) => forMs,
  async heal(node: FaultyNode, { forMs, spin }): Promise<Observation> {
    const woken = await (pings.get(node) ?? askWithin(node, { do: 'ping' }, WAKE_LIMIT_MS));
    if (!woken.reached) return woken.failure;
    const silentMs = Math.min(...woken.answers.map(({ afterMs }) => afterMs));
    return {
      seen: silentMs >= forMs * SILENT_SHARE,
      evidence: `pid ${node.pid} answered after ${Math.round(silentMs)} ms${usage(node, spin)}`,
    };
  },
};

function usage(node: FaultyNode, spin: boolean): string {
  return spin ? `, at ${node.cpuMs()} ms of processor time` : '';
}
