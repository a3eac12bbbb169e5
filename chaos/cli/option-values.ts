import { modeSchema, type Mode } from '@understudy/history';
import type { Persistence } from '@understudy/redis';
import { InvalidArgumentError, Option } from 'commander';
import { type SaboteurName, saboteurNames } from '../audit/saboteurs.ts';
import { type Contract, CONTRACTS } from '../subject/foreign-worker.ts';
import { type Lane, LANES } from '../workload/lane.ts';
import { capitalised, unknownName } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** What a list or a finding can be written as; for the reports of runs see `reporters.ts`. */
const FORMS = ['text', 'json'] as const;

/** What a list or a finding is written as. */
export type Form = (typeof FORMS)[number];

/** The option of commands whose output is a list or a finding. */
export interface FormFlags {
  readonly reporter: Form;
}

/** Parses a whole number from `min` to `max`. Throws InvalidArgumentError, which says the range. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** Parses a share from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text.trim()) && value <= 1) return value;
  throw new InvalidArgumentError(
    'Expected a share from 0 to 1, such as 0.01 for one in a hundred.',
  );
}

const FASTEST = 100_000;

/** Parses jobs a second, or `max`. */
export function rate(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text.trim()) && value > 0 && value <= FASTEST) return value;
  throw new InvalidArgumentError(
    `Expected jobs a second, more than 0 and at most ${FASTEST}, or max.`,
  );
}

/** The greatest seed: seeds stay exact in JSON and in every shell. */
export const GREATEST_SEED = 2 ** 31 - 1;

/** Parses a seed, or a range of seeds such as `1..5`: one run each. */
export function seeds(text: string): readonly number[] {
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text.trim()) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from <= to && to <= GREATEST_SEED && to - from < 1000)) {
    throw new InvalidArgumentError(
      `Expected a whole number from 0 to ${GREATEST_SEED}, or a range of at most 1000 of them such as 1..5.`,
    );
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Parses the name of a mode. */
export function mode(text: string): Mode {
  return oneOf('mode', text, modeSchema.options);
}

/** Parses the name of a lane. */
export function lane(text: string): Lane {
  return oneOf('lane', text, LANES);
}

/** Parses the name of a contract. */
export function contract(text: string): Contract {
  return oneOf('contract', text, CONTRACTS);
}

/** A variable of the environment; without a value it has that of the lab's own. */
export type Variable = readonly [name: string, value?: string];

/** Parses `KEY=VALUE` or `KEY`; a flag that comes again adds to `before`. The value is never shown. */
export function variable(text: string, before: readonly Variable[] = []): readonly Variable[] {
  const at = text.indexOf('=');
  const name = at === -1 ? text : text.slice(0, at);
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    // Commander would repeat the whole of it, and a value may be a secret.
    throw new UsageError('--env needs KEY=VALUE, or KEY: letters, digits and _ make a name');
  }
  return [...before, at === -1 ? [name] : [name, text.slice(at + 1)]];
}

const DRIVERS = ['process', 'docker'] as const;

/** What a fleet runs in. */
export type Driver = (typeof DRIVERS)[number];

/** Parses the name of a driver. */
export function driver(text: string): Driver {
  return oneOf('driver', text, DRIVERS);
}

const PERSISTENCES: readonly Persistence[] = ['none', 'everysec', 'always'];

/** Parses how much the data Redis keeps. */
export function persistence(text: string): Persistence {
  return oneOf('persistence', text, PERSISTENCES);
}

/** Parses the name of a reporter of what is no run. */
export function form(text: string): Form {
  return oneOf('reporter', text, FORMS);
}

/** Parses names of saboteurs, with commas between them; a flag that comes again adds to `before`. */
export function sabotage(
  text: string,
  before: readonly SaboteurName[] = [],
): readonly SaboteurName[] {
  const names = text.split(',').map((name) => oneOf('saboteur', name.trim(), saboteurNames));
  return [...new Set([...before, ...names])];
}

/**
 * Parses the URL of a Redis. It may hold a password, so an error does not repeat it; commander's
 * own would.
 * @param flag the option's name, for the error
 */
export function redisUrl(flag: string): (text: string) => string {
  return (text) => {
    if (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)) return text;
    throw new UsageError(`${flag} is no URL of a Redis: redis://host:port or rediss://host:port`);
  };
}

/** Parses URLs of Redis servers, with commas between them. */
export function redisUrls(flag: string): (text: string) => readonly string[] {
  return (text) => text.split(',').map((url) => redisUrl(flag)(url.trim()));
}

function oneOf<T extends string>(kind: string, text: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(capitalised(unknownName(kind, text, known)));
}

/** An option whose text is parsed. */
export function option<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser(parse);
}
