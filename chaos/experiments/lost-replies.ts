import type { Experiment } from './experiment.ts';
import { afterShare } from './moments.ts';

const SHARES = [0.15, 0.3, 0.45, 0.6];
const FOR_MS = 150;

/** What was done and never answered is unknown to the one who asked: it must not be done twice. */
export const lostReplies: Experiment = {
  name: 'lost-replies',
  shows:
    'commits and completions that are carried out and whose answers are lost, again and again, at the node that works',
  expects: 'what was asked again reads back as done: nothing is repeated and nothing is dropped',
  schedule: ({ jobs }) =>
    SHARES.map((share) => afterShare(jobs, share).loseReplies('leader', { for: FOR_MS })),
};
