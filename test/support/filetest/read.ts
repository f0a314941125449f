/**
 * A filetest: settings, an input and an expectation in one text file (docs/filetests.md). Settings stand at the
 * start of a line; what belongs to a block is indented below its first line; everything under `----` is expected.
 */
export interface Filetest {
  /** The pass tested, with its options: a pipeline string of one pass. */
  readonly test: string;
  readonly settings: Readonly<Record<string, Entry>>;
  /** Everything up to `----`, as written. */
  readonly head: string;
  readonly expected: string;
}

export interface Entry {
  /** Behind the name, on the same line. */
  readonly value: string;
  /** The indented lines below, their common indentation taken off. */
  readonly block: readonly string[];
}

const SETTINGS = [
  ...['test', 'with', 'hw', 'profile', 'lpf', 'dim', 'precision'],
  ...['model', 'table', 'bytes', 'cut', 'mapping', 'precisions'],
];
const SEPARATOR = '\n----\n';

export function readFiletest(text: string): Filetest {
  const end = text.indexOf(SEPARATOR);
  if (end < 0) throw new Error('no line ---- between the input and the expectation');
  const head = text.slice(0, end);
  const settings: Record<string, { value: string; block: string[] }> = {};
  let open: { value: string; block: string[] } | undefined;
  for (const line of head.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (/^\s/.test(line)) {
      if (open === undefined) throw new Error(`an indented line below nothing: ${line}`);
      open.block.push(line);
      continue;
    }
    const [name = '', ...rest] = line.split(/\s+/);
    if (!SETTINGS.includes(name)) throw new Error(`unknown setting "${name}"`);
    if (settings[name] !== undefined) throw new Error(`"${name}" is set twice`);
    open = settings[name] = { value: rest.join(' ').trim(), block: [] };
  }
  const { test } = settings;
  if (test === undefined || test.value === '') throw new Error('no line "test <pass>"');
  return {
    test: test.value,
    settings: Object.fromEntries(
      Object.entries(settings).map(([name, entry]) => [
        name,
        { value: entry.value, block: dedented(entry.block) },
      ]),
    ),
    head,
    expected: text.slice(end + SEPARATOR.length),
  };
}

function dedented(lines: readonly string[]): readonly string[] {
  const least = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(least).trimEnd());
}

export const filetestText = ({ head }: Pick<Filetest, 'head'>, expected: string): string =>
  head + SEPARATOR + expected;
