import { latchkey } from '../auth';

export default defineEventHandler(
  async ({ headers }) => new Response(null, { status: 303, headers: await latchkey().signOut(headers) }),
);
