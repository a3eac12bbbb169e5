import type { Clock, Timers } from '@understudy/runtime';
import { createLogUpdate } from 'log-update';
import { eventLine } from '../report/event-lines.ts';
import { formatCount, formatMs } from '../report/figures.ts';
import { renderFleet } from '../report/fleet-table.ts';
import { emptyView, type FleetView, observe } from '../report/fleet-view.ts';
import { wrap } from '../report/layout.ts';
import type { LabEvent } from '../runner/events.ts';
import { canRepaint, type Output, pageOf, type Terminal } from './terminal.ts';

/** What a run is about, for the display's title and its line of progress. */
export interface AboutRun {
  readonly experiment: string;
  readonly mode: string;
  /** How many jobs. */
  readonly total: number;
}

/** Shows runs while they go on, also several at a time. */
export interface Display {
  /** A run begins. */
  begin(about: AboutRun): ShownRun;
  /** Says something that stays. */
  say(text: string): void;
}

/** A run that is being shown. */
export interface ShownRun {
  /** Is told of the run's events. */
  observe(this: void, event: LabEvent): void;
  /** The run is over: `summary` stays in place of what was shown. */
  finish(summary: string): void;
}

/** What displays need of the world. */
export interface DisplayOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * The display that fits: a picture that repaints in place on a terminal (standard error, or
 * standard output if only that is one and the report is text), else a line an event on standard
 * error; nothing but what must be said when it shall be quiet.
 */
export function displayFor(
  options: DisplayOptions,
  { quiet, reporter }: { quiet: boolean; reporter: 'text' | 'json' },
): Display {
  const { stdout, stderr, environment } = options.terminal;
  if (quiet) return quietDisplay(stderr);
  if (canRepaint(stderr, environment)) return liveDisplay(stderr, options);
  if (reporter === 'text' && canRepaint(stdout, environment)) return liveDisplay(stdout, options);
  return lineDisplay(stderr, options);
}

const REPAINT_MS = 100;

function liveDisplay(output: Output, { clock, timers, terminal }: DisplayOptions): Display {
  // The cursor stays visible: it would stay hidden if this process were killed.
  const picture = createLogUpdate(output, { showCursor: true });
  const views = new Set<FleetView>();
  let stop: (() => void) | undefined;
  const paint = (): void => {
    if (views.size === 0) return;
    const page = pageOf(output, terminal.environment);
    const fleets = [...views].map((view) => renderFleet(view, page, clock.monotonicMs()));
    picture(fleets.map((lines) => lines.join('\n')).join('\n\n'));
  };
  const persist = (text: string): void =>
    picture.persist(wrap(text, pageOf(output, terminal.environment).columns).join('\n'));
  return {
    begin(about) {
      const view = emptyView({ ...about, startedMs: clock.monotonicMs() });
      views.add(view);
      paint();
      stop ??= timers.every(REPAINT_MS, paint);
      return {
        observe: (event) => observe(view, event, clock.monotonicMs()),
        finish(summary) {
          views.delete(view);
          if (views.size === 0) {
            stop?.();
            stop = undefined;
          }
          persist(summary);
          paint();
        },
      };
    },
    say(text) {
      persist(text);
      paint();
    },
  };
}

const PROGRESS_MS = 1000;

function lineDisplay(output: Output, { clock, timers }: DisplayOptions): Display {
  const write = (line: string): void => void output.write(`${line}\n`);
  const shown = new Set<AboutRun>();
  return {
    begin(about) {
      const view = emptyView({ ...about, startedMs: clock.monotonicMs() });
      const name = `${about.experiment} · ${about.mode}`;
      shown.add(about);
      // Of several runs each line must say whose it is.
      const tell = (line: string): void => write(shown.size > 1 ? `${name}: ${line.trim()}` : line);
      let told = '';
      write(name);
      const stop = timers.every(PROGRESS_MS, () => {
        const progress = `enqueued ${formatCount(view.enqueued)}, effects ${formatCount(view.effects)} of ${formatCount(view.total)}`;
        if (progress === told) return;
        told = progress;
        tell(`         ${progress}, after ${formatMs(clock.monotonicMs() - view.startedMs)}`);
      });
      return {
        observe(event) {
          observe(view, event, clock.monotonicMs());
          const line = eventLine(event);
          if (line !== undefined) tell(line);
        },
        finish(summary) {
          stop();
          shown.delete(about);
          write(summary);
        },
      };
    },
    say: write,
  };
}

function quietDisplay(output: Output): Display {
  return {
    begin: () => ({ observe: () => undefined, finish: () => undefined }),
    say: (text) => void output.write(`${text}\n`),
  };
}
