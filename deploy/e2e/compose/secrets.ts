import { type Container, docker, dockerOut } from "./engine.ts";
import type { Stack } from "./stack.ts";

/** Values that protect an installation: every password, key and seed in the volume with all secrets. */
export async function secretsOf(stack: Stack): Promise<string[]> {
  const { Id, Image } = await stack.container("secrets");
  const script = 'for f in /secrets/all/*; do printf "%s\\t%s\\n" "$f" "$(base64 -w0 "$f")"; done';
  const listed = await dockerOut([
    "run",
    "--rm",
    "--network",
    "none",
    "--user",
    "0:0",
    "--volumes-from",
    `${Id}:ro`,
    "--entrypoint",
    "sh",
    Image,
    "-c",
    script,
  ]);
  const found = listed
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [path = "", content = ""] = line.split("\t");
      const text = Buffer.from(content, "base64").toString("utf8").trim();
      if (path.endsWith(".jwk")) return [(JSON.parse(text) as { d: string }).d];
      return /\.(password|seed)$|\/s3\.\w+$/.test(path) ? [text] : [];
    });
  if (found.length < 30 || found.some((secret) => secret.length < 16))
    throw new Error(`only ${found.length} secrets were found, or short ones`);
  return found;
}

/** Texts that others than the container's own processes can read, by where they stand. */
export async function visibleOf(container: Container): Promise<Record<string, string>> {
  const { Id, service, Image } = container;
  const [inspected, history, image] = await Promise.all([
    dockerOut(["inspect", Id]),
    dockerOut(["history", "--no-trunc", Image]),
    dockerOut(["image", "inspect", Image]),
  ]);
  const texts: Record<string, string> = {
    [`${service}: settings`]: inspected,
    [`${service}: image`]: image,
    [`${service}: history of the image`]: history,
  };
  if (container.State.Status !== "running") return texts;
  texts[`${service}: command lines`] = await dockerOut(["top", Id, "-eo", "pid,args"]);
  // Environments as the processes have them now, not as they were given: an entry point can add to them.
  const environ = await docker(["exec", "--privileged", "--user", "0:0", Id, "sh", "-c", "cat /proc/[0-9]*/environ"]);
  if (environ.out === "") throw new Error(`the environment of ${service} cannot be read: ${environ.err}`);
  texts[`${service}: environment`] = environ.out;
  return texts;
}
