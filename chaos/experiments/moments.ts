import { afterEffects, type Moment } from '../schedule/builders.ts';

/**
 * The moment when this share of the jobs, from 0 to 1, has taken effect. Shares hold on fast and
 * on slow machines: the rest of the work is still to be done then.
 */
export function afterShare(jobs: number, share: number): Moment {
  return afterEffects(Math.max(1, Math.round(jobs * share)));
}
