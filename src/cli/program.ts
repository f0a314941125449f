/** The command line understood: which command, with what. Commander parses; its complaints become diagnostics. */
import { Command, CommanderError, Option } from 'commander';
import { known } from '../base/assert.js';
import { closest } from '../base/closest.js';
import { diagnostic, DiagnosticError, fail, type Diagnostic, type Location } from '../diag/diagnostic.js';
import { COMMANDS, type CommandSpec, type OptionFlag } from './flags.js';

export type Invocation =
  | {
      readonly kind: 'run';
      readonly command: string;
      readonly args: readonly string[];
      readonly options: object;
    }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' };

/** Throws a DiagnosticError for a command line that makes no sense. */
export function parseCommandLine(argv: readonly string[]): Invocation {
  let invocation: Invocation | undefined;
  let help = '';
  const program = new Command('defines')
    .description(
      'Compiles ONNX models for accelerators: depth-first schedules with energy, latency and data movement.',
    )
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  if (argv[0] === '-V' || argv[0] === '--version') return { kind: 'version' };
  for (const spec of COMMANDS)
    program.addCommand(
      commandOf(spec, (args, options) => {
        invocation = { kind: 'run', command: spec.name, args, options };
      }).copyInheritedSettings(program),
    );
  if (argv.length === 0)
    return fail('DF8001', 'no command given', [], {
      help: `commands: ${NAMES.join(', ')}; defines --help says more`,
    });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'help', text: help };
    throw new DiagnosticError([complaint(error, argv)]);
  }
  return known(invocation, 'invocation after a successful parse');
}

function commandOf(
  { name, arguments: expected = [], summary, options, example }: CommandSpec,
  run: (args: readonly string[], options: object) => void,
): Command {
  const command = new Command(name).description(summary).addHelpText('after', `\nExample:\n  ${example}\n`);
  for (const argument of expected) command.argument(...argument);
  for (const flag of options) command.addOption(optionOf(flag));
  const any = expected.some(([argument]) => argument.includes('...'));
  const most = any ? Infinity : command.registeredArguments.length;
  // Counted here and not by commander, for a complaint that names the surplus one.
  return command.action(() => {
    const [surplus] = command.args.slice(most);
    if (surplus !== undefined)
      fail('DF8001', `"${surplus}" is one argument too many`, [], {
        help: usageHelp(name),
      });
    run(command.args, command.opts());
  });
}

function optionOf({ flags, text, group, repeatable }: OptionFlag): Option {
  const option = new Option(flags, text).helpGroup(`${group}:`);
  if (!option.required) return option;
  return option.argParser((value: string, before: unknown) => {
    if (repeatable === true) return [...((before as string[] | undefined) ?? []), value];
    const flag = option.long ?? flags;
    if (before !== undefined)
      fail('DF8001', `${flag} is given twice`, [
        { kind: 'spec', text: `${flag} ${value}`, offset: 0, length: flag.length },
      ]);
    return value;
  });
}

/** `error: unknown option '--tle'\n(Did you mean --tile?)` as a diagnostic with a caret. */
function complaint({ message, code }: CommanderError, argv: readonly string[]): Diagnostic {
  const [first = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
  const word = /'([^']*)'/.exec(first)?.[1]?.split(' ')[0] ?? '';
  const meant =
    code === 'commander.unknownCommand'
      ? closest(word, NAMES)
      : /\(Did you mean (.*)\?\)/.exec(suggestion)?.[1];
  const help = meant === undefined ? usageHelp(argv[0]) : `did you mean "${meant}"?`;
  return diagnostic('DF8001', first.replace(/\.$/, ''), placeOf(word, argv), { help });
}

const NAMES = COMMANDS.map(({ name }) => name);

const usageHelp = (command: string | undefined): string =>
  command !== undefined && NAMES.includes(command)
    ? `defines ${command} --help lists its options`
    : 'defines --help lists the commands';

/** The word in the command line; nowhere if it is not there as such. */
function placeOf(word: string, argv: readonly string[]): readonly Location[] {
  const position = argv.findIndex((argument) => argument === word || argument.startsWith(`${word}=`));
  if (word === '' || position < 0) return [];
  const offset = ['defines', ...argv.slice(0, position), ''].join(' ').length;
  return [{ kind: 'spec', text: ['defines', ...argv].join(' '), offset, length: word.length }];
}
