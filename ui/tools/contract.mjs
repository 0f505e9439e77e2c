// Reads the contract and writes what is derived from it. Pure: text in, text out, so that the
// test can compare without touching the files.
import YAML from 'yaml';

export function read_contract(text) {
  return YAML.parse(text);
}

export function openapi_json(contract) {
  return JSON.stringify(contract, null, 1) + '\n';
}

// Every call as [path, method, operation], in the order of the contract.
export function operations_of(contract) {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [path, method, operation]),
  );
}

const ref_name = (ref) => ref.split('/').at(-1);

function literal(value) {
  return value === null ? 'null' : JSON.stringify(value).replaceAll('"', "'");
}

function union(parts) {
  return [...new Set(parts)].join(' | ');
}

function type_of(schema, indent) {
  if (schema.$ref) return ref_name(schema.$ref);
  if (schema.enum) return union(schema.enum.map(literal));
  if (schema.anyOf) return union(schema.anyOf.map((s) => type_of(s, indent)));
  if (Array.isArray(schema.type))
    return union(schema.type.map((type) => type_of({ ...schema, type }, indent)));
  switch (schema.type) {
    case 'null':
      return 'null';
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array': {
      const item = type_of(schema.items, indent);
      return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return object_type(schema, indent);
    default:
      throw new Error(`ui/tools/contract.mjs cannot write a type for ${JSON.stringify(schema)}`);
  }
}

function object_type(schema, indent) {
  if (!schema.properties) {
    const values = schema.additionalProperties;
    return `Record<string, ${values && values !== true ? type_of(values, indent) : 'unknown'}>`;
  }
  const required = new Set(schema.required ?? []);
  const inner = indent + '  ';
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
    return `${inner}${key}${required.has(name) ? '' : '?'}: ${type_of(property, inner)};`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

// One exported type per schema, one entry of Answers per JSON operation, and the formulas.
export function typescript(contract) {
  const out = ['// Generated from api/openapi.yaml by `npm run generate`. A test compares the two.', ''];
  for (const [name, schema] of Object.entries(contract.components.schemas))
    out.push(`export type ${name} = ${type_of(schema, '')};`, '');

  out.push('// The answer of each operation, by operationId.', 'export type Answers = {');
  for (const [, , operation] of operations_of(contract)) {
    const schema = (operation.responses['200'] ?? operation.responses['201'])?.content?.['application/json']?.schema;
    if (schema?.$ref) out.push(`  ${operation.operationId}: ${ref_name(schema.$ref)};`);
  }
  out.push('};', '', '// How figures are computed, in the words of the contract.', 'export const formulas = {');
  for (const [name, schema] of Object.entries(contract.components.schemas)) {
    const known = Object.entries(schema.properties ?? {}).filter(([, p]) => p['x-formula']);
    if (!known.length) continue;
    out.push(`  ${name}: {`);
    for (const [field, property] of known) out.push(`    ${field}: ${JSON.stringify(property['x-formula'])},`);
    out.push('  },');
  }
  out.push('} as const;', '');
  return out.join('\n');
}
