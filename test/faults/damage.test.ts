// Damaged bytes in every file of a world's folder. The long run: npm run damage -- --seeds N --from S.

import { makeSpecimen, tryDamage, type Specimen, type Verdict } from './damage.ts';

/** Milliseconds: a seed takes about 20 here. */
const LIMIT = 120_000;
const SEEDS = 250;

/** Seeds with which something was lost in silence, or the process was ended by LevelDB, before its files were checked. */
const ONCE_SILENT: Readonly<Record<'killed' | 'closed', readonly number[]>> = {
  killed: [1, 2, 8, 9, 25, 29, 51, 60, 61, 73, 75],
  closed: [],
};

describe.each(['killed', 'closed'] as const)('a world that was %s, and then damaged in one file', (how) => {
  let specimen: Specimen;
  beforeAll(async () => {
    specimen = await makeSpecimen(how === 'killed');
  });
  afterAll(() => specimen.remove());

  test(
    'is as it was, or says what is damaged and what to do',
    async () => {
      const verdicts: Record<Verdict, number> = { intact: 0, reported: 0, refused: 0, unclear: 0, silent: 0 };
      const seeds = Array.from({ length: SEEDS }, (_, n) => 1000 + n);
      for (const seed of [...ONCE_SILENT[how], ...seeds]) {
        const outcome = await tryDamage(specimen, seed);
        verdicts[outcome.verdict] += 1;
        if (outcome.verdict === 'silent' || outcome.verdict === 'unclear') expect(outcome).toBeUndefined();
      }
      expect(verdicts.refused).toBeGreaterThan(SEEDS / 2);
      expect(specimen.files.filter((file) => file.endsWith('.ldb')).length).toBeGreaterThan(2);
    },
    LIMIT,
  );
});
