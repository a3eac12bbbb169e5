import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@understudy/redis';
import { type Clock, sleep, type Timers } from '@understudy/runtime';
import { z } from 'zod';
import { PrometheusUnfit } from '../errors.ts';
import { describeExit } from './exit.ts';
import { waysToPrometheus } from './fit-prometheus.ts';
import { startGated } from './gated-process.ts';
import { ProcessGroup } from './process-group.ts';
import type { UndoJournal } from './undo-journal.ts';

/** One process that Prometheus reads. */
export interface ScrapeTarget {
  /** `workers`, `lab`. */
  readonly job: string;
  /** Of the loopback interface. */
  readonly port: number;
  /** Labels of what Prometheus says of it itself (`up`). */
  readonly labels: Readonly<Record<string, string>>;
}

/** What it takes to start a Prometheus of a run's own. */
export interface PrometheusOptions {
  executable: string;
  /** The run directory; the server's data is in a folder of it as long as it runs. */
  directory: string;
  logPath: string;
  targets: readonly ScrapeTarget[];
  /** Files of rules. */
  rules: readonly string[];
  journal: UndoJournal;
  clock: Clock;
  timers: Timers;
}

/** A Prometheus that runs. Disposing ends it and removes its data. */
export interface PrometheusServer extends AsyncDisposable {
  readonly url: string;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const ASK_EVERY_MS = 50;
const LOG_END_CHARACTERS = 600;

/**
 * Starts a Prometheus that scrapes `targets` once a second, and waits until it has looked at each of them.
 * @throws {PrometheusUnfit} when it does not start, with what it printed
 */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const { directory, executable, logPath, journal, clock, timers } = options;
  const home = join(directory, 'prometheus');
  mkdirSync(home, { recursive: true });
  const config = join(home, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configuration(options), null, 2));
  const port = await freePort();
  const { pid, startTime, exited } = startGated({
    what: 'prometheus',
    command: [
      ...[executable, `--config.file=${config}`, `--storage.tsdb.path=${join(home, 'data')}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    ],
    ...{ logPath, journal },
    output: 'log',
    input: 'none',
    failure: (why) => new PrometheusUnfit(why),
  });
  const group = new ProcessGroup({ pid, startTime, exited, clock, timers });
  const dispose = async (): Promise<void> => {
    group.signal('SIGTERM');
    if (!(await group.exitWithin(STOP_LIMIT_MS))) group.signal('SIGKILL');
    await group.exited;
    rmSync(home, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  if (await ready(url, group, options)) return { url, [Symbol.asyncDispose]: dispose };
  const how = group.exit
    ? describeExit(group.exit)
    : `was not ready within ${START_LIMIT_MS / 1000} s`;
  await dispose();
  throw new PrometheusUnfit(`${executable} ${how}: ${endOf(logPath)}. ${waysToPrometheus()}`);
}

function configuration({ targets, rules }: PrometheusOptions): object {
  const jobs = [...new Set(targets.map(({ job }) => job))];
  return {
    // Below the interval: a paused node is absent from the next sample on.
    global: { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' },
    rule_files: rules.filter((path) => existsSync(path)),
    scrape_configs: jobs.map((job) => ({
      job_name: job,
      honor_labels: true,
      static_configs: targets
        .filter((target) => target.job === job)
        .map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
    })),
  };
}

/**
 * Waits until it answers and has looked at every target once, whether somebody was there or not. It
 * hands new targets on every five seconds only: what happens before that it would never have seen.
 */
async function ready(
  url: string,
  group: ProcessGroup,
  { clock, timers, targets }: PrometheusOptions,
): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + START_LIMIT_MS;
  while (!group.exit && clock.monotonicMs() < deadlineMs) {
    if ((await scraped(url)) >= targets.length) return true;
    await sleep(timers, ASK_EVERY_MS);
  }
  return false;
}

const targetsAnswer = z.object({
  data: z.object({ activeTargets: z.array(z.object({ health: z.string() })) }),
});

/** How many targets it has looked at; 0 where it does not answer yet. */
async function scraped(url: string): Promise<number> {
  try {
    const response = await fetch(`${url}/api/v1/targets?state=active`);
    const { data } = targetsAnswer.parse(await response.json());
    return data.activeTargets.filter(({ health }) => health !== 'unknown').length;
  } catch {
    return 0;
  }
}

function endOf(logPath: string): string {
  const text = readFileSync(logPath, 'utf8').trim();
  return text === '' ? 'it printed nothing' : text.slice(-LOG_END_CHARACTERS);
}
