import { type Clock, messageOf, type NewId, sleep, type Timers } from '@understudy/runtime';
import { type ComposeGroup, readComposeGroups } from '../drivers/docker/compose-project.ts';
import { openEngine } from '../drivers/docker/docker-engine.ts';
import { DockerEngineUnfit, FaultNotPossible } from '../errors.ts';
import { faultByHand } from '../runner/fault-by-hand.ts';
import { type Compose, openCompose } from './compose.ts';
import { type LabPage, serveLabPage } from './lab-page.ts';

/** What it takes to show failovers until somebody has seen enough. */
export interface ObserveOptions {
  /** The compose file, and the project that it becomes. */
  readonly file: string;
  readonly project: string;
  /** The directory that holds `.understudy`. */
  readonly root: string;
  /** Leaves Grafana out: Prometheus alone shows everything, less beautifully. */
  readonly withoutGrafana: boolean;
  /** From one failover to the next, in ms. */
  readonly everyMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends it: everything that was started is taken down. */
  readonly signal: AbortSignal;
  say(text: string): void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly newId: NewId;
}

/** A scrape a second must show that a node is down, and for longer than a glance. */
const DOWN_FOR = '10s';
const HEALTH_LIMIT_MS = 180_000;
const LOOK_MS = 1000;
const GRAFANA = 'grafana';
/** Of what compose prints: what takes long, and not every step of a build. */
const WORTH_SAYING = /^ *(Pulling|Building|Image|Network|Volume) /;

/**
 * Brings the project up, waits until all of it is healthy, and kills the leader of each group again
 * and again (where nobody leads, whoever has most in hand) until `signal` aborts. What it started it
 * takes down; a project that ran before is left as it was.
 * @throws {DockerEngineUnfit} @throws {ComposeProjectUnfit} @throws {MetricsNotServed}
 */
export async function observe(options: ObserveOptions): Promise<void> {
  const { file, project, environment, signal, say, timers } = options;
  const engine = await openEngine();
  const compose = await openCompose({
    ...{ file, project, environment },
    say: (line) => {
      if (WORTH_SAYING.test(line)) say(`compose: ${line.trim()}`);
    },
  });
  const ranBefore = (await compose.statuses()).some(({ status }) => status.startsWith('Up'));
  await using started = new AsyncDisposableStack();
  if (ranBefore) say(`the project ${project} runs already: it is left running at the end`);
  else started.defer(() => takeDown(compose, say));
  const services = await servicesFor(compose, options);
  say(`bringing up ${services.join(', ')} …`);
  await compose.up(services);
  await healthy(compose, services, options);
  const groups = await readComposeGroups(engine, project);
  const page = started.use(await serveLabPage(groups, [{ fault: 'kill', target: 'leader' }]));
  for (const line of addresses(options, page)) say(line);
  for (let turn = 0; !signal.aborted; turn++) {
    const group = groups[turn % groups.length];
    if (group) await failover(group, page, { ...options, engine });
    await sleep(timers, options.everyMs, signal);
  }
}

async function takeDown(compose: Compose, say: (text: string) => void): Promise<void> {
  say('taking everything down …');
  await compose.down();
  say('nothing of it is left');
}

async function servicesFor(
  compose: Compose,
  { withoutGrafana }: ObserveOptions,
): Promise<readonly string[]> {
  const services = await compose.services();
  return withoutGrafana ? services.filter((service) => service !== GRAFANA) : services;
}

/** Waits until every service says that it is well. @throws {DockerEngineUnfit} naming who is not */
async function healthy(
  compose: Compose,
  services: readonly string[],
  { signal, say, clock, timers }: ObserveOptions,
): Promise<void> {
  const sinceMs = clock.monotonicMs();
  let told = '';
  while (!signal.aborted) {
    const statuses = await compose.statuses();
    const waiting = services.filter(
      (service) =>
        !statuses.some((one) => one.service === service && one.status.includes('(healthy)')),
    );
    const elapsedMs = clock.monotonicMs() - sinceMs;
    if (waiting.length === 0) {
      say(`all ${services.length} services are healthy after ${Math.round(elapsedMs / 1000)} s`);
      return;
    }
    if (elapsedMs > HEALTH_LIMIT_MS) {
      throw new DockerEngineUnfit(
        `${waiting.join(', ')} did not become healthy within ${HEALTH_LIMIT_MS / 1000} s. See \`${compose.logsCommand(waiting[0] ?? '')}\`.`,
      );
    }
    if (waiting.join() !== told) say(`waiting for ${waiting.join(', ')}`);
    told = waiting.join();
    await sleep(timers, LOOK_MS, signal);
  }
}

function addresses({ withoutGrafana, environment }: ObserveOptions, page: LabPage): string[] {
  const grafana = `http://127.0.0.1:${environment.GRAFANA_PORT ?? '3000'}/d/understudy`;
  const prometheus = `http://127.0.0.1:${environment.PROMETHEUS_PORT ?? '9090'}`;
  return [
    ...(withoutGrafana ? [] : [`Grafana:    ${grafana}`]),
    `Prometheus: ${prometheus}/graph?g0.expr=max%20by%20(node)%20(understudy_node_state)&g0.tab=0`,
    `faults:     ${page.address}`,
    'Ctrl-C takes all of it down.',
  ];
}

/** Kills who leads a group, and starts it again. A fleet that has nobody to hit gets a turn later. */
async function failover(
  group: ComposeGroup,
  page: LabPage,
  options: ObserveOptions & { readonly engine: Awaited<ReturnType<typeof openEngine>> },
): Promise<void> {
  const { engine, root, signal, say, clock, timers, newId } = options;
  const metrics = page.of(group.group);
  const fault = { fault: 'kill', target: 'leader' } as const;
  metrics.faultInjected(fault.fault, fault.target);
  try {
    await faultByHand({
      ...fault,
      parameters: { restartAfter: DOWN_FOR },
      containers: { engine, group },
      ...{ root, signal, clock, timers, newId },
      say: (text) => say(`${group.group}: ${text}`),
    });
  } catch (error) {
    if (!(error instanceof FaultNotPossible)) throw error;
    say(`${group.group}: ${messageOf(error)}`);
  } finally {
    metrics.faultHealed(fault.fault, fault.target);
  }
}
