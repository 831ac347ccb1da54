import { loginRequired } from '../../../auth';
import { addNote, notesOf } from '../../../notes';

export const GET = loginRequired((_, { user }) => Response.json(notesOf(user.id)));

export const POST = loginRequired(async (request, { user }) => {
  const { text } = await request.json();
  addNote(user.id, text);
  return Response.json(notesOf(user.id), { status: 201 });
});
