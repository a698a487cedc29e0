/** Whether the work ended in time; throws what it throws by then. It goes on where it did not. */
export function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // A plain timer: one that is ended by a signal makes an error with its stack, for every request.
    const timer = setTimeout(() => resolve(false), budgetMs);
    work.then(
      () => {
        clearTimeout(timer);
        resolve(true);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
