import { expect, test } from 'vitest';
import { initial_url_state, read_url, write_url } from './url_state';

test('a plain address is the initial state, and the other way round', () => {
  expect(read_url('')).toEqual(initial_url_state);
  expect(write_url(initial_url_state)).toBe('');
});

test('what is written is read back', () => {
  const state = { search: 'o’neil & co', tier: 'Gold', risk: 'High Risk', churn: 'Low', sort: 'full_name', from: 24, customer: 'a/b?c', table: 'gold.monthly_kpis', column: 'loss_ratio' };

  expect(read_url(write_url(state))).toEqual(state);
});

test.each(['-1', '1.5', 'x', '1e99', ''])('a page start of %j is the first page', (from) => {
  expect(read_url(`?from=${from}`).from).toBe(0);
});
