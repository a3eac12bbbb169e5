import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';
import { runResultSchema } from 'understudy';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { aPlace, type Place } from '../e2e/command.ts';
import { whyNoEngine } from './compose-project.test-support.ts';

// The image of the services as it is shipped, started by testcontainers, and judged by the checkers.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REDIS_IMAGE = process.env.REDIS_IMAGE ?? 'redis:7.4.2-bookworm';
const NODE_IMAGE = process.env.NODE_IMAGE ?? 'node:24.21.0-bookworm-slim';
const GROUP = 'in-testcontainers';
const NODES = ['active-1', 'active-2', 'active-3'];

const missing = await whyNoEngine();
const project = `understudytest${randomBytes(4).toString('hex')}`;
const started: StartedTestContainer[] = [];
let network: StartedNetwork | undefined;
let place: Place;

const labels = (service: string, more: Record<string, string>): Record<string, string> => ({
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
  ...more,
});

beforeAll(async () => {
  place = await aPlace();
  if (missing !== undefined) return;
  const image = await GenericContainer.fromDockerfile(ROOT, 'services/Dockerfile')
    .withBuildArgs({ NODE_IMAGE })
    .build(`${project}:local`, { deleteOnExit: true });
  network = await new Network().start();
  started.push(
    await new GenericContainer(REDIS_IMAGE)
      .withCommand(['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no'])
      .withExposedPorts(6379)
      .withNetwork(network)
      .withNetworkAliases('redis')
      .withLabels(labels('redis', { 'understudy.role': 'redis' }))
      .start(),
  );
  for (const node of NODES) {
    started.push(
      await image
        .withEnvironment({
          REDIS_URL: 'redis://redis:6379',
          UNDERSTUDY_GROUP: GROUP,
          UNDERSTUDY_MODE: 'active-active',
          UNDERSTUDY_NODE_ID: node,
          UNDERSTUDY_HANDLER_MS: '20',
          UNDERSTUDY_LOCK_DURATION_MS: '3000',
        })
        .withNetwork(network)
        .withLabels(
          labels(node, {
            'understudy.role': 'worker',
            'understudy.group': GROUP,
            'understudy.mode': 'active-active',
            'understudy.node': node,
          }),
        )
        .withWaitStrategy(Wait.forLogMessage(/"event":"ready"/))
        .start(),
    );
  }
});

afterAll(async () => {
  await Promise.all(started.map((container) => container.stop()));
  await network?.stop();
  await place[Symbol.asyncDispose]();
});

test('jobs take effect exactly once in containers of the shipped image, one of which is killed', async (context: TestContext) => {
  if (missing !== undefined) return context.skip(missing);
  const { stdout, stderr } = await place.understudy([
    ...['run', 'kill-any', '--driver', 'docker', '--project', project, '--group', GROUP],
    ...['--jobs', '300', '--rate', '60', '--reporter', 'json', '--quiet'],
  ]);
  const result = runResultSchema.parse(JSON.parse(stdout || JSON.stringify(stderr)));
  expect(result.counts).toMatchObject({ accepted: 300, ok: 300, lost: 0, duplicated: 0 });
  const verdicts = new Map(result.checkers.map(({ checker, verdict }) => [checker, verdict]));
  expect(verdicts.get('outcome')).toBe('pass');
  expect(verdicts.get('landed')).toBe('pass');
  expect(result.faults.every(({ evidence }) => /exit code 137/.test(evidence))).toBe(true);
  return undefined;
});
