import { latchkey, loginRequired } from '../../auth';

export const POST = loginRequired(
  async (request) => new Response(null, { status: 303, headers: await latchkey().signOut(request) }),
);
