// Writes src/api/types.ts, api/openapi.json and docs/reference/api.md from api/openapi.yaml.
import { readFileSync, writeFileSync } from 'node:fs';
import { api_page } from './api_page.mjs';
import { openapi_json, read_contract, typescript } from './contract.mjs';

const root = new URL('../../', import.meta.url);
const contract = read_contract(readFileSync(new URL('api/openapi.yaml', root), 'utf8'));
writeFileSync(new URL('api/openapi.json', root), openapi_json(contract));
writeFileSync(new URL('ui/src/api/types.ts', root), typescript(contract));
writeFileSync(new URL('docs/reference/api.md', root), api_page(contract));
