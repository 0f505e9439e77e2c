import { expect, test } from 'vitest';
import type { Layer, Table } from '../api/types';
import { lay_out } from './lineage_layout';

const table = (name: string, inputs: string[]): Table => ({ table: name, layer: name.split('.')[0] as Layer, inputs }) as Table;
const columns = (names: string[], tables: Table[]) =>
  Object.fromEntries(lay_out(names, tables).places.map((place) => [place.table, place.column]));

const lake = [
  table('bronze.claims_raw', []),
  table('silver.fact_claims', ['bronze.claims_raw']),
  table('gold.customer_360_view', ['silver.fact_claims']),
  table('gold.risk_scoring', ['gold.customer_360_view', 'silver.fact_claims']),
  table('gold.unrelated', []),
];
const chain = ['bronze.claims_raw', 'silver.fact_claims', 'gold.customer_360_view', 'gold.risk_scoring'];

test('edges point to the right, also within a layer', () => {
  expect(columns(chain, lake)).toEqual({ 'bronze.claims_raw': 0, 'silver.fact_claims': 1, 'gold.customer_360_view': 2, 'gold.risk_scoring': 3 });
});

test('only the tables asked for are shown, and only edges between them', () => {
  const picture = lay_out(['silver.fact_claims', 'gold.risk_scoring'], lake);

  expect(picture.places.map((place) => place.table)).toEqual(['silver.fact_claims', 'gold.risk_scoring']);
  expect(picture.edges).toHaveLength(1);
});

test('a deep lineage has one column per layer', () => {
  const deep = [table('bronze.a', []), table('silver.b', ['bronze.a']), table('silver.c', ['silver.b']), table('silver.d', ['silver.c']), table('gold.e', ['silver.d'])];

  const picture = lay_out(deep.map((t) => t.table), deep);

  expect(picture).toMatchObject({ columns: 3, rows: 3 });
  expect(picture.edges).toHaveLength(4);
});

test('a cycle does not hang', () => {
  const cycle = [table('silver.a', ['silver.b']), table('silver.b', ['silver.a'])];

  expect(lay_out(['silver.a', 'silver.b'], cycle).places).toHaveLength(2);
});
