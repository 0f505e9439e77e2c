// The commands that the documentation shows work as they stand there: every block marked `sh` runs,
// page by page, in an empty folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lake_with } from './book.mjs';
import { new_folder, program, root } from './lake.mjs';

const blocks = (page) => [...fs.readFileSync(path.join(root, page), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text);

function runs(page, folder) {
  const bin = new_folder();
  fs.symlinkSync(program, path.join(bin, 'claimlake'));
  const script = blocks(page).join('');
  assert.ok(script.includes('claimlake '), page);
  const ended = spawnSync('bash', ['-euxo', 'pipefail', '-c', script], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, CLAIMLAKE_LAKE: undefined } });
  assert.equal(ended.status, 0, ended.stderr.split('\n').slice(-8).join('\n'));
  return ended;
}

test('docs/start.md', () => {
  const { stdout, stderr } = runs('docs/start.md', new_folder());
  // A claim before its policy: it waited, and came back.
  const parts = stdout.split('The quarantine is empty.');
  assert.equal(parts.length, 2);
  assert.match(parts[0], /silver\.fact_claims +policy_exists +\d+ /);
  assert.match(parts[1], /replayed +\d+\n/);
  // A correction: now and before.
  assert.match(parts[1], /status\n─+\nUnder Review\nstatus\n─+\nPaid\n/);
  assert.doesNotMatch(stderr, /^error/m);
});

test('docs/reference/cli.md', () => {
  const lake = lake_with();
  lake.ok('ingest');
  lake.ok('run');
  assert.match(runs('docs/reference/cli.md', path.dirname(lake.folder)).stdout, /a\r\n1\r\nb\r\n2\r\n/);
});

test('docs/reference/cli.md names every command, and its example of an error is the real one', () => {
  const lake = lake_with();
  const page = fs.readFileSync(path.join(root, 'docs/reference/cli.md'), 'utf8');
  const help = spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout;
  const commands = [...help.split('Subcommands:')[1].split('Examples:')[0].matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  assert.ok(commands.length >= 13);
  for (const name of commands) assert.match(page, new RegExp('^### `' + name + '\\b', 'm'), name);
  const said = lake.fails(3, 'sql', 'SELECT claim_id FRM silver.fact_claims');
  assert.ok(page.includes(said), said);
});
