import type { Fault } from './fault.ts';
import { refuseWithoutLink, LINK_UNDO } from './link-parameters.ts';
import { beginLoss, type Loss, lossParameters } from './loss.ts';

/**
 * Requests never arrive, and the node cannot know: for it their outcome is unknown, in truth they
 * were not executed. Replies to earlier requests come through. A connection with a gap cannot go
 * on, so that each that lost something is reset at the heal, and not before: until then the node
 * waits, or runs into its own time limit.
 */
export const loseRequests: Fault<Loss, 'link'> = {
  name: 'lose-requests',
  place: 'link',
  summary:
    'drops what the node sends to redis (all, or: data, locks, lock-1) for (500ms), then resets the connections that lost something',
  parameters: lossParameters,
  undo: LINK_UNDO,
  leavesZombies: true,
  refuse: refuseWithoutLink,
  inject: (link, loss) => beginLoss(link, loss, 'to-redis'),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => link.heal(),
};
