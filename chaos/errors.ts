import { UnderstudyError } from '@understudy/runtime';

/**
 * The base of errors that whoever asked can mend by asking differently. The command line exits
 * with 64.
 */
export abstract class RequestRefused extends UnderstudyError {
  readonly retriable = false;
}

/**
 * The base of errors that lie in the machine, the Redis or the worker's command, not in the
 * request. The command line exits with 69.
 */
export abstract class EnvironmentUnfit extends UnderstudyError {
  readonly retriable = false;
}

/**
 * Thrown when the input holds a line that is no payment, or an id twice. Nothing was enqueued. The
 * message names the line and what was expected.
 */
export class InvalidInput extends RequestRefused {
  readonly code = 'INVALID_INPUT';
}

/**
 * Thrown when a system of one's own cannot be used: its config cannot be loaded or has mistakes, all
 * of which are named, or a hook fails before anything was tested.
 */
export class SystemUnusable extends RequestRefused {
  readonly code = 'SYSTEM_UNUSABLE';
}

/** Thrown when a setting of the run is out of range; the message names it and the range. */
export class InvalidSettings extends RequestRefused {
  readonly code = 'INVALID_SETTINGS';
}

/**
 * Thrown when a step of a schedule cannot be carried out as written: a duration that is none, a
 * node that is not there, a parameter that a fault does not have, a fault that cannot work here.
 */
export class InvalidSchedule extends RequestRefused {
  readonly code = 'INVALID_SCHEDULE';
}

/**
 * Thrown when a node's process ended before it was ready, or was not ready in time. The message
 * carries the end of its log.
 */
export class NodeFailed extends EnvironmentUnfit {
  readonly code = 'NODE_FAILED';
}

/**
 * Thrown when the proxy of a node did not start, ended by itself or does not answer. What the run
 * has seen since is worth nothing; the message carries the end of its log.
 */
export class LinkProxyFailed extends EnvironmentUnfit {
  readonly code = 'LINK_PROXY_FAILED';
}

/**
 * Thrown when there is no Prometheus to start, it does not start or does not answer; says what was
 * tried.
 */
export class PrometheusUnfit extends EnvironmentUnfit {
  readonly code = 'PROMETHEUS_UNFIT';
}

/** Thrown when there is no Redis to start, or the one given cannot be used; says what was tried. */
export class RedisUnfit extends EnvironmentUnfit {
  readonly code = 'REDIS_UNFIT';
}

/**
 * Thrown when the log of effects is read at the end of a run and no longer holds its beginning, because
 * the fleet keeps effects for a time only. What is missing must not be taken for lost.
 */
export class EffectLogTrimmed extends EnvironmentUnfit {
  readonly code = 'EFFECT_LOG_TRIMMED';
}

/** Thrown when the run directory cannot be made or written: permission, space, a file in the way. */
export class RunDirectoryUnusable extends EnvironmentUnfit {
  readonly code = 'RUN_DIRECTORY_UNUSABLE';
}

/** Thrown when a report cannot be written to the file that was asked for. */
export class ReportUnwritable extends EnvironmentUnfit {
  readonly code = 'REPORT_UNWRITABLE';
}

/**
 * Thrown when an earlier run cannot be injected again: it is not there, its schedule cannot be read,
 * or it was made of another input or with an environment whose values were not kept.
 */
export class EarlierRunUnusable extends RequestRefused {
  readonly code = 'EARLIER_RUN_UNUSABLE';
}

/**
 * Thrown when a module that the user wrote, such as an experiment, cannot be loaded, throws, or is not
 * of the form it must have. The message names the file, and the line where it is known.
 */
export class UserModuleUnusable extends RequestRefused {
  readonly code = 'USER_MODULE_UNUSABLE';
}

/**
 * Thrown when `init` would have to overwrite files, or cannot write them all. None is left; the message
 * names what is in the way.
 */
export class StarterNotWritten extends RequestRefused {
  readonly code = 'STARTER_NOT_WRITTEN';
}

/** The base of errors that lie in a fleet that runs: what this machine lacks has no part in it. */
export abstract class FleetUnfit extends EnvironmentUnfit {}

/**
 * Thrown when no Docker engine answers, or it refuses what it is asked. The message says where it
 * was looked for and what to do.
 */
export class DockerEngineUnfit extends FleetUnfit {
  readonly code = 'DOCKER_ENGINE_UNFIT';
}

/**
 * Thrown when the containers of a compose project are not a fleet of Understudy's, or not one that
 * a run can begin with: no such project, no labels of ours, a node that does not run.
 */
export class ComposeProjectUnfit extends FleetUnfit {
  readonly code = 'COMPOSE_PROJECT_UNFIT';
}

/**
 * Thrown when something is to be done to a container or a network that does not belong to the
 * compose project of the fleet. Nothing was done to it.
 */
export class NotOfTheProject extends RequestRefused {
  readonly code = 'NOT_OF_THE_PROJECT';
}

/** Thrown when a fault that is injected by hand finds nobody to hit. Nothing was done. */
export class FaultNotPossible extends FleetUnfit {
  readonly code = 'FAULT_NOT_POSSIBLE';
}
