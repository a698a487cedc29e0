import { type Insertable, type RawBuilder, sql } from 'kysely';
import type { StoreSchema } from './schema.ts';

type ColumnType = 'bigint' | 'integer' | 'jsonb' | 'text' | 'timestamptz' | 'uuid';

type Columns<Table extends keyof StoreSchema> = {
  readonly [Column in keyof Insertable<StoreSchema[Table]>]?: ColumnType;
};

/** What `insertInto(table)` takes by `columns` and `expression`. */
interface Unnested<Column> {
  readonly columns: readonly Column[];
  readonly rows: RawBuilder<unknown>;
}

/**
 * Rows to insert, as one array for each column: the statement stays short however many they are, where a list of values
 * takes a parameter for each of them, which both engines parse for milliseconds. What all rows have in common is sent once.
 * `types` names the columns; one that a row lacks is null.
 */
export function unnested<Table extends keyof StoreSchema, Types extends Columns<Table>>(
  rows: readonly Insertable<StoreSchema[Table]>[],
  types: Types,
): Unnested<keyof Types & keyof Insertable<StoreSchema[Table]>> {
  const columns = Object.keys(types) as (keyof Types & keyof Insertable<StoreSchema[Table]>)[];
  const arrays: RawBuilder<unknown>[] = [];
  const names: RawBuilder<unknown>[] = [];
  const selected = columns.map((column, index) => {
    const values = rows.map((row) => row[column] ?? null);
    const type = types[column] as ColumnType;
    // The first one gives the number of rows.
    if (index > 0 && values.every((value) => value === values[0])) {
      return sql`${values[0]}::${sql.raw(type)}`;
    }
    const name = sql.ref(String(column));
    arrays.push(sql`${values}::${sql.raw(type)}[]`);
    names.push(name);
    return name;
  });
  const from = sql`unnest(${sql.join(arrays)}) as rows (${sql.join(names)})`;
  return { columns, rows: sql`select ${sql.join(selected)} from ${from}` };
}
