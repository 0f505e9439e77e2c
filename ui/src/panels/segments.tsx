// Customers by value tier. Choosing a tier filters the customers below.
import { useReading } from '../api/client';
import type { SegmentList } from '../api/types';
import { Bar } from '../charts/bar';
import { count, money, money_short, percent } from '../format';
import { Loaded, NoRows, Panel } from '../parts/panel';
import { set_url } from '../url_state';
import { segments_path } from './paths';

export function SegmentsPanel() {
  const reading = useReading<SegmentList>(segments_path);
  return (
    <Panel title="Customers by value tier" note="Annual premium in force" meta={reading.data?.meta}>
      <Loaded
        reading={reading}
        path={segments_path}
        lines={5}
        empty={(data) => data.segments.length === 0}
        when_empty={<NoRows what="customers" />}
      >
        {(data) => {
          const most = Math.max(...data.segments.map((segment) => segment.total_premium));
          return (
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Tier</th>
                  <th scope="col" className="w-[26%]">
                    <span className="sr-only">Premium as a bar</span>
                  </th>
                  <th scope="col" className="num">
                    Premium
                  </th>
                  <th scope="col" className="num">
                    Customers
                  </th>
                  <th scope="col" className="num">
                    Loss ratio
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.segments.map((segment) => (
                  <tr key={segment.tier}>
                    <th scope="row" className="!text-[0.87rem] !font-normal">
                      <button
                        type="button"
                        className="link"
                        aria-label={`Show ${segment.tier} customers`}
                        onClick={() => {
                          set_url({ tier: segment.tier, from: 0 });
                          document.getElementById('customers')?.scrollIntoView();
                        }}
                      >
                        {segment.tier}
                      </button>
                    </th>
                    <td>
                      <Bar max={most} parts={[{ key: segment.tier, value: segment.total_premium, color: 'var(--s1)' }]} />
                    </td>
                    <td className="num" title={money(segment.total_premium)}>
                      {money_short(segment.total_premium)}
                    </td>
                    <td className="num">
                      {count(segment.count)}
                      <span className="ml-1.5 text-muted max-sm:hidden">
                        {data.total_customers > 0 && percent((100 * segment.count) / data.total_customers, 0)}
                      </span>
                    </td>
                    <td className="num">{percent(segment.avg_loss_ratio)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Loaded>
    </Panel>
  );
}
