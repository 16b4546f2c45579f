import type { Endpoint } from "@episante/contracts/endpoint";
import { docsStyle, writeDocsPage } from "../domain/docs-page.ts";
import { makeOpenApi } from "../domain/openapi.ts";

/** `/api/docs`: the page, its style, and the OpenAPI document. Null for any other path below it. */
export function makeDocsRoute(endpoints: readonly Endpoint[], version: string): (segments: readonly string[]) => Response | null {
  let document: string | undefined;
  const answer = (body: string, type: string) => new Response(body, { headers: { "content-type": type, "cache-control": "no-cache" } });
  return (segments) => {
    switch (segments.slice(2).join("/")) {
      case "":
        return answer(writeDocsPage(endpoints), "text/html; charset=utf-8");
      case "docs.css":
        return answer(docsStyle, "text/css; charset=utf-8");
      case "openapi.json":
        document ??= JSON.stringify(makeOpenApi(endpoints, version));
        return answer(document, "application/json");
      default:
        return null;
    }
  };
}
