/**
 * Diagnostics as text and as JSON. The text form is one headline and one labelled line per fact; it is safe to
 * print whatever the input contained: control characters are shown, not sent, and overlong texts are clipped.
 */
import { unreachable } from '../base/assert.js';
import { CATALOGUE, type Code } from './codes.js';
import type { Diagnostic, Location, Severity } from './diagnostic.js';

/** How to emphasise; colour is the caller's business. */
export type Palette = Readonly<Record<Severity | 'strong' | 'faint', (text: string) => string>>;

const same = (text: string): string => text;
export const PLAIN: Palette = { error: same, warning: same, note: same, strong: same, faint: same };

/** A screen full: of one code no more than this many are shown, then their number. */
const SHOWN_PER_CODE = 5;
const LONGEST_TEXT = 600;
const WIDEST_SPEC = 96;
const INDENT = ' '.repeat(9);

/** All diagnostics in the order given, and a count instead of what would not fit a screen. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], palette: Palette = PLAIN): string {
  const seen = new Map<Code, number>();
  const shown = diagnostics.filter(({ code }) => {
    const count = (seen.get(code) ?? 0) + 1;
    seen.set(code, count);
    return count <= SHOWN_PER_CODE;
  });
  const more = [...seen].flatMap(([code, count]) =>
    count > SHOWN_PER_CODE
      ? [palette.faint(`... and ${count - SHOWN_PER_CODE} more of ${code}: ${CATALOGUE[code].title}\n`)]
      : [],
  );
  return [...shown.map((d) => renderDiagnostic(d, palette)), ...more].join('');
}

/** One diagnostic, ending in a newline. */
export function renderDiagnostic(d: Diagnostic, palette: Palette = PLAIN): string {
  const head = `${palette[d.severity](`${d.severity}[${d.code}]`)}: ${palette.strong(printable(d.message))}`;
  const facts: (readonly [label: string, text: string])[] = [
    ...whereInIr(d).map((text) => ['in', text] as const),
    ...d.at.flatMap(fact),
    ...(d.terms ?? []).map((term) => ['terms', printable(term)] as const),
    ...(d.help === undefined ? [] : [['help', printable(d.help)] as const]),
  ];
  const lines = facts.map(([label, text]) => `  ${palette.faint(label.padEnd(6))} ${text}`);
  return `${[head, ...lines].join('\n')}\n`;
}

/** One line of JSON, for programs. */
export const diagnosticJson = (d: Diagnostic): string =>
  JSON.stringify({ ...d, kind: CATALOGUE[d.code].kind, title: CATALOGUE[d.code].title });

/** Pass and ids on one line: `allocate-memory, $0, tile type origin, @conv2`; whose pass it is, if not ours. */
function whereInIr(d: Diagnostic): readonly string[] {
  const places = d.at.filter((at) => at.kind === 'ir');
  const pass = d.pass ?? places.find((place) => place.pass !== undefined)?.pass;
  const facet = places.find((place) => place.facet !== undefined)?.facet;
  const owner = d.plugin === undefined ? undefined : `plugin ${d.plugin}`;
  const who = pass !== undefined && owner !== undefined ? `${pass} of ${owner}` : (pass ?? owner);
  const words = [who, facet, ...places.map(({ id }) => id)].filter(
    (word) => word !== undefined && word !== '',
  );
  return words.length === 0 ? [] : [printable(words.join(', '))];
}

function fact(at: Location): readonly (readonly [label: string, text: string])[] {
  switch (at.kind) {
    case 'onnx':
      return [['model', printable(onnxPlace(at))]];
    case 'file': {
      const line =
        at.line === undefined ? '' : `:${at.line}${at.column === undefined ? '' : `:${at.column}`}`;
      return [['file', printable(`${at.file}${line}${at.pointer === undefined ? '' : ` ${at.pointer}`}`)]];
    }
    case 'spec':
      return [['at', underlined(at.text, at.offset, at.length ?? 1)]];
    case 'ir':
      return [];
    default:
      return unreachable(at);
  }
}

/** `net.onnx graph.node[7] "Conv_7" (Conv, opset 17) tensor "a"`. */
function onnxPlace(at: Extract<Location, { kind: 'onnx' }>): string {
  const operator = [at.op, at.opset === undefined ? undefined : `opset ${at.opset}`].filter(
    (w) => w !== undefined,
  );
  return [
    at.file,
    at.node === undefined ? undefined : `graph.node[${at.node}]`,
    at.name === undefined ? undefined : JSON.stringify(at.name),
    operator.length === 0 ? undefined : `(${operator.join(', ')})`,
    at.tensor === undefined ? undefined : `tensor ${JSON.stringify(at.tensor)}`,
  ]
    .filter((word) => word !== undefined)
    .join(' ');
}

/** The text with a caret below; of a long text the part around the caret. */
function underlined(text: string, offset: number, length: number): string {
  const start =
    text.length <= WIDEST_SPEC ? 0 : Math.max(0, Math.min(offset - 30, text.length - WIDEST_SPEC));
  const end = Math.min(text.length, start + WIDEST_SPEC);
  const [before, after] = [start > 0 ? '...' : '', end < text.length ? '...' : ''];
  const shown = `${before}${oneColumnEach(text.slice(start, end))}${after}`;
  const room = Math.max(1, Math.min(length, end - offset));
  const caret = `${' '.repeat(before.length + offset - start)}^${'~'.repeat(room - 1)}`;
  return `${shown}\n${INDENT}${caret}`;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

const oneColumnEach = (text: string): string => text.replace(CONTROL, '?');

/** Control characters written out, and the middle of an overlong text left out. */
function printable(text: string): string {
  const visible = text.replace(CONTROL, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (visible.length <= LONGEST_TEXT) return visible;
  const half = Math.floor((LONGEST_TEXT - 5) / 2);
  return `${visible.slice(0, half)} ... ${visible.slice(-half)}`;
}
