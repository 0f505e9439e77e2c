import { describe, expect, test } from 'vitest';
import { absent, ago, bytes, change, count, day, days, instant, money, money_short, month, percent, plural, words } from './format';

test('counts have thousands separators and a true minus sign', () => {
  expect(count(15000)).toBe('15,000');
  expect(count(-3)).toBe('−3');
  expect(count(null)).toBe(absent);
});

test('money keeps its cents, and is short only when asked', () => {
  expect(money(1234.5)).toBe('$1,234.50');
  expect(money(-988.6)).toBe('−$988.60');
  expect(money_short(2894610)).toBe('$2.89M');
  expect(money_short(193865.4)).toBe('$194K');
  expect(money_short(1234.5)).toBe('$1,235');
  expect(money_short(null)).toBe(absent);
});

test('percentages and days have one decimal', () => {
  expect(percent(68.04)).toBe('68.0 %');
  expect(percent(99.2, 2)).toBe('99.20 %');
  expect(percent(null)).toBe(absent);
  expect(days(4)).toBe('4.0');
});

test('a change has a sign unless it rounds to nothing', () => {
  expect(change(2.03)).toBe('+2.0 %');
  expect(change(-12.34)).toBe('−12.3 %');
  expect(change(-0.04)).toBe('0.0 %');
  expect(change(null)).toBe(absent);
});

test('dates do not move with the time zone of the reader', () => {
  expect(month('2025-12')).toBe('Dec 2025');
  expect(day('2025-12-01')).toBe('Dec 1, 2025');
  expect(day(null)).toBe(absent);
  expect(instant('2026-01-09T10:31:07.204113Z')).toBe('2026-01-09 10:31:07 UTC');
});

describe('age', () => {
  const then = '2026-01-09T10:00:00.000000Z';
  const at = (seconds: number) => Date.parse('2026-01-09T10:00:00Z') + seconds * 1000;

  test.each([
    [-5, 'now'],
    [0.9, 'now'],
    [3, '3 s ago'],
    [59.9, '59 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [3600, '1 h ago'],
    [47 * 3600, '47 h ago'],
    [48 * 3600, '2 d ago'],
  ])('after %s s is %s', (seconds, text) => {
    expect(ago(then, at(seconds))).toBe(text);
  });

  test('of nothing is never', () => {
    expect(ago(null, at(0))).toBe('never');
  });
});

test('sizes have at most three digits', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(999)).toBe('999 B');
  expect(bytes(9120)).toBe('9.1 kB');
  expect(bytes(917_000)).toBe('917 kB');
  expect(bytes(1.5e9)).toBe('1.5 GB');
});

test('names become words, and one is not many', () => {
  expect(words('claims_frequency_risk')).toBe('Claims frequency risk');
  expect(plural(1, 'pet')).toBe('1 pet');
  expect(plural(0, 'pet')).toBe('0 pets');
});
