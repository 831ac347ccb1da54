import type { APIRoute } from 'astro';
import { latchkey } from '../auth.ts';

export const POST: APIRoute = async ({ request }) =>
  new Response(null, { status: 303, headers: await latchkey().signOut(request) });
