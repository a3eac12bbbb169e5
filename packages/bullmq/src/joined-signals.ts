/**
 * A signal that aborts with the first of `signals`. A job ends long before the right to work does:
 * disposing leaves nothing at signals that outlive it, which `AbortSignal.any` does.
 */
export function joined(
  ...signals: readonly (AbortSignal | undefined)[]
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const sources = signals.filter((signal) => signal !== undefined);
  const end = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  const over = sources.find((signal) => signal.aborted);
  if (over) controller.abort(over.reason);
  for (const signal of sources) signal.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => sources.forEach((signal) => signal.removeEventListener('abort', end)),
  };
}

/** A promise of `signal`'s abort. Disposing leaves nothing at the signal. */
export function aborted(signal: AbortSignal): Disposable & { readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return { promise, [Symbol.dispose]: () => signal.removeEventListener('abort', end) };
}
