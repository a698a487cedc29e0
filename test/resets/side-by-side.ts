import type { Cell } from './matrix.ts';

/**
 * The cells of all points of a run, so many at a time. How many points it has is known only once it has run, and may
 * differ a little from one deal to the next.
 */
export async function sideBySide(
  concurrency: number,
  runPoint: (point: number) => Promise<Cell | null>,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  let next = 0;
  let end = 0;
  const runOrTell = (point: number) => runPoint(point).catch((error: unknown) => notRun(point, error));
  const work = async (): Promise<void> => {
    while (next < end) {
      const point = next++;
      const cell = await runOrTell(point);
      if (cell === null) {
        end = Math.min(end, point);
        continue;
      }
      cells[point] = cell;
      end = Math.min(end, Math.max(cell.points, point + 1));
    }
  };
  // The first tells how many there are, so that the others do not run past them.
  const first = await runOrTell(next++);
  if (first === null) return [];
  cells[0] = first;
  end = first.points;
  await Promise.all(Array.from({ length: concurrency }, work));
  return cells.filter((cell) => cell !== undefined);
}

/** One that did not come to its end keeps no other from being looked at. */
function notRun(point: number, error: unknown): Cell {
  const message =
    error instanceof Error ? [error.message, error.cause].filter(Boolean).join(': ') : String(error);
  return {
    points: 0,
    eventId: `no. ${point + 1}`,
    around: 'unknown',
    broken: [`the test itself: ${message}`],
  };
}
