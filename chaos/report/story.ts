import { type Chronicle, effectsByNode } from './chronicle.ts';
import { counted, formatCount, formatMoment, formatMs, listed } from './figures.ts';
import { afterLastHeal, beforeFaults, type Scene } from './scene.ts';
import { downAfterKill, type TrackerRow, trackerOf } from './tracker.ts';
import { repeatsOf } from './repeats.ts';
import {
  type Cast,
  castOf,
  endOf,
  endOfFirstReign,
  endOfTakeover,
  NOT_OBSERVED,
  shownState,
} from './story-cast.ts';

/** A row of the table: what both nodes were, and what came of it. */
export interface StoryRow {
  readonly step: number;
  readonly lead: string;
  readonly understudy: string;
  readonly condition: string;
  readonly action: string;
  readonly output: string;
}

/** The table and the tracker. */
export interface Story {
  readonly cast: Cast;
  readonly steps: readonly StoryRow[];
  readonly tracker: readonly TrackerRow[];
}

/**
 * Tells the story of two runs from their histories alone: steps 1 and 2 from the active-passive
 * run, 3 to 5 from the active-active one. What a history does not show reads `not observed`.
 */
export function tellStory(passive: Chronicle, active: Chronicle): Story {
  const cast = castOf(passive);
  const together = beforeFaults(active);
  const healed = afterLastHeal(active);
  return {
    cast,
    steps: [
      leads(passive, cast),
      takesOver(passive, cast),
      bothProcess(active, cast, together),
      conflictCheck(active, cast),
      goesOn(active, cast, healed),
    ],
    tracker: trackerOf(passive, active, cast),
  };
}

const STEPS_OF_PASSIVE = 2;
const ONLY_TOGETHER = 'after step 3';

/**
 * As much of the story as one run can tell: the steps of its mode. The control tells none of them:
 * they are about what coordination does.
 */
export function tellPart(chronicle: Chronicle): Story | undefined {
  const { mode } = chronicle.header;
  if (mode === 'uncoordinated') return undefined;
  const { cast, steps, tracker } = tellStory(chronicle, chronicle);
  if (mode === 'active-passive') {
    return {
      cast,
      steps: steps.slice(0, STEPS_OF_PASSIVE),
      tracker: tracker.filter(({ moment }) => moment !== ONLY_TOGETHER),
    };
  }
  const own = new Set(['start', ONLY_TOGETHER, 'final']);
  return {
    cast,
    steps: steps.slice(STEPS_OF_PASSIVE),
    tracker: tracker.filter(({ moment }) => own.has(moment)),
  };
}

function leads(passive: Chronicle, cast: Cast): StoryRow {
  const { lead, understudy, reign } = cast;
  if (!reign) return unobserved(1, passive, cast);
  const untilMs = endOfFirstReign(passive, cast);
  const effects = effectsByNode(passive, reign.from, untilMs);
  return {
    step: 1,
    lead: shownState(passive, lead, reign.from),
    understudy: shownState(passive, understudy, untilMs - 1),
    condition: `${lead} holds the lease${inEpoch(reign.epoch)}`,
    action: effects.has(lead) ? `${lead} processes` : NOT_OBSERVED,
    output: effectsBy(effects),
  };
}

function takesOver(passive: Chronicle, cast: Cast): StoryRow {
  const { lead, understudy, kill, takeover } = cast;
  if (!kill || !takeover) {
    const gone = { condition: NOT_OBSERVED, action: NOT_OBSERVED, output: NOT_OBSERVED };
    return { step: 2, lead: NOT_OBSERVED, understudy: NOT_OBSERVED, ...gone };
  }
  const effects = effectsByNode(passive, takeover.firstEffectAt, endOfTakeover(passive, cast));
  return {
    step: 2,
    lead: downAfterKill(passive, cast),
    understudy: shownState(passive, understudy, takeover.firstEffectAt),
    condition: `${lead} lost the lease: killed at ${formatMoment(kill.injectedAt)}`,
    action: `${understudy} takes over in ${formatMs(takeover.tookMs)}${inEpoch(takeover.reign.epoch)}`,
    output: effectsBy(effects),
  };
}

function bothProcess(active: Chronicle, { lead, understudy }: Cast, together: Scene): StoryRow {
  const at = together.untilMs - 1;
  const states = [shownState(active, lead, at), shownState(active, understudy, at)] as const;
  const both = together.effects.has(lead) && together.effects.has(understudy);
  const bothActive = states.every((state) => state === 'active');
  return {
    step: 3,
    lead: states[0],
    understudy: states[1],
    condition: bothActive ? 'active-active: no lease' : NOT_OBSERVED,
    action: both ? 'both process' : NOT_OBSERVED,
    output: effectsBy(together.effects),
  };
}

function conflictCheck(active: Chronicle, { lead, understudy }: Cast): StoryRow {
  const figures = repeatsOf(active);
  const checks = (node: string): string =>
    figures.nodes.has(node) ? 'conflict check' : NOT_OBSERVED;
  if (figures.repeated === 0) {
    const gone = { condition: NOT_OBSERVED, action: NOT_OBSERVED, output: NOT_OBSERVED };
    return { step: 4, lead: checks(lead), understudy: checks(understudy), ...gone };
  }
  const outcome =
    figures.twice.length === 0
      ? `one effect each, ${counted(figures.suppressed, 'duplicate')} suppressed`
      : `${counted(figures.twice.length, 'job')} took effect more than once, ${counted(figures.suppressed, 'duplicate')} suppressed`;
  return {
    step: 4,
    lead: checks(lead),
    understudy: checks(understudy),
    condition:
      figures.acrossNodes > 0
        ? `the same job reaches two nodes: ${counted(figures.acrossNodes, 'job')}`
        : `the same job is attempted again: ${counted(figures.repeated, 'job')}`,
    action: 'idempotent commit',
    output: outcome,
  };
}

function goesOn(
  active: Chronicle,
  { lead, understudy }: Cast,
  healed: Scene | undefined,
): StoryRow {
  const effects = healed?.effects ?? new Map<string, number>();
  const runs = (node: string): string =>
    effects.has(node) ? 'running' : shownState(active, node, endOf(active));
  if (!healed || effects.size === 0) {
    const gone = { condition: NOT_OBSERVED, action: NOT_OBSERVED, output: NOT_OBSERVED };
    return { step: 5, lead: NOT_OBSERVED, understudy: NOT_OBSERVED, ...gone };
  }
  const shared = effects.size > 1 ? 'load shared' : 'load not shared';
  return {
    step: 5,
    lead: runs(lead),
    understudy: runs(understudy),
    condition: `healed: the last of ${counted(active.faults.length, 'fault')} at ${formatMoment(healed.fromMs)}`,
    action: 'processing goes on',
    output: `available, ${shared}: ${effectsBy(effects)}`,
  };
}

function unobserved(step: number, chronicle: Chronicle, { lead, understudy }: Cast): StoryRow {
  return {
    step,
    lead: shownState(chronicle, lead, endOf(chronicle)),
    understudy: shownState(chronicle, understudy, endOf(chronicle)),
    condition: NOT_OBSERVED,
    action: NOT_OBSERVED,
    output: NOT_OBSERVED,
  };
}

function effectsBy(effects: ReadonlyMap<string, number>): string {
  if (effects.size === 0) return NOT_OBSERVED;
  if (effects.size === 1) {
    return [...effects].map(([node, count]) => `${counted(count, 'effect')} by ${node}`).join('');
  }
  const shares = [...effects].map(([node, count]) => `${node} (${formatCount(count)})`);
  return `effects by ${listed(shares)}`;
}

function inEpoch(epoch: number | undefined): string {
  return epoch === undefined ? '' : `, epoch ${epoch}`;
}
