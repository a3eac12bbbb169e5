import { systemClock, systemTimers } from '@understudy/runtime';
import { formatMs } from '../report/figures.ts';
import { modeLabel } from '../report/outcome.ts';
import type { RunResult } from '../report/result.ts';
import { laneWords, verdictWord } from '../report/verdict-words.ts';
import { runExperiment } from '../runner/run-experiment.ts';
import type { FinishedRun, KeptFleet } from '../runner/run-options.ts';
import type { WatchRequest } from '../runner/watch-run.ts';
import { type Display, displayFor } from './display.ts';
import { holdFleet } from './hold.ts';
import { interruption } from './interruption.ts';
import { redisOf, type RunRequest } from './requests.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import type { Terminal } from './terminal.ts';

/** What a session needs to know of the options. */
type SessionFlags = Pick<
  RunFlags,
  'reporter' | 'quiet' | 'redis' | 'lockRedis' | 'keep' | 'prometheus' | 'serveMetrics'
>;

/**
 * Makes the runs in their order, `atOnce` of them at a time, showing each while it goes on, until all
 * are made or the person at the terminal interrupts. `onRun` is told of each as it ends.
 * @returns the runs that were begun, in the order of the requests
 * @throws {UnderstudyError} when a run could not be made; no other goes on then
 */
export async function makeRuns(
  requests: readonly RunRequest[],
  flags: SessionFlags,
  terminal: Terminal,
  onRun: (run: FinishedRun) => void = () => undefined,
  atOnce = 1,
): Promise<readonly FinishedRun[]> {
  const display = displayFor(
    { terminal, clock: systemClock, timers: systemTimers },
    { quiet: flags.quiet ?? false, reporter: flags.reporter },
  );
  using interrupted = interruption((text) => display.say(text), systemClock);
  const failure = new AbortController();
  const signal = AbortSignal.any([interrupted.signal, failure.signal]);
  const runs: FinishedRun[] = [];
  const waiting = requests.entries();
  const makeSome = async (): Promise<void> => {
    // All draw from the same entries, so that each run is made once.
    for (const [index, request] of waiting) {
      if (signal.aborted) return;
      const run = await makeRun(request, { flags, terminal, display, signal });
      runs[index] = run;
      onRun(run);
    }
  };
  const makers = Array.from({ length: atOnce }, () =>
    makeSome().catch((error: unknown) => {
      failure.abort(error);
    }),
  );
  await Promise.all(makers);
  if (failure.signal.aborted) throw failure.signal.reason;
  return runs;
}

/** What a run is made with. */
interface Session {
  readonly flags: SessionFlags;
  readonly terminal: Terminal;
  readonly display: Display;
  readonly signal: AbortSignal;
}

async function makeRun(
  request: RunRequest,
  { flags, terminal, display, signal }: Session,
): Promise<FinishedRun> {
  const { experiment, settings } = request;
  const redis = redisOf(flags);
  const keep = (kept: KeptFleet): Promise<void> =>
    holdFleet(kept, { input: terminal.stdin, say: (text) => display.say(text), signal });
  const without = withoutTold(settings.sabotage);
  const name = [`${experiment.name}${without}`, ...laneWords(settings.lane)].join(' · ');
  const { mode, jobs } = settings;
  const shown = display.begin({ experiment: name, mode, total: jobs.length });
  let summary = `${name} · ${modeLabel(mode)}: the run could not be made`;
  try {
    const run = await runExperiment({
      ...{ ...request, onEvent: shown.observe, signal },
      root: findRoot(terminal.cwd),
      environment: terminal.environment,
      ...(redis === undefined ? {} : { redis }),
      ...(flags.keep === true ? { keep } : {}),
      ...watchAsked(flags),
    });
    summary = summaryOf(run.result, without);
    return run;
  } finally {
    shown.finish(summary);
  }
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
  { experiment, mode, lane, seed, status, durationMs, takeovers }: RunResult,
  without: string,
): string {
  const took = takeovers.map(({ cause, ms }) => `${cause} ${formatMs(ms)}`).join(', ');
  const words = [`${experiment}${without}`, modeLabel(mode), ...laneWords(lane), `seed ${seed}`];
  return `${words.join(' · ')}: ${verdictWord(status)} in ${formatMs(durationMs)}${took === '' ? '' : ` (takeovers: ${took})`}`;
}
