import { keepFromCaches } from './caches.ts';
import type { Admission } from './guarded-paths.ts';

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

/** A response with changed headers: itself if that is possible, because frameworks keep what they know of it. */
export function withHeaders(response: Response, change: (headers: Headers) => void): Response {
  try {
    change(response.headers);
    return response;
  } catch {
    // The headers of a response that was fetched, or of `Response.redirect`, cannot be changed.
    const copy = new Response(response.body, response);
    change(copy.headers);
    return copy;
  }
}
