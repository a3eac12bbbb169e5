import { messageOf, sleep, type Timers } from '@understudy/runtime';
import type { SignOfLife } from '../drivers/node-process.ts';
import { SystemUnusable } from '../errors.ts';
import type { EffectSource } from '../workload/effect-source.ts';
import type { Enqueuer } from '../workload/enqueuer.ts';
import type { QueueReader } from '../workload/queue-reader.ts';
import { EffectPolling, type EffectPollingOptions } from './effect-polling.ts';
import { systemEnqueuer } from './system-enqueuer.ts';
import { systemQueue } from './system-queue.ts';
import type { StartingNode, System, SystemRun } from './system.ts';

/** What a stage takes from a system. Disposing tears it down. */
export interface SystemStage extends AsyncDisposable {
  readonly effects: EffectSource;
  readonly queue: QueueReader;
  openEnqueuer(): Enqueuer;
  /** What shows that a node is ready, where the system knows it. */
  signOf(node: StartingNode): SignOfLife | undefined;
  /** Who leads, where the system can tell; the latest answer. */
  readonly leaderTold: (() => string | undefined) | undefined;
}

const ASK_MS = 100;

/** What setting up a system needs. */
export type SystemStageOptions = EffectPollingOptions;

/**
 * Sets a system up and begins to follow it.
 * @throws {SystemUnusable} when a hook fails, or there are effects before there were jobs
 */
export async function setUpSystem(options: SystemStageOptions): Promise<SystemStage> {
  const { system, onFailure, timers } = options;
  const over = new AbortController();
  const { signal } = over;
  const run = { ...options.run, signal: AbortSignal.any([signal, options.run.signal]) };
  await using started = new AsyncDisposableStack();
  started.defer(() => tearDown(system, run, options));
  try {
    await system.setUp?.(run);
  } catch (error) {
    throw new SystemUnusable(
      `setUp() threw: ${messageOf(error)}. Nothing was started. See that what it connects to runs.`,
      { cause: error },
    );
  }
  const effects = started.use(await EffectPolling.open({ ...options, run }));
  const leader = system.leader && new LeaderPolling(system, run, options);
  if (leader) started.defer(() => leader.done);
  started.defer(() => over.abort());
  const all = started.move();
  return {
    effects,
    queue: systemQueue(system, run),
    openEnqueuer: () => systemEnqueuer({ system, run, onFailure, timers }),
    signOf: (node) => system.ready && readySign(system, node, run, timers),
    leaderTold: leader && (() => leader.name),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function tearDown(
  system: System,
  run: SystemRun,
  { note }: Pick<SystemStageOptions, 'note'>,
): Promise<void> {
  try {
    await system.tearDown?.(run);
  } catch (error) {
    // The run is over: this is no reason to lose what it came to.
    note('tearDown', `tearDown() threw: ${messageOf(error)}`);
  }
}

/** Asks a system again and again who leads. What fails leaves it unknown. */
class LeaderPolling {
  name: string | undefined;
  readonly done: Promise<void>;

  constructor(system: System, run: SystemRun, { timers, note }: SystemStageOptions) {
    this.done = this.#follow(system, run, timers, note);
  }

  async #follow(
    system: System,
    run: SystemRun,
    timers: Timers,
    note: SystemStageOptions['note'],
  ): Promise<void> {
    while (!run.signal.aborted) {
      try {
        this.name = await system.leader?.(run);
      } catch (error) {
        this.name = undefined;
        note('leader', `leader() threw, so nobody was known to lead: ${messageOf(error)}`);
      }
      await sleep(timers, ASK_MS, run.signal);
    }
  }
}

/** Asks until the node is ready, or everything is over. */
function readySign(system: System, node: StartingNode, run: SystemRun, timers: Timers): SignOfLife {
  let lastError = '';
  const ask = async (): Promise<void> => {
    while (!run.signal.aborted) {
      try {
        if ((await system.ready?.(node, run)) === true) return;
        lastError = '';
      } catch (error) {
        lastError = ` It threw: ${messageOf(error)}.`;
      }
      await sleep(timers, ASK_MS, run.signal);
    }
    // Never ready: whoever waits for it has gone.
    return new Promise(() => undefined);
  };
  return {
    seen: ask(),
    missing: 'was not ready by what ready() of the system says',
    get advice() {
      return `ready() is asked every ${ASK_MS} ms and must answer true.${lastError}`;
    },
    alone: true,
  };
}
