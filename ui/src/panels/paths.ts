// The addresses that the panels read.
import type { UrlState } from '../url_state';

export const summary_path = '/api/insights/summary';
export const kpis_path = '/api/insights/kpis?limit=25';
export const categories_path = '/api/insights/categories';
export const segments_path = '/api/insights/segments';

export const customers_per_page = 12;

export function customers_path(url: UrlState): string {
  const query = new URLSearchParams();
  const search = url.search.trim();
  if (search) query.set('search', search.slice(0, 100));
  if (url.tier) query.set('tier', url.tier);
  if (url.risk) query.set('risk', url.risk);
  if (url.churn) query.set('churn', url.churn);
  query.set('sort', url.sort);
  query.set('limit', String(customers_per_page));
  if (url.from) query.set('offset', String(url.from));
  query.set('total', 'true');
  return `/api/insights/customers?${query}`;
}

export const customer_path = (id: string) => `/api/insights/customers/${encodeURIComponent(id)}`;
export const refused_path = (table: string) =>
  `/api/quality/quarantine?table=${encodeURIComponent(table)}&state=waiting&limit=20`;
export const table_path = (table: string) => `/api/lake/tables/${encodeURIComponent(table)}`;
