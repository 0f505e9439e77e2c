// The API as a page: every call with its parameters, a form to try it, and the shape of the answer.
import { useEffect, useState } from 'react';
import { Badge } from '../parts/badge';
import { Failure, Loading } from '../parts/panel';
import { Operation } from './operation';
import { operations_of, type Document } from './document';
import { Prose } from './prose';
import type { Problem } from '../api/types';

export default function Docs() {
  const [api, set_api] = useState<Document>();
  const [problem, set_problem] = useState<Problem>();
  useEffect(() => {
    void fetch('/openapi.json')
      .then(async (response) => {
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
        set_api((await response.json()) as Document);
      })
      .catch((error: unknown) =>
        set_problem({
          type: 'about:blank',
          title: 'The API document could not be read',
          status: 503,
          code: 'unreachable',
          detail: `/openapi.json: ${error instanceof Error ? error.message : String(error)}`,
          next_step: 'See whether claimlake serve is still running, then reload the page.',
        }),
      );
  }, []);

  if (problem) return <Failure problem={problem} path="/openapi.json" />;
  if (!api) return <Loading lines={10} />;
  const operations = operations_of(api);
  return (
    <>
      <section className="card p-5">
        <h1 className="text-[1.5rem] font-semibold tracking-tight">
          {api.info.title} <Badge>{api.info.version}</Badge>
        </h1>
        <p className="mt-1 text-muted">{api.info.summary}</p>
        <div className="mt-3 gap-10 text-[0.92rem] lg:columns-2">
          <Prose text={api.info.description ?? ''} />
        </div>
      </section>
      {(api.tags ?? []).map((tag) => (
        <section key={tag.name} aria-labelledby={`tag-${tag.name}`} className="card p-5">
          <h2 id={`tag-${tag.name}`} className="text-[1.1rem] font-semibold capitalize">
            {tag.name}
          </h2>
          <p className="mb-2 text-[0.88rem] text-muted">{tag.description}</p>
          <ul className="divide-y divide-line">
            {operations
              .filter((operation) => operation.tag === tag.name)
              .map((operation) => (
                <li key={operation.id}>
                  <Operation api={api} operation={operation} />
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}
