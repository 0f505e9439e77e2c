// Numbers, money, dates and ages as text. Pure; the locale is fixed so that a figure reads the
// same for everyone who shares a screenshot.
const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const money_exact = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const money_whole = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 0,
});
const money_compact = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  maximumSignificantDigits: 3,
});
const integer_compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const month_name = new Intl.DateTimeFormat('en-US', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const day_name = new Intl.DateTimeFormat('en-US', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

// What an absent value looks like everywhere.
export const absent = '–';

// A minus sign is as wide as a plus and reads as minus, unlike a hyphen.
const minus = (text: string) => text.replace('-', '−');

export function count(value: number | null | undefined): string {
  return value == null ? absent : minus(integer.format(value));
}

export function count_short(value: number): string {
  return minus(integer_compact.format(value));
}

export function money(value: number | null | undefined): string {
  return value == null ? absent : minus(money_exact.format(value));
}

export function dollars(value: number | null | undefined): string {
  return value == null ? absent : minus(money_whole.format(value));
}

export function money_short(value: number | null | undefined): string {
  if (value == null) return absent;
  return minus(Math.abs(value) < 10_000 ? money_whole.format(value) : money_compact.format(value));
}

export function percent(value: number | null | undefined, digits = 1): string {
  return value == null ? absent : `${minus(value.toFixed(digits))} %`;
}

export function change(value: number | null | undefined): string {
  if (value == null) return absent;
  const text = Math.abs(value).toFixed(1);
  if (text === '0.0') return '0.0 %';
  return `${value > 0 ? '+' : '−'}${text} %`;
}

export function days(value: number | null | undefined): string {
  return value == null ? absent : value.toFixed(1);
}

// "2025-12" as "Dec 2025".
export function month(year_month: string): string {
  const instant = Date.parse(`${year_month}-01T00:00:00Z`);
  return Number.isNaN(instant) ? year_month : month_name.format(instant);
}

// "2025-12-03" as "Dec 3, 2025".
export function day(date: string | null | undefined): string {
  if (!date) return absent;
  const instant = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(instant) ? date : day_name.format(instant);
}

// "2026-01-09T10:31:07.204113Z" as "2026-01-09 10:31:07 UTC".
export function instant(text: string | null | undefined): string {
  return text ? `${text.slice(0, 10)} ${text.slice(11, 19)} UTC` : absent;
}

// How long ago, in the largest unit that fits. A clock that runs ahead of the server's reads as now.
export function ago(then: string | null | undefined, now_ms: number): string {
  if (!then) return 'never';
  const seconds = Math.floor((now_ms - Date.parse(then)) / 1000);
  if (Number.isNaN(seconds)) return absent;
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

// "claims_frequency_risk" as "Claims frequency risk".
export function words(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
