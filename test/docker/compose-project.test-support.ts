import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '@understudy/redis';
import { messageOf } from '@understudy/runtime';
import Docker from 'dockerode';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const REDIS_IMAGE = process.env.REDIS_IMAGE ?? 'redis:7.4.2-bookworm';
const NODE_IMAGE = process.env.NODE_IMAGE ?? 'node:24.21.0-bookworm-slim';

/** The groups of the project below, and the nodes in each. */
const GROUPS = {
  'test-passive': { mode: 'active-passive', nodes: ['passive-1', 'passive-2', 'passive-3'] },
  'test-active': { mode: 'active-active', nodes: ['active-1', 'active-2'] },
} as const;
type Group = keyof typeof GROUPS;

/** A fleet in containers, made as compose makes it. Disposing removes all of it. */
export interface TestProject extends AsyncDisposable {
  readonly name: string;
  /** A container by its service. */
  container(service: string): Docker.Container;
  /** Whether it runs, is paused, and in how many networks it is. */
  stateOf(service: string): Promise<{ running: boolean; paused: boolean; networks: number }>;
}

/** Why there is nothing to test with; undefined when an engine answers. */
export async function whyNoEngine(): Promise<string | undefined> {
  // Then a lack is a failure of each test, and not a reason to leave it out.
  if (process.env.UNDERSTUDY_CONTAINERS === 'demanded') return undefined;
  try {
    await new Docker().ping();
    return undefined;
  } catch (error) {
    return `no Docker engine answers: ${messageOf(error)}`;
  }
}

/**
 * Starts Redis, three lock nodes, a producer of other people's jobs, three workers of which one
 * leads and two that share the work, all with the labels that compose and docker-compose.yml give.
 * Workers run this repository's source. It does not wait until they are ready.
 */
export async function startProject(groups: readonly Group[]): Promise<TestProject> {
  const docker = new Docker();
  for (const [variable, image] of Object.entries({ REDIS_IMAGE, NODE_IMAGE })) {
    await docker
      .getImage(image)
      .inspect()
      .catch((error: unknown) => {
        throw new TypeError(
          `the image ${image} is not here (${messageOf(error)}): pull it, or name another in ${variable}`,
        );
      });
  }
  const name = `understudytest${randomBytes(4).toString('hex')}`;
  const made = new Map<string, Docker.Container>();
  const networks: Docker.Network[] = [];
  const project: TestProject = {
    name,
    container(service) {
      const found = made.get(service);
      if (!found) throw new TypeError(`there is no service ${service}`);
      return found;
    },
    async stateOf(service) {
      const { State, NetworkSettings } = await project.container(service).inspect();
      const { Running: running, Paused: paused } = State;
      return { running, paused, networks: Object.keys(NetworkSettings.Networks).length };
    },
    async [Symbol.asyncDispose]() {
      // One after the other: an engine that removes many at once may lose count of who is in a network
      // (moby/moby#42119), which then cannot be removed until it is started anew.
      for (const container of made.values()) await container.remove({ force: true, v: true });
      for (const network of networks) await network.remove();
    },
  };
  const labelled = (labels: Record<string, string>): Record<string, string> => ({
    'com.docker.compose.project': name,
    ...labels,
  });
  const make = async (
    service: string,
    labels: Record<string, string>,
    options: Docker.ContainerCreateOptions,
  ): Promise<void> => {
    const container = await docker.createContainer({
      name: `${name}_${service}_1`,
      Labels: labelled({ 'com.docker.compose.service': service, ...labels }),
      ...options,
      NetworkingConfig: { EndpointsConfig: { [`${name}_redis`]: { Aliases: [service] } } },
    });
    made.set(service, container);
    // Not by the options: engines before 25 take one network there.
    if (labels['understudy.role'] === 'worker') {
      await docker.getNetwork(`${name}_metrics`).connect({ Container: container.id });
    }
    await container.start();
  };
  const redis = async (service: string, role: string): Promise<void> => {
    const port = String(await freePort());
    await make(
      service,
      { 'understudy.role': role },
      {
        Image: REDIS_IMAGE,
        Cmd: ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--appendonly', 'yes'],
        ExposedPorts: { '6379/tcp': {} },
        HostConfig: { PortBindings: { '6379/tcp': [{ HostIp: '127.0.0.1', HostPort: port }] } },
      },
    );
  };
  const ours = (service: string, role: string, main: string, group: Group, env: object) => {
    const { mode } = GROUPS[group];
    const node: Record<string, string> = role === 'worker' ? { 'understudy.node': service } : {};
    return make(
      service,
      { 'understudy.role': role, 'understudy.group': group, 'understudy.mode': mode, ...node },
      {
        Image: NODE_IMAGE,
        Cmd: ['node', main],
        WorkingDir: ROOT,
        Env: Object.entries({
          REDIS_URL: 'redis://redis:6379',
          UNDERSTUDY_GROUP: group,
          ...env,
        }).map(([key, value]) => `${key}=${value}`),
        HostConfig: { Binds: [`${ROOT}:${ROOT}:ro`], Init: false },
      },
    );
  };
  try {
    for (const part of ['redis', 'metrics']) {
      const Labels = labelled({ 'com.docker.compose.network': part });
      networks.push(await docker.createNetwork({ Name: `${name}_${part}`, Labels }));
    }
    const locks = ['lock-1', 'lock-2', 'lock-3'];
    await redis('redis', 'redis');
    for (const lock of locks) await redis(lock, 'lock');
    for (const group of groups) {
      const { mode, nodes } = GROUPS[group];
      for (const node of nodes) {
        await ours(node, 'worker', 'services/worker/src/main.ts', group, {
          LOCK_REDIS_URLS: locks.map((lock) => `redis://${lock}:6379`).join(','),
          UNDERSTUDY_NODE_ID: node,
          UNDERSTUDY_MODE: mode,
          UNDERSTUDY_HANDLER_MS: 20,
          UNDERSTUDY_LOCK_DURATION_MS: 3000,
        });
      }
      await ours(`producer-${mode}`, 'producer', 'services/producer/src/main.ts', group, {
        UNDERSTUDY_INPUT: 'examples/payments.ndjson',
        UNDERSTUDY_ROUNDS: 'forever',
        UNDERSTUDY_RATE: 20,
      });
    }
    return project;
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
}
