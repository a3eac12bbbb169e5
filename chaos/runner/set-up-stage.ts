import { join } from 'node:path';
import { type Fleet, type Launch, startFleet } from '../drivers/fleet.ts';
import { type LabRedis, startPrivateRedis, useRedis } from '../drivers/redis-servers.ts';
import { InsideChannel } from '../inside/channel.ts';
import { jobsOnStage } from './jobs-on-stage.ts';
import { makeLinks } from './links.ts';
import { launchPlan } from './launch-plan.ts';
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
  const { plan, root, directory, journal, record, timers } = options;
  const { settings } = plan;
  await using started = new AsyncDisposableStack();
  const redis = started.use(await openRedis(options));
  const jobs = started.use(await jobsOnStage(options, redis.dataUrl));
  const inside = started.use(
    await InsideChannel.open({ newId: options.newId, clock: options.clock, timers }),
  );
  const { onFailure } = options;
  const links = started.use(
    await makeLinks({ plan, servers: redis, root, directory, journal, timers, onFailure }),
  );
  const launching = launchPlan(options, { links, inside, jobs });
  const launch = (): Fleet =>
    startFleet({
      names: plan.nodes,
      launchOf: (node, incarnation): Launch => launching.launchOf(node, incarnation),
      inside,
      respawnAfterMs: settings.respawnAfterMs,
      logDirectory: join(directory, RUN_FILES.logs),
      journal,
      record,
      onMalformed: (node, line, fault) =>
        options.note(
          `malformed ${node}`,
          `${node} printed a line that begins with @understudy and is not of the form, which was passed over: ${line} (${fault})`,
        ),
      nudge: () => options.nudge(),
      clock: options.clock,
      timers,
      newId: options.newId,
    });
  const fleet = started.use(launch());
  const all = started.move();
  const { effects, queue, leaderTold } = jobs;
  return {
    redis,
    fleet,
    arena: {
      nodes: fleet.nodes,
      linkOf: links.linkOf,
      serverOf: (name) => redis.servers.find((server) => server.name === name),
      ...(leaderTold ? { leaderTold } : {}),
    },
    effects,
    queue,
    openEnqueuer: () => jobs.openEnqueuer(),
    ...(launching.withoutTraffic ? { withoutTraffic: launching.withoutTraffic } : {}),
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
