import { keepFromCaches } from './caches.ts';
import { withHeaders } from './with-headers.ts';

export { withHeaders };

type Admitted = {
  /** Null where the request acts for no user. */
  readonly access: unknown;
  readonly cookies: readonly string[];
  readonly isGuarded: boolean;
};

/**
 * The response of the application to an admitted request. What is drawn for a user stays out of caches, and so does a
 * session cookie, whatever the application says of a page for everyone.
 */
export function admittedResponse(
  request: Request,
  response: Response,
  { access, cookies, isGuarded }: Admitted,
): Response {
  if (access === null && cookies.length === 0) return response;
  return withHeaders(response, (headers) => {
    for (const cookie of cookies) headers.append('set-cookie', cookie);
    if (isGuarded) keepFromCaches(request, headers);
    else if (cookies.length > 0 || !headers.has('cache-control')) headers.set('cache-control', 'no-store');
  });
}
