import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openWindow, sharedBrowser } from '../kit/browser.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { ADA } from '../kit/visitor.ts';
import { type ExampleApplication, startExample } from './contract.ts';

/** What an adapter promises beside the contract where scripts of the framework follow links and send forms. */
export function describeBrowserVisit(application: ExampleApplication): void {
  it(`leads a browser to the sign-in page and back where scripts of ${application.name} draw pages`, async () => {
    using folder = temporaryFolder();
    const { program, origin, visitor } = await startExample(application, folder.path);
    await using _ = program;
    await visitor().register(ADA.username, ADA.password);
    await using window = await openWindow(await sharedBrowser(), origin);
    const { page, complaints } = window;
    const openHome = () => page.goto('/', { waitUntil: 'networkidle' });
    const signIn = async () => {
      await page.waitForURL('**/login?next=%2Fnotes');
      await page.getByLabel('Username or email').fill(ADA.username);
      await page.getByLabel('Password', { exact: true }).fill(ADA.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.waitForURL('**/notes');
    };
    await openHome();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn();
    await page.waitForLoadState('networkidle');
    await page.getByLabel('New note').fill('milk');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('listitem').filter({ hasText: 'milk' }).waitFor();

    // The session ends elsewhere while a page is open.
    await openHome();
    await page.context().clearCookies({ name: /^latchkey\d*$/ });
    await page.getByRole('link', { name: 'Your notes' }).click();
    await signIn();
    await page.getByRole('listitem').filter({ hasText: 'milk' }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
    await page.goBack({ waitUntil: 'networkidle' });
    assert.equal(await page.getByText('milk').count(), 0, 'the back button shows nothing');
    assert.deepEqual(complaints, []);
  });
}
