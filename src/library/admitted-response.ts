import { keepFromCaches } from './caches.ts';
import type { Admission } from './guarded-paths.ts';
import { withHeaders } from './with-headers.ts';

export { withHeaders };

/**
 * The response of the application to an admitted request. What is drawn for a user stays out of caches, and so does a
 * session cookie, whatever the application says of a page for everyone.
 */
export function admittedResponse(
  request: Request,
  response: Response,
  { auth, cookies, isGuarded }: Admission & { readonly ok: true },
): Response {
  if (auth === null && cookies.length === 0) return response;
  return withHeaders(response, (headers) => {
    for (const cookie of cookies) headers.append('set-cookie', cookie);
    if (isGuarded) keepFromCaches(request, headers);
    else if (cookies.length > 0 || !headers.has('cache-control')) headers.set('cache-control', 'no-store');
  });
}
