/** Descriptions in YAML or JSON, changed as trees and as texts. */
import { stringify } from 'yaml';
import { NAMES, SIZES, type Random } from './random.js';

const SCALARS: readonly unknown[] = [
  ...[
    '',
    'all',
    'W',
    'K',
    'OX',
    '0 B',
    '1e9 MB',
    '-1 KB',
    '9007199254740993 bit',
    'O.toLow',
    'I.fromHigh',
    '*',
  ],
  ...[0, 1, -1, 0.5, 1e6, 1e308, NaN, Infinity, 2 ** 53, null, true],
  ...[[], {}, [[]], ['W', 'W'], { D1: 0 }],
];

type Tree = Record<string, unknown> | unknown[];
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** All containers of a tree, the root first. */
function containers(root: unknown): Tree[] {
  const found: Tree[] = [];
  const open: unknown[] = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (!isTree(at)) continue;
    found.push(at);
    open.push(...Object.values(at).filter((value) => value !== undefined));
  }
  return found;
}

function changeTree(random: Random, root: unknown): void {
  const tree = random.pick(containers(root));
  const keys = Object.keys(tree);
  const key = keys.length === 0 ? 'k' : random.pick(keys);
  const target = tree as Record<string, unknown>;
  const value = (): unknown =>
    random.chance(0.3)
      ? random.pick(NAMES)
      : random.chance(0.4)
        ? Number(random.pick(SIZES))
        : random.pick(SCALARS);
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(tree)) tree.splice(Number(key), 1);
      else Reflect.deleteProperty(target, key);
      break;
    case 1:
      target[random.pick(NAMES)] = value();
      break;
    case 2:
      if (Array.isArray(tree) && tree.length > 0) tree.push(structuredClone(tree[Number(key)]));
      else target[key] = value();
      break;
    case 3: {
      const other = random.pick(containers(root));
      if (isTree(target[key])) target[key] = structuredClone(other);
      break;
    }
    default:
      target[key] = value();
  }
}

/** A bomb of anchors: each line uses the one before nine times. */
const bomb = (depth: number): string =>
  Array.from({ length: depth }, (_, k) =>
    k === 0 ? 'a0: &a0 [x]' : `a${k}: &a${k} [${Array.from({ length: 9 }, () => `*a${k - 1}`).join(', ')}]`,
  ).join('\n');

function changeText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const end = at + random.below(20);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + text.slice(at);
    case 2:
      return (
        text.slice(0, at) +
        random.pick([
          '\t',
          '"',
          '[',
          '{',
          ': ',
          '- ',
          '&a ',
          '*a ',
          '!!set ',
          '|',
          '---\n',
          '\u0000',
          '\ufeff',
          '%',
        ]) +
        text.slice(at)
      );
    case 3:
      return `${bomb(random.pick([2, 9, 30]))}\n${text}`;
    case 4:
      return (
        text.slice(0, at) +
        random.pick(['[', '{a: ', '- ']).repeat(random.pick([3, 100, 5000])) +
        text.slice(at)
      );
    case 5:
      return text.slice(0, at);
    default:
      return text.slice(0, at) + String.fromCharCode(random.below(0x3000)) + text.slice(at + 1);
  }
}

/** Up to three changes of the tree, and in one of three cases up to two of the text. */
export function mutatedText(random: Random, base: unknown): string {
  const root: unknown = structuredClone(base);
  for (let count = random.below(4); count > 0; count--) changeTree(random, root);
  let text = random.chance(0.3) ? stringify(root) : JSON.stringify(root);
  if (random.chance(0.35))
    for (let count = 1 + random.below(2); count > 0; count--) text = changeText(random, text);
  return text;
}
