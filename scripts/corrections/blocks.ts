/** The generated parts of docs/corrections.md: what makes each, and whether it needs the reference data. */
import { depfinLatency, depfinRow, depfinSteps } from './depfin.js';
import { layerTables, modelFiles, searchLimits, whereTheyAct } from './tables.js';

export type Block =
  | { readonly name: string; readonly needs: 'nothing'; readonly make: () => Promise<string> }
  | {
      readonly name: string;
      readonly needs: 'reference';
      readonly make: (reference: string) => Promise<string>;
    };

const ofReference = (name: string, make: (reference: string) => Promise<string>): Block => ({
  name,
  needs: 'reference',
  make,
});

export const BLOCKS: readonly Block[] = [
  ofReference('layer-tables', layerTables),
  ofReference('where-they-act', whereTheyAct),
  { name: 'model-files', needs: 'nothing', make: modelFiles },
  ofReference('search-limits', searchLimits),
  ofReference('depfin-latency', depfinLatency),
  ofReference('depfin-row', depfinRow),
  ofReference('depfin-steps', depfinSteps),
];
