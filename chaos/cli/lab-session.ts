import { systemClock, systemTimers } from '@understudy/runtime';
import { formatMs } from '../report/figures.ts';
import { modeLabel } from '../report/outcome.ts';
import type { RunResult } from '../report/result.ts';
import { verdictWord } from '../report/verdict-words.ts';
import { runExperiment } from '../runner/run-experiment.ts';
import type { FinishedRun, KeptFleet } from '../runner/run-options.ts';
import type { WatchRequest } from '../runner/watch-run.ts';
import { displayFor } from './display.ts';
import { holdFleet } from './hold.ts';
import { interruption } from './interruption.ts';
import { redisOf, type RunRequest } from './requests.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import type { Terminal } from './terminal.ts';

/**
 * Makes the runs one after another, showing each while it goes on, until all are made or the
 * person at the terminal interrupts. `onRun` is told of each as it ends.
 * @throws {UnderstudyError} when a run could not be made
 */
export async function makeRuns(
  requests: readonly RunRequest[],
  flags: Pick<
    RunFlags,
    'reporter' | 'quiet' | 'redis' | 'lockRedis' | 'keep' | 'prometheus' | 'serveMetrics'
  >,
  terminal: Terminal,
  onRun: (run: FinishedRun) => void = () => undefined,
): Promise<readonly FinishedRun[]> {
  const redis = redisOf(flags);
  const display = displayFor(
    { terminal, clock: systemClock, timers: systemTimers },
    { quiet: flags.quiet ?? false, reporter: flags.reporter },
  );
  using interrupted = interruption((text) => display.say(text), systemClock);
  const keep = (kept: KeptFleet): Promise<void> =>
    holdFleet(kept, {
      input: terminal.stdin,
      say: (text) => display.say(text),
      signal: interrupted.signal,
    });
  const runs: FinishedRun[] = [];
  for (const request of requests) {
    if (interrupted.signal.aborted) break;
    const { experiment, settings } = request;
    const { mode, jobs } = settings;
    const without = withoutTold(settings.sabotage);
    const name = `${experiment.name}${without}`;
    const onEvent = display.begin({ experiment: name, mode, total: jobs.length });
    let summary = `${name} · ${modeLabel(mode)}: the run could not be made`;
    try {
      const run = await runExperiment({
        ...{ ...request, onEvent, signal: interrupted.signal },
        root: findRoot(terminal.cwd),
        environment: terminal.environment,
        ...(redis === undefined ? {} : { redis }),
        ...(flags.keep === true ? { keep } : {}),
        ...watchAsked(flags),
      });
      summary = summaryOf(run.result, without);
      runs.push(run);
    } finally {
      display.finish(summary);
    }
    const last = runs.at(-1);
    if (last) onRun(last);
  }
  return runs;
}

/** Who is to see the metrics of the runs; nothing where nobody is. */
function watchAsked({ prometheus, serveMetrics }: Pick<RunFlags, 'prometheus' | 'serveMetrics'>): {
  watch?: WatchRequest;
} {
  if (prometheus !== true && serveMetrics === undefined) return {};
  return {
    watch: {
      ...(serveMetrics === undefined ? {} : { servePort: serveMetrics }),
      ...(prometheus === true ? { prometheus: {} } : {}),
    },
  };
}

/** Which saboteurs were at work; nothing where there were none. */
function withoutTold(sabotage: readonly string[] = []): string {
  return sabotage.length === 0 ? '' : ` (sabotage: ${sabotage.join(', ')})`;
}

/** One line about a run that is over. */
function summaryOf(
  { experiment, mode, seed, status, durationMs, takeovers }: RunResult,
  without: string,
): string {
  const took = takeovers.map(({ cause, ms }) => `${cause} ${formatMs(ms)}`).join(', ');
  return `${experiment}${without} · ${modeLabel(mode)} · seed ${seed}: ${verdictWord(status)} in ${formatMs(durationMs)}${took === '' ? '' : ` (takeovers: ${took})`}`;
}
