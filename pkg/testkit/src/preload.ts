import { setDefaultTimeout } from "bun:test";

// Tests wait for real servers on small machines; a test that hangs still ends.
setDefaultTimeout(30_000);
