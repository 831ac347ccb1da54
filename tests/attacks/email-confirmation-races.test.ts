import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onEveryDatabase } from '../kit/databases.ts';
import {
  ADDRESS,
  CONFIRM_STEP,
  confirmationsTo,
  isConfirmed,
  newestConfirmation,
  REQUIRED,
  registerAda,
} from '../kit/mailed-links.ts';
import { disableAccount, reachInside, startSystem } from '../kit/system.ts';
import { ADA, type Visitor } from '../kit/visitor.ts';

/** Submits sixteen requests at once; returns how many got the confirmation. */
async function confirmAtOnce(visitors: readonly Visitor[]): Promise<number> {
  const forms = await Promise.all(
    visitors.map(async (visitor) => ({ visitor, csrf: await visitor.token('/verify-email') })),
  );
  const answers = await Promise.all(
    forms.map(({ visitor, csrf }) => visitor.post('/verify-email', { csrf })),
  );
  assert.ok(answers.every(({ status }) => status === 303 || status === 410));
  return answers.filter(({ status }) => status === 303).length;
}

onEveryDatabase('the confirmation of an email address', (engine) => {
  it('A15: succeeds once when sixteen requests spend the same token at once', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    const visitors = Array.from({ length: 16 }, () => system.visitor());
    for (const visitor of visitors) {
      visitor.cookies.set('latchkey-registration', String(ada.cookies.get('latchkey-registration')));
      await visitor.get(path);
    }
    assert.equal(await confirmAtOnce(visitors), 1);
    const confirmed = system.events.filter(({ type }) => type === 'address-confirmed');
    assert.equal(confirmed.length, 1);
  });

  it('A15: leaves one valid link when four mails are requested at once', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    await ada.signIn(ADA.username, ADA.password);
    const forms: string[] = [];
    for (let times = 0; times < 4; times += 1) forms.push(await ada.token(CONFIRM_STEP));
    await Promise.all(forms.map((csrf) => ada.post(`${CONFIRM_STEP}/resend`, { csrf })));
    const { queries } = reachInside(system, 'no page shows how many links are valid').core.database;
    const live = await queries.selectFrom('one_time_tokens').selectAll().execute();
    assert.equal(live.length, 1);
    assert.equal((await confirmationsTo(system)).length, 5);
  });

  it('A12: fails once the account is disabled', async () => {
    await using system = await startSystem(REQUIRED, engine);
    const ada = await registerAda(system);
    const { path } = await newestConfirmation(system);
    await ada.get(path);
    const csrf = await ada.token('/verify-email');
    await disableAccount(system, ADDRESS);
    assert.equal((await ada.post('/verify-email', { csrf, password: '' })).status, 410);
    assert.equal(await isConfirmed(system), false);
  });
});
