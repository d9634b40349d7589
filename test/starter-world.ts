import { savedSources } from '../clients/saved-sources.ts';
import { classes, shared } from '../world/classes.ts';
import { library } from '../world/library.ts';
import { genesis } from '../world/starter.ts';

/** What the world process opens the starter world with. */
export const starterWorld = {
  classes,
  shared,
  library,
  sources: savedSources(new URL('../world/saved/', import.meta.url)),
  genesis,
} as const;
