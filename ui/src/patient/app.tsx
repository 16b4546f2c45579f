import { Route, Router } from "@solidjs/router";
import { Page } from "../shared/components/Page.tsx";

/** The patient app. */
export function App() {
  return (
    <Router>
      <Route path="*" component={() => <Page title="EpiSanté">…</Page>} />
    </Router>
  );
}
