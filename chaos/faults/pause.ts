import type { FaultyNode } from '../drivers/faulty-node.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation, refuseWithoutSignals } from './fault.ts';
import { type Lasts, lastsParameters } from './lasting.ts';

const FOR_MS = 3000;

/**
 * The process stands still and does not know it: its connections stay open, its timers do not
 * run, and when it wakes it goes on where it was, with whatever it believed then.
 */
export const pause: Fault<Lasts, 'node'> = {
  name: 'pause',
  place: 'node',
  summary: 'stops the node with SIGSTOP and wakes it with SIGCONT after its time, for (3s)',
  parameters: lastsParameters(FOR_MS),
  undo: 'SIGCONT to the process group',
  refuse: refuseWithoutSignals,
  leavesZombies: true,
  async inject(node: FaultyNode): Promise<Observation> {
    node.signal('SIGSTOP');
    const states = await node.statesWithin(EVIDENCE_LIMIT_MS, true);
    return { seen: /^T+$/.test(states), evidence: node.told(states) };
  },
  durationMs: ({ forMs }) => forMs,
  async heal(node: FaultyNode): Promise<Observation> {
    node.signal('SIGCONT');
    const states = await node.statesWithin(EVIDENCE_LIMIT_MS, false);
    return { seen: states !== '' && !states.includes('T'), evidence: node.told(states) };
  },
};
