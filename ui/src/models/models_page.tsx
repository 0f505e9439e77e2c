// The documentation of every model, as its SQL, its header, its comments and its rules say it.
import { useMemo, useRef, type KeyboardEvent } from 'react';
import { useHeartbeat, useReading } from '../api/client';
import type { Model, ModelList } from '../api/types';
import { Block, ColumnsBlock, Facts } from '../details/parts';
import { plural } from '../format';
import { Badge } from '../parts/badge';
import { Empty, Loaded, Panel } from '../parts/panel';
import { set_url, useUrl } from '../url_state';
import { facts_of, file_in_pack, found, layers_of, next_model } from './models';

export const models_path = '/api/lake/models';

export default function ModelsPage() {
  useHeartbeat();
  const reading = useReading<ModelList>(models_path);
  return (
    <>
      <h1 className="sr-only">Models: what every table and view is, and how it is made</h1>
      <Panel title="Models" note="What every table and view is, from its SQL, its comments and its rules. The arrow keys go through the list.">
        <Loaded reading={reading} path={models_path} lines={12} empty={(data) => data.count === 0} when_empty="The pack has no models.">
          {(data) => <Models models={data.models} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Models({ models }: { models: Model[] }) {
  const url = useUrl();
  const shown = useMemo(() => found(models, url.search), [models, url.search]);
  const chosen = models.find(({ model }) => model === url.table);
  return (
    <div className="grid gap-4 lg:grid-cols-[17rem_1fr]">
      <div className="flex min-w-0 flex-col gap-3 self-start lg:sticky lg:top-18 lg:max-h-[calc(100vh-5rem)] lg:overflow-y-auto">
        <input
          type="search"
          className="field"
          aria-label="Find a model by name, column or description"
          placeholder="Name, column, description"
          value={url.search}
          onChange={(event) => set_url({ search: event.target.value }, 'replace')}
        />
        {shown.length === 0 ? <Empty>No model has “{url.search}” in its name, its columns or its description.</Empty> : <List models={shown} chosen={chosen?.model} />}
      </div>
      {chosen ? (
        <Detail model={chosen} />
      ) : (
        <Empty>{url.table ? `The pack has no model ${url.table}. Choose one of the list.` : 'Choose a model to read what it is, what its columns mean, and which rules it keeps.'}</Empty>
      )}
    </div>
  );
}

function List({ models, chosen }: { models: Model[]; chosen: string | undefined }) {
  const list = useRef<HTMLElement>(null);
  const on_key = (event: KeyboardEvent, from: string) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = step && next_model(models, from, step);
    if (!next) return;
    event.preventDefault();
    set_url({ table: next }, 'replace');
    list.current?.querySelector<HTMLButtonElement>(`[data-model="${CSS.escape(next)}"]`)?.focus();
  };
  return (
    <nav ref={list} aria-label="Models">
      {layers_of(models).map(([layer, of_layer]) => (
        <section key={layer} aria-labelledby={`models-${layer}`} className="mb-3">
          <h3 id={`models-${layer}`} className="mb-1 text-[0.74rem] font-semibold text-muted uppercase">
            {layer}
          </h3>
          <ul>
            {of_layer.map(({ model }) => (
              <li key={model}>
                <button
                  type="button"
                  data-model={model}
                  aria-current={model === chosen ? 'true' : undefined}
                  onKeyDown={(event) => on_key(event, model)}
                  onClick={() => set_url({ table: model })}
                  className={`w-full truncate rounded-md px-2 py-1 text-left text-[0.86rem] ${model === chosen ? 'bg-accent-soft' : 'hover:bg-raised'}`}
                >
                  {model.slice(layer.length + 1)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Detail({ model }: { model: Model }) {
  return (
    <article aria-label={model.model} className="flex min-w-0 flex-col gap-4">
      <header>
        <h2 className="text-[1.25rem] leading-tight font-semibold break-words">
          <span className="font-normal text-muted">{model.layer}.</span>
          {model.model.slice(model.layer.length + 1)}
        </h2>
        <p className="mt-1 max-w-[75ch] text-[0.9rem]">{model.description}</p>
        <p className="mt-1 font-mono text-[0.78rem] break-all text-muted">{file_in_pack(model)}</p>
        <p className="mt-1 text-[0.86rem]">
          <a className="link underline" href={`/lineage?table=${encodeURIComponent(model.model)}`}>
            Where it comes from, column by column
          </a>
        </p>
      </header>
      <Block title="Facts">
        <Facts facts={facts_of(model)} />
        {model.latest_by.length > 0 && (
          <p className="mt-3 text-[0.86rem]">
            <span className="text-muted">Of several rows with one key the newest wins, by </span>
            <code className="text-[0.8rem] break-words">{model.latest_by.join(', ')}</code>
          </p>
        )}
      </Block>
      <Block title="Reads and readers">
        <Names title="Reads" names={model.inputs} none="Raw files only." />
        {model.rule_inputs.length > 0 && <Names title="Its rules read" names={model.rule_inputs} none="" />}
        <Names title="Read by" names={model.readers} none="No model reads it." />
      </Block>
      <Columns model={model} />
      <Rules model={model} />
      <details className="card p-4">
        <summary className="cursor-pointer text-[0.95rem] font-semibold">SQL</summary>
        <pre tabIndex={0} aria-label={`SQL of ${model.model}`} className="mt-2 overflow-x-auto text-[0.76rem]">
          {model.sql}
        </pre>
      </details>
    </article>
  );
}

function Names({ title, names, none }: { title: string; names: string[]; none: string }) {
  return (
    <p className="mb-1 text-[0.86rem]">
      <span className="text-muted">{title}: </span>
      {names.length === 0 && <span className="text-muted">{none}</span>}
      {names.map((name, i) => (
        <span key={name}>
          {i > 0 && ', '}
          {name.startsWith('raw.') ? (
            <span className="font-mono">{name}</span>
          ) : (
            <button type="button" className="link font-mono underline" onClick={() => set_url({ table: name })}>
              {name}
            </button>
          )}
        </span>
      ))}
    </p>
  );
}

function Columns({ model }: { model: Model }) {
  const tags = new Map<string, string[]>();
  for (const { tag, columns } of model.tags) for (const column of columns) tags.set(column, [...(tags.get(column) ?? []), tag]);
  return (
    <ColumnsBlock count={model.columns.length}>
      {model.columns.map((column) => (
        <tr key={column.name}>
          <th scope="row" className="!align-top !text-[0.84rem] !font-medium !text-ink">
            {column.name} {model.key.includes(column.name) && <Badge tone="info">key</Badge>}
            {tags.get(column.name)?.map((tag) => (
              <Badge key={tag} tone="warn">
                {tag}
              </Badge>
            ))}
          </th>
          <td className="!align-top text-[0.8rem] whitespace-nowrap text-muted">
            {column.type}
            {column.unit && <span className="block">{column.unit}</span>}
          </td>
          <td className="!align-top">
            {column.doc || '–'}
            {column.added && <span className="text-muted"> (the program adds it)</span>}
          </td>
        </tr>
      ))}
    </ColumnsBlock>
  );
}

function Rules({ model }: { model: Model }) {
  return (
    <Block title="Rules" note={model.rules.length ? plural(model.rules.length, 'rule') : undefined}>
      {model.rules.length === 0 ? (
        <p className="text-[0.86rem] text-muted">It has none.</p>
      ) : (
        <ul className="divide-y divide-line text-[0.86rem]">
          {model.rules.map((rule) => (
            <li key={rule.rule} className="py-1.5 break-words">
              <span className="font-medium">{rule.rule}</span> <Badge tone={rule.action === 'fail' || rule.action === 'quarantine' ? 'warn' : 'plain'}>{rule.action}</Badge>
              <span className="block">{rule.demand}</span>
              {rule.when && <span className="block text-muted">When {rule.when}</span>}
              {rule.reason && <span className="block text-muted">{rule.reason}</span>}
            </li>
          ))}
        </ul>
      )}
    </Block>
  );
}
