// Geometry of charts. Pure.

// A rounded step of 1, 2 or 5 times a power of ten that parts 0..max into at most `parts` steps.
export function step_of(max: number, parts: number): number {
  if (!(max > 0)) return 1;
  const rough = max / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = rough / power;
  return (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 5 ? 5 : 10) * power;
}

// Tick values from 0 to the first one at or above max.
export function ticks(max: number, parts: number): number[] {
  const step = step_of(max, parts);
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

// Maps 0..max to height..0, as screens count from the top.
export function y_of(max: number, height: number): (value: number) => number {
  return (value) => (max > 0 ? height - (Math.max(0, value) / max) * height : height);
}

// A path through points; undefined values part it.
export function line_path(points: ([number, number] | undefined)[]): string {
  let path = '';
  let pen_up = true;
  for (const point of points) {
    if (!point) {
      pen_up = true;
      continue;
    }
    path += `${pen_up ? 'M' : 'L'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    pen_up = false;
  }
  return path;
}

// Which of `labels` evenly spaced labels to print so that none touches the next.
export function label_every(count: number, width: number, label_width: number): number {
  const fit = Math.max(1, Math.floor(width / label_width));
  return Math.max(1, Math.ceil(count / fit));
}
