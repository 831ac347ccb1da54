import { latchkeyPages } from 'latchkey/react-router';
import type { ReactNode } from 'react';
import { isRouteErrorResponse, Links, Meta, Outlet, Scripts } from 'react-router';
import type { Route } from './+types/root';
import { latchkey } from './auth.server.ts';

// Latchkey answers /login, /register, /account …; every other path goes on to the routes.
export const middleware: Route.MiddlewareFunction[] = [latchkeyPages(latchkey)];

export function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>Notes</title>
        <Meta />
        <Links />
      </head>
      <body>
        <h1>Notes</h1>
        {children}
        <Scripts />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  if (isRouteErrorResponse(error) && error.status === 404)
    return <p>The notes application has no such page.</p>;
  return <p>Something went wrong.</p>;
}
