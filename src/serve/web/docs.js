// Shows every call of the API document with a form to try it. Plain, so that it works in a
// program that was built without the page.
'use strict';

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

function field(api, parameter) {
  const known = parameter.$ref ? api.components.parameters[parameter.$ref.split('/').pop()] : parameter;
  if (known.in === 'header') return null;
  const schema = known.schema.$ref ? api.components.schemas[known.schema.$ref.split('/').pop()] : known.schema;
  const input = schema.enum
    ? element('select', {}, element('option', { value: '' }), ...schema.enum.map((value) => element('option', { value }, value)))
    : element('input', { type: schema.type === 'integer' ? 'number' : 'text' });
  input.required = known.in === 'path';
  if (schema.default !== undefined) input.placeholder = String(schema.default);
  if (known.example !== undefined && input.required) input.value = known.example;
  return { name: known.name, where: known.in, input, label: element('label', { title: known.description ?? '' }, known.name, ' ', input) };
}

function call(api, path, method, told) {
  const fields = (told.parameters ?? []).map((parameter) => field(api, parameter)).filter(Boolean);
  const answer = element('pre', { hidden: true });
  const example = told.requestBody?.content['application/json'].example;
  const body = element('textarea', { value: JSON.stringify(example) ?? '', hidden: !told.requestBody, ariaLabel: 'Body' });
  const form = element('form', {}, ...fields.map((each) => each.label), body, element('button', {}, 'Try'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    let address = path;
    const query = new URLSearchParams();
    for (const { name, where, input } of fields) {
      if (where === 'path') address = address.replace(`{${name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(name, input.value);
    }
    if (query.size) address += `?${query}`;
    answer.hidden = false;
    try {
      const sent = told.requestBody ? { body: body.value, headers: { 'Content-Type': 'application/json' } } : {};
      const response = await fetch(address, { method, ...sent });
      const text = await response.text();
      const shown = response.headers.get('content-type')?.includes('json') ? JSON.stringify(JSON.parse(text), null, 2) : text;
      answer.textContent = `${method} ${address}\n${response.status}\n\n${shown}`;
    } catch (error) {
      answer.textContent = `${method} ${address}\n${error.message}: is the server still running?`;
    }
  });
  return element('details', {}, element('summary', {}, element('code', {}, `${method} ${path}`), ` ${told.summary}`), form, answer);
}

async function main() {
  const calls = document.getElementById('calls');
  try {
    const api = await (await fetch('/openapi.json')).json();
    calls.replaceChildren(...Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([method, told]) => call(api, path, method.toUpperCase(), told))));
  } catch (error) {
    calls.replaceChildren(element('p', {}, `The document could not be read: ${error.message}. Reload the page.`));
  }
}

void main();
