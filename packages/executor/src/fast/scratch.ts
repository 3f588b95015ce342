const USUAL = 256 * 1024;
const KEPT = 4 * 1024 * 1024;

/** A buffer to write into whose length is not known before. */
export class Scratch {
  buffer: Buffer = Buffer.allocUnsafeSlow(USUAL);

  /** Makes room for more behind what was written. */
  grow(written: number, more: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, written + more));
    this.buffer.copy(larger, 0, 0, written);
    this.buffer = larger;
    return larger;
  }

  /** Lets go of a buffer that one very large response has left. */
  shrink(): void {
    if (this.buffer.length > KEPT) this.buffer = Buffer.allocUnsafeSlow(USUAL);
  }
}
