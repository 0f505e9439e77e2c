// The commands that the documentation shows work as they stand there: every block marked `sh` runs,
// page by page, in an empty folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lake_with } from './book.mjs';
import { Lake, new_folder, program, root } from './lake.mjs';

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

// What `--help` of a command says: the commands after it, its arguments, and its options as they are
// written, "--limit N"; those that every command takes apart.
function help_of(...command) {
  const text = spawnSync(program, [...command, '--help'], { encoding: 'utf8' }).stdout;
  const block = (title) => (text.split(`\n${title}:\n`)[1] ?? '').split('\n\n')[0].split('\n');
  const names = (title) => block(title).map((line) => line.match(/^ {2}(\S+(?: [A-Z]+)?)  /)?.[1]).filter((name) => name && !name.startsWith('-h,'));
  return { commands: names('Subcommands'), arguments: names('Positionals'), options: names('Options'), shared: names('For every command') };
}

// All commands that do something: ['init'], ['table', 'list'], ...
const leaves = (...path) => {
  const { commands } = help_of(...path);
  return commands.length === 0 ? [path] : commands.flatMap((name) => leaves(...path, name));
};

test('docs/reference/cli.md has the options and arguments that --help has, and no others', () => {
  const page = fs.readFileSync(path.join(root, 'docs/reference/cli.md'), 'utf8');
  const options_in = (text) => [...new Set(text.match(/--[a-z-]+( [A-Z]+\b)?/g))].sort();
  const shared = help_of('init').shared.sort();
  assert.deepEqual(options_in(page.split('| for every command |')[1].split('\n\n')[0]).filter((option) => shared.includes(option)), shared);
  const all = leaves();
  assert.ok(all.length >= 20, String(all.length));
  for (const command of all) {
    const { options, arguments: words, shared: every } = help_of(...command);
    assert.deepEqual(every.sort(), shared, command.join(' '));
    // One command has a heading of its own, those of a group have a line of a table.
    const [head] = command;
    const section = page.split(new RegExp('^### `' + head + '\\b', 'm'))[1].split(/^##/m)[0];
    const usage = command.length === 1 ? section.split('\n')[0] : section.split('\n').filter((line) => new RegExp('^\\| `' + command[1] + '\\b').test(line)).join('\n');
    assert.ok(usage, `nothing on ${command.join(' ')}`);
    const written = options_in(usage.split('|').slice(0, command.length === 1 ? 99 : 2).join('|').replace('--format box\\|csv', '--format FORM').replace('--format box|csv|json', '--format FORM'));
    assert.deepEqual(written, options.sort(), command.join(' '));
    for (const word of words) assert.ok(usage.includes(word), `${command.join(' ')} ${word}`);
  }
});

test('docs/reference/configuration.md has the keys and defaults that init writes', () => {
  const written = fs.readFileSync(Lake.empty().path('claimlake.yml'), 'utf8');
  const keys = Object.fromEntries([...written.matchAll(/^#([a-z_]+):([^#\n]*)/gm)].map(([, key, value]) => [key, value.trim()]));
  const page = fs.readFileSync(path.join(root, 'docs/reference/configuration.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \|[^|]*\| ([^|]*) \|/gm)].map(([, key, usual]) => [key, usual]);
  assert.deepEqual(rows.map(([key]) => key).sort(), Object.keys(keys).sort());
  for (const [key, usual] of rows) if (keys[key]) assert.ok(usual.startsWith(`\`${keys[key]}\``), `${key}: ${usual}`);
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
