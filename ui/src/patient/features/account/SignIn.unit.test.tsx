import { afterEach, describe, expect, test } from "bun:test";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { SignIn } from "./SignIn.tsx";

const realFetch = globalThis.fetch;
setLocale("en");
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

describe("the sign-in form", () => {
  test("an empty form lists what is missing on top, takes the focus there, and marks the fields", async () => {
    const view = render(() => <SignIn onDone={() => undefined} />);
    fireEvent.submit(view.container.querySelector("form") as HTMLFormElement);
    await waitFor(() => expect(document.activeElement?.classList.contains("summary")).toBe(true));
    expect(view.getByText("There are 2 things to correct")).toBeTruthy();
    const email = view.getByLabelText("Email");
    expect(email.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(email.getAttribute("aria-describedby") ?? "")?.textContent).toContain("Enter a complete email");
  });

  test("an error goes once its field is right, and typed data stays when the mode changes", async () => {
    const view = render(() => <SignIn onDone={() => undefined} />);
    fireEvent.submit(view.container.querySelector("form") as HTMLFormElement);
    const email = view.getByLabelText("Email") as HTMLInputElement;
    fireEvent.input(email, { target: { value: "jeanne@exemple.fr" } });
    expect(email.getAttribute("aria-invalid")).toBeNull();
    fireEvent.click(view.getByLabelText("I have no account"));
    expect((view.getByLabelText("Email") as HTMLInputElement).value).toBe("jeanne@exemple.fr");
    expect(view.getByLabelText("Year").getAttribute("autocomplete")).toBe("bday-year");
  });

  test("a refused password is said in words and the form keeps what was typed; two presses send one request", async () => {
    let requests = 0;
    globalThis.fetch = (async () => {
      requests += 1;
      return Response.json({ title: "x", status: 401, code: "login-failed", traceId: "t" }, { status: 401 });
    }) as unknown as typeof fetch;
    const view = render(() => <SignIn onDone={() => undefined} />);
    fireEvent.input(view.getByLabelText("Email"), { target: { value: "jeanne@exemple.fr" } });
    fireEvent.input(view.getByLabelText("Password"), { target: { value: "wrong" } });
    const form = view.container.querySelector("form") as HTMLFormElement;
    fireEvent.submit(form);
    fireEvent.submit(form);
    await waitFor(() => expect(view.getByText("Email or password is incorrect.")).toBeTruthy());
    expect(requests).toBe(1);
    expect((view.getByLabelText("Password") as HTMLInputElement).value).toBe("wrong");
  });
});
