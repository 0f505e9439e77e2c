// Writes src/api/types.ts and api/openapi.json from api/openapi.yaml.
import { readFileSync, writeFileSync } from 'node:fs';
import { openapi_json, read_contract, typescript } from './contract.mjs';

const root = new URL('../../', import.meta.url);
const contract = read_contract(readFileSync(new URL('api/openapi.yaml', root), 'utf8'));
writeFileSync(new URL('api/openapi.json', root), openapi_json(contract));
writeFileSync(new URL('ui/src/api/types.ts', root), typescript(contract));
