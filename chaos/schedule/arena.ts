import { unreachable } from '@understudy/runtime';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { FaultyRedis } from '../drivers/faulty-redis.ts';
import type { FleetNode } from '../drivers/fleet.ts';
import type { Ambush, Observation } from '../faults/fault.ts';
import type { AnyFault } from '../faults/index.ts';

/** Everything of a run that a fault can hit. */
export interface Arena {
  readonly nodes: readonly FleetNode[];
  /** Who leads, where the system under test itself can tell; undefined while nobody does. */
  leaderTold?(): string | undefined;
  /** The connections of a node with Redis; undefined where they are out of the lab's reach. */
  linkOf(node: string): FaultyLink | undefined;
  /** The server called `data`, `lock-1`, …; undefined where it is out of the lab's reach. */
  serverOf(name: string): FaultyRedis | undefined;
}

/** A fault with its target and its parameters in place. */
export interface Strike {
  /** The process to be looked after if the lab dies now. */
  readonly pid: number;
  readonly startTime: string;
  lieInWait?(signal: AbortSignal): Promise<Ambush>;
  inject(): Promise<Observation>;
  heal(): Promise<Observation>;
}

/** Points a fault at its target; undefined when the lab cannot reach it there. */
export function aim(
  fault: AnyFault,
  target: string,
  parameters: unknown,
  arena: Arena,
): Strike | undefined {
  switch (fault.place) {
    case 'node': {
      const node = arena.nodes.find(({ name }) => name === target);
      return node && strike(fault, asFaulty(node), parameters);
    }
    case 'link': {
      const link = arena.linkOf(target);
      return link && strike(fault, link, parameters);
    }
    case 'redis': {
      const server = arena.serverOf(target);
      return server && strike(fault, server, parameters);
    }
    default:
      return unreachable(fault);
  }
}

interface Acts<Subject> {
  lieInWait?(subject: Subject, parameters: unknown, signal: AbortSignal): Promise<Ambush>;
  inject(subject: Subject, parameters: unknown): Promise<Observation>;
  heal(subject: Subject, parameters: unknown): Promise<Observation>;
}

function strike<Subject extends { readonly pid: number; readonly startTime: string }>(
  fault: Acts<Subject>,
  subject: Subject,
  parameters: unknown,
): Strike {
  const { pid, startTime } = subject;
  const { lieInWait } = fault;
  return {
    pid,
    startTime,
    ...(lieInWait && {
      lieInWait: (signal: AbortSignal) => lieInWait.call(fault, subject, parameters, signal),
    }),
    inject: () => fault.inject(subject, parameters),
    heal: () => fault.heal(subject, parameters),
  };
}

/** The node's present process, and how a new one takes its place. */
function asFaulty(node: FleetNode): FaultyNode {
  const { process } = node;
  return {
    pid: process.pid,
    startTime: process.startTime,
    who: process.who,
    signal: (name) => process.signal(name),
    exitWithin: (limitMs) => process.exitWithin(limitMs),
    statesWithin: (limitMs, stopped) => process.statesWithin(limitMs, stopped),
    told: (states) => process.told(states),
    get inside() {
      return node.inside;
    },
    insideWithin: (limitMs) => node.insideWithin(limitMs),
    cpuMs: () => process.cpuMs(),
    untilFailpoint: (name, signal) => process.untilFailpoint(name, signal),
    restart: () => node.restart(),
  };
}
