import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { newestLink, OPEN, SENT, startWithLinks, visitorWithRequestedLink } from '../kit/mailed-links.ts';
import { reachInside } from '../kit/system.ts';
import { isSignedIn } from '../kit/visitor.ts';

onEveryDatabase('a sign-in by mail', (engine) => {
  it('A15: succeeds once when sixteen requests spend the same link at once', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    await ada.get((await newestLink(system)).path);
    const forms: string[] = [];
    for (let times = 0; times < 16; times += 1) forms.push(await ada.token(OPEN));
    const answers = await Promise.all(forms.map((csrf) => ada.post(OPEN, { csrf })));
    assert.equal(answers.filter(({ location }) => location === '/dashboard').length, 1);
    const { queries } = reachInside(system, 'only the table shows that no other session began').core.database;
    assert.equal((await queries.selectFrom('sessions').select('id').execute()).length, 1);
  });

  it('A15: succeeds once when sixteen requests spend the same code at once', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const { code } = await newestLink(system);
    const forms: string[] = [];
    for (let times = 0; times < 16; times += 1) forms.push(await ada.token(SENT));
    const answers = await Promise.all(forms.map((csrf) => ada.post(SENT, { csrf, code })));
    assert.equal(answers.filter(({ location }) => location === '/dashboard').length, 1);
  });

  it('A40: accepts the code of the mail, with or without spaces, within five attempts', async () => {
    await using system = await startWithLinks(engine);
    const ada = await visitorWithRequestedLink(system);
    const { code } = await newestLink(system);
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let times = 0; times < 4; times += 1)
      assert.equal((await ada.submit(SENT, { code: wrong })).status, 401);
    assert.equal(
      (await ada.submit(SENT, { code: `${code.slice(0, 4)} ${code.slice(4)}` })).location,
      '/dashboard',
    );
    const other = await visitorWithRequestedLink(system);
    const next = await newestLink(system);
    for (let times = 0; times < 5; times += 1) await other.submit(SENT, { code: wrong });
    assert.equal((await other.submit(SENT, { code: next.code })).status, 429);
    assert.equal(await isSignedIn(other), false);
  });
});
