import { readdirSync, readFileSync } from 'node:fs';

/**
 * The sources of the classes that a new world keeps in its own store, by class name. They are read when a world is made and
 * never again. A file is named after its class in small letters with hyphens: `tea-shop.js` holds `TeaShop`.
 */
export function savedSources(folder: URL): Readonly<Record<string, string>> {
  const sources: Record<string, string> = {};
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.js')) continue;
    sources[classNameOf(file)] = readFileSync(new URL(file, folder), 'utf8');
  }
  return sources;
}

function classNameOf(file: string): string {
  const words = file.slice(0, -'.js'.length).split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
