import { chromiumPath } from './provide/chromium.ts';

/** Gets everything that the whole test run needs and that npm cannot bring. */
export function prepare(): void {
  chromiumPath();
}
