/** `defines replay`: runs a reproducer, and tells whether what went wrong goes wrong again. */
import { PROFILES } from '../../base/profile.js';
import { parseMappings, type CompileRequest } from '../../compile.js';
import { diagnostic, fail, hasErrors, type Diagnostic } from '../../diag/diagnostic.js';
import { choice } from '../../diag/schema-errors.js';
import { parseAccelerator } from '../../hw/load.js';
import { readTextFile } from '../../node/files.js';
import { readReproducer, type Reproducer } from '../../pass/reproducer.js';
import { parsePipeline } from '../../pass/spec.js';
import type { Outcome, Run } from '../command.js';
import type { CompileOptions } from '../options.js';
import { prepareRun } from '../run-compile.js';

export const replayCommand: Run<CompileOptions> = async (
  [file = ''],
  options,
  terminal,
): Promise<Outcome> => {
  const run = prepareRun(options, terminal);
  const reproducer = readReproducer(readTextFile(file), file);
  const pipeline = parsePipeline(reproducer.pipeline);
  const hw = parseAccelerator(reproducer.accelerator.text, reproducer.accelerator.file);
  const request = requestOf(reproducer, file);
  const inputs = {
    pipeline,
    accelerator: reproducer.accelerator,
    mapping: reproducer.mapping ?? undefined,
  };
  const { result, ...outcome } = await run(
    { ...request, hw: hw.accelerator, pipeline },
    inputs,
    hw.diagnostics,
  );
  return { ...outcome, diagnostics: [...outcome.diagnostics, ...mended(reproducer, result.diagnostics)] };
};

function requestOf(reproducer: Reproducer, file: string): Omit<CompileRequest, 'hw'> {
  const { profile, verify, lpfLimit, dims, precision, mapping, model, stopAfter, ir } = reproducer;
  return {
    profile: profileOf(profile, file),
    verify,
    lpfLimit,
    dims,
    precision,
    ...(stopAfter === null ? {} : { stopAfter }),
    ...(mapping === null ? {} : { mappings: parseMappings(mapping.text, mapping.file) }),
    ...(model === null
      ? { from: ir, trusted: true }
      : { source: { file: model.file, bytes: Buffer.from(model.base64, 'base64') } }),
  };
}

function profileOf(name: string, file: string): (typeof PROFILES)['default'] {
  const found = Object.values(PROFILES).find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const at = { kind: 'file', file, pointer: '/profile' } as const;
  return fail('DF8350', `there is no profile "${name}"`, [at], {
    help: choice(name, Object.keys(PROFILES), 'profiles') ?? '',
  });
}

/** The recorded failure did not show: mended since, or not in the file. */
function mended({ failure }: Reproducer, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (hasErrors(diagnostics)) return [];
  return [
    diagnostic('DF8353', `${failure.pass} does not fail any more`, [], { terms: failure.errors.slice(0, 5) }),
  ];
}
