/** Plugins as text: one pass that makes stacks, with a body of your choice. */

export interface PluginText {
  readonly apiVersion?: string;
  readonly name?: string;
  readonly pass?: string;
  readonly needs?: string;
  readonly options?: string;
  /** The body of `run(ir, options, ctx)`; `kit` is there too. */
  readonly run?: string;
  /** Instead of the body of `setup`. */
  readonly setup?: string;
}

export const FINE = 'return kit.cutWhere(ir, ctx, () => true);';

export function pluginText({
  apiVersion = '1',
  name = 'acme',
  pass = `${name}/cut-all`,
  needs = "['layers']",
  options = '{}',
  run = FINE,
  setup = `registerPass({
      name: '${pass}', summary: 'Cut wherever it is legal.', needs: ${needs}, makes: 'stacks', options: ${options},
      run(ir, options, ctx) {
        ${run}
      },
    });`,
}: PluginText = {}): string {
  return `export default {
  apiVersion: ${apiVersion},
  name: '${name}',
  setup({ kit, registerPass, registerPipeline }) {
    ${setup}
  },
};
`;
}
