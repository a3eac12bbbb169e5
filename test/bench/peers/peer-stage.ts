/**
 * What the processes of a peer run on. Each is `main`, prints `ready` when it waits for the active one's
 * place, and `effect` for all that it has done since it has that place.
 */
export interface PeerStage extends AsyncDisposable {
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The active one is killed after it has been so for so long, and up to half of it more. */
  readonly activeForMs: number;
}

/** A stage, or why this machine has none. */
export type OpenedStage = PeerStage | { readonly absent: string };

/** Effects, or messages, a second: as many as ours has jobs. */
export const PER_SECOND = 400;
