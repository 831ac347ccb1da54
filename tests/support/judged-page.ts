import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Holds a page to what everybody needs of it, whatever they see it with. */
export async function judge(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
    what,
  );
  const width = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(width) <= 0, `${what} scrolls sideways by ${width} pixels`);
}
