import type { Tally, Trouble } from '../proxy/trouble.ts';
import type { FaultyLink } from './faulty-link.ts';
import type { ProxyLink } from './proxy-talk.ts';

/** What a trouble did to what came its way, as evidence says it. */
const DID: Readonly<Record<Trouble['kind'], string>> = {
  withhold: 'withheld',
  drop: 'dropped',
  delay: 'delayed',
  throttle: 'throttled',
  sever: 'reset',
};

/** A link as faults see it: what its proxy counted, in words. */
export function proxiedLink(link: ProxyLink): FaultyLink {
  const { who, pid, startTime, servers, seed } = link;
  let kind: Trouble['kind'] = 'withhold';
  return {
    ...{ pid, startTime, servers, seed },
    async inject(trouble, limitMs) {
      kind = trouble.kind;
      const did = `${who} ${DID[kind]}`;
      const tally = await link.inject(trouble, limitMs);
      if (tally) return { seen: true, evidence: `${did} ${describe(tally)}` };
      const evidence = `${did} nothing: nothing passed within ${limitMs / 1000} s`;
      return { seen: false, evidence };
    },
    async heal() {
      const tally = await link.heal();
      if (kind === 'sever') {
        return { seen: true, evidence: `${who} lets new connections through` };
      }
      const evidence = `${who} lets everything through again; it ${DID[kind]} ${describe(tally)}`;
      return { seen: true, evidence };
    },
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
