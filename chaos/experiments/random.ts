import { randomSchedule } from '../schedule/random.ts';
import type { Experiment } from './experiment.ts';

/** A fault and its healing take about so long; more of them would leave nobody to hit. */
const MS_PER_FAULT = 2500;
/** What comes later than this might find the work done. */
const LAST_SHARE = 0.75;
const FEWEST = 2;
const MOST = 12;

/** Kills, stops and pauses as the seed has it: what nobody thought of writing down. */
export const random: Experiment = {
  name: 'random',
  shows:
    'kills, stops and pauses at moments and on nodes that the seed picks, also several at once',
  expects: 'every job takes effect exactly once, whatever comes together',
  schedule: ({ mode, jobs, rate, ttlMs, prng }) => {
    // Without a rate nobody knows how long the flow lasts: then its length is told in effects.
    const flowMs = rate === 'max' ? 0 : (jobs / rate) * 1000;
    const share = (of: number, part: number): number => Math.max(1, Math.round(of * part));
    return randomSchedule(prng, {
      steps: Math.min(MOST, Math.max(FEWEST, Math.round(flowMs / MS_PER_FAULT))),
      within:
        rate === 'max'
          ? { fromEffects: share(jobs, 0.1), untilEffects: share(jobs, LAST_SHARE) }
          : { fromMs: share(flowMs, 0.1), untilMs: share(flowMs, LAST_SHARE) },
      menu: (['kill', 'stop', 'pause'] as const).map((fault) => ({
        fault,
        // Where all nodes work there is no standby to speak of.
        targets: mode === 'active-passive' ? ['leader', 'standby', 'any'] : ['leader', 'any'],
        parameters: (draw) =>
          fault === 'pause'
            ? { for: draw.integer(200, ttlMs + 1500) }
            : { restartAfter: draw.integer(200, 2000) },
      })),
    });
  },
};
