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
