import type { FaultOperation, HistoryHeader } from '@understudy/history';
import { takeoverLimitMs } from './takeover-limit.ts';

/** Which faults act on which target at a point of the history. */
export class FaultsInForce {
  readonly #byTarget = new Map<string, Map<string, FaultOperation>>();

  /** Takes the next operation on a fault. */
  step(fault: FaultOperation): void {
    switch (fault.phase) {
      case 'inject': {
        let faults = this.#byTarget.get(fault.target);
        if (!faults) this.#byTarget.set(fault.target, (faults = new Map()));
        faults.set(fault.id, fault);
        break;
      }
      case 'healed':
      case 'refused':
        this.#byTarget.get(fault.target)?.delete(fault.id);
        break;
      case 'landed':
      case 'heal':
        break;
    }
  }

  /**
   * The limit for a takeover after `fault`, in ms: the longest of those that act on the node. The
   * end of a node that is killed behind a dead line is not seen before the line's own limit.
   */
  limitMs(header: HistoryHeader, fault: FaultOperation): number {
    const others = this.#byTarget.get(fault.target)?.values() ?? [];
    return Math.max(...[fault, ...others].map((each) => takeoverLimitMs(header, each.fault)));
  }
}
