import { attack, type Family } from './attack.ts';

const NAMES = Array.from({ length: 17 }, (_, at) => `m${at}`);

/** Another 60 sets of methods of one class each time: there are 2^17 of them, and the world has room for half. */
const PICK = `
    this.kept ??= 0;
    for (let n = 0; n < 60; n += 1) {
      this.kept += 1;
      const names = ${JSON.stringify(NAMES)}.filter((_, at) => (this.kept >> at) % 2 === 1);
      revoke(this, only(facet(this, 'many'), ...names));
    }`;

const ANY = 'M.call().returns()';

/** What a capability looks like is kept for as long as the world lasts. */
export const methodSets: Family = {
  family: 'sets of methods',
  attacks: [
    attack('uses up all the sets of methods that a world has room for', PICK, {
      own: 'process',
      more: `many: { ${NAMES.map((name) => `${name}: ${ANY}`).join(', ')} },`,
      members: NAMES.map((name) => `  ${name}() {}`).join('\n'),
      steps: [
        { call: 'run', times: 1_200, either: true },
        { wait: 60_000 },
        {
          define: 'Other',
          source:
            'class Other { static facets = { public: { other: M.call().returns() } }; toRecord() { return {}; } fromRecord() {} other() {} }',
        },
        { enter: true },
      ],
    }),
  ],
};
