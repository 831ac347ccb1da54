/**
 * Keeps a guarded page from being shown after signing out, by the back button or from a cache: so a document is never
 * stored, and neither is a cookie, as caches in front of a site may not distinguish its users. What a page loads may be,
 * where the application says so, for as long as the cookies and the API token stay the same.
 */
export function keepFromCaches(request: { readonly headers: Headers }, answer: Headers): void {
  const isStorable = answer.has('cache-control') && !answer.has('set-cookie');
  if (isStorable && !isDocument(request, answer)) answer.append('vary', 'Cookie, Authorization');
  else answer.set('cache-control', 'no-store');
}

function isDocument(request: { readonly headers: Headers }, answer: Headers): boolean {
  const destination = request.headers.get('sec-fetch-dest') ?? '';
  return (
    /^(?:document|i?frame|embed|object)$/.test(destination) ||
    /\bx?html\b/i.test(answer.get('content-type') ?? '')
  );
}
