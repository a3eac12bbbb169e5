import { onceHealed, onceLanded } from '../schedule/builders.ts';
import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const FOR = '1500ms';

/** What a bad NTP server, a resumed virtual machine or an operator does to a node. */
export const clockJump: Experiment = {
  name: 'clock-jump',
  shows:
    'wall clocks that are set: the leader half an hour ahead, another node half an hour behind, then the leader to and fro',
  expects: 'nobody stops working or is deposed for it: nothing that matters reads a wall clock',
  schedule: ({ jobs }) => [
    afterShare(jobs, 0.1).clockSkew('leader', { by: '30m', for: FOR }),
    onceLanded().clockSkew('any', { by: '-30m', for: FOR }),
    onceHealed().clockSkew('leader', { by: '10m', every: '100ms', for: FOR }),
  ],
};
