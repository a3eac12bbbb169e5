import { z } from 'zod';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { parseDuration } from '../schedule/duration.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from './fault.ts';
import { durationParameter } from './restart.ts';
import { askWithin, refuseOutside } from './within.ts';

interface Skew {
  readonly byMs: number;
  readonly everyMs: number;
  readonly forMs: number;
}

const BY = '1m';
const FOR_MS = 3000;
/** Clocks that agree differ by less: the resolution of a millisecond, and a step of NTP's. */
const AGREE_MS = 5;
/** A shift that is smaller could be taken for the time an answer takes. */
const LEAST_MS = 100;
const LEAST_PERIOD_MS = 100;
/** For how many jumps a clock that jumps to and fro is watched. */
const MOST_LOOKS = 5;

const shift = z
  .union([z.string(), z.number()])
  .default(BY)
  .transform((written, context) => {
    const text = String(written).trim();
    const sign = text.startsWith('-') ? -1 : 1;
    const amount = text.replace(/^[-+]/, '');
    const ms = amount === text && typeof written === 'number' ? written : durationOf(amount);
    if (ms !== undefined && ms >= LEAST_MS) return sign * ms;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(written)} is no shift of a clock: write "1m", "-10s" or milliseconds, ${LEAST_MS} ms at least and an hour at most`,
    });
    return z.NEVER;
  });

/**
 * A node has another idea of the time of day: ahead, behind (`by: '-10s'`), or jumping from ahead to
 * behind and back (`every`). Elapsed time runs on as it did: a clock that is set does not change
 * how long a second is.
 */
export const clockSkew: Fault<Skew, 'node'> = {
  name: 'clock-skew',
  place: 'node',
  summary:
    'shifts the wall clock of a Node.js node by (1m; "-10s" is back) for its time, for (3s); with every (0) it jumps to and fro',
  parameters: z
    .strictObject({ by: shift, every: durationParameter(0), for: durationParameter(FOR_MS) })
    .transform((written) => ({ byMs: written.by, everyMs: written.every, forMs: written.for }))
    .refine(({ everyMs }) => everyMs === 0 || everyMs >= LEAST_PERIOD_MS, {
      message: `every: a clock jumps every ${LEAST_PERIOD_MS} ms at most`,
    }),
  undo: 'nothing: the shift lives in the process, and ends with it or with the lab',
  refuse: (circumstances) =>
    circumstances.driver === 'docker' ? refuseOutside(circumstances) : undefined,
  leavesZombies: false,
  async inject(node: FaultyNode, { byMs, everyMs }): Promise<Observation> {
    const before = await askWithin(node, { do: 'clock', inMs: 0 });
    if (!before.reached) return before.failure;
    const after = await askWithin(node, { do: 'skew', byMs, everyMs });
    if (!after.reached) return after.failure;
    const agreed = before.answers.every((answer) => isAheadBy(0, answer));
    const shifted = after.answers.every((answer) => isAheadBy(byMs, answer));
    const told = `the clock of pid ${node.pid} was ${ahead(before.answers)} of the lab's and is ${ahead(after.answers)}`;
    if (everyMs === 0) return { seen: agreed && shifted, evidence: told };
    const jump = await seeJump(node, byMs, everyMs);
    if ('failure' in jump) return jump.failure;
    return { seen: agreed && shifted && jump.back, evidence: `${told}, then ${jump.told}` };
  },
  durationMs: ({ forMs }) => forMs,
  async heal(node: FaultyNode): Promise<Observation> {
    const answered = await askWithin(node, { do: 'unskew' }, EVIDENCE_LIMIT_MS);
    if (!answered.reached) return answered.failure;
    return {
      seen: answered.answers.every((answer) => isAheadBy(0, answer)),
      evidence: `the clock of pid ${node.pid} is ${ahead(answered.answers)} of the lab's`,
    };
  },
};

/**
 * Reads the clock one jump later than it was read, until it is seen on the other side. A node that is
 * busy reads late, and may be back on the first side by then.
 */
async function seeJump(
  node: FaultyNode,
  byMs: number,
  everyMs: number,
): Promise<{ readonly failure: Observation } | { readonly back: boolean; readonly told: string }> {
  const told: string[] = [];
  for (let look = 1; ; look++) {
    const limitMs = everyMs + EVIDENCE_LIMIT_MS;
    const read = await askWithin(node, { do: 'clock', inMs: everyMs }, limitMs);
    if (!read.reached) return { failure: read.failure };
    const back = read.answers.every((answer) =>
      // What was read after the jump came later than that, by as much as the lab was busy.
      isAheadBy(-byMs, { ...answer, afterMs: answer.afterMs - everyMs + LEAST_MS / 2 }),
    );
    told.push(ahead(read.answers));
    if (back || look === MOST_LOOKS) return { back, told: told.join(', then ') };
  }
}

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  } catch {
    return undefined;
  }
}

interface Reading {
  readonly afterMs: number;
  readonly aheadMs?: number;
}

/** As exactly as can be told: the clock was read while the lab waited. */
function isAheadBy(byMs: number, { aheadMs, afterMs }: Reading): boolean {
  return isNear(byMs, aheadMs, AGREE_MS + afterMs);
}

function isNear(byMs: number, aheadMs: number | undefined, withinMs: number): boolean {
  return aheadMs !== undefined && Math.abs(aheadMs - byMs) <= withinMs;
}

function ahead(answers: readonly Reading[]): string {
  const readings = answers.map(({ aheadMs }) => Math.round(aheadMs ?? Number.NaN));
  return `${[...new Set(readings)].join(' and ')} ms ahead`;
}
