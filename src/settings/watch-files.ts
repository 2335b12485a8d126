import { statSync } from 'node:fs';

/** What shows that a file was written, whether in place, by a rename or through Kubernetes' links; why it can't be looked at. */
function stamp(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    // A network drive that is away is no reason to end.
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

/**
 * Tells when one of the files has changed, once it has stayed the same from one look to the next: nobody reads half of one. It
 * looks instead of listening, because events are lost on network drives and on the mounts of containers.
 *
 * @param everyMs between two looks
 * @returns ends it
 */
export function watchFiles(files: readonly string[], changed: () => void, everyMs = 1_000): () => void {
  const look = () => files.map(stamp).join();
  let told = look();
  let before = told;
  const timer = setInterval(() => {
    const now = look();
    if (now === before && now !== told) {
      told = now;
      changed();
    }
    before = now;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
