import { freemem } from 'node:os';
import { invariant } from '@understudy/runtime';
import { quantile, spread } from '../distribution.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';
import { describeStalls, startTimerProbe } from '../timer-probe.ts';
import { CONFIGURATION, excesses, signalled, startAgain, takeovers } from './takeovers.ts';

const RESIDENT_MB = 1500;
const NODES = 3;
const NEEDED_BYTES = (NODES + 0.5) * RESIDENT_MB * 2 ** 20;

/** The kernel frees memory before it closes sockets: SIGKILL of a leader that holds much. */
export const takeoverResident: Measurement = {
  name: 'takeover-resident',
  what: `SIGKILL of a leader with ${RESIDENT_MB / 1000} GB resident → its successor’s first effect`,
  byDefault: true,
  measure,
};

async function measure({ options, progress }: Context): Promise<Measured> {
  invariant(freemem() > NEEDED_BYTES, 'there is memory for three such nodes');
  using probe = startTimerProbe();
  const taken = await takeovers({
    ...{
      label: `SIGKILL, ${RESIDENT_MB} MB resident`,
      n: Math.max(3, Math.ceil(options.kills / 6)),
      progress,
    },
    fleet: { environment: { BENCH_RESIDENT_MB: String(RESIDENT_MB) } },
    ...{ strike: signalled('SIGKILL'), restore: startAgain },
  });
  const took = taken.map(({ tookMs }) => tookMs);
  const sinceClosed = taken.map(({ sinceClosedMs }) => sinceClosedMs);
  const over = quantile(excesses(taken), 0.95);
  return {
    ours: spread(took, [50, 95, 99]),
    peers: [],
    n: took.length,
    required: [atMost('p95 less the heartbeat time-out in force', over, 20, 'ms')],
    aims: [atMost('p95', quantile(took, 0.95), 60, 'ms')],
    configuration: { ...CONFIGURATION, residentMb: RESIDENT_MB },
    notes: [
      describeStalls(await probe.read()),
      `since the kernel closed the pipe: ${spread(sinceClosed)}`,
    ],
    values: {
      'SIGKILL to first effect, ms': took,
      'closed pipe to first effect, ms': sinceClosed,
      'heartbeat time-out in force, ms': taken.map(({ timeoutMs }) => timeoutMs),
    },
  };
}
