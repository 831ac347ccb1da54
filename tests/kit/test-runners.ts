import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// What the samples of docs/testing-your-application.md use of two test runners that this project does not need itself.

const VITEST = `import assert from 'node:assert/strict';
export { after as afterAll, beforeEach, it } from 'node:test';
export const expect = (actual) => ({
  toBe: (expected) => assert.equal(actual, expected),
  toContain: (part) => assert.ok(actual.includes(part), actual),
});
`;

const VITEST_TYPES = `type Work = () => unknown;
export declare const afterAll: (work: Work) => void;
export declare const beforeEach: (work: Work) => void;
export declare const it: (title: string, work: Work) => void;
export declare const expect: (actual: unknown) => { toBe(expected: unknown): void; toContain(part: unknown): void };
`;

// https://playwright.dev/docs/api/class-browsercontext#browser-context-add-cookies
const PLAYWRIGHT_TYPES = `type Cookie = {
  name: string; value: string; url?: string; domain?: string; path?: string; expires?: number;
  httpOnly?: boolean; secure?: boolean; sameSite?: 'Strict' | 'Lax' | 'None';
};
type Locator = { readonly text: string };
type Fixtures = {
  context: { addCookies(cookies: ReadonlyArray<Cookie>): Promise<void> };
  page: { goto(url: string): Promise<unknown>; locator(selector: string): Locator };
};
export declare const test: {
  (title: string, body: (fixtures: Fixtures) => Promise<void>): void;
  afterEach(work: () => Promise<void>): void;
  afterAll(work: () => Promise<void>): void;
};
export declare const expect: (locator: Locator) => { toHaveText(expected: string): Promise<void> };
type Server = { command: string; url?: string; env?: Record<string, string> };
export declare const defineConfig: (config: { use?: { baseURL?: string }; webServer?: Server }) => object;
`;

/** Installs as much of vitest as the sample for it calls, and the types of as much of Playwright. */
export function installTestRunners(folder: string): void {
  install(folder, 'vitest', { 'index.js': VITEST, 'index.d.ts': VITEST_TYPES });
  install(folder, '@playwright/test', { 'index.js': '', 'index.d.ts': PLAYWRIGHT_TYPES });
}

function install(folder: string, name: string, files: Readonly<Record<string, string>>): void {
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  const manifest = JSON.stringify({
    name,
    type: 'module',
    exports: { types: './index.d.ts', default: './index.js' },
  });
  for (const [file, content] of Object.entries({ ...files, 'package.json': manifest }))
    writeFileSync(join(target, file), content);
}
