import type { Family } from './attack.ts';
import { attempts } from './attempts.ts';
import { classFacets } from './class-facets.ts';
import { constructors } from './constructors.ts';
import { deputies } from './deputies.ts';
import { facets } from './facets.ts';
import { flooding } from './flooding.ts';
import { forgedRecords } from './forged-records.ts';
import { forgedThis } from './forged-this.ts';
import { getters } from './getters.ts';
import { globals } from './globals.ts';
import { guessing } from './guessing.ts';
import { heapExhaustion } from './heap-exhaustion.ts';
import { inspection } from './inspection.ts';
import { instances } from './instances.ts';
import { iterators } from './iterators.ts';
import { loops } from './loops.ts';
import { lyingFromRecord } from './lying-from-record.ts';
import { lyingToRecord } from './lying-to-record.ts';
import { methodSets } from './method-sets.ts';
import { microtasks } from './microtasks.ts';
import { nativeHangs } from './native-hangs.ts';
import { prototypes } from './prototypes.ts';
import { proxies } from './proxies.ts';
import { quotas } from './quotas.ts';
import { reEntrancy } from './re-entrancy.ts';
import { sharedWrites } from './shared-writes.ts';
import { sourceText } from './source-text.ts';
import { stackExhaustion } from './stack-exhaustion.ts';
import { stacks } from './stacks.ts';
import { symbols } from './symbols.ts';
import { thenables } from './thenables.ts';
import { toJson } from './to-json.ts';
import { unicodePatterns } from './unicode-patterns.ts';
import { wideValues } from './wide-values.ts';
import { worstMoment } from './worst-moment.ts';

/** All families of attacks. */
export const corpus: readonly Family[] = [
  globals,
  constructors,
  prototypes,
  stacks,
  getters,
  thenables,
  toJson,
  inspection,
  proxies,
  symbols,
  iterators,
  reEntrancy,
  sharedWrites,
  forgedThis,
  forgedRecords,
  guessing,
  deputies,
  lyingToRecord,
  lyingFromRecord,
  worstMoment,
  loops,
  microtasks,
  stackExhaustion,
  heapExhaustion,
  nativeHangs,
  quotas,
  flooding,
  facets,
  instances,
  sourceText,
  classFacets,
  attempts,
  unicodePatterns,
  wideValues,
  methodSets,
];
