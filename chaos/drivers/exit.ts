/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** In the words of who saw it, where that is not the lab itself. */
  readonly told?: string;
}

/** An exit in words: `ended by SIGKILL`, `exited with code 1`. */
export function describeExit(exit: Exit): string {
  if (exit.told !== undefined) return exit.told;
  return exit.signal === null ? `exited with code ${exit.code}` : `ended by ${exit.signal}`;
}
