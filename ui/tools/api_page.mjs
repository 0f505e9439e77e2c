// Writes the reference page of the API from the contract. Pure, like contract.mjs: text out.
import { operations_of } from './contract.mjs';

const ref_name = (ref) => ref.split('/').at(-1);
const cell = (text) => String(text ?? '').trim().replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;
const table = (head, rows) => [row(...head), `|${'---|'.repeat(head.length)}`, ...rows];
const link = (name) => `[${name}](#${name.toLowerCase()})`;

// What a value is, in words: its type or the schema that has it, choices and bounds.
function kind(schema) {
  if (schema.$ref) return link(ref_name(schema.$ref));
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(kind).join(' or ');
  if (schema.type === 'array') return `list of ${kind(schema.items)}`;
  const types = [schema.type].flat().join(' or ');
  const format = schema.format ? ` (${schema.format})` : '';
  const bounds = [
    schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`,
    schema.maxLength !== undefined && `up to ${schema.maxLength} characters`,
  ].filter(Boolean);
  return types + format + (bounds.length ? `, ${bounds.join(' ')}` : '');
}

function operation_text(path, method, operation, contract) {
  const out = [`### \`${method.toUpperCase()} ${path}\``, '', operation.summary + (operation.summary.endsWith('.') ? '' : '.')];
  if (operation.description) out.push('', operation.description.trim());
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.$ref ? contract.components.parameters[ref_name(parameter.$ref)] : parameter,
  );
  if (parameters.length) {
    const rows = parameters.map(({ name, in: where, required, schema, description }) =>
      row(`\`${name}\``, where + (required ? ', required' : ''), kind(schema), schema.default === undefined ? '' : `\`${schema.default}\``, description),
    );
    out.push('', ...table(['parameter', 'in', 'value', 'default', 'meaning'], rows));
  }
  const body = operation.requestBody?.content['application/json'].schema;
  if (body) out.push('', `Body: ${link(ref_name(body.$ref))}, as \`application/json\`.`);
  const answers = Object.entries(operation.responses).map(([status, given]) => {
    const response = given.$ref ? contract.components.responses[ref_name(given.$ref)] : given;
    const bodies = Object.entries(response.content ?? {}).map(([media, { schema }]) =>
      schema?.$ref ? `${link(ref_name(schema.$ref))}, \`${media}\`` : `\`${media}\``,
    );
    return row(status === 'default' ? 'other' : status, bodies.join('; '), response.description);
  });
  out.push('', ...table(['status', 'body', 'meaning'], answers), '');
  return out;
}

function schema_text(name, schema) {
  const out = [`### ${name}`, ''];
  if (schema.description) out.push(schema.description.trim(), '');
  if (!schema.properties) return [...out, kind(schema), ''];
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([field, property]) => {
    const formula = property['x-formula'] ? `= ${property['x-formula']}` : '';
    return row(`\`${field}\`${required.has(field) ? '' : ' (may be absent)'}`, kind(property), [property.description, formula].filter(Boolean).join(' '));
  });
  return [...out, ...table(['field', 'value', 'meaning'], rows), ''];
}

export function api_page(contract) {
  const out = ['<!-- Generated from api/openapi.yaml by `npm run generate` in ui. A test compares the two. -->', `# ${contract.info.title}`, ''];
  out.push(contract.info.summary, '', 'A running `claimlake serve` shows the same at `/docs`, and gives it to programs at `/openapi.json`.', '');
  out.push(contract.info.description.trim(), '');
  for (const { name, description } of contract.tags) {
    out.push(`## ${name}`, '', description, '');
    for (const [path, method, operation] of operations_of(contract))
      if (operation.tags.includes(name)) out.push(...operation_text(path, method, operation, contract));
  }
  out.push('## What answers are made of', '');
  for (const [name, schema] of Object.entries(contract.components.schemas)) out.push(...schema_text(name, schema));
  return out.join('\n');
}
