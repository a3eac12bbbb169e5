import { RequestRefused } from 'understudy';

/**
 * Thrown by the test in which a lab was made and not closed, or by its file for a lab that was made
 * outside a test. The lab has been closed, with whatever run still went on. Its stack leads to the
 * call of `startLab()`.
 */
export class LabLeftOpen extends RequestRefused {
  readonly code = 'LAB_LEFT_OPEN';
}

/** Thrown when a lab that was closed is asked for a run; nothing was started. */
export class LabClosed extends RequestRefused {
  readonly code = 'LAB_CLOSED';
}
