import type { FaultOperation, OperationBody, Recorder } from '@understudy/history';
import type { LabEvent, Phase, PhaseEvent } from './events.ts';
import type { Progress } from './progress.ts';

/** What every phase event says of its run. */
type RunFacts = Pick<PhaseEvent, 'run' | 'directory' | 'mode' | 'nodes'>;

/** What the log is made of. */
export interface RunLogOptions extends RunFacts {
  recorder: Recorder;
  progress: Progress;
  onEvent: (event: LabEvent) => void;
  /** Called once when the history can no longer be written, or `onEvent` threw. */
  onFailure: (error: unknown) => void;
}

/** Where everything that is seen goes: to the history, to the progress, to the live display. */
export class RunLog {
  /** The fault operations so far, for the result. */
  readonly faults: FaultOperation[] = [];
  readonly #options: RunLogOptions;
  readonly #notes = new Map<string, { readonly text: string; times: number }>();
  #phase: Phase = 'starting';
  #open = true;

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /**
   * Records an operation. It is called from event handlers, so it never throws: a failure ends
   * the run through `onFailure`. What comes after the end is not recorded.
   */
  readonly record = (body: OperationBody): void => {
    if (!this.#open) return;
    const { recorder, progress, onEvent } = this.#options;
    try {
      const operation = recorder.record(body);
      if (operation.op === 'fault') this.faults.push(operation);
      progress.observe(operation);
      onEvent(operation);
    } catch (error) {
      this.#fail(error);
    }
  };

  /** Says what the lab is doing. */
  phase(phase: Phase, detail: string): void {
    this.#phase = phase;
    const { recorder, onEvent, run, directory, mode, nodes } = this.#options;
    try {
      const at = recorder.elapsedMs();
      onEvent({ type: 'phase', phase, detail, run, directory, mode, nodes, at });
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Keeps something that people should know and that decides nothing. Of a kind the first is told at
   * once, the others are counted.
   */
  note(kind: string, text: string): void {
    const known = this.#notes.get(kind);
    if (known) {
      known.times += 1;
      return;
    }
    this.#notes.set(kind, { text, times: 1 });
    this.phase(this.#phase, text);
  }

  /** What was noted, in the order in which it first was. */
  get notes(): readonly string[] {
    return [...this.#notes.values()].map(({ text, times }) =>
      times === 1 ? text : `${text} (${times} of this kind)`,
    );
  }

  /** Nothing is recorded from now on; phases still are told. */
  close(): void {
    this.#open = false;
  }

  #fail(error: unknown): void {
    this.#open = false;
    this.#options.onFailure(error);
  }
}
