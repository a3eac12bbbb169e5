import type { FaultyLink } from '../drivers/faulty-link.ts';
import type { Tally, Trouble } from '../proxy/trouble.ts';
import { EVIDENCE_LIMIT_MS, type Observation } from './fault.ts';

/** What takes a fault on a link back if the lab dies. */
export const LINK_UNDO = 'nothing: the proxy ends when the lab does';

/** Puts a trouble in force and tells what it did first: `proxy pid 4711 withheld 213 bytes to Redis`. */
export async function beginTrouble(
  link: FaultyLink,
  trouble: Trouble,
  did: string,
): Promise<Observation> {
  const tally = await link.inject(trouble, EVIDENCE_LIMIT_MS);
  if (tally) return { seen: true, evidence: `proxy pid ${link.pid} ${did} ${describe(tally)}` };
  return {
    seen: false,
    evidence: `proxy pid ${link.pid} ${did} nothing: nothing passed within ${EVIDENCE_LIMIT_MS / 1000} s`,
  };
}

/** Ends the trouble and tells what it did altogether. */
export async function endTrouble(link: FaultyLink, did: string): Promise<Observation> {
  const tally = await link.heal();
  return {
    seen: true,
    evidence: `proxy pid ${link.pid} lets everything through again; it ${did} ${describe(tally)}`,
  };
}

function describe(tally: Tally): string {
  const counted = (count: number, what: string, more = ''): string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}${more}`];
  const parts = [
    ...counted(tally.toRedisBytes, 'byte', ' to Redis'),
    ...counted(tally.fromRedisBytes, 'byte', ' from Redis'),
    ...counted(tally.closes, 'end', ' of connections'),
    ...counted(tally.attempts, 'new connection'),
  ];
  const severed = counted(tally.severed, 'connection');
  if (parts.length === 0) return severed.join() || 'nothing';
  return [parts.join(', '), ...severed.map((what) => `severed ${what}`)].join(' and ');
}
