import { type Mode, modeSchema } from '@understudy/history';
import { groupKeys } from '@understudy/redis';
import { messageOf } from '@understudy/runtime';
import { ComposeProjectUnfit } from '../../errors.ts';
import { isRedisTarget, type RedisTarget, ROLES } from '../../schedule/step.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { Engine } from './engine.ts';

/** The labels that compose gives to what it makes. */
export const COMPOSE_PROJECT = 'com.docker.compose.project';
const COMPOSE_SERVICE = 'com.docker.compose.service';

/** A Redis server of a project, by the name that schedules know it by. */
export interface ProjectServer {
  readonly name: RedisTarget;
  readonly container: ContainerFacts;
  /** Where it is reached from here, at its published port. */
  readonly url: string;
}

/** A node of a group. */
export interface ProjectNode {
  readonly name: string;
  readonly container: ContainerFacts;
  /** The proxy through which it reaches Redis; undefined where it connects directly. */
  readonly proxy: ContainerFacts | undefined;
}

/** A group of workers of a compose project, and what it works with. */
export interface ComposeGroup {
  readonly project: string;
  readonly group: string;
  readonly mode: Mode;
  /** By name, in its order. */
  readonly nodes: readonly ProjectNode[];
  /** `data` first, then the lock nodes where somebody leads. */
  readonly servers: readonly ProjectServer[];
  readonly queue: string;
  readonly prefix: string;
  readonly effects: string;
  /** What its workers were started with. */
  readonly settings: {
    readonly ttlMs: number;
    readonly pollMs: number;
    readonly lockDurationMs: number;
    readonly concurrency: number;
    readonly handlerMs: number;
    readonly presence: boolean;
  };
}

/**
 * The groups of workers in a compose project. Containers of others are not even looked at.
 * @throws {ComposeProjectUnfit} when there is no such project, or it is none of Understudy's
 */
export async function readComposeGroups(
  engine: Engine,
  project: string,
): Promise<readonly ComposeGroup[]> {
  const listed = await engine.list(project);
  if (listed.length === 0) {
    const others = [...new Set((await engine.list()).map((other) => other.project))].sort();
    const known = others.length === 0 ? 'there is none' : `there are ${others.join(', ')}`;
    throw new ComposeProjectUnfit(
      `there are no containers of a compose project ${project} (of compose projects ${known}). Start it with \`docker compose up -d\`, or name another with --project.`,
    );
  }
  const containers = await Promise.all(listed.map(({ id }) => engine.inspect(id)));
  return groupsAmong(containers, project);
}

/**
 * The groups among the containers of a project.
 * @throws {ComposeProjectUnfit}
 */
export function groupsAmong(
  containers: readonly ContainerFacts[],
  project: string,
): readonly ComposeGroup[] {
  const own = containers.filter(({ labels }) => labels[COMPOSE_PROJECT] === project);
  const workers = own.filter(({ labels }) => labels['understudy.role'] === 'worker');
  if (workers.length === 0) {
    throw new ComposeProjectUnfit(
      `the compose project ${project} is none of Understudy's: of its ${own.length} containers none is labelled understudy.role=worker. Nothing was touched; name the project of the fleet with --project.`,
    );
  }
  const groups = [...new Set(workers.map(({ labels }) => labels['understudy.group'] ?? ''))].sort();
  return groups.map((group) => {
    const members = workers.filter(({ labels }) => (labels['understudy.group'] ?? '') === group);
    return groupOf({ project, group }, members, own);
  });
}

function groupOf(
  { project, group }: { readonly project: string; readonly group: string },
  members: readonly ContainerFacts[],
  own: readonly ContainerFacts[],
): ComposeGroup {
  const mode = modeIn(members, group);
  const lane = agreed(members, 'UNDERSTUDY_LANE') ?? 'bullmq';
  if (lane !== 'bullmq') {
    throw new ComposeProjectUnfit(
      `the workers of ${group} find their jobs on the lane ${lane} (UNDERSTUDY_LANE), and the lab enqueues in containers on bullmq alone: what it enqueued would reach nobody. Run the lane on processes: --lane ${lane} without --driver docker.`,
    );
  }
  const keys = keysOf(group);
  const number = (name: string, otherwise: number): number =>
    Math.max(...members.map((member) => Number(member.environment[name] ?? otherwise)));
  return {
    ...{ project, group, mode },
    nodes: members
      .map((container) => nodeIn(container, own))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    servers: serversIn(own, project).filter(
      ({ name }) => name === 'data' || mode === 'active-passive',
    ),
    queue: agreed(members, 'UNDERSTUDY_QUEUE') ?? 'payments',
    prefix: agreed(members, 'UNDERSTUDY_PREFIX') ?? keys.queuePrefix,
    effects: agreed(members, 'UNDERSTUDY_EFFECTS') ?? keys.effects,
    // What a worker takes where its environment does not say; see the contract of nodes.
    settings: {
      ttlMs: number('UNDERSTUDY_TTL_MS', 2000),
      pollMs: number('UNDERSTUDY_POLL_MS', 10),
      lockDurationMs: number('UNDERSTUDY_LOCK_DURATION_MS', 30_000),
      concurrency: number('UNDERSTUDY_CONCURRENCY', 10),
      handlerMs: number('UNDERSTUDY_HANDLER_MS', 0),
      presence: members.every((member) => member.environment.UNDERSTUDY_PRESENCE !== 'off'),
    },
  };
}

/** What all of some workers have in their environment under a name. */
function agreed(members: readonly ContainerFacts[], name: string): string | undefined {
  const values = [...new Set(members.map(({ environment }) => environment[name]))];
  if (values.length === 1) return values[0];
  const told = values.map((value) => value ?? 'nothing').join(', ');
  throw new ComposeProjectUnfit(
    `the workers of a group must agree on ${name}, and have ${told}: ${members.map((member) => member.name).join(', ')}.`,
  );
}

function keysOf(group: string): ReturnType<typeof groupKeys> {
  try {
    return groupKeys(group);
  } catch (error) {
    throw new ComposeProjectUnfit(
      `the label understudy.group of its workers: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

function modeIn(members: readonly ContainerFacts[], group: string): Mode {
  const modes = [...new Set(members.map(({ labels }) => labels['understudy.mode']))];
  const mode = modeSchema.safeParse(modes[0]);
  if (modes.length === 1 && mode.success) return mode.data;
  throw new ComposeProjectUnfit(
    `the workers of ${group} carry the labels understudy.mode ${modes.join(', ')}: each must carry the same, one of ${modeSchema.options.join(', ')}.`,
  );
}

function nodeName({ name, labels }: ContainerFacts): string {
  const node = labels['understudy.node'] ?? '';
  const taken = isRedisTarget(node) || (ROLES as readonly string[]).includes(node);
  if (node !== '' && !taken) return node;
  throw new ComposeProjectUnfit(
    `the container ${name} is labelled understudy.node=${node}: a node needs a name that is none of a role or of a Redis server.`,
  );
}

function nodeIn(container: ContainerFacts, own: readonly ContainerFacts[]): ProjectNode {
  const name = nodeName(container);
  const group = container.labels['understudy.group'];
  const proxies = own.filter(
    ({ labels }) =>
      labels['understudy.role'] === 'proxy' &&
      labels['understudy.node'] === name &&
      labels['understudy.group'] === group,
  );
  if (proxies.length <= 1) return { name, container, proxy: proxies[0] };
  throw new ComposeProjectUnfit(
    `the containers ${proxies.map((proxy) => proxy.name).join(' and ')} are both labelled as the proxy of ${name}: a node has one.`,
  );
}

function serversIn(own: readonly ContainerFacts[], project: string): readonly ProjectServer[] {
  const withRole = (role: string): readonly ContainerFacts[] =>
    own.filter(({ labels }) => labels['understudy.role'] === role);
  const data = withRole('redis');
  if (data.length !== 1 || !data[0]) {
    throw new ComposeProjectUnfit(
      `the compose project ${project} has ${data.length} containers labelled understudy.role=redis, and one is needed: that of queue and ledger.`,
    );
  }
  const locks = withRole('lock').map((container) => {
    const service = container.labels[COMPOSE_SERVICE] ?? '';
    if (/^lock-\d+$/.test(service)) return { name: service as RedisTarget, container };
    throw new ComposeProjectUnfit(
      `the container ${container.name} is labelled understudy.role=lock, and its service is ${service}: lock nodes are called lock-1, lock-2, …`,
    );
  });
  return [
    { name: 'data' as const, container: data[0] },
    ...locks.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  ].map((server) => ({ ...server, url: urlOf(server.container) }));
}

const REDIS_PORT = '6379/tcp';

/** Where a Redis server is reached from here. Without a published port: an address that says so. */
export function urlOf({ published }: ContainerFacts): string {
  const at = published[REDIS_PORT];
  return at ? `redis://${at.host}:${at.port}` : '';
}

/**
 * Looks whether a run can begin with the containers as they are.
 * @throws {ComposeProjectUnfit} naming each that does not run, and each Redis that is not published
 */
export function demandRunning({ project, nodes, servers }: ComposeGroup): void {
  const proxies = nodes.flatMap(({ name, proxy }) =>
    proxy ? [{ name: `the proxy of ${name}`, container: proxy }] : [],
  );
  const still = [...nodes, ...proxies, ...servers].filter(
    ({ container: { state } }) => !state.running || state.paused,
  );
  const faults = [
    ...still.map(
      ({ name, container }) => `${name} (${container.name}) is ${container.state.status}`,
    ),
    ...servers
      .filter(({ url, container }) => url === '' && container.state.running)
      .map(({ name }) => `${name} publishes no port ${REDIS_PORT} to this machine`),
  ];
  if (faults.length === 0) return;
  throw new ComposeProjectUnfit(
    `the compose project ${project} is not as a run needs it: ${faults.join('; ')}. Bring it up with \`docker compose -p ${project} up -d\`; \`understudy doctor --heal\` takes back what a lab that died has left.`,
  );
}
