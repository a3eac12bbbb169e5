import { type Chronicle, effectsByNode, stateAt } from './chronicle.ts';
import { counted, firstFew, formatCents, formatCount, formatMs, listed } from './figures.ts';
import { repeatsOf, surplusCents } from './repeats.ts';
import { type Cast, endOfFirstReign } from './story-cast.ts';

/** A question the comparison was made for, and what its runs say. */
export interface Answer {
  readonly question: string;
  readonly answer: string;
}

/** The three histories of a comparison. */
export interface ThreeRuns {
  readonly passive: Chronicle;
  readonly active: Chronicle;
  readonly uncoordinated: Chronicle;
}

/** Answers the three questions from the histories' figures. */
export function answersOf({ passive, active, uncoordinated }: ThreeRuns, cast: Cast): Answer[] {
  return [answerOf(passive, cast), answerOf(active, cast), answerOf(uncoordinated, cast)];
}

/** Answers the question that a run of this mode is made for. */
export function answerOf(chronicle: Chronicle, cast: Cast): Answer {
  switch (chronicle.header.mode) {
    case 'active-passive':
      return { question: 'Why does the standby stay idle?', answer: whyIdle(chronicle, cast) };
    case 'active-active':
      return {
        question: 'How do active nodes avoid taking effect twice?',
        answer: howNotTwice(chronicle),
      };
    case 'uncoordinated':
      return {
        question: 'What happens when both are active and not coordinated?',
        answer: whenUncoordinated(chronicle),
      };
  }
}

function whyIdle(passive: Chronicle, cast: Cast): string {
  const { lead, reign, takeover } = cast;
  if (!reign) return 'Not observed: no node of the active-passive run said that it leads.';
  const untilMs = endOfFirstReign(passive, cast);
  const effects = effectsByNode(passive, reign.from, untilMs);
  const standbys = passive.header.nodes.filter(
    (node) => node !== lead && stateAt(passive, node, untilMs - 1) === 'passive',
  );
  const byStandbys = standbys.reduce((sum, node) => sum + (effects.get(node) ?? 0), 0);
  const attempts = attemptsBy(passive, standbys, reign.from, untilMs);
  const idle = `It waits for a lease that ${lead} held${reign.epoch === undefined ? '' : ` (epoch ${reign.epoch})`}, and the ledger refuses whoever does not hold the current epoch. While ${lead} led: ${counted(effects.get(lead) ?? 0, 'effect')} by ${lead}, ${counted(byStandbys, 'effect')} and ${counted(attempts, 'attempt')} by ${standbys.length > 0 ? listed(standbys) : 'standbys'}.`;
  if (!takeover) return `${idle} What it waits for was not observed: no leader was killed.`;
  return `${idle} It is idle so that it can take over at once: ${formatMs(takeover.tookMs)} after the kill ${takeover.reign.node} committed its first effect.`;
}

function howNotTwice(active: Chronicle): string {
  const { repeated, acrossNodes, enqueuedTwice, suppressed, twice } = repeatsOf(active);
  const how =
    'Every commit carries the id of its job as its key, and one script of the ledger looks the key up, applies the effect and notes the key, atomically: whoever comes second is told of the first outcome.';
  if (repeated === 0) return `${how} Not observed in this run: no job was attempted twice.`;
  const result =
    twice.length === 0
      ? 'no job took effect twice'
      : `${counted(twice.length, 'job')} took effect more than once (${firstFew(twice.map(({ job }) => job))})`;
  return `${how} In this run ${counted(enqueuedTwice, 'job was', 'jobs were')} enqueued twice, ${counted(repeated, 'job was', 'jobs were')} attempted more than once (${formatCount(acrossNodes)} of them by two nodes), ${counted(suppressed, 'duplicate was', 'duplicates were')} suppressed: ${result}.`;
}

function whenUncoordinated(control: Chronicle): string {
  const { twice, acrossNodes } = repeatsOf(control);
  if (twice.length === 0) {
    return 'Not observed: in this run no job took effect twice without coordination, so the run proves nothing about the coordinated ones.';
  }
  const byFaults = twice.filter(({ job }) => (control.jobs.get(job)?.enqueued ?? 0) < 2).length;
  const why =
    byFaults === 0
      ? 'all of them because they were enqueued twice'
      : `${formatCount(byFaults)} of them although they were enqueued once`;
  return `${counted(twice.length, 'job')} of ${formatCount(control.jobs.size)} took effect more than once, ${why} (${counted(acrossNodes, 'job was', 'jobs were')} attempted by two nodes). The balances are off by ${formatCents(surplusCents(twice))}. ${exampleOf(control)}`;
}

/** One doubled job, where there is one an honest job enqueued once that a fault doubled. */
function exampleOf(control: Chronicle): string {
  const { twice } = repeatsOf(control);
  const enqueuedOnce = twice.filter(({ job }) => (control.jobs.get(job)?.enqueued ?? 0) < 2);
  const acrossNodes = enqueuedOnce.find(
    ({ effects }) => effects[0]?.node !== undefined && effects[0].node !== effects[1]?.node,
  );
  const example = acrossNodes ?? enqueuedOnce[0] ?? twice[0];
  const [first, second] = example?.effects ?? [];
  if (!example || !first || !second) return '';
  const again = first.node === second.node ? 'and again' : `and again by ${second.node}`;
  const enqueued = control.jobs.get(example.job)?.enqueued ?? 0;
  const why = enqueued > 1 ? `enqueued ${enqueued} times` : 'enqueued once';
  return `For example ${example.job}, ${why}: ${formatCents(first.amountCents)} by ${first.node} at position ${formatCount(first.position)} of the effect log, ${again} at position ${formatCount(second.position)}.`;
}

function attemptsBy(
  chronicle: Chronicle,
  nodes: readonly string[],
  fromMs: number,
  untilMs: number,
): number {
  let count = 0;
  for (const { attempts } of chronicle.jobs.values()) {
    for (const { node, at } of attempts) {
      if (at >= fromMs && at < untilMs && nodes.includes(node)) count += 1;
    }
  }
  return count;
}
