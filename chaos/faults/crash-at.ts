import { z } from 'zod';
import { describeExit } from '../drivers/exit.ts';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { FailpointEvent } from '../drivers/protocol.ts';
import { type Ambush, EVIDENCE_LIMIT_MS, type Fault, type Observation } from './fault.ts';
import { durationParameter, restart } from './restart.ts';
import { askWithin, refuseOutside } from './within.ts';

interface CrashesAt {
  readonly failpoint: string;
  readonly passing: number;
  readonly job: string | undefined;
  readonly restartAfterMs: number;
}

const RESTART_AFTER_MS = 1000;
const MOST_PASSINGS = 1_000_000;

/** Where a node is, by its own account, when it stands at a failpoint. */
const standing = new WeakMap<FaultyNode, string>();

/**
 * A crash between two given instructions. The node stops by itself at the failpoint, in the middle
 * of what it does, says so, and is killed there: nothing that comes after has happened.
 *
 * `passing` counts from the moment at which the fault is due, and only passings for `job` if one is
 * named. Until it comes to that the node works on as if nothing were; a failpoint that it does not
 * have is never passed.
 */
export const crashAt: Fault<CrashesAt, 'node'> = {
  name: 'crash-at',
  place: 'node',
  summary:
    'kills the node at a failpoint, on passing (1), for one job or any, and starts it again after restartAfter (1s)',
  parameters: z
    .strictObject({
      failpoint: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected a name such as "before-commit"'),
      passing: z.int().min(1).max(MOST_PASSINGS).default(1),
      job: z.string().min(1).optional(),
      restartAfter: durationParameter(RESTART_AFTER_MS),
    })
    .transform(({ failpoint, passing, job, restartAfter }) => ({
      failpoint,
      passing,
      job,
      restartAfterMs: restartAfter,
    })),
  undo: 'nothing: the process is gone, and one that waits to be killed goes on by itself',
  refuse: refuseOutside,
  leavesZombies: false,
  async lieInWait(node, { failpoint, passing, job }, signal): Promise<Ambush> {
    const done = new AbortController();
    const reached = node.untilFailpoint(failpoint, done.signal);
    try {
      const armed = await askWithin(node, { do: 'arm', name: failpoint, passing, job });
      if (!armed.reached) return armed.failure;
      const event =
        (await Promise.race([reached, aborted(signal)])) ?? (await calledOff(node, reached));
      if (!('event' in event)) return event;
      const where = `stood at ${event.name}, passing ${event.n}${event.job === undefined ? '' : `, for ${event.job}`}`;
      standing.set(node, where);
      return { seen: true, evidence: where, job: event.job };
    } finally {
      done.abort();
    }
  },
  async inject(node: FaultyNode): Promise<Observation> {
    node.signal('SIGKILL');
    const exit = await node.exitWithin(EVIDENCE_LIMIT_MS);
    const where = `pid ${node.pid} ${standing.get(node) ?? 'stood nowhere'}`;
    if (!exit) return { seen: false, evidence: `${where} and lives on after SIGKILL` };
    return { seen: exit.signal === 'SIGKILL', evidence: `${where}, and ${describeExit(exit)}` };
  },
  durationMs: ({ restartAfterMs }) => restartAfterMs,
  heal: restart,
};

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/**
 * Takes the trap away, and tells why nothing was caught in it. A node that stands there already
 * cannot answer: in that case it was caught in the last moment.
 */
async function calledOff(
  node: FaultyNode,
  reached: Promise<FailpointEvent | undefined>,
): Promise<FailpointEvent | Ambush> {
  const exit = await node.exitWithin(0);
  if (exit) return never(`pid ${node.pid} ${describeExit(exit)} before it came there`);
  const disarming = askWithin(node, { do: 'disarm' });
  const first = await Promise.race([reached, disarming]);
  if (first && 'event' in first) return first;
  const disarmed = await disarming;
  if (!disarmed.reached) return never(disarmed.failure.evidence);
  const times = Math.max(...disarmed.answers.map(({ passed }) => passed ?? 0));
  return never(`passed ${times} times until the work was over`);
}

function never(why: string): Ambush {
  return { seen: false, evidence: `it never fired: ${why}` };
}
