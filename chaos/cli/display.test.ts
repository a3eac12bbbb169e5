import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { ManualTime } from '@understudy/runtime';
import { expect, it } from 'vitest';
import type { LabEvent } from '../runner/events.ts';
import { type Display, displayFor } from './display.ts';
import type { Terminal } from './terminal.ts';

/** A stream that remembers each write; with columns it is a terminal. */
class Screen extends Writable {
  readonly writes: string[] = [];
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(columns?: number) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }

  get text(): string {
    return stripVTControlCharacters(this.writes.join(''));
  }
}

const phase: LabEvent = {
  ...{ type: 'phase', phase: 'running', detail: 'jobs flow', run: 'r', directory: '/r' },
  ...{ mode: 'active-active', nodes: ['node-1'], at: 0 },
};

function effect(position: number): LabEvent {
  return {
    ...{ seq: position, at: 1, op: 'effect', type: 'ok', process: 'ledger', source: 'live' },
    ...{ job: `p-${position}`, node: 'node-1', position, id: `${position}-0` },
  };
}

function show(
  stdout: Screen,
  stderr: Screen,
  options: { quiet?: boolean; reporter?: 'text' | 'json'; term?: string } = {},
): { display: Display; time: ManualTime } {
  const { quiet = false, reporter = 'text', term = 'xterm' } = options;
  const time = new ManualTime();
  const terminal: Terminal = { stdout, stderr, cwd: '/', environment: { TERM: term } };
  return {
    display: displayFor({ terminal, clock: time, timers: time }, { quiet, reporter }),
    time,
  };
}

const about = { experiment: 'failover', mode: 'active-active', total: 1000 };

it('on a terminal the picture repaints at most ten times a second, however many events come', () => {
  const screen = new Screen(80);
  const { display, time } = show(new Screen(), screen);
  const shown = display.begin(about);
  shown.observe(phase);
  for (let position = 1; position <= 1000; position++) {
    shown.observe(effect(position));
    time.advance(1);
  }
  expect(screen.writes.length).toBeGreaterThan(5);
  expect(screen.writes.length).toBeLessThanOrEqual(11);
  shown.finish('failover: pass');
  expect(screen.text).toContain('failover: pass');
  expect(time.pending).toBe(0);
});

it('elsewhere it is one line an event, and a line of progress a second', () => {
  const log = new Screen();
  const { display, time } = show(new Screen(), log);
  const shown = display.begin(about);
  shown.observe(phase);
  for (let position = 1; position <= 50; position++) shown.observe(effect(position));
  time.advance(3000);
  shown.finish('failover: pass');
  expect(log.text.split('\n')).toEqual([
    'failover · active-active',
    '  0.0 s  running: jobs flow',
    '         enqueued 0, effects 50 of 1,000, after 1 s',
    'failover: pass',
    '',
  ]);
  expect(time.pending).toBe(0);
});

it('nothing of it reaches standard output while a program reads it', () => {
  const [stdout, stderr] = [new Screen(80), new Screen()];
  const { display } = show(stdout, stderr, { reporter: 'json' });
  const shown = display.begin(about);
  shown.observe(phase);
  display.say('interrupted');
  shown.finish('failover: pass');
  expect(stdout.writes).toEqual([]);
  expect(stderr.text).toContain('failover: pass');
});

it('the picture takes standard output when only that is a terminal', () => {
  const [stdout, stderr] = [new Screen(80), new Screen()];
  const { display } = show(stdout, stderr);
  const shown = display.begin(about);
  shown.observe(phase);
  shown.finish('failover: pass');
  expect(stderr.writes).toEqual([]);
  expect(stdout.text).toContain('failover: pass');
});

it('a dumb terminal gets lines', () => {
  const screen = new Screen(80);
  const { display } = show(new Screen(), screen, { term: 'dumb' });
  const shown = display.begin(about);
  shown.observe(phase);
  shown.finish('failover: pass');
  expect(screen.writes.join('')).not.toContain('\u001b');
});

it('quiet says only what must be said', () => {
  const log = new Screen();
  const { display, time } = show(new Screen(), log, { quiet: true });
  const shown = display.begin(about);
  shown.observe(phase);
  time.advance(5000);
  display.say('interrupted');
  shown.finish('failover: pass');
  expect(log.text).toBe('interrupted\n');
});

it('of several runs at a time each line says whose it is, and the last one is alone again', () => {
  const log = new Screen();
  const { display, time } = show(new Screen(), log);
  const first = display.begin(about);
  const second = display.begin({ ...about, experiment: 'calm' });
  first.observe(phase);
  second.observe(phase);
  first.finish('failover: pass');
  second.observe(effect(1));
  time.advance(1000);
  second.finish('calm: pass');
  expect(log.text.split('\n')).toEqual([
    'failover · active-active',
    'calm · active-active',
    'failover · active-active: 0.0 s  running: jobs flow',
    'calm · active-active: 0.0 s  running: jobs flow',
    'failover: pass',
    '         enqueued 0, effects 1 of 1,000, after 1 s',
    'calm: pass',
    '',
  ]);
  expect(time.pending).toBe(0);
});

it('several pictures stand one under another, and stop repainting with the last', () => {
  const screen = new Screen(80);
  const { display, time } = show(new Screen(), screen);
  const first = display.begin(about);
  const second = display.begin({ ...about, experiment: 'calm' });
  first.observe(phase);
  time.advance(100);
  expect(screen.text.slice(screen.text.lastIndexOf('failover'))).toContain('calm');
  first.finish('failover: pass');
  second.finish('calm: pass');
  expect(time.pending).toBe(0);
});
