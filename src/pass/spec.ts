/**
 * Pipeline strings: what `--passes` takes and what every report prints. Reading and printing are inverse:
 * `parsePipeline(printPipeline(spec))` gives the same passes and options, and printing is canonical.
 *
 *     pipeline ::= pass ("," pass)*          pass  ::= name [ "{" option (" " option)* "}" ]
 *     option   ::= key [ "=" value ]         name  ::= [vendor "/"] kebab
 *     value    ::= characters but space, quote and brace | JSON string
 */
import { fail, type Location } from '../diag/diagnostic.js';

export interface OptionSpec {
  readonly key: string;
  /** As written; absent for a bare key, which means true. */
  readonly value?: string;
  /** Place of the key, and of the value (of the key, if there is none). */
  readonly at: Location;
  readonly valueAt: Location;
}

export interface PassSpec {
  readonly name: string;
  readonly options: readonly OptionSpec[];
  readonly at: Location;
}

export type PipelineSpec = readonly PassSpec[];

const NAME = /(?:[a-z][a-z0-9-]*\/)?[a-z][a-z0-9]*(?:-[a-z0-9]+)*/y;
const KEY = /[A-Za-z][A-Za-z0-9-]*/y;
const VALUE = /"(?:[^"\\]|\\.)*"|[^\s{}"]+/y;
const SPACE = /\s*/y;

/** Reads a pipeline string. `prefix` is what the user typed before it (`--passes=`), shown in diagnostics. */
export function parsePipeline(text: string, prefix = ''): PipelineSpec {
  const reader = new Reader(text, prefix);
  const passes = [readPass(reader)];
  while (reader.skip(',')) passes.push(readPass(reader));
  if (!reader.atEnd()) reader.stop('"," or the end');
  return passes;
}

function readPass(reader: Reader): PassSpec {
  reader.take(SPACE);
  const [name, at] = reader.expect(NAME, 'the name of a pass');
  const options: OptionSpec[] = [];
  if (reader.skip('{')) {
    reader.take(SPACE);
    while (!reader.skip('}')) {
      options.push(readOption(reader));
      reader.take(SPACE);
    }
  }
  reader.take(SPACE);
  return { name, options, at };
}

function readOption(reader: Reader): OptionSpec {
  const [key, at] = reader.expect(KEY, 'an option or "}"');
  if (!reader.skip('=')) return { key, at, valueAt: at };
  const [text, valueAt] = reader.expect(VALUE, 'a value');
  return { key, value: text.startsWith('"') ? unquoted(reader, text) : text, at, valueAt };
}

function unquoted(reader: Reader, text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return reader.stop('a string with valid escapes before this place');
  }
}

/** The canonical form: one space between options, quotes only where needed. */
export const printPipeline = (spec: PipelineSpec): string => spec.map(printPass).join(',');

const printPass = ({ name, options }: PassSpec): string =>
  options.length === 0 ? name : `${name}{${options.map(printOption).join(' ')}}`;

const printOption = ({ key, value }: OptionSpec): string =>
  value === undefined ? key : `${key}=${/^[^\s{}"]+$/.test(value) ? value : JSON.stringify(value)}`;

/** A position in the text; every sticky match moves it on. */
class Reader {
  private offset = 0;
  constructor(
    private readonly text: string,
    private readonly prefix: string,
  ) {}

  /** Text matched here, if any. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    this.offset += found?.length ?? 0;
    return found;
  }

  skip(character: string): boolean {
    const found = this.text.startsWith(character, this.offset);
    if (found) this.offset += character.length;
    return found;
  }

  expect(pattern: RegExp, what: string): readonly [string, Location] {
    const start = this.offset;
    const found = this.take(pattern) ?? this.stop(what);
    return [found, this.place(start, found.length)];
  }

  stop(expected: string): never {
    const found = this.atEnd() ? 'the end' : JSON.stringify(this.text.charAt(this.offset));
    return fail('DF8002', `expected ${expected}, found ${found}`, [this.place(this.offset, 1)], {
      help: 'write passes as name{option=value option=value}, separated by commas',
    });
  }

  atEnd(): boolean {
    return this.offset === this.text.length;
  }

  private place(offset: number, length: number): Location {
    return { kind: 'spec', text: this.prefix + this.text, offset: this.prefix.length + offset, length };
  }
}
