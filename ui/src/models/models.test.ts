import { expect, test } from 'vitest';
import type { Model } from '../api/types';
import { facts_of, file_in_pack, found, layers_of, next_model } from './models';

const model = (name: string, more: Partial<Model> = {}): Model => ({
  model: name, layer: name.split('.')[0] as Model['layer'], kind: 'keyed', description: `About ${name}`, file: 'f.sql', owner: null, key: ['id'], latest_by: [], clock: null,
  partition: [], about: null, parameters: [], tags: [], inputs: [], rule_inputs: [], readers: [], rules: [], sql: 'SELECT 1',
  columns: [{ name: 'paid_amount', type: 'DECIMAL(18,2)', doc: 'Paid', unit: 'USD', added: false }],
  ...more,
});

const models = [model('silver.claims'), model('gold.totals', { description: 'Totals of each plan' }), model('silver.pets', { columns: [] })];
const names = (list: Model[]) => list.map((each) => each.model);

test('a model is found by its name, its columns and its description, whatever the case', () => {
  expect(names(found(models, ''))).toEqual(['silver.claims', 'gold.totals', 'silver.pets']);
  expect(names(found(models, 'TOTALS plan'))).toEqual(['gold.totals']);
  expect(names(found(models, 'paid_amount silver'))).toEqual(['silver.claims']);
  expect(found(models, 'nothing')).toEqual([]);
});

test('the arrow keys go through the list as it is shown, layer by layer, and stop at its ends', () => {
  expect(layers_of(models).map(([layer, of]) => [layer, names(of)])).toEqual([['silver', ['silver.claims', 'silver.pets']], ['gold', ['gold.totals']]]);
  expect(next_model(models, 'silver.pets', 1)).toBe('gold.totals');
  expect(next_model(models, 'silver.claims', -1)).toBeUndefined();
  expect(next_model(models, 'gold.totals', 1)).toBeUndefined();
  expect(next_model(models, 'gone', 1)).toBeUndefined();
});

test('a file is named as it stands in the pack, wherever that is', () => {
  expect(file_in_pack(model('silver.claims', { file: '/srv/packs/pet/2_silver/claims.sql' }))).toBe('2_silver/claims.sql');
});

test('facts that a model does not have are left out', () => {
  expect(facts_of(model('silver.claims'))).toEqual([['Kind', 'keyed: one row per key'], ['Key', 'id']]);
  expect(facts_of(model('serving.f', { kind: 'function', key: [], clock: 'day', parameters: [{ name: 'id', type: 'VARCHAR' }] }))).toEqual([
    ['Kind', 'function: computed when called'],
    ['Parameters', 'id VARCHAR'],
    ['Changes with the day', 'yes'],
  ]);
});
