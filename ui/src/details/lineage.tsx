// The tables before and after one table, as a picture whose boxes open those tables.
import type { Table, TableDetail } from '../api/types';
import { useWidth } from '../charts/use_width';
import { set_url } from '../url_state';
import { lay_out, type Place } from './lineage_layout';

const box_height = 34;
const row_height = 44;
const gap = 36; // between columns, for the edges
const least_box_width = 132;

export function Lineage({ detail, tables }: { detail: TableDetail; tables: Table[] }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const here = detail.table.table;
  const picture = lay_out([...detail.upstream, here, ...detail.downstream], tables);
  if (picture.places.length <= 1) {
    return (
      <p ref={frame} className="text-[0.88rem] text-muted">
        Nothing is computed from this table, and it comes straight from its source.
      </p>
    );
  }

  // A bow within the last column needs room on its right.
  const bows = picture.edges.some(({ from, to }) => from.column === to.column && to.column === picture.columns - 1);
  const gaps = picture.columns - (bows ? 0 : 1);
  const box_width = Math.max(least_box_width, (width - 4 - gap * gaps) / picture.columns);
  const total_width = box_width * picture.columns + gap * gaps;
  const height = picture.rows * row_height - (row_height - box_height);
  const x = (place: Place) => place.column * (box_width + gap);
  const y = (place: Place) => (place.row + (picture.rows - place.column_rows) / 2) * row_height;

  // From the right side of one box to the left side of the next; within a column, a bow on the right.
  const edge_path = (from: Place, to: Place) => {
    const [x1, y1] = [x(from) + box_width, y(from) + box_height / 2];
    const [x2, y2] = [x(to) + (from.column === to.column ? box_width : 0), y(to) + box_height / 2];
    const bend = from.column === to.column ? -gap * 0.8 : Math.min(60, (x2 - x1) / 2);
    return `M${x1} ${y1}C${x1 + Math.abs(bend)} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  };

  return (
    <div ref={frame} role="region" aria-label="Picture of the lineage" tabIndex={0} className="overflow-x-auto p-0.5">
      <div className="relative" style={{ width: total_width, height }}>
        <svg width={total_width} height={height} className="absolute inset-0" aria-hidden="true">
          {picture.edges.map(({ from, to }) => {
            const near = from.table === here || to.table === here;
            return (
              <path
                key={`${from.table} ${to.table}`}
                d={edge_path(from, to)}
                fill="none"
                stroke={near ? 'var(--accent)' : 'var(--line-strong)'}
                strokeWidth={near ? 1.75 : 1}
              />
            );
          })}
        </svg>
        <ul>
          {picture.places.map((place) => (
            <li
              key={place.table}
              className="absolute"
              style={{ left: x(place), top: y(place), width: box_width, height: box_height }}
            >
              <LineageBox table={place.table} current={place.table === here} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function LineageBox({ table, current }: { table: string; current: boolean }) {
  const [layer, name] = table.split('.');
  return (
    <button
      type="button"
      title={table}
      aria-current={current ? 'true' : undefined}
      disabled={current}
      onClick={() => set_url({ table })}
      className={`flex h-full w-full flex-col justify-center rounded-md border px-2 text-left leading-[1.15] ${
        current ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-raised'
      }`}
    >
      <span className={`text-[0.68rem] ${current ? 'text-ink' : 'text-muted'}`}>{layer}</span>
      <span className="w-full truncate text-[0.78rem] text-ink">{name}</span>
    </button>
  );
}
