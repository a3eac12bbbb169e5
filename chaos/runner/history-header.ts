import type { HistoryHeader } from '@understudy/history';
import { fleetRecord } from './containers.ts';
import type { Plan } from './plan.ts';
import type { RunOptions } from './run-options.ts';
import { isOrdered, laneOf } from './settings.ts';

/** The run that a header is of. */
export interface HeaderFacts extends Pick<RunOptions, 'repeat' | 'redis' | 'containers'> {
  readonly plan: Plan;
  readonly name: string;
  readonly startedAt: string;
}

/** What a history needs to know of its run, to be judged without anything else. */
export function headerOf({
  plan,
  name,
  startedAt,
  repeat,
  redis,
  containers,
}: HeaderFacts): HistoryHeader {
  const { settings } = plan;
  const { foreign } = settings;
  const coordinated = settings.mode !== 'uncoordinated';
  return {
    history: 1,
    run: name,
    mode: settings.mode,
    lane: laneOf(settings),
    startedAt,
    seed: settings.seed,
    nodes: [...plan.nodes],
    ...(repeat === undefined ? {} : { repeat }),
    ...(containers ? { fleet: fleetRecord(containers.group) } : {}),
    expect: {
      epochs: settings.mode === 'active-passive',
      ...(foreign ? { epochsIfTold: true } : {}),
      idempotency: coordinated,
      ordered: isOrdered(settings),
      // Balances are a matter of this repository's ledger.
      balances: containers === undefined && foreign === undefined,
      ...(containers ? { accountsShared: true } : {}),
      ttlMs: settings.ttlMs,
      livenessBoundMs: settings.livenessBoundMs,
      takeoverLimitMs: { ...settings.takeoverLimitMs },
      // A Redis of the user's keeps what its own configuration says.
      ...(redis || containers ? {} : { storeKeeps: settings.persistence }),
      poison: [...settings.poison, ...settings.deadly],
      schedule: plan.steps.map(({ id, fault, target }) => ({ id, fault, target })),
    },
  };
}
