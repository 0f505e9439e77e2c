// Serves ui/dist with the headers of the real server, over fixture answers.
//   node dev/server.mjs [PORT]          FIXTURE=empty for a lake without rows
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { answer, empty_lake } from './answers.mjs';
import { make_lake } from './fixtures.mjs';

const port = Number(process.argv[2] ?? 8361);
const lake = process.env.FIXTURE === 'empty' ? empty_lake : make_lake(Date.now());
const dist = new URL('../dist/', import.meta.url);
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const security = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

async function file(pathname) {
  const name = pathname.slice(1);
  const known = /^(assets\/)?[\w.-]+\.(js|css|svg)$/.test(name) ? name : 'index.html';
  return { type: types[extname(known)], body: await readFile(new URL(known, dist)) };
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const send = (status, headers, body) => response.writeHead(status, { ...security, ...headers }).end(body);
  if (url.pathname === '/openapi.json') {
    const text = await readFile(new URL('../../api/openapi.json', import.meta.url));
    return send(200, { 'Content-Type': 'application/json' }, text);
  }
  if (!url.pathname.startsWith('/api/')) {
    const { type, body } = await file(url.pathname);
    return send(200, { 'Content-Type': type }, body);
  }
  const found = answer(lake, url);
  if (!found) {
    const problem = { type: 'about:blank', title: 'Not found', status: 404, code: 'not_found', detail: `nothing is at ${url.pathname}`, next_step: 'See /docs for what there is.' };
    return send(404, { 'Content-Type': 'application/problem+json' }, JSON.stringify(problem));
  }
  const body = JSON.stringify(found);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (request.headers['if-none-match'] === etag) return send(304, { ETag: etag });
  return send(200, { 'Content-Type': 'application/json', ETag: etag }, body);
}).listen(port, '127.0.0.1', () => console.log(`fixtures on http://127.0.0.1:${port}`));
