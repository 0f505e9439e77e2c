import { expect, test } from 'vitest';
import { address_of, operations_of, type_name, type Document } from './document';
import { pretty } from './operation';

const api: Document = {
  info: { title: 'T', version: '1' },
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'getThing',
        tags: ['things'],
        summary: 'One thing',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { $ref: '#/components/parameters/Limit', name: '', in: 'query', schema: {} },
        ],
        responses: { '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
      },
    },
  },
  components: {
    schemas: { Thing: { type: 'object' } },
    parameters: { Limit: { name: 'limit', in: 'query', schema: { type: 'integer' } } },
  },
};

test('operations carry their parameters, also those by reference', () => {
  const [call] = operations_of(api);

  expect(call?.parameters.map((parameter) => parameter.name)).toEqual(['id', 'limit']);
  expect(call && type_name(call.answer ?? {})).toBe('Thing');
});

test('an address leaves out what was not typed and escapes what was', () => {
  const [call] = operations_of(api);

  expect(call && address_of(call, { id: 'a b/c', limit: '' })).toBe('/things/a%20b%2Fc');
  expect(call && address_of(call, { id: '1', limit: '5' })).toBe('/things/1?limit=5');
});

test('JSON is indented without touching its numbers or its strings', () => {
  const text = '{"paid":10.50,"note":"a, {b}: \\"c\\"","none":[],"list":[1,2]}';

  const shown = pretty(text, 'application/json');

  expect(shown).toBe('{\n  "paid": 10.50,\n  "note": "a, {b}: \\"c\\"",\n  "none": [],\n  "list": [\n    1,\n    2\n  ]\n}');
  expect(JSON.parse(shown)).toEqual(JSON.parse(text));
});
