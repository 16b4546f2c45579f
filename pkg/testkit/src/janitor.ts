/**
 * Ends what a test process started and removes its folders, however the process ends: `bun test` runs no exit handlers, and a killed one
 * runs nothing. A shell waits for the end of its standard input, which the system closes with the process.
 */
const script = `
while read -r kind value; do
  case $kind in
    pid) pids="$pids $value" ;;
    gone) gone="$gone $value " ;;
    folder) folders="$folders $value" ;;
  esac
done
for pid in $pids; do case "$gone" in *" $pid "*) ;; *) kill -9 "$pid" 2>/dev/null ;; esac; done
sleep 0.3
for folder in $folders; do rm -rf "$folder"; done`;

let tell: ((line: string) => void) | undefined;

function janitor(): (line: string) => void {
  if (!tell) {
    const { stdin } = Bun.spawn(["sh", "-c", script], { stdin: "pipe", stdout: "ignore", stderr: "ignore", cwd: "/" });
    tell = (line) => {
      stdin.write(`${line}\n`);
      void stdin.flush();
    };
  }
  return tell;
}

/** The program is killed when this process ends, unless it ended before. */
export function endsWithThisProcess(child: { readonly pid: number; readonly exited: Promise<number> }): void {
  const say = janitor();
  say(`pid ${child.pid}`);
  void child.exited.then(() => say(`gone ${child.pid}`));
}

/** The folder is removed when this process ends. @param folder a path without spaces */
export function goesWithThisProcess(folder: string): void {
  janitor()(`folder ${folder}`);
}
