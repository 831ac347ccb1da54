import { loginRequired } from '../../../auth';
import { addNote, notesOf } from '../../../notes';

// API clients with a token are admitted, too.
export const GET = loginRequired((_, { user }) => Response.json(notesOf(user.id)), { scope: 'notes:read' });

export const POST = loginRequired(
  async (request, { user }) => {
    const { text } = await request.json();
    addNote(user.id, text);
    return Response.json(notesOf(user.id), { status: 201 });
  },
  { scope: 'notes:write' },
);
