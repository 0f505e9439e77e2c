import { expect, test } from 'vitest';
import { label_every, line_path, ticks, y_of } from './scale';

test('ticks are round, begin at zero and reach the largest value', () => {
  expect(ticks(721, 3)).toEqual([0, 500, 1000]);
  expect(ticks(75.5, 3)).toEqual([0, 50, 100]);
  expect(ticks(1000, 2)).toEqual([0, 500, 1000]);
  expect(ticks(0.04, 2)).toEqual([0, 0.02, 0.04]);
});

test('a chart of zeros still has an axis', () => {
  expect(ticks(0, 3)).toEqual([0, 1]);
});

test('zero is at the bottom, the largest at the top, and negative values do not leave the chart', () => {
  const y = y_of(100, 50);

  expect([y(0), y(100), y(50), y(-20)]).toEqual([50, 0, 25, 50]);
  expect(y_of(0, 50)(3)).toBe(50);
});

test('a gap parts a line', () => {
  expect(line_path([[0, 1], [2, 3], undefined, [4, 5]])).toBe('M0.0 1.0L2.0 3.0M4.0 5.0');
});

test('labels keep their distance', () => {
  expect(label_every(25, 600, 62)).toBe(3);
  expect(label_every(4, 600, 62)).toBe(1);
  expect(label_every(25, 10, 62)).toBe(25);
});
