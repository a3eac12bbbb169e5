import { formatCount, formatMs } from './figures.ts';
import { ago, type FleetView, type NodeView } from './fleet-view.ts';
import { clip, type Page } from './layout.ts';
import { stateWord } from './node-state.ts';
import type { Tone } from './paint.ts';
import { type Cell, renderTable } from './table.ts';

const COLUMNS = [
  { header: 'node' },
  { header: 'state' },
  { header: 'epoch', align: 'right' },
  { header: 'effects', align: 'right' },
  { header: 'effects/s', align: 'right' },
  { header: 'last event' },
] as const;
const BAR_WIDTH = 20;
const STATE_WIDTH = 'draining'.length;
const EVENT_WIDTH = 24;

/**
 * The live picture of a run: a title, one row a node, a line of progress. Never wider than the
 * page, and of a steady shape from frame to frame, so that it repaints in place.
 */
export function renderFleet(view: FleetView, page: Page, nowMs: number): string[] {
  const title = `${view.experiment} · ${view.mode}`;
  const elapsed = formatMs(Math.round((nowMs - view.startedMs) / 100) * 100);
  const phase = view.detail ? `${view.phase ?? 'starting'}: ${view.detail}` : 'starting';
  const rows = [...view.nodes.values()].map((node) => nodeRow(node, nowMs));
  const table = renderTable(COLUMNS, rows, page);
  const progress = `${bar(view)}  enqueued ${formatCount(view.enqueued)} · effects ${formatCount(view.effects)} of ${formatCount(view.total)} · ${elapsed}`;
  return [
    page.paint('strong', clip(title, page.columns)),
    ...(rows.length > 0 ? table : []),
    clip(progress, page.columns),
    page.paint('faint', clip(phase, page.columns)),
  ];
}

function nodeRow(node: NodeView, nowMs: number): Cell[] {
  const last = node.last ? `${node.last.text}, ${ago(node.last.atMs, nowMs)}` : '-';
  const state = stateWord(node.state);
  return [
    { text: node.name },
    { text: state.padEnd(STATE_WIDTH), tone: toneOfState(state) },
    { text: node.state.epoch === undefined ? '-' : String(node.state.epoch) },
    { text: formatCount(node.effects) },
    { text: formatCount(node.rate.perSecond(nowMs)) },
    { text: last.padEnd(EVENT_WIDTH), tone: 'faint' },
  ];
}

/** The look of a node's state. */
export function toneOfState(state: string): Tone | undefined {
  switch (state) {
    case 'active':
      return 'good';
    case 'down':
      return 'bad';
    case 'paused':
    case 'draining':
      return 'unsure';
    case 'passive':
    case 'starting':
    case 'stopped':
      return 'faint';
    default:
      return undefined;
  }
}

function bar(view: FleetView): string {
  const share = view.total === 0 ? 0 : Math.min(1, view.effects / view.total);
  const filled = Math.floor(share * BAR_WIDTH);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
}
