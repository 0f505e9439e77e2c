// Many sockets that listen to a served lake while claims are dropped: how long after the commit of
// Gold the last of them has heard, and what the server holds in memory.
//   node bench/real_time.mjs PROGRAM [SOCKETS] [CLAIMS]      prints one line of JSON for each claim
// Needs the packages of tests/real_time, and twice as many open files as sockets (ulimit -n).
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const { WebSocket } = createRequire(new URL('../tests/real_time/package.json', import.meta.url))('ws');
const [program, sockets_text = '5000', claims_text = '10'] = process.argv.slice(2);
const wanted = Number(sockets_text);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'claimlake-bench-'));
const lake = path.join(folder, 'lake');
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const made = spawnSync(program, ['--lake', lake, 'demo', '--no-serve', '--scale', '1'], { encoding: 'utf8' });
if (made.status !== 0) throw new Error(made.stderr);
const server = spawn(program, ['--lake', lake, 'serve', '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => server.kill('SIGKILL'));
const url = await new Promise((resolve) => {
  let said = '';
  server.stdout.on('data', (bytes) => {
    said += bytes;
    if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url);
  });
});
const resident_mb = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
const before_mb = resident_mb();

// Half by Socket.IO, half by plain frames.
let heard = 0, last_at = 0, wake = () => {}, claim_id = '';
function open(number) {
  const is_plain = number % 2 === 0;
  const socket = new WebSocket(url.replace('http', 'ws') + (is_plain ? '/ws' : '/socket.io/?EIO=4&transport=websocket'), { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = data.toString();
      if (text[0] === '0') socket.send('40');
      else if (text === '2') socket.send('3');
      else if (text.includes('"connected"')) resolve(socket);
      else if (claim_id && text.includes('claim_submitted') && text.includes(claim_id)) {
        last_at = performance.timeOrigin + performance.now();
        if (++heard === wanted) wake();
      }
    });
  });
}
for (let number = 0; number < wanted; number += 100) {
  await Promise.all(Array.from({ length: Math.min(100, wanted - number) }, (_, i) => open(number + i)));
}
const connected_mb = resident_mb();

const [claim_file] = ['claims.jsonl', ...fs.readdirSync(path.join(lake, 'raw')).filter((name) => name.startsWith('claims'))].filter((name) => fs.existsSync(path.join(lake, 'raw', name)) && fs.statSync(path.join(lake, 'raw', name)).isFile());
const like = JSON.parse(fs.readFileSync(path.join(lake, 'raw', claim_file), 'utf8').split('\n', 1)[0]);
fs.mkdirSync(path.join(lake, 'raw/claims'), { recursive: true });
const logs = path.join(lake, 'gold/claims_analytics/_delta_log');
const committed_at = () => Math.max(...fs.readdirSync(logs).filter((name) => name.endsWith('.json')).map((name) => fs.statSync(path.join(logs, name)).mtimeMs));

for (let number = 1; number <= Number(claims_text); ++number) {
  const all_heard = new Promise((resolve) => (wake = resolve));
  heard = 0;
  claim_id = `BENCH-${number}`;
  const outside = path.join(folder, 'claim.tmp');
  fs.writeFileSync(outside, JSON.stringify({ ...like, claim_id, claim_number: `CLM-BENCH-${number}`, invoice_number: `INV-BENCH-${number}`, updated_at: new Date().toISOString() }) + '\n');
  const dropped_at = Date.now();
  fs.renameSync(outside, path.join(lake, `raw/claims/bench_${number}.jsonl`));
  const in_time = await Promise.race([all_heard.then(() => true), new Promise((resolve) => setTimeout(resolve, 30_000, false))]);
  console.log(JSON.stringify({ bench: 'real_time', sockets: wanted, heard, in_time, after_commit_ms: Math.round(last_at - committed_at()), after_drop_ms: Math.round(last_at - dropped_at), before_mb: Math.round(before_mb), connected_mb: Math.round(connected_mb), resident_mb: Math.round(resident_mb()) }));
}
const stopping_at = Date.now();
server.kill('SIGINT');
await new Promise((resolve) => server.on('close', resolve));
console.log(JSON.stringify({ bench: 'real_time_stop', sockets: wanted, stopped_after_ms: Date.now() - stopping_at }));
process.exit(0);
