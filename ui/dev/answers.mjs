// The fixture lake behind the paths of the contract. `answer` returns undefined for an unknown path.
import { refused_rows, table_detail } from './fixtures.mjs';

function meta(lake, names) {
  const tables = lake.tables
    .filter((table) => names === undefined || names.includes(table.table))
    .map(({ table, version, committed_at }) => ({ table, version, committed_at }));
  const stale = lake.tables.filter((table) => table.stale && tables.some((read) => read.table === table.table)).map((table) => table.stale);
  const as_of = tables.map((table) => table.committed_at).sort().at(-1) ?? null;
  return { as_of, data_version: tables.map((table) => table.version).join('.') || '0', tables, stale };
}

const from_360 = ['gold.customer_360_view'];
const from_claims = ['gold.claims_analytics'];

function page(rows, query, default_limit = 100) {
  const limit = Number(query.get('limit') ?? default_limit);
  const offset = Number(query.get('offset') ?? 0);
  const more = offset + limit < rows.length;
  const pagination = { limit, offset, next_cursor: more ? `after-${offset + limit}` : null, total: query.get('total') === 'true' ? rows.length : null };
  const shown = rows.slice(offset, offset + limit);
  return { shown, pagination, count: shown.length };
}

function sorted(rows, sort) {
  const field = sort.replace(/^-/, '');
  const sign = sort.startsWith('-') ? -1 : 1;
  return [...rows].sort((a, b) => sign * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0));
}

function customers(lake, query) {
  const text = (query.get('search') ?? '').trim().toLowerCase();
  const begins = (customer) =>
    [customer.full_name, ...customer.full_name.split(' '), customer.email, customer.customer_id].some((value) => value.toLowerCase().startsWith(text));
  const wanted = (name, value) => !query.get(name) || query.get(name) === value;
  const rows = lake.customers
    .map((detail) => detail.customer)
    .filter((c) => begins(c) && wanted('tier', c.customer_value_tier) && wanted('risk', c.customer_risk_score) && wanted('churn', c.churn_risk));
  const { shown, pagination, count } = page(sorted(rows, query.get('sort') ?? '-total_annual_premium'), query);
  const listed = shown.map(({ customer_id, full_name, first_name, last_name, email, phone, city, state, zip_code, customer_since, total_pets, total_policies, active_policies, total_annual_premium, total_claims, total_claim_amount, total_paid_amount, loss_ratio, lifetime_value, customer_value_tier, customer_risk_score, churn_risk }) => ({ customer_id, full_name, first_name, last_name, email, phone, city, state, zip_code, customer_since, total_pets, total_policies, active_policies, total_annual_premium, total_claims, total_claim_amount, total_paid_amount, loss_ratio, lifetime_value, customer_value_tier, customer_risk_score, churn_risk }));
  return { customers: listed, count, description: 'Customers from gold.customer_360_view', pagination, meta: meta(lake, from_360) };
}

function summary(lake) {
  const known = lake.customers.map((detail) => detail.customer);
  const claims = lake.customers.flatMap((detail) => detail.claims);
  const sum = (rows, field) => Math.round(rows.reduce((total, row) => total + row[field] * 100, 0)) / 100;
  const decided = claims.filter((claim) => claim.processing_days !== null);
  const denied = claims.filter((claim) => claim.status === 'Denied').length;
  const paid = sum(claims, 'paid_amount');
  const earned = sum(known, 'earned_premium');
  const share = (part, whole) => (whole ? Math.round((10000 * part) / whole) / 100 : 0);
  return {
    total_customers: known.length, total_pets: sum(known, 'total_pets'), total_policies: sum(known, 'total_policies'), total_claims: claims.length, total_providers: claims.length ? 1 : 0,
    active_policies: sum(known, 'active_policies'), pending_claims: claims.length - decided.length, premium_in_force: sum(known, 'total_annual_premium'), total_earned_premium: earned,
    total_claim_amount: sum(claims, 'claim_amount'), total_paid_amount: paid, approval_rate: share(decided.length - denied, decided.length), denial_rate: share(denied, decided.length), loss_ratio: share(paid, earned),
    avg_processing_days: decided.length ? 4.1 : null, median_decision_days: decided.length ? 4 : null, p90_decision_days: decided.length ? 8 : null, decided_claims: decided.length,
    as_of_date: known.length ? '2026-01-09' : null, data_path: './lake', meta: meta(lake, [...from_360, ...from_claims]),
  };
}

function segments(lake) {
  const rows = ['Platinum', 'Gold', 'Silver', 'Bronze'].flatMap((tier) => {
    const members = lake.customers.map((d) => d.customer).filter((c) => c.customer_value_tier === tier);
    if (!members.length) return [];
    const sum = (field) => Math.round(members.reduce((total, c) => total + c[field] * 100, 0)) / 100;
    const mean = (field) => Math.round((100 * sum(field)) / members.length) / 100;
    return [{ tier, count: members.length, total_premium: sum('total_annual_premium'), avg_premium: mean('total_annual_premium'), total_claims: sum('total_claims'), avg_claims: mean('total_claims'), avg_loss_ratio: mean('loss_ratio'), total_paid_amount: sum('total_paid_amount') }];
  });
  return { segments: rows, total_customers: lake.customers.length, meta: meta(lake, from_360) };
}

export function answer(lake, url) {
  const { pathname, searchParams: query } = url;
  const last = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
  if (pathname === '/api/insights/summary') return summary(lake);
  if (pathname === '/api/insights/kpis') {
    const kpis = [...lake.kpis].reverse().slice(0, Number(query.get('limit') ?? 12));
    return { kpis, count: kpis.length, description: 'Claims by month of service', meta: meta(lake, ['gold.monthly_kpis']) };
  }
  if (pathname === '/api/insights/categories') return { categories: lake.categories, count: lake.categories.length, meta: meta(lake, from_claims) };
  if (pathname === '/api/insights/segments') return segments(lake);
  if (pathname === '/api/insights/customers') return customers(lake, query);
  if (pathname.startsWith('/api/insights/customers/')) {
    const detail = lake.customers.find((candidate) => candidate.customer.customer_id === last);
    return detail && { ...detail, description: 'Customer 360', meta: meta(lake, from_360) };
  }
  if (pathname === '/api/lake/tables') return { tables: lake.tables, count: lake.tables.length, meta: meta(lake) };
  if (pathname.startsWith('/api/lake/tables/')) {
    const detail = table_detail(lake, last);
    return detail && { ...detail, meta: meta(lake, [last]) };
  }
  if (pathname === '/api/quality/quarantine') {
    const { counts, rows } = refused_rows(lake, query.get('table'));
    const { shown, pagination, count } = page(rows, query);
    return { counts, rows: shown, count, pagination, meta: meta(lake, ['ops.quarantine']) };
  }
  return undefined;
}

export const empty_lake = { customers: [], kpis: [], categories: [], tables: [] };
