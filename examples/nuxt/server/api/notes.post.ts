import { signedIn } from 'latchkey/nuxt';
import { addNote, notesOf } from '../notes';

export default defineEventHandler(async (event) => {
  const { user } = signedIn(event.context);
  addNote(user.id, (await readBody(event)).text);
  setResponseStatus(event, 201);
  return notesOf(user.id);
});
