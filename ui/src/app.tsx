// The page: header, panels, and the drawer of what is open.
import { Suspense, lazy, useEffect, useState } from 'react';
import { feed, tables_path, useHeartbeat, useReading, useServerNow } from './api/client';
import type { TableList } from './api/types';
import { CustomerDrawer } from './details/customer';
import { TableDrawer } from './details/table';
import { ago } from './format';
import { CategoriesPanel } from './panels/categories';
import { CustomersPanel } from './panels/customers';
import { SegmentsPanel } from './panels/segments';
import { TablesPanel } from './panels/tables';
import { Tiles } from './panels/tiles';
import { TrendPanel } from './panels/trend';
import { Logo, Moon, Sun } from './parts/icons';
import { Loading } from './parts/panel';
import { choose_theme, current_theme, type Theme } from './theme';
import { set_url, useUrl } from './url_state';

const Docs = lazy(() => import('./docs/docs'));
const LineagePage = lazy(() => import('./lineage/lineage_page'));
const ModelsPage = lazy(() => import('./models/models_page'));

export function App() {
  const path = location.pathname.replace(/\/+$/, '');
  const docs = path === '/docs';
  const lineage = path === '/lineage';
  const models = path === '/models';
  return (
    <>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30 focus:bg-surface focus:p-2"
      >
        Skip to content
      </a>
      <Header docs={docs} lineage={lineage} models={models} />
      <main id="main" className="mx-auto flex max-w-[1320px] flex-col gap-4 px-3 py-4 sm:px-6 sm:py-5">
        {docs ? (
          <Suspense fallback={<Loading lines={8} />}>
            <Docs />
          </Suspense>
        ) : lineage ? (
          <Suspense fallback={<Loading lines={12} />}>
            <Outage />
            <LineagePage />
          </Suspense>
        ) : models ? (
          <Suspense fallback={<Loading lines={12} />}>
            <Outage />
            <ModelsPage />
          </Suspense>
        ) : (
          <Overview />
        )}
      </main>
      <footer className="mx-auto max-w-[1320px] px-3 pb-8 text-[0.8rem] text-muted sm:px-6">
        Every figure is read from committed Delta tables.{' '}
        <a className="link underline" href="/docs">
          API
        </a>
        {' · '}
        <a className="link underline" href="/openapi.json">
          OpenAPI
        </a>
        {' · '}
        <a className="link underline" href="/metrics">
          Metrics
        </a>
      </footer>
    </>
  );
}

function Overview() {
  useHeartbeat();
  const url = useUrl();
  return (
    <>
      <h1 className="sr-only">Claimlake: the state of the book and of its tables</h1>
      <Outage />
      <Tiles />
      <div className="grid gap-4 lg:grid-cols-5">
        <TrendPanel className="lg:col-span-3" />
        <div className="flex min-w-0 flex-col gap-4 lg:col-span-2">
          <CategoriesPanel />
          <SegmentsPanel />
        </div>
      </div>
      <CustomersPanel />
      <TablesPanel />
      {url.customer && (
        <CustomerDrawer key={url.customer} id={url.customer} on_close={() => set_url({ customer: null })} />
      )}
      {url.table && <TableDrawer key={url.table} name={url.table} on_close={() => set_url({ table: null })} />}
    </>
  );
}

// One line for the whole page when the server is away; what was read stays on screen.
function Outage() {
  const { data, problem } = useReading<TableList>(tables_path);
  if (problem?.code !== 'unreachable') return null;
  return (
    <div role="alert" className="flex flex-wrap items-center justify-between gap-3 rounded-xl bg-bad-soft px-4 py-3 text-[0.9rem]">
      <p>
        <span className="font-semibold text-bad">The server does not answer.</span>{' '}
        {data && 'What you see is the last that was read. '}
        {problem.next_step}
      </p>
      <button type="button" className="button" onClick={() => void feed.reload_everything()}>
        Try now
      </button>
    </div>
  );
}

function Header({ docs, lineage, models }: { docs: boolean; lineage: boolean; models: boolean }) {
  return (
    <header className="no-print sticky top-0 z-20 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[1320px] items-center gap-x-5 px-3 py-2.5 sm:px-6">
        <a href="/" className="flex items-center gap-2.5 text-[1.05rem] font-semibold tracking-tight">
          <Logo />
          Claimlake
        </a>
        <nav aria-label="Page" className="flex gap-4 text-[0.88rem] max-sm:hidden">
          {(docs || lineage || models) && (
            <a className="text-muted hover:text-ink" href="/">
              Overview
            </a>
          )}
          {!docs && !lineage && !models && (
            <>
              <a className="text-muted hover:text-ink" href="#overview">
                Overview
              </a>
              <a className="text-muted hover:text-ink" href="#customers">
                Customers
              </a>
              <a className="text-muted hover:text-ink" href="#tables">
                Tables
              </a>
            </>
          )}
          <a className="text-muted hover:text-ink" href="/lineage" aria-current={lineage ? 'page' : undefined}>
            Lineage
          </a>
          <a className="text-muted hover:text-ink" href="/models" aria-current={models ? 'page' : undefined}>
            Models
          </a>
          <a className="text-muted hover:text-ink" href="/docs" aria-current={docs ? 'page' : undefined}>
            API
          </a>
        </nav>
        <div className="ml-auto flex items-center gap-3">
          {!docs && <Live />}
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}

// Whether the page is in step with the server, and how old its newest data is.
function Live() {
  const { data, problem } = useReading<TableList>(tables_path);
  const now = useServerNow();
  const away = problem?.code === 'unreachable';
  const text = away ? 'Offline' : data?.meta.as_of ? `Data committed ${ago(data.meta.as_of, now)}` : data ? 'No data yet' : 'Connecting';
  return (
    <p className="flex items-center gap-2 text-[0.82rem] text-muted" data-live={away ? 'offline' : 'live'}>
      <span aria-hidden="true" className={`size-2 rounded-full ${away ? 'bg-bad' : data ? 'bg-good' : 'bg-line-strong'}`} />
      {text}
    </p>
  );
}

function ThemeToggle() {
  const [theme, set_theme] = useState<Theme>(current_theme);
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => set_theme(current_theme());
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      className="button !p-2"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        choose_theme(other);
        set_theme(other);
      }}
    >
      {theme === 'dark' ? <Sun /> : <Moon />}
    </button>
  );
}
