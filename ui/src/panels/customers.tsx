// Customer 360: find a customer, then open the detail.
import { useEffect, useRef, useState } from 'react';
import { useReading } from '../api/client';
import type { Customer, CustomerList } from '../api/types';
import { count, money, money_short, percent, plural } from '../format';
import { State } from '../parts/badge';
import { Search } from '../parts/icons';
import { Loaded, NoRows, Panel } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { set_url, useUrl, type UrlState } from '../url_state';
import { customers_path, customers_per_page } from './paths';

export function CustomersPanel() {
  const url = useUrl();
  const path = customers_path(url);
  const reading = useReading<CustomerList>(path);
  const filtered = Boolean(url.search || url.tier || url.risk || url.churn);
  return (
    <Panel id="customers" title="Customer 360" note="Press / to search" meta={reading.data?.meta}>
      <Filters url={url} filtered={filtered} />
      <Loaded
        reading={reading}
        path={path}
        lines={8}
        empty={(data) => data.customers.length === 0}
        when_empty={filtered ? <NoMatch /> : <NoRows what="customers" />}
      >
        {(data) => (
          <>
            <CustomerTable customers={data.customers} sort={url.sort} />
            <Pages from={url.from} shown={data.customers.length} total={data.pagination.total ?? 0} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function NoMatch() {
  return (
    <>
      <p className="text-ink">No customer matches.</p>
      <button type="button" className="button mt-3" onClick={clear}>
        Clear search and filters
      </button>
    </>
  );
}

const clear = () => set_url({ search: '', tier: '', risk: '', churn: '', from: 0 });

const choices = {
  tier: { label: 'Tier', values: ['Platinum', 'Gold', 'Silver', 'Bronze'] },
  risk: { label: 'Risk', values: ['High Risk', 'Medium Risk', 'Low Risk', 'Very Low Risk'] },
  churn: { label: 'Churn', values: ['High', 'Medium', 'Low', 'Churned', 'Prospect'] },
} as const;

function Filters({ url, filtered }: { url: UrlState; filtered: boolean }) {
  return (
    <div role="search" aria-label="Customers" className="mb-3 flex flex-wrap items-center gap-2">
      <SearchBox applied={url.search} />
      {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
        <label key={name} className="flex items-center">
          <span className="sr-only">{choices[name].label}</span>
          <select
            className="field"
            value={url[name]}
            onChange={(event) => set_url({ [name]: event.target.value, from: 0 })}
          >
            <option value="">{choices[name].label}: any</option>
            {choices[name].values.map((value) => (
              <option key={value} value={value}>
                {name === 'risk' ? value : `${choices[name].label}: ${value}`}
              </option>
            ))}
          </select>
        </label>
      ))}
      {filtered && (
        <button type="button" className="button" onClick={clear}>
          Clear
        </button>
      )}
    </div>
  );
}

// Applies what is typed after a short pause; "/" anywhere on the page goes here.
function SearchBox({ applied }: { applied: string }) {
  const [text, set_text] = useState(applied);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(applied);

  useEffect(() => {
    // The address changed by other means: the back button, or "Clear".
    if (applied !== sent.current) {
      sent.current = applied;
      set_text(applied);
    }
  }, [applied]);

  useEffect(() => {
    if (text === sent.current) return;
    const timer = window.setTimeout(() => {
      sent.current = text;
      set_url({ search: text, from: 0 }, 'replace');
    }, 200);
    return () => window.clearTimeout(timer);
  }, [text]);

  useEffect(() => {
    const on_key = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', on_key);
    return () => document.removeEventListener('keydown', on_key);
  }, []);

  return (
    <label className="relative min-w-[13rem] flex-1 max-sm:basis-full">
      <span className="sr-only">Search customers by name, e-mail or id</span>
      <span className="absolute top-1/2 left-2.5 -translate-y-1/2 text-muted">
        <Search />
      </span>
      <input
        ref={input}
        type="search"
        className="field w-full !pl-8"
        placeholder="Name, e-mail or id"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={text}
        onChange={(event) => set_text(event.target.value)}
      />
    </label>
  );
}

type Field = 'full_name' | 'total_annual_premium' | 'total_claims' | 'total_paid_amount' | 'loss_ratio';

function SortHead({ field, title, sort, className }: { field: Field; title: string; sort: string; className?: string }) {
  const down = sort === `-${field}`;
  const up = sort === field;
  const right = className?.startsWith('num');
  const next = field === 'full_name' ? (up ? `-${field}` : field) : down ? field : `-${field}`;
  return (
    <th scope="col" className={className} aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button
        type="button"
        className={`relative font-medium hover:text-ink ${up || down ? 'text-ink' : ''}`}
        onClick={() => set_url({ sort: next, from: 0 })}
      >
        {title}
        {(up || down) && (
          <span aria-hidden="true" className={right ? 'absolute right-full mr-1' : 'absolute left-full ml-1'}>
            {up ? '↑' : '↓'}
          </span>
        )}
      </button>
    </th>
  );
}

function CustomerTable({ customers, sort }: { customers: Customer[]; sort: string }) {
  return (
    <Scroll label="List of customers">
      <table className="grid-table">
        <thead>
          <tr>
            <SortHead field="full_name" title="Customer" sort={sort} />
            <th scope="col" className="max-md:hidden">
              Place
            </th>
            <th scope="col">Tier</th>
            <th scope="col">Churn</th>
            <th scope="col" className="num max-lg:hidden">
              Policies
            </th>
            <SortHead field="total_annual_premium" title="Premium" sort={sort} className="num" />
            <SortHead field="total_claims" title="Claims" sort={sort} className="num max-sm:hidden" />
            <SortHead field="total_paid_amount" title="Paid" sort={sort} className="num max-sm:hidden" />
            <SortHead field="loss_ratio" title="Loss ratio" sort={sort} className="num max-sm:hidden" />
          </tr>
        </thead>
        <tbody>
          {customers.map((customer) => (
            <tr key={customer.customer_id} className="relative hover:bg-raised">
              <th scope="row" className="!text-[0.87rem] !font-normal !text-ink">
                <button
                  type="button"
                  className="link text-left font-medium after:absolute after:inset-0 after:content-['']"
                  onClick={() => set_url({ customer: customer.customer_id })}
                >
                  {customer.full_name ?? customer.customer_id}
                </button>
                <span className="block text-[0.79rem] text-muted max-lg:hidden">{customer.email}</span>
              </th>
              <td className="whitespace-nowrap max-md:hidden">
                {[customer.city, customer.state].filter(Boolean).join(', ')}
              </td>
              <td>
                <State of={customer.customer_value_tier} />
              </td>
              <td>
                <State of={customer.churn_risk} />
              </td>
              <td className="num max-lg:hidden">
                {count(customer.active_policies)}
                <span className="text-muted"> of {count(customer.total_policies)}</span>
              </td>
              <td className="num" title={money(customer.total_annual_premium)}>
                {money_short(customer.total_annual_premium)}
              </td>
              <td className="num max-sm:hidden">{count(customer.total_claims)}</td>
              <td className="num max-sm:hidden">{money_short(customer.total_paid_amount)}</td>
              <td className="num max-sm:hidden">{percent(customer.loss_ratio)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Pages({ from, shown, total }: { from: number; shown: number; total: number }) {
  return (
    <nav aria-label="Pages of customers" className="mt-3 flex items-center justify-between gap-3 text-[0.85rem] text-muted">
      <p aria-live="polite">
        {count(from + 1)}–{count(from + shown)} of {plural(total, 'customer')}
      </p>
      <div className="flex gap-2">
        <button
          type="button"
          className="button"
          disabled={from === 0}
          onClick={() => set_url({ from: Math.max(0, from - customers_per_page) })}
        >
          Previous
        </button>
        <button
          type="button"
          className="button"
          disabled={from + shown >= total}
          onClick={() => set_url({ from: from + customers_per_page })}
        >
          Next
        </button>
      </div>
    </nav>
  );
}
