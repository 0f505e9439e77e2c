// A titled part of the page, and what it shows while there is nothing to show yet.
import { useId, type ReactNode } from 'react';
import { feed } from '../api/client';
import { address_of, type Reading } from '../api/feed';
import type { Meta, Problem } from '../api/types';
import { Freshness } from './freshness';
import { Refresh } from './icons';

type PanelProps = {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  meta?: Meta | undefined;
  id?: string;
  className?: string;
  children: ReactNode;
};

export function Panel({ title, note, actions, meta, id, className = '', children }: PanelProps) {
  const heading = useId();
  return (
    <section id={id} aria-labelledby={heading} className={`card flex min-w-0 flex-col p-4 sm:p-5 ${className}`}>
      <header className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 id={heading} className="text-[1.02rem] leading-tight font-semibold">
            {title}
          </h2>
          <p className="mt-0.5 text-[0.8rem] text-muted">
            {note}
            {note && meta ? ' · ' : ''}
            {meta && <Freshness meta={meta} />}
          </p>
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}

type LoadedProps<T> = {
  reading: Reading<T>;
  path: string;
  lines?: number; // height of the loading state, in lines
  empty?: (data: T) => boolean;
  when_empty?: ReactNode;
  children: (data: T) => ReactNode;
};

// Shows the data, or why there is none.
export function Loaded<T>({ reading, path, lines = 5, empty, when_empty, children }: LoadedProps<T>) {
  const { data, problem, loading } = reading;
  if (data !== undefined) {
    if (empty?.(data)) return <Empty>{when_empty}</Empty>;
    return (
      <div aria-busy={loading} className={loading ? 'opacity-60 transition-opacity delay-150' : undefined}>
        {problem && problem.code !== 'unreachable' && <Failure problem={problem} path={path} />}
        {children(data)}
      </div>
    );
  }
  if (problem) return <Failure problem={problem} path={path} />;
  return <Loading lines={lines} />;
}

export function Loading({ lines }: { lines: number }) {
  return (
    <div role="status" aria-busy="true" className="flex flex-col gap-2.5 py-1">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="bone h-5" style={{ width: `${100 - ((line * 17) % 34)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-line-strong px-4 py-6 text-center text-[0.9rem] text-muted">
      {children}
    </div>
  );
}

export function Failure({ problem, path }: { problem: Problem; path: string }) {
  // The page says once, at its top, that the server is away; here one line will do.
  if (problem.code === 'unreachable') {
    return (
      <div
        data-failure={address_of(path)}
        className="mb-2 flex flex-wrap items-center justify-between gap-3 rounded-lg border border-dashed border-line-strong px-4 py-3 text-[0.87rem] text-muted"
      >
        <p>Waiting for the server.</p>
        <Retry path={path} />
      </div>
    );
  }
  return (
    <div role="alert" data-failure={address_of(path)} className="mb-2 rounded-lg bg-bad-soft px-4 py-3 text-[0.87rem]">
      <p className="font-semibold text-bad">{problem.title}</p>
      <p className="mt-0.5 break-words">{problem.detail}</p>
      <p className="mt-0.5">{problem.next_step}</p>
      <div className="mt-2 flex items-center gap-3">
        <Retry path={path} />
        <code className="text-[0.78rem] text-ink">{problem.code}</code>
      </div>
    </div>
  );
}

function Retry({ path }: { path: string }) {
  return (
    <button type="button" className="button" onClick={() => void feed.load(path)}>
      <Refresh /> Try again
    </button>
  );
}

// What to do in a lake without rows.
export function NoRows({ what }: { what: string }) {
  return (
    <>
      <p className="text-ink">No {what} yet.</p>
      <p className="mt-1">
        Put raw files in place and run <code>claimlake ingest</code>, then <code>claimlake run</code>.
      </p>
    </>
  );
}
