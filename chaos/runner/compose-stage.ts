import { join } from 'node:path';
import { commandConnection } from '@understudy/redis';
import { attachFleet } from '../drivers/docker/container-fleet.ts';
import { ContainerHand } from '../drivers/docker/container-hand.ts';
import { ContainerRedis } from '../drivers/docker/container-redis.ts';
import {
  type ComposeGroup,
  demandRunning,
  readComposeGroups,
} from '../drivers/docker/compose-project.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import { watchEvents } from '../drivers/docker/event-watch.ts';
import { WATCHER_PREFIX } from '../drivers/faulty-redis.ts';
import { demandFitRedis } from '../drivers/redis-fitness.ts';
import { ComposeProjectUnfit } from '../errors.ts';
import { bullmqEnqueuer } from '../workload/bullmq-enqueuer.ts';
import { EffectLog, type LogEnd, logEnd } from '../workload/effect-log.ts';
import { type OwnJobs, ownJobs } from '../workload/own-jobs.ts';
import { QueueContents } from '../workload/queue-contents.ts';
import { type ComposeLinksOptions, openComposeLinks } from './compose-links.ts';
import type { Containers } from './containers.ts';
import { RUN_FILES } from './run-directory.ts';
import type { Stage, StageOptions } from './stage.ts';

/** What of a stage's options an attachment to containers needs. */
export type ComposeStageOptions = Pick<
  StageOptions,
  'run' | 'directory' | 'journal' | 'record' | 'onFailure' | 'clock' | 'timers'
> & {
  /** Whose jobs are looked at. Default: the run's own. */
  readonly jobs?: Pick<OwnJobs, 'isOwn'>;
  readonly proxies: ComposeLinksOptions['proxies'];
};

/**
 * Attaches to a group of a compose project: nothing is started. Disposing takes back what faults
 * have done, and leaves the project running.
 * @throws {UnderstudyError} when it cannot; then everything is as it was
 */
export async function setUpComposeStage(
  { engine, group: asRead }: Containers,
  options: ComposeStageOptions,
): Promise<Stage> {
  const { run, directory, journal, record, onFailure, clock, timers } = options;
  // What a lab that died had left has been taken back since the group was read.
  const group = await readAgain(engine, asRead);
  demandRunning(group);
  const { project, servers: found, queue: queueName, prefix, effects: stream } = group;
  const data = found[0]?.url ?? '';
  const { version } = await demandFitRedis(data, timers);
  await using started = new AsyncDisposableStack();
  const own = options.jobs ?? ownJobs(run);
  const events = started.use(await watchEvents(engine, onFailure));
  const servers = found.map((server) => {
    const what = `redis ${server.name}`;
    const { container } = server;
    const hand = new ContainerHand({ engine, container, what, project, journal, timers });
    return started.use(new ContainerRedis({ server, hand, events, clock, timers }));
  });
  const at = { url: data, queue: queueName, prefix };
  const queue = started.use(new QueueContents({ ...at, group: group.group, isOwn: own.isOwn }));
  const shared = { from: await logEndAt(data, stream), isOwn: own.isOwn };
  const effects = started.use(new EffectLog({ url: data, stream, record, shared, timers }));
  const nodes = group.nodes.map(({ name, container }) => ({
    name,
    hand: new ContainerHand({ engine, container, what: name, project, journal, timers }),
  }));
  const handOf = (node: string): ContainerHand | undefined =>
    nodes.find(({ name }) => name === node)?.hand;
  const { proxies } = options;
  const around = { engine, group, handOf, servers, journal, onFailure, clock, timers };
  const links = started.use(await openComposeLinks({ ...around, proxies }));
  const logDirectory = join(directory, RUN_FILES.logs);
  const { isOwn } = own;
  const fleet = started.use(
    await attachFleet({ engine, nodes, events, logDirectory, isOwn, record, clock, timers }),
  );
  const all = started.move();
  return {
    redis: {
      dataUrl: data,
      lockUrls: found.slice(1).map(({ url }) => url),
      version,
      servers,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    fleet,
    arena: {
      nodes: fleet.nodes,
      linkOf(node) {
        const process = fleet.nodes.find(({ name }) => name === node)?.process;
        return process && links.linkOf(node, process);
      },
      serverOf: (name) => servers.find((server) => server.name === name),
    },
    effects,
    queue,
    openEnqueuer: () => bullmqEnqueuer({ ...at, forget: true }),
    startNodesAgain: () => fleet,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function readAgain(engine: Engine, { project, group }: ComposeGroup): Promise<ComposeGroup> {
  const groups = await readComposeGroups(engine, project);
  const found = groups.find((other) => other.group === group);
  if (found) return found;
  throw new ComposeProjectUnfit(`the group ${group} of the compose project ${project} is gone.`);
}

async function logEndAt(url: string, stream: string): Promise<LogEnd> {
  await using connection = commandConnection(url, { name: `${WATCHER_PREFIX}reader` });
  await connection.ready();
  return await logEnd(connection.redis, stream);
}
