// Where the tables of a lineage picture stand. Pure.
import type { Table } from '../api/types';

export type Place = { table: string; column: number; row: number; column_rows: number };
export type Picture = { places: Place[]; edges: { from: Place; to: Place }[]; columns: number; rows: number };

const layers = ['bronze', 'silver', 'gold', 'ops'];
const most_columns = 4; // what fits beside each other and can still be read

// A table's column is the longest way to it from a table without inputs, so that every edge
// points to the right. Where that takes too many columns, each layer is one column, and an edge
// within a layer stays in its column.
export function lay_out(names: string[], tables: Table[]): Picture {
  const shown = tables
    .filter((t) => names.includes(t.table))
    .sort((a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer) || a.table.localeCompare(b.table));
  const by_depth = depths(shown);
  const deepest = Math.max(0, ...by_depth.values()) + 1;
  const used = layers.filter((layer) => shown.some((table) => table.layer === layer));
  const column_of = (table: Table) =>
    deepest <= most_columns ? (by_depth.get(table.table) ?? 0) : used.indexOf(table.layer);

  const filled: number[] = [];
  const places = shown.map((table): Place => {
    const column = column_of(table);
    const row = filled[column] ?? 0;
    filled[column] = row + 1;
    return { table: table.table, column, row, column_rows: 0 };
  });
  for (const place of places) place.column_rows = filled[place.column] ?? 0;

  const by_name = new Map(places.map((place) => [place.table, place]));
  const edges = shown.flatMap((table) =>
    table.inputs.flatMap((input) => {
      const from = by_name.get(input);
      const to = by_name.get(table.table);
      return from && to ? [{ from, to }] : [];
    }),
  );
  return { places, edges, columns: filled.length, rows: Math.max(0, ...filled) };
}

function depths(shown: Table[]): Map<string, number> {
  const tables = new Map(shown.map((table) => [table.table, table]));
  const known = new Map<string, number>();
  const depth_of = (name: string, path: string[]): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const before = (tables.get(name)?.inputs ?? []).filter((input) => tables.has(input) && !path.includes(input));
    const depth = Math.max(-1, ...before.map((input) => depth_of(input, [...path, name]))) + 1;
    known.set(name, depth);
    return depth;
  };
  for (const { table } of shown) depth_of(table, [table]);
  return known;
}
