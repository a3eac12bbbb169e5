import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { quantile, spread } from '../distribution.ts';
import { Fleet } from '../fleet/fleet.ts';
import { atMost, type Context, type Measured, type Measurement } from '../measurement.ts';

const NODES = 3;
const JOBS_PER_SECOND = 400;
/** So that a node that dies has jobs in flight. */
const HANDLER_MS = 5;
const BETWEEN_MS = 300;
const SAY_EVERY = 10;

/** Active-active: SIGKILL to the commit, by survivors, of the last job the dead node had in flight. */
export const inFlight: Measurement = {
  name: 'in-flight',
  what: 'active-active: SIGKILL of a node → the last of its jobs in flight committed by a survivor',
  byDefault: true,
  measure,
};

async function measure({ options, progress }: Context): Promise<Measured> {
  const n = Math.ceil(options.kills / 3);
  const environment = { UNDERSTUDY_HANDLER_MS: String(HANDLER_MS) };
  await using fleet = await Fleet.start({ mode: 'active-active', nodes: NODES, environment });
  fleet.produce(JOBS_PER_SECOND);
  const took: number[] = [];
  let kills = 0;
  while (took.length < n) {
    await fleet.settled();
    await fleet.until(() => [...fleet.nodes.values()].every(({ state }) => state === 'active'));
    await fleet.effect(() => true);
    await sleep(systemTimers, BETWEEN_MS);
    const victim = [...fleet.nodes.values()][kills % NODES];
    if (!victim) continue;
    kills += 1;
    const killedMs = systemClock.monotonicMs();
    victim.child.kill('SIGKILL');
    await victim.exited;
    // What it had begun and nobody has seen the effect of yet. An effect that was committed
    // before the kill but is still on its way to the bench arrives under the victim's name.
    const lastMs = await lastEffectOf(fleet, new Set(victim.attempts), victim.id);
    if (!Number.isNaN(lastMs)) {
      took.push(lastMs - killedMs);
      if (took.length % SAY_EVERY === 0) progress(`active-active SIGKILL: ${took.length}/${n}`);
    }
    fleet.startNode(victim.id);
  }
  const [p50, p95] = [quantile(took, 0.5), quantile(took, 0.95)];
  return {
    ours: spread(took),
    peers: [],
    n: took.length,
    required: [atMost('p50', p50, 25, 'ms'), atMost('p95', p95, 150, 'ms')],
    aims: [atMost('p50', p50, 15, 'ms')],
    configuration: {
      ...{ nodes: NODES, lane: 'bullmq', jobsPerSecond: JOBS_PER_SECOND, handlerMs: HANDLER_MS },
    },
    notes: [`${kills} kills, of which ${took.length} found jobs in flight`],
    values: { 'SIGKILL to last commit, ms': took },
  };
}

/** When the last of `open` took effect by another node than `victim`; NaN if none did. */
function lastEffectOf(fleet: Fleet, open: Set<string>, victim: string): Promise<number> {
  return new Promise((resolve) => {
    let lastMs = Number.NaN;
    if (open.size === 0) resolve(lastMs);
    const stop = fleet.onEffect((effect) => {
      if (!open.delete(effect.job)) return;
      if (effect.node !== victim) lastMs = effect.atMs;
      if (open.size > 0) return;
      stop();
      resolve(lastMs);
    });
  });
}
