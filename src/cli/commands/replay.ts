/** `defines replay`: runs a reproducer, and tells whether what went wrong goes wrong again. */
import { PROFILES } from '../../base/profile.js';
import { parseMappings, parsePrecisions, type CompileRequest } from '../../compile.js';
import { diagnostic, fail, hasErrors, type Diagnostic } from '../../diag/diagnostic.js';
import { choice } from '../../diag/schema-errors.js';
import { describedAccelerator } from '../../node/builtin.js';
import { readModelFile, readTextFile } from '../../node/files.js';
import type { ModelSource } from '../../pass/pass.js';
import { readReproducer, type Reproducer } from '../../pass/reproducer.js';
import { parsePipeline } from '../../pass/spec.js';
import type { Outcome, Run } from '../command.js';
import { deadline } from '../limits.js';
import type { CompileOptions } from '../options.js';
import { loadPlugins } from '../plugins.js';
import { prepareRun } from '../run-compile.js';

export const replayCommand: Run<CompileOptions> = async (
  [file = ''],
  options,
  terminal,
): Promise<Outcome> => {
  const reproducer = readReproducer(readTextFile(file), file);
  const names = options.plugin ?? reproducer.plugins;
  const { plugins, registry } = await loadPlugins(names, terminal);
  const run = prepareRun(options, [file, ...names], registry, terminal);
  const pipeline = parsePipeline(reproducer.pipeline);
  const { accelerator, memoryLimits, mapping, precisions, budgetMs } = reproducer;
  const hw = describedAccelerator(accelerator);
  const { result, ...outcome } = await run(
    { ...requestOf(reproducer, file), hw: hw.accelerator, memoryLimits, plugins, pipeline },
    { pipeline, plugins: names, accelerator, memoryLimits, mapping, precisions, budgetMs },
    hw.diagnostics,
  );
  return { ...outcome, diagnostics: [...outcome.diagnostics, ...mended(reproducer, result.diagnostics)] };
};

function requestOf(reproducer: Reproducer, file: string): Omit<CompileRequest, 'hw'> {
  const { verify, lpfLimit, dims, precision, precisions, mapping, budgetMs, model, stopAfter } = reproducer;
  return {
    profile: profileOf(reproducer.profile, file),
    verify,
    lpfLimit,
    dims,
    precision,
    ...(precisions === null ? {} : { precisions: parsePrecisions(precisions.text, precisions.file) }),
    ...(stopAfter === null ? {} : { stopAfter }),
    ...(mapping === null ? {} : { mappings: parseMappings(mapping.text, mapping.file) }),
    ...(budgetMs === null ? {} : { outOfTime: deadline(budgetMs) }),
    ...(model === null ? { from: reproducer.ir, trusted: true } : { source: sourceOf(model) }),
  };
}

const sourceOf = ({ file, base64 }: NonNullable<Reproducer['model']>): ModelSource =>
  base64 === null ? readModelFile(file) : { file, bytes: Buffer.from(base64, 'base64') };

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
