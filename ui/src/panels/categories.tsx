// Claims by category, parted by species. The table is its own alternative to the bars.
import { useReading } from '../api/client';
import type { Category, CategoryList } from '../api/types';
import { Bar } from '../charts/bar';
import { count, days, money, money_short } from '../format';
import { Loaded, NoRows, Panel } from '../parts/panel';
import { categories_path } from './paths';

type Group = {
  category: string;
  claims: number;
  paid: number;
  claimed: number;
  decision_days: number | null;
  by_species: Map<string, number>;
};

// Rows of category and species, gathered by category; the most claims first.
export function by_category(rows: Category[]): Group[] {
  const groups = new Map<string, Group & { weighted_days: number; weight: number }>();
  for (const row of rows) {
    const group = groups.get(row.claim_category) ?? {
      category: row.claim_category,
      claims: 0,
      paid: 0,
      claimed: 0,
      decision_days: null,
      by_species: new Map<string, number>(),
      weighted_days: 0,
      weight: 0,
    };
    group.claims += row.claim_count;
    group.paid += Math.round(row.total_paid * 100);
    group.claimed += Math.round(row.total_amount * 100);
    group.by_species.set(row.species, (group.by_species.get(row.species) ?? 0) + row.claim_count);
    if (row.avg_processing_days !== null) {
      group.weighted_days += row.avg_processing_days * row.claim_count;
      group.weight += row.claim_count;
      group.decision_days = group.weighted_days / group.weight;
    }
    groups.set(row.claim_category, group);
  }
  return [...groups.values()]
    .map((group) => ({ ...group, paid: group.paid / 100, claimed: group.claimed / 100 }))
    .sort((a, b) => b.claims - a.claims || a.category.localeCompare(b.category));
}

// Species by their share of all claims, so that the colours keep their order.
export function species_order(rows: Category[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.species, (counts.get(row.species) ?? 0) + row.claim_count);
  return [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || a.localeCompare(b));
}

const color = (index: number) => `var(--s${Math.min(index, 4) + 1})`;

export function CategoriesPanel() {
  const reading = useReading<CategoryList>(categories_path);
  return (
    <Panel title="Claims by category" meta={reading.data?.meta}>
      <Loaded
        reading={reading}
        path={categories_path}
        lines={7}
        empty={(data) => data.categories.length === 0}
        when_empty={<NoRows what="claims" />}
      >
        {(data) => <Categories rows={data.categories} />}
      </Loaded>
    </Panel>
  );
}

function Categories({ rows }: { rows: Category[] }) {
  const groups = by_category(rows);
  const species = species_order(rows);
  const most = Math.max(...groups.map((group) => group.claims));
  return (
    <>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Category</th>
            <th scope="col" className="w-[38%]">
              <span className="sr-only">Share by species</span>
            </th>
            <th scope="col" className="num">
              Claims
            </th>
            <th scope="col" className="num">
              Paid
            </th>
            <th scope="col" className="num max-sm:hidden">
              Days
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.category}>
              <th scope="row" className="!text-[0.87rem] !font-normal !text-ink">
                {group.category}
              </th>
              <td>
                <Bar
                  max={most}
                  parts={species.map((name, index) => ({
                    key: `${name}: ${count(group.by_species.get(name) ?? 0)}`,
                    value: group.by_species.get(name) ?? 0,
                    color: color(index),
                  }))}
                />
                <span className="sr-only">
                  {species.map((name) => `${name} ${count(group.by_species.get(name) ?? 0)}`).join(', ')}
                </span>
              </td>
              <td className="num">{count(group.claims)}</td>
              <td className="num" title={money(group.paid)}>
                {money_short(group.paid)}
              </td>
              <td className="num max-sm:hidden">{days(group.decision_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8rem] text-muted" aria-label="Colours of species">
        {species.map((name, index) => (
          <li key={name} className="inline-flex items-center gap-1.5">
            <span className="size-2.5 rounded-[3px]" style={{ background: color(index) }} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}
