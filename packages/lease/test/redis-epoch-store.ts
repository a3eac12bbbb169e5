import { commandConnection } from '@understudy/redis';
import { systemClock } from '@understudy/runtime';
import type { EpochReading, EpochStore, MintOutcome, MintRequest } from '@understudy/lease';

const RUN_ID = `local runId = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')`;

const READ = `${RUN_ID}
local current = redis.call('HMGET', KEYS[1], 'epoch', 'term')
return {tonumber(current[1] or '0'), current[2], runId}`;

const MINT = `${RUN_ID}
local term, expected, floor = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[4] ~= runId then return {'store-changed', 0} end
local current = redis.call('HMGET', KEYS[1], 'epoch', 'term')
local epoch = tonumber(current[1] or '0')
if current[2] == term then return {'minted', epoch} end
if epoch ~= expected then return {'mismatch', epoch} end
epoch = math.max(expected, floor) + 1
redis.call('HSET', KEYS[1], 'epoch', epoch, 'term', term)
return {'minted', epoch}`;

/** The ledger's minting rule (L3) and nothing else, so that the lease is tested without a ledger. */
export class RedisEpochStore implements EpochStore, AsyncDisposable {
  readonly #connection;
  readonly #key: string;
  lastAnswerMs = Number.NEGATIVE_INFINITY;
  /** Called before each mint is sent; a test makes a mint late or lost with it. */
  beforeMint: (request: MintRequest) => Promise<void> = () => Promise.resolve();
  /** Called with each answer to a mint; throwing here is an answer that was lost. */
  afterMint: (request: MintRequest, outcome: MintOutcome) => void = () => undefined;

  constructor(url: string, group: string) {
    this.#key = `test:{${group}}:epoch`;
    this.#connection = commandConnection(url, { name: 'test:store', commandTimeoutMs: 200 });
  }

  get runId(): string | undefined {
    return this.#connection.runId;
  }

  onReady(listener: (runId: string) => void): () => void {
    return this.#connection.onReady((runId) => {
      this.lastAnswerMs = systemClock.monotonicMs();
      listener(runId);
    });
  }

  readonly #readListeners = new Set<() => void>();

  /** Resolves after `times` more answers to `readEpoch`. */
  reads(times: number): Promise<void> {
    return new Promise((resolve) => {
      let left = times;
      const listener = (): void => {
        left -= 1;
        if (left > 0) return;
        this.#readListeners.delete(listener);
        resolve();
      };
      this.#readListeners.add(listener);
    });
  }

  async readEpoch(): Promise<EpochReading> {
    const answer = (await this.#connection.redis.eval(READ, 1, this.#key)) as [
      number,
      string | null,
      string,
    ];
    this.lastAnswerMs = systemClock.monotonicMs();
    for (const listener of [...this.#readListeners]) listener();
    return { epoch: answer[0], term: answer[1], runId: answer[2] };
  }

  async mint(request: MintRequest): Promise<MintOutcome> {
    await this.beforeMint(request);
    const { term, expected, floor, runId } = request;
    const [status, epoch] = (await this.#connection.redis.eval(
      MINT,
      1,
      this.#key,
      term,
      expected,
      floor,
      runId,
    )) as [MintOutcome['status'], number];
    this.lastAnswerMs = systemClock.monotonicMs();
    const outcome: MintOutcome = status === 'store-changed' ? { status } : { status, epoch };
    this.afterMint(request, outcome);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { redis } = this.#connection;
    if (redis.status === 'end') return;
    const ended = new Promise((resolve) => redis.once('end', resolve));
    redis.disconnect();
    await ended;
  }
}
