// Claims, money and loss ratio by month: three strips over one time axis instead of one chart
// with two scales. The month pointed at is read out above each strip.
import { useState, type KeyboardEvent } from 'react';
import { useReading } from '../api/client';
import type { MonthlyKpi, MonthlyKpiList } from '../api/types';
import { label_every, line_path, ticks, y_of } from '../charts/scale';
import { useWidth } from '../charts/use_width';
import { count, count_short, days, dollars, money, money_short, month, percent } from '../format';
import { Chart, Table } from '../parts/icons';
import { Loaded, NoRows, Panel } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { in_time_order } from './months';
import { kpis_path } from './paths';
import { loss_ratio_target } from './tiles';

export function TrendPanel({ className }: { className?: string }) {
  const reading = useReading<MonthlyKpiList>(kpis_path);
  const [as_table, set_as_table] = useState(false);
  return (
    <Panel
      title="Monthly trend"
      note="By month of service"
      meta={reading.data?.meta}
      className={className ?? ''}
      actions={
        Boolean(reading.data?.kpis.length) && (
          <button type="button" className="button" onClick={() => set_as_table(!as_table)}>
            {as_table ? <Chart /> : <Table />} {as_table ? 'Chart' : 'Table'}
          </button>
        )
      }
    >
      <Loaded
        reading={reading}
        path={kpis_path}
        lines={9}
        empty={(data) => data.kpis.length === 0}
        when_empty={<NoRows what="months" />}
      >
        {(data) => {
          const months = in_time_order(data.kpis);
          return as_table ? <TrendTable months={months} /> : <Strips months={months} />;
        }}
      </Loaded>
    </Panel>
  );
}

type Series = { name: string; color: string; value: (m: MonthlyKpi) => number; kind: 'bar' | 'line' };
type Strip = {
  title: string;
  height: number;
  series: Series[];
  show: (value: number) => string;
  tick: (value: number) => string;
  target?: number;
};

const strips: Strip[] = [
  {
    title: 'Claims',
    height: 132,
    series: [{ name: 'Claims', color: 'var(--s1)', value: (m) => m.total_claims, kind: 'bar' }],
    show: count,
    tick: count_short,
  },
  {
    title: 'Money',
    height: 168,
    series: [
      { name: 'Earned premium', color: 'var(--s5)', value: (m) => m.earned_premium, kind: 'line' },
      { name: 'Paid', color: 'var(--s1)', value: (m) => m.total_paid_amount, kind: 'line' },
    ],
    show: dollars,
    tick: money_short_tick,
  },
  {
    title: 'Loss ratio',
    height: 132,
    series: [{ name: 'Loss ratio', color: 'var(--s2)', value: (m) => m.loss_ratio, kind: 'line' }],
    show: (value) => percent(value),
    tick: (value) => `${value} %`,
    target: loss_ratio_target,
  },
];

function money_short_tick(value: number): string {
  return `$${count_short(value)}`;
}

const left = 44;
const right = 6;

function Strips({ months }: { months: MonthlyKpi[] }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const newest = months.findLastIndex((m) => m.is_complete);
  const [pointed, set_pointed] = useState<number | null>(null);
  const index = Math.min(pointed ?? (newest >= 0 ? newest : months.length - 1), months.length - 1);
  const current = months[index];
  const step = (width - left - right) / months.length;

  const on_key = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: months.length - 1 };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set_pointed(Math.min(months.length - 1, Math.max(0, next)));
  };

  if (!current) return null;
  const month_note = current.is_complete ? '' : ' (under way)';
  return (
    <div
      ref={box}
      role="group"
      tabIndex={0}
      aria-label="Chart of claims, money and loss ratio by month. Left and right arrow keys choose a month; the Table button shows the same figures as a table."
      onKeyDown={on_key}
      onPointerMove={(event) => {
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
        if (step > 0) set_pointed(Math.min(months.length - 1, Math.max(0, Math.floor(x / step))));
      }}
      onPointerLeave={() => set_pointed(null)}
    >
      <p className="sr-only" aria-live="polite">
        {pointed !== null &&
          `${month(current.year_month)}: ${count(current.total_claims)} claims, ${money(current.total_paid_amount)} paid, loss ratio ${percent(current.loss_ratio)}`}
      </p>
      {strips.map((strip, position) => (
        <div key={strip.title} className={position ? 'mt-2.5' : ''}>
          <p className="mb-1 flex flex-wrap items-center gap-x-4 text-[0.8rem]" aria-hidden="true">
            {position === 0 && (
              <span className="min-w-[4.6rem] font-semibold">
                {month(current.year_month)}
                {month_note}
              </span>
            )}
            {strip.series.map((series) => (
              <span key={series.name} className="inline-flex items-center gap-1.5 whitespace-nowrap">
                <span
                  className={series.kind === 'bar' ? 'size-2.5 rounded-[3px]' : 'h-[3px] w-3.5 rounded-full'}
                  style={{ background: series.color }}
                />
                <span className="text-muted">{series.name}</span>
                <span className="font-medium">{strip.show(series.value(current))}</span>
              </span>
            ))}
            {strip.target !== undefined && <span className="text-muted">target {strip.target} %</span>}
          </p>
          {width > 0 && <StripChart strip={strip} months={months} index={index} width={width} />}
        </div>
      ))}
      {width > 0 && <TimeAxis months={months} width={width} index={index} />}
    </div>
  );
}

type StripChartProps = { strip: Strip; months: MonthlyKpi[]; index: number; width: number };

function StripChart({ strip, months, index, width }: StripChartProps) {
  const largest = Math.max(strip.target ?? 0, ...strip.series.flatMap((s) => months.map(s.value)));
  const marks = ticks(largest, 3);
  const top = marks.at(-1) ?? 1;
  const y = y_of(top, strip.height - 18);
  const step = (width - left - right) / months.length;
  const center = (i: number) => left + step * (i + 0.5);
  const bar_width = Math.max(2, Math.min(22, step * 0.66));

  return (
    <svg width={width} height={strip.height} className="block" aria-hidden="true">
      <g transform="translate(0 8)">
        {marks.map((mark) => (
          <g key={mark}>
            <line x1={left} x2={width - right} y1={y(mark)} y2={y(mark)} stroke="var(--line)" />
            <text x={left - 8} y={y(mark) + 4} textAnchor="end" fontSize="11" fill="var(--muted)">
              {strip.tick(mark)}
            </text>
          </g>
        ))}
        <rect
          x={center(index) - step / 2}
          y={-8}
          width={step}
          height={strip.height}
          fill="var(--ink)"
          opacity="0.06"
          rx="3"
        />
        {strip.target !== undefined && (
          <line
            x1={left}
            x2={width - right}
            y1={y(strip.target)}
            y2={y(strip.target)}
            stroke="var(--muted)"
            strokeDasharray="4 4"
          />
        )}
        {strip.series.map((series) =>
          series.kind === 'bar' ? (
            months.map((m, i) => (
              <rect
                key={m.year_month}
                x={center(i) - bar_width / 2}
                y={y(series.value(m))}
                width={bar_width}
                height={y(0) - y(series.value(m))}
                rx={Math.min(2, bar_width / 4)}
                fill={series.color}
                opacity={m.is_complete ? 1 : 0.4}
              />
            ))
          ) : (
            <LineSeries key={series.name} series={series} months={months} center={center} y={y} index={index} />
          ),
        )}
      </g>
    </svg>
  );
}

type LineProps = {
  series: Series;
  months: MonthlyKpi[];
  center: (index: number) => number;
  y: (value: number) => number;
  index: number;
};

// The month under way has no line: it is not over yet, and would look like a fall.
function LineSeries({ series, months, center, y, index }: LineProps) {
  const points = months.map((m, i): [number, number] => [center(i), y(series.value(m))]);
  const here = points[index];
  return (
    <>
      <path
        d={line_path(points.map((point, i) => (months[i]?.is_complete ? point : undefined)))}
        fill="none"
        stroke={series.color}
        strokeWidth="2"
        strokeLinejoin="round"
      />
      {here && <circle cx={here[0]} cy={here[1]} r="3.4" fill={series.color} stroke="var(--surface)" strokeWidth="1.5" />}
    </>
  );
}

function TimeAxis({ months, width, index }: { months: MonthlyKpi[]; width: number; index: number }) {
  const step = (width - left - right) / months.length;
  const every = label_every(months.length, width - left - right, 62);
  return (
    <svg width={width} height={18} className="block" aria-hidden="true">
      {months.map((m, i) =>
        (months.length - 1 - i) % every === 0 ? (
          <text
            key={m.year_month}
            x={Math.min(width - 26, left + step * (i + 0.5))}
            y={13}
            textAnchor="middle"
            fontSize="11"
            fill={i === index ? 'var(--ink)' : 'var(--muted)'}
          >
            {month(m.year_month)}
          </text>
        ) : null,
      )}
    </svg>
  );
}

function TrendTable({ months }: { months: MonthlyKpi[] }) {
  return (
    <Scroll label="Monthly figures">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Month</th>
            {['Claims', 'Claimed', 'Paid', 'Earned premium', 'Loss ratio', 'Approval', 'Decision days'].map((title) => (
              <th scope="col" key={title} className="num">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...months].reverse().map((m) => (
            <tr key={m.year_month}>
              <th scope="row" className="!text-ink">
                {month(m.year_month)}
                {m.is_complete ? '' : ' *'}
              </th>
              <td className="num">{count(m.total_claims)}</td>
              <td className="num">{money_short(m.total_claim_amount)}</td>
              <td className="num">{money_short(m.total_paid_amount)}</td>
              <td className="num">{money_short(m.earned_premium)}</td>
              <td className="num">{percent(m.loss_ratio)}</td>
              <td className="num">{percent(m.approval_rate)}</td>
              <td className="num">{days(m.avg_processing_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-[0.8rem] text-muted">* The month is under way.</p>
    </Scroll>
  );
}
