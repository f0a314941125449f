/**
 * A reproducer: everything a run needs that failed, in one file. It holds the IR before the failing pass and the
 * passes from there on, and accelerator, mappings, precisions and (for importers) model as the files they came from,
 * so that `defines replay` reads them through the same doors as the first time.
 */
import { diagnostic, DiagnosticError, fail } from '../diag/diagnostic.js';
import { readDocument } from '../diag/document.js';
import { schemaDiagnostics } from '../diag/schema-errors.js';
import { validatorOf } from '../diag/validator.js';
import type { MemoryLimit } from '../hw/limit.js';
import type { PartialIR } from '../ir/facets.js';
import { checkDump, dumpOf, encodeNumber } from '../ir/json.js';
import type { Precision } from '../hw/accelerator.js';
import { oneOf, constant, list, object, orNull, POSITIVE, record, STRING } from '../ir/schema/builders.js';

export const REPRODUCER_VERSION = 1;

/** A text file, by the name it is shown under. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

export interface Reproducer {
  /** Version of the program that failed. */
  readonly program: string;
  /** What went wrong: the pass, and `DF5001: message` per error. */
  readonly failure: { readonly pass: string; readonly errors: readonly string[] };
  /** The failing pass and all behind it. */
  readonly pipeline: string;
  /** Plugins the pipeline may need, as the command line named them: code of others stays where it is. */
  readonly plugins: readonly string[];
  readonly stopAfter: string | null;
  readonly profile: string;
  readonly verify: 'each' | 'end' | 'off';
  /** null: none. */
  readonly lpfLimit: number | null;
  readonly dims: Readonly<Record<string, number>>;
  readonly precision: Readonly<Partial<Precision>>;
  /** Of single layers. */
  readonly precisions: TextFile | null;
  readonly accelerator: TextFile;
  /** How much of its memories may be used, where that is less than there is. */
  readonly memoryLimits: readonly MemoryLimit[];
  readonly mapping: TextFile | null;
  /** Time given to searches, from the start of the program; null: all they need. */
  readonly budgetMs: number | null;
  /** The model, where an importer is to run; without its bytes (too many of them) it is read from where it lies. */
  readonly model: { readonly file: string; readonly base64: string | null } | null;
  /** Before the failing pass. */
  readonly ir: PartialIR;
}

type ReproducerFile = Omit<Reproducer, 'ir'> & {
  readonly reproducerVersion: typeof REPRODUCER_VERSION;
  readonly ir: unknown;
};

const TEXT_FILE = object<TextFile>({ file: STRING, text: STRING });

/** `schemas/reproducer-v1.schema.json` is this object. */
export const REPRODUCER_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'reproducer-v1.schema.json',
  title: 'A run that failed, for defines replay',
  ...object<ReproducerFile>({
    reproducerVersion: constant(REPRODUCER_VERSION),
    program: STRING,
    failure: object<Reproducer['failure']>({ pass: STRING, errors: list(STRING) }),
    pipeline: STRING,
    plugins: list(STRING),
    stopAfter: orNull(STRING),
    profile: STRING,
    verify: oneOf('each', 'end', 'off'),
    lpfLimit: orNull(POSITIVE),
    dims: record(POSITIVE),
    precision: object<Partial<Precision>>(
      { W: POSITIVE, I: POSITIVE, O: POSITIVE, psum: POSITIVE },
      'W',
      'I',
      'O',
      'psum',
    ),
    precisions: orNull(TEXT_FILE),
    accelerator: TEXT_FILE,
    memoryLimits: list(object<MemoryLimit>({ name: STRING, sizeBits: POSITIVE })),
    mapping: orNull(TEXT_FILE),
    budgetMs: orNull(POSITIVE),
    model: orNull(object<NonNullable<Reproducer['model']>>({ file: STRING, base64: orNull(STRING) })),
    ir: { type: 'object', description: 'a dump of the IR: ir-v1.schema.json' },
  }),
};

const validator = validatorOf<ReproducerFile>(REPRODUCER_SCHEMA);

export const writeReproducer = ({ ir, ...settings }: Reproducer): string =>
  `${JSON.stringify({ reproducerVersion: REPRODUCER_VERSION, ...settings, ir: dumpOf(ir) }, encodeNumber, 2)}\n`;

/** Throws a DiagnosticError with every violation and its place; other versions are refused, never guessed. */
export function readReproducer(text: string, file: string): Reproducer {
  const value = parse(text, file);
  const validate = validator();
  if (!validate(value))
    throw new DiagnosticError(
      schemaDiagnostics('DF8350', readDocument(text, file, 'DF8350'), validate.errors ?? []),
    );
  const { reproducerVersion: _, ir, ...settings } = value;
  return { ...settings, ir: checkDump(ir, text, file, '/ir') };
}

function parse(text: string, file: string): unknown {
  const at = [{ kind: 'file', file }] as const;
  const help = 'give a file written by --reproducer';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    readDocument(text, file, 'DF8350');
    return fail('DF8350', 'not a JSON text', at, { help });
  }
  const version =
    typeof value === 'object' && value !== null && 'reproducerVersion' in value
      ? value.reproducerVersion
      : undefined;
  if (version === undefined)
    throw new DiagnosticError([
      diagnostic('DF8350', 'the file has no reproducerVersion: it is no reproducer', at, { help }),
    ]);
  if (version === REPRODUCER_VERSION) return value;
  return fail(
    'DF8351',
    `the reproducer has version ${JSON.stringify(version)}, this program reads ${REPRODUCER_VERSION}`,
    at,
    {
      help: 'replay it with the version of the program that wrote it, or let the run fail again with this one',
    },
  );
}
