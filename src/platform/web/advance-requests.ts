/**
 * Whether a browser or a program only looks at an address that a user may open later: it must not do what opening it does.
 * @see https://wicg.github.io/nav-speculation/prefetch.html (`Sec-Purpose`); older browsers send `Purpose` or `X-Moz`,
 *   Safari `X-Purpose: preview`
 */
export function isAdvanceRequest({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  if (method === 'HEAD') return true;
  return ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /\b(?:prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ''),
  );
}
