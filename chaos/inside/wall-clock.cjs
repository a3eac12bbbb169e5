// Shifts what this process takes for the time of day: `Date.now()`, `new Date()`, `Date()`. What is
// monotonic (`performance.now()`, `process.hrtime()`, timers) runs on. Code that kept `Date` itself
// in a variable before the shift reads the shifted `now()` and, with `new`, the true time.
'use strict';

const TrueDate = Date;
const trueNow = Date.now;
/** Ahead of the true time by `byMs`; with `everyMs` it jumps, ahead and back behind by turns. */
let skewed;

function now() {
  if (!skewed) return trueNow();
  const { byMs, everyMs, sinceMs } = skewed;
  const behind = everyMs > 0 && Math.floor((performance.now() - sinceMs) / everyMs) % 2 === 1;
  return trueNow() + (behind ? -byMs : byMs);
}

function SkewedDate(...given) {
  if (!new.target) return new TrueDate(now()).toString();
  const target = new.target === SkewedDate ? TrueDate : new.target;
  return Reflect.construct(TrueDate, given.length === 0 ? [now()] : given, target);
}
Object.defineProperty(SkewedDate, 'name', { value: 'Date' });
Object.defineProperty(SkewedDate, 'length', { value: TrueDate.length });
// `instanceof` and classes that extend it go on as before.
Object.defineProperty(SkewedDate, 'prototype', { value: TrueDate.prototype, writable: false });
Object.setPrototypeOf(SkewedDate, TrueDate);

exports.skew = ({ byMs, everyMs = 0 }) => {
  skewed = { byMs, everyMs, sinceMs: performance.now() };
  TrueDate.now = now;
  TrueDate.prototype.constructor = SkewedDate;
  globalThis.Date = SkewedDate;
};

exports.unskew = () => {
  if (!skewed) return;
  skewed = undefined;
  TrueDate.now = trueNow;
  TrueDate.prototype.constructor = TrueDate;
  globalThis.Date = TrueDate;
};
