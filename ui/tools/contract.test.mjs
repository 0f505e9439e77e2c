// The contract against the standard, against itself, and against what is generated from it.
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { answer, empty_lake } from '../dev/answers.mjs';
import { make_lake } from '../dev/fixtures.mjs';
import { api_page } from './api_page.mjs';
import { openapi_json, operations_of, read_contract, typescript } from './contract.mjs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const contract = read_contract(read('api/openapi.yaml'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
add_formats(ajv);
ajv.addSchema(contract, 'api');
const escaped = (part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

function faults_of(path, status, value, media = 'application/json') {
  const parts = ['paths', path, 'get', 'responses', status, 'content', media, 'schema'];
  ajv.validate(`api#/${parts.map(escaped).join('/')}`, value);
  return ajv.errors ?? [];
}

describe('the contract', () => {
  test('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate(structuredClone(contract))).toEqual({ valid: true });
  });

  test('has examples that match their schemas', () => {
    for (const [path, { get }] of Object.entries(contract.paths))
      for (const [status, response] of Object.entries(get?.responses ?? {}))
        for (const [media, { example }] of Object.entries(response.content ?? {}))
          if (example !== undefined) expect(faults_of(path, status, example, media), `${path} ${status}`).toEqual([]);
  });

  test('has examples of bodies that match their schemas', () => {
    for (const [path, method, { requestBody }] of operations_of(contract)) {
      if (!requestBody) continue;
      const parts = ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'];
      ajv.validate(`api#/${parts.map(escaped).join('/')}`, requestBody.content['application/json'].example);
      expect(ajv.errors ?? [], `${method} ${path}`).toEqual([]);
    }
  });

  test('names every operation once', () => {
    const ids = operations_of(contract).map(([, , operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('requires only properties that exist', () => {
    for (const [name, schema] of Object.entries(contract.components.schemas))
      for (const field of schema.required ?? []) expect(schema.properties, `${name}.${field}`).toHaveProperty(field);
  });
});

describe('what is generated from the contract', () => {
  test.each([
    ['ui/src/api/types.ts', typescript],
    ['api/openapi.json', openapi_json],
    ['docs/reference/api.md', api_page],
  ])('%s is up to date; if not: npm run generate', (path, write) => {
    expect(read(path)).toBe(write(contract));
  });
});

describe('the fixtures of the development server', () => {
  const lake = make_lake(Date.parse('2026-01-09T10:31:07Z'));
  const { customer_id } = lake.customers[0].customer;
  const asked = [
    ['/api/insights/summary', '/api/insights/summary'],
    ['/api/insights/kpis', '/api/insights/kpis?limit=25'],
    ['/api/insights/categories', '/api/insights/categories'],
    ['/api/insights/segments', '/api/insights/segments'],
    ['/api/insights/customers', '/api/insights/customers?search=oak&limit=12&total=true'],
    ['/api/insights/customers/{customer_id}', `/api/insights/customers/${customer_id}`],
    ['/api/lake/tables', '/api/lake/tables'],
    ['/api/lake/tables/{table}', '/api/lake/tables/silver.fact_claims'],
    ['/api/quality/quarantine', '/api/quality/quarantine?table=silver.fact_claims&state=waiting&limit=20'],
  ];

  test.each(asked)('%s answers its schema', (path, address) => {
    expect(faults_of(path, '200', answer(lake, new URL(address, 'http://localhost')))).toEqual([]);
  });

  test.each(asked.filter(([path]) => !path.includes('{')))('%s of an empty lake answers its schema', (path, address) => {
    expect(faults_of(path, '200', answer(empty_lake, new URL(address, 'http://localhost')))).toEqual([]);
  });
});

describe('the lock files', () => {
  test.each(['ui/package-lock.json', 'tests/e2e/browser/package-lock.json'])('%s names no registry', (path) => {
    expect(read(path)).not.toMatch(/"resolved"/);
  });

  test('ui/package-lock.json has every platform, without which npm ci refuses it', () => {
    const { packages } = JSON.parse(read('ui/package-lock.json'));
    for (const [name, { optionalDependencies = {} }] of Object.entries(packages))
      for (const dependency of Object.keys(optionalDependencies))
        expect(packages, `${name} needs it`).toHaveProperty([`node_modules/${dependency}`]);
  });
});
