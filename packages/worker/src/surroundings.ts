import type { ConnectionWatch } from '@understudy/redis';
import {
  type Clock,
  type NewId,
  type Prng,
  randomId,
  seededPrng,
  systemClock,
  systemTimers,
  type Timers,
  unrepeated,
} from '@understudy/runtime';
import { type Logger, silentLogger } from '@understudy/telemetry';

/** Time, chance and logs, as parameters. */
export interface Surroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly prng: Prng;
  readonly newId: NewId;
  readonly log: Logger;
  /** Watches the node's connections to Redis. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
}

/** `options`, and the system's for what they leave out. Warnings do not repeat themselves. */
export function surroundingsOf(options: Partial<Surroundings>, incarnation: string): Surroundings {
  const log = options.log ?? silentLogger;
  const clock = options.clock ?? systemClock;
  return {
    clock,
    timers: options.timers ?? systemTimers,
    prng: options.prng ?? seededPrng(incarnation),
    newId: options.newId ?? randomId,
    log: {
      debug: (fields, message) => log.debug(fields, message),
      info: (fields, message) => log.info(fields, message),
      warn: unrepeated((fields, message) => log.warn(fields, message), clock),
      error: (fields, message) => log.error(fields, message),
    },
    watch: options.watch,
  };
}
