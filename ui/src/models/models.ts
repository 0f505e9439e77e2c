// What the page of the models finds and shows. Pure.
import type { Model } from '../api/types';

// Models that have all words of `search` in their name, their columns or their description.
export function found(models: Model[], search: string): Model[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter(({ model, description, columns }) => {
    const text = [model, description, ...columns.map(({ name }) => name)].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

// In the order of the pack, by layer.
export function layers_of(models: Model[]): [Model['layer'], Model[]][] {
  const layers = new Map<Model['layer'], Model[]>();
  for (const model of models) layers.set(model.layer, [...(layers.get(model.layer) ?? []), model]);
  return [...layers];
}

// The model `step` places behind `from` as the list shows them.
export function next_model(models: Model[], from: string, step: number): string | undefined {
  const listed = layers_of(models).flatMap(([, of_layer]) => of_layer);
  const at = listed.findIndex(({ model }) => model === from);
  return at < 0 ? undefined : listed[at + step]?.model;
}

// Where its file stands in the pack: "2_silver/fact_claims.sql".
export const file_in_pack = ({ file }: Model) => file.split('/').slice(-2).join('/');

const kinds: Record<Model['kind'], string> = {
  append: 'rows are added',
  keyed: 'one row per key',
  full: 'computed as a whole',
  view: 'computed when read',
  function: 'computed when called',
};

export function facts_of(model: Model): [string, string][] {
  const facts: [string, string | null][] = [
    ['Kind', `${model.kind}: ${kinds[model.kind]}`],
    ['Key', model.key.join(', ')],
    ['Parameters', model.parameters.map(({ name, type }) => `${name} ${type}`).join(', ')],
    ['Changes with the day', model.clock === 'day' ? 'yes' : null],
    ['Partitioned by', model.partition.join(', ')],
    ['A row is about', model.about],
    ['Owner', model.owner],
  ];
  return facts.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
}
