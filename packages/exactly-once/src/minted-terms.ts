import type { FencingToken } from './fencing-token.ts';

const REMEMBERED_TERMS = 64;

/**
 * At which run of the store each term was minted (L5). A store that restarts from an older
 * snapshot may hold a deposed term as current, so only the run that minted it may be asked.
 */
export class MintedTerms {
  readonly #runIds = new Map<string, string>();
  #highestEpoch = 0;

  /** The highest epoch this process minted; 0 for none. */
  get highestEpoch(): number {
    return this.#highestEpoch;
  }

  remember(token: FencingToken, runId: string): void {
    this.#runIds.set(nameOf(token), runId);
    this.#highestEpoch = Math.max(this.#highestEpoch, token.epoch);
    // The oldest are long deposed; forgetting one refuses it, which it would be anyway.
    for (const oldest of this.#runIds.keys()) {
      if (this.#runIds.size <= REMEMBERED_TERMS) break;
      this.#runIds.delete(oldest);
    }
  }

  /** The run at which `token` was minted through this ledger; `undefined` when it was not. */
  runIdOf(token: FencingToken): string | undefined {
    return this.#runIds.get(nameOf(token));
  }
}

function nameOf({ epoch, term }: FencingToken): string {
  return `${epoch} ${term}`;
}
