/** Settles with `start()`, or rejects with the signal's reason; what `start()` does after that is ignored. */
export function untilStopped<T>(start: () => Promise<T>, stop?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (stop?.aborted) {
      reject(stop.reason);
      return;
    }
    const onStop = () => reject(stop?.reason);
    stop?.addEventListener('abort', onStop, { once: true });
    start()
      .then(resolve, reject)
      .finally(() => stop?.removeEventListener('abort', onStop));
  });
}
