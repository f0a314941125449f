/**
 * A YAML text (JSON is YAML) as plain data that remembers where each value stands, so that every later
 * complaint can name file, line, column and JSON pointer. Anything wrong with the text itself is thrown here.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { AS_UTF_8, isUtf16, UTF_16 } from '../base/utf16.js';
import type { Code } from './codes.js';
import { diagnostic, DiagnosticError, fail, type Diagnostic, type Location } from './diagnostic.js';

/** Path from the root: object keys and array indices. */
export type Path = readonly (string | number)[];

export interface TextDocument {
  readonly file: string;
  readonly value: unknown;
  /** Place of a value, or of the key that introduces it; of the nearest value around it if it does not exist. */
  readonly at: (path: Path, part?: 'key' | 'value') => Location;
}

/** Uses of anchors that one text may expand to: far more than a description needs, far fewer than an alias bomb. */
const MAX_ALIAS_COUNT = 100;

/** Reads one document. Throws a DiagnosticError with `code` per syntax error; duplicate keys are one. */
export function readDocument(text: string, file: string, code: Code): TextDocument {
  const lines = new LineCounter();
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complain = (message: string, offset: number): Diagnostic =>
    diagnostic(code, message, [{ kind: 'file', file, ...place(offset) }], {
      help: 'correct the text at this place',
    });

  if (isUtf16(text)) fail(code, UTF_16, [{ kind: 'file', file }], { help: AS_UTF_8 });

  const attempt = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      // The library throws plain errors for alias bombs, and the engine a RangeError for absurd nesting.
      throw new DiagnosticError([
        complain(withoutCapital(error instanceof Error ? error.message : String(error)), 0),
      ]);
    }
  };
  const document = attempt(() =>
    parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true }),
  );
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0)
    throw new DiagnosticError(problems.map((p) => complain(messageOf(p.code, p.message), p.pos[0])));
  const value = attempt((): unknown => document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }));
  return {
    file,
    value,
    at: (path, part = 'value') => {
      const offset = offsetOf(document, path, part);
      return { kind: 'file', file, ...place(offset), ...(path.length > 0 && { pointer: pointerOf(path) }) };
    },
  };
}

/** RFC 6901. */
export const pointerOf = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const pathOf = (pointer: string): Path =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  const start = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node)
      ? node.items.find((item: Pair) => keyText(item.key) === String(step))
      : undefined;
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (pair === undefined && next === undefined) break;
    const keyOffset = pair ? start(pair.key) : undefined;
    offset = (part === 'key' ? keyOffset : start(next)) ?? keyOffset ?? start(next) ?? offset;
    node = next;
  }
  return offset;
}

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** The library's wording, except where it talks about itself. */
const messageOf = (code: string, message: string): string =>
  code === 'MULTIPLE_DOCS' ? 'the text holds several documents, one is expected' : withoutCapital(message);

const withoutCapital = (message: string): string =>
  (message.charAt(0).toLowerCase() + message.slice(1)).split('\n')[0] ?? message;
