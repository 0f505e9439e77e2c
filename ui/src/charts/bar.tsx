// Horizontal bars inside table cells. The number beside the bar says the same in text.
export type Part = { key: string; value: number; color: string };

export function Bar({ parts, max }: { parts: Part[]; max: number }) {
  return (
    <div className="flex h-3 w-full overflow-hidden rounded-sm bg-raised" aria-hidden="true">
      {parts.map((part) => (
        <div
          key={part.key}
          title={part.key}
          className="h-full"
          style={{ width: `${max > 0 ? (100 * part.value) / max : 0}%`, background: part.color }}
        />
      ))}
    </div>
  );
}

// A value against its target: the bar is the value, the tick is the target.
export function Bullet({ value, target, max, good }: { value: number; target: number; max: number; good: boolean }) {
  const at = (x: number) => `${Math.min(100, Math.max(0, (100 * x) / max))}%`;
  return (
    <div className="relative h-1.5 w-full rounded-full bg-raised" aria-hidden="true">
      <div className={`h-full rounded-full ${good ? 'bg-s1' : 'bg-s2'}`} style={{ width: at(value) }} />
      <div className="absolute -top-1 h-3.5 w-0.5 bg-ink" style={{ left: at(target) }} />
    </div>
  );
}
