// Reads an OpenAPI document as far as the page shows it. Pure.
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: (string | number | null)[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  'x-formula'?: string;
};

export type Parameter = {
  $ref?: string;
  name: string;
  in: 'query' | 'path' | 'header';
  required?: boolean;
  description?: string;
  schema: Schema;
  example?: unknown;
};

type Told = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema; example?: unknown }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema; example?: unknown }> }>;
};

export type Document = {
  info: { title: string; version: string; summary?: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Partial<Record<'get' | 'put' | 'post', Told>>>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
};

export type Call = {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string | undefined;
  parameters: Parameter[];
  body: unknown; // an example of it, where one is taken
  answer: Schema | undefined;
  streams: boolean; // the answer has no end
};

export const last_part = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1);

export function resolve(api: Document, schema: Schema): Schema {
  return schema.$ref ? { ...api.components.schemas[last_part(schema.$ref)], ...schema } : schema;
}

export function operations_of(api: Document): Call[] {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, told]) => ({
      id: told.operationId,
      method: method.toUpperCase(),
      path,
      tag: told.tags[0] ?? '',
      summary: told.summary,
      description: told.description,
      parameters: (told.parameters ?? []).flatMap((parameter) => {
        const found = parameter.$ref ? api.components.parameters[last_part(parameter.$ref)] : parameter;
        return found ? [found] : [];
      }),
      body: told.requestBody?.content['application/json']?.example,
      answer: told.responses['200']?.content?.['application/json']?.schema,
      streams: told.responses['200']?.content?.['text/event-stream'] !== undefined,
    })),
  );
}

// "string", "integer or null", "Claim[]".
export function type_name(schema: Schema): string {
  if (schema.$ref) return last_part(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(type_name).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array' && schema.items) return `${type_name(schema.items)}[]`;
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? 'any');
}

// The schema whose fields are worth opening beneath `schema`, if any.
export function inner(api: Document, schema: Schema): Schema | undefined {
  const seen = resolve(api, schema);
  if (seen.properties) return seen;
  if (seen.items) return inner(api, seen.items);
  const choice = seen.anyOf?.find((option) => option.type !== 'null');
  return choice && inner(api, choice);
}

// The address to ask, from what was typed; empty fields are left out.
export function address_of(call: Call, typed: Record<string, string>): string {
  let path = call.path;
  const query = new URLSearchParams();
  for (const parameter of call.parameters) {
    const value = typed[parameter.name] ?? '';
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query' && value !== '') query.set(parameter.name, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
