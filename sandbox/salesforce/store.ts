import { createIdSequence } from './ids.ts';
import type { ObjectType } from './schema.ts';

export type FieldValue = string | number | boolean | null;
/** Fields by name; a field that was never set is absent and means null. */
export type Row = Record<string, FieldValue>;
export type Fields = Readonly<Record<string, FieldValue>>;

/** The rows of one org, and the bytes of its files. Knows no rules: those are in `records.ts`. */
export class Store {
  #tables = new Map<string, Map<string, Row>>();
  /** The recycle bin: object name and row by id. */
  #bin = new Map<string, { readonly objectName: string; readonly row: Row }>();
  readonly #deleted = new Set<string>();
  readonly #files = new Map<string, Buffer>();
  /** Ids of records that no sharing rule opens to the integration user. */
  readonly #hidden = new Set<string>();
  readonly nextId: (prefix: string) => string = createIdSequence();

  rows(objectName: string): Row[] {
    return [...this.#table(objectName).values()];
  }

  find(objectName: string, id: string): Row | undefined {
    return this.#table(objectName).get(id);
  }

  /** The rows that the integration user may see. */
  visibleRows(objectName: string): Row[] {
    return this.rows(objectName).filter((row) => !this.#hidden.has(idOf(row)));
  }

  /** The same with those in the recycle bin. */
  visibleRowsAndBin(objectName: string): Row[] {
    const binned = [...this.#bin.values()].filter((each) => each.objectName === objectName);
    return [...this.visibleRows(objectName), ...binned.map(({ row }) => row)];
  }

  /** As after some weeks. */
  emptyBin(): void {
    this.#bin.clear();
  }

  findVisible(objectName: string, id: string): Row | undefined {
    return this.#hidden.has(id) ? undefined : this.find(objectName, id);
  }

  hide(id: string): void {
    this.#hidden.add(id);
  }

  show(id: string): void {
    this.#hidden.delete(id);
  }

  put(object: ObjectType, row: Row): void {
    this.#table(object.name).set(idOf(row), row);
  }

  remove(objectName: string, id: string): void {
    const row = this.find(objectName, id);
    if (row === undefined) return;
    this.#table(objectName).delete(id);
    this.#deleted.add(id);
    this.#bin.set(id, { objectName, row: { ...row, IsDeleted: true } });
  }

  wasDeleted(id: string): boolean {
    return this.#deleted.has(id);
  }

  putFile(versionId: string, bytes: Buffer): void {
    this.#files.set(versionId, bytes);
  }

  file(versionId: string): Buffer | undefined {
    return this.#files.get(versionId);
  }

  /** Runs the writes and takes them back when one throws. */
  allOrNothing<T>(writes: () => T): T {
    const undo = this.remember();
    try {
      return writes();
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** Returns what takes back everything that is written from now on. */
  remember(): () => void {
    const before = new Map(
      [...this.#tables].map(([name, table]) => [
        name,
        new Map([...table].map(([id, row]) => [id, { ...row }])),
      ]),
    );
    const binBefore = new Map(this.#bin);
    const deletedBefore = new Set(this.#deleted);
    return () => {
      this.#tables = before;
      this.#bin = binBefore;
      for (const id of this.#deleted) {
        if (!deletedBefore.has(id)) this.#deleted.delete(id);
      }
    };
  }

  #table(objectName: string): Map<string, Row> {
    let table = this.#tables.get(objectName);
    if (!table) {
      table = new Map();
      this.#tables.set(objectName, table);
    }
    return table;
  }
}

export function idOf(row: Row): string {
  return text(row, 'Id');
}

export function text(row: Row, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

export function number(row: Row, name: string): number {
  const value = row[name];
  return typeof value === 'number' ? value : 0;
}
