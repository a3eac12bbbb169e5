import { join } from 'node:path';
import { groupKeys } from '@understudy/redis';
import { type Fleet, startFleet } from '../drivers/fleet.ts';
import { type LabRedis, startPrivateRedis, useRedis } from '../drivers/redis-servers.ts';
import { InsideChannel } from '../inside/channel.ts';
import { EffectLog } from '../workload/effect-log.ts';
import { QueueContents } from '../workload/queue-contents.ts';
import { makeLinks } from './links.ts';
import { nodeEnvironment, type NodeSurroundings, QUEUE } from './node-environment.ts';
import { RUN_FILES } from './run-directory.ts';
import { groupKeyPrefix, type Stage, type StageOptions } from './stage.ts';

/**
 * Attaches to the containers given; else starts everything: Redis, then the proxies where there are
 * any, then the fleet and whoever watches it. The nodes are not ready yet.
 * @throws {UnderstudyError} when it cannot; then nothing is left running
 */
export async function setUpStage(options: StageOptions): Promise<Stage> {
  if (!options.containers) return startProcesses(options);
  // What drives containers is loaded when there are any.
  const { setUpComposeStage } = await import('./compose-stage.ts');
  const { settings, proxied } = options.plan;
  const proxies = proxied ? { seed: settings.seed } : undefined;
  return setUpComposeStage(options.containers, { ...options, proxies });
}

async function startProcesses(options: StageOptions): Promise<Stage> {
  const { plan, run, root, directory, environment, journal, record, timers } = options;
  const { settings } = plan;
  const keys = groupKeys(run);
  await using started = new AsyncDisposableStack();
  const redis = started.use(await openRedis(options));
  const at = { url: redis.dataUrl, queue: QUEUE, prefix: keys.queuePrefix };
  const queue = started.use(new QueueContents({ ...at, group: run }));
  const effectLog = started.use(
    new EffectLog({ url: redis.dataUrl, stream: keys.effects, record, timers }),
  );
  const inside = started.use(
    await InsideChannel.open({ newId: options.newId, clock: options.clock, timers }),
  );
  const { onFailure } = options;
  const links = started.use(
    await makeLinks({ plan, servers: redis, root, directory, journal, timers, onFailure }),
  );
  const around = (node: string): NodeSurroundings => ({
    ...links.serversOf(node),
    metricsPort: options.metricsPortOf(node),
    inside: (nodeOptions) => inside.environment(nodeOptions),
  });
  const launch = (): Fleet =>
    startFleet({
      names: plan.nodes,
      command: settings.workerCommand,
      environmentOf: (node, incarnation) =>
        nodeEnvironment(
          environment,
          settings,
          around(node),
          { root, group: run },
          node,
          incarnation,
        ),
      inside,
      respawnAfterMs: settings.respawnAfterMs,
      logDirectory: join(directory, RUN_FILES.logs),
      journal,
      record,
      clock: options.clock,
      timers,
      newId: options.newId,
    });
  const fleet = started.use(launch());
  const all = started.move();
  return {
    redis,
    fleet,
    arena: {
      nodes: fleet.nodes,
      linkOf: links.linkOf,
      serverOf: (name) => redis.servers.find((server) => server.name === name),
    },
    effectLog,
    queue,
    target: at,
    startNodesAgain: () => all.use(launch()),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The servers of the user's own, or private ones. */
function openRedis(options: StageOptions): Promise<LabRedis> {
  const { plan, run, root, directory, environment, journal, clock, timers } = options;
  if (options.redis) return useRedis(options.redis, groupKeyPrefix(run), timers);
  return startPrivateRedis({
    root,
    directory,
    lockNodes: plan.servers.length - 1,
    persistence: plan.settings.persistence,
    environment,
    journal,
    clock,
    timers,
  });
}
