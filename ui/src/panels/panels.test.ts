import { expect, test } from 'vitest';
import type { Category, MonthlyKpi } from '../api/types';
import { initial_url_state } from '../url_state';
import { by_category, species_order } from './categories';
import { complete, growth, in_time_order } from './months';
import { customer_path, customers_path } from './paths';

const month = (year_month: string, total_claims: number, is_complete = true) =>
  ({ year_month, total_claims, is_complete }) as MonthlyKpi;

test('months run from the oldest to the newest', () => {
  const months = in_time_order([month('2025-12', 2), month('2026-01', 3), month('2025-11', 1)]);

  expect(months.map((m) => m.year_month)).toEqual(['2025-11', '2025-12', '2026-01']);
});

test('growth compares the two newest complete months', () => {
  const months = [month('2025-11', 100), month('2025-12', 110), month('2026-01', 20, false)];

  expect(complete(months)).toHaveLength(2);
  expect(growth(months, (m) => m.total_claims)).toBeCloseTo(10);
});

test('growth from nothing, or without a month before, says nothing', () => {
  expect(growth([month('2025-12', 5)], (m) => m.total_claims)).toBeNull();
  expect(growth([month('2025-11', 0), month('2025-12', 5)], (m) => m.total_claims)).toBeNull();
});

const row = (claim_category: string, species: string, claim_count: number, total_paid: number, avg_processing_days: number | null): Category => ({
  claim_category,
  species,
  claim_count,
  total_amount: total_paid * 2,
  avg_amount: 1,
  total_paid,
  avg_processing_days,
});

test('categories add up over species, to the cent, and weigh their days by claims', () => {
  const rows = [row('Dental', 'Dog', 30, 0.1, 4), row('Dental', 'Cat', 10, 0.2, 8), row('Illness', 'Cat', 90, 5, null)];

  const groups = by_category(rows);

  expect(groups.map((g) => g.category)).toEqual(['Illness', 'Dental']);
  expect(groups[0]?.decision_days).toBeNull();
  expect(groups[1]).toMatchObject({ claims: 40, paid: 0.3, claimed: 0.6, decision_days: 5 });
  expect(species_order(rows)).toEqual(['Cat', 'Dog']);
});

test('the address of the customers has only what was chosen', () => {
  expect(customers_path(initial_url_state)).toBe('/api/insights/customers?sort=-total_annual_premium&limit=12&total=true');
  expect(customers_path({ ...initial_url_state, search: '  a&b ', tier: 'Gold', from: 12 })).toBe(
    '/api/insights/customers?search=a%26b&tier=Gold&sort=-total_annual_premium&limit=12&offset=12&total=true',
  );
  expect(customer_path('a/b')).toBe('/api/insights/customers/a%2Fb');
});
