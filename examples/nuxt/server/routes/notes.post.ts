import { signedIn } from 'latchkey/nuxt';
import { addNote } from '../notes';

export default defineEventHandler(async (event) => {
  addNote(signedIn(event.context).user.id, (await readBody(event)).text);
  return sendRedirect(event, '/notes', 303);
});
