/** Programmatic API: compile a model as the command line does, and the types that take part. */
export { compile, parseMappings } from './compile.js';
export type { Compilation, CompileRequest } from './compile.js';
export type { Kit, Plugin, PluginApi } from './plugin.js';
export { PROFILES } from './base/profile.js';
export type { Profile } from './base/profile.js';
export { parseAccelerator } from './hw/load.js';
export type { Accelerator, Precision } from './hw/accelerator.js';
export type { GivenMappings } from './mapping/given.js';
export type { Diagnostic, Location, Severity } from './diag/diagnostic.js';
export { renderDiagnostics } from './diag/render.js';
export { printIr } from './ir/print.js';
export { readIr, writeIr } from './ir/json.js';
export type { Facet, Facets, IR, PartialIR } from './ir/facets.js';
export type { Instrument, PassEvent, PassStatistic } from './pass/manager.js';
export { Pipeline } from './pass/pipeline.js';
export type { ScheduleReport } from './report/report.js';
export { renderText } from './report/text.js';
export { renderJson } from './report/json.js';
