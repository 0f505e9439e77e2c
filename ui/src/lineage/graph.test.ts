import { expect, test } from 'vitest';
import type { LineageSource, LineageTable, LineageWay } from '../api/types';
import { places, source_name, steps, tables_reached } from './graph';

const source = (table: string, column: string | null, way: LineageWay): LineageSource => ({ table, column, field: null, way });
const table = (name: string, reads: string[], columns: Record<string, LineageSource[]>, rows: LineageSource[] = []): LineageTable => ({
  table: name,
  layer: name.split('.')[0] as LineageTable['layer'],
  kind: 'keyed',
  description: '',
  files: [],
  reads,
  sql: null,
  columns: Object.entries(columns).map(([column, sources]) => ({ column, type: 'T', doc: null, unit: null, sources })),
  rows,
});

const all = [
  table('raw.c', [], { id: [], paid: [] }),
  table('bronze.c', ['raw.c'], { id: [source('raw.c', 'id', 'identity')], paid: [source('raw.c', 'paid', 'identity')] }),
  table('silver.c', ['bronze.c'], { id: [source('bronze.c', 'id', 'identity')], paid: [source('bronze.c', 'paid', 'transformation')] }, [source('bronze.c', 'paid', 'filter')]),
  table('gold.t', ['silver.c'], { total: [source('silver.c', 'paid', 'aggregation')], count: [source('silver.c', null, 'aggregation')] }),
  table('gold.other', [], { x: [] }),
];

test('tables before and after one are found through others', () => {
  expect([...tables_reached(all, 'gold.t', 'before')]).toEqual(['silver.c', 'bronze.c', 'raw.c']);
  expect([...tables_reached(all, 'raw.c', 'after')]).toEqual(['bronze.c', 'silver.c', 'gold.t']);
  expect(tables_reached(all, 'gold.other', 'before').size).toBe(0);
});

test('a column is followed step by step, and no other with it', () => {
  expect(steps(all, 'gold.t', 'total', 'before').map(({ from }) => source_name(from))).toEqual(['silver.c.paid', 'bronze.c.paid', 'raw.c.paid']);
  expect(steps(all, 'raw.c', 'id', 'after').map(({ to }) => `${to.table}.${to.column}`)).toEqual(['bronze.c.id', 'silver.c.id']);
});

test('what decides rows is told, and rows that count end the way', () => {
  expect(steps(all, 'bronze.c', 'paid', 'after').some(({ to }) => to.table === 'silver.c' && to.column === null)).toBe(true);
  expect(steps(all, 'gold.t', 'count', 'before').map(({ from }) => source_name(from))).toEqual(['rows of silver.c']);
});

test('a table reads itself in a circle without end', () => {
  const circle = [table('gold.a', ['gold.b'], {}), table('gold.b', ['gold.a'], {})];
  expect([...tables_reached(circle, 'gold.a', 'before')]).toEqual(['gold.b']);
});

test('each layer is a column of the picture', () => {
  expect(places(all).get('gold.other')).toEqual({ column: 3, row: 1 });
});
