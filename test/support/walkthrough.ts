/** A page that is followed step by step: its files, its commands and what they print. */

export interface Block {
  readonly language: string;
  /** Second word of the fence: the file it is. */
  readonly file: string;
  readonly text: string;
}

export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(/^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', file = '', text = '']) => ({
      language,
      file,
      text,
    }),
  );

export interface Command {
  readonly command: string;
  readonly expected: readonly string[];
}

/** Lines that begin with `$ ` are typed; those behind one are printed. */
export function commandsOf(text: string): readonly Command[] {
  const commands: { command: string; expected: string[] }[] = [];
  for (const line of text.trimEnd().split('\n'))
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), expected: [] });
    else commands.at(-1)?.expected.push(line);
  return commands;
}

/**
 * Where a text is not the expected one; undefined: it is. A line `...` stands for any lines, `...` at the end of a line
 * for the rest of it. Blank space at the end of lines does not count.
 */
export function differs(printed: string, expected: readonly string[]): string | undefined {
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  if (lines.length === 1 && lines[0] === '') lines.pop();
  let at = 0;
  let skipping = false;
  for (const wanted of expected) {
    if (wanted === '...') {
      skipping = true;
      continue;
    }
    const found = lines.findIndex((line, i) => i >= at && fits(line, wanted));
    if (found < 0 || (!skipping && found !== at))
      return `expected: ${wanted}\ninstead:  ${skipping ? 'no such line' : (lines[at] ?? 'the end')}`;
    at = found + 1;
    skipping = false;
  }
  return skipping || at === lines.length ? undefined : `unexpected: ${lines[at] ?? ''}`;
}

const fits = (line: string, wanted: string): boolean =>
  wanted.endsWith('...') ? line.startsWith(wanted.slice(0, -3)) : line === wanted.trimEnd();
