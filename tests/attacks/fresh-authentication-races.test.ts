import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import { CLIENT, signInWithProvider, startGithubTwin } from '../kit/federation.ts';
import { mailsOf } from '../kit/mailed-links.ts';
import { startSystem } from '../kit/system.ts';

const CONFIRM = '/account/confirm';
const NEXT = '/account/delete';

onEveryDatabase('a code that is mailed to authenticate again', (engine) => {
  it('A15 A70 is spent once when sixteen requests submit it at once', async () => {
    await using github = await startGithubTwin();
    const ofGithub = {
      githubClientId: CLIENT.id,
      githubClientSecret: CLIENT.secret,
      githubUrl: github.origin,
    };
    await using system = await startSystem({ email: 'optional', ...ofGithub }, engine);
    const visitor = system.visitor();
    await signInWithProvider(visitor, github, 'github');
    await visitor.submit('/register/connected', { username: 'Octo' });
    assert.equal((await visitor.get(NEXT)).status, 303, 'it is asked for');
    await visitor.post('/account/confirm-by-mail', { csrf: await visitor.token(CONFIRM) });
    const [mail] = await mailsOf(system, 'identity-code');
    const code = String(/^\s*(\d{8})$/m.exec(String(mail?.text))?.[1]);
    // Each request has a form of its own: an equal one would get the first response.
    const forms: string[] = [];
    for (let number = 0; number < 16; number += 1) forms.push(await visitor.token(CONFIRM));
    const answers = await Promise.all(
      forms.map((csrf) => {
        const tab = system.visitor();
        for (const [name, value] of visitor.cookies) tab.cookies.set(name, value);
        return tab.post('/account/confirm-by-mail/code', { csrf, code, next: NEXT });
      }),
    );
    assert.equal(answers.filter(({ location }) => location === NEXT).length, 1);
  });
});
