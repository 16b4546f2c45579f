import "../shared/styles/base.css";
import "../shared/styles/components.css";
import "./styles.css";
import { render } from "solid-js/web";
import { loadSession } from "../shared/lib/session.ts";
import { setDensity } from "../shared/lib/theme.ts";
import { App } from "./app.tsx";

setDensity("large");
void loadSession();
const root = document.getElementById("root");
if (root) render(() => <App />, root);
