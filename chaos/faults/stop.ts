import { describeExit } from '../drivers/exit.ts';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { type Fault, type Observation, refuseWithoutSignals } from './fault.ts';
import { restart, restartParameters, type RestartsLater } from './restart.ts';

/** As long as an orchestrator would wait at most before it kills. */
const DRAIN_LIMIT_MS = 10_000;

/** What a deployment does: the node is asked to end, and may finish what it holds. */
export const stop: Fault<RestartsLater, 'node'> = {
  name: 'stop',
  place: 'node',
  summary: 'asks the node to end with SIGTERM and starts it again after restartAfter (1s)',
  parameters: restartParameters,
  undo: 'nothing: the process is gone, and the next run starts its own',
  refuse: refuseWithoutSignals,
  leavesZombies: false,
  async inject(node: FaultyNode): Promise<Observation> {
    node.signal('SIGTERM');
    const exit = await node.exitWithin(DRAIN_LIMIT_MS);
    if (exit) {
      // Whatever else ended it, a SIGKILL was not its answer to SIGTERM.
      const seen = exit.signal !== 'SIGKILL';
      return { seen, evidence: `${node.who} ${describeExit(exit)} after SIGTERM` };
    }
    node.signal('SIGKILL');
    await node.exitWithin(DRAIN_LIMIT_MS);
    return {
      seen: false,
      evidence: `${node.who} did not end within ${DRAIN_LIMIT_MS / 1000} s of SIGTERM and was killed`,
    };
  },
  durationMs: ({ restartAfterMs }) => restartAfterMs,
  heal: restart,
};
