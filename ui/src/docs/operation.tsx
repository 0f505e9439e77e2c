// One call of the API, closed to a line until opened.
import { useId, useState, type FormEvent } from 'react';
import { Badge } from '../parts/badge';
import { address_of, inner, last_part, resolve, type_name, type Call, type Document, type Parameter, type Schema } from './document';
import { Inline, Prose } from './prose';

export function Operation({ api, operation }: { api: Document; operation: Call }) {
  const [open, set_open] = useState(false);
  return (
    <details onToggle={(event) => set_open(event.currentTarget.open)} className="py-1">
      <summary className="flex flex-wrap items-baseline gap-x-3 gap-y-1 rounded-md py-1.5 hover:bg-raised">
        <Badge tone={operation.method === 'GET' ? 'good' : 'info'}>{operation.method}</Badge>
        <code className="text-[0.88rem] break-all">{operation.path}</code>
        <span className="text-[0.88rem] text-muted">{operation.summary}</span>
      </summary>
      {open && (
        <div className="flex flex-col gap-4 py-3 sm:pl-4">
          {operation.description && (
            <div className="max-w-[75ch] text-[0.9rem]">
              <Prose text={operation.description} />
            </div>
          )}
          <Try api={api} call={operation} />
          {operation.answer && (
            <div>
              <h3 className="text-[0.9rem] font-semibold">Answer: {type_name(operation.answer)}</h3>
              <Fields api={api} schema={operation.answer} depth={0} />
            </div>
          )}
        </div>
      )}
    </details>
  );
}

type Outcome = { address: string; status: string; etag: string | null; body: string };

function Try({ api, call }: { api: Document; call: Call }) {
  const [typed, set_typed] = useState<Record<string, string>>(call.streams ? { limit: '1' } : {});
  const [body, set_body] = useState(() => JSON.stringify(call.body));
  const body_id = useId();
  const [outcome, set_outcome] = useState<Outcome>();
  const shown = call.parameters.filter((parameter) => parameter.in !== 'header');
  const run = async (event: FormEvent) => {
    event.preventDefault();
    const address = address_of(call, typed);
    try {
      const started = performance.now();
      const sent = call.body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } };
      const response = await fetch(address, { cache: 'no-store', method: call.method, ...sent });
      const text = await response.text();
      const took = (performance.now() - started).toFixed(0);
      set_outcome({
        address,
        status: `${response.status} ${response.statusText} in ${took} ms`,
        etag: response.headers.get('ETag'),
        body: pretty(text, response.headers.get('Content-Type') ?? ''),
      });
    } catch (error) {
      set_outcome({ address, status: 'No answer', etag: null, body: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <form onSubmit={(event) => void run(event)} className="flex flex-col gap-2">
      {shown.map((parameter) => (
        <Field
          key={parameter.name}
          api={api}
          parameter={parameter}
          value={typed[parameter.name] ?? ''}
          on_change={(value) => set_typed({ ...typed, [parameter.name]: value })}
        />
      ))}
      {call.body !== undefined && (
        <div className="flex flex-col gap-1">
          <label htmlFor={body_id} className="text-[0.86rem] font-medium">
            Body (JSON)
          </label>
          <textarea id={body_id} className="field font-mono" rows={2} value={body} onChange={(event) => set_body(event.target.value)} />
        </div>
      )}
      <div>
        <button type="submit" className="button">
          Try it
        </button>
      </div>
      {outcome && (
        <div role="status" className="text-[0.84rem]">
          <p className="break-all">
            <code>{outcome.address}</code> <Badge tone="info">{outcome.status}</Badge>{' '}
            {outcome.etag && <span className="text-muted">ETag {outcome.etag}</span>}
          </p>
          <pre
            tabIndex={0}
            aria-label="Body of the answer"
            className="mt-1.5 max-h-96 overflow-auto rounded-lg bg-raised p-3 text-[0.78rem] leading-normal"
          >
            {outcome.body}
          </pre>
        </div>
      )}
    </form>
  );
}

// Indents JSON without reading its numbers, so that 10.50 is shown as it was sent.
export function pretty(text: string, content_type: string): string {
  if (!content_type.includes('json')) return text.slice(0, 20_000);
  let out = '';
  let depth = 0;
  let in_string = false;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (let i = 0; i < text.length && out.length < 200_000; i += 1) {
    const c = text[i]!;
    if (in_string) {
      out += c;
      if (c === '\\') out += text[++i] ?? '';
      else if (c === '"') in_string = false;
    } else if (c === '"') {
      in_string = true;
      out += c;
    } else if (c === '{' || c === '[') {
      const closing = text.slice(i + 1).match(/^\s*[}\]]/);
      if (closing) {
        out += c + (c === '{' ? '}' : ']');
        i += closing[0].length;
      } else {
        depth += 1;
        out += c + line();
      }
    } else if (c === '}' || c === ']') {
      depth -= 1;
      out += line() + c;
    } else if (c === ',') out += c + line();
    else if (c === ':') out += ': ';
    else if (!/\s/.test(c)) out += c;
  }
  return out;
}

type FieldProps = { api: Document; parameter: Parameter; value: string; on_change: (value: string) => void };

function Field({ api, parameter, value, on_change }: FieldProps) {
  const id = useId();
  const schema = resolve(api, parameter.schema);
  const options = schema.type === 'boolean' ? ['true', 'false'] : schema.enum?.map(String);
  const hint = schema.default !== undefined ? String(schema.default) : parameter.example ? String(parameter.example) : '';
  const range = schema.maximum !== undefined ? ` ${schema.minimum ?? 0} to ${schema.maximum}.` : '';
  return (
    <div className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[9rem_15rem_1fr]">
      <label htmlFor={id} className="text-[0.86rem] font-medium">
        {parameter.name}
        {parameter.required && <span className="text-muted"> (needed)</span>}
      </label>
      {options ? (
        <select id={id} className="field" value={value} onChange={(event) => on_change(event.target.value)}>
          <option value="">{hint ? `${hint} (default)` : 'any'}</option>
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          className="field"
          value={value}
          placeholder={hint}
          required={parameter.required ?? false}
          onChange={(event) => on_change(event.target.value)}
        />
      )}
      <p className="text-[0.82rem] text-muted">
        <Inline text={(parameter.description ?? schema.description ?? '').replaceAll('\n', ' ')} />
        {range}
      </p>
    </div>
  );
}

function Fields({ api, schema, depth }: { api: Document; schema: Schema; depth: number }) {
  const seen = inner(api, schema);
  if (!seen?.properties) return null;
  return (
    <ul className={`text-[0.85rem] ${depth ? 'ml-1 border-l border-line pl-4' : 'mt-1'}`}>
      {Object.entries(seen.properties).map(([name, property]) => (
        <li key={name} className="py-0.5">
          <FieldLine api={api} name={name} schema={property} optional={!seen.required?.includes(name)} depth={depth} />
        </li>
      ))}
    </ul>
  );
}

type FieldLineProps = { api: Document; name: string; schema: Schema; optional: boolean; depth: number };

function FieldLine({ api, name, schema, optional, depth }: FieldLineProps) {
  const [open, set_open] = useState(false);
  const below = depth < 4 ? inner(api, schema) : undefined;
  const own = schema.$ref ? api.components.schemas[last_part(schema.$ref)] : schema;
  const line = (
    <>
      <code>{name}</code>{' '}
      <span className="text-muted">
        {type_name(schema)}
        {optional && ', optional'}
        {own?.enum && `: ${own.enum.join(', ')}`}
        {(schema.description ?? schema['x-formula']) && (
          <>
            {' – '}
            <Inline text={[schema.description, schema['x-formula']].filter(Boolean).join(' ')} />
          </>
        )}
      </span>
    </>
  );
  if (!below?.properties) return <p className="pl-4">{line}</p>;
  return (
    <details onToggle={(event) => set_open(event.currentTarget.open)}>
      <summary>{line}</summary>
      {open && <Fields api={api} schema={schema} depth={depth + 1} />}
    </details>
  );
}
