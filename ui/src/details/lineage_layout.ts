// Where the tables of a lineage picture stand. Pure.
import type { Table } from '../api/types';

export type Place = { table: string; column: number; row: number; column_rows: number };
export type Picture = { places: Place[]; edges: { from: Place; to: Place }[]; columns: number; rows: number };

const layers = ['bronze', 'silver', 'gold', 'ops'];

// A table's column is the longest way to it from a table without inputs, among `names`, so that
// an edge never points backwards, not even between two tables of one layer.
export function lay_out(names: string[], tables: Table[]): Picture {
  const shown = new Map(tables.filter((t) => names.includes(t.table)).map((t) => [t.table, t]));
  const inputs_of = (name: string) => (shown.get(name)?.inputs ?? []).filter((input) => shown.has(input));
  const columns = new Map<string, number>();
  const column_of = (name: string, path: string[]): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const before = inputs_of(name).filter((input) => !path.includes(input));
    const column = Math.max(-1, ...before.map((input) => column_of(input, [...path, name]))) + 1;
    columns.set(name, column);
    return column;
  };
  for (const name of shown.keys()) column_of(name, [name]);

  const filled: number[] = [];
  const places = [...shown.values()]
    .sort((a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer) || a.table.localeCompare(b.table))
    .map(({ table }): Place => {
      const column = columns.get(table) ?? 0;
      const row = filled[column] ?? 0;
      filled[column] = row + 1;
      return { table, column, row, column_rows: 0 };
    });
  for (const place of places) place.column_rows = filled[place.column] ?? 0;

  const by_name = new Map(places.map((place) => [place.table, place]));
  const edges = places.flatMap((to) =>
    inputs_of(to.table).flatMap((input) => {
      const from = by_name.get(input);
      return from ? [{ from, to }] : [];
    }),
  );
  return { places, edges, columns: filled.length, rows: Math.max(0, ...filled) };
}
