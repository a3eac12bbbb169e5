import type { z } from 'zod';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { FaultyRedis } from '../drivers/faulty-redis.ts';
import type { Observation } from '../drivers/observation.ts';
import type { FaultName, Place, RedisTarget } from '../schedule/step.ts';

export type { Observation } from '../drivers/observation.ts';

/** What came of waiting for the moment of a fault that lies in wait. */
export interface Ambush extends Observation {
  /** The job that the target was at work on in that moment, where it is known. */
  readonly job?: string | undefined;
}

/** What a fault at each place has in its hands; the driver gives it. */
export interface Subjects {
  readonly node: FaultyNode;
  readonly link: FaultyLink;
  readonly redis: FaultyRedis;
}

/** What is known before the run of where a fault would act. */
export interface Circumstances {
  readonly platform: NodeJS.Platform;
  /** Where the fleet runs. Default: in processes that the lab starts. */
  readonly driver?: 'process' | 'docker';
  /**
   * Whether the lab starts the Redis servers itself, is given some that run already, or finds them
   * in containers beside those of the fleet.
   */
  readonly redis: 'private' | 'given' | 'container';
  /**
   * How nodes in containers reach Redis: each through a proxy, or over a network that they share with
   * it. Default: the latter.
   */
  readonly link?: 'proxy' | 'network';
  /** Whether servers that are given are reached by TLS. Default: they are not. */
  readonly tls?: boolean;
  /** The Redis servers of the run. */
  readonly servers: readonly RedisTarget[];
}

/** One kind of trouble. `Parameters` is what the schema makes of the parameters as written. */
export interface Fault<Parameters, At extends Place = Place> {
  readonly name: FaultName;
  readonly place: At;
  /** What it does, in one line. */
  readonly summary: string;
  readonly parameters: z.ZodType<Parameters>;
  /** Why it cannot work here; undefined when it can. Asked before the run. */
  refuse(circumstances: Circumstances, parameters: Parameters): string | undefined;
  /** What would take it back, for the undo journal. */
  readonly undo: string;
  /**
   * Whether a node goes on afterwards with what it believed before: a zombie, for which the run
   * waits at its end.
   */
  readonly leavesZombies: boolean;
  /**
   * For a fault whose moment only the target knows: waits for it, as long as `signal` allows. Nothing
   * has happened to the target before, and nothing will if this is not `seen`.
   */
  lieInWait?(subject: Subjects[At], parameters: Parameters, signal: AbortSignal): Promise<Ambush>;
  /** Hits the target at once (the signal is sent before the promise is returned). */
  inject(subject: Subjects[At], parameters: Parameters): Promise<Observation>;
  /** How long it lasts before it is healed. */
  durationMs(parameters: Parameters): number;
  heal(subject: Subjects[At], parameters: Parameters): Promise<Observation>;
}

/** How long the system gets to show that a signal worked. */
export const EVIDENCE_LIMIT_MS = 2000;

/** Faults need signals and a process table that tells them; to containers the engine sends them. */
export function refuseWithoutSignals({ platform, driver }: Circumstances): string | undefined {
  if (driver === 'docker') return undefined;
  return platform === 'linux' || platform === 'darwin'
    ? undefined
    : `it needs the signals and the process table of Linux or macOS (on Windows: WSL 2), and this is ${platform}`;
}
