/** Whether the request comes from a program, which wants a status and not a login page. */
export function isProgram(request: Request): boolean {
  if (new URL(request.url).pathname.startsWith('/api/') || request.headers.has('authorization')) return true;
  const accept = request.headers.get('accept') ?? '';
  return /\bjson\b/i.test(accept) && !/\bhtml\b/i.test(accept);
}
