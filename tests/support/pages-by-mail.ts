import type { Page } from 'playwright-core';
import { MINUTE, SECOND } from '../../src/core/clock.ts';
import { CONFIRM, confirmPath, UNDO, undoPath } from './address-changes.ts';
import { newestConfirmation } from './confirmations.ts';
import type { ShownPage } from './pages.ts';
import { BEN } from './people.ts';
import { FORGOTTEN, mailsOf, newReset, RESET } from './resets.ts';
import { ASK, newestLink, OPEN } from './sign-in-links.ts';

/** An address that takes as much room as one may. */
const LONG_ADDRESS = `${'benjamin.'.repeat(6)}wolfe@${'a-very-long-name-of-a-domain.'.repeat(3)}example.org`;

async function send(page: Page, fields: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#${name}`).fill(value);
  await page.locator('main button[type=submit]').first().click();
  await page.waitForLoadState();
}

/** The pages that mails lead to, and those that have mails sent. */
export const PAGES_BY_MAIL: readonly ShownPage[] = [
  {
    name: 'confirm-link',
    open: async (page, _, system) => {
      await system.visitor().register(BEN.username, BEN.password, LONG_ADDRESS);
      await page.goto((await newestConfirmation(system, LONG_ADDRESS)).path);
    },
  },
  { name: 'confirm-link-with-problem', open: (page) => send(page, {}) },
  { name: 'confirmed', open: (page) => send(page, { password: BEN.password }) },
  {
    name: 'confirm-gone',
    open: (page) => page.goto('/verify-email?token=none'),
  },
  {
    name: 'not-me',
    open: async (page, _, system) => {
      await system.visitor().signIn(BEN.username, BEN.password);
      const [notice] = await mailsOf(system, 'signed-in-from-new-device');
      await page.goto(String(/https?:\/\/\S+\/not-me\?token=\S+/.exec(String(notice?.text))));
    },
  },
  { name: 'not-me-done', open: (page) => send(page, {}) },
  { name: 'not-me-gone', open: (page) => page.goto('/not-me?token=none') },
  { name: 'link', open: (page) => page.goto(ASK) },
  { name: 'link-empty', open: (page) => send(page, {}) },
  {
    name: 'link-sent',
    open: async (page, clock) => {
      clock.advance(SECOND);
      await send(page, { username: LONG_ADDRESS });
    },
  },
  { name: 'link-code-wrong', open: (page) => send(page, { code: '0' }) },
  {
    name: 'link-open',
    open: async (page, _, system) => {
      await system.system.core.afterAnswer.settled();
      await page.goto((await newestLink(system, LONG_ADDRESS)).path);
    },
  },
  {
    name: 'link-elsewhere',
    open: async (page) => {
      await page.context().clearCookies({ name: 'latchkey-asked' });
      await page.reload();
    },
  },
  { name: 'link-gone', open: (page) => page.goto(`${OPEN}?token=none`) },
  { name: 'forgotten', open: (page) => page.goto(FORGOTTEN) },
  { name: 'forgotten-empty', open: (page) => send(page, {}) },
  { name: 'forgotten-sent', open: (page) => send(page, { username: LONG_ADDRESS }) },
  {
    name: 'reset',
    open: async (page, _, system) => {
      await page.goto(await newReset(system, LONG_ADDRESS));
    },
  },
  { name: 'reset-with-problem', open: (page) => send(page, { 'new-password': 'short' }) },
  {
    name: 'reset-gone',
    open: async (page, clock) => {
      clock.advance(30 * MINUTE);
      await page.goto(RESET);
    },
  },
  {
    name: 'reset-done',
    open: async (page, _, system) => {
      await page.goto(await newReset(system, LONG_ADDRESS));
      await send(page, { 'new-password': BEN.password });
    },
  },
  {
    name: 'email',
    open: async (page) => {
      await page.goto('/login?next=%2Faccount%2Femail');
      await send(page, { username: BEN.username, password: BEN.password });
    },
  },
  { name: 'email-with-problem', open: (page) => send(page, { email: 'x' }) },
  { name: 'email-sent', open: (page) => send(page, { email: `new.${LONG_ADDRESS}` }) },
  {
    name: 'email-confirm',
    open: async (page, _, system) => {
      await page.goto(await confirmPath(system, `new.${LONG_ADDRESS}`));
    },
  },
  { name: 'email-changed', open: (page) => send(page, {}) },
  { name: 'email-gone', open: (page) => page.goto(`${CONFIRM}?token=none`) },
  {
    name: 'email-undo',
    open: async (page, _, system) => {
      await page.goto(await undoPath(system, LONG_ADDRESS));
    },
  },
  { name: 'email-undone', open: (page) => send(page, {}) },
  { name: 'email-undo-gone', open: (page) => page.goto(`${UNDO}?token=none`) },
];
