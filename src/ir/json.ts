/**
 * The IR as JSON: `{ irVersion, name, facets, made }`. Writing is the identity on plain data; reading validates against
 * the schema, always, and refuses versions it does not know.
 */
import { DiagnosticError, fail } from '../diag/diagnostic.js';
import { readDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import { FACETS, type PartialIR } from './facets.js';
import { IR_SCHEMA, IR_VERSION, type IrDump } from './schema/dump.js';

const validator = validatorOf<IrDump>(IR_SCHEMA, { allErrors: true, verbose: true, discriminator: true });

/** The dump as data, ready to be written. */
export const dumpOf = (ir: PartialIR): IrDump => ({
  irVersion: IR_VERSION,
  name: ir.name,
  facets: Object.fromEntries(
    FACETS.filter((facet) => ir[facet] !== undefined).map((facet) => [facet, ir[facet]]),
  ),
  ...(ir.made === undefined ? {} : { made: ir.made }),
});

/** Facets in their order, fields in the order of the passes that made them, two spaces deep. */
export const writeIr = (ir: PartialIR): string => `${JSON.stringify(dumpOf(ir), encodeNumber, 2)}\n`;

/** Reads a dump; `file` names it in diagnostics. Throws a DiagnosticError with every violation and its place. */
export const readIr = (text: string, file: string): PartialIR => checkDump(parse(text, file), text, file);

/** The IR in a dump that stands in `text` at a JSON pointer. */
export function checkDump(dump: unknown, text: string, file: string, pointer = ''): PartialIR {
  if (!isObject(dump) || dump['irVersion'] !== IR_VERSION) return refuse(dump, file);
  const validate = validator();
  if (!validate(dump)) {
    const violations = (validate.errors ?? []).map((error) => ({
      ...error,
      instancePath: pointer + error.instancePath,
    }));
    // The slow reader knows lines and columns; it is worth its time only where there is something to show.
    throw new DiagnosticError(schemaDiagnostics('DF8011', readDocument(text, file, 'DF8011'), violations));
  }
  const { name, made, facets } = dump;
  return { name, ...(made === undefined ? {} : { made }), ...decodeNumbers(facets) };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (text.startsWith('ir v'))
      return fail('DF8011', 'the file is a text dump, which is for people', [{ kind: 'file', file }], {
        help: 'give the .json file that --dump-dir writes beside it',
      });
    readDocument(text, file, 'DF8011');
    return fail('DF8011', 'not a JSON text', [{ kind: 'file', file }], {
      help: 'give a file written by --dump-dir',
    });
  }
}

function refuse(dump: unknown, file: string): never {
  const at = [{ kind: 'file', file }] as const;
  if (!isObject(dump) || !('irVersion' in dump))
    return fail('DF8011', 'the file has no irVersion: it is not a dump of the IR', at, {
      help: 'give a .json file written by --dump-dir, or by --stop-after with --format json',
    });
  return fail(
    'DF8012',
    `the dump has version ${JSON.stringify(dump['irVersion'])}, this program reads ${IR_VERSION}`,
    at,
    {
      help: 'make the dump again with this version of the program',
    },
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON has no infinities. */
export const encodeNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;

/** The inverse of `encodeNumber`, over validated data. */
function decodeNumbers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(decodeNumbers) as T;
  if (!isObject(value)) return value;
  const { number, ...others } = value;
  if (typeof number === 'string' && Object.keys(others).length === 0) return Number(number) as T;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decodeNumbers(part)])) as T;
}
