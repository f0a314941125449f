/**
 * The door of `compile`: a request comes from a program, which may be JavaScript, so it may be anything. What comes in
 * is checked key by key, and what is to be frozen is a copy: the caller's own objects stay as they are.
 */
import { PROFILES, type Profile } from './base/profile.js';
import type { CompileRequest } from './compile.js';
import { diagnostic, DiagnosticError, type Diagnostic } from './diag/diagnostic.js';
import { choice } from './diag/schema-errors.js';
import { ownAccelerator } from './hw/own.js';

/** The request with copies of accelerator, profile, dims and precision. Throws a DiagnosticError with all that is wrong. */
export function ownRequest(request: unknown): CompileRequest {
  if (!isRecord(request))
    throw new DiagnosticError([refusal('the request', request, 'compile({ source: { file, bytes }, hw })')]);
  const faults = [...unknownKeys(request), ...missing(request), ...faultsOf(request)];
  if (faults.length > 0) throw new DiagnosticError(faults);
  const { hw, profile, dims, precision, ...rest } = request as unknown as CompileRequest;
  return {
    ...rest,
    hw: ownAccelerator(hw),
    ...(profile === undefined ? {} : { profile: { ...profile } }),
    ...(dims === undefined ? {} : { dims: { ...dims } }),
    ...(precision === undefined ? {} : { precision: { ...precision } }),
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Is = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction: Is = (value) => typeof value === 'function';
const isText: Is = (value) => typeof value === 'string';
const isCount =
  (most: number): Is =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
const isSize: Is = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isOneOf =
  (...values: readonly unknown[]): Is =>
  (value) =>
    values.includes(value);
const isListOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const isMapOf =
  (is: Is): Is =>
  (value) =>
    isRecord(value) && Object.values(value).every(is);
/** An object with these parts, and maybe more. */
const hasParts =
  (parts: Readonly<Record<string, Is>>): Is =>
  (value) =>
    isRecord(value) && Object.entries(parts).every(([key, is]) => is(value[key]));

/** As in descriptions of accelerators. */
const isBits = isCount(1_000_000);
const isBytes: Is = (value) =>
  // Of whatever realm: a test runner has classes of its own.
  Object.prototype.toString.call(value) === '[object Uint8Array]' ||
  hasParts({ size: Number.isSafeInteger, read: isFunction })(value);

/** Every choice has the two values that it has in the two profiles. */
const isProfile: Is = (value) =>
  isRecord(value) &&
  isText(value['name']) &&
  (value['lpfLimit'] === null || isCount(Infinity)(value['lpfLimit'])) &&
  CHOICES.every((key) => Object.values(PROFILES).some((profile) => profile[key] === value[key]));

const CHOICES = (Object.keys(PROFILES.default) as (keyof Profile)[]).filter(
  (key) => key !== 'name' && key !== 'lpfLimit',
);

const isOperandBits: Is = (value) =>
  isMapOf(isBits)(value) && Object.keys(value as Fields).every(isOneOf('W', 'I', 'O', 'psum'));

interface Part {
  readonly is: Is;
  /** What to write there. */
  readonly help: string;
}

/** What every key may be, if it is there. */
const PARTS: Readonly<Record<keyof CompileRequest, Part>> = {
  source: {
    is: hasParts({ file: isText, bytes: isBytes }),
    help: '{ file, bytes }: a name, and what is in the file as a Uint8Array (new Uint8Array(buffer) of an ArrayBuffer)',
  },
  from: { is: hasParts({ name: isText }), help: 'an IR as readIr gives it' },
  trusted: { is: isOneOf(true, false), help: 'true or false' },
  hw: {
    is: isRecord,
    help: 'an accelerator: loadAccelerator(name).accelerator, or that of parseAccelerator(text, file)',
  },
  memoryLimits: {
    is: isListOf(hasParts({ name: isText, sizeBits: isCount(Infinity) })),
    help: 'a list of { name, sizeBits }: memories of the accelerator',
  },
  profile: {
    is: isProfile,
    help: "PROFILES.default, PROFILES['reference-2023'], or a copy of one with other choices",
  },
  lpfLimit: {
    is: (value) => value === null || isCount(Infinity)(value),
    help: 'a whole number from 1, or null for no limit',
  },
  plugins: { is: Array.isArray, help: 'a list of plugins' },
  pipeline: {
    is: (value) =>
      isText(value) ||
      isListOf(hasParts({ name: isText, options: isListOf(hasParts({ key: isText })) }))(value),
    help: 'the name of a pipeline, or passes as text: a,b{option=value},c',
  },
  stopAfter: { is: isText, help: 'the name of a pass' },
  dims: { is: isMapOf(isSize), help: 'a whole number for each name, such as { batch: 1 }' },
  precision: { is: isOperandBits, help: 'bits from 1 to 1000000 of W, I, O and psum, or of some of them' },
  precisions: {
    is: isListOf(hasParts({ pattern: isText, bits: isOperandBits, at: isRecord })),
    help: 'entries as parsePrecisions gives them',
  },
  mappings: {
    is: hasParts({ file: isText, mappings: Array.isArray }),
    help: 'mappings as parseMappings gives them',
  },
  verify: { is: isOneOf('each', 'end', 'off'), help: 'each, end or off' },
  instruments: { is: isListOf(isRecord), help: 'a list of instruments' },
  clock: { is: isRecord, help: 'an instrument' },
  progress: { is: isFunction, help: 'a function' },
  outOfTime: { is: isFunction, help: 'a function that says whether time is up' },
};
const KEYS = Object.keys(PARTS) as (keyof CompileRequest)[];

const unknownKeys = (request: Fields): readonly Diagnostic[] =>
  Object.keys(request)
    .filter((key) => !KEYS.some((known) => known === key))
    .map((key) =>
      diagnostic('DF8016', `a request has no "${key}"`, [], { help: choice(key, KEYS, 'it may have') ?? '' }),
    );

/** An accelerator, and what to begin with. */
function missing(request: Fields): readonly Diagnostic[] {
  const open = [
    ...(request['hw'] === undefined ? (['hw'] as const) : []),
    ...(request['source'] === undefined && request['from'] === undefined ? (['source'] as const) : []),
  ];
  return open.map((key) =>
    diagnostic('DF8016', `a request needs "${key}"`, [], { help: `${key}: ${PARTS[key].help}` }),
  );
}

const faultsOf = (request: Fields): readonly Diagnostic[] =>
  KEYS.filter((key) => request[key] !== undefined && !PARTS[key].is(request[key])).map((key) =>
    refusal(key, request[key], PARTS[key].help),
  );

const refusal = (what: string, value: unknown, help: string): Diagnostic =>
  diagnostic('DF8016', `${what} cannot be ${valueText(value)}`, [], { help: `${what}: ${help}` });

const LONGEST = 60;

/** Records of plain values as they are: `{ W: 0 }`. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  if (!isRecord(value)) return clipped(typeof value === 'string' ? JSON.stringify(value) : String(value));
  const entries = Object.entries(value);
  return entries.some(([, part]) => typeof part === 'object' || typeof part === 'function')
    ? 'this object'
    : clipped(`{ ${entries.map(([key, part]) => `${key}: ${valueText(part)}`).join(', ')} }`);
}

const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text);
