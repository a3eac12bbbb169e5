import { unreachable } from '@understudy/runtime';

/**
 * How a lane fetches for many slots at once: as a pure machine.
 *
 * - *busy*: jobs come; up to `burst` fetches are on their way at once, never more than callers
 *   wait. `burst` grows by one with every job found, so that it doubles with every round trip (slow start,
 *   RFC 5681), and falls back to one when there was none: few new jobs are not met by a hundred fetches.
 * - *drained*: there was nothing. One blocking wait, or a pause, stands for all callers; nothing is
 *   fetched until it is over or somebody says that there are jobs.
 * - *clearing*: a suspect (a job that was in flight at several deaths) is held. Nothing more is
 *   fetched, until what is in hand is settled.
 * - *alone*: the suspect is being delivered or was. Nothing is fetched until it is settled.
 */
export interface FetchPlan {
  /** Callers that wait for a job. */
  readonly wanted: number;
  /** Fetches on their way. */
  readonly fetching: number;
  readonly burst: number;
  /** The last answer was that there is nothing. */
  readonly drained: boolean;
  /** The wait, or the pause, is on. */
  readonly resting: boolean;
  /** Jobs delivered and not settled yet. */
  readonly inHand: number;
  /** Suspects held back. */
  readonly suspects: number;
  readonly alone: boolean;
}

/** What happened. */
export type FetchEvent =
  /** A caller waits for a job; a waiting caller gave up. */
  | { readonly type: 'wanted' }
  | { readonly type: 'unwanted' }
  /** A fetch brought a job; one brought nothing; one brought what was parked on the spot. */
  | { readonly type: 'fetched'; readonly suspect: boolean }
  | { readonly type: 'nothing' }
  | { readonly type: 'skipped' }
  /** A fetch went wrong, or the queue is rate-limited: rest before the next one. */
  | { readonly type: 'troubled' }
  /** The completion of a job brought the next one along, or nothing. */
  | { readonly type: 'came-along'; readonly suspect: boolean }
  | { readonly type: 'none-came-along' }
  /** The rest is over. */
  | { readonly type: 'rested' }
  /** There are jobs: this process has just put some back itself. */
  | { readonly type: 'nudged' }
  /** A job in hand was settled, in whatever way. */
  | { readonly type: 'settled' }
  /** It was noted that the suspect runs alone now; or it turned out not to be ours any more. */
  | { readonly type: 'began'; readonly ours: boolean }
  /** The time is up that held suspects wait for somebody who wants them. */
  | { readonly type: 'lingered' };

/** What is to be done. */
export type FetchEffect =
  | 'fetch'
  /** Wait for the queue's marker. */
  | 'wait'
  /** Give the job that came to a caller; or put it back, because nobody waits any more. */
  | 'deliver'
  | 'hand-back'
  /** Keep the suspect that came; note that one is about to run alone; put all of them back. */
  | 'hold'
  | 'begin-alone'
  | 'hand-back-suspects'
  /** Send `lingered` after a moment. */
  | 'linger';

const BURST_MAX = 64;

/** Where every lane begins. */
export const idlePlan: FetchPlan = {
  wanted: 0,
  fetching: 0,
  burst: 1,
  drained: false,
  resting: false,
  inHand: 0,
  suspects: 0,
  alone: false,
};

/** Takes in an event. The effects are to be carried out in order. */
export function planFetch(
  plan: FetchPlan,
  event: FetchEvent,
): { state: FetchPlan; effects: FetchEffect[] } {
  const effects: FetchEffect[] = [];
  const state = { ...plan };
  switch (event.type) {
    case 'wanted':
      state.wanted += 1;
      break;
    case 'unwanted':
      state.wanted -= 1;
      break;
    case 'fetched':
      state.fetching -= 1;
      state.burst = Math.min(state.burst + 1, BURST_MAX);
      state.drained = false;
      if (!event.suspect) effects.push(deliver(state));
      else effects.push(hold(state));
      break;
    case 'nothing':
      state.fetching -= 1;
      state.burst = 1;
      state.drained = true;
      break;
    case 'skipped':
      state.fetching -= 1;
      break;
    case 'troubled':
      state.fetching -= 1;
      state.burst = 1;
      state.drained = true;
      state.resting = true;
      break;
    case 'came-along':
      state.drained = false;
      if (event.suspect) effects.push(hold(state));
      else state.inHand += 1;
      break;
    case 'none-came-along':
      state.drained = true;
      break;
    case 'rested':
      state.resting = false;
      state.drained = false;
      break;
    case 'nudged':
      state.drained = false;
      break;
    case 'settled':
      state.inHand -= 1;
      state.alone = false;
      break;
    case 'began':
      state.inHand -= 1;
      state.alone = event.ours && state.wanted > 0;
      if (event.ours) effects.push(deliver(state));
      break;
    case 'lingered':
      break;
    default:
      return unreachable(event);
  }
  act(state, event, effects);
  return { state, effects };
}

type Draft = { -readonly [K in keyof FetchPlan]: FetchPlan[K] };

function deliver(state: Draft): FetchEffect {
  if (state.wanted === 0) return 'hand-back';
  state.wanted -= 1;
  state.inHand += 1;
  return 'deliver';
}

function hold(state: Draft): FetchEffect {
  state.suspects += 1;
  return 'hold';
}

function act(state: Draft, event: FetchEvent, effects: FetchEffect[]): void {
  if (state.alone) return;
  if (state.suspects > 0) {
    if (state.inHand > 0 || state.fetching > 0) return;
    if (state.wanted > 0) {
      state.suspects -= 1;
      state.inHand += 1;
      state.alone = true;
      effects.push('begin-alone');
    } else if (event.type === 'unwanted' || event.type === 'lingered') {
      state.suspects = 0;
      effects.push('hand-back-suspects');
    } else {
      // A slot between two jobs asks again in a moment; one that was stopped never does.
      effects.push('linger');
    }
    return;
  }
  if (state.wanted === 0) return;
  if (!state.drained) {
    for (; state.fetching < Math.min(state.wanted, state.burst); state.fetching++) {
      effects.push('fetch');
    }
  } else if (!state.resting && state.fetching === 0) {
    state.resting = true;
    effects.push('wait');
  }
}
