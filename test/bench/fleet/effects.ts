import { connect } from '@understudy/redis';
import { systemClock } from '@understudy/runtime';

/** One effect as the bench saw it. */
export interface SeenEffect {
  readonly job: string;
  readonly node: string;
  /** Monotonic ms of when the bench was told of it, which is after it was committed. */
  readonly atMs: number;
}

/** Follows an effect log from its beginning. Disposing stops that. */
export function followEffects(
  url: string,
  key: string,
  seen: (effect: SeenEffect) => void,
): AsyncDisposable {
  const redis = connect(url, { purpose: 'observe', name: 'bench' });
  let open = true;
  const loop = async (): Promise<void> => {
    let last = '0';
    while (open) {
      const reply = await redis.xread('COUNT', 1000, 'BLOCK', 1000, 'STREAMS', key, last);
      const atMs = systemClock.monotonicMs();
      for (const [id, fields] of entriesOf(reply)) {
        last = id;
        seen({ job: fields.get('job') ?? '', node: fields.get('node') ?? '', atMs });
      }
    }
  };
  const running = loop().catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      open = false;
      redis.disconnect();
      await running;
    },
  };
}

/** The entries of an XREAD reply, whichever of its two protocol shapes it has. */
function entriesOf(reply: unknown): [string, Map<string, string>][] {
  const streams = Array.isArray(reply)
    ? reply.map((stream: unknown) => (stream as [string, unknown])[1])
    : Object.values((reply ?? {}) as Record<string, unknown>);
  return (streams.flat(1) as [string, string[]][]).map(([id, flat]) => [id, fieldsOf(flat)]);
}

/** The fields of a stream's entry. */
export function fieldsOf(flat: readonly unknown[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
  return fields;
}
