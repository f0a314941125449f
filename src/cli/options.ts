/**
 * Option values from text. Every function throws a DiagnosticError that shows the option as it was typed, with a
 * caret under the part that is wrong. Values that a pass checks itself (tile, mode, stacks) are not checked here.
 */
import { closest } from '../base/closest.js';
import { PROFILES, type Profile } from '../base/profile.js';
import { fail, type Location } from '../diag/diagnostic.js';
import type { Precision } from '../hw/accelerator.js';

/** What commander hands over for `compile`, by its camel-cased names. */
export interface CompileOptions extends ModelOptions {
  readonly tile?: string;
  readonly mode?: string;
  readonly stacks?: string;
  readonly optimize?: string;
  readonly tiles?: string;
  readonly maxEnergy?: string;
  readonly maxLatency?: string;
  readonly maxMemory?: readonly string[];
  readonly budget?: string;
  readonly pareto?: boolean;
  readonly profile?: string;
  readonly lpfLimit?: string;
  readonly spatial?: string;
  readonly mapping?: string;
  readonly plugin?: readonly string[];
  readonly passTimeout?: string;
  readonly passes?: string;
  readonly pipeline?: string;
  readonly fromIr?: string;
  readonly stopAfter?: string;
  readonly verify?: string;
  readonly printIrBefore?: string;
  readonly printIrAfter?: string;
  readonly printIrAfterAll?: boolean;
  readonly printIrAfterChange?: boolean;
  readonly printIrAfterFailure?: boolean;
  readonly dumpDir?: string;
  readonly timePasses?: boolean;
  readonly passStats?: boolean;
  readonly reproducer?: string;
  readonly output?: string;
}

export interface ModelOptions extends InputOptions {
  readonly accelerator?: string;
}

/** Of every command that reads a model. */
export interface InputOptions {
  readonly dim?: readonly string[];
  readonly precision?: string;
  readonly precisionFile?: string;
  readonly format?: string;
  readonly diagnostics?: string;
}

/** The place of a part of an option's value: `--precision W=x`, caret under `x`. */
export function valuePlace(flag: string, value: string, part = value): Location {
  const text = `${flag} ${value}`;
  return {
    kind: 'spec',
    text,
    offset: flag.length + 1 + Math.max(0, value.indexOf(part)),
    length: part.length,
  };
}

/** One of a few words. */
export function choiceOf<T extends string>(
  flag: string,
  value: string | undefined,
  words: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const near = closest(value, words);
  const help = near === undefined ? `${flag} is one of ${words.join(', ')}` : `did you mean "${near}"?`;
  return fail('DF8008', `${flag} cannot be "${value}"`, [valuePlace(flag, value)], { help });
}

/** How a model is read and costed. */
export interface ModelSettings {
  readonly profile: Profile;
  /** The mapper's limit: given, or the profile's. */
  readonly lpfLimit: number | null;
  readonly dims: Readonly<Record<string, number>>;
  readonly precision: Partial<Precision>;
}

export function modelSettings(
  options: InputOptions & { readonly profile?: string; readonly lpfLimit?: string },
): ModelSettings {
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const names = Object.keys(PROFILES) as (keyof typeof PROFILES)[];
  const profile = PROFILES[choiceOf('--profile', options.profile, names, 'default')];
  const lpfLimit = lpfLimitOf(options.lpfLimit);
  return {
    profile,
    lpfLimit: lpfLimit === undefined ? profile.lpfLimit : lpfLimit,
    dims: dimsOf(options.dim),
    precision: precisionOf(options.precision),
  };
}

/** `6`, or `none`: no limit. */
function lpfLimitOf(value: string | undefined): number | null | undefined {
  if (value === undefined) return undefined;
  if (value === 'none') return null;
  return positiveInteger('--lpf-limit', value, value, 'give a whole number from 1, or none');
}

const OPERANDS = ['W', 'I', 'O', 'psum'] as const;

/** As many as in files of precisions and tables of layers. */
const MOST_BITS = 1024;

/** `W=8,I=8,O=8,psum=16`, or some of them, each once. */
export function precisionOf(value: string | undefined): Partial<Precision> {
  const help = 'give bits per operand, such as W=8,I=8,O=8,psum=16';
  const bitsOf = new Map<string, number>();
  for (const part of value === undefined ? [] : value.split(',')) {
    const [key = '', bits = ''] = part.split('=');
    const operand = OPERANDS.find((name) => name === key);
    const at = [valuePlace('--precision', value ?? '', part)];
    if (operand === undefined) return fail('DF8008', `there is no precision for "${key}"`, at, { help });
    if (bitsOf.has(operand)) fail('DF8008', `--precision ${operand} is given twice`, at);
    bitsOf.set(operand, positiveInteger('--precision', value ?? '', bits, help, part, MOST_BITS));
  }
  return Object.fromEntries(bitsOf);
}

/** `name=value`, each name once. */
export function dimsOf(values: readonly string[] | undefined): Readonly<Record<string, number>> {
  const dims = new Map<string, number>();
  for (const value of values ?? []) {
    const equals = value.lastIndexOf('=');
    const help =
      'write --dim name=value with a whole number, such as --dim batch=1, or --dim past=0 for a cache without rows';
    if (equals < 1) fail('DF8008', `--dim cannot be "${value}"`, [valuePlace('--dim', value)], { help });
    const name = value.slice(0, equals);
    if (dims.has(name)) fail('DF8008', `--dim ${name} is given twice`, [valuePlace('--dim', value)]);
    const size = value.slice(equals + 1);
    dims.set(name, wholeNumber('--dim', value, size, help, { place: size, least: 0, most: Infinity }));
  }
  return Object.fromEntries(dims);
}

export interface Duration {
  /** As the user wrote it. */
  readonly text: string;
  readonly milliseconds: number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
/** The longest that a timer of Node.js can wait: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** `500ms`, `30s`, `5min` or `1h`. */
export function durationOf(flag: string, value: string | undefined): Duration | undefined {
  if (value === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|min|h)$/.exec(value) ?? [];
  const milliseconds = Math.round(Number(number) * (UNITS[unit] ?? 0));
  if (milliseconds > 0 && milliseconds <= LONGEST_MS) return { text: value, milliseconds };
  return fail('DF8008', `${flag} cannot be "${value}"`, [valuePlace(flag, value)], {
    help: 'give a time with its unit, such as 500ms, 30s, 5min or 1h',
  });
}

/** A rule of `--stacks`: a word, or names of layers, none of them empty. `value`: what the rule is a part of. */
export function checkRule(value: string, rule: string): void {
  if (listOf(rule).every((name) => name !== '')) return;
  const what = rule.trim() === '' ? 'names no rule and no layer' : 'has an empty name';
  fail('DF8008', `--stacks ${what}`, [valuePlace('--stacks', value, rule)], {
    help: 'give auto, single-layer, one, or names of layers with one "," between them',
  });
}

/** The standard output, by the name that many programs give it; a file of that name is `./-`. */
export const STDOUT = '-';

/** Where lines of results go: a file, for the standard output has the summary. */
export function checkIsFile(file: string | undefined): void {
  if (file !== STDOUT) return;
  fail(
    'DF8008',
    '--output cannot be "-": the summary is what goes to the standard output',
    [valuePlace('--output', file)],
    {
      help: 'name a file for the lines',
    },
  );
}

export const listOf = (value: string | undefined): readonly string[] =>
  value === undefined ? [] : value.split(',').map((word) => word.trim());

export const positiveInteger = (
  flag: string,
  value: string,
  digits: string,
  help: string,
  place = digits,
  most = Infinity,
): number => wholeNumber(flag, value, digits, help, { place, least: 1, most });

function wholeNumber(
  flag: string,
  value: string,
  digits: string,
  help: string,
  { place, least, most }: { readonly place: string; readonly least: number; readonly most: number },
): number {
  const number = /^\d+$/.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  return fail(
    'DF8008',
    `${flag}: "${digits}" is no whole number ${range}`,
    [valuePlace(flag, value, place)],
    {
      help,
    },
  );
}
