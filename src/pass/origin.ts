/** Whose a pass is, and how what goes wrong in somebody else's is laid at their door. */
import { diagnostic, type Details, type Diagnostic, type Location } from '../diag/diagnostic.js';
import type { Code } from '../diag/codes.js';

export interface PluginOrigin {
  readonly name: string;
  /** As the user named it; absent: a program handed the plugin over. */
  readonly file?: string;
}

export const originText = ({ name, file }: PluginOrigin): string =>
  file === undefined ? name : `${name} (${file})`;

export const blamed = (d: Diagnostic, plugin: PluginOrigin | undefined): Diagnostic =>
  plugin === undefined || d.plugin !== undefined ? d : { ...d, plugin: originText(plugin) };

export const blame = (
  plugin: PluginOrigin,
  code: Code,
  message: string,
  at: readonly Location[] = [],
  details: Details = {},
): Diagnostic => blamed(diagnostic(code, message, at, details), plugin);

/** What the engine says of a write into frozen data. */
const WRITE = /read only property|object is not extensible|^Cannot (delete|redefine) property/;

/** An exception that came out of a plugin; `what` threw it, such as `pass acme/cut-at-pools`. */
export function faultOf(error: unknown, what: string, plugin: PluginOrigin): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const at = placeOf(error, plugin);
  if (error instanceof TypeError && WRITE.test(message))
    return blame(plugin, 'DF8310', `${what} writes into what it was given: ${message}`, at, {
      help: 'make a copy and change that: { ...stack, mode }',
    });
  return blame(plugin, 'DF8308', `${what} threw: ${message}`, at, {
    help: 'mend the plugin at this place, or tell its author',
  });
}

/** The first line of the plugin in the trace of an exception. */
export function placeOf(error: unknown, { file }: PluginOrigin): readonly Location[] {
  if (file === undefined) return [];
  const name = file.split(/[/\\]/).at(-1) ?? file;
  const trace = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of trace.split('\n')) {
    const [, path, row, column] = /(?:file:\/\/|\()?([^()\s]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
    if (path?.split(/[/\\]/).at(-1) !== name) continue;
    return [{ kind: 'file', file, line: Number(row), column: Number(column) }];
  }
  return [{ kind: 'file', file }];
}
