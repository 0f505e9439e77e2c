// Ways through the lineage: which tables and columns stand before and after one. Pure.
import type { LineageSource, LineageTable, LineageWay } from '../api/types';

export const layers = ['raw', 'bronze', 'silver', 'gold', 'serving'] as const;

// A step from one column to the next. `from.column` is null where rows count, `to.column` where it
// decides the rows of the table.
export type Step = { from: LineageSource; to: { table: string; column: string | null } };
export type Direction = 'before' | 'after';

export const gives_values = (way: LineageWay) => way === 'identity' || way === 'transformation' || way === 'aggregation';

export function way_name(way: LineageWay): string {
  return way.replace('_', ' ');
}

export function source_name({ table, column, field }: LineageSource): string {
  if (column === null) return `rows of ${table}`;
  return field === null ? `${table}.${column}` : `${table}.${column}.${field}`;
}

// All tables before or after `table`, as they are read; without itself.
export function tables_reached(all: LineageTable[], table: string, direction: Direction): Set<string> {
  const inputs = new Map(all.map((each) => [each.table, each.reads]));
  const next = (name: string) =>
    direction === 'before' ? (inputs.get(name) ?? []) : all.filter((each) => each.reads.includes(name)).map((each) => each.table);
  const reached = new Set<string>();
  const border = [table];
  for (let name = border.pop(); name !== undefined; name = border.pop()) {
    for (const neighbour of next(name)) {
      if (neighbour === table || reached.has(neighbour) || !inputs.has(neighbour)) continue;
      reached.add(neighbour);
      border.push(neighbour);
    }
  }
  return reached;
}

// The steps from or to a column, the nearest first. What decides rows is a step, and none goes on
// from there: it is behind every column of the table.
export function steps(all: LineageTable[], table: string, column: string, direction: Direction): Step[] {
  const every: Step[] = all.flatMap((each) => [
    ...each.columns.flatMap((one) => one.sources.map((from) => ({ from, to: { table: each.table, column: one.column } }))),
    ...each.rows.map((from) => ({ from, to: { table: each.table, column: null } })),
  ]);
  const found: Step[] = [];
  const asked = new Set([`${table} ${column}`]);
  let border = [{ table, column }];
  while (border.length > 0) {
    const next: typeof border = [];
    for (const at of border) {
      for (const step of every) {
        const near = direction === 'before' ? step.to : step.from;
        const far = direction === 'before' ? step.from : step.to;
        if (near.table !== at.table || near.column !== at.column) continue;
        found.push(step);
        const key = `${far.table} ${far.column}`;
        if (far.column === null || asked.has(key)) continue;
        asked.add(key);
        next.push({ table: far.table, column: far.column });
      }
    }
    border = next;
  }
  return found;
}

// Where tables stand: a column for each layer, ordered as they come.
export function places(all: LineageTable[]): Map<string, { column: number; row: number }> {
  const filled = layers.map(() => 0);
  return new Map(
    all.map((table) => {
      const column = layers.indexOf(table.layer);
      const row = filled[column] ?? 0;
      filled[column] = row + 1;
      return [table.table, { column, row }];
    }),
  );
}
