import { describeExit } from '../drivers/exit.ts';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation, refuseWithoutSignals } from './fault.ts';
import { restart, restartParameters, type RestartsLater } from './restart.ts';

/** The process is gone between two instructions: no handler runs, nothing is released. */
export const kill: Fault<RestartsLater, 'node'> = {
  name: 'kill',
  place: 'node',
  summary: 'ends the node with SIGKILL and starts it again after restartAfter (1s)',
  parameters: restartParameters,
  undo: 'nothing: the process is gone, and the next run starts its own',
  refuse: refuseWithoutSignals,
  leavesZombies: false,
  async inject(node: FaultyNode): Promise<Observation> {
    node.signal('SIGKILL');
    const exit = await node.exitWithin(EVIDENCE_LIMIT_MS);
    if (!exit) return { seen: false, evidence: `${node.who} lives on after SIGKILL` };
    return {
      seen: exit.signal === 'SIGKILL',
      evidence: `${node.who} ${describeExit(exit)}`,
    };
  },
  durationMs: ({ restartAfterMs }) => restartAfterMs,
  heal: restart,
};
