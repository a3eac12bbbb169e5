import { randomSchedule } from '../schedule/random.ts';
import type { Experiment } from './experiment.ts';

const MS_PER_FAULT = 1500;
const FEWEST = 2;
const MOST = 12;

/** Kills, stops and pauses as the seed has it: what nobody thought of writing down. */
export const random: Experiment = {
  name: 'random',
  shows:
    'kills, stops and pauses at moments and on nodes that the seed picks, also several at once',
  expects: 'every job takes effect exactly once, whatever comes together',
  schedule: ({ jobs, rate, ttlMs, prng }) => {
    // Without a rate nobody knows how long the flow lasts: then its length is told in effects.
    const flowMs = rate === 'max' ? 0 : (jobs / rate) * 1000;
    const share = (of: number, part: number): number => Math.max(1, Math.round(of * part));
    return randomSchedule(prng, {
      steps: Math.min(MOST, Math.max(FEWEST, Math.round(flowMs / MS_PER_FAULT))),
      within:
        rate === 'max'
          ? { fromEffects: share(jobs, 0.1), untilEffects: share(jobs, 0.8) }
          : { fromMs: share(flowMs, 0.1), untilMs: share(flowMs, 0.8) },
      kinds: ['kill', 'stop', 'pause'],
      targets: ['leader', 'standby', 'any'],
      pauseMs: { min: 200, max: ttlMs + 1500 },
      restartAfterMs: { min: 200, max: 2000 },
    });
  },
};
