import type { Answer } from './visitor.ts';

/** All that an answer tells, but for what is different each time: the values of cookies, and the token of a form. */
export function told({ status, location, headers, body }: Answer): string {
  const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, ''));
  const plain = body.replace(/name="csrf" value="[^"]+"/g, '');
  return JSON.stringify({ status, location, cookies, names: [...headers.keys()].toSorted(), plain });
}
