// The headline KPIs. Each says how it is computed and against what it is held.
import { useId, useState, type ReactNode } from 'react';
import { useReading } from '../api/client';
import { formulas, type MonthlyKpi, type MonthlyKpiList, type Summary } from '../api/types';
import { Bullet } from '../charts/bar';
import { Spark } from '../charts/spark';
import { change, count, days, money, money_short, month, percent } from '../format';
import { Freshness } from '../parts/freshness';
import { Close, Info } from '../parts/icons';
import { Empty, Failure, NoRows } from '../parts/panel';
import { complete, growth, in_time_order } from './months';
import { kpis_path, summary_path } from './paths';

// The targets of the book, shown beside the figures.
export const approval_target = 80;
export const loss_ratio_target = 70;

type TileProps = {
  label: string;
  value: string;
  exact?: string;
  note: ReactNode;
  formula: string;
  sample: string;
  foot?: ReactNode;
};

function Tile({ label, value, exact, note, formula, sample, foot }: TileProps) {
  const [explained, set_explained] = useState(false);
  const explanation = useId();
  return (
    <li className="card relative flex min-h-[7.6rem] flex-col p-3.5 sm:p-4" data-kpi={label}>
      <div className="flex items-start justify-between gap-2">
        <h3 className="text-[0.82rem] text-muted">{label}</h3>
        <button
          type="button"
          className="-m-1.5 rounded-full p-1.5 text-muted hover:text-ink"
          aria-expanded={explained}
          aria-controls={explanation}
          aria-label={`How ${label} is computed`}
          onClick={() => set_explained(!explained)}
        >
          {explained ? <Close /> : <Info />}
        </button>
      </div>
      {explained ? (
        <div id={explanation} className="mt-1 text-[0.8rem] leading-snug">
          <p>{formula}</p>
          <p className="mt-1 text-muted">{sample}</p>
        </div>
      ) : (
        <div id={explanation} className="flex flex-1 flex-col">
          <div className="mt-0.5 flex items-end justify-between gap-2">
            <p className="text-[1.6rem] leading-tight font-semibold tracking-tight sm:text-[1.75rem]" title={exact}>
              {value}
            </p>
            {foot}
          </div>
          <div className="mt-auto pt-1.5 text-[0.79rem] text-muted">{note}</div>
        </div>
      )}
    </li>
  );
}

function Target({ value, target, max, at_least }: { value: number; target: number; max: number; at_least: boolean }) {
  const good = at_least ? value >= target : value <= target;
  const gap = Math.abs(value - target).toFixed(1);
  return (
    <>
      <Bullet value={value} target={target} max={max} good={good} />
      <p className="mt-1.5">
        <span className={`font-medium ${good ? 'text-good' : 'text-warn'}`}>
          {good ? 'Meets' : 'Misses'} target
        </span>{' '}
        {target} % by {gap} pt
      </p>
    </>
  );
}

function Trend({ months, value }: { months: MonthlyKpi[]; value: (month: MonthlyKpi) => number | null }) {
  const last = complete(months).at(-1);
  const grown = growth(months, value);
  if (!last || grown === null) return <>No month before to compare</>;
  return (
    <>
      {month(last.year_month)} <span className="font-medium text-ink">{change(grown)}</span> on the month before
    </>
  );
}

export function Tiles() {
  const summary = useReading<Summary>(summary_path);
  const kpis = useReading<MonthlyKpiList>(kpis_path);
  const months = in_time_order(kpis.data?.kpis ?? []);
  const { data, problem } = summary;

  return (
    <section aria-labelledby="overview-heading" id="overview">
      <div className="mb-2.5 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id="overview-heading" className="text-[1.02rem] font-semibold">
          The book{data?.as_of_date ? ` as of ${data.as_of_date}` : ''}
        </h2>
        {data && (
          <p className="text-[0.8rem] text-muted">
            <Freshness meta={data.meta} />
          </p>
        )}
      </div>
      {data === undefined && problem && <Failure problem={problem} path={summary_path} />}
      {data === undefined && !problem && <TileBones />}
      {data && data.total_claims + data.total_customers === 0 && (
        <Empty>
          <NoRows what="claims" />
        </Empty>
      )}
      {data && data.total_claims + data.total_customers > 0 && <TileList data={data} months={months} />}
    </section>
  );
}

function TileList({ data, months }: { data: Summary; months: MonthlyKpi[] }) {
  const whole = complete(months);
  const f = formulas.Summary;
  const decided = `Over ${count(data.decided_claims)} decided claims.`;
  return (
    <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4" aria-label="Key figures">
      <Tile
        label="Claims"
        value={count(data.total_claims)}
        note={<Trend months={months} value={(m) => m.total_claims} />}
        formula={f.total_claims}
        sample={`${count(data.pending_claims)} of them are pending.`}
        foot={<Spark values={whole.map((m) => m.total_claims)} />}
      />
      <Tile
        label="Customers"
        value={count(data.total_customers)}
        note={`${count(data.total_pets)} pets, ${count(data.active_policies)} of ${count(data.total_policies)} policies in force`}
        formula={f.total_customers}
        sample={f.active_policies}
      />
      <Tile
        label="Approval rate"
        value={percent(data.approval_rate)}
        note={<Target value={data.approval_rate} target={approval_target} max={100} at_least />}
        formula={f.approval_rate}
        sample={decided}
      />
      <Tile
        label="Loss ratio"
        value={percent(data.loss_ratio)}
        note={<Target value={data.loss_ratio} target={loss_ratio_target} max={120} at_least={false} />}
        formula={f.loss_ratio}
        sample={`${money(data.total_paid_amount)} paid, ${money(data.total_earned_premium)} earned.`}
      />
      <Tile
        label="Premium in force"
        value={money_short(data.premium_in_force)}
        exact={money(data.premium_in_force)}
        note={`A year, from ${count(data.active_policies)} policies`}
        formula={f.premium_in_force}
        sample={`Exactly ${money(data.premium_in_force)}.`}
      />
      <Tile
        label="Paid"
        value={money_short(data.total_paid_amount)}
        exact={money(data.total_paid_amount)}
        note={`of ${money_short(data.total_claim_amount)} claimed`}
        formula={f.total_paid_amount}
        sample={`Exactly ${money(data.total_paid_amount)}.`}
        foot={<Spark values={whole.map((m) => m.total_paid_amount)} />}
      />
      <Tile
        label="Decision days"
        value={days(data.avg_processing_days)}
        note={`Median ${days(data.median_decision_days)}, nine of ten within ${days(data.p90_decision_days)}`}
        formula={f.avg_processing_days}
        sample={decided}
        foot={<Spark values={whole.map((m) => m.avg_processing_days)} />}
      />
      <Tile
        label="Pending claims"
        value={count(data.pending_claims)}
        note={
          data.total_claims > 0
            ? `${percent((100 * data.pending_claims) / data.total_claims)} of all claims await a decision`
            : 'None'
        }
        formula={f.pending_claims}
        sample={`Of ${count(data.total_claims)} claims.`}
      />
    </ul>
  );
}

function TileBones() {
  return (
    <div role="status" aria-busy="true" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <span className="sr-only">Loading</span>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="card flex min-h-[7.6rem] flex-col gap-3 p-4">
          <div className="bone h-3.5 w-20" />
          <div className="bone h-7 w-28" />
          <div className="bone mt-auto h-3 w-36" />
        </div>
      ))}
    </div>
  );
}
