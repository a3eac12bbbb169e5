import type { Fault } from './fault.ts';
import { refuseWithoutLink, LINK_UNDO } from './link-parameters.ts';
import { beginLoss, type Loss, lossParameters } from './loss.ts';

/**
 * Requests are executed and their replies never arrive: for the node the outcome is unknown, in
 * truth it has happened. Who does it again without asking does it twice. A connection with a gap
 * cannot go on, so that each that lost something is reset at the heal, and not before.
 */
export const loseReplies: Fault<Loss, 'link'> = {
  name: 'lose-replies',
  place: 'link',
  summary:
    'lets requests through and drops the replies of redis (all, or: data, locks, lock-1) for (500ms), then resets the connections that lost something',
  parameters: lossParameters,
  undo: LINK_UNDO,
  leavesZombies: true,
  refuse: refuseWithoutLink,
  inject: (link, loss) => beginLoss(link, loss, 'from-redis'),
  durationMs: ({ forMs }) => forMs,
  heal: (link) => link.heal(),
};
