import {
  assess,
  type Assessment,
  type GlanceAnswer,
  observe,
  observeGlance,
  type ProbeAnswer,
  silentFromMs,
} from './lock-view.ts';
import { betweenLooksMs, lookAtOne, nextPollMs } from './looking.ts';
import { backOffMs, checkSoon, checkStore, ledgerIsWell, rememberEpoch } from './memory.ts';
import type { LeaseEffect, Memory, Moment, Round, Stage, StandingBy, Step } from './state.ts';

const MAX_HURRIED = 5;
const HURRIED_POLL_MS = 1;

/**
 * Enters `standing-by` and looks at once. A new term is prepared, unless `spare` is one that nothing was
 * acquired with.
 */
export function standBy(memory: Memory, at: Moment, contendFromMs: number, spare?: string): Step {
  const stage: StandingBy = {
    name: 'standing-by',
    spare,
    contendFromMs,
    pollDueMs: at.nowMs,
    roundNext: true,
    round: undefined,
    hurried: 0,
  };
  return { state: { memory, stage }, effects: spare === undefined ? [{ type: 'prepare' }] : [] };
}

/** Goes on standing by after a try that failed, with a back-off. */
export function standByAgain(memory: Memory, at: Moment, spare?: string): Step {
  const failed = { ...memory, failures: memory.failures + 1 };
  return standBy(failed, at, at.nowMs + backOffMs(failed, at), spare);
}

/** Time passed. */
export function tickStandingBy(memory: Memory, stage: StandingBy, at: Moment): Step {
  const [checked, effects] = checkStore(memory, at);
  const next = nextLook(checked, stage, at);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function nextLook(memory: Memory, stage: StandingBy, at: Moment): Step {
  if (stage.round) {
    if (at.nowMs >= stage.round.closesMs) return closeRound(memory, stage, stage.round, at);
  } else if (at.nowMs >= stage.pollDueMs) {
    return stage.roundNext ? openRound(memory, stage, at) : lookAtOne(memory, stage, at);
  }
  return { state: { memory, stage }, effects: [] };
}

/**
 * Probes every lock node that has no probe under way. Only nodes that answered last time are
 * waited for, so that a frozen one delays one round and none after it.
 */
function openRound(memory: Memory, stage: StandingBy, at: Moment): Step {
  const { pollMs, commandTimeoutMs } = memory.settings;
  const patienceMs = Math.min(commandTimeoutMs, Math.max(25, 2 * pollMs));
  const probed: number[] = [];
  const waitingFor: number[] = [];
  const nodes = memory.nodes.map((view, node) => {
    // A probe that is under way counts, unless it has been for long.
    if (view.responsive && (!view.probing || at.nowMs - view.askedAtMs < patienceMs)) {
      waitingFor.push(node);
    }
    if (view.probing) return view;
    probed.push(node);
    return { ...view, probing: true, askedAtMs: at.nowMs };
  });
  const round: Round = { waitingFor, answered: [], closesMs: at.nowMs + patienceMs };
  const effects = probed.map((node): LeaseEffect => ({ type: 'probe', node }));
  const opened: StandingBy = {
    ...stage,
    pollDueMs: nextPollMs(memory, at),
    roundNext: false,
    round,
  };
  return { state: { memory: { ...memory, nodes }, stage: opened }, effects };
}

/** Takes an answer into account, in whatever stage it comes. */
export function rememberProbe(
  memory: Memory,
  node: number,
  answer: ProbeAnswer | undefined,
  at: Moment,
): Memory {
  const nodes = memory.nodes.map((view, i) =>
    i === node ? observe(view, answer, at.nowMs, memory.settings) : view,
  );
  const heard = rememberEpoch({ ...memory, nodes }, answer?.knownEpoch ?? 0);
  // A lock node knows of an epoch that the reading does not: there is a new leader.
  const outdated = heard.highestEpoch > Math.max(heard.checkedAtEpoch, heard.reading?.epoch ?? 0);
  return outdated ? checkSoon(heard) : heard;
}

/**
 * Somebody was counted on a lock node, or it did not answer. A holder who is not there any more is looked
 * for everywhere, now; only what a round of probes says decides.
 */
export function glancedStandingBy(
  memory: Memory,
  stage: Stage,
  node: number,
  answer: GlanceAnswer | undefined,
  at: Moment,
): Step {
  const nodes = memory.nodes.map((view, i) => (i === node ? observeGlance(view, answer) : view));
  const contenders = answer?.contenders ?? memory.contenders;
  const heard: Memory = { ...memory, nodes, contenders };
  if (answer?.holder !== 0) return { state: { memory: heard, stage }, effects: [] };
  return givenBack(heard, stage, at);
}

/** The lease may be free: a round of probes says whether it is. */
export function givenBack(memory: Memory, stage: Stage, at: Moment): Step {
  if (stage.name !== 'standing-by' || stage.round) return { state: { memory, stage }, effects: [] };
  return openRound({ ...memory, vacantSinceMs: memory.vacantSinceMs ?? at.nowMs }, stage, at);
}

/** A lock node answered while standing by; `memory` has the answer already. */
export function probedStandingBy(
  memory: Memory,
  stage: StandingBy,
  node: number,
  answered: boolean,
  at: Moment,
): Step {
  if (!stage.round) return afterGlance(memory, stage, at);
  const round: Round = {
    ...stage.round,
    waitingFor: stage.round.waitingFor.filter((other) => other !== node),
    // A look from before this round may be answered in it as well: a node has one voice.
    answered:
      answered && !stage.round.answered.includes(node)
        ? [...stage.round.answered, node]
        : stage.round.answered,
  };
  if (round.waitingFor.length === 0) return closeRound(memory, stage, round, at);
  return { state: { memory, stage: { ...stage, round } }, effects: [] };
}

/**
 * What was seen last of every node, taken together: where it calls for anything but waiting, all of
 * them are looked at, now. Only that decides.
 */
function afterGlance(before: Memory, waiting: StandingBy, at: Moment): Step {
  const answering = before.nodes.flatMap((view, node) => (view.responsive ? [node] : []));
  const assessment = assess(before.nodes, answering, at.nowMs, before.settings);
  const noted = noteVacancy(before, waiting, assessment, at);
  const [memory, stage] = contestOver(noted, waiting, assessment);
  const calls =
    assessment.kind === 'wait'
      ? assessment.mixed && stage.hurried < MAX_HURRIED
      : mayContend(memory, stage, at);
  if (calls) return openRound(memory, stage, at);
  const hurried = assessment.kind === 'wait' && !assessment.mixed ? 0 : stage.hurried;
  return beforeSilence(memory, { ...stage, hurried }, answering, at);
}

/**
 * Each lock node was last looked at some time ago: waiting until the last of them has been seen to be silent
 * for long enough would take a turn more. So all are probed at about the moment at which they will
 * have been: not quite at it, for every standby knows the same moment, and who is alone wins faster.
 */
function beforeSilence(
  memory: Memory,
  stage: StandingBy,
  answering: readonly number[],
  at: Moment,
): Step {
  const silentMs = silentFromMs(memory.nodes, answering, memory.settings);
  const dueMs = silentMs + at.chance * betweenLooksMs(memory);
  if (dueMs >= stage.pollDueMs || !mayContend(memory, stage, at)) {
    return { state: { memory, stage }, effects: [] };
  }
  if (silentMs <= at.nowMs) return openRound(memory, stage, at);
  return { state: { memory, stage: { ...stage, pollDueMs: dueMs, roundNext: true } }, effects: [] };
}

/**
 * A takeover is counted from the first look that found the holder gone anywhere, if that is what came
 * of it. Nodes that go on disagreeing do not say that it is gone.
 */
function noteVacancy(
  memory: Memory,
  { hurried }: StandingBy,
  assessment: Assessment,
  at: Moment,
): Memory {
  const vacantSinceMs = memory.vacantSinceMs ?? at.nowMs;
  if (assessment.kind !== 'wait') return { ...memory, vacantSinceMs };
  if (assessment.mixed && hurried < MAX_HURRIED) return { ...memory, vacantSinceMs };
  return assessment.mixed || assessment.held ? { ...memory, vacantSinceMs: undefined } : memory;
}

/**
 * Once somebody has the lease the contest is over, and what was lost in it says nothing of the next:
 * a standby that remembered would back off longer at each takeover of its life.
 */
function contestOver(
  memory: Memory,
  stage: StandingBy,
  assessment: Assessment,
): [Memory, StandingBy] {
  if (assessment.kind !== 'wait' || !assessment.held) return [memory, stage];
  return [
    { ...memory, failures: 0 },
    { ...stage, contendFromMs: Number.NEGATIVE_INFINITY },
  ];
}

function mayContend(memory: Memory, stage: StandingBy, at: Moment): boolean {
  return stage.spare !== undefined && at.nowMs >= stage.contendFromMs && ledgerIsWell(memory, at);
}

/** All that will answer in time has answered: decide. */
function closeRound(before: Memory, waiting: StandingBy, round: Round, at: Moment): Step {
  const assessment = assess(before.nodes, round.answered, at.nowMs, before.settings);
  const noted = noteVacancy(before, waiting, assessment, at);
  const [memory, stage] = contestOver(noted, waiting, assessment);
  const closed: StandingBy = { ...stage, round: undefined };
  if (assessment.kind === 'wait') return wait(memory, closed, assessment.mixed, at);

  const { spare } = stage;
  const { reading } = memory;
  if (spare === undefined || !mayContend(memory, stage, at)) {
    return wait(memory, closed, false, at);
  }
  if (!reading || reading.runId !== at.ledger.runId) {
    return wait(checkSoon(memory), closed, false, at);
  }
  const depose = assessment.kind === 'depose';
  return {
    state: {
      memory,
      stage: {
        name: 'acquiring',
        term: spare,
        via: depose ? 'silence' : assessment.via,
        step: depose ? 'depose' : 'acquire',
        takeable: depose ? round.answered.length - assessment.silent.length : 0,
        reading,
        sentMs: at.nowMs,
      },
    },
    effects: [
      depose ? { type: 'depose', silent: assessment.silent } : { type: 'acquire', term: spare },
    ],
  };
}

/**
 * Where nodes disagree the holder may be half gone: the sockets of a process that dies close one
 * after another. The next look comes at once, a few times.
 */
function wait(memory: Memory, stage: StandingBy, mixed: boolean, at: Moment): Step {
  const hurry = mixed && stage.hurried < MAX_HURRIED;
  const pollDueMs = hurry ? at.nowMs + HURRIED_POLL_MS : stage.pollDueMs;
  const hurried = mixed ? (hurry ? stage.hurried + 1 : stage.hurried) : 0;
  return {
    state: { memory, stage: { ...stage, pollDueMs, roundNext: hurry, hurried } },
    effects: [],
  };
}
