import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf, unreachable } from '@understudy/runtime';
import { FaultNotPossible, InvalidSchedule } from '../errors.ts';
import { type FaultOutcome, sayHealed, sayLanded, type SayFault } from './fault-words.ts';
import { type HandOrder, type HandReply, handReplySchema, socketPath } from './hand-messages.ts';
import { RUN_FILES } from './run-directory.ts';
import type { RunGoingOn } from './runs-going-on.ts';

/** One fault, to be injected by hand into a run of the lab that goes on in another process. */
export interface FaultInRun extends HandOrder {
  readonly run: Pick<RunGoingOn, 'run' | 'directory'>;
  /** Takes the fault back before its time is over. */
  readonly signal: AbortSignal;
  /** Told what happens, in sentences. */
  readonly say: SayFault;
}

/**
 * Asks a run that goes on to inject a fault. The run does it, and knows of it: it is in its history,
 * and its judge does not lay at the fleet's door what came of it.
 * @throws {InvalidSchedule} when the fault cannot be carried out there
 * @throws {FaultNotPossible} when there is nobody to hit now, or the run is over meanwhile
 */
export async function faultInRun(options: FaultInRun): Promise<FaultOutcome> {
  const { run, fault, target, parameters, signal, say } = options;
  const socket = await connected(run);
  // The run takes the fault back when this side ends, and still tells how that went.
  const giveUp = (): void => void socket.end();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    socket.write(`${JSON.stringify({ fault, target, parameters })}\n`);
    let landed: Extract<HandReply, { reply: 'landed' }> | undefined;
    for await (const line of createInterface({ input: socket })) {
      const reply = handReplySchema.parse(JSON.parse(line));
      switch (reply.reply) {
        case 'refused':
          throw reply.because === 'request'
            ? new InvalidSchedule(reply.message)
            : new FaultNotPossible(`${run.run}: ${reply.message}`);
        case 'landed':
          landed = reply;
          sayLanded(fault, reply, reply, reply.afterMs, reply.lastsMs, say);
          break;
        case 'healed':
          if (!landed) break;
          sayHealed(fault, landed, reply, say);
          return outcomeOf(landed, reply);
        default:
          return unreachable(reply);
      }
    }
    throw new FaultNotPossible(
      `the run ${run.run} ended meanwhile${landed ? ', and everything it had started with it, the fault included' : '; nothing was injected'}`,
    );
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

function outcomeOf(
  { id, name, role, seen, evidence, afterMs }: Extract<HandReply, { reply: 'landed' }>,
  healed: Extract<HandReply, { reply: 'healed' }>,
): FaultOutcome {
  return {
    name,
    ...(role === undefined ? {} : { role }),
    id,
    landed: { seen, evidence },
    healed: { seen: healed.seen, evidence: healed.evidence },
    landedMs: Math.round(afterMs),
  };
}

async function connected({ run, directory }: FaultInRun['run']): Promise<Socket> {
  const path = socketPath(join(directory, RUN_FILES.hand));
  if (path === undefined) {
    throw new FaultNotPossible(
      `the run ${run} takes no faults by hand: the path of its directory, ${directory}, is too long for a socket. Make runs in a folder with a shorter one.`,
    );
  }
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (error) {
    throw new FaultNotPossible(
      `the run ${run} takes no faults by hand at the moment (${messageOf(error)}): it is only just starting, being judged, or over. Ask again when its jobs flow.`,
      { cause: error },
    );
  }
  // An end that comes as an error is an end.
  socket.on('error', () => undefined);
  return socket;
}
