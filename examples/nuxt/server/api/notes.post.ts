import { admitted } from 'latchkey/nuxt';
import { addNote, notesOf } from '../notes';

export default defineEventHandler(async (event) => {
  const { user, token } = admitted(event.context);
  // The list of guarded paths asks for `notes:read` alone; a session has every scope.
  if (token !== null && !token.scopes.includes('notes:write')) throw createError({ statusCode: 403 });
  addNote(user.id, (await readBody(event)).text);
  setResponseStatus(event, 201);
  return notesOf(user.id);
});
