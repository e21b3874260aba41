/** What stands at the root where no console is served: so that the printed link leads somewhere. */

import { safeHeaders } from "./respond.ts";

const text = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Auditrail</title>
<h1>Auditrail</h1>
<p>The server is up. It serves no console: none was given to it.</p>
<p>To make the first person, send the part of the link behind <code>#set-up=</code>:</p>
<pre>curl -X POST …/api/v1/set-up -H 'Content-Type: application/json' \\
  -d '{"token":"…","name":"you","password":"at least 12 characters","roles":["administrator","auditor"]}'</pre>
<p>Everything else is in the <a href="api/v1/reference">reference</a>.</p></html>`;

export function barePage(): Response {
  return new Response(text, { headers: { ...safeHeaders, "content-type": "text/html; charset=utf-8" } });
}
