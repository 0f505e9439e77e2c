// A line without axes, for a tile. Decoration: the trend panel has the figures.
import { line_path } from './scale';

export function Spark({ values }: { values: (number | null)[] }) {
  const width = 96;
  const height = 26;
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const x = (index: number) => 2 + (index / (values.length - 1)) * (width - 6);
  const y = (value: number) => (high === low ? height / 2 : 3 + (1 - (value - low) / (high - low)) * (height - 6));
  const last_index = values.findLastIndex((value) => value !== null);
  const last = values[last_index]!;
  return (
    <svg width={width} height={height} aria-hidden="true" className="shrink-0 max-sm:hidden">
      <path
        d={line_path(values.map((value, index) => (value === null ? undefined : [x(index), y(value)])))}
        fill="none"
        stroke="var(--s1)"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <circle cx={x(last_index)} cy={y(last)} r="2.4" fill="var(--s1)" />
    </svg>
  );
}
