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
  let end = Number.POSITIVE_INFINITY;
  const work = async (): Promise<void> => {
    while (next < end) {
      const point = next++;
      const cell = await runPoint(point);
      if (cell === null) {
        end = Math.min(end, point);
        continue;
      }
      cells[point] = cell;
      end = Math.min(end, Math.max(cell.points, point + 1));
    }
  };
  // The first tells how many there are, so that the others do not run past them.
  const first = await runPoint(next++);
  if (first === null) return [];
  cells[0] = first;
  end = first.points;
  await Promise.all(Array.from({ length: concurrency }, work));
  return cells.filter((cell) => cell !== undefined);
}
