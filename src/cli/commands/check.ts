/** `defines check <accelerator>`: everything wrong or doubtful about a description, and the hierarchy it describes. */
import { grouped, sizeText } from '../../base/units.js';
import { DiagnosticError, hasErrors, type Diagnostic, type Severity } from '../../diag/diagnostic.js';
import { arrayUnits, instancesOf, type Accelerator } from '../../hw/accelerator.js';
import { reviewAccelerator, type LoadedAccelerator } from '../../hw/load.js';
import type { Memory } from '../../hw/memory.js';
import { readAccelerator, type DescriptionText } from '../../node/builtin.js';
import { left, name, plural, right, table } from '../../report/text-table.js';
import type { Outcome, Run } from '../command.js';
import { EXIT } from '../exit-code.js';
import { choiceOf } from '../options.js';

interface CheckOptions {
  readonly format?: string;
  readonly strict?: boolean;
  readonly diagnostics?: string;
}

/** What `--format json` prints. */
interface CheckReport {
  readonly file: string;
  /** Absent where an error leaves no accelerator. */
  readonly accelerator?: string;
  readonly ok: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** Warnings that the description accepts. */
  readonly accepted: number;
  readonly findings: readonly FindingReport[];
}

interface FindingReport {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly pointer: string | null;
  readonly terms: readonly string[];
  readonly help: string | null;
}

export const checkCommand: Run<CheckOptions> = ([accelerator = ''], options): Outcome => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const description = described(accelerator);
  if (description instanceof DiagnosticError)
    return { diagnostics: description.diagnostics, exit: EXIT.usage };
  const { text, file } = description;
  const { loaded, diagnostics: found } = review(text, file);
  const diagnostics = options.strict === true ? found.map(strictly) : found;
  const report = reportOf(file, loaded?.accelerator, diagnostics);
  return {
    text: format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : textOf(report, loaded?.accelerator),
    diagnostics,
  };
};

/** Nothing to check is told apart from what is wrong with it. */
function described(accelerator: string): DescriptionText | DiagnosticError {
  try {
    return readAccelerator(accelerator);
  } catch (error) {
    if (error instanceof DiagnosticError) return error;
    throw error;
  }
}

/** Errors leave no accelerator. */
function review(
  text: string,
  file: string,
): { readonly loaded?: LoadedAccelerator; readonly diagnostics: readonly Diagnostic[] } {
  try {
    const loaded = reviewAccelerator(text, file);
    return { loaded, diagnostics: loaded.diagnostics };
  } catch (error) {
    if (error instanceof DiagnosticError) return { diagnostics: error.diagnostics };
    throw error;
  }
}

const strictly = (found: Diagnostic): Diagnostic =>
  found.severity === 'warning' ? { ...found, severity: 'error' } : found;

function reportOf(
  file: string,
  accelerator: Accelerator | undefined,
  diagnostics: readonly Diagnostic[],
): CheckReport {
  const count = (severity: Severity): number => diagnostics.filter((d) => d.severity === severity).length;
  return {
    file,
    ...(accelerator === undefined ? {} : { accelerator: accelerator.name }),
    ok: !hasErrors(diagnostics),
    errors: count('error'),
    warnings: count('warning'),
    accepted: count('note'),
    findings: diagnostics.map(findingOf),
  };
}

function findingOf({ code, severity, message, at: [at], terms = [], help }: Diagnostic): FindingReport {
  const place = at?.kind === 'file' ? at : undefined;
  return {
    code,
    severity,
    message,
    line: place?.line ?? null,
    column: place?.column ?? null,
    pointer: place?.pointer ?? null,
    terms,
    help: help ?? null,
  };
}

function textOf(report: CheckReport, accelerator: Accelerator | undefined): string {
  const counts = [
    plural(report.errors, 'error'),
    plural(report.warnings, 'warning'),
    ...(report.accepted > 0 ? [`${plural(report.accepted, 'warning')} accepted`] : []),
  ].join(', ');
  const verdict = `${report.file}: ${report.ok ? 'valid' : 'not valid'}, ${counts}`;
  const lines = accelerator === undefined ? [verdict] : [...hierarchyLines(accelerator), '', verdict];
  return `${lines.join('\n')}\n`;
}

function hierarchyLines(hw: Accelerator): readonly string[] {
  const array = hw.array.dims.map(({ name: dim, size }) => `${dim} ${size}`).join(' x ');
  const perBit = ({ energyPj, bits }: Memory['read']): string => (energyPj / bits).toPrecision(3);
  const columns = [
    name('memory'),
    left('holds'),
    right('size'),
    right('instances'),
    right('all together'),
    right('read bit/cycle'),
    right('pJ/bit'),
    right('write bit/cycle'),
    right('pJ/bit'),
    left('serves'),
  ];
  const rows = hw.memories.map((memory) => {
    const instances = instancesOf(hw, memory);
    return [
      memory.name,
      memory.operands.join(' '),
      sizeText(memory.sizeBits),
      grouped(instances),
      sizeText(memory.sizeBits * instances),
      grouped(memory.read.bits),
      perBit(memory.read),
      grouped(memory.write.bits),
      perBit(memory.write),
      memory.serves.length === hw.array.dims.length ? 'all' : memory.serves.join(' ') || 'one unit',
    ];
  });
  return [`${hw.name}   array ${array} = ${grouped(arrayUnits(hw))} MAC units`, '', ...table(columns, rows)];
}
