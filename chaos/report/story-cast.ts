import { type Chronicle, type FaultMark, stateAt } from './chronicle.ts';

/** A node led, from `from` to `until` (ms), under `epoch`. */
export interface Reign {
  readonly node: string;
  readonly epoch: number | undefined;
  readonly from: number;
  /** When another state of this node was seen; Infinity when none was. */
  readonly until: number;
}

/** Whom the story is about: the node that led and the one that took over from it. */
export interface Cast {
  /** The first column. */
  readonly lead: string;
  /** The second column. */
  readonly understudy: string;
  /** The lead's reign; none where nobody ever said it was active. */
  readonly reign: Reign | undefined;
  /** The kill that ended the reign; none where the history shows no such kill. */
  readonly kill: FaultMark | undefined;
  /** What followed the kill. */
  readonly takeover: Takeover | undefined;
}

/** A successor came to lead after a kill. */
export interface Takeover {
  readonly reign: Reign;
  /** When its first effect was seen, in ms since the run began. */
  readonly firstEffectAt: number;
  /** From the kill to that effect. */
  readonly tookMs: number;
}

/** Finds the cast in the history of an active-passive run. */
export function castOf(chronicle: Chronicle): Cast {
  const reigns = reignsOf(chronicle);
  for (const kill of chronicle.faults.filter((fault) => fault.fault === 'kill')) {
    const reign = reigns.findLast(
      ({ node, from, until }) =>
        node === kill.target && from <= kill.injectedAt && until >= kill.injectedAt,
    );
    if (!reign) continue;
    const takeover = takeoverAfter(chronicle, reigns, kill, reign);
    const understudy = takeover?.reign.node ?? otherThan(reign.node, chronicle, reigns);
    return { lead: reign.node, understudy, reign, kill, takeover };
  }
  const [reign] = reigns;
  const lead = reign?.node ?? chronicle.header.nodes[0] ?? 'node-1';
  const understudy = otherThan(lead, chronicle, reigns);
  return { lead, understudy, reign, kill: undefined, takeover: undefined };
}

function takeoverAfter(
  chronicle: Chronicle,
  reigns: readonly Reign[],
  kill: FaultMark,
  ended: Reign,
): Takeover | undefined {
  const reign = reigns.find(
    ({ node, from, epoch }) =>
      node !== ended.node && from >= kill.injectedAt && (epoch ?? 0) > (ended.epoch ?? 0),
  );
  if (!reign) return undefined;
  const first = chronicle.effects.find(
    ({ node, epoch }) => node === reign.node && epoch === reign.epoch,
  );
  if (!first) return undefined;
  return { reign, firstEffectAt: first.at, tookMs: first.at - kill.injectedAt };
}

/** All reigns, in order. */
function reignsOf(chronicle: Chronicle): Reign[] {
  const { states } = chronicle;
  return states.flatMap((change, index) => {
    if (change.state !== 'active') return [];
    const next = states.slice(index + 1).find(({ node }) => node === change.node);
    return [
      { node: change.node, epoch: change.epoch, from: change.at, until: next?.at ?? Infinity },
    ];
  });
}

/** The second column where nobody took over: the next to lead, else any other node. */
function otherThan(lead: string, chronicle: Chronicle, reigns: readonly Reign[]): string {
  const nodes = [...reigns.map(({ node }) => node), ...chronicle.header.nodes];
  return nodes.find((node) => node !== lead) ?? lead;
}

/** The state the table shows for `node`; what a history does not say is not guessed. */
export function shownState(chronicle: Chronicle, node: string, at: number): string {
  const state = stateAt(chronicle, node, at);
  return state === 'unknown' ? NOT_OBSERVED : state;
}

/** What stands where a history does not show a thing. */
export const NOT_OBSERVED = 'not observed';

/** Step 1 ends with the first fault after its reign began, or with the reign. */
export function endOfFirstReign(passive: Chronicle, { reign }: Cast): number {
  const fromMs = reign?.from ?? 0;
  const fault = passive.faults.find(({ injectedAt }) => injectedAt > fromMs);
  return Math.min(reign?.until ?? Infinity, fault?.injectedAt ?? Infinity, endOf(passive) + 1);
}

/** Step 2 ends with the next fault, or with the successor's reign. */
export function endOfTakeover(passive: Chronicle, { kill, takeover }: Cast): number {
  const next = passive.faults.find(({ injectedAt }) => injectedAt > (kill?.injectedAt ?? 0));
  return Math.min(takeover?.reign.until ?? Infinity, next?.injectedAt ?? Infinity) + 1;
}

/** When the last effect was seen: after it the lab stops the nodes, which is no part of the story. */
export function endOf(chronicle: Chronicle): number {
  return chronicle.effects.at(-1)?.at ?? chronicle.states.at(-1)?.at ?? 0;
}
