import { latchkey } from '../auth';

export default defineEventHandler(({ context: { auth } }) =>
  auth === null ? null : { username: auth.user.username, csrf: latchkey().csrfToken(auth.session) },
);
