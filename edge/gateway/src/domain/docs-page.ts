import type { Endpoint } from "@episante/contracts/endpoint";
import { problems } from "@episante/contracts/problem";

/** The API as one readable page without scripts. The machine-readable form is `openapi.json` beside it. */
export function writeDocsPage(endpoints: readonly Endpoint[]): string {
  const open = endpoints.filter((endpoint) => endpoint.policy.kind !== "service" && endpoint.path.startsWith("/api/"));
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of open) {
    const name = endpoint.path.split("/")[2] ?? "";
    groups.set(name, [...(groups.get(name) ?? []), endpoint]);
  }
  const sections = [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, list]) => section(name, list));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>EpiSanté API</title>
<link rel="stylesheet" href="/api/docs/docs.css">
</head>
<body>
<header><h1>EpiSanté API</h1>
<p>Bodies are JSON, errors are problem documents (RFC 9457), instants are RFC 3339 in UTC. Machine-readable: <a href="/api/docs/openapi.json">openapi.json</a>.</p>
<nav aria-label="Sections">${[...groups.keys()]
    .sort()
    .map((name) => `<a href="#${escapeHtml(name)}">${escapeHtml(name)}</a>`)
    .join(" ")}</nav></header>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function section(name: string, list: readonly Endpoint[]): string {
  return `<section aria-labelledby="${escapeHtml(name)}"><h2 id="${escapeHtml(name)}">${escapeHtml(name)}</h2>\n${list.map(entry).join("\n")}</section>`;
}

function entry(endpoint: Endpoint): string {
  const codes = (endpoint.problems ?? []).map(
    (code) => `<li><code>${code}</code> (${problems[code][0]}) ${escapeHtml(problems[code][1])}</li>`,
  );
  return `<article><h3><code>${endpoint.method} ${escapeHtml(endpoint.path.replace(/:(\w+)/g, "{$1}"))}</code></h3>
<p>${escapeHtml(endpoint.summary)}. ${escapeHtml(whoMay(endpoint))}</p>${codes.length > 0 ? `\n<ul>${codes.join("")}</ul>` : ""}</article>`;
}

function whoMay({ policy }: Endpoint): string {
  if (policy.kind === "public") return "Open to anybody.";
  if (policy.kind === "device") return "For paired devices.";
  return policy.kind === "roles" ? `For: ${policy.roles.join(", ")}.` : "For any signed-in account.";
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Style of the page. */
export const docsStyle = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
h3 { margin: 1.25rem 0 0; font-size: 1rem; overflow-wrap: anywhere; }
p, ul { margin: 0.25rem 0; }
`;
