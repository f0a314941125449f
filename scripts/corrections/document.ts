/** Generated parts of a document: between a pair of markers, everything else is written by hand. */
import { assert } from '../../src/base/assert.js';

const begin = (name: string): string => `<!-- generated: ${name} -->`;
const end = (name: string): string => `<!-- end: ${name} -->`;

function bounds(document: string, name: string): { from: number; to: number } {
  const at = document.indexOf(begin(name));
  const to = document.indexOf(end(name));
  assert(at >= 0 && to > at, `the document has no part ${begin(name)} ... ${end(name)}`);
  return { from: at + begin(name).length, to };
}

/** What stands between the markers, without the blank lines around it. */
export function generatedPart(document: string, name: string): string {
  const { from, to } = bounds(document, name);
  return document.slice(from, to).trim();
}

export function withGeneratedPart(document: string, name: string, text: string): string {
  const { from, to } = bounds(document, name);
  return `${document.slice(0, from)}\n\n${text}\n\n${document.slice(to)}`;
}
