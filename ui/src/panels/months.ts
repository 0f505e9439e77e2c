// What the page derives from the monthly KPIs. Pure.
import type { MonthlyKpi } from '../api/types';

// Oldest first; the newest 24 months and the month under way.
export function in_time_order(kpis: MonthlyKpi[]): MonthlyKpi[] {
  return [...kpis].sort((a, b) => a.year_month.localeCompare(b.year_month)).slice(-25);
}

export function complete(months: MonthlyKpi[]): MonthlyKpi[] {
  return months.filter((month) => month.is_complete);
}

// The newest complete month against the one before it, in percent; null where that says nothing.
export function growth(months: MonthlyKpi[], value: (month: MonthlyKpi) => number | null): number | null {
  const [before, last] = complete(months).slice(-2);
  if (!before || !last) return null;
  const from = value(before);
  const to = value(last);
  return from && to !== null ? (100 * (to - from)) / from : null;
}
