import { latchkey } from '../../auth.server.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ request }) =>
  new Response(null, { status: 303, headers: await latchkey().signOut(request) });
