import { type Chronicle, effectsByNode } from './chronicle.ts';
import { listed } from './figures.ts';
import { afterLastHeal, beforeFaults } from './scene.ts';
import {
  type Cast,
  endOfFirstReign,
  endOfTakeover,
  NOT_OBSERVED,
  shownState,
} from './story-cast.ts';

// The lab sees a process gone a moment after its presence is, and its successor may be quick.
const DOWN_NOTICE_MS = 1000;

/** A row of the tracker: who was what, and who processed, at one moment. */
export interface TrackerRow {
  readonly moment: string;
  readonly lead: string;
  readonly understudy: string;
  readonly processing: string;
}

/** Who was what at the start, after steps 1, 2 and 3, and at the end. */
export function trackerOf(passive: Chronicle, active: Chronicle, cast: Cast): TrackerRow[] {
  const together = beforeFaults(active);
  return [
    atStart(passive, cast),
    afterStep1(passive, cast),
    afterStep2(passive, cast),
    track('after step 3', active, cast, together.untilMs - 1, together.effects),
    atTheEnd(active, cast),
  ];
}

/** Right before the first job: the fleet is up, and there is nothing to do yet. */
function atStart(passive: Chronicle, cast: Cast): TrackerRow {
  if (!Number.isFinite(passive.firstJobAt)) return unknownMoment('start');
  return {
    ...track('start', passive, cast, passive.firstJobAt, new Map()),
    processing: 'nobody yet',
  };
}

function afterStep1(passive: Chronicle, cast: Cast): TrackerRow {
  if (!cast.reign) return unknownMoment('after step 1');
  const untilMs = endOfFirstReign(passive, cast);
  const effects = effectsByNode(passive, cast.reign.from, untilMs);
  return track('after step 1', passive, cast, untilMs - 1, effects);
}

function afterStep2(passive: Chronicle, cast: Cast): TrackerRow {
  if (!cast.takeover) return unknownMoment('after step 2');
  const at = cast.takeover.firstEffectAt;
  const effects = effectsByNode(passive, at, endOfTakeover(passive, cast));
  const row = track('after step 2', passive, cast, at, effects);
  return { ...row, lead: downAfterKill(passive, cast) };
}

function atTheEnd(active: Chronicle, cast: Cast): TrackerRow {
  const last = afterLastHeal(active) ?? beforeFaults(active);
  return track('final', active, cast, last.untilMs - 1, last.effects);
}

function track(
  moment: string,
  chronicle: Chronicle,
  { lead, understudy }: Cast,
  at: number,
  effects: ReadonlyMap<string, number>,
): TrackerRow {
  return {
    moment,
    lead: shownState(chronicle, lead, at),
    understudy: shownState(chronicle, understudy, at),
    processing: effects.size > 0 ? listed([...effects.keys()]) : NOT_OBSERVED,
  };
}

function unknownMoment(moment: string): TrackerRow {
  return { moment, lead: NOT_OBSERVED, understudy: NOT_OBSERVED, processing: NOT_OBSERVED };
}

/** The killed node's state: it may have been started again before its successor's first effect. */
export function downAfterKill(passive: Chronicle, { lead, kill, takeover }: Cast): string {
  const seen = passive.states.some(
    ({ node, state, at }) =>
      node === lead &&
      state === 'down' &&
      at >= (kill?.injectedAt ?? 0) &&
      at <= (takeover?.firstEffectAt ?? 0) + DOWN_NOTICE_MS,
  );
  return seen ? 'down' : shownState(passive, lead, takeover?.firstEffectAt ?? 0);
}
