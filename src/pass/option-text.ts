/** An option of a pass in words: what can be written, and what to write instead of a value that is refused. */
import { choice } from '../diag/schema-errors.js';
import type { ElementSchema, OptionSchema } from './pass.js';

/** What each value, or each element of a list, has to be. */
const elementOf = (schema: OptionSchema): Omit<ElementSchema, 'type'> => schema.items ?? schema;

/** The default first: `[full]`, or `[auto] single-layer one`. A list as it is written: `integer,... (default 1,2)`. */
export function valuesText({ type, default: standard, enum: words, items }: OptionSchema): string {
  if (type === 'array') {
    const elements = items?.enum?.join('|') ?? (items?.type ?? 'string').replace('string', 'text');
    const first = Array.isArray(standard) && standard.length > 0 ? standard.join(',') : 'none';
    return `${elements},... (default ${first})`;
  }
  const others = words?.map(String).filter((word) => word !== String(standard)) ?? [];
  return [`[${String(standard)}]`, ...others].join(' ');
}

/** The nearest word, all words, or what the option says of itself and its limits. */
export function optionHelp(key: string, schema: OptionSchema, value: string): string {
  const words = elementOf(schema).enum?.map(String) ?? [];
  const list = schema.type === 'array' ? ['commas between elements, no brackets'] : [];
  return (
    choice(value, words, 'values') ?? [`${key}: ${schema.description}`, ...limits(schema), ...list].join('; ')
  );
}

/** A pattern is for machines: what it means the description says. */
function limits(schema: OptionSchema): readonly string[] {
  const { minimum, maximum } = elementOf(schema);
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
}
