import { quantile, spread } from '../distribution.ts';
import { atMost, type Context, type Measured } from '../measurement.ts';
import { describeStalls, startTimerProbe } from '../timer-probe.ts';
import { CONFIGURATION, excesses, type Series, takeovers } from './takeovers.ts';

const ALLOWED_MS = 30;
const AIM_MS = 150;

/** A takeover from a leader whose connections stay open: only its heartbeat can tell. */
export async function unseenTakeover(
  { options, progress }: Context,
  series: Pick<Series, 'label' | 'fleet' | 'strike' | 'restore'>,
  configuration: Measured['configuration'] = {},
): Promise<Measured> {
  using probe = startTimerProbe();
  const taken = await takeovers({
    ...series,
    n: Math.max(3, Math.ceil(options.kills / 6)),
    progress,
  });
  const took = taken.map(({ tookMs }) => tookMs);
  const timeouts = taken.map(({ timeoutMs }) => timeoutMs);
  return {
    ours: spread(took, [50, 95, 99]),
    peers: [],
    n: took.length,
    required: [
      atMost(
        'p95 less the heartbeat time-out in force',
        quantile(excesses(taken), 0.95),
        ALLOWED_MS,
        'ms',
      ),
    ],
    aims: [atMost('p50', quantile(took, 0.5), AIM_MS, 'ms')],
    configuration: { ...CONFIGURATION, ...configuration },
    notes: [
      describeStalls(await probe.read()),
      `heartbeat time-out in force: ${Math.round(Math.min(...timeouts))} to ${Math.round(Math.max(...timeouts))} ms`,
    ],
    values: {
      'fault to first effect, ms': took,
      'heartbeat time-out in force, ms': timeouts,
    },
  };
}
