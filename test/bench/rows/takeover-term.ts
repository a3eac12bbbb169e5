import { quantile, spread } from '../distribution.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import { systemClock } from '@understudy/runtime';
import { CONFIGURATION, signalled, startAgain, takeovers } from './takeovers.ts';

/** A deployment does not wait for three TTLs. */
const LED_FOR_MS = 1000;

/** SIGTERM: from the old leader's last effect, which ends its drain, to its successor's first. */
export const takeoverTerm: Measurement = {
  name: 'takeover-term',
  what: 'SIGTERM: the leader’s last effect → its successor’s first',
  byDefault: true,
  measure,
};

async function measure({ options, progress }: Context): Promise<Measured> {
  const gaps: number[] = [];
  const taken = await takeovers({
    ...{ label: 'SIGTERM', n: Math.ceil(options.kills / 3), progress, ledForMs: LED_FOR_MS },
    strike(fleet, leader) {
      let lastMs = systemClock.monotonicMs();
      const stop = fleet.onEffect(({ node, atMs }) => {
        if (node === leader.id) {
          lastMs = atMs;
          return;
        }
        stop();
        gaps.push(atMs - lastMs);
      });
      return signalled('SIGTERM')(fleet, leader);
    },
    restore: startAgain,
  });
  const whole = taken.map(({ tookMs }) => tookMs);
  const p50 = quantile(gaps, 0.5);
  return {
    ours: spread(gaps),
    peers: [],
    n: gaps.length,
    required: [atMost('p50', p50, 5, 'ms')],
    aims: [atMost('p50', p50, 2, 'ms')],
    configuration: { ...CONFIGURATION, ledForMs: LED_FOR_MS },
    notes: [`from the signal, the drain included: ${spread(whole)}`],
    values: { 'last effect to first effect, ms': gaps, 'SIGTERM to first effect, ms': whole },
  };
}
