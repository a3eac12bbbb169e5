import {
  type BandwidthParameters,
  type ClockSkewParameters,
  type CrashAtParameters,
  type Duration,
  type ExperimentContext,
  type FaultName,
  InvalidSchedule,
  type LatencyParameters,
  type LossParameters,
  type NodeTarget,
  type OutOfMemoryParameters,
  parseDuration,
  type PartitionParameters,
  type PauseParameters,
  type RandomFault,
  randomSchedule,
  type RedisTarget,
  type ResetParameters,
  type RestartParameters,
  type StallParameters,
  type Step,
  stepsAt,
  type Target,
  type Trigger,
} from 'understudy';

/** What each fault may be told besides its target. */
interface ParametersOf {
  kill: RestartParameters;
  stop: RestartParameters;
  restart: RestartParameters;
  pause: PauseParameters;
  stall: StallParameters;
  'clock-skew': ClockSkewParameters;
  'crash-at': CrashAtParameters;
  partition: PartitionParameters;
  'lose-requests': LossParameters;
  'lose-replies': LossParameters;
  latency: LatencyParameters;
  bandwidth: BandwidthParameters;
  reset: ResetParameters;
  'drop-clients': object;
  'forget-scripts': object;
  'out-of-memory': OutOfMemoryParameters;
}

/** When a fault comes. Default: its place among the others of the list decides. */
type When =
  | { readonly afterEffects?: number; readonly at?: never }
  | { readonly afterEffects?: never; readonly at?: Duration };

/**
 * One fault: `{ fault: 'pause', target: 'standby', for: '3s' }`. The target is a role, a node or a
 * Redis server; default `leader`, and `data` for what only Redis servers can suffer. Everything else
 * is a parameter of the fault, with its own default.
 */
export type FaultRequest = {
  [F in FaultName]: When & {
    readonly fault: F;
    readonly target?: NodeTarget | RedisTarget;
  } & Readonly<ParametersOf[F]>;
}[FaultName];

/** What needs no parameter: only `crash-at` does not know where. */
export type PlainFault = Exclude<FaultName, 'crash-at'>;

/** Faults drawn by the run's seed. */
export interface RandomFaults {
  /** How many faults come in a minute of the flow of jobs, one at least. */
  readonly perMinute: number;
  /** Which may be drawn, with their default targets and parameters. Default kill, stop and pause. */
  readonly of?: readonly PlainFault[];
}

/** Faults in short. */
export type FaultList = readonly (PlainFault | FaultRequest)[];

/** By now this share of the jobs has taken effect when the last fault of a list comes, at most. */
const LAST_SHARE = 0.9;
/** Random faults come in this part of the flow: before it nobody works, after it nobody has to. */
const FIRST_RANDOM_SHARE = 0.1;
const LAST_RANDOM_SHARE = 0.75;

const ON_REDIS: readonly FaultName[] = [
  'restart',
  'drop-clients',
  'forget-scripts',
  'out-of-memory',
];

/**
 * The steps that short forms stand for. The faults of a list come after equal parts of the work, each
 * after so many effects, so that every one finds jobs in flight: one alone at 45 % of the jobs, two at
 * 30 and 60 %. Random ones come at moments drawn from the seed.
 * @throws {InvalidSchedule}
 */
export function stepsOf(
  faults: FaultList | RandomFaults,
  context: ExperimentContext,
): readonly Step[] {
  if (isRandom(faults)) return randomSteps(faults, context);
  return faults.map((each, index) => {
    const request: Request = typeof each === 'string' ? { fault: each } : each;
    const { fault, target = defaultTarget(fault), afterEffects, at, ...parameters } = request;
    const share = (LAST_SHARE * (index + 1)) / (faults.length + 1);
    const count = afterEffects ?? Math.max(1, Math.round(context.jobs * share));
    const trigger: Trigger =
      at === undefined ? { kind: 'after-effects', count } : { kind: 'at', atMs: parseDuration(at) };
    return { trigger, fault, target, parameters };
  });
}

/** What all requests have in common; what else is there are parameters. */
interface Request {
  readonly fault: FaultName;
  readonly target?: Target;
  readonly afterEffects?: number;
  readonly at?: Duration;
}

function isRandom(faults: FaultList | RandomFaults): faults is RandomFaults {
  return 'perMinute' in faults;
}

function randomSteps(
  { perMinute, of = ['kill', 'stop', 'pause'] }: RandomFaults,
  { jobs, rate, mode, prng }: ExperimentContext,
): readonly Step[] {
  if (!(perMinute > 0) || of.length === 0) {
    throw new InvalidSchedule(
      'random faults: perMinute must be more than 0, and `of` must name a fault at least',
    );
  }
  if (rate === 'max') {
    throw new InvalidSchedule(
      'random faults: with the rate max nobody knows how long a minute of the flow is; give a rate, or a schedule',
    );
  }
  const flowMs = (jobs / rate) * 1000;
  const within = {
    fromMs: Math.round(flowMs * FIRST_RANDOM_SHARE),
    untilMs: Math.round(flowMs * LAST_RANDOM_SHARE),
  };
  const menu = of.map((fault): RandomFault => ({ fault, targets: randomTargets(fault, mode) }));
  return randomSchedule(prng, { steps: stepsAt(perMinute, within), within, menu });
}

function defaultTarget(fault: FaultName): Target {
  return ON_REDIS.includes(fault) ? 'data' : 'leader';
}

function randomTargets(fault: FaultName, mode: ExperimentContext['mode']): readonly Target[] {
  if (ON_REDIS.includes(fault)) return ['data'];
  // Where all nodes work there is no standby to speak of.
  return mode === 'active-passive' ? ['leader', 'standby', 'any'] : ['leader', 'any'];
}
