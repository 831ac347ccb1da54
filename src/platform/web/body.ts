import { RequestRefused } from './problems.ts';

/**
 * Reads a request's body as UTF-8, and no more of it than may be there.
 * @throws {RequestRefused} 413 when it is larger, 400 when it breaks off or is no UTF-8
 */
export async function readText(request: Request, maximumBytes: number): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced !== null && Number(announced) > maximumBytes) throw new RequestRefused(413);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readCounted(request, maximumBytes));
  } catch (error) {
    // A body that breaks off or is no UTF-8 is its sender's doing, and no fault of ours.
    throw error instanceof RequestRefused ? error : new RequestRefused(400);
  }
}

// What was announced need not be true, so the bytes are counted as they come.
async function readCounted(request: Request, maximumBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > maximumBytes) throw new RequestRefused(413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Parses a body as JSON. @throws {RequestRefused} 400 when it is none */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestRefused(400);
  }
}
