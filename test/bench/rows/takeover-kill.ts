import { quantile, spread } from '../distribution.ts';
import {
  atMost,
  type Context,
  type Measured,
  type Measurement,
  type Peer,
} from '../measurement.ts';
import { type PeerName, type PeerTakeovers, peerTakeovers } from '../peers/peer-takeovers.ts';
import { describeStalls, startTimerProbe } from '../timer-probe.ts';
import { CONFIGURATION, signalled, startAgain, type Takeover, takeovers } from './takeovers.ts';

/** Ours and RabbitMQ's in turns, so that what else the machine does meets both. */
const TURNS = 3;

/** SIGKILL of a leader to its successor's first effect, beside the same of peers. */
export const takeoverKill: Measurement = {
  name: 'takeover-kill',
  what: 'SIGKILL of the leader → its successor’s first effect',
  byDefault: true,
  measure,
};

async function measure({ options, progress }: Context): Promise<Measured> {
  using probe = startTimerProbe();
  const ours: Takeover[] = [];
  const rabbitmq: PeerTakeovers[] = [];
  const turns = options.quick ? 1 : TURNS;
  for (let turn = 1; turn <= turns; turn++) {
    const n = Math.ceil(options.kills / turns);
    const [strike, restore] = [signalled('SIGKILL'), startAgain];
    ours.push(
      ...(await takeovers({ label: `SIGKILL, turn ${turn}`, n, progress, strike, restore })),
    );
    rabbitmq.push(await peerTakeovers('rabbitmq', n, progress));
  }
  const stalls = await probe.read();
  const rabbits = together(rabbitmq);
  const redlock = await few('redlock', options.kills / 6, progress);
  const peers: Record<string, PeerTakeovers> = {
    'RabbitMQ single active consumer': rabbits,
    'PostgreSQL advisory lock': await few('postgresql', options.kills, progress),
    'redlock, TTL alone, polled every 50 ms': redlock,
  };
  const took = ours.map(({ tookMs }) => tookMs);
  const sinceClosed = ours.map(({ sinceClosedMs }) => sinceClosedMs);
  const [p50, p95] = [quantile(took, 0.5), quantile(took, 0.95)];
  return {
    ours: spread(took, [50, 95, 99]),
    peers: Object.entries(peers).map(([name, peer]) => peerOf(name, peer)),
    ...ratioOf(took, rabbits, redlock),
    n: took.length,
    required: [
      atMost('p50', p50, 15, 'ms'),
      atMost('p95', p95, 60, 'ms'),
      {
        text: 'p95 ≤ RabbitMQ’s',
        held: 'absent' in rabbits ? null : p95 <= quantile(rabbits.tookMs, 0.95),
      },
    ],
    aims: [atMost('p50 since the kernel closed the pipe', quantile(sinceClosed, 0.5), 5, 'ms')],
    configuration: CONFIGURATION,
    notes: [describeStalls(stalls), `since the kernel closed the pipe: ${spread(sinceClosed)}`],
    values: {
      'SIGKILL to first effect, ms': took,
      'closed pipe to first effect, ms': sinceClosed,
      ...Object.fromEntries(
        Object.entries(peers).map(([name, peer]) => [
          `${name}, ms`,
          'absent' in peer ? [] : peer.tookMs,
        ]),
      ),
    },
  };
}

function few(peer: PeerName, n: number, progress: Context['progress']): Promise<PeerTakeovers> {
  return peerTakeovers(peer, Math.max(3, Math.round(n / 3)), progress);
}

/** The turns as one; absent if one was. */
function together(turns: readonly PeerTakeovers[]): PeerTakeovers {
  const absent = turns.find((turn) => 'absent' in turn);
  return absent ?? { tookMs: turns.flatMap((turn) => ('absent' in turn ? [] : turn.tookMs)) };
}

function peerOf(name: string, peer: PeerTakeovers): Peer {
  if ('absent' in peer) return { name, absent: peer.absent };
  return { name, figure: `${spread(peer.tookMs)}, n = ${peer.tookMs.length}` };
}

function ratioOf(
  ours: readonly number[],
  rabbits: PeerTakeovers,
  redlock: PeerTakeovers,
): { ratio?: string } {
  const of = (peer: PeerTakeovers, name: string, q: number): string[] =>
    'absent' in peer
      ? []
      : [`${(quantile(ours, q) / quantile(peer.tookMs, q)).toFixed(2)} × ${name} (p${q * 100})`];
  const said = [...of(rabbits, 'RabbitMQ', 0.95), ...of(redlock, 'redlock', 0.5)];
  return said.length === 0 ? {} : { ratio: said.join('\n') };
}
