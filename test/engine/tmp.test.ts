import { openStudio } from './studio.ts';
test('x', async () => {
  const s = await openStudio();
  const B = await s.save('Box', `class Box extends Base { static facets = {...Base.facets, owner: {...Base.facets.owner, fill: M.call(M.number()).returns()}}; #t=''; toRecord(){return {...super.toRecord(), t:this.#t};} fromRecord(r){super.fromRecord(r); this.#t=r.t;} fill(n){this.#t='x'.repeat(n);} }`);
  const a = await s.call(s.bank, 'split', 60) as object;
  const b = await s.call(a, 'split', 40) as object;
  const box = await s.call(B, 'make', b) as object;
  await s.call(box, 'fill', 6000);
  await s.call(a, 'reclaim', b);
  const show = async () => { await s.fixture.settle(); return s.fixture.journal.contents().filter(([k,v]) => k.startsWith('o/') && (v.includes('"class":"Bank"')||v.includes('"class":"Box"'))).map(([k,v]) => k+' '+v.replace(/x+/,'X').slice(0,300)).join('\n'); };
  console.log(await show());
  await s.call(box, 'fill', 0);
  console.log(await show());
  await s.close();
});
